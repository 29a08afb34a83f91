//! Code and variables, and what they come to.

use super::*;
use crate::config::env::tests::with_env;

/// Where traces go, how, with which headers, for how long; or why they do not.
fn words(config: Result<Option<Config>, BuildError>) -> String {
    let config = match config {
        Ok(config) => config.expect("it is selected"),
        Err(error) => return error.to_string(),
    };
    let Config {
        protocol,
        endpoint,
        headers,
        timeout,
        gzip,
        tls,
    } = config;
    let mut words = vec![format!("{protocol:?} {endpoint} {timeout:?}")];
    words.extend(gzip.then(|| "gzip".to_owned()));
    let headers = headers.iter();
    words.extend(headers.map(|(name, value)| format!("{name}={}", value.to_str().unwrap())));
    let files = [tls.trusted, tls.client_certificate, tls.client_key];
    words.extend(files.iter().flatten().map(|file| format!("{file:?}")));
    words.join(" ")
}

#[track_caller]
fn check(code: &OtlpCode, variables: &[(&str, &str)], expected: &str, warnings: &[&str]) {
    let variables = variables
        .iter()
        .map(|(name, value)| (format!("OTEL_EXPORTER_OTLP_{name}"), *value))
        .collect::<Vec<_>>();
    let variables = variables
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect::<Vec<_>>();
    let (config, ignored) = with_env(&variables, |env| target(code, env, Signal::Traces, true));
    assert_eq!(words(config), expected);
    assert_eq!(ignored, warnings);
}

fn code(protocol: Protocol, endpoint: &str) -> OtlpCode {
    OtlpCode {
        endpoint: Some((protocol, endpoint.to_owned())),
        ..OtlpCode::default()
    }
}

#[test]
fn no_time_at_all_is_refused() {
    let code = OtlpCode {
        timeout: Some(Duration::ZERO),
        ..OtlpCode::default()
    };
    let message = ".otlp_timeout(..) cannot be `0ns`: it must be above zero";
    check(&code, &[], message, &[]);
}

#[test]
fn by_default_http_to_localhost() {
    let http = "HttpProtobuf http://localhost:4318/v1/traces 10s";
    check(&OtlpCode::default(), &[], http, &[]);
}

#[cfg(feature = "otlp-grpc")]
#[test]
fn grpc_goes_to_localhost_by_default() {
    let grpc = "Grpc http://localhost:4317/ 10s";
    check(&OtlpCode::default(), &[("PROTOCOL", "grpc")], grpc, &[]);
}

#[cfg(not(feature = "otlp-grpc"))]
#[test]
fn grpc_is_a_feature() {
    let missing = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc needs the feature `otlp-grpc` of `tachograph-exporters`";
    let variables = [("TRACES_PROTOCOL", "grpc")];
    check(&OtlpCode::default(), &variables, missing, &[]);
}

#[test]
fn the_general_endpoint_is_a_base_and_the_own_one_is_whole() {
    let check = |variables: &[(&str, &str)], endpoint: &str| {
        check(
            &OtlpCode::default(),
            variables,
            &format!("HttpProtobuf {endpoint} 10s"),
            &[],
        );
    };
    check(&[("ENDPOINT", "http://a:1")], "http://a:1/v1/traces");
    check(&[("TRACES_ENDPOINT", "http://b:2/in")], "http://b:2/in");
    check(&[("TRACES_ENDPOINT", "http://b:2/")], "http://b:2/");
    let both = [
        ("ENDPOINT", "http://a:1"),
        ("TRACES_ENDPOINT", "http://b:2/in"),
    ];
    check(&both, "http://b:2/in");
    check(
        &[("METRICS_ENDPOINT", "http://c:3")],
        "http://localhost:4318/v1/traces",
    );
}

#[cfg(all(feature = "otlp-grpc", feature = "tls"))]
#[test]
fn grpc_without_a_scheme_is_secure_unless_told() {
    let check = |variables: &[(&str, &str)], endpoint: &str| {
        let variables = [&[("PROTOCOL", "grpc")], variables].concat();
        check(
            &OtlpCode::default(),
            &variables,
            &format!("Grpc {endpoint} 10s"),
            &[],
        );
    };
    check(&[("ENDPOINT", "http://a:1")], "http://a:1/");
    check(&[("ENDPOINT", "a:1")], "https://a:1/");
    check(&[("ENDPOINT", "a:1"), ("INSECURE", "true")], "http://a:1/");
    let own = [
        ("ENDPOINT", "a:1"),
        ("INSECURE", "true"),
        ("TRACES_INSECURE", "false"),
    ];
    check(&own, "https://a:1/");
    let ignored = [("ENDPOINT", "https://a:1"), ("INSECURE", "true")];
    check(&ignored, "https://a:1/");
}

#[test]
fn over_http_insecure_says_nothing() {
    let variables = [("ENDPOINT", "collector"), ("INSECURE", "true")];
    let message = "OTEL_EXPORTER_OTLP_ENDPOINT: `collector` is no usable endpoint: \
                   it must begin with `http://` or `https://`";
    check(&OtlpCode::default(), &variables, message, &[]);
}

#[test]
fn the_own_variables_win() {
    let variables = [
        ("HEADERS", "x=general"),
        ("TRACES_HEADERS", "x=own,y=a%20b"),
        ("TIMEOUT", "500"),
        ("TRACES_TIMEOUT", "0"),
        ("COMPRESSION", "gzip"),
        ("TRACES_COMPRESSION", "none"),
        ("PROTOCOL", "grpc"),
        ("TRACES_PROTOCOL", "http/protobuf"),
        ("CERTIFICATE", "ca.pem"),
        ("TRACES_CERTIFICATE", "own.pem"),
        ("CLIENT_KEY", "key.pem"),
        ("METRICS_CLIENT_CERTIFICATE", "metrics.pem"),
    ];
    let forever = Duration::MAX;
    let files = [
        File::new("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "own.pem"),
        File::new("OTEL_EXPORTER_OTLP_CLIENT_KEY", "key.pem"),
    ];
    let [trusted, key] = files;
    let expected = format!(
        "HttpProtobuf http://localhost:4318/v1/traces {forever:?} x=own y=a b {trusted:?} {key:?}"
    );
    check(&OtlpCode::default(), &variables, &expected, &[]);
}

#[test]
fn code_wins_and_the_environment_fills_in() {
    let variables = [
        ("ENDPOINT", "http://a:1"),
        ("TRACES_ENDPOINT", "http://b:2"),
        ("PROTOCOL", "grpc"),
        ("HEADERS", "Api-Key=env,x=env"),
        ("COMPRESSION", "gzip"),
        ("TIMEOUT", "soon"),
        ("CERTIFICATE", "ca.pem"),
        ("CLIENT_KEY", "key.pem"),
    ];
    let mut in_code = code(Protocol::HttpProtobuf, "http://code:4318/");
    in_code.headers = vec![("api-key".to_owned(), "code".to_owned())];
    in_code.timeout = Some(Duration::from_secs(3));
    in_code.client_identity = Some(("own.pem".into(), "own.key".into()));
    let trusted = File::new("OTEL_EXPORTER_OTLP_CERTIFICATE", "ca.pem");
    let identity = ["own.pem", "own.key"].map(|path| File::new(".otlp_client_identity(..)", path));
    let [certificate, key] = identity;
    let expected = format!(
        "HttpProtobuf http://code:4318/v1/traces 3s gzip x=env api-key=code \
         {trusted:?} {certificate:?} {key:?}"
    );
    check(&in_code, &variables, &expected, &[]);
}

#[test]
fn what_makes_no_sense_is_ignored() {
    let http = "HttpProtobuf http://localhost:4318/v1/traces 10s";
    let variables = [
        ("PROTOCOL", "http/json"),
        ("TIMEOUT", "10s"),
        ("HEADERS", "secret"),
        ("COMPRESSION", "zstd"),
    ];
    let warnings = [
        "OTEL_EXPORTER_OTLP_PROTOCOL=`http/json` is ignored: write one of `http/protobuf`, `grpc`",
        "OTEL_EXPORTER_OTLP_TIMEOUT=`10s` is ignored: write a whole number of milliseconds, or 0 for no bound",
        "OTEL_EXPORTER_OTLP_HEADERS=`***` is ignored: write `key=value` pairs with commas between them",
        "OTEL_EXPORTER_OTLP_COMPRESSION=`zstd` is ignored: write one of `gzip`, `none`",
    ];
    check(&OtlpCode::default(), &variables, http, &warnings);
}

#[test]
fn metrics_are_told_where_there_is_no_choice() {
    let warnings = |temporality| {
        let name = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
        let code = OtlpCode::default();
        with_env(&[(name, temporality)], |env| {
            assert!(target(&code, env, Signal::Metrics, true).is_ok());
        })
        .1
    };
    assert_eq!(warnings(""), [""; 0]);
    assert_eq!(warnings("Cumulative"), [""; 0]);
    let expected = [
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=`delta` is ignored: \
         all values are counted from the start of the process; write `cumulative`",
    ];
    assert_eq!(warnings("delta"), expected);
}

#[test]
fn what_cannot_be_names_where_it_was_written() {
    let default = OtlpCode::default();
    let no_scheme = "is no usable endpoint: it must begin with `http://` or `https://`";
    let message = format!("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `a:1` {no_scheme}");
    check(&default, &[("TRACES_ENDPOINT", "a:1")], &message, &[]);
    let message = format!("OTEL_EXPORTER_OTLP_ENDPOINT: `a:1` {no_scheme}");
    check(&default, &[("ENDPOINT", "a:1")], &message, &[]);
    let message = format!(".otlp(..): `a:1` {no_scheme}");
    check(&code(Protocol::HttpProtobuf, "a:1"), &[], &message, &[]);

    let header = "the header `a b` cannot be sent: write its name in letters, digits and `-`";
    let message = format!("OTEL_EXPORTER_OTLP_HEADERS: {header}");
    check(&default, &[("HEADERS", "a b=secret")], &message, &[]);
    let mut in_code = code(Protocol::HttpProtobuf, "http://h");
    in_code.headers = vec![("a b".to_owned(), "secret".to_owned())];
    let message = format!(".otlp_headers(..): {header}");
    check(&in_code, &[], &message, &[]);
}

#[cfg(feature = "otlp-grpc")]
#[test]
fn over_grpc_too() {
    let message =
        ".otlp_grpc(..): `a:1` is no usable endpoint: it must begin with `http://` or `https://`";
    check(&code(Protocol::Grpc, "a:1"), &[], message, &[]);
    let variables = [("PROTOCOL", "grpc"), ("ENDPOINT", "http://a:0")];
    let message = "OTEL_EXPORTER_OTLP_ENDPOINT: `http://a:0/` is no usable endpoint: \
                   its port must be between 1 and 65535";
    check(&OtlpCode::default(), &variables, message, &[]);
    let endpoint = code(Protocol::Grpc, "http://code:4317");
    check(&endpoint, &[], "Grpc http://code:4317/ 10s", &[]);
}
