//! How many instructions the hot paths take, as valgrind's callgrind counts them: they repeat where times do not.
//!
//! ```sh
//! cargo run --release -p tachograph-counts                  # beside the recorded counts; fails if a path grew by 3 %
//! cargo run --release -p tachograph-counts -- async label   # the paths whose name has one of these words
//! cargo run --release -p tachograph-counts -- --bless       # records what is counted now
//! ```
//!
//! A path is run in a process of its own, under valgrind, which counts in one function of it alone: what comes before
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
mod valgrind;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::prelude::{Long, Value, ValueExt};

use meter::Meter;
use recorded::{Comparison, Recorded};
use rows::{ROWS, Row};
use valgrind::Side;

/// What the command line asks for.
enum Command {
    /// Compares, or records.
    Count { bless: bool, words: Vec<String> },
    /// Runs one side of one row, for valgrind.
    Run { row: String, side: Side },
}

fn main() -> ExitCode {
    let done = match arguments() {
        Ok(Command::Count { bless, words }) => count(bless, &words),
        Ok(Command::Run { row, side }) => run(&row, side).map(|()| ExitCode::SUCCESS),
        Err(error) => Err(error.into()),
    };
    done.unwrap_or_else(|error| {
        eprintln!("counts: {error}");
        ExitCode::FAILURE
    })
}

fn arguments() -> Result<Command, lexopt::Error> {
    let (mut bless, mut words, mut side) = (false, Vec::new(), None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("bless") => bless = true,
            Long("run") => side = Some(parser.value()?.parse()?),
            Value(word) => words.push(word.string()?),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(match side {
        Some(side) => Command::Run {
            row: words.pop().unwrap_or_default(),
            side,
        },
        None => Command::Count { bless, words },
    })
}

fn count(bless: bool, words: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    valgrind::prove()?;
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/counts.txt"));
    let mut recorded = Recorded::read(&path)?;
    let is_wanted =
        |row: &&Row| words.is_empty() || words.iter().any(|word| row.name.contains(word.as_str()));
    let mut comparison = Comparison::begin();
    for row in ROWS.iter().filter(is_wanted) {
        let count = valgrind::count_over_bare(row)?;
        comparison.row(row.name, recorded.count_of(row.name), count);
        recorded.set(row.name, count);
    }
    let names: Vec<_> = ROWS.iter().map(|row| row.name).collect();
    recorded.keep_only(&names, &mut comparison);
    if bless {
        recorded.write(&path, &valgrind::tools()?)?;
        println!("recorded");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(comparison.end(&recorded, &valgrind::tools()?))
}

fn run(name: &str, side: Side) -> Result<(), Box<dyn Error>> {
    let row = ROWS.iter().find(|row| row.name == name);
    let row = row.ok_or_else(|| format!("there is no row called `{name}`"))?;
    let mut meter = Meter::new(side);
    match side {
        Side::Ours | Side::Grown => (row.run)(&mut meter),
        Side::Bare => row.bare.ok_or("this row has no bare side")?(&mut meter),
    }
    println!("{}", meter.calls());
    Ok(())
}
