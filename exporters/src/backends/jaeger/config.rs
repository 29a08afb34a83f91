//! Where and how Jaeger's Thrift is sent: code, then `OTEL_EXPORTER_JAEGER_*`.

use std::time::Duration;

use http::HeaderMap;
use tachograph::Resource;
use tachograph::trace::SpanBatch;

use super::{self as jaeger, HttpConfig, UdpConfig};
use crate::config::env::Env;
use crate::config::schedule::check_positive;
use crate::error::BuildError;
use crate::pipeline::sink::Sink;
use crate::transport::endpoint::Endpoint;

const ENDPOINT: &str = "OTEL_EXPORTER_JAEGER_ENDPOINT";
const AGENT_HOST: &str = "OTEL_EXPORTER_JAEGER_AGENT_HOST";

/// What code says about Jaeger.
#[derive(Default)]
pub(crate) struct JaegerCode {
    /// Collectors' endpoints.
    pub(crate) endpoints: Vec<String>,
    /// Agents' hosts and ports.
    pub(crate) agents: Vec<(String, u16)>,
    pub(crate) auth: Option<(String, String)>,
    pub(crate) timeout: Option<Duration>,
}

/// Where spans go, and how.
pub(crate) enum Target {
    Collector(HttpConfig),
    Agent(UdpConfig),
}

impl Target {
    /// What sends spans there.
    pub(crate) fn traces(self, resource: &Resource) -> Result<Sink<SpanBatch>, BuildError> {
        match self {
            Self::Collector(config) => jaeger::http(config, resource),
            Self::Agent(config) => jaeger::udp(config, resource),
        }
    }
}

/// Where spans go: to what code names, else where the environment says if it selects Jaeger.
///
/// # Errors
///
/// [`BuildError`] for an endpoint or a timeout that cannot be used, or a user that basic authentication cannot carry.
pub(crate) fn targets(
    code: &JaegerCode,
    env: &Env<'_>,
    is_selected: bool,
) -> Result<Vec<Target>, BuildError> {
    check_positive(".jaeger_timeout(..)", code.timeout)?;
    let timeout = || {
        let timeout = code.timeout;
        let timeout = timeout.or_else(|| env.timeout("OTEL_EXPORTER_JAEGER_TIMEOUT"));
        timeout.unwrap_or(Duration::from_secs(10))
    };
    let collector = |option, endpoint: &str| {
        Ok(Target::Collector(HttpConfig {
            endpoint: Endpoint::parse(option, endpoint)?,
            headers: auth(code, env)?,
            timeout: timeout(),
        }))
    };
    let agent = |option, host: &str, port| {
        Ok(Target::Agent(UdpConfig {
            option,
            host: host.to_owned(),
            port,
            timeout: timeout(),
        }))
    };

    let collectors = code.endpoints.iter();
    let collectors = collectors.map(|endpoint| collector(".jaeger(..)", endpoint));
    let agents = code.agents.iter();
    let agents = agents.map(|(host, port)| agent(".jaeger_agent(..)", host, *port));
    let named = collectors
        .chain(agents)
        .collect::<Result<Vec<_>, BuildError>>()?;
    if !named.is_empty() || !is_selected {
        return Ok(named);
    }
    let endpoint = env.text(ENDPOINT);
    let host = env.text(AGENT_HOST);
    let port = env.port("OTEL_EXPORTER_JAEGER_AGENT_PORT");
    let choices = [("http/thrift.binary", true), ("udp/thrift.compact", false)];
    let is_http = env.choice("OTEL_EXPORTER_JAEGER_PROTOCOL", &choices);
    // Whoever names an agent alone wants to reach it.
    let names_agent = host.is_some() || port.is_some();
    let target = if is_http.unwrap_or(endpoint.is_some() || !names_agent) {
        let endpoint = endpoint.as_deref();
        collector(
            ENDPOINT,
            endpoint.unwrap_or("http://localhost:14268/api/traces"),
        )
    } else {
        let host = host.as_deref().unwrap_or("localhost");
        agent(AGENT_HOST, host, port.unwrap_or(6_831))
    };
    Ok(vec![target?])
}

/// Tells of what code says about requests that nobody sends.
pub(crate) fn tell_unused(code: &JaegerCode, targets: &[Target], env: &Env<'_>) {
    if code.timeout.is_some() && targets.is_empty() {
        let reason =
            "nothing is sent to Jaeger; name an endpoint with `.jaeger(..)` or `.jaeger_agent(..)`";
        env.without_effect(".jaeger_timeout(..)", reason);
    }
    let is_collector = |target: &Target| matches!(target, Target::Collector(_));
    if code.auth.is_some() && !targets.iter().any(is_collector) {
        let reason = "only collectors ask who somebody is, and nothing is sent to one; name its endpoint with \
                      `.jaeger(..)` or `OTEL_EXPORTER_JAEGER_ENDPOINT`";
        env.without_effect(".jaeger_auth(..)", reason);
    }
}

/// Who this process says it is, if anybody.
fn auth(code: &JaegerCode, env: &Env<'_>) -> Result<HeaderMap, BuildError> {
    const USER: &str = "OTEL_EXPORTER_JAEGER_USER";
    if let Some((user, password)) = &code.auth {
        return jaeger::basic_auth(".jaeger_auth(..)", user, password);
    }
    match (env.text(USER), env.text("OTEL_EXPORTER_JAEGER_PASSWORD")) {
        (None, None) => Ok(HeaderMap::new()),
        (user, password) => jaeger::basic_auth(
            USER,
            &user.unwrap_or_default(),
            &password.unwrap_or_default(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::env::tests::with_env;

    fn words(target: &Target) -> String {
        match target {
            Target::Collector(HttpConfig {
                endpoint,
                headers,
                timeout,
            }) => {
                let auth = headers.get("authorization");
                let auth = auth.map_or("", |value| value.to_str().unwrap());
                format!("{endpoint} {timeout:?} {auth}")
            }
            Target::Agent(UdpConfig {
                option: _,
                host,
                port,
                timeout,
            }) => format!("{host} {port} {timeout:?}"),
        }
    }

    #[track_caller]
    fn check(code: &JaegerCode, variables: &[(&str, &str)], expected: &[&str]) {
        let variables = variables
            .iter()
            .map(|(name, value)| (format!("OTEL_EXPORTER_JAEGER_{name}"), *value))
            .collect::<Vec<_>>();
        let variables = variables
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
            .collect::<Vec<_>>();
        let (targets, ignored) = with_env(&variables, |env| targets(code, env, true));
        let targets = targets.unwrap();
        assert_eq!(targets.iter().map(words).collect::<Vec<_>>(), expected);
        assert_eq!(ignored, [""; 0]);
    }

    #[test]
    fn the_environment_says_where() {
        let check = |variables: &[(&str, &str)], expected: &str| {
            check(&JaegerCode::default(), variables, &[expected]);
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
    fn code_wins() {
        let code = JaegerCode {
            endpoints: vec!["http://code/api/traces".to_owned()],
            agents: vec![("agent".to_owned(), 7)],
            auth: Some(("u".to_owned(), "p".to_owned())),
            timeout: Some(Duration::from_secs(1)),
        };
        let expected = ["http://code/api/traces 1s Basic dTpw", "agent 7 1s"];
        check(
            &code,
            &[("ENDPOINT", "http://env"), ("USER", "env")],
            &expected,
        );
    }

    #[test]
    fn what_cannot_be_names_where_it_was_written() {
        #[track_caller]
        fn check(code: &JaegerCode, variables: &[(&str, &str)], message: &str) {
            let (targets, _) = with_env(variables, |env| targets(code, env, true));
            let error = targets.err().expect("it cannot be").to_string();
            assert!(error.starts_with(message), "{error}");
        }
        let default = JaegerCode::default();
        let endpoint = (ENDPOINT, "collector");
        let message = "OTEL_EXPORTER_JAEGER_ENDPOINT: `collector` is no usable endpoint: ";
        check(&default, &[endpoint], message);
        let user = ("OTEL_EXPORTER_JAEGER_USER", "a:b");
        check(
            &default,
            &[user],
            "OTEL_EXPORTER_JAEGER_USER cannot be `a:b`: ",
        );
        let code = JaegerCode {
            endpoints: vec!["collector".to_owned()],
            ..JaegerCode::default()
        };
        let message = ".jaeger(..): `collector` is no usable endpoint: ";
        check(&code, &[], message);
        let code = JaegerCode {
            endpoints: vec!["http://collector".to_owned()],
            auth: Some(("a:b".to_owned(), "p".to_owned())),
            ..JaegerCode::default()
        };
        check(&code, &[], ".jaeger_auth(..) cannot be `a:b`: ");
        let code = JaegerCode {
            timeout: Some(Duration::ZERO),
            ..JaegerCode::default()
        };
        check(&code, &[], ".jaeger_timeout(..) cannot be `0ns`: ");
    }
}
