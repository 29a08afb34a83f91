//! The command line.

use std::str::FromStr;
use std::thread;
use std::time::Duration;

use lexopt::prelude::{Long, Short, ValueExt};

pub(crate) const HELP: &str = "\
usage: load [--seconds N] [--threads N] [--work MICROSECONDS] [--framework NAME]

  --seconds N     how long, 300 if not said
  --threads N     as many as there are processors if not said
  --work N        microseconds that a function works for, three in each call; 10 if not said
  --framework F   tachograph, none, and with the feature `peers` tracing and fastrace";

pub(crate) enum Task {
    Load(Options),
    /// Collects and scrapes, for the process that started this one.
    BeOutside,
    Help,
}

pub(crate) struct Options {
    pub(crate) time: Duration,
    pub(crate) threads: usize,
    pub(crate) work: Duration,
    pub(crate) framework: Framework,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framework {
    Tachograph,
    /// `#[instrument]`, tracing-opentelemetry and opentelemetry-otlp.
    Tracing,
    Fastrace,
    /// No attribute: what the rest of this program costs.
    None,
}

impl FromStr for Framework {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "tachograph" => Ok(Self::Tachograph),
            "tracing" => Ok(Self::Tracing),
            "fastrace" => Ok(Self::Fastrace),
            "none" => Ok(Self::None),
            _ => Err(format!("there is no framework called `{name}` here")),
        }
    }
}

pub(crate) fn parse() -> Result<Task, lexopt::Error> {
    let mut options = Options {
        time: Duration::from_secs(300),
        threads: thread::available_parallelism().map_or(2, Into::into),
        work: Duration::from_micros(10),
        framework: Framework::Tachograph,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seconds") => options.time = Duration::from_secs(parser.value()?.parse()?),
            Long("threads") => options.threads = parser.value()?.parse::<usize>()?.max(1),
            Long("work") => options.work = Duration::from_micros(parser.value()?.parse()?),
            Long("framework") => options.framework = parser.value()?.parse()?,
            Long("outside") => return Ok(Task::BeOutside),
            Long("help") | Short('h') => return Ok(Task::Help),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Task::Load(options))
}
