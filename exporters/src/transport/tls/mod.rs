//! Whom `https://` endpoints must be to be trusted, and who this process says it is.

use std::path::PathBuf;
use std::sync::Arc;

use hyper_util::client::legacy::connect::HttpConnector;

#[cfg(feature = "tls")]
use self::pem::client_config;
use super::connect::{Patience, Within};
use crate::error::BuildError;
use crate::report::Reporter;

#[cfg(feature = "tls")]
mod identity;
#[cfg(feature = "tls")]
mod pem;

/// Opens connections: plain ones to `http://` endpoints, TLS to `https://` ones.
#[cfg(feature = "tls")]
pub(crate) type Connector = Within<hyper_rustls::HttpsConnector<HttpConnector>>;
/// Opens connections to `http://` endpoints.
#[cfg(not(feature = "tls"))]
pub(crate) type Connector = Within<HttpConnector>;

/// A file, and the builder's method or the variable that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    option: String,
    path: PathBuf,
}

impl File {
    pub(crate) fn new(option: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            option: option.into(),
            path: path.into(),
        }
    }
}

/// Whom somebody trusts, and nobody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trusted {
    /// The certificates in this file.
    File(File),
    /// Whom the operating system trusts, as this method of the builder says.
    System(&'static str),
}

impl Trusted {
    /// The builder's method or the variable that says so.
    pub(crate) fn option(&self) -> &str {
        match self {
            Self::File(file) => &file.option,
            Self::System(option) => option,
        }
    }
}

/// What somebody says of TLS. Whoever says nothing trusts the public certificate authorities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tls {
    pub(crate) trusted: Option<Trusted>,
    /// For servers that ask who this process is: its certificate, with those between it and the root.
    pub(crate) client_certificate: Option<File>,
    /// The key of that certificate.
    pub(crate) client_key: Option<File>,
}

impl Tls {
    /// For HTTP/1.1.
    ///
    /// # Errors
    ///
    /// [`BuildError::InvalidConfig`] for a file that is not what it should be, and for a system that trusts nobody;
    /// [`BuildError::FeatureNotEnabled`] for whatever is said without the feature `tls`.
    #[cfg_attr(
        not(feature = "tls"),
        expect(
            unused_variables,
            reason = "only files that change have something to report"
        )
    )]
    pub(crate) fn http1(
        &self,
        patience: Patience,
        reporter: &Arc<Reporter>,
    ) -> Result<Connector, BuildError> {
        let http = patience.tcp();
        #[cfg(feature = "tls")]
        let http = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(client_config(self, reporter)?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        #[cfg(not(feature = "tls"))]
        self.refuse()?;
        Ok(patience.within(http))
    }

    /// For HTTP/2.
    ///
    /// # Errors
    ///
    /// Those of [`Tls::http1`].
    #[cfg(feature = "otlp-grpc")]
    #[cfg_attr(
        not(feature = "tls"),
        expect(
            unused_variables,
            reason = "only files that change have something to report"
        )
    )]
    pub(crate) fn http2(
        &self,
        patience: Patience,
        reporter: &Arc<Reporter>,
    ) -> Result<Connector, BuildError> {
        let http = patience.tcp();
        #[cfg(feature = "tls")]
        let http = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(client_config(self, reporter)?)
            .https_or_http()
            .enable_http2()
            .wrap_connector(http);
        #[cfg(not(feature = "tls"))]
        self.refuse()?;
        Ok(patience.within(http))
    }

    #[cfg(not(feature = "tls"))]
    fn refuse(&self) -> Result<(), BuildError> {
        let own = [&self.client_certificate, &self.client_key];
        let own = own.into_iter().flatten().map(|file| &*file.option);
        match self.trusted.iter().map(Trusted::option).chain(own).next() {
            None => Ok(()),
            Some(option) => Err(BuildError::FeatureNotEnabled {
                option: option.to_owned(),
                feature: "tls",
            }),
        }
    }
}

#[cfg(all(test, not(feature = "tls")))]
mod tests {
    use super::*;

    fn patience() -> Patience {
        Patience::with(std::time::Duration::from_secs(10))
    }

    #[test]
    fn names_the_feature() {
        assert!(
            Tls::default()
                .http1(patience(), &Reporter::silent())
                .is_ok()
        );
        let files = Tls {
            client_key: Some(File::new("OTEL_KEY", "key.pem")),
            ..Tls::default()
        };
        let message = "OTEL_KEY needs the feature `tls` of `tachograph-exporters`";
        assert_eq!(
            files
                .http1(patience(), &Reporter::silent())
                .unwrap_err()
                .to_string(),
            message
        );
        let system = Tls {
            trusted: Some(Trusted::System("X::system_roots()")),
            ..files
        };
        let message = "X::system_roots() needs the feature `tls` of `tachograph-exporters`";
        assert_eq!(
            system
                .http1(patience(), &Reporter::silent())
                .unwrap_err()
                .to_string(),
            message
        );
    }
}
