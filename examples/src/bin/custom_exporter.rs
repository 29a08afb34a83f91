//! An exporter of one's own, which writes a line for each span to standard output.
//!
//! ```sh
//! cargo run --bin custom_exporter
//! ```
//!
//! Look for: two lines with names, and the summary in which `lines` has lost nothing.

use std::borrow::Cow;
use std::time::Duration;

use tachograph::trace::SpanBatch;
use tachograph::traced;
use tachograph_exporters::{
    BuildError, Encoded, Exporter, Lanes, Limits, Payload, Sending, Telemetry, Transport, Verdict,
};

/// The exporter: a lane for spans, and none for metrics.
struct Lines;

impl Exporter for Lines {
    fn name(&self) -> Cow<'static, str> {
        "lines".into()
    }

    fn open(self: Box<Self>, lanes: &mut Lanes<'_>) -> Result<(), BuildError> {
        lanes.spans(encode, Stdout);
        Ok(())
    }
}

/// The encoder: what is sent, without sending it.
fn encode(batch: &SpanBatch, _: Limits) -> Encoded {
    let lines = batch.iter().map(|span| format!("{}\n", span.name()));
    Payload::new(lines.collect::<String>(), batch.len() as u64).into()
}

/// The transport: one attempt to send. The pipeline makes others, if need be.
struct Stdout;

impl Transport for Stdout {
    fn send<'a>(&'a self, payload: &'a Payload) -> Sending<'a> {
        print!("{}", String::from_utf8_lossy(&payload.body));
        Box::pin(async { Verdict::taken() })
    }
}

#[traced]
fn load(id: u32) -> u32 {
    decode(id)
}

#[traced]
fn decode(id: u32) -> u32 {
    id * 2
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let builder = Telemetry::builder("custom").without_server();
    let telemetry = builder.export(Lines).install()?;
    load(21);
    println!("{}", telemetry.shutdown(Duration::from_secs(5))?);
    Ok(())
}
