//! The time that a path takes, in turns with the same path of another build of this program.
//!
//! Each build runs each path in a process of its own, which makes a turn whenever a line comes in, so that both are
//! warm and measured within milliseconds of each other. What counts is the ratio of the medians.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::meter::Meter;
use crate::rows::Row;

/// Turns of each build; the figures are medians over them.
const ROUNDS: usize = 41;

/// Makes a turn for each line of the standard input: nanoseconds of a call, over the same call without us.
pub(crate) fn serve(row: &Row) -> Result<(), Box<dyn Error>> {
    for line in io::stdin().lock().lines() {
        line?;
        let nanos = |run: fn(&mut Meter)| {
            let mut meter = Meter::timing();
            run(&mut meter);
            meter.nanos()
        };
        let bare = row.bare.map(nanos).unwrap_or_default();
        println!("{}", nanos(row.run) - bare);
    }
    Ok(())
}

/// Prints a table of the paths as this build and `before` run them.
pub(crate) fn compare(before: &Path, words: &[String]) -> Result<(), Box<dyn Error>> {
    println!("| nanoseconds a call | before | now | ratio |\n|---|---|---|---|");
    let now = std::env::current_exe()?;
    for row in crate::rows(words) {
        let mut builds = [Turns::start(before, row)?, Turns::start(&now, row)?];
        let mut figures = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (build, figures) in builds.iter_mut().zip(&mut figures) {
                figures.extend(build.turn()?);
            }
        }
        match figures.map(median) {
            [Some(before), Some(now)] => {
                println!(
                    "| {} | {before:.1} | {now:.1} | {:.2} |",
                    row.name,
                    now / before
                );
            }
            _ => println!("| {} | | | |", row.name),
        }
        builds.into_iter().try_for_each(Turns::end)?;
    }
    Ok(())
}

/// A process that makes turns of one path.
struct Turns {
    process: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Turns {
    fn start(program: &Path, row: &Row) -> io::Result<Self> {
        let mut process = Command::new(program)
            .args(["--turns", row.name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (ask, answers) = (process.stdin.take(), process.stdout.take());
        let (ask, answers) = ask
            .zip(answers)
            .ok_or_else(|| io::Error::other("no pipe"))?;
        Ok(Self {
            process,
            ask,
            answers: BufReader::new(answers),
        })
    }

    /// Nothing if that build has no such path: it has said so, and ended.
    fn turn(&mut self) -> Result<Option<f64>, Box<dyn Error>> {
        match self.ask.write_all(b"\n") {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(None),
            written => written?,
        }
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        Ok(if answer.is_empty() {
            None
        } else {
            Some(answer.trim().parse()?)
        })
    }

    fn end(mut self) -> io::Result<()> {
        // Its input ends, and so does it.
        drop(self.ask);
        self.process.wait().map(drop)
    }
}

fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}
