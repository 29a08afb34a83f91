//! Options of Jaeger, and what they come to: code, then `OTEL_EXPORTER_JAEGER_*`.

use std::path::PathBuf;
use std::time::Duration;

use http::HeaderMap;

use super::exporter::{Jaeger, Place, Target};
use super::{Config, HttpConfig, UdpConfig, basic_auth};
use crate::config::env::Env;
use crate::config::kind::{self, Kind};
use crate::config::setting::{Said, Setting};
use crate::error::BuildError;
use crate::transport::endpoint::Endpoint;
use crate::transport::tls::{File, Tls, Trusted};

const PROTOCOL: Setting<bool> = Setting {
    code: "Jaeger::http(..), Jaeger::agent(..)",
    variables: &["OTEL_EXPORTER_JAEGER_PROTOCOL"],
    key: "",
    kind: Kind::choice(&[("http/thrift.binary", true), ("udp/thrift.compact", false)]),
    default: "http/thrift.binary",
    is_secret: false,
    sentence: "How batches travel; over UDP if only an agent is named.",
};

pub(super) const ENDPOINT: Setting<String> = Setting {
    code: "Jaeger::http(..)",
    variables: &["OTEL_EXPORTER_JAEGER_ENDPOINT"],
    key: "jaeger.endpoint",
    kind: kind::TEXT,
    default: "http://localhost:14268/api/traces",
    is_secret: false,
    sentence: "The whole URL of a collector.",
};

pub(super) const AGENT_HOST: Setting<String> = Setting {
    code: "Jaeger::agent(..)",
    variables: &["OTEL_EXPORTER_JAEGER_AGENT_HOST"],
    key: "jaeger.agent_host",
    kind: kind::TEXT,
    default: "localhost",
    is_secret: false,
    sentence: "The name or address of an agent.",
};

const AGENT_PORT: Setting<u16> = Setting {
    code: "Jaeger::agent(..)",
    variables: &["OTEL_EXPORTER_JAEGER_AGENT_PORT"],
    key: "jaeger.agent_port",
    kind: kind::PORT,
    default: "6831",
    is_secret: false,
    sentence: "The port on which an agent takes the compact protocol.",
};

const TIMEOUT: Setting<Duration> = Setting {
    code: "Jaeger::timeout(..)",
    variables: &["OTEL_EXPORTER_JAEGER_TIMEOUT"],
    key: "jaeger.timeout",
    kind: kind::TIMEOUT,
    default: "10000",
    is_secret: false,
    sentence: "Bounds all attempts to send one batch.",
};

const USER: Setting<String> = Setting {
    code: "Jaeger::auth(..)",
    variables: &["OTEL_EXPORTER_JAEGER_USER"],
    key: "jaeger.user",
    kind: kind::VERBATIM,
    default: "",
    is_secret: true,
    sentence: "Who this process says it is to a collector; that of the environment goes only to its endpoint.",
};

const PASSWORD: Setting<String> = Setting {
    code: "Jaeger::auth(..)",
    variables: &["OTEL_EXPORTER_JAEGER_PASSWORD"],
    key: "jaeger.password",
    kind: kind::VERBATIM,
    default: "",
    is_secret: true,
    sentence: "The password of that user.",
};

pub(super) const CA: Setting<String> = Setting {
    code: "Jaeger::ca(..)",
    variables: &[],
    key: "jaeger.tls.ca_file",
    kind: kind::TEXT,
    default: "",
    is_secret: false,
    sentence: "A PEM file: who is trusted, in the place of the public authorities.",
};

pub(super) const SYSTEM_ROOTS: Setting<bool> = Setting {
    code: "Jaeger::system_roots()",
    variables: &[],
    key: "jaeger.tls.system_roots",
    kind: kind::FLAG,
    default: "false",
    is_secret: false,
    sentence: "Whether those are trusted whom the operating system trusts, in the place of the public authorities.",
};

#[cfg(test)]
pub(super) const SETTINGS: &[&dyn crate::config::page::Declared] = &[
    &PROTOCOL,
    &ENDPOINT,
    &AGENT_HOST,
    &AGENT_PORT,
    &TIMEOUT,
    &USER,
    &PASSWORD,
    &CA,
    &SYSTEM_ROOTS,
];

/// The exporter that the environment asks for.
pub(super) fn in_env(env: &Env<'_>) -> Jaeger {
    let endpoint = ENDPOINT.in_env(env).map(|said| said.value);
    let host = AGENT_HOST.in_env(env).map(|said| said.value);
    let port = AGENT_PORT.in_env(env).map(|said| said.value);
    let is_http = PROTOCOL.in_env(env).map(|said| said.value);
    // Whoever names an agent alone wants to reach it.
    let names_agent = host.is_some() || port.is_some();
    let place = |setting: &Setting<String>, written: Option<String>| Place {
        option: setting.variables[0],
        written: written.unwrap_or_else(|| setting.default()),
        is_in_env: true,
    };
    let target = if is_http.unwrap_or(endpoint.is_some() || !names_agent) {
        Target::Collector(place(&ENDPOINT, endpoint))
    } else {
        let port = port.unwrap_or_else(|| AGENT_PORT.default());
        Target::Agent(place(&AGENT_HOST, host), port)
    };
    Jaeger::to(target)
}

/// Where spans of this exporter go, and how.
///
/// # Errors
///
/// [`BuildError`] for an endpoint or a timeout that cannot be used, or a user that basic authentication cannot carry.
pub(super) fn config(jaeger: &Jaeger, env: &Env<'_>) -> Result<Config, BuildError> {
    let timeout = TIMEOUT.resolve(jaeger.timeout, env)?;
    match &jaeger.target {
        Target::Collector(place) => Ok(Config::Collector(Box::new(HttpConfig {
            endpoint: Endpoint::parse(place.option, &place.written)?,
            headers: auth(jaeger, place, env)?,
            timeout,
            tls: tls(jaeger),
        }))),
        Target::Agent(place, port) => {
            tell_of_unused(jaeger, env);
            Ok(Config::Agent(UdpConfig {
                option: place.option,
                host: place.written.clone(),
                port: *port,
                timeout,
            }))
        }
    }
}

/// Who this process says it is, if anybody.
fn auth(jaeger: &Jaeger, place: &Place, env: &Env<'_>) -> Result<HeaderMap, BuildError> {
    if let Some((user, password)) = &jaeger.auth {
        return basic_auth(USER.code, user, password);
    }
    let (user, password) = (USER.in_env(env), PASSWORD.in_env(env));
    let Some(option) = user.as_ref().or(password.as_ref()) else {
        return Ok(HeaderMap::new());
    };
    let option = option.place.option().to_owned();
    if !place.is_in_env {
        let reason = "code names the endpoint, and credentials of the environment go only to endpoints of the environment; \
                      give them to the exporter in code";
        env.without_effect(&option, reason);
        return Ok(HeaderMap::new());
    }
    let text = |said: Option<_>| said.map_or_else(String::new, |said: Said<String>| said.value);
    basic_auth(&option, &text(user), &text(password))
}

fn tls(jaeger: &Jaeger) -> Tls {
    let identity = jaeger.identity.as_ref();
    let own = |path: &PathBuf| File::new("Jaeger::identity(..)", path);
    Tls {
        trusted: jaeger.trusted.clone(),
        client_certificate: identity.map(|(certificate, _)| own(certificate)),
        client_key: identity.map(|(_, key)| own(key)),
    }
}

/// Tells of what code says to an agent that only collectors understand.
fn tell_of_unused(jaeger: &Jaeger, env: &Env<'_>) {
    let said = [
        jaeger.auth.is_some().then_some(USER.code),
        jaeger.trusted.as_ref().map(Trusted::option),
        jaeger.identity.is_some().then_some("Jaeger::identity(..)"),
    ];
    for option in said.into_iter().flatten() {
        let reason = "agents take datagrams, and neither ask who somebody is nor say who they are; \
                      name a collector with `Jaeger::http(..)`";
        env.without_effect(option, reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::env::tests::with_env;

    fn words(config: &Config) -> String {
        match config {
            Config::Collector(config) => {
                let HttpConfig {
                    endpoint,
                    headers,
                    timeout,
                    tls,
                } = &**config;
                let auth = headers.get("authorization");
                let auth = auth.map_or("", |value| value.to_str().unwrap());
                let trusted = tls.trusted.iter().map(|it| format!(" {it:?}"));
                let trusted = trusted.collect::<String>();
                format!("{} {timeout:?} {auth}{trusted}", endpoint.uri)
            }
            Config::Agent(UdpConfig {
                option: _,
                host,
                port,
                timeout,
            }) => format!("{host} {port} {timeout:?}"),
        }
    }

    /// What the environment alone asks for, or what becomes of code.
    #[track_caller]
    fn check(code: Option<Jaeger>, variables: &[(&str, &str)], expected: &str, warnings: &[&str]) {
        let variables = variables
            .iter()
            .map(|(name, value)| (format!("OTEL_EXPORTER_JAEGER_{name}"), *value))
            .collect::<Vec<_>>();
        let variables = variables
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
            .collect::<Vec<_>>();
        let (config, ignored) = with_env(&variables, |env| {
            config(&code.unwrap_or_else(|| in_env(env)), env)
        });
        let words = match config {
            Ok(config) => words(&config),
            Err(error) => error.to_string(),
        };
        assert_eq!(words, expected);
        assert_eq!(ignored, warnings);
    }

    #[test]
    fn the_environment_says_where() {
        let check = |variables: &[(&str, &str)], expected: &str| {
            check(None, variables, expected, &[]);
        };
        check(&[], "http://localhost:14268/api/traces 10s ");
        let http = [("PROTOCOL", "http/thrift.binary"), ("AGENT_HOST", "agent")];
        check(&http, "http://localhost:14268/api/traces 10s ");
        let who = [
            ("ENDPOINT", "http://c/api/traces"),
            ("USER", "u"),
            ("PASSWORD", "p"),
            ("TIMEOUT", "200"),
        ];
        check(&who, "http://c/api/traces 200ms Basic dTpw");
        check(&[("PROTOCOL", "udp/thrift.compact")], "localhost 6831 10s");
        check(&[("AGENT_HOST", "agent")], "agent 6831 10s");
        let both = [("AGENT_HOST", "agent"), ("ENDPOINT", "http://c/api/traces")];
        check(&both, "http://c/api/traces 10s ");
        let agent = [("AGENT_HOST", "agent"), ("AGENT_PORT", "7")];
        check(&agent, "agent 7 10s");
    }

    #[test]
    fn a_password_is_taken_as_it_is() {
        let variables = [("USER", "u"), ("PASSWORD", " p ")];
        let expected = "http://localhost:14268/api/traces 10s Basic dTogcCA=";
        check(None, &variables, expected, &[]);
    }

    #[test]
    fn code_wins() {
        let variables = [("ENDPOINT", "http://env"), ("TIMEOUT", "5")];
        let http = Jaeger::http("http://code/api/traces")
            .auth("u", "p")
            .ca("ca.pem");
        let trusted = Trusted::File(File::new("Jaeger::ca(..)", "ca.pem"));
        let expected = format!("http://code/api/traces 5ms Basic dTpw {trusted:?}");
        check(Some(http), &variables, &expected, &[]);
        let agent = Jaeger::agent("agent", 7).timeout(Duration::from_secs(1));
        check(Some(agent), &variables, "agent 7 1s", &[]);
    }

    #[test]
    fn credentials_of_the_environment_go_to_no_endpoint_in_code() {
        let variables = [("USER", "env"), ("PASSWORD", "secret")];
        let warning = "OTEL_EXPORTER_JAEGER_USER is without effect: code names the endpoint, and credentials of the \
                       environment go only to endpoints of the environment; give them to the exporter in code";
        let http = Jaeger::http("http://code/api/traces");
        let expected = "http://code/api/traces 10s ";
        check(Some(http), &variables, expected, &[warning]);
    }

    #[test]
    fn what_only_collectors_understand_is_told() {
        let agent = Jaeger::agent("agent", 7).auth("u", "p").system_roots();
        let warnings = [USER.code, SYSTEM_ROOTS.code].map(|option| {
            format!(
                "{option} is without effect: agents take datagrams, and neither ask who somebody is nor say who they are; \
                 name a collector with `Jaeger::http(..)`"
            )
        });
        let warnings = warnings.each_ref().map(String::as_str);
        check(Some(agent), &[], "agent 7 10s", &warnings);
    }

    #[test]
    fn what_cannot_be_names_where_it_was_written() {
        let no_url = "is no usable endpoint: it must begin with `http://` or `https://`";
        let endpoint = ("ENDPOINT", "collector");
        let message = format!("OTEL_EXPORTER_JAEGER_ENDPOINT {no_url}");
        check(None, &[endpoint], &message, &[]);
        let message = format!("Jaeger::http(..) {no_url}");
        check(Some(Jaeger::http("collector")), &[], &message, &[]);

        let colon =
            "cannot be `***`: basic authentication knows no user with a colon; write another one";
        let message = format!("OTEL_EXPORTER_JAEGER_USER {colon}");
        check(None, &[("USER", "a:b")], &message, &[]);
        let message = format!("Jaeger::auth(..) {colon}");
        let http = Jaeger::http("http://collector");
        check(Some(http.auth("a:b", "p")), &[], &message, &[]);

        let message = "Jaeger::timeout(..) cannot be `0ns`: it must be above zero";
        let http = Jaeger::http("http://collector");
        check(Some(http.timeout(Duration::ZERO)), &[], message, &[]);
    }
}
