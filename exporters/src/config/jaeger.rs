//! Where and how Jaeger's Thrift is sent: code, then `OTEL_EXPORTER_JAEGER_*`.

use std::time::Duration;

use tachograph::Resource;
use tachograph::trace::SpanBatch;

use super::env::Env;
use crate::error::BuildError;
use crate::jaeger::{self, HttpConfig, UdpConfig};
use crate::pipeline::sink::Sink;

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
pub(crate) fn targets(code: &JaegerCode, env: &Env<'_>, is_selected: bool) -> Vec<Target> {
    let timeout = || {
        let timeout = code.timeout;
        let timeout = timeout.or_else(|| env.timeout("OTEL_EXPORTER_JAEGER_TIMEOUT"));
        timeout.unwrap_or(Duration::from_secs(10))
    };
    let collector = |endpoint| {
        let (user, password) = code.auth.clone().map_or_else(
            || {
                let user = env.text("OTEL_EXPORTER_JAEGER_USER");
                (user, env.text("OTEL_EXPORTER_JAEGER_PASSWORD"))
            },
            |(user, password)| (Some(user), Some(password)),
        );
        Target::Collector(HttpConfig {
            endpoint,
            user,
            password,
            timeout: timeout(),
        })
    };
    let agent = |(host, port)| {
        Target::Agent(UdpConfig {
            host,
            port,
            timeout: timeout(),
        })
    };

    let collectors = code.endpoints.iter().cloned().map(collector);
    let agents = code.agents.iter().cloned().map(agent);
    let named = collectors.chain(agents).collect::<Vec<_>>();
    if !named.is_empty() || !is_selected {
        return named;
    }
    let endpoint = env.text("OTEL_EXPORTER_JAEGER_ENDPOINT");
    let host = env.text("OTEL_EXPORTER_JAEGER_AGENT_HOST");
    let port = env.number("OTEL_EXPORTER_JAEGER_AGENT_PORT");
    let choices = [("http/thrift.binary", true), ("udp/thrift.compact", false)];
    let is_http = env.choice("OTEL_EXPORTER_JAEGER_PROTOCOL", &choices);
    // Whoever names an agent alone wants to reach it.
    let names_agent = host.is_some() || port.is_some();
    let target = if is_http.unwrap_or(endpoint.is_some() || !names_agent) {
        let default = || "http://localhost:14268/api/traces".to_owned();
        collector(endpoint.unwrap_or_else(default))
    } else {
        let host = host.unwrap_or_else(|| "localhost".to_owned());
        agent((host, port.unwrap_or(6_831)))
    };
    vec![target]
}

#[cfg(test)]
mod tests {
    use super::super::env::tests::with_env;
    use super::*;

    fn words(target: &Target) -> String {
        match target {
            Target::Collector(HttpConfig {
                endpoint,
                user,
                password,
                timeout,
            }) => format!("{endpoint} {timeout:?} {user:?} {password:?}"),
            Target::Agent(UdpConfig {
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
        assert_eq!(targets.iter().map(words).collect::<Vec<_>>(), expected);
        assert_eq!(ignored, [""; 0]);
    }

    #[test]
    fn the_environment_says_where() {
        let check = |variables: &[(&str, &str)], expected: &str| {
            check(&JaegerCode::default(), variables, &[expected]);
        };
        check(&[], "http://localhost:14268/api/traces 10s None None");
        let http = [("PROTOCOL", "http/thrift.binary"), ("AGENT_HOST", "agent")];
        check(&http, "http://localhost:14268/api/traces 10s None None");
        let who = [
            ("ENDPOINT", "http://c/api/traces"),
            ("USER", "u"),
            ("PASSWORD", "p"),
            ("TIMEOUT", "200"),
        ];
        check(&who, r#"http://c/api/traces 200ms Some("u") Some("p")"#);
        check(&[("PROTOCOL", "udp/thrift.compact")], "localhost 6831 10s");
        check(&[("AGENT_HOST", "agent")], "agent 6831 10s");
        let both = [("AGENT_HOST", "agent"), ("ENDPOINT", "http://c/api/traces")];
        check(&both, "http://c/api/traces 10s None None");
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
        let expected = [
            r#"http://code/api/traces 1s Some("u") Some("p")"#,
            "agent 7 1s",
        ];
        check(
            &code,
            &[("ENDPOINT", "http://env"), ("USER", "env")],
            &expected,
        );
    }
}
