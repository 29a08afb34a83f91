//! Where and how OTLP is sent: code, then the signal's own variables, then the general ones.

mod variables;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use http::HeaderMap;

use self::variables::Variables;
use crate::backends::otlp::{Config, Protocol};
use crate::config::env::Env;
use crate::config::schedule::check_positive;
use crate::error::BuildError;
use crate::signal::Signal;
use crate::transport::endpoint::Endpoint;
use crate::transport::headers::header_map;
use crate::transport::tls::{File, TlsFiles};

/// What code says about OTLP.
#[derive(Default)]
pub(crate) struct OtlpCode {
    pub(crate) endpoint: Option<(Protocol, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) gzip: Option<bool>,
    /// Certificates to trust.
    pub(crate) certificate: Option<PathBuf>,
    /// This process' certificate and its key.
    pub(crate) client_identity: Option<(PathBuf, PathBuf)>,
}

/// Where this signal goes, if code names an endpoint or the environment selects OTLP for it.
///
/// # Errors
///
/// [`BuildError`] for an endpoint, a header or a timeout that cannot be used, and for a protocol that is not compiled
/// in.
pub(crate) fn target(
    code: &OtlpCode,
    env: &Env<'_>,
    signal: Signal,
    is_selected: bool,
) -> Result<Option<Config>, BuildError> {
    if code.endpoint.is_none() && !is_selected {
        return Ok(None);
    }
    check_positive(".otlp_timeout(..)", code.timeout)?;
    let env = Variables { env, signal };
    let (protocol, endpoint) = if let Some((protocol, written)) = &code.endpoint {
        (*protocol, in_code(*protocol, written, signal)?)
    } else {
        let protocol = env.protocol()?;
        (protocol, env.endpoint(protocol)?)
    };
    if signal == Signal::Metrics {
        env.metric_preferences();
    }
    let timeout = code.timeout.or_else(|| env.timeout());
    Ok(Some(Config {
        protocol,
        endpoint,
        headers: headers(code, &env)?,
        timeout: timeout.unwrap_or(Duration::from_secs(10)),
        gzip: code.gzip.or_else(|| env.gzip()).unwrap_or(false),
        tls: tls(code, &env),
    }))
}

/// Tells of what code says about requests that nobody sends.
pub(crate) fn tell_unused(code: &OtlpCode, env: &Env<'_>) {
    let said = [
        (".otlp_headers(..)", !code.headers.is_empty()),
        (".otlp_timeout(..)", code.timeout.is_some()),
        (".otlp_gzip(..)", code.gzip.is_some()),
        (".otlp_certificate(..)", code.certificate.is_some()),
        (".otlp_client_identity(..)", code.client_identity.is_some()),
    ];
    for (option, _) in said.into_iter().filter(|(_, is_said)| *is_said) {
        let reason = "nothing is sent as OTLP; name an endpoint with `.otlp(..)` or `OTEL_EXPORTER_OTLP_ENDPOINT`";
        env.without_effect(option, reason);
    }
}

fn in_code(protocol: Protocol, written: &str, signal: Signal) -> Result<Endpoint, BuildError> {
    match protocol {
        #[cfg(feature = "otlp-grpc")]
        Protocol::Grpc => Endpoint::origin(".otlp_grpc(..)", written),
        Protocol::HttpProtobuf => Endpoint::below(".otlp(..)", written, path(signal)),
    }
}

/// Where collectors take requests of this signal, below the base that is given for all signals.
fn path(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => "/v1/traces",
        Signal::Metrics => "/v1/metrics",
    }
}

/// Headers of code, and those of the environment that code does not name.
fn headers(code: &OtlpCode, env: &Variables<'_>) -> Result<HeaderMap, BuildError> {
    let in_code = header_map(".otlp_headers(..)", &code.headers)?;
    let mut headers = env.headers()?;
    for name in in_code.keys() {
        headers.remove(name);
    }
    headers.extend(in_code);
    Ok(headers)
}

/// The files about TLS; a key goes with the certificate that was named in the same place.
fn tls(code: &OtlpCode, env: &Variables<'_>) -> TlsFiles {
    let trusted = code.certificate.as_ref();
    let trusted = trusted.map(|path| File::new(".otlp_certificate(..)", path));
    let trusted = trusted.or_else(|| env.file("CERTIFICATE"));
    if let Some((certificate, key)) = &code.client_identity {
        let named = |path| Some(File::new(".otlp_client_identity(..)", path));
        return TlsFiles {
            trusted,
            client_certificate: named(certificate),
            client_key: named(key),
        };
    }
    TlsFiles {
        trusted,
        client_certificate: env.file("CLIENT_CERTIFICATE"),
        client_key: env.file("CLIENT_KEY"),
    }
}
