//! The world outside: a process of its own that collects what is sent to it, and scrapes.
//!
//! It prints the port that it collects on, reads from its standard input what it shall scrape, and when that ends, says
//! what it has seen.

mod collector;
mod scraper;

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

/// The process, as the one that started it sees it.
pub(crate) struct Outside {
    process: Child,
    says: BufReader<ChildStdout>,
    hears: ChildStdin,
    collector: SocketAddr,
}

/// What has arrived outside.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) requests: u64,
    pub(crate) spans: u64,
    pub(crate) scrapes: u64,
    pub(crate) slowest_scrape: Duration,
}

impl Outside {
    pub(crate) fn start() -> io::Result<Self> {
        let mut process = Command::new(env::current_exe()?)
            .arg("--outside")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let pipes = process.stdout.take().zip(process.stdin.take());
        let (says, hears) = pipes.ok_or_else(|| io::Error::other("no pipes"))?;
        let mut says = BufReader::new(says);
        let collector = line(&mut says)?.parse().map_err(io::Error::other)?;
        Ok(Self {
            process,
            says,
            hears,
            collector,
        })
    }

    /// Where OTLP goes to, without a path.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.collector)
    }

    /// Has `/metrics` scraped from here on.
    pub(crate) fn scrape(&mut self, address: SocketAddr) -> io::Result<()> {
        writeln!(self.hears, "{address}")
    }

    /// Ends the process.
    pub(crate) fn end(mut self) -> io::Result<Seen> {
        drop(self.hears);
        let seen = Seen::parse(&line(&mut self.says)?);
        self.process.wait()?;
        seen.ok_or_else(|| io::Error::other("the world outside does not say what it saw"))
    }
}

impl Seen {
    fn text(self) -> String {
        let slowest = self.slowest_scrape.as_nanos();
        format!(
            "{} {} {} {slowest}",
            self.requests, self.spans, self.scrapes
        )
    }

    fn parse(text: &str) -> Option<Self> {
        let mut figures = text.split(' ').map(str::parse);
        let mut next = || figures.next()?.ok();
        Some(Self {
            requests: next()?,
            spans: next()?,
            scrapes: next()?,
            slowest_scrape: Duration::from_nanos(next()?),
        })
    }
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    line.truncate(line.trim_end().len());
    Ok(line)
}

/// Is that process.
pub(crate) fn be() -> io::Result<()> {
    static SEEN: Mutex<Option<Seen>> = Mutex::new(None);

    let see = |change: &dyn Fn(&mut Seen)| {
        let mut seen = SEEN
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        change(seen.get_or_insert_default());
    };
    println!("{}", collector::start(see)?);
    for address in io::stdin().lock().lines() {
        scraper::start(address?.parse().map_err(io::Error::other)?, see);
    }
    let seen = SEEN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    println!("{}", seen.unwrap_or_default().text());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_understood() {
        let seen = Seen {
            requests: 1,
            spans: 512,
            scrapes: 3,
            slowest_scrape: Duration::from_micros(4),
        };
        assert_eq!(Seen::parse(&seen.text()), Some(seen));
        assert_eq!(Seen::parse(""), None);
    }
}
