//! Which exporters the environment asks for, besides those that code names.

use super::Code;
use super::env::Env;
use super::kind;
use super::setting::Setting;
use crate::backends::{self, Backend};
use crate::signal::Signal;

const TRACES: Setting<Vec<String>> = Setting {
    code: ".export(..)",
    variables: &["OTEL_TRACES_EXPORTER"],
    key: "tracer_provider.processors.batch.exporter",
    kind: kind::WORDS,
    default: "",
    is_secret: false,
    sentence: "Where spans go: names of backends, or `none`. Without it, to the backends with an endpoint variable; with \
               `Telemetry::from_env()` to `otlp` besides.",
};
const METRICS: Setting<Vec<String>> = Setting {
    code: ".export(..), .serve(..)",
    variables: &["OTEL_METRICS_EXPORTER"],
    key: "meter_provider.readers",
    kind: kind::WORDS,
    default: "",
    is_secret: false,
    sentence: "Where metrics go, by the same rules; `prometheus` is the telemetry server.",
};

#[cfg(test)]
pub(super) const SETTINGS: [&dyn super::page::Declared; 2] = [&TRACES, &METRICS];

/// The name of the telemetry server among exporters of metrics.
const SERVER: &str = "prometheus";

/// What the environment selects.
#[derive(Default)]
pub(crate) struct Selection {
    /// The backends, each with the signals that it is to have.
    pub(crate) backends: Vec<(&'static Backend, Vec<Signal>)>,
    /// The telemetry server.
    pub(crate) server: bool,
}

/// The lists in `OTEL_TRACES_EXPORTER` and `OTEL_METRICS_EXPORTER`; without a list, the backends with an endpoint
/// variable, or those of the specification.
pub(crate) fn select(code: &Code, env: &Env<'_>) -> Selection {
    select_among(&backends::ALL, code, env)
}

/// Backends by name, with those that are compiled in.
type All = [(&'static str, Option<&'static Backend>)];

fn select_among(all: &All, code: &Code, env: &Env<'_>) -> Selection {
    let mut selection = Selection::default();
    for (list, signal) in [(&TRACES, Signal::Traces), (&METRICS, Signal::Metrics)] {
        let Some(listed) = list.in_env(env) else {
            selection.add_defaults(all, code, &env.of(signal), signal);
            continue;
        };
        for (index, name) in listed.value.iter().enumerate() {
            if let Err(reason) = selection.add(all, name, signal) {
                let reason = format!("name {} in it is {reason}", index + 1);
                env.ignore(listed.place.option(), reason);
            }
        }
    }
    selection
}

impl Selection {
    fn add(&mut self, all: &All, name: &str, signal: Signal) -> Result<(), String> {
        if name == "none" {
            return Ok(());
        }
        if name == SERVER && signal == Signal::Metrics {
            self.server = cfg!(feature = "prometheus");
            let is_there = self.server.then_some(());
            return is_there.ok_or_else(|| not_compiled_in(SERVER));
        }
        let known = all.iter().find(|(known, _)| *known == name);
        match known {
            Some((_, Some(backend))) if backend.signals.contains(&signal) => {
                self.select(backend, signal);
                Ok(())
            }
            Some((name, None)) => Err(not_compiled_in(name)),
            _ => {
                let server = (signal == Signal::Metrics).then_some(SERVER);
                let takes_it = |backend: &&Backend| backend.signals.contains(&signal);
                let backends = all.iter().filter_map(|(_, backend)| *backend);
                let backends = backends.filter(takes_it);
                let names = backends.map(|backend| backend.name).chain(server);
                let names = names.map(|name| format!("`{name}`")).collect::<Vec<_>>();
                let names = names.join(", ");
                Err(format!(
                    "no exporter of {signal}; write some of {names}, or `none`"
                ))
            }
        }
    }

    /// What nobody lists: backends with an endpoint variable, and those of the specification.
    fn add_defaults(&mut self, all: &All, code: &Code, env: &Env<'_>, signal: Signal) {
        for (name, backend) in all {
            let Some(backend) = backend else {
                let endpoint = format!("OTEL_EXPORTER_{}_ENDPOINT", name.to_ascii_uppercase());
                if env.is_set(&endpoint) {
                    env.ignore(
                        &endpoint,
                        format!("its backend is {}", not_compiled_in(name)),
                    );
                }
                continue;
            };
            let variables = backend.endpoints.iter();
            let mut variables = variables.filter_map(|declared| env.variable(declared));
            let is_named = variables.any(|name| env.is_set(&name));
            let is_default = code.like_specification && backend.is_default;
            if backend.signals.contains(&signal) && (is_named || is_default) {
                self.select(backend, signal);
            }
        }
    }

    fn select(&mut self, backend: &'static Backend, signal: Signal) {
        let mut known = self.backends.iter_mut();
        match known.find(|(known, _)| known.name == backend.name) {
            Some((_, signals)) if signals.contains(&signal) => {}
            Some((_, signals)) => signals.push(signal),
            None => self.backends.push((backend, vec![signal])),
        }
    }
}

fn not_compiled_in(name: &str) -> String {
    format!("not compiled in; enable the feature `{name}` of `tachograph-exporters`")
}

#[cfg(test)]
mod tests {
    use std::any::TypeId;

    use super::*;
    use crate::config::env::tests::with_env;

    const fn backend(name: &'static str, endpoints: &'static [&'static str]) -> Backend {
        Backend {
            name,
            signals: &[Signal::Traces],
            is_default: false,
            endpoints,
            exporter: TypeId::of::<()>,
            in_env: |_, _| Ok(Vec::new()),
            settings: &[],
        }
    }

    const MAIL: Backend = Backend {
        signals: &[Signal::Traces, Signal::Metrics],
        is_default: true,
        ..backend("mail", &["MAIL_{SIGNAL}_BOX", "MAIL_BOX"])
    };
    const PIGEON: Backend = backend("pigeon", &["PIGEON_LOFT"]);
    const ALL: [(&str, Option<&Backend>); 3] = [
        ("mail", Some(&MAIL)),
        ("pigeon", Some(&PIGEON)),
        ("bottle", None),
    ];

    /// What is selected by a builder, and by `from_env`: names of backends with their signals.
    #[track_caller]
    fn check(
        variables: &[(&str, &str)],
        by_builder: &str,
        by_specification: &str,
        warnings: &[&str],
    ) {
        for (like_specification, expected) in [(false, by_builder), (true, by_specification)] {
            let code = Code {
                like_specification,
                ..Code::default()
            };
            let (selection, ignored) = with_env(variables, |env| select_among(&ALL, &code, env));
            let backends = selection.backends.iter();
            let backends = backends.map(|(backend, signals)| {
                let signals = signals.iter().map(|signal| signal.as_str());
                format!("{} {}", backend.name, signals.collect::<Vec<_>>().join(" "))
            });
            let server = selection.server.then(|| SERVER.to_owned());
            let words = backends.chain(server).collect::<Vec<_>>();
            assert_eq!(words.join(", "), expected, "{variables:?}");
            assert_eq!(ignored, warnings, "{variables:?}");
        }
    }

    #[test]
    fn without_lists_endpoints_name_exporters() {
        let mail = "mail traces metrics";
        check(&[], "", mail, &[]);
        check(&[("MAIL_BOX", "7")], mail, mail, &[]);
        check(&[("MAIL_TRACES_BOX", "7")], "mail traces", mail, &[]);
        let both = "mail traces metrics, pigeon traces";
        check(&[("PIGEON_LOFT", "red")], "pigeon traces", both, &[]);
    }

    #[test]
    fn lists_say_it_all() {
        let check = |variables: &[(&str, &str)], expected: &str, warnings: &[&str]| {
            check(variables, expected, expected, warnings);
        };
        let (traces, metrics) = (TRACES.variables[0], METRICS.variables[0]);
        let lists = [(traces, "pigeon,MAIL"), (metrics, "none")];
        check(&lists, "pigeon traces, mail traces", &[]);
        let endpoint = ("MAIL_BOX", "7");
        let lists = [(traces, "none"), (metrics, "prometheus"), endpoint];
        check(&lists, "prometheus", &[]);
        let warning = "OTEL_TRACES_EXPORTER is ignored: name 1 in it is no exporter of traces; write some of `mail`, \
                       `pigeon`, or `none`";
        let lists = [(traces, "console"), (metrics, "none")];
        check(&lists, "", &[warning]);
        let warning = "OTEL_METRICS_EXPORTER is ignored: name 2 in it is no exporter of metrics; write some of `mail`, \
                       `prometheus`, or `none`";
        let lists = [(traces, "none"), (metrics, "mail,pigeon")];
        check(&lists, "mail metrics", &[warning]);
    }

    #[test]
    fn what_is_not_compiled_in_is_told() {
        let lists = [
            (TRACES.variables[0], "bottle"),
            (METRICS.variables[0], "none"),
        ];
        let instead = "not compiled in; enable the feature `bottle` of `tachograph-exporters`";
        let warning = format!("OTEL_TRACES_EXPORTER is ignored: name 1 in it is {instead}");
        check(&lists, "", "", &[&warning]);
        let endpoint = ("OTEL_EXPORTER_BOTTLE_ENDPOINT", "http://sea/?key=secret");
        let warning = format!("OTEL_EXPORTER_BOTTLE_ENDPOINT is ignored: its backend is {instead}");
        check(&[endpoint], "", "mail traces metrics", &[&warning]);
    }
}
