//! The command line.

use std::str::FromStr;

use lexopt::prelude::{Long, Short, ValueExt};

pub(crate) const HELP: &str = "\
usage: shop [--requests N] [--port PORT]

  --requests N   send N requests, flush, and end; without it the shop is open until ctrl-c
  --port PORT    where telemetry is served on 127.0.0.1, 0 for any free port;
                 else OTEL_EXPORTER_PROMETHEUS_PORT, else 9090

OTEL_* variables say where traces and metrics are sent.";

/// What the command line asks for.
pub(crate) enum Command {
    Run(Arguments),
    Help,
}

#[derive(Default)]
pub(crate) struct Arguments {
    /// How many requests are sent before the shop closes.
    pub(crate) requests: Option<u64>,
    /// The port of the telemetry server.
    pub(crate) port: Option<u16>,
}

impl Arguments {
    pub(crate) fn parse() -> Result<Command, lexopt::Error> {
        let mut arguments = Self::default();
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("requests") => {
                    arguments.requests = Some(number("--requests takes a number", &mut parser)?);
                }
                Long("port") => {
                    arguments.port =
                        Some(number("--port takes a number up to 65535", &mut parser)?);
                }
                Long("help") | Short('h') => return Ok(Command::Help),
                _ => return Err(argument.unexpected()),
            }
        }
        Ok(Command::Run(arguments))
    }
}

/// The value of an option; `usage` says what it takes.
fn number<T: FromStr>(usage: &str, parser: &mut lexopt::Parser) -> Result<T, lexopt::Error> {
    let value = parser.value()?.string()?;
    let number = value.parse();
    number.map_err(|_| format!("{usage}, but was given `{value}`").into())
}
