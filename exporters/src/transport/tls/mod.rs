//! Whom `https://` endpoints must be to be trusted, and who this process says it is.

use std::path::PathBuf;

use hyper_util::client::legacy::connect::HttpConnector;

#[cfg(feature = "tls")]
use self::pem::client_config;
use super::connect::{Patience, Within};
use crate::error::BuildError;

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

/// The PEM files that somebody names. Without any, the public certificate authorities are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    /// Certificates to trust, and no others.
    pub(crate) trusted: Option<File>,
    /// For servers that ask who this process is: its certificate, with those between it and the root.
    pub(crate) client_certificate: Option<File>,
    /// The key of that certificate.
    pub(crate) client_key: Option<File>,
}

impl TlsFiles {
    /// For HTTP/1.1.
    ///
    /// # Errors
    ///
    /// [`BuildError::InvalidConfig`] for a file that is not what it should be, [`BuildError::FeatureNotEnabled`] for
    /// any file without the feature `tls`.
    pub(crate) fn http1(&self, patience: Patience) -> Result<Connector, BuildError> {
        let http = patience.tcp();
        #[cfg(feature = "tls")]
        let http = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(client_config(self)?)
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
    /// Those of [`TlsFiles::http1`].
    #[cfg(feature = "otlp-grpc")]
    pub(crate) fn http2(&self, patience: Patience) -> Result<Connector, BuildError> {
        let http = patience.tcp();
        #[cfg(feature = "tls")]
        let http = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(client_config(self)?)
            .https_or_http()
            .enable_http2()
            .wrap_connector(http);
        #[cfg(not(feature = "tls"))]
        self.refuse()?;
        Ok(patience.within(http))
    }

    #[cfg(not(feature = "tls"))]
    fn refuse(&self) -> Result<(), BuildError> {
        let files = [&self.trusted, &self.client_certificate, &self.client_key];
        match files.into_iter().flatten().next() {
            None => Ok(()),
            Some(file) => Err(BuildError::FeatureNotEnabled {
                option: file.option.clone(),
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
    fn names_the_feature_for_files() {
        assert!(TlsFiles::default().http1(patience()).is_ok());
        let files = TlsFiles {
            client_key: Some(File::new("OTEL_KEY", "key.pem")),
            ..TlsFiles::default()
        };
        let message = "OTEL_KEY needs the feature `tls` of `tachograph-exporters`";
        assert_eq!(files.http1(patience()).unwrap_err().to_string(), message);
    }
}
