//! Programs of others, started for one test: ready before it goes on, gone when it ends, with their last words printed if
//! it fails.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::place::{Place, installed};

/// How long a peer may take until it is ready. They need about a second; a busy machine with cold disks needs more.
const START_BOUND: Duration = Duration::from_secs(60);
/// How often a free port may turn out to be taken after all.
const START_ATTEMPTS: usize = 5;
/// Pause between two looks at something that is awaited.
const POLL_INTERVAL: Duration = Duration::from_millis(25);
/// How much of a log is worth printing.
const LOG_TAIL_LINES: usize = 40;

/// A running program. Dropping it kills and reaps it, and removes its folder unless the test is failing.
///
/// Each test starts its own and holds it in a variable: nothing drops a `static`.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    place: Place,
}

impl Process {
    /// Starts the peer `name` and returns when `ready` says so.
    ///
    /// Each of `ports` is an environment variable of the program, set to a free port; `configure` adds the rest. There
    /// are no other variables, so that no `OTEL_*` of a developer's shell reaches it.
    ///
    /// # Panics
    ///
    /// If the binary is not installed, or the program ends early, or it is not ready in time.
    pub(crate) fn start(
        name: &'static str,
        ports: &[&'static str],
        configure: impl Fn(&mut Command, &Place),
        ready: impl Fn(&Place) -> bool,
    ) -> Self {
        Self::start_binary(&installed(name), name, ports, configure, ready)
    }

    /// The same for a program that is not among the installed peers.
    ///
    /// # Panics
    ///
    /// If the program ends early, or it is not ready in time.
    pub(crate) fn start_binary(
        binary: &Path,
        name: &'static str,
        ports: &[&'static str],
        configure: impl Fn(&mut Command, &Place),
        ready: impl Fn(&Place) -> bool,
    ) -> Self {
        let mut attempts = 1..=START_ATTEMPTS;
        loop {
            let place = Place::new(name, ports);
            let mut command = Command::new(binary);
            command.env_clear().stdin(Stdio::null());
            for (variable, port) in place.ports() {
                command.env(variable, port.to_string());
            }
            configure(&mut command, &place);
            let mut process = Self::spawn(command, place);
            let outcome = process.wait_until_ready(&ready);
            // Somebody took a port between our look and the program's own bind. Jaeger goes on without a UDP port, so
            // this is asked even if all seems well.
            if process.lost_a_port() && attempts.next().is_some() {
                continue;
            }
            match outcome {
                Ok(()) => return process,
                // The log is printed by `drop`, as for any other panic.
                Err(reason) => panic!("{name} {reason}"),
            }
        }
    }

    /// What this run has for itself.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    fn spawn(mut command: Command, place: Place) -> Self {
        let log = File::create(place.log_file()).expect("the folder is ours");
        let log_too = log.try_clone().expect("a file handle can be cloned");
        command.current_dir(place.dir()).stdout(log).stderr(log_too);
        match command.spawn() {
            Ok(child) => Self { child, place },
            Err(error) => panic!("{} does not start: {error}", place.name()),
        }
    }

    fn wait_until_ready(&mut self, ready: impl Fn(&Place) -> bool) -> Result<(), String> {
        let deadline = Instant::now() + START_BOUND;
        while Instant::now() < deadline {
            let is_ready = ready(&self.place);
            // Asked last: whoever answered on a port that was taken from us is not this process.
            if let Some(status) = self.ended() {
                return Err(format!("ended before it was ready, with {status}"));
            }
            if is_ready {
                return Ok(());
            }
            thread::sleep(POLL_INTERVAL);
        }
        Err(format!("was not ready within {START_BOUND:?}"))
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("our own child can be asked")
    }

    fn lost_a_port(&self) -> bool {
        self.place.log().contains("address already in use")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if the program is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            let log = self.place.log();
            let lines: Vec<_> = log.lines().collect();
            let tail = lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n");
            let (name, file) = (self.place.name(), self.place.log_file());
            eprintln!(
                "--- the end of {name}'s log, {}:\n{tail}\n---",
                file.display()
            );
        } else {
            // What cannot be removed lies in the target folder and does no harm.
            let _ = fs::remove_dir_all(self.place.dir());
        }
    }
}

/// Runs the program `name` of the peers to its end, with `input` as its standard input.
///
/// # Errors
///
/// What it says, on both of its outputs, if it does not end with success.
///
/// # Panics
///
/// If it is not installed or takes longer than `bound`.
pub(crate) fn run(
    name: &'static str,
    args: &[&str],
    input: &str,
    bound: Duration,
) -> Result<(), String> {
    let mut command = Command::new(installed(name));
    let place = Place::new(name, &[]);
    // A file and not a pipe, which would want a thread to fill it.
    let input_file = place.dir().join("input");
    fs::write(&input_file, input).expect("the folder is ours");
    command.args(args).env_clear();
    command.stdin(File::open(&input_file).expect("it was just written"));
    let mut process = Process::spawn(command, place);
    let deadline = Instant::now() + bound;
    loop {
        match process.ended() {
            Some(status) if status.success() => return Ok(()),
            Some(_) => return Err(process.place.log()),
            None => {}
        }
        assert!(
            Instant::now() < deadline,
            "{name} took longer than {bound:?}"
        );
        thread::sleep(POLL_INTERVAL);
    }
}

/// Looks again and again until what it sees is `enough`, and returns that.
///
/// # Panics
///
/// If that takes longer than `bound`; the message ends with what was seen last.
pub(crate) fn wait_until(
    what: &str,
    bound: Duration,
    look: impl Fn() -> Value,
    enough: impl Fn(&Value) -> bool,
) -> Value {
    let deadline = Instant::now() + bound;
    loop {
        let seen = look();
        if enough(&seen) {
            return seen;
        }
        assert!(
            Instant::now() < deadline,
            "{what}: after {bound:?} still {seen:#}"
        );
        thread::sleep(POLL_INTERVAL);
    }
}
