//! The acid test: both attributes on every function of a published crate, whose own tests must not notice.
//!
//! `just acid` runs all of [`CASES`]; `just acid either@1.19.0` runs any crate.

mod annotate;
mod cases;
mod lints;
mod package;
mod suite;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fmt, fs};

use annotate::Tally;
use cases::{CASES, Case};
use package::Package;
use suite::{Recorded, Run};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// What is said of one crate, for a table.
struct Row {
    krate: String,
    kind: &'static str,
    tally: Tally,
    before: Run,
    after: Run,
    listening: Run,
    differences: Vec<String>,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Recorded {
            calls,
            running,
            spans,
        } = self.listening.recorded;
        write!(
            f,
            "| {} | {} | {} | {} | {} | {} | {} | {calls} | {running} | {spans} |",
            self.krate,
            self.kind,
            self.tally.annotated,
            self.tally.left_out(),
            self.before.summary(),
            self.after.summary(),
            self.listening.summary(),
        )
    }
}

fn main() -> ExitCode {
    match acid() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("acid: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether no test of any crate noticed.
fn acid() -> Fallible<bool> {
    let (dir, named) = arguments()?;
    let chosen = if named.is_empty() { CASES } else { &named };
    println!(
        "| crate | kind | annotated | left out | tests before | after | listening | calls | still running | spans |"
    );
    println!("|---|---|---:|---|---:|---:|---:|---:|---:|---:|");
    let mut differences = Vec::new();
    for case in chosen {
        let krate = case.krate();
        match row(case, &dir) {
            Ok(row) => {
                println!("{row}");
                let found = row.differences.into_iter();
                differences.extend(found.map(|difference| format!("{krate}: {difference}")));
            }
            Err(error) => differences.push(format!("{krate}: {error}")),
        }
    }
    for difference in &differences {
        eprintln!("{difference}");
    }
    Ok(differences.is_empty())
}

/// The folder to work in, and the crates that are named.
fn arguments() -> Fallible<(PathBuf, Vec<Case>)> {
    let mut dir = repository().join("target/acid");
    let mut named = Vec::new();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("dir") => dir = env::current_dir()?.join(parser.value()?),
            lexopt::Arg::Value(krate) => named.push(Case::named(&krate.to_string_lossy())?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok((dir, named))
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn row(case: &Case, dir: &Path) -> Fallible<Row> {
    let krate = case.krate();
    let work = dir.join("crates").join(&krate);
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    let published = package::fetch(case, &work.join("fetch"))?;
    let copy = |from: &Path, name| {
        eprintln!("{krate}: {name}");
        Package::copy(from, work.join(name), dir.join("target"))
    };

    let plain = copy(&published, "plain")?;
    let mut before = suite::run(&plain, case)?;
    if before.error.is_some() {
        // The lock may hold versions that this compiler does not build any more.
        plain.unlock()?;
        before = suite::run(&plain, case)?;
    }
    if let Some(error) = before.error {
        return Err(format!("does not build as it is\n{error}").into());
    }
    if before.outcomes.is_empty() {
        return Err("has no tests as it is published".into());
    }

    let annotated = copy(&plain.dir, "annotated")?;
    let tally = annotated.annotate()?;
    annotated.depend_on("tachograph", &repository().join("runtime"))?;
    let after = suite::run(&annotated, case)?;
    let mut differences = after.differences(&before, "annotated");

    let mut listening = Run::default();
    if after.error.is_none() {
        differences.extend(lints::run(&annotated, case)?.differences(&lints::run(&plain, case)?));

        let package = copy(&plain.dir, "listening")?;
        package.annotate()?;
        package.depend_on(
            "tachograph-acid-listener",
            &repository().join("tools/acid/listener"),
        )?;
        listening = suite::run(&package, case)?;
        differences.extend(listening.differences(&before, "listening"));
        differences.extend(listening.recorded.differences());
    }
    Ok(Row {
        krate,
        kind: case.kind,
        tally,
        before,
        after,
        listening,
        differences,
    })
}
