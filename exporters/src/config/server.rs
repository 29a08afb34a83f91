//! The telemetry server: where it listens (code, then the environment, then 127.0.0.1:9090), and what it shows.

use std::net::SocketAddr;

use super::Code;
use super::env::Env;
use super::kind;
use super::setting::Setting;
use crate::error::BuildError;
use crate::server::DoorsCode;

const HOST: Setting<String> = Setting {
    code: ".serve(..)",
    variables: &["OTEL_EXPORTER_PROMETHEUS_HOST"],
    key: "meter_provider.readers.pull.exporter.prometheus/development.host",
    kind: kind::TEXT,
    default: "127.0.0.1",
    is_secret: false,
    sentence: "The address on which the telemetry server listens.",
};
const PORT: Setting<u16> = Setting {
    code: ".serve(..)",
    variables: &["OTEL_EXPORTER_PROMETHEUS_PORT"],
    key: "meter_provider.readers.pull.exporter.prometheus/development.port",
    kind: kind::OWN_PORT,
    default: "9090",
    is_secret: false,
    sentence: "The port on which the telemetry server listens.",
};
pub(crate) const SERVE_DOOR: Setting<String> = Setting {
    code: ".serve_door(..)",
    variables: &[],
    key: "server.doors",
    kind: kind::TEXT,
    default: "",
    is_secret: false,
    sentence: "The address of one door (probes, scrape or debug) alone; without it its pages are where the others are.",
};
const DEBUG_PAGES: Setting<bool> = Setting {
    code: ".debug_pages(..)",
    variables: &[],
    key: "server.debug_pages",
    kind: kind::FLAG,
    default: "",
    is_secret: false,
    sentence: "Whether the debug pages are where the others are; by default on loopback, while elsewhere they answer 404.",
};
const MAX_TRACES: Setting<usize> = Setting {
    code: ".max_traces(..)",
    variables: &[],
    key: "server.max_traces",
    kind: kind::COUNT,
    default: "200",
    is_secret: false,
    sentence: "How many traces are kept for `/debug/traces`.",
};

#[cfg(test)]
pub(super) const SETTINGS: [&dyn super::page::Declared; 5] =
    [&HOST, &PORT, &SERVE_DOOR, &DEBUG_PAGES, &MAX_TRACES];

/// What code says about the telemetry server.
#[derive(Default)]
pub(crate) enum ServerCode {
    #[default]
    Unsaid,
    At(String),
    Off,
}

/// Where to listen, and the builder's method or the variables that say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerAddress {
    pub(crate) option: &'static str,
    pub(crate) address: String,
    /// Whether nobody wrote it, so that the program can do without.
    pub(crate) is_default: bool,
}

impl ServerAddress {
    /// The address for a message, if it looks like one: what does not may be a secret that was put here by mistake.
    pub(crate) fn shown(&self) -> String {
        let is_name = |host: &str| {
            let is_part =
                |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
            !host.is_empty() && host.chars().all(is_part)
        };
        let is_host_and_port =
            |(host, port): (&str, &str)| is_name(host) && port.parse::<u16>().is_ok();
        let looks_like_one = self.address.parse::<SocketAddr>().is_ok()
            || self.address.rsplit_once(':').is_some_and(is_host_and_port);
        if looks_like_one {
            self.address.clone()
        } else {
            "***".to_owned()
        }
    }
}

/// Where the server listens, if there is one.
pub(super) fn address(code: &Code, env: &Env<'_>, is_selected: bool) -> Option<ServerAddress> {
    let option = HOST.code;
    match &code.server {
        ServerCode::At(address) => {
            return Some(ServerAddress {
                option,
                address: address.clone(),
                is_default: false,
            });
        }
        ServerCode::Off => return None,
        ServerCode::Unsaid => {}
    }
    let host = HOST.in_env(env).map(|said| said.value);
    let port = PORT.in_env(env).map(|said| said.value);
    let is_named = is_selected || host.is_some() || port.is_some();
    if !is_named && code.like_specification {
        return None;
    }
    let is_default = host.is_none() && port.is_none();
    let option = if is_named {
        "OTEL_EXPORTER_PROMETHEUS_HOST and _PORT"
    } else {
        option
    };
    let host = host.unwrap_or_else(|| HOST.default());
    let port = port.unwrap_or_else(|| PORT.default());
    // An IPv6 address needs brackets before its port.
    let address = if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    Some(ServerAddress {
        option,
        address,
        is_default,
    })
}

/// Which doors have an address of their own, and whether the debug pages are open.
///
/// # Errors
///
/// Those of [`Setting::said`].
pub(super) fn doors(code: &Code, env: &Env<'_>) -> Result<DoorsCode, BuildError> {
    let debug_pages = DEBUG_PAGES.said(code.doors.debug_pages, env)?;
    Ok(DoorsCode {
        debug_pages: debug_pages.map(|said| said.value),
        own: code.doors.own.clone(),
    })
}

/// Tells of what code says of a server that does not run.
pub(super) fn tell_unused(code: &Code, env: &Env<'_>) {
    let said = [
        (SERVE_DOOR.code, !code.doors.own.is_empty()),
        (DEBUG_PAGES.code, code.doors.debug_pages == Some(true)),
        (MAX_TRACES.code, code.max_traces.is_some()),
    ];
    let reason = "no telemetry server runs; say with `.serve(..)` where it is to listen";
    for (option, _) in said.into_iter().filter(|(_, is_said)| *is_said) {
        env.without_effect(option, reason);
    }
}

/// How many traces are kept.
///
/// # Errors
///
/// Those of [`Setting::said`].
pub(super) fn max_traces(code: &Code, env: &Env<'_>) -> Result<usize, BuildError> {
    MAX_TRACES.resolve(code.max_traces, env)
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::super::env::tests::with_env;
    use super::*;
    use crate::server::Door;

    const DEFAULT: Option<(&str, &str)> = Some((".serve(..)", "127.0.0.1:9090"));
    const IN_ENV: &str = "OTEL_EXPORTER_PROMETHEUS_HOST and _PORT";

    #[test]
    fn code_then_environment_then_default() {
        #[track_caller]
        fn check(server: ServerCode, host: &str, port: &str, expected: Option<(&str, &str)>) {
            let code = Code {
                server,
                ..Code::default()
            };
            let variables = [
                ("OTEL_EXPORTER_PROMETHEUS_HOST", host),
                ("OTEL_EXPORTER_PROMETHEUS_PORT", port),
            ];
            let (found, ignored) = with_env(&variables, |env| address(&code, env, false));
            let is_default = found.as_ref().is_some_and(|found| found.is_default);
            assert_eq!(is_default, expected == DEFAULT);
            let found = found
                .as_ref()
                .map(|found| (found.option, found.address.as_str()));
            assert_eq!(found, expected);
            assert_eq!(ignored.len(), usize::from(port == "70000"));
        }
        let unsaid = || ServerCode::Unsaid;
        check(unsaid(), "", "", DEFAULT);
        check(unsaid(), "0.0.0.0", "", Some((IN_ENV, "0.0.0.0:9090")));
        check(unsaid(), "", "0", Some((IN_ENV, "127.0.0.1:0")));
        check(unsaid(), "::1", "9464", Some((IN_ENV, "[::1]:9464")));
        check(unsaid(), "", "70000", DEFAULT);
        let said = Some((".serve(..)", "127.0.0.1:1"));
        let at = ServerCode::At("127.0.0.1:1".to_owned());
        check(at, "0.0.0.0", "2", said);
        check(ServerCode::Off, "0.0.0.0", "2", None);
    }

    #[test]
    fn what_is_said_of_a_server_that_does_not_run_is_told() {
        let mut code = Code {
            server: ServerCode::Off,
            ..Code::default()
        };
        let told = |code: &Code| with_env(&[], |env| Config::resolve(code, env)).1;
        assert_eq!(told(&code), [""; 0]);
        code.doors.debug_pages = Some(false);
        assert_eq!(told(&code), [""; 0], "they are closed");
        code.doors.debug_pages = Some(true);
        code.doors.own = vec![(Door::Probes, "127.0.0.1:8081".to_owned())];
        let reason = "no telemetry server runs; say with `.serve(..)` where it is to listen";
        let without_effect = |option| format!("{option} is without effect: {reason}");
        let expected = [".serve_door(..)", ".debug_pages(..)"].map(without_effect);
        assert_eq!(told(&code), expected);
    }

    #[test]
    fn what_is_no_address_is_not_shown() {
        let shown = |address: &str| {
            let at = ServerAddress {
                option: "X",
                address: address.to_owned(),
                is_default: false,
            };
            at.shown()
        };
        for address in ["127.0.0.1:0", "[::1]:9090", "my-host.local:9090"] {
            assert_eq!(shown(address), address);
        }
        for secret in [
            "secret",
            "//user:secret@host:9090",
            "user:secret:9090",
            "secret:",
            ":1",
        ] {
            assert_eq!(shown(secret), "***", "{secret}");
        }
    }

    #[test]
    fn by_the_specification_there_is_a_server_only_if_asked_for() {
        let code = Code {
            like_specification: true,
            ..Code::default()
        };
        let address = |variables: &[(&str, &str)], is_selected| {
            let (found, _) = with_env(variables, |env| address(&code, env, is_selected));
            found.map(|found| found.address)
        };
        assert_eq!(address(&[], false), None);
        assert_eq!(address(&[], true).as_deref(), Some("127.0.0.1:9090"));
        let port = ("OTEL_EXPORTER_PROMETHEUS_PORT", "9464");
        assert_eq!(address(&[port], false).as_deref(), Some("127.0.0.1:9464"));
    }
}
