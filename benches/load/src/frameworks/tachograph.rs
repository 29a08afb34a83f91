//! Ours: spans and metrics, with labels.

use std::error::Error;
use std::time::Duration;

use tachograph::{metered, traced};
use tachograph_exporters::{Otlp, Signal, Telemetry};

use super::Installed;
use crate::outside::Outside;
use crate::report::Loss;
use crate::work::{Declined, Order, Tier, Work, charged, work};

fn order(n: u64, rounds: Work) -> Result<u64, Declined> {
    place(n, Tier::of(n), rounds)
}

#[traced(fields(n, tier = tier.text()))]
#[metered(labels(tier = tier))]
#[inline(never)]
fn place(n: u64, tier: Tier, rounds: Work) -> Result<u64, Declined> {
    pay(work(n, rounds), tier, n.is_multiple_of(2), rounds)
}

#[traced(fields(tier = tier.text(), saved))]
#[metered(labels(tier = tier, saved = saved))]
#[inline(never)]
fn pay(n: u64, tier: Tier, saved: bool, rounds: Work) -> Result<u64, Declined> {
    _ = (tier, saved);
    charge(work(n, rounds), rounds)
}

#[traced(fields(n))]
#[metered]
#[inline(never)]
fn charge(n: u64, rounds: Work) -> Result<u64, Declined> {
    charged(work(n, rounds))
}

pub(super) fn install(outside: &mut Outside) -> Result<Box<dyn Installed>, Box<dyn Error>> {
    let telemetry = Telemetry::builder("load")
        .export(Otlp::http(outside.endpoint()))
        .serve("127.0.0.1:0")
        .install()?;
    if let Some(address) = telemetry.server_address() {
        outside.scrape(address)?;
    }
    Ok(Box::new(telemetry))
}

impl Installed for Telemetry {
    fn order(&self) -> Order {
        order
    }

    fn end(self: Box<Self>, timeout: Duration) -> Result<Option<Vec<Loss>>, Box<dyn Error>> {
        let dropped = self.shutdown(timeout)?;
        let losses = dropped.iter().filter(|loss| loss.signal == Signal::Traces);
        let losses = losses.map(|loss| Loss {
            cause: format!("{}, {}", loss.exporter, loss.cause.as_str()),
            spans: loss.items,
        });
        Ok(Some(losses.collect()))
    }
}
