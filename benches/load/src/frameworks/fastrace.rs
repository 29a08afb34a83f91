//! fastrace with fastrace-opentelemetry: spans, and no metrics.

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use fastrace::collector::Config;
use fastrace::prelude::{Span, SpanContext};
use fastrace_opentelemetry::OpenTelemetryReporter;
use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::Resource;

use super::{Installed, tracing::exporter};
use crate::outside::Outside;
use crate::report::Loss;
use crate::work::{Declined, Order, Tier, Work, charged, work};

/// A call in a trace of its own: the attribute makes children only.
fn order(n: u64, rounds: Work) -> Result<u64, Declined> {
    let tier = Tier::of(n);
    let root = Span::root("place", SpanContext::random());
    let root = root.with_properties(|| [("n", n.to_string()), ("tier", tier.text().to_owned())]);
    let _inside = root.set_local_parent();
    pay(work(n, rounds), tier, n.is_multiple_of(2), rounds)
}

#[fastrace::trace(properties = { "tier": "{tier:?}", "saved": "{saved}" })]
#[inline(never)]
fn pay(n: u64, tier: Tier, saved: bool, rounds: Work) -> Result<u64, Declined> {
    _ = (tier, saved);
    charge(work(n, rounds), rounds)
}

#[fastrace::trace(properties = { "n": "{n}" })]
#[inline(never)]
fn charge(n: u64, rounds: Work) -> Result<u64, Declined> {
    charged(work(n, rounds))
}

struct Fastrace;

pub(super) fn install(outside: &Outside) -> Result<Box<dyn Installed>, Box<dyn Error>> {
    let resource = Resource::builder().with_service_name("load").build();
    let scope = InstrumentationScope::builder("load").build();
    let reporter = OpenTelemetryReporter::new(exporter(outside)?, Cow::Owned(resource), scope);
    fastrace::set_reporter(reporter, Config::default());
    Ok(Box::new(Fastrace))
}

impl Installed for Fastrace {
    fn order(&self) -> Order {
        order
    }

    fn end(self: Box<Self>, _: Duration) -> Result<Option<Vec<Loss>>, Box<dyn Error>> {
        fastrace::flush();
        Ok(None)
    }
}
