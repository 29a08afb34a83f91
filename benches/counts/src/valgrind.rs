//! Starts this program once more, under valgrind, and reads what it counted.

use std::env;
use std::error::Error;
use std::process::{Command, Output};
use std::str::FromStr;

use crate::meter::COUNTED;
use crate::recorded::{Verdict, judge};
use crate::rows::{ROWS, Row};

/// What of a row is run.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Ours,
    Bare,
    /// Ours, made to take five in a hundred more instructions: the check has to notice.
    Grown,
}

impl Side {
    fn text(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Bare => "bare",
            Self::Grown => "grown",
        }
    }
}

impl FromStr for Side {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Ours, Self::Bare, Self::Grown]
            .into_iter()
            .find(|side| side.text() == text)
            .ok_or_else(|| format!("a row has no side called `{text}`"))
    }
}

/// Instructions a call, over the same call without us.
pub(crate) fn count_over_bare(row: &Row) -> Result<f64, Box<dyn Error>> {
    let ours = count(row, Side::Ours)?;
    let bare = row.bare.map(|_| count(row, Side::Bare)).transpose()?;
    Ok(ours - bare.unwrap_or_default())
}

/// Makes sure that a path which grew by five in a hundred would be noticed here, and one that did not grow would not.
pub(crate) fn prove() -> Result<(), Box<dyn Error>> {
    let row = ROWS.iter().find(|row| row.name == "counter, add");
    let row = row.ok_or("the row that proves the others is gone")?;
    let [first, second] = [count(row, Side::Ours)?, count(row, Side::Ours)?];
    let grown = count(row, Side::Grown)?;
    match (judge(Some(first), second), judge(Some(first), grown)) {
        (Verdict::Same, Verdict::Grew) => Ok(()),
        _ => Err(format!(
            "the counts cannot be trusted here: {first}, {second}, and {grown} for five in a hundred more"
        )
        .into()),
    }
}

/// What the counts depend on: the compiler and valgrind.
pub(crate) fn tools() -> Result<String, Box<dyn Error>> {
    let version = |program: &str| -> Result<String, Box<dyn Error>> {
        let output = output(Command::new(program).arg("--version"))?;
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    };
    Ok(format!("{}, {}", version("rustc")?, version("valgrind")?))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a run takes minutes before it loses one"
)]
fn count(row: &Row, side: Side) -> Result<f64, Box<dyn Error>> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(format!("--toggle-collect={COUNTED}"));
    valgrind.arg(env::current_exe()?);
    valgrind.args(["--run", side.text(), "--", row.name]);
    let output = output(&mut valgrind)?;
    let calls: u64 = String::from_utf8(output.stdout)?.trim().parse()?;
    let instructions = collected(&String::from_utf8_lossy(&output.stderr))?;
    if instructions == 0 {
        return Err(format!("`{}`: valgrind saw no call of {COUNTED}", row.name).into());
    }
    Ok(instructions as f64 / calls as f64)
}

/// Reads `==123== Collected : 4567`.
fn collected(report: &str) -> Result<u64, Box<dyn Error>> {
    let mut lines = report.lines();
    let count = lines.find_map(|line| line.split_once("Collected : "));
    let (_, count) = count.ok_or_else(|| format!("no count in what valgrind says:\n{report}"))?;
    Ok(count.trim().parse()?)
}

fn output(command: &mut Command) -> Result<Output, Box<dyn Error>> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| {
        format!("{program} does not start ({error}); the packages of most systems have it")
    })?;
    if output.status.success() {
        Ok(output)
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("{program}: {}\n{said}", output.status).into())
    }
}
