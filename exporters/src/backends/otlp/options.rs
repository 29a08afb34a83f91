//! Options of OTLP, and what they come to for one signal: code, then the signal's own variables, then the general ones.
//!
//! <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use tachograph::metrics::FunctionBuckets;

use super::exporter::{Otlp, Target};
use super::{Config, Protocol};
use crate::config::env::Env;
use crate::config::kind::{self, Kind};
use crate::config::setting::Setting;
use crate::error::BuildError;
use crate::exporter::Exporter;
use crate::signal::Signal;
use crate::transport::endpoint::Endpoint;
use crate::transport::headers::header_map;
use crate::transport::tls::{File, Tls, Trusted};

const PROTOCOL: Setting<Option<Protocol>> = Setting {
    code: "Otlp::http(..), Otlp::grpc(..)",
    variables: &[
        "OTEL_EXPORTER_OTLP_{SIGNAL}_PROTOCOL",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
    ],
    key: "otlp_http, otlp_grpc",
    kind: Kind::choice(&[
        ("http/protobuf", Some(Protocol::HttpProtobuf)),
        ("grpc", GRPC),
    ]),
    default: "http/protobuf",
    is_secret: false,
    sentence: "How requests travel; `grpc` needs the feature `otlp-grpc`.",
};
#[cfg(feature = "otlp-grpc")]
const GRPC: Option<Protocol> = Some(Protocol::Grpc);
#[cfg(not(feature = "otlp-grpc"))]
const GRPC: Option<Protocol> = None;

const OWN_ENDPOINT: Setting<String> = Setting {
    code: "",
    variables: &["OTEL_EXPORTER_OTLP_{SIGNAL}_ENDPOINT"],
    key: "otlp_http.endpoint",
    kind: kind::TEXT,
    default: "",
    is_secret: false,
    sentence: "Where one signal goes: over HTTP the whole URL, over gRPC scheme, host and port.",
};
const ENDPOINT: Setting<String> = Setting {
    code: "Otlp::http(..), Otlp::grpc(..)",
    variables: &["OTEL_EXPORTER_OTLP_ENDPOINT"],
    key: "",
    kind: kind::TEXT,
    default: "http://localhost:4318",
    is_secret: false,
    sentence: "Where all signals go: over HTTP a base, below which `/v1/traces` and `/v1/metrics` are; over gRPC scheme, \
               host and port, `http://localhost:4317` by default.",
};
#[cfg(feature = "otlp-grpc")]
const DEFAULT_ORIGIN: &str = "http://localhost:4317";

#[cfg(feature = "otlp-grpc")]
const INSECURE: Setting<bool> = Setting {
    code: "",
    variables: &[
        "OTEL_EXPORTER_OTLP_{SIGNAL}_INSECURE",
        "OTEL_EXPORTER_OTLP_INSECURE",
    ],
    key: "otlp_grpc.tls.insecure",
    kind: kind::FLAG,
    default: "false",
    is_secret: false,
    sentence: "Whether TLS is left out: over gRPC, and only for an endpoint without a scheme.",
};

const HEADERS: Setting<Vec<(String, String)>> = Setting {
    code: "Otlp::header(..)",
    variables: &[
        "OTEL_EXPORTER_OTLP_{SIGNAL}_HEADERS",
        "OTEL_EXPORTER_OTLP_HEADERS",
    ],
    key: "otlp_http.headers",
    kind: kind::PAIRS,
    default: "",
    is_secret: true,
    sentence: "Headers of each request. Those of the environment go only to its endpoints.",
};

const TIMEOUT: Setting<Duration> = Setting {
    code: "Otlp::timeout(..)",
    variables: &[
        "OTEL_EXPORTER_OTLP_{SIGNAL}_TIMEOUT",
        "OTEL_EXPORTER_OTLP_TIMEOUT",
    ],
    key: "otlp_http.timeout",
    kind: kind::TIMEOUT,
    default: "10000",
    is_secret: false,
    sentence: "Bounds all attempts to send one request.",
};

const MAX_REQUEST_BYTES: Setting<usize> = Setting {
    code: "Otlp::max_request_bytes(..)",
    variables: &[],
    key: "otlp_http.max_request_bytes",
    kind: kind::POSITIVE,
    default: "20971520",
    is_secret: false,
    sentence: "No request is larger than this, before compression; over gRPC 4,194,304 by default.",
};

const MAX_AGE: Setting<Duration> = Setting {
    code: "Otlp::max_age(..)",
    variables: &[],
    key: "otlp_http.max_age",
    kind: kind::INTERVAL,
    default: "",
    is_secret: false,
    sentence: "What could not be sent for so long is dropped; by default as the builder's `.max_age(..)` says.",
};

const MAX_IN_FLIGHT: Setting<usize> = Setting {
    code: "Otlp::max_in_flight(..)",
    variables: &[],
    key: "otlp_http.max_in_flight",
    kind: kind::POSITIVE,
    default: "",
    is_secret: false,
    sentence: "How many requests of spans are under way at a time; by default as the builder's `.max_in_flight(..)` says.",
};

const COMPRESSION: Setting<bool> = Setting {
    code: "Otlp::gzip()",
    variables: &[
        "OTEL_EXPORTER_OTLP_{SIGNAL}_COMPRESSION",
        "OTEL_EXPORTER_OTLP_COMPRESSION",
    ],
    key: "otlp_http.compression",
    kind: Kind::choice(&[("gzip", true), ("none", false)]),
    default: "none",
    is_secret: false,
    sentence: "Whether requests are compressed.",
};

pub(super) const CERTIFICATE: Setting<String> = Setting {
    code: "Otlp::ca(..)",
    variables: &[
        "OTEL_EXPORTER_OTLP_{SIGNAL}_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_CERTIFICATE",
    ],
    key: "otlp_http.tls.ca_file",
    kind: kind::TEXT,
    default: "",
    is_secret: false,
    sentence: "A PEM file: who is trusted, in the place of the public authorities.",
};

pub(super) const SYSTEM_ROOTS: Setting<bool> = Setting {
    code: "Otlp::system_roots()",
    variables: &[],
    key: "otlp_http.tls.system_roots",
    kind: kind::FLAG,
    default: "false",
    is_secret: false,
    sentence: "Whether those are trusted whom the operating system trusts, in the place of the public authorities.",
};

const CLIENT_CERTIFICATE: Setting<String> = Setting {
    code: "Otlp::identity(..)",
    variables: &[
        "OTEL_EXPORTER_OTLP_{SIGNAL}_CLIENT_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    ],
    key: "otlp_http.tls.cert_file",
    kind: kind::TEXT,
    default: "",
    is_secret: false,
    sentence: "A PEM file: who this process says it is, to servers that ask. That of the environment goes only to its \
               endpoints.",
};

const CLIENT_KEY: Setting<String> = Setting {
    code: "Otlp::identity(..)",
    variables: &[
        "OTEL_EXPORTER_OTLP_{SIGNAL}_CLIENT_KEY",
        "OTEL_EXPORTER_OTLP_CLIENT_KEY",
    ],
    key: "otlp_http.tls.key_file",
    kind: kind::TEXT,
    default: "",
    is_secret: false,
    sentence: "A PEM file: the key of that certificate.",
};

const TEMPORALITY: Setting<Option<()>> = Setting {
    code: "",
    variables: &["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"],
    key: "otlp_http.temporality_preference",
    kind: Kind::choice(&[
        ("cumulative", Some(())),
        ("delta", None),
        ("lowmemory", None),
    ]),
    default: "cumulative",
    is_secret: false,
    sentence: "From where values are counted; anything but `cumulative` is told of and ignored.",
};

const BUCKETS: Setting<FunctionBuckets> = Setting {
    code: ".explicit_function_buckets()",
    variables: &["OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"],
    key: "otlp_http.default_histogram_aggregation",
    kind: Kind::choice(&[
        (
            "base2_exponential_bucket_histogram",
            FunctionBuckets::Exponential,
        ),
        ("explicit_bucket_histogram", FunctionBuckets::Explicit),
    ]),
    default: "base2_exponential_bucket_histogram",
    is_secret: false,
    sentence: "How durations of annotated functions without `buckets` of their own are sent. Histograms have the buckets \
               that code gives them.",
};

#[cfg(test)]
pub(super) const SETTINGS: &[&dyn crate::config::page::Declared] = &[
    &PROTOCOL,
    &ENDPOINT,
    &OWN_ENDPOINT,
    #[cfg(feature = "otlp-grpc")]
    &INSECURE,
    &HEADERS,
    &TIMEOUT,
    &MAX_REQUEST_BYTES,
    &MAX_AGE,
    &MAX_IN_FLIGHT,
    &COMPRESSION,
    &CERTIFICATE,
    &SYSTEM_ROOTS,
    &CLIENT_CERTIFICATE,
    &CLIENT_KEY,
    &TEMPORALITY,
    &BUCKETS,
];

/// The exporters that the environment asks for: one, unless signals travel in different ways.
///
/// # Errors
///
/// [`BuildError::FeatureNotEnabled`] for gRPC without its feature.
pub(super) fn exporters_in_env(
    signals: &[Signal],
    env: &Env<'_>,
) -> Result<Vec<Box<dyn Exporter>>, BuildError> {
    let mut exporters: Vec<Otlp> = Vec::new();
    for signal in signals {
        let protocol = protocol(&env.of(*signal))?;
        match exporters.iter_mut().find(|it| it.protocol == protocol) {
            Some(known) => known.signals.push(*signal),
            None => exporters.push(Otlp::in_env(protocol, vec![*signal])),
        }
    }
    let exporters = exporters.into_iter();
    Ok(exporters
        .map(|it| Box::new(it) as Box<dyn Exporter>)
        .collect())
}

/// Where one signal of this exporter goes, and how.
///
/// # Errors
///
/// [`BuildError`] for an endpoint, a header or a timeout that cannot be used.
pub(super) fn config(otlp: &Otlp, env: &Env<'_>, signal: Signal) -> Result<Config, BuildError> {
    let env = &env.of(signal);
    if signal == Signal::Metrics {
        tell_of_temporality(env);
    }
    let (endpoint, headers) = match &otlp.target {
        Target::Code(written) => {
            tell_of_credentials(env);
            let endpoint = in_code(otlp.protocol, written, signal)?;
            (endpoint, header_map(HEADERS.code, &otlp.headers)?)
        }
        Target::Environment => {
            let headers = HEADERS.in_env(env);
            let headers = headers.map(|said| header_map(said.place.option(), &said.value));
            (
                in_env(otlp.protocol, env, signal)?,
                headers.transpose()?.unwrap_or_default(),
            )
        }
    };
    let max_request_bytes = MAX_REQUEST_BYTES.said(otlp.max_request_bytes, env)?;
    let max_request_bytes = max_request_bytes.map(|said| said.value);
    let max_age = MAX_AGE.said(otlp.max_age, env)?;
    let max_in_flight = MAX_IN_FLIGHT.said(otlp.max_in_flight, env)?;
    Ok(Config {
        protocol: otlp.protocol,
        endpoint,
        headers,
        timeout: TIMEOUT.resolve(otlp.timeout, env)?,
        max_request_bytes: max_request_bytes.unwrap_or(otlp.protocol.max_request_bytes()),
        max_age: max_age.map(|said| said.value),
        max_in_flight: max_in_flight.map(|said| said.value),
        gzip: COMPRESSION.resolve(otlp.gzip, env)?,
        tls: tls(otlp, env),
    })
}

/// What the environment says of the buckets of functions.
pub(super) fn function_buckets(env: &Env<'_>) -> Option<FunctionBuckets> {
    BUCKETS.in_env(env).map(|said| said.value)
}

fn protocol(env: &Env<'_>) -> Result<Protocol, BuildError> {
    let said = PROTOCOL.in_env(env);
    let protocol = match &said {
        Some(said) => said.value,
        None => PROTOCOL.default(),
    };
    protocol.ok_or_else(|| BuildError::FeatureNotEnabled {
        option: said.map_or_else(String::new, |said| format!("{}=grpc", said.place.option())),
        feature: "otlp-grpc",
    })
}

fn in_code(protocol: Protocol, written: &str, signal: Signal) -> Result<Endpoint, BuildError> {
    match protocol {
        #[cfg(feature = "otlp-grpc")]
        Protocol::Grpc => Endpoint::origin("Otlp::grpc(..)", written),
        Protocol::HttpProtobuf => Endpoint::below("Otlp::http(..)", written, path(signal)),
    }
}

/// The signal's own endpoint as it is, else the general one with the signal's path.
fn in_env(protocol: Protocol, env: &Env<'_>, signal: Signal) -> Result<Endpoint, BuildError> {
    let own = OWN_ENDPOINT.in_env(env);
    let general = || ENDPOINT.in_env(env);
    match protocol {
        #[cfg(feature = "otlp-grpc")]
        Protocol::Grpc => match own.or_else(general) {
            Some(said) => Endpoint::origin(said.place.option(), &with_scheme(said.value, env)),
            None => Endpoint::origin("", DEFAULT_ORIGIN),
        },
        Protocol::HttpProtobuf => match (own, general()) {
            (Some(said), _) => Endpoint::parse(said.place.option(), &said.value),
            (None, Some(said)) => Endpoint::below(said.place.option(), &said.value, path(signal)),
            (None, None) => Endpoint::below("", &ENDPOINT.default(), path(signal)),
        },
    }
}

/// For gRPC the scheme may be left out; then, and only then, `INSECURE` decides.
#[cfg(feature = "otlp-grpc")]
fn with_scheme(endpoint: String, env: &Env<'_>) -> String {
    if endpoint.contains("://") {
        return endpoint;
    }
    let is_insecure = INSECURE.resolve_in_env(env);
    let scheme = if is_insecure { "http" } else { "https" };
    format!("{scheme}://{endpoint}")
}

/// Where collectors take requests of this signal, below the base that is given for all signals.
fn path(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => "/v1/traces",
        Signal::Metrics => "/v1/metrics",
    }
}

/// Whom to trust, and who this process says it is; a key goes with the certificate that was named in the same place.
fn tls(otlp: &Otlp, env: &Env<'_>) -> Tls {
    let in_code = |path: &PathBuf, setting: &Setting<String>| File::new(setting.code, path);
    let in_env = |setting: &Setting<String>| {
        let said = setting.in_env(env)?;
        Some(File::new(said.place.option(), said.value))
    };
    let (client_certificate, client_key) = match (&otlp.identity, &otlp.target) {
        (Some((certificate, key)), _) => (
            Some(in_code(certificate, &CLIENT_CERTIFICATE)),
            Some(in_code(key, &CLIENT_KEY)),
        ),
        (None, Target::Code(_)) => (None, None),
        (None, Target::Environment) => (in_env(&CLIENT_CERTIFICATE), in_env(&CLIENT_KEY)),
    };
    let trusted = otlp.trusted.clone();
    Tls {
        trusted: trusted.or_else(|| in_env(&CERTIFICATE).map(Trusted::File)),
        client_certificate,
        client_key,
    }
}

/// Tells of credentials in the environment that do not go to an endpoint in code.
fn tell_of_credentials(env: &Env<'_>) {
    let settings = [
        HEADERS.variables,
        CLIENT_CERTIFICATE.variables,
        CLIENT_KEY.variables,
    ];
    let variables = settings.into_iter().flatten();
    let variables = variables.filter_map(|declared| env.variable(declared));
    for variable in variables.filter(|name| env.is_set(name)) {
        let reason = "code names the endpoint, and credentials of the environment go only to endpoints of the environment; \
                      give them to the exporter in code";
        env.without_effect(&variable, reason);
    }
}

/// Tells whoever wants another temporality that there is no choice yet.
fn tell_of_temporality(env: &Env<'_>) {
    if let Some(said) = TEMPORALITY.in_env(env)
        && said.value.is_none()
    {
        let reason = "all values are counted from the start of the process; write `cumulative`";
        env.ignore(said.place.option(), reason);
    }
}
