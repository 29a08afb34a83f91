//! Where a backend listens, checked once when telemetry is installed.

use std::fmt;

use http::Uri;
use http::uri::Scheme;

use crate::error::BuildError;

/// An absolute `http` or `https` URL. `Display` and `Debug` leave its query out, which may hold secrets.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) uri: Uri,
}

impl Endpoint {
    /// Checks the endpoint of `exporter`.
    ///
    /// # Errors
    ///
    /// [`BuildError::InvalidEndpoint`] says what is wrong, [`BuildError::TlsNotEnabled`] names the missing feature.
    pub(crate) fn parse(exporter: &'static str, endpoint: &str) -> Result<Self, BuildError> {
        let uri = endpoint.trim().parse::<Uri>();
        let invalid = |reason: &str| BuildError::InvalidEndpoint {
            exporter,
            endpoint: uri.as_ref().map_or_else(|_| unparsed(endpoint), shown),
            reason: reason.to_owned(),
        };
        let uri = uri.as_ref().map_err(|error| {
            invalid(&format!(
                "not a URL ({error}); write one such as `http://localhost:4318`"
            ))
        })?;
        let Some(authority) = uri.authority() else {
            return Err(invalid(
                "write an absolute URL such as `http://localhost:4318`",
            ));
        };
        let is_tls = uri.scheme() == Some(&Scheme::HTTPS);
        if !is_tls && uri.scheme() != Some(&Scheme::HTTP) {
            return Err(invalid("it must begin with `http://` or `https://`"));
        }
        let (credentials, address) = authority
            .as_str()
            .rsplit_once('@')
            .map_or((None, authority.as_str()), |(credentials, address)| {
                (Some(credentials), address)
            });
        if credentials.is_some() {
            return Err(invalid(
                "credentials in it are not sent; give them as a header, or to Jaeger as user and password",
            ));
        }
        let port = address.strip_prefix(authority.host()).unwrap_or_default();
        if !port.is_empty() && authority.port_u16().is_none_or(|port| port == 0) {
            return Err(invalid("its port must be between 1 and 65535"));
        }
        if authority.host().is_empty() {
            return Err(invalid("it names no host"));
        }
        if is_tls && cfg!(not(feature = "tls")) {
            return Err(BuildError::TlsNotEnabled {
                endpoint: shown(uri),
                feature: "tls",
            });
        }
        Ok(Self { uri: uri.clone() })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.uri))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A URL without credentials and query.
fn shown(uri: &Uri) -> String {
    let scheme = uri
        .scheme()
        .map_or(String::new(), |scheme| format!("{scheme}://"));
    let port = uri
        .port_u16()
        .map_or(String::new(), |port| format!(":{port}"));
    let host = uri.host().unwrap_or_default();
    format!("{scheme}{host}{port}{}", uri.path())
}

/// A text that is no URL, unless it may hold secrets.
fn unparsed(endpoint: &str) -> String {
    if endpoint.contains(['@', '?']) {
        let scheme = endpoint.split_once("://").map_or("", |(scheme, _)| scheme);
        format!("{scheme}://…")
    } else {
        endpoint.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refuses(endpoint: &str, message: &str) {
        let error = Endpoint::parse("otlp_http", endpoint).expect_err("a bad endpoint");
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn accepts_urls() {
        for url in [
            "http://localhost:4318/v1/traces",
            "http://[::1]:4318/",
            "http://h",
        ] {
            assert!(Endpoint::parse("otlp_http", url).is_ok(), "{url}");
        }
        let endpoint = Endpoint::parse("otlp_http", " http://h:1/v1/traces?token=secret ").unwrap();
        assert_eq!(endpoint.to_string(), "http://h:1/v1/traces");
    }

    #[test]
    fn refuses_what_cannot_be_reached() {
        refuses(
            "localhost:4318",
            "otlp_http: `localhost:4318` is no usable endpoint: it must begin with `http://` or `https://`",
        );
        refuses(
            "ftp://h/",
            "otlp_http: `ftp://h/` is no usable endpoint: it must begin with `http://` or `https://`",
        );
        refuses(
            "http://h:99999/",
            "otlp_http: `http://h/` is no usable endpoint: its port must be between 1 and 65535",
        );
        refuses(
            "",
            "otlp_http: `` is no usable endpoint: not a URL (empty string); write one such as `http://localhost:4318`",
        );
        refuses(
            "http://h:4318/a b",
            "otlp_http: `http://h:4318/a b` is no usable endpoint: not a URL (invalid uri character); write one such as `http://localhost:4318`",
        );
    }

    #[test]
    fn keeps_secrets() {
        for secret in [
            "http://u:secret@h/",
            "http://u:sec?ret@h/",
            "ftp://h/?key=secret",
            "http://u:secret@h/ ?key=secret",
        ] {
            let error = Endpoint::parse("otlp_http", secret)
                .expect_err(secret)
                .to_string();
            assert!(!error.contains("sec"), "{error}");
        }
    }

    #[cfg(not(feature = "tls"))]
    #[test]
    fn names_the_feature_for_tls() {
        refuses(
            "https://h/",
            "`https://h/` needs TLS: enable the feature `tls` of `tachograph-exporters`",
        );
    }
}
