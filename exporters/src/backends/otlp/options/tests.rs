//! Code and variables, and what they come to.

use super::*;
use crate::config::env::tests::with_env;

/// Where traces go, how, with which headers, for how long; or why they do not.
fn words(config: Result<Config, BuildError>) -> String {
    let config = match config {
        Ok(config) => config,
        Err(error) => return error.to_string(),
    };
    let Config {
        protocol,
        endpoint,
        headers,
        timeout,
        gzip,
        tls,
        ..
    } = config;
    let mut words = vec![format!("{protocol:?} {} {timeout:?}", endpoint.uri)];
    words.extend(gzip.then(|| "gzip".to_owned()));
    let headers = headers.iter();
    words.extend(headers.map(|(name, value)| format!("{name}={}", value.to_str().unwrap())));
    words.extend(tls.trusted.map(|trusted| format!("{trusted:?}")));
    let files = [tls.client_certificate, tls.client_key];
    words.extend(files.iter().flatten().map(|file| format!("{file:?}")));
    words.join(" ")
}

/// Checks what becomes of code, or of the environment alone.
#[track_caller]
fn check(code: Option<&Otlp>, variables: &[(&str, &str)], expected: &str, warnings: &[&str]) {
    let variables = variables
        .iter()
        .map(|(name, value)| (format!("OTEL_EXPORTER_OTLP_{name}"), *value))
        .collect::<Vec<_>>();
    let variables = variables
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect::<Vec<_>>();
    let (config, ignored) = with_env(&variables, |env| {
        let signal = Signal::Traces;
        if let Some(code) = code {
            return config(code, env, signal);
        }
        let protocol = protocol(&env.of(signal))?;
        config(&Otlp::in_env(protocol, vec![signal]), env, signal)
    });
    assert_eq!(words(config), expected);
    assert_eq!(ignored, warnings);
}

#[track_caller]
fn check_env(variables: &[(&str, &str)], expected: &str) {
    check(None, variables, expected, &[]);
}

#[test]
fn how_much_is_sent_and_kept() {
    let config = |otlp: Otlp| {
        let (config, _) = with_env(&[], |env| config(&otlp, env, Signal::Traces).unwrap());
        let seconds = config.max_age.map(|age| age.as_secs());
        (config.max_request_bytes, seconds, config.max_in_flight)
    };
    assert_eq!(config(Otlp::http("http://a")), (20 << 20, None, None));
    #[cfg(feature = "otlp-grpc")]
    assert_eq!(config(Otlp::grpc("http://a")), (4 << 20, None, None));
    let own = Otlp::http("http://a").max_request_bytes(1 << 20);
    let own = own.max_age(Duration::from_secs(60)).max_in_flight(1);
    assert_eq!(config(own), (1 << 20, Some(60), Some(1)));
}

#[test]
fn no_time_at_all_is_refused() {
    let otlp = Otlp::http("http://a").timeout(Duration::ZERO);
    let message = "Otlp::timeout(..) cannot be `0ns`: it must be above zero";
    check(Some(&otlp), &[], message, &[]);
}

#[test]
fn by_default_http_to_localhost() {
    check_env(&[], "HttpProtobuf http://localhost:4318/v1/traces 10s");
}

#[cfg(feature = "otlp-grpc")]
#[test]
fn grpc_goes_to_localhost_by_default() {
    check_env(&[("PROTOCOL", "grpc")], "Grpc http://localhost:4317/ 10s");
}

#[cfg(not(feature = "otlp-grpc"))]
#[test]
fn grpc_is_a_feature() {
    let missing = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc needs the feature `otlp-grpc` of `tachograph-exporters`";
    check_env(&[("TRACES_PROTOCOL", "grpc")], missing);
}

#[test]
fn the_general_endpoint_is_a_base_and_the_own_one_is_whole() {
    let check = |variables: &[(&str, &str)], endpoint: &str| {
        check_env(variables, &format!("HttpProtobuf {endpoint} 10s"));
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
        check_env(&variables, &format!("Grpc {endpoint} 10s"));
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
    let [own, key] = files;
    let trusted = Trusted::File(own);
    let expected = format!(
        "HttpProtobuf http://localhost:4318/v1/traces {forever:?} x=own y=a b {trusted:?} {key:?}"
    );
    check_env(&variables, &expected);
}

#[test]
fn code_wins_and_the_environment_fills_in_what_is_no_credential() {
    let variables = [
        ("ENDPOINT", "http://a:1"),
        ("TRACES_ENDPOINT", "http://b:2"),
        ("PROTOCOL", "grpc"),
        ("COMPRESSION", "gzip"),
        ("TIMEOUT", "soon"),
        ("CERTIFICATE", "ca.pem"),
    ];
    let otlp = Otlp::http("http://code:4318/")
        .header("api-key", "code")
        .timeout(Duration::from_secs(3))
        .identity("own.pem", "own.key");
    let trusted = Trusted::File(File::new("OTEL_EXPORTER_OTLP_CERTIFICATE", "ca.pem"));
    let identity = ["own.pem", "own.key"].map(|path| File::new("Otlp::identity(..)", path));
    let [certificate, key] = identity;
    let expected = format!(
        "HttpProtobuf http://code:4318/v1/traces 3s gzip api-key=code {trusted:?} {certificate:?} {key:?}"
    );
    check(Some(&otlp), &variables, &expected, &[]);
}

#[test]
fn of_whom_code_trusts_the_last_holds() {
    let variables = [("CERTIFICATE", "env.pem")];
    let http = || Otlp::http("http://code");
    let shown = "HttpProtobuf http://code/v1/traces 10s";
    let system = format!("{shown} {:?}", Trusted::System("Otlp::system_roots()"));
    check(Some(&http().system_roots()), &variables, &system, &[]);
    let last = http().ca("ca.pem").system_roots();
    check(Some(&last), &variables, &system, &[]);
    let file = Trusted::File(File::new("Otlp::ca(..)", "ca.pem"));
    let last = http().system_roots().ca("ca.pem");
    check(Some(&last), &variables, &format!("{shown} {file:?}"), &[]);
}

#[test]
fn credentials_of_the_environment_go_to_no_endpoint_in_code() {
    let variables = [
        ("HEADERS", "authorization=secret"),
        ("CLIENT_CERTIFICATE", "client.pem"),
        ("TRACES_CLIENT_KEY", "client.key"),
    ];
    let otlp = Otlp::http("http://code:4318");
    let expected = "HttpProtobuf http://code:4318/v1/traces 10s";
    let reason = "code names the endpoint, and credentials of the environment go only to endpoints of the environment; \
                  give them to the exporter in code";
    let names = ["HEADERS", "CLIENT_CERTIFICATE", "TRACES_CLIENT_KEY"];
    let warnings =
        names.map(|name| format!("OTEL_EXPORTER_OTLP_{name} is without effect: {reason}"));
    let warnings = warnings.each_ref().map(String::as_str);
    check(Some(&otlp), &variables, expected, &warnings);
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
        "OTEL_EXPORTER_OTLP_PROTOCOL is ignored: write one of `http/protobuf`, `grpc`",
        "OTEL_EXPORTER_OTLP_HEADERS is ignored: write `key=value` pairs with commas between them",
        "OTEL_EXPORTER_OTLP_TIMEOUT is ignored: write a whole number of milliseconds, or 0 for no bound",
        "OTEL_EXPORTER_OTLP_COMPRESSION is ignored: write one of `gzip`, `none`",
    ];
    check(None, &variables, http, &warnings);
}

#[test]
fn metrics_are_told_where_there_is_no_choice() {
    let warnings = |temporality| {
        let name = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
        with_env(&[(name, temporality)], |env| {
            let otlp = Otlp::in_env(Protocol::HttpProtobuf, vec![Signal::Metrics]);
            assert!(config(&otlp, env, Signal::Metrics).is_ok());
        })
        .1
    };
    assert_eq!(warnings(""), [""; 0]);
    assert_eq!(warnings("Cumulative"), [""; 0]);
    let expected = [
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE is ignored: \
         all values are counted from the start of the process; write `cumulative`",
    ];
    assert_eq!(warnings("delta"), expected);
}

#[test]
fn the_environment_chooses_the_buckets_of_functions() {
    let chosen = |value| {
        let name = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
        with_env(&[(name, value)], function_buckets)
    };
    assert_eq!(chosen(""), (None, Vec::new()));
    let explicit = Some(FunctionBuckets::Explicit);
    assert_eq!(chosen("explicit_bucket_histogram"), (explicit, Vec::new()));
    let exponential = Some(FunctionBuckets::Exponential);
    assert_eq!(
        chosen("base2_exponential_bucket_histogram"),
        (exponential, Vec::new())
    );
    let (none, told) = chosen("summary");
    assert_eq!((none, told.len()), (None, 1));
}

#[test]
fn signals_that_travel_alike_have_one_exporter() {
    let exporters = |variables: &[(&str, &str)]| {
        let both = [Signal::Traces, Signal::Metrics];
        let (exporters, _) = with_env(variables, |env| exporters_in_env(&both, env).unwrap());
        exporters
            .iter()
            .map(|it| it.name().into_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(exporters(&[]), ["otlp_http"]);
    #[cfg(feature = "otlp-grpc")]
    {
        let grpc = ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc");
        assert_eq!(exporters(&[grpc]), ["otlp_http", "otlp_grpc"]);
    }
}

#[test]
fn what_cannot_be_names_where_it_was_written() {
    let no_scheme = "no usable endpoint: it must begin with `http://` or `https://`";
    let message = format!("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is {no_scheme}");
    check_env(&[("TRACES_ENDPOINT", "a:1")], &message);
    let message = format!("OTEL_EXPORTER_OTLP_ENDPOINT is {no_scheme}");
    check_env(&[("ENDPOINT", "a:1"), ("INSECURE", "true")], &message);
    let message = format!("Otlp::http(..) is {no_scheme}");
    check(Some(&Otlp::http("a:1")), &[], &message, &[]);

    let header = "has a header that cannot be sent: write names in letters, digits and `-`";
    let message = format!("OTEL_EXPORTER_OTLP_HEADERS {header}");
    check_env(&[("HEADERS", "a b=secret")], &message);
    let otlp = Otlp::http("http://h").header("a b", "secret");
    check(Some(&otlp), &[], &format!("Otlp::header(..) {header}"), &[]);
}

#[cfg(feature = "otlp-grpc")]
#[test]
fn over_grpc_too() {
    let message =
        "Otlp::grpc(..) is no usable endpoint: it must begin with `http://` or `https://`";
    check(Some(&Otlp::grpc("a:1")), &[], message, &[]);
    let variables = [("PROTOCOL", "grpc"), ("ENDPOINT", "http://a:0")];
    let message =
        "OTEL_EXPORTER_OTLP_ENDPOINT is no usable endpoint: its port must be between 1 and 65535";
    check_env(&variables, message);
    let endpoint = Otlp::grpc("http://code:4317");
    check(Some(&endpoint), &[], "Grpc http://code:4317/ 10s", &[]);
}
