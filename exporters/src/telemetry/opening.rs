//! From exporters to what they have opened.

use std::any::TypeId;
use std::sync::Arc;

use tachograph::Resource;

use crate::config::Selection;
use crate::config::env::Env;
use crate::dropped::COLLECTOR;
use crate::error::BuildError;
use crate::exporter::{Exporter, Lanes, Opened};
use crate::pipeline::sink::Delivery;
use crate::report::{Reporter, visible};

/// An exporter that code gives, and its type.
pub(super) struct Exported {
    pub(super) kind: TypeId,
    pub(super) exporter: Box<dyn Exporter>,
}

/// Opens the lanes of all exporters: those of code, and those that the environment selects. A backend that code exports
/// to is not added by the environment.
///
/// # Errors
///
/// Those of [`Exporter::open`], and [`BuildError::InvalidConfig`] for a lane that was given zero.
pub(super) fn open(
    exported: Vec<Exported>,
    selection: &Selection,
    resource: &Resource,
    env: &Env<'_>,
    reporter: &Arc<Reporter>,
    delivery: Delivery,
) -> Result<Opened, BuildError> {
    let kinds = exported.iter().map(|it| it.kind).collect::<Vec<_>>();
    let mut exporters = exported
        .into_iter()
        .map(|it| it.exporter)
        .collect::<Vec<_>>();
    for (backend, signals) in &selection.backends {
        if !kinds.contains(&(backend.exporter)()) {
            exporters.extend((backend.in_env)(signals, env)?);
        }
    }
    let mut opened = Opened::default();
    let mut names = vec![Arc::from(COLLECTOR)];
    for exporter in exporters {
        let name = unique(&exporter.name(), &names);
        names.push(Arc::clone(&name));
        exporter.open(&mut Lanes::new(
            name,
            resource,
            env,
            reporter,
            delivery,
            &mut opened,
        ))?;
    }
    refuse_zero(&opened)?;
    Ok(opened)
}

/// Refuses lanes that could not send anything.
fn refuse_zero(opened: &Opened) -> Result<(), BuildError> {
    let spans = opened.sinks.spans.iter();
    let spans = spans.map(|sink| (&sink.name, sink.delivery));
    let metrics = opened.sinks.metrics.iter();
    let metrics = metrics.map(|sink| (&sink.name, sink.delivery));
    for (name, delivery) in spans.chain(metrics) {
        if let Some(method) = delivery.zero() {
            return Err(BuildError::InvalidConfig {
                option: format!("{method} of the exporter `{name}`"),
                value: "0".to_owned(),
                reason: "it must be above zero".to_owned(),
            });
        }
    }
    Ok(())
}

/// The name as figures and messages may show it, with a number if it is taken.
fn unique(name: &str, taken: &[Arc<str>]) -> Arc<str> {
    let name = match visible(name) {
        name if name.trim().is_empty() => "exporter".to_owned(),
        name => name,
    };
    let is_free = |name: &str| taken.iter().all(|taken| **taken != *name);
    let numbered = (2_u32..).map(|number| format!("{name}_{number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    let free = names.find(|name| is_free(name));
    free.expect("there are more numbers than exporters").into()
}

#[cfg(test)]
pub(super) mod tests {
    use std::borrow::Cow;
    use std::cell::RefCell;
    use std::collections::BTreeSet;
    use std::ffi::OsString;
    use std::sync::Mutex;
    use std::time::Duration;

    use tachograph::trace::SpanBatch;

    use super::*;
    use crate::backends;
    use crate::config::page::declared_variables;
    use crate::config::{Code, Config};
    use crate::exporter::Lane;
    use crate::pipeline::payload::{Encoded, Limits, Payload};
    use crate::pipeline::sink::{Sending, Transport};
    use crate::pipeline::verdict::Verdict;

    /// The names of all variables that are read where these are set.
    fn variables_read(variables: &[(&str, &str)]) -> BTreeSet<String> {
        let read = RefCell::new(BTreeSet::new());
        let lookup = |name: &str| {
            read.borrow_mut().insert(name.to_owned());
            let mut variables = variables.iter();
            let found = variables.find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(*value))
        };
        let env = Env::new(&lookup);
        crate::config::log_level(&env);
        let code = Code {
            like_specification: true,
            ..Code::default()
        };
        let config = Config::resolve(&code, &env);
        let config = config.unwrap().expect("it is not switched off");
        let opened = || {
            open(
                Vec::new(),
                &config.selection,
                &config.resource,
                &env,
                &Reporter::silent(),
                config.delivery,
            )
        };
        let _ = within_a_runtime(opened);
        read.into_inner()
    }

    #[test]
    fn variables_are_read_if_they_are_declared_and_only_then() {
        let jaeger = ("OTEL_TRACES_EXPORTER", "jaeger");
        let otlp = ("OTEL_METRICS_EXPORTER", "otlp");
        let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
        let no_scheme = ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost");
        let endpoint = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://localhost");
        let ratio = ("OTEL_TRACES_SAMPLER", "traceidratio");
        let environments: [&[(&str, &str)]; 5] = [
            &[],
            &[jaeger, otlp],
            &[otlp, grpc, endpoint],
            &[otlp, grpc, no_scheme],
            &[no_scheme, grpc, ratio],
        ];
        let mut read: BTreeSet<_> = environments.into_iter().flat_map(variables_read).collect();
        // Of what is not compiled in only the endpoint is looked for, to tell of it.
        for (name, _) in backends::ALL
            .iter()
            .filter(|(_, backend)| backend.is_none())
        {
            read.remove(&format!("OTEL_EXPORTER_{}_ENDPOINT", name.to_uppercase()));
        }
        assert_eq!(read, declared_variables());
    }

    pub(in crate::telemetry) fn within_a_runtime<T>(body: impl FnOnce() -> T) -> T {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        let _entered = runtime.enter();
        body()
    }

    #[test]
    fn each_exporter_has_a_name_of_its_own() {
        let mut names: Vec<Arc<str>> = Vec::new();
        for name in ["a", "a", "a_2", "b", "a"] {
            names.push(unique(name, &names));
        }
        let expected = ["a", "a_2", "a_2_2", "b", "a_3"];
        assert!(names.iter().map(|name| &**name).eq(expected), "{names:?}");
    }

    /// An exporter that opens no lane.
    struct Named(&'static str, Arc<Mutex<Vec<String>>>);

    impl Exporter for Named {
        fn name(&self) -> Cow<'static, str> {
            self.0.into()
        }

        fn open(self: Box<Self>, lanes: &mut Lanes<'_>) -> Result<(), BuildError> {
            self.1.lock().unwrap().push(format!("{lanes:?}"));
            Ok(())
        }
    }

    /// An exporter with a lane for spans that is given something.
    struct Given(fn(Lane<'_>) -> Lane<'_>);

    impl Exporter for Given {
        fn name(&self) -> Cow<'static, str> {
            "given".into()
        }

        fn open(self: Box<Self>, lanes: &mut Lanes<'_>) -> Result<(), BuildError> {
            (self.0)(lanes.spans(|_: &SpanBatch, _: Limits| Encoded::default(), Refusal));
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
    fn a_lane_that_could_send_nothing_is_refused() {
        let opened = |given| {
            let given = Exported {
                kind: TypeId::of::<Given>(),
                exporter: Box::new(Given(given)),
            };
            let (resource, selection) = (Resource::new("shop"), Selection::default());
            let lookup = |_: &str| None;
            let env = Env::new(&lookup);
            let (delivery, silent) = (Delivery::default(), Reporter::silent());
            let opened = open(vec![given], &selection, &resource, &env, &silent, delivery);
            opened.map(|_| ()).map_err(|error| error.to_string())
        };
        let refused = |method: &str| {
            Err(format!(
                "{method} of the exporter `given` cannot be `0`: it must be above zero"
            ))
        };
        assert_eq!(opened(|lane| lane.max_in_flight(1)), Ok(()));
        assert_eq!(
            opened(|lane| lane.max_in_flight(0)),
            refused("Lane::max_in_flight(..)")
        );
        assert_eq!(
            opened(|lane| lane.max_age(Duration::ZERO)),
            refused("Lane::max_age(..)")
        );
        assert_eq!(
            opened(|lane| lane.max_request_bytes(0)),
            refused("Lane::max_request_bytes(..)")
        );
        assert_eq!(
            opened(|lane| lane.timeout(Duration::ZERO)),
            refused("Lane::timeout(..)")
        );
    }

    #[test]
    fn no_name_is_the_collectors_or_empty_or_steers_a_terminal() {
        let seen = Arc::default();
        let names = ["collector", "", " ", "a\n\u{1b}[31m\u{202e}b"];
        let exported = names.map(|name| Exported {
            kind: TypeId::of::<Named>(),
            exporter: Box::new(Named(name, Arc::clone(&seen))),
        });
        let resource = Resource::new("shop");
        let selection = Selection::default();
        let lookup = |_: &str| None;
        let env = Env::new(&lookup);
        let delivery = Delivery::default();
        let (exported, silent) = (exported.into(), Reporter::silent());
        open(exported, &selection, &resource, &env, &silent, delivery).unwrap();
        let expected = ["collector_2", "exporter", "exporter_2", "a[31mb"];
        let expected = expected.map(|name| format!("Lanes {{ name: {name:?}, .. }}"));
        assert_eq!(*seen.lock().unwrap(), expected);
    }
}
