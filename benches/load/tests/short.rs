//! A few seconds of it, which must add up as minutes do.

use std::process::Command;

fn run(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_load"))
        .args(arguments)
        .output()
        .expect("the program starts");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{said}");
    said
}

/// The program fails by itself when a span is neither delivered nor dropped for a cause, or memory grows.
#[test]
fn every_span_is_delivered_or_told_of() {
    let said = run(&["--seconds", "5", "--threads", "4", "--work", "1"]);
    for line in [
        "calls a second",
        "share of telemetry",
        "p99.9",
        "MiB",
        "scrapes",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn without_a_framework_nothing_is_sent() {
    let said = run(&["--seconds", "1", "--threads", "1", "--framework", "none"]);
    assert!(
        said.contains("share of telemetry") && !said.contains("spans "),
        "{said}"
    );
}
