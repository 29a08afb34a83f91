//! Tests that need a process of their own, because telemetry is installed for a whole process.

use std::any::type_name_of_val;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;
use std::{env, process, thread};

/// Longer than any test takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(90);
const MARK: &str = "TACHOGRAPH_TEST_ALONE";

/// Runs the body of a test in a process of its own, without any `OTEL_*` variable but these.
///
/// It starts the test program again, with nothing but the calling test, whose name is read from that of the closure:
/// so this must be all that the test does.
///
/// # Panics
///
/// When the body panics, or takes longer than a minute and a half.
#[track_caller]
pub fn alone(variables: &[(&str, &str)], body: impl FnOnce()) {
    if env::var_os(MARK).is_some() {
        return within_patience(body);
    }
    let name = type_name_of_val(&body);
    let name = name.split_once("::").map_or(name, |(_, name)| name);
    let name = name.trim_end_matches("::{{closure}}");
    let mut test = Command::new(env::current_exe().expect("the path of this program"));
    test.args([name, "--exact", "--nocapture"]);
    for (variable, _) in env::vars_os() {
        if variable.to_string_lossy().starts_with("OTEL_") {
            test.env_remove(variable);
        }
    }
    let test = test.env(MARK, "").envs(variables.iter().copied());
    let output = test.output().expect("this program starts once more");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{out}\n{err}");
    assert!(out.contains("1 passed"), "there is no test called {name}");
}

/// Ends the process if the body hangs.
fn within_patience(body: impl FnOnce()) {
    let (done, ended) = mpsc::channel::<()>();
    thread::spawn(move || {
        if ended.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            eprintln!("the test hangs");
            process::abort();
        }
    });
    body();
    drop(done);
}
