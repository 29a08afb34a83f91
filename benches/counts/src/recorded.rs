//! The counts that the repository has, and what is said where others are counted.

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// A path may grow by so much.
const TOLERANCE: f64 = 0.03;

/// The counts of `counts.txt`.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Recorded {
    tools: String,
    counts: Vec<(String, f64)>,
}

/// A count beside the recorded one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Same,
    Grew,
    Shrank,
    /// Nothing is recorded.
    New,
}

/// The table as it is printed, and what comes of it.
#[derive(Default)]
pub(crate) struct Comparison {
    grew: Vec<String>,
    shrank: Vec<String>,
    /// Rows that are recorded or counted, but not both.
    unmatched: Vec<String>,
}

/// Growth by more than the tolerance is told from less, and so is the other direction.
pub(crate) fn judge(recorded: Option<f64>, count: f64) -> Verdict {
    match recorded {
        None => Verdict::New,
        Some(recorded) if count > recorded * (1.0 + TOLERANCE) => Verdict::Grew,
        Some(recorded) if count < recorded * (1.0 - TOLERANCE) => Verdict::Shrank,
        Some(_) => Verdict::Same,
    }
}

impl Recorded {
    /// # Errors
    ///
    /// The file cannot be read, or a line of it is not a name and a number.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        Self::parse(&fs::read_to_string(path)?)
    }

    fn parse(text: &str) -> io::Result<Self> {
        let mut recorded = Self::default();
        for line in text.lines() {
            if let Some(comment) = line.strip_prefix('#') {
                if let Some(tools) = comment.strip_prefix(TOOLS) {
                    tools.clone_into(&mut recorded.tools);
                }
                continue;
            }
            let count = line
                .rsplit_once(' ')
                .and_then(|(name, count)| Some((name.trim_end().to_owned(), count.parse().ok()?)));
            let wrong = || io::Error::other(format!("not a name and a count: `{line}`"));
            recorded.counts.push(count.ok_or_else(wrong)?);
        }
        Ok(recorded)
    }

    /// # Errors
    ///
    /// The file cannot be written.
    pub(crate) fn write(&self, path: &Path, tools: &str) -> io::Result<()> {
        fs::write(path, self.text(tools))
    }

    fn text(&self, tools: &str) -> String {
        let head = format!(
            "# Instructions a call, over the same call without us; `just counts` compares, `just bless-counts` rewrites.\n\
             #{TOOLS}{tools}\n"
        );
        let line = |(name, count): &(String, f64)| format!("{name:<44}{count:>8.1}\n");
        self.counts
            .iter()
            .map(line)
            .fold(head, |text, line| text + &line)
    }

    pub(crate) fn count_of(&self, name: &str) -> Option<f64> {
        let mut counts = self.counts.iter();
        counts.find_map(|(known, count)| (known == name).then_some(*count))
    }

    /// A new name goes to the end.
    pub(crate) fn set(&mut self, name: &str, count: f64) {
        match self.counts.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = count,
            None => self.counts.push((name.to_owned(), count)),
        }
    }

    /// Puts the rows into this order and drops those that are not in it.
    pub(crate) fn keep_only(&mut self, names: &[&str], comparison: &mut Comparison) {
        let rank = |name: &str| names.iter().position(|known| *known == name);
        self.counts.retain(|(name, _)| {
            let is_row = rank(name).is_some();
            if !is_row {
                comparison.unmatched.push(name.clone());
            }
            is_row
        });
        self.counts.sort_by_key(|(name, _)| rank(name));
    }
}

const TOOLS: &str = " Counted with ";

impl Comparison {
    pub(crate) fn begin() -> Self {
        println!("{:<44}{:>8}{:>8}", "instructions a call", "before", "now");
        Self::default()
    }

    pub(crate) fn row(&mut self, name: &str, before: Option<f64>, now: f64) {
        // As they are written, so that nobody is told of a tenth that the file cannot hold.
        let now = (now * 10.0).round() / 10.0;
        let (list, word) = match judge(before, now) {
            Verdict::Same => (None, ""),
            Verdict::Grew => (Some(&mut self.grew), "  grew"),
            Verdict::Shrank => (Some(&mut self.shrank), "  shrank"),
            Verdict::New => (Some(&mut self.unmatched), "  new"),
        };
        if let Some(list) = list {
            list.push(name.to_owned());
        }
        match before {
            Some(before) => println!(
                "{name:<44}{before:>8.1}{now:>8.1}{:>+8.1} %{word}",
                100.0 * (now / before - 1.0)
            ),
            None => println!("{name:<44}{:>8}{now:>8.1}{:>10}{word}", "", ""),
        }
    }

    /// Says what there is to do; a failure if a path grew, or if rows and records do not match.
    pub(crate) fn end(self, recorded: &Recorded, tools: &str) -> ExitCode {
        for name in &self.unmatched {
            println!("`{name}` is counted or recorded, but not both: `just bless-counts`");
        }
        if !self.shrank.is_empty() {
            println!("better than recorded: `just bless-counts`, so that it stays so");
        }
        if !self.grew.is_empty() {
            println!(
                "grew by more than {:.0} %: {}",
                100.0 * TOLERANCE,
                self.grew.join("; ")
            );
            if recorded.tools != tools {
                println!("recorded with {}; this is {tools}", recorded.tools);
            }
        }
        if self.grew.is_empty() && self.unmatched.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Recorded, Verdict, judge};
    use std::process::ExitCode;

    #[test]
    fn three_in_a_hundred_are_tolerated() {
        assert_eq!(judge(Some(100.0), 103.0), Verdict::Same);
        assert_eq!(judge(Some(100.0), 103.1), Verdict::Grew);
        assert_eq!(judge(Some(100.0), 97.0), Verdict::Same);
        assert_eq!(judge(Some(100.0), 96.9), Verdict::Shrank);
        assert_eq!(judge(Some(0.0), 0.0), Verdict::Same);
        assert_eq!(judge(Some(0.0), 0.1), Verdict::Grew);
        assert_eq!(judge(None, 1.0), Verdict::New);
    }

    fn ends(rows: &[(&str, Option<f64>, f64)]) -> ExitCode {
        let mut comparison = Comparison::begin();
        for (name, before, now) in rows {
            comparison.row(name, *before, *now);
        }
        comparison.end(&Recorded::default(), "")
    }

    #[test]
    fn growth_and_what_is_not_recorded_fail() {
        assert_eq!(
            ends(&[("a", Some(10.0), 10.0), ("b", Some(10.0), 8.0)]),
            ExitCode::SUCCESS
        );
        assert_eq!(
            ends(&[("a", Some(10.0), 10.4), ("b", Some(10.0), 8.0)]),
            ExitCode::FAILURE
        );
        assert_eq!(ends(&[("a", None, 10.0)]), ExitCode::FAILURE);
    }

    #[test]
    fn a_recorded_row_that_is_gone_fails() {
        let mut comparison = Comparison::begin();
        let mut recorded = Recorded::default();
        recorded.set("gone", 1.0);
        recorded.keep_only(&["there"], &mut comparison);
        assert_eq!(recorded.count_of("gone"), None);
        assert_eq!(comparison.end(&recorded, ""), ExitCode::FAILURE);
    }

    #[test]
    fn what_is_written_is_read() {
        let mut recorded = Recorded::default();
        recorded.set("both, child", 1234.5);
        recorded.set("nothing listens", 0.0);
        let read = Recorded::parse(&recorded.text("rustc 1.95.0")).unwrap();
        assert_eq!(read.tools, "rustc 1.95.0");
        assert_eq!(read.counts, recorded.counts);
        assert!(Recorded::parse("no number").is_err());
    }
}
