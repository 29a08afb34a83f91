//! Annotated calls, three deep and with labels, on many threads for minutes, while everything they leave is sent away.
//!
//! ```sh
//! cargo run --release --bin load                                      # five minutes, on every processor
//! cargo run --release --bin load -- --seconds 20 --threads 8 --work 2
//! cargo run --release -p tachograph-load --features peers -- --framework fastrace
//! ```
//!
//! Spans go over OTLP to a collector on loopback, and `/metrics` is scraped every 100 ms, both by a process of their own,
//! so that what they take is not in the figures. Each thread makes a bare call now and then: that is what the annotated
//! ones are compared with, at the same time and on the same processor.
//!
//! Look for: memory that stays where it is, every span that was made either delivered or dropped for a cause that is told
//! (the program fails if not), and what the slowest calls in a thousand pay.

mod arguments;
mod frameworks;
mod histogram;
mod outside;
mod report;
mod usage;
mod work;
mod workers;

use std::error::Error;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use arguments::{Options, Task};
use outside::Outside;
use report::Report;

fn main() -> ExitCode {
    let done = match arguments::parse() {
        Ok(Task::Help) => {
            println!("{}", arguments::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Task::BeOutside) => outside::be().map_err(Into::into),
        Ok(Task::Load(options)) => load(&options),
        Err(error) => Err(format!("{error}\n\n{}", arguments::HELP).into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn load(options: &Options) -> Result<(), Box<dyn Error>> {
    let mut outside = Outside::start()?;
    let framework = frameworks::start(options.framework, &mut outside)?;
    let work = work::calibrate(options.work);
    let time = usage::processor_time();
    let (workers, resident) = thread::scope(|scope| {
        let start = Instant::now();
        let end = start + options.time;
        let order = framework.order();
        let workers: Vec<_> = (0..options.threads)
            .map(|_| scope.spawn(move || workers::work(order, work, end)))
            .collect();
        // When all is warm, half-way, and at the end.
        let resident = [options.time / 5, options.time / 2, options.time].map(|after| {
            thread::sleep((start + after).saturating_duration_since(Instant::now()));
            usage::resident_bytes()
        });
        let workers: Vec<_> = workers
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        (workers, resident)
    });
    let workers = workers.into_iter().collect::<Result<Vec<_>, _>>();
    let workers = workers.map_err(|_| "a thread panicked")?;
    let losses = framework.end(Duration::from_secs(30))?;
    let report = Report {
        options,
        figures: workers::sum(workers),
        processor_nanos: usage::processor_time() - time,
        resident,
        losses,
        outside: outside.end()?,
    };
    print!("{report}");
    report.check()
}
