//! `#[instrument]` with tracing-opentelemetry and opentelemetry-otlp: spans, and no metrics.

use std::error::Error;
use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::instrument;
use tracing_subscriber::layer::SubscriberExt;

use super::Installed;
use crate::outside::Outside;
use crate::report::Loss;
use crate::work::{Declined, Order, Tier, Work, charged, work};

fn order(n: u64, rounds: Work) -> Result<u64, Declined> {
    place(n, Tier::of(n), rounds)
}

#[instrument(skip_all, fields(n, tier = tier.text()))]
#[inline(never)]
fn place(n: u64, tier: Tier, rounds: Work) -> Result<u64, Declined> {
    pay(work(n, rounds), tier, n.is_multiple_of(2), rounds)
}

#[instrument(skip_all, fields(tier = tier.text(), saved))]
#[inline(never)]
fn pay(n: u64, tier: Tier, saved: bool, rounds: Work) -> Result<u64, Declined> {
    _ = (tier, saved);
    charge(work(n, rounds), rounds)
}

#[instrument(skip_all, fields(n))]
#[inline(never)]
fn charge(n: u64, rounds: Work) -> Result<u64, Declined> {
    charged(work(n, rounds))
}

/// Over HTTP, as protobuf, with a blocking client, which is the default of opentelemetry-otlp.
pub(super) fn exporter(outside: &Outside) -> Result<SpanExporter, Box<dyn Error>> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", outside.endpoint()));
    Ok(exporter.build()?)
}

pub(super) fn install(outside: &Outside) -> Result<Box<dyn Installed>, Box<dyn Error>> {
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter(outside)?)
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("load"));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))?;
    Ok(Box::new(provider))
}

impl Installed for SdkTracerProvider {
    fn order(&self) -> Order {
        order
    }

    fn end(self: Box<Self>, timeout: Duration) -> Result<Option<Vec<Loss>>, Box<dyn Error>> {
        self.shutdown_with_timeout(timeout)?;
        Ok(None)
    }
}
