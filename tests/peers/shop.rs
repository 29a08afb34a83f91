//! The shop of the examples, as a program of its own.

use std::env;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use super::http::get;
use super::process::Process;

/// An open shop: customers come until it is dropped.
#[derive(Debug)]
pub(crate) struct Shop {
    process: Process,
}

impl Shop {
    /// Opens a shop and returns when its telemetry server answers.
    pub(crate) fn open() -> Self {
        let process = Process::start_binary(
            &binary(),
            "shop",
            // The variable that says where metrics are served.
            &["OTEL_EXPORTER_PROMETHEUS_PORT"],
            |_, _| {},
            |place| {
                let ready = format!(
                    "http://{}/ready",
                    place.address("OTEL_EXPORTER_PROMETHEUS_PORT")
                );
                get(&ready, &[], "*/*").is_ok()
            },
        );
        Self { process }
    }

    /// Where its telemetry is served.
    pub(crate) fn telemetry(&self) -> SocketAddr {
        self.process
            .place()
            .address("OTEL_EXPORTER_PROMETHEUS_PORT")
    }
}

/// Sends so many requests through a shop that exports as `variables` say, and waits until it has flushed and closed.
///
/// # Panics
///
/// If it fails, or says that it dropped anything.
pub(crate) fn run(requests: u32, variables: &[(&str, &str)]) {
    let requests = requests.to_string();
    let mut command = Command::new(binary());
    command.args(["--port", "0", "--requests", &requests]);
    command
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::null());
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the shop starts");
    let (stdout, stderr) = (
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr),
    );
    assert!(
        status.success(),
        "the shop ended with {status}:\n{stdout}\n{stderr}"
    );
    assert!(
        stdout.contains("nothing was dropped"),
        "the shop dropped something:\n{stdout}\n{stderr}"
    );
}

/// Cargo puts the programs of the workspace beside the folder of this test.
fn binary() -> PathBuf {
    let test = env::current_exe().expect("a test knows its own path");
    let profile = test.ancestors().nth(2).expect("tests are in `deps`");
    let shop = profile.join("shop");
    assert!(
        shop.is_file(),
        "{} is missing: run cargo build --bin shop",
        shop.display()
    );
    shop
}
