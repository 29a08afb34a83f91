//! Nothing that is said while telemetry is installed shows a secret, wherever somebody has put it.

use std::any::TypeId;
use std::ffi::OsString;
use std::fmt;

use proptest::prelude::*;
use tachograph::Resource;

use super::opening::tests::within_a_runtime;
use super::opening::{Exported, open};
use crate::config::env::Env;
use crate::config::page::declared_variables;
use crate::config::{Code, Config, Selection};
use crate::exporter::Exporter;
use crate::pipeline::sink::Delivery;
use crate::report::Reporter;
use crate::{Jaeger, Otlp};

const SECRET: &str = "S3CR3T";

/// All that is said of an environment: errors and warnings, as people and as `Debug` show them.
fn said_of(variables: &[(&str, &str)]) -> String {
    let lookup = |name: &str| {
        let mut variables = variables.iter();
        let found = variables.find(|(known, _)| *known == name);
        found.map(|(_, value)| OsString::from(*value))
    };
    let env = Env::new(&lookup);
    let mut said = Vec::new();
    for like_specification in [false, true] {
        let code = Code {
            like_specification,
            ..Code::default()
        };
        crate::config::log_level(&env);
        match Config::resolve(&code, &env) {
            Ok(None) => {}
            Ok(Some(config)) => {
                let opened = open(
                    Vec::new(),
                    &config.selection,
                    &config.resource,
                    &env,
                    &Reporter::silent(),
                    config.delivery,
                );
                if let Err(error) = opened {
                    said.push(format!("{error} {error:?}"));
                }
            }
            Err(error) => said.push(format!("{error} {error:?}")),
        }
    }
    let ignored = env.take_ignored().into_iter();
    said.extend(ignored.map(|ignored| format!("{ignored} {ignored:?}")));
    said.join("\n")
}

/// All that is said of an exporter in code.
fn said_of_code(exporter: impl Exporter + fmt::Debug) -> String {
    let shown = format!("{exporter:?} ");
    let given = Exported {
        kind: TypeId::of::<()>(),
        exporter: Box::new(exporter),
    };
    let lookup = |_: &str| None;
    let env = Env::new(&lookup);
    let resource = Resource::new("shop");
    match open(
        vec![given],
        &Selection::default(),
        &resource,
        &env,
        &Reporter::silent(),
        Delivery::default(),
    ) {
        Ok(_) => shown,
        Err(error) => format!("{shown}{error} {error:?}"),
    }
}

proptest! {
    // Each case reads all variables twice, and the certificates of public authorities with them.
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever somebody writes into a variable by mistake, nothing repeats it.
    #[test]
    fn no_message_shows_what_a_variable_holds(
        before in "(//user:|http://user:|http://h/|http://h/?key=|key=|a%20b=|otlp,|-----BEGIN )?[a-z0-9 %=:,/]{0,4}",
        after in "(@host|==|:9090|,b=c)?[a-z0-9 %=:,/\u{e9}]{0,4}",
    ) {
        let planted = format!("{before}{SECRET}{after}");
        let others = [
            ("OTEL_TRACES_EXPORTER", "otlp,jaeger"),
            ("OTEL_METRICS_EXPORTER", "otlp"),
            ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ];
        within_a_runtime(|| {
            for variable in declared_variables() {
                for protocol in ["http/protobuf", "grpc"] {
                    let mut variables = vec![(&*variable, &*planted)];
                    variables.push(("OTEL_EXPORTER_OTLP_PROTOCOL", protocol));
                    variables.extend(others);
                    let said = said_of(&variables);
                    prop_assert!(!said.contains(SECRET), "{variable}={planted}: {said}");
                }
            }
            Ok(())
        })?;
    }

    /// The same for code.
    #[test]
    fn no_message_shows_what_code_says(
        before in "(//user:|http://user:|http://h/|http://h/?key=)?[a-z0-9 %=:,/]{0,4}",
        after in "(@host|==|:9090)?[a-z0-9 %=:,/\u{e9}]{0,4}",
    ) {
        let planted = &format!("{before}{SECRET}{after}");
        within_a_runtime(|| {
            let said = [
                said_of_code(Otlp::http(planted)),
                said_of_code(Otlp::http("http://h").header(planted, planted)),
                said_of_code(Otlp::http("http://h").header("key", planted)),
                said_of_code(Otlp::http("http://h").ca(planted)),
                said_of_code(Otlp::http("http://h").identity(planted, planted)),
                said_of_code(Jaeger::http(planted)),
                said_of_code(Jaeger::http("http://h").auth(planted, planted)),
                said_of_code(Jaeger::http("http://h").ca(planted)),
                said_of_code(Jaeger::agent(planted, 0)),
            ];
            for said in said {
                prop_assert!(!said.contains(SECRET), "{planted}: {said}");
            }
            Ok(())
        })?;
    }
}
