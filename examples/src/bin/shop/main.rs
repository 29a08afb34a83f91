//! A small shop: an axum service whose functions are annotated, and customers who send it real HTTP requests.
//!
//! ```sh
//! cargo run --bin shop -- --requests 200                       # then flushes and ends
//! cargo run --bin shop                                         # until ctrl-c; look at http://127.0.0.1:9090/
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 cargo run --bin shop
//! OTEL_TRACES_EXPORTER=jaeger cargo run --bin shop
//! ```
//!
//! Look for: calls by result and their durations in the summary and on `/metrics`; whole traces, failed ones among
//! them, on `/debug/traces`; every annotated function, called or not, on `/debug/functions`.

mod arguments;
mod customers;
mod orders;
mod payment;
mod service;
mod summary;
mod warehouse;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use tachograph::Attribute;
use tachograph_exporters::Telemetry;
use tokio::net::TcpListener;
use tokio::time::{MissedTickBehavior, interval};

use arguments::{Arguments, Command};

/// How long what is left may take to leave.
const SHUTDOWN: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    // Some requests panic on purpose: a line for each, and no backtrace.
    std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
    let arguments = match Arguments::parse() {
        Ok(Command::Run(arguments)) => arguments,
        Ok(Command::Help) => {
            println!("{}", arguments::HELP);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("shop: {error}\n\n{}", arguments::HELP);
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shop: {}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut builder = Telemetry::builder("shop")
        .resource(Attribute::new("service.version", env!("CARGO_PKG_VERSION")));
    if let Some(port) = arguments.port {
        builder = builder.serve(format!("127.0.0.1:{port}"));
    }
    let telemetry = builder.install()?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let shop = listener.local_addr()?;
    if let Some(address) = telemetry.server_address() {
        println!(
            "telemetry on http://{address}/ (metrics, health, ready, debug/traces, debug/functions)"
        );
    }
    println!("the shop is open on http://{shop}/\n");

    tokio::select! {
        // First, so that they have left when the shop closes.
        () = customers::visit(shop, arguments.requests) => {}
        served = service::serve(listener) => served?,
        () = summarise() => {}
        stopped = stop_signal() => {
            stopped?;
            println!("\nclosing");
        }
    }

    summary::print_table();
    let dropped = telemetry.shutdown_async(SHUTDOWN).await?;
    println!("\n{dropped}");
    Ok(())
}

/// One line a second, for whoever watches.
async fn summarise() {
    let mut second = interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    second.tick().await;
    loop {
        second.tick().await;
        summary::print_line();
    }
}

/// Returns when somebody asks the shop to close.
#[cfg(unix)]
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

/// Returns when somebody asks the shop to close.
#[cfg(not(unix))]
async fn stop_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// An error with what caused it, and what caused that.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
