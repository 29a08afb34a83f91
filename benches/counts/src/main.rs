//! How many instructions the hot paths take, as valgrind's callgrind counts them: they repeat where times do not.
//!
//! ```sh
//! cargo run --release -p tachograph-counts                  # beside the recorded counts; fails if a path grew by 3 %
//! cargo run --release -p tachograph-counts -- async label   # the paths whose name has one of these words
//! cargo run --release -p tachograph-counts -- --bless       # records what is counted now
//! ```
//!
//! Times are for a quiet machine, and in turns with an earlier build, as `just bench-before` makes one:
//!
//! ```sh
//! cargo run --release -p tachograph-counts -- --beside path/to/the/earlier/tachograph-counts
//! ```
//!
//! To count, a path is run in a process of its own, under valgrind, which counts in one function of it alone: what comes before
//! the calls, the calibration of the clock among it, is not in the figure. The same calls without us are counted
//! likewise and taken away, where there are such. What another thread does is not counted.
//!
//! Where a path spends them:
//!
//! ```sh
//! valgrind --tool=callgrind --callgrind-out-file=target/callgrind.out '--toggle-collect=*meter::counted*' \
//!     target/release/tachograph-counts --run ours -- metered
//! callgrind_annotate target/callgrind.out
//! ```
//!
//! The counts are of one compiler and, where the C library has several forms of a function, of one kind of processor;
//! the head of `counts.txt` says which.

mod functions;
mod meter;
mod recorded;
mod rows;
mod turns;
mod valgrind;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lexopt::prelude::{Long, Value, ValueExt};

use meter::Meter;
use recorded::{Comparison, Recorded, Verdict};
use rows::{ROWS, Row};
use valgrind::Side;

/// A path is counted at most so many times.
const COUNTS: usize = 4;

/// What the command line asks for.
enum Task {
    /// Counts, and compares with what is recorded.
    Compare,
    /// Counts, and records.
    Bless,
    /// Measures times in turns with this build.
    Beside(PathBuf),
    /// Runs one side of a path, for valgrind.
    Run(Side),
    /// Makes turns of a path, for whoever compares builds.
    Turns,
}

fn main() -> ExitCode {
    let done = match arguments() {
        Ok((task, words)) => perform(&task, &words),
        Err(error) => Err(error.into()),
    };
    done.unwrap_or_else(|error| {
        eprintln!("counts: {error}");
        ExitCode::FAILURE
    })
}

/// The task, and what names of paths have in them.
fn arguments() -> Result<(Task, Vec<String>), lexopt::Error> {
    let (mut task, mut words) = (Task::Compare, Vec::new());
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("bless") => task = Task::Bless,
            Long("beside") => task = Task::Beside(parser.value()?.into()),
            Long("run") => task = Task::Run(parser.value()?.parse()?),
            Long("turns") => task = Task::Turns,
            Value(word) => words.push(word.string()?),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok((task, words))
}

fn perform(task: &Task, words: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    let row = || {
        let row = ROWS.iter().find(|row| words == [row.name]);
        row.ok_or_else(|| format!("there is no path called `{}`", words.join(" ")))
    };
    match task {
        Task::Compare => return count(false, words),
        Task::Bless => return count(true, words),
        Task::Beside(before) => turns::compare(before, words)?,
        Task::Run(side) => run(row()?, *side)?,
        Task::Turns => turns::serve(row()?)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The paths whose name has one of these words; all of them if there are none.
fn rows(words: &[String]) -> impl Iterator<Item = &'static Row> {
    ROWS.iter()
        .filter(|row| words.is_empty() || words.iter().any(|word| row.name.contains(word.as_str())))
}

fn count(bless: bool, words: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    valgrind::prove()?;
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/counts.txt"));
    let mut recorded = Recorded::read(path)?;
    let mut comparison = Comparison::begin();
    for row in rows(words) {
        let count = least(
            row,
            if bless {
                None
            } else {
                recorded.count_of(row.name)
            },
        )?;
        comparison.row(row.name, recorded.count_of(row.name), count);
        recorded.set(row.name, count);
    }
    let names: Vec<_> = ROWS.iter().map(|row| row.name).collect();
    recorded.keep_only(&names, &mut comparison);
    if bless {
        recorded.write(path, &valgrind::tools()?)?;
        println!("recorded");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(comparison.end(&recorded, &valgrind::tools()?))
}

/// The least of several counts, or the first that has not grown beside the recorded one.
///
/// What a duration writes depends on how long valgrind lets it take: where that is about a power of two, each second call goes
/// to other cells than the one before it, and takes a dozen instructions more. A path that has grown does so in each count.
fn least(row: &Row, recorded: Option<f64>) -> Result<f64, Box<dyn Error>> {
    let mut least = f64::INFINITY;
    for _ in 0..COUNTS {
        least = least.min(valgrind::count_over_bare(row)?);
        if recorded.is_some() && recorded::judge(recorded, least) != Verdict::Grew {
            break;
        }
    }
    Ok(least)
}

fn run(row: &Row, side: Side) -> Result<(), Box<dyn Error>> {
    let mut meter = Meter::counting(matches!(side, Side::Grown));
    match side {
        Side::Ours | Side::Grown => (row.run)(&mut meter),
        Side::Bare => row.bare.ok_or("this path has no bare side")?(&mut meter),
    }
    println!("{}", meter.calls());
    Ok(())
}
