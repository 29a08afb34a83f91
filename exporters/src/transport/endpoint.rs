//! Where a backend listens, checked once when telemetry is installed.

use std::fmt;

use http::Uri;
use http::uri::Scheme;

use crate::error::BuildError;

/// An absolute `http` or `https` URL. `Display` and `Debug` leave out its query, and of its path what somebody wrote:
/// both may hold secrets.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) uri: Uri,
    /// The end of the path, which is ours.
    own_path: &'static str,
}

impl Endpoint {
    /// Checks what `option`, a builder's method or a variable, says.
    ///
    /// # Errors
    ///
    /// [`BuildError::InvalidEndpoint`] says what is wrong, [`BuildError::TlsNotEnabled`] names the missing feature.
    pub(crate) fn parse(option: &str, written: &str) -> Result<Self, BuildError> {
        Self::below(option, written, "")
    }

    /// The same for gRPC, which names its methods itself.
    #[cfg(feature = "otlp-grpc")]
    pub(crate) fn origin(option: &str, written: &str) -> Result<Self, BuildError> {
        let endpoint = Self::parse(option, written)?;
        if endpoint.uri.path() != "/" || endpoint.uri.query().is_some() {
            return Err(BuildError::InvalidEndpoint {
                option: option.to_owned(),
                reason: "gRPC has neither a path nor a query; write `http://host:port` alone"
                    .to_owned(),
            });
        }
        Ok(endpoint)
    }

    /// The same with a path after the one that is written.
    pub(crate) fn below(
        option: &str,
        written: &str,
        path: &'static str,
    ) -> Result<Self, BuildError> {
        let written = written.trim();
        let invalid = |reason: &str| BuildError::InvalidEndpoint {
            option: option.to_owned(),
            reason: reason.to_owned(),
        };
        let (base, query) = written.split_at(written.find('?').unwrap_or(written.len()));
        let full = match path {
            "" => written.to_owned(),
            _ => format!("{}{path}{query}", base.trim_end_matches('/')),
        };
        let not_a_url = |error| {
            invalid(&format!(
                "not a URL ({error}); write one such as `http://host:port`"
            ))
        };
        let uri = written.parse::<Uri>().map_err(not_a_url)?;
        let Some(authority) = uri.authority() else {
            return Err(invalid("write an absolute URL such as `http://host:port`"));
        };
        let is_tls = uri.scheme() == Some(&Scheme::HTTPS);
        if !is_tls && uri.scheme() != Some(&Scheme::HTTP) {
            return Err(invalid("it must begin with `http://` or `https://`"));
        }
        if authority.as_str().contains('@') {
            return Err(invalid(
                "credentials in it are not sent; give them as a header, or to Jaeger as user and password",
            ));
        }
        let port = authority.as_str();
        let port = port.strip_prefix(authority.host()).unwrap_or_default();
        if !port.is_empty() && authority.port_u16().is_none_or(|port| port == 0) {
            return Err(invalid("its port must be between 1 and 65535"));
        }
        if authority.host().is_empty() {
            return Err(invalid("it names no host"));
        }
        if is_tls && cfg!(not(feature = "tls")) {
            return Err(BuildError::TlsNotEnabled {
                option: option.to_owned(),
                feature: "tls",
            });
        }
        let uri = full.parse().map_err(not_a_url)?;
        Ok(Self {
            uri,
            own_path: path,
        })
    }
}

impl Endpoint {
    /// Scheme, host and port: what all URLs of one server have in common.
    pub(crate) fn server(&self) -> String {
        let scheme = self.uri.scheme_str().unwrap_or_default();
        let authority = self.uri.authority().map_or("", |it| it.as_str());
        format!("{scheme}://{authority}")
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.server(), self.own_path)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refuses(endpoint: &str, message: &str) {
        let error = Endpoint::parse("X", endpoint).expect_err("a bad endpoint");
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn accepts_urls() {
        for url in [
            "http://localhost:4318/v1/traces",
            "http://[::1]:4318/",
            "http://h",
        ] {
            assert!(Endpoint::parse("X", url).is_ok(), "{url}");
        }
        let endpoint = Endpoint::parse("X", " http://h:1/v1/traces?token=secret ").unwrap();
        assert_eq!(
            endpoint.to_string(),
            "http://h:1",
            "what somebody wrote is not shown"
        );
    }

    #[test]
    fn a_path_goes_below_and_the_query_stays() {
        let below = |base: &str| {
            let endpoint = Endpoint::below("X", base, "/v1/traces").unwrap();
            endpoint.uri.to_string()
        };
        assert_eq!(below("http://a:1"), "http://a:1/v1/traces");
        assert_eq!(below("http://a:1/base/"), "http://a:1/base/v1/traces");
        assert_eq!(below("http://a:1/?key=k"), "http://a:1/v1/traces?key=k");
        let error = Endpoint::below("X", "collector", "/v1/traces").unwrap_err();
        assert_eq!(
            error.to_string(),
            "X is no usable endpoint: it must begin with `http://` or `https://`",
        );
    }

    #[test]
    fn of_the_path_ours_is_shown() {
        let endpoint = Endpoint::below("X", "http://h:1/secret?secret", "/v1/traces").unwrap();
        assert_eq!(endpoint.to_string(), "http://h:1/v1/traces");
        assert_eq!(format!("{endpoint:?}"), "http://h:1/v1/traces");
    }

    #[cfg(feature = "otlp-grpc")]
    #[test]
    fn an_origin_has_no_path() {
        for url in ["http://h:1", "http://h:1/"] {
            assert!(Endpoint::origin("X", url).is_ok(), "{url}");
        }
        for url in [
            "http://h:1/a",
            "http://h:1/a?key=secret",
            "http://h:1?key=secret",
        ] {
            let error = Endpoint::origin("X", url).unwrap_err().to_string();
            let expected = "X is no usable endpoint: gRPC has neither a path nor a query; write `http://host:port` alone";
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn refuses_what_cannot_be_reached() {
        refuses(
            "localhost:4318",
            "X is no usable endpoint: it must begin with `http://` or `https://`",
        );
        refuses(
            "ftp://h/",
            "X is no usable endpoint: it must begin with `http://` or `https://`",
        );
        refuses(
            "http://h:99999/",
            "X is no usable endpoint: its port must be between 1 and 65535",
        );
        refuses(
            "",
            "X is no usable endpoint: not a URL (empty string); write one such as `http://host:port`",
        );
        refuses(
            "http://h:4318/a b",
            "X is no usable endpoint: not a URL (invalid uri character); write one such as `http://host:port`",
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
            let error = Endpoint::parse("X", secret).expect_err(secret).to_string();
            assert!(!error.contains("sec"), "{error}");
        }
    }

    #[cfg(not(feature = "tls"))]
    #[test]
    fn names_the_feature_for_tls() {
        refuses(
            "https://h/",
            "X needs TLS: enable the feature `tls` of `tachograph-exporters`, or write `http://`",
        );
    }
}
