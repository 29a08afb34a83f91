//! Exporters as values: what the built-in ones are, and those that others write.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tachograph::Resource;
use tachograph::metrics::{FunctionBuckets, Snapshot};
use tachograph::trace::SpanBatch;

use crate::config::env::Env;
use crate::error::BuildError;
use crate::pipeline::sink::{Delivery, Encoder, Sink, Transport};
use crate::pipeline::work::Sinks;
use crate::report::Reporter;

/// A way out of the process, given to [`TelemetryBuilder::export`](crate::TelemetryBuilder::export).
///
/// An exporter opens a lane for each signal that it takes. A lane has an [`Encoder`], which makes finished requests of
/// data and does no I/O, and a [`Transport`], which makes one attempt to send one request. Queues, batches, time limits,
/// retries and the counting of what is lost are the pipeline's, the same for all exporters.
///
/// ```
/// use std::borrow::Cow;
///
/// use tachograph::trace::SpanBatch;
/// use tachograph_exporters::{
///     BuildError, Encoded, Exporter, Lanes, Limits, Payload, Sending, Telemetry, Transport, Verdict,
/// };
///
/// /// Writes a line for each span.
/// struct Lines;
///
/// impl Exporter for Lines {
///     fn name(&self) -> Cow<'static, str> {
///         "lines".into()
///     }
///
///     fn open(self: Box<Self>, lanes: &mut Lanes<'_>) -> Result<(), BuildError> {
///         lanes.spans(lines, Stdout);
///         Ok(())
///     }
/// }
///
/// fn lines(batch: &SpanBatch, _: Limits) -> Encoded {
///     let lines = batch.iter().map(|span| format!("{}\n", span.name()));
///     Payload::new(lines.collect::<String>(), batch.len() as u64).into()
/// }
///
/// struct Stdout;
///
/// impl Transport for Stdout {
///     fn send<'a>(&'a self, payload: &'a Payload) -> Sending<'a> {
///         print!("{}", String::from_utf8_lossy(&payload.body));
///         Box::pin(async { Verdict::taken() })
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = Telemetry::builder("checkout").without_server().export(Lines).install()?;
/// # Ok(())
/// # }
/// ```
pub trait Exporter: Send + 'static {
    /// The name in figures and messages, such as `otlp_http`; the second of one name becomes `otlp_http_2`. Control
    /// characters are left out, and `collector`, which tells of what came to no exporter, becomes `collector_2`.
    fn name(&self) -> Cow<'static, str>;

    /// Opens a lane for each signal that this exporter takes. It is called once, by `install()`, within the exporters'
    /// runtime.
    ///
    /// # Errors
    ///
    /// A [`BuildError`] is what `install()` returns.
    ///
    /// # Panics
    ///
    /// A panic in here, or in [`name`](Self::name), goes through `install()`; nothing is left running then.
    fn open(self: Box<Self>, lanes: &mut Lanes<'_>) -> Result<(), BuildError>;
}

/// The lanes of one exporter, as it opens them.
pub struct Lanes<'a> {
    name: Arc<str>,
    resource: &'a Resource,
    #[cfg_attr(
        not(feature = "_http"),
        allow(dead_code, reason = "no built-in exporter asks")
    )]
    env: &'a Env<'a>,
    #[cfg_attr(
        not(feature = "_http"),
        allow(dead_code, reason = "no built-in exporter asks")
    )]
    reporter: &'a Arc<Reporter>,
    /// What holds for lanes of which the exporter says nothing else.
    delivery: Delivery,
    opened: &'a mut Opened,
}

/// What all exporters have opened.
#[derive(Default)]
pub(crate) struct Opened {
    pub(crate) sinks: Sinks,
    /// The form of functions' durations, if an exporter asks for one.
    pub(crate) function_buckets: Option<FunctionBuckets>,
}

/// A lane that was opened, for what is said of it alone.
#[derive(Debug)]
pub struct Lane<'a> {
    delivery: &'a mut Delivery,
}

impl<'a> Lanes<'a> {
    pub(crate) fn new(
        name: Arc<str>,
        resource: &'a Resource,
        env: &'a Env<'a>,
        reporter: &'a Arc<Reporter>,
        delivery: Delivery,
        opened: &'a mut Opened,
    ) -> Self {
        Self {
            name,
            resource,
            env,
            reporter,
            delivery,
            opened,
        }
    }

    /// Who sends: the service's name and what else describes this process.
    #[must_use]
    pub fn resource(&self) -> &'a Resource {
        self.resource
    }

    /// Opens a lane for spans.
    pub fn spans(
        &mut self,
        encoder: impl Encoder<SpanBatch> + 'static,
        transport: impl Transport + 'static,
    ) -> Lane<'_> {
        let sink = self.sink(encoder, transport);
        opened(&mut self.opened.sinks.spans, sink)
    }

    /// Opens a lane for metrics.
    pub fn metrics(
        &mut self,
        encoder: impl Encoder<Snapshot> + 'static,
        transport: impl Transport + 'static,
    ) -> Lane<'_> {
        let sink = self.sink(encoder, transport);
        opened(&mut self.opened.sinks.metrics, sink)
    }

    fn sink<D>(
        &self,
        encoder: impl Encoder<D> + 'static,
        transport: impl Transport + 'static,
    ) -> Sink<D> {
        Sink {
            name: Arc::clone(&self.name),
            encoder: Box::new(encoder),
            transport: Box::new(transport),
            delivery: self.delivery,
        }
    }

    /// The environment, for the built-in exporters.
    #[cfg_attr(
        not(feature = "_http"),
        allow(dead_code, reason = "no built-in exporter asks")
    )]
    pub(crate) fn env(&self) -> &'a Env<'a> {
        self.env
    }

    /// Who hears what goes wrong while the program runs, for the built-in exporters.
    #[cfg_attr(
        not(feature = "_http"),
        allow(dead_code, reason = "no built-in exporter asks")
    )]
    pub(crate) fn reporter(&self) -> &'a Arc<Reporter> {
        self.reporter
    }

    /// The form that durations of functions are to have, unless code says one.
    #[cfg(feature = "otlp")]
    pub(crate) fn prefer_function_buckets(&mut self, buckets: FunctionBuckets) {
        self.opened.function_buckets = Some(buckets);
    }
}

// Whoever says nothing of a lane does not use it.
#[allow(
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "it is about the lane"
)]
/// What is given zero here is an error of `install()`.
impl Lane<'_> {
    /// Bounds all attempts to send one request; 10 seconds by default. Pauses between attempts do not count.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.delivery.timeout = timeout;
        self
    }

    /// No request is larger than this, before compression; 20 MiB by default.
    pub fn max_request_bytes(self, bytes: usize) -> Self {
        self.delivery.limits.max_request_bytes = bytes;
        self
    }

    /// What could not be sent for so long is dropped; by default what
    /// [`TelemetryBuilder::max_age`](crate::TelemetryBuilder::max_age) says.
    pub fn max_age(self, age: Duration) -> Self {
        self.delivery.max_age = age;
        self
    }

    /// How many requests are under way at a time; by default what
    /// [`TelemetryBuilder::max_in_flight`](crate::TelemetryBuilder::max_in_flight) says. Snapshots of metrics go one by one.
    pub fn max_in_flight(self, requests: usize) -> Self {
        self.delivery.max_in_flight = requests;
        self
    }
}

fn opened<D>(sinks: &mut Vec<Sink<D>>, sink: Sink<D>) -> Lane<'_> {
    sinks.push(sink);
    let sink = sinks.last_mut().expect("it was put there just now");
    Lane {
        delivery: &mut sink.delivery,
    }
}

impl fmt::Debug for Lanes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lanes")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::config::env::tests::with_env;
    use crate::pipeline::payload::{Encoded, Limits, Payload};
    use crate::pipeline::sink::Sending;
    use crate::pipeline::verdict::Verdict;

    /// What an exporter opens where neither the builder nor the environment says anything.
    #[cfg(feature = "_http")]
    pub(crate) fn opened(exporter: impl Exporter, resource: &Resource) -> Opened {
        opened_with(Delivery::default(), exporter, resource)
    }

    /// What an exporter opens where the builder says how requests are delivered.
    pub(crate) fn opened_with(
        delivery: Delivery,
        exporter: impl Exporter,
        resource: &Resource,
    ) -> Opened {
        let mut opened = Opened::default();
        let reporter = Reporter::silent();
        let (result, ignored) = with_env(&[], |env| {
            let mut lanes = Lanes::new(
                "test".into(),
                resource,
                env,
                &reporter,
                delivery,
                &mut opened,
            );
            Box::new(exporter).open(&mut lanes)
        });
        result.expect("nothing is wrong with it");
        assert_eq!(ignored, [""; 0]);
        opened
    }

    /// An exporter that somebody else wrote.
    struct Nothing;

    impl Exporter for Nothing {
        fn name(&self) -> Cow<'static, str> {
            "nothing".into()
        }

        fn open(self: Box<Self>, lanes: &mut Lanes<'_>) -> Result<(), BuildError> {
            let encode = |_: &SpanBatch, _: Limits| Encoded::default();
            let lane = lanes.spans(encode, Refusal);
            let lane = lane.timeout(Duration::from_secs(3)).max_request_bytes(5);
            lane.max_age(Duration::from_secs(60)).max_in_flight(2);
            lanes.metrics(|_: &Snapshot, _: Limits| Encoded::default(), Refusal);
            Ok(())
        }
    }

    struct Refusal;

    impl Transport for Refusal {
        fn send<'a>(&'a self, _: &'a Payload) -> Sending<'a> {
            Box::pin(async { Verdict::refused("on principle") })
        }
    }

    #[test]
    fn each_lane_has_what_was_said_of_it() {
        let said = Delivery {
            max_age: Duration::from_secs(30),
            max_in_flight: 7,
            ..Delivery::default()
        };
        let sinks = opened_with(said, Nothing, &Resource::new("shop")).sinks;
        let [spans] = &sinks.spans[..] else {
            panic!("one lane");
        };
        let [metrics] = &sinks.metrics[..] else {
            panic!("one lane");
        };
        assert_eq!(spans.delivery.timeout, Duration::from_secs(3));
        assert_eq!(spans.delivery.limits.max_request_bytes, 5);
        assert_eq!(spans.delivery.max_age, Duration::from_secs(60));
        assert_eq!(spans.delivery.max_in_flight, 2);
        assert_eq!(metrics.delivery, said);
        assert_eq!((&*spans.name, &*metrics.name), ("test", "test"));
    }
}
