//! One run of a crate's own tests, as cargo tells of it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Fallible;
use crate::cases::Case;
use crate::package::Package;

/// What came of one run.
#[derive(Default)]
pub(crate) struct Run {
    /// Why it does not build.
    pub(crate) errors: Vec<String>,
    /// By test binary and test.
    pub(crate) outcomes: BTreeMap<(String, String), String>,
    /// How often each lint fired, by its name.
    warnings: BTreeMap<String, usize>,
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
pub(crate) fn run(package: &Package, case: &Case, target: &Path) -> Fallible<Run> {
    let report = package.dir.join("recorded.txt");
    let cargo = || {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .arg("test")
            .args(case.arguments)
            .current_dir(&package.dir)
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_TERM_COLOR", "never")
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("TACHOGRAPH_ACID_REPORT", &report);
        cargo
    };
    let mut run = Run::default();

    let built = cargo()
        .args(["--no-run", "--message-format", "json"])
        .stderr(Stdio::piped())
        .output()?;
    fs::write(package.dir.join("build.txt"), &built.stderr)?;
    run.read_messages(&built.stdout, package)?;
    if !built.status.success() {
        if run.errors.is_empty() {
            run.errors
                .push(String::from_utf8_lossy(&built.stderr).into_owned());
        }
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
    /// Errors and warnings of the package, from cargo's messages.
    fn read_messages(&mut self, messages: &[u8], package: &Package) -> Fallible<()> {
        for message in serde_json::Deserializer::from_slice(messages).into_iter::<Value>() {
            let message = message?;
            let of_package = message["manifest_path"]
                .as_str()
                .is_some_and(|path| Path::new(path).starts_with(&package.dir));
            if message["reason"] != "compiler-message" || !of_package {
                continue;
            }
            let said = &message["message"];
            match said["level"].as_str() {
                Some("error") => self
                    .errors
                    .extend(said["rendered"].as_str().map(str::to_owned)),
                Some("warning") => {
                    let Some(lint) = said["code"]["code"].as_str() else {
                        continue;
                    };
                    *self.warnings.entry(lint.to_owned()).or_default() += 1;
                }
                _ => {}
            }
        }
        Ok(())
    }

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
        if !self.errors.is_empty() {
            return self
                .errors
                .iter()
                .map(|error| format!("{pass}: does not build\n{error}"))
                .collect();
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
        for (lint, &count) in &self.warnings {
            let was = before.warnings.get(lint).copied().unwrap_or_default();
            if count > was {
                differences.push(format!("{pass}: `{lint}` warns {count} times, not {was}"));
            }
        }
        differences
    }

    /// `12 ok, 1 ignored`.
    pub(crate) fn summary(&self) -> String {
        if !self.errors.is_empty() {
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
