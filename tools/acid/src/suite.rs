//! One run of a crate's own tests, as cargo tells of it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::process::Stdio;

use crate::Fallible;
use crate::cases::Case;
use crate::package::Package;

/// What came of one run.
#[derive(Default)]
pub(crate) struct Run {
    /// What the compiler says if it does not build.
    pub(crate) error: Option<String>,
    /// By test binary and test.
    pub(crate) outcomes: BTreeMap<(String, String), String>,
    passed: bool,
    pub(crate) recorded: Recorded,
}

/// Sums over all processes of a run.
#[derive(Clone, Copy, Default)]
pub(crate) struct Recorded {
    pub(crate) calls: u64,
    pub(crate) running: i64,
    pub(crate) spans: u64,
}

/// Builds the tests and runs them.
pub(crate) fn run(package: &Package, case: &Case) -> Fallible<Run> {
    let report = package.dir.join("recorded.txt");
    let cargo = || {
        let mut cargo = package.cargo("test");
        cargo
            .args(case.test_arguments())
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("TACHOGRAPH_ACID_REPORT", &report);
        cargo
    };
    let mut run = Run::default();

    let built = cargo().arg("--no-run").output()?;
    if !built.status.success() {
        run.error = Some(String::from_utf8_lossy(&built.stderr).into_owned());
        return Ok(run);
    }

    // Into one file, because cargo names the test binary on one stream and the binary its tests on the other.
    let path = package.dir.join("tests.txt");
    let file = File::create(&path)?;
    let status = cargo()
        .arg("--no-fail-fast")
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()?;
    run.passed = status.success();
    run.read_outcomes(&String::from_utf8_lossy(&fs::read(&path)?));
    if report.exists() {
        run.recorded = Recorded::read(&fs::read_to_string(&report)?);
    }
    Ok(run)
}

impl Run {
    fn read_outcomes(&mut self, output: &str) {
        let mut binary = String::new();
        for line in output.lines() {
            if let Some(running) = line.trim_start().strip_prefix("Running ") {
                // Without the path to the binary, which has a hash in it.
                running
                    .split(" (")
                    .next()
                    .unwrap_or(running)
                    .clone_into(&mut binary);
            } else if let Some(krate) = line.trim_start().strip_prefix("Doc-tests ") {
                binary = format!("documentation of {krate}");
            } else if let Some((test, outcome)) = line
                .strip_prefix("test ")
                .and_then(|test| test.rsplit_once(" ... "))
            {
                self.outcomes
                    .insert((binary.clone(), test.to_owned()), outcome.to_owned());
            }
        }
    }

    /// What an annotated run has that the plain one has not, and the other way round.
    pub(crate) fn differences(&self, before: &Self, pass: &str) -> Vec<String> {
        if let Some(error) = &self.error {
            return vec![format!(
                "{pass}: does not build
{error}"
            )];
        }
        let mut differences = Vec::new();
        if self.passed != before.passed {
            differences.push(format!("{pass}: `cargo test` ends otherwise"));
        }
        for (test, outcome) in &before.outcomes {
            let now = self.outcomes.get(test).map_or("missing", String::as_str);
            if now != outcome {
                differences.push(format!(
                    "{pass}: {}: {} was {outcome}, is {now}",
                    test.0, test.1
                ));
            }
        }
        for test in self
            .outcomes
            .keys()
            .filter(|test| !before.outcomes.contains_key(test))
        {
            differences.push(format!("{pass}: {}: {} was not there", test.0, test.1));
        }
        differences
    }

    /// `12 ok, 1 ignored`.
    pub(crate) fn summary(&self) -> String {
        if self.error.is_some() {
            return "does not build".to_owned();
        }
        let mut counts = BTreeMap::<&str, usize>::new();
        for outcome in self.outcomes.values() {
            let outcome = outcome.split(',').next().unwrap_or(outcome);
            *counts.entry(outcome).or_default() += 1;
        }
        let counts = counts
            .into_iter()
            .rev()
            .map(|(outcome, count)| format!("{count} {outcome}"));
        counts.collect::<Vec<_>>().join(", ")
    }
}

impl Recorded {
    /// One line from each process: `calls running spans`.
    fn read(report: &str) -> Self {
        let mut sum = Self::default();
        for line in report.lines() {
            if let [calls, running, spans] = line.split(' ').collect::<Vec<_>>()[..] {
                sum.calls += calls.parse().unwrap_or(0);
                sum.running += running.parse().unwrap_or(0);
                sum.spans += spans.parse().unwrap_or(0);
            }
        }
        sum
    }

    /// Where the sums cannot be true: a function with both attributes makes one span of each call.
    pub(crate) fn differences(self) -> Option<String> {
        let Self {
            calls,
            running,
            spans,
        } = self;
        // Calls that run while a process ends may be counted after their span is, or before.
        (calls == 0 || running == 0 && calls != spans)
            .then(|| format!("listening: {calls} calls and {spans} spans were recorded"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(output: &str) -> Run {
        let mut run = Run::default();
        run.read_outcomes(output);
        run
    }

    #[test]
    fn each_change_of_an_outcome_is_a_difference() {
        let before = outcomes(
            "     Running unittests src/lib.rs (target/debug/deps/a-0123)
test same - should panic ... ok
test broken ... ok
test gone ... ignored, not here
   Doc-tests a
test src/lib.rs - same (line 3) ... ok
",
        );
        let after = outcomes(
            "     Running unittests src/lib.rs (target/debug/deps/a-4567)
test broken ... FAILED
test new ... ok
test same - should panic ... ok
   Doc-tests a
test src/lib.rs - same (line 3) ... ok
",
        );
        assert_eq!(before.summary(), "3 ok, 1 ignored");
        assert_eq!(
            after.differences(&before, "annotated"),
            [
                "annotated: unittests src/lib.rs: broken was ok, is FAILED",
                "annotated: unittests src/lib.rs: gone was ignored, not here, is missing",
                "annotated: unittests src/lib.rs: new was not there",
            ]
        );
    }
}
