//! Who this process says it is. The files are looked at again for each connection, because certificates that live for
//! hours are replaced on disk.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls::{Error, SignatureScheme};

use super::File;
use crate::error::{BuildError, ExportError};
use crate::report::Reporter;

/// A certificate and its key. What is on disk counts as long as it makes sense; what makes none is told of once, and what
/// was there before stays.
pub(super) struct Identity {
    certificate: File,
    key: File,
    provider: Arc<CryptoProvider>,
    reporter: Arc<Reporter>,
    known: Mutex<Known>,
}

/// What the files came to when they made sense last.
struct Known {
    text: Text,
    pair: Arc<CertifiedKey>,
    /// What is wrong with the files since, and was told.
    told: Option<String>,
}

/// What the files hold. It is compared whole: times of files are coarse, and links move without changing them.
#[derive(PartialEq, Eq)]
struct Text {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Identity {
    /// Reads the files for the first time.
    ///
    /// # Errors
    ///
    /// [`BuildError::InvalidConfig`] for a file that is not what it should be.
    pub(super) fn read(
        certificate: &File,
        key: &File,
        provider: Arc<CryptoProvider>,
        reporter: Arc<Reporter>,
    ) -> Result<Self, BuildError> {
        let text = Text::read(certificate, key)?;
        let pair = text.pair(certificate, key, &provider)?;
        Ok(Self {
            certificate: certificate.clone(),
            key: key.clone(),
            provider,
            reporter,
            known: Mutex::new(Known {
                text,
                pair,
                told: None,
            }),
        })
    }

    /// The pair on disk, if it is not the known one.
    fn another(&self, known: &Text) -> Result<Option<(Text, Arc<CertifiedKey>)>, BuildError> {
        let text = Text::read(&self.certificate, &self.key)?;
        if text == *known {
            return Ok(None);
        }
        let pair = text.pair(&self.certificate, &self.key, &self.provider)?;
        Ok(Some((text, pair)))
    }
}

impl Text {
    fn read(certificate: &File, key: &File) -> Result<Self, BuildError> {
        Ok(Self {
            certificate: certificate.certificates_text()?,
            key: key.key_text()?,
        })
    }

    fn pair(
        &self,
        certificate: &File,
        key: &File,
        provider: &CryptoProvider,
    ) -> Result<Arc<CertifiedKey>, BuildError> {
        let chain = certificate.certificates(&self.certificate)?;
        let pair = CertifiedKey::from_der(chain, key.private_key(&self.key)?, provider);
        pair.map(Arc::new).map_err(|error| {
            if matches!(error, Error::InvalidCertificate(_)) {
                return certificate.unusable(&error.to_string());
            }
            let of = certificate.shown();
            key.invalid(&format!("it is not the key of `{of}` ({error})"))
        })
    }
}

impl ResolvesClientCert for Identity {
    /// Called for each connection to a server that asks.
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut told = None;
        match self.another(&known.text) {
            Ok(None) => {}
            Ok(Some((text, pair))) => (known.text, known.pair) = (text, pair),
            Err(error) => told = Some(error.to_string()),
        }
        let news = told.clone().filter(|_| told != known.told);
        known.told = told;
        let pair = Arc::clone(&known.pair);
        // The user's code must not wait for this lock.
        drop(known);
        if let Some(reason) = news {
            self.reporter.report(&ExportError::StaleIdentity { reason });
        }
        Some(pair)
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the texts, of which one is the key.
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use rcgen::CertifiedKey as Certified;
    use rustls::client::ClientConnection;
    use rustls::crypto::ring;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
    use rustls::server::{ServerConnection, WebPkiClientVerifier};
    use rustls::{ClientConfig, RootCertStore, ServerConfig};
    use tracing::level_filters::LevelFilter;

    use super::super::pem::client_config;
    use super::super::pem::tests::{Folder, Known as Own, identity};
    use super::super::{Tls, Trusted};
    use super::*;

    /// Hands the bytes that one side writes to the other one.
    macro_rules! hand_over {
        ($from:expr => $to:expr) => {{
            let mut bytes = Vec::new();
            while $from.wants_write() {
                $from.write_tls(&mut bytes).unwrap();
            }
            let mut bytes = &bytes[..];
            while !bytes.is_empty() {
                $to.read_tls(&mut bytes).unwrap();
                $to.process_new_packets().unwrap();
            }
        }};
    }

    /// Who the client says it is over a new connection.
    fn introduced(
        client: &Arc<ClientConfig>,
        server: &Arc<ServerConfig>,
    ) -> CertificateDer<'static> {
        let name = ServerName::try_from("localhost").unwrap();
        let mut client = ClientConnection::new(Arc::clone(client), name).unwrap();
        let mut server = ServerConnection::new(Arc::clone(server)).unwrap();
        while client.is_handshaking() || server.is_handshaking() {
            hand_over!(client => server);
            hand_over!(server => client);
        }
        server.peer_certificates().unwrap()[0].clone().into_owned()
    }

    /// A server with this certificate that asks for one of those.
    fn server(own: &Own, clients: &[&Own]) -> Arc<ServerConfig> {
        let provider = Arc::new(ring::default_provider());
        let mut trusted = RootCertStore::empty();
        for client in clients {
            trusted.add(client.cert.der().clone()).unwrap();
        }
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(trusted), Arc::clone(&provider));
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(vec![own.cert.der().clone()], key);
        Arc::new(config.unwrap())
    }

    #[test]
    fn files_are_read_again_for_each_connection() {
        let folder = Folder::new("replaced");
        let [own, first, second] = [(); 3].map(|()| identity());
        let write = |Certified { cert, signing_key }: &Own| {
            let certificate = folder.file("client_certificate", &cert.pem());
            let key = folder.file("client_key", &signing_key.serialize_pem());
            (certificate, key)
        };
        let (certificate, key) = write(&first);
        let tls = Tls {
            trusted: Some(Trusted::File(folder.file("ca", &own.cert.pem()))),
            client_certificate: Some(certificate),
            client_key: Some(key),
        };
        let (sender, told) = mpsc::channel();
        let on_error = move |error: &ExportError| sender.send(error.to_string()).unwrap();
        let reporter = Reporter::new(Some(Box::new(on_error)), LevelFilter::OFF);
        let client = Arc::new(client_config(&tls, &Arc::new(reporter)).unwrap());
        let server = server(&own, &[&first, &second]);

        assert_eq!(introduced(&client, &server), *first.cert.der());
        // As in the middle of a change: the certificate is new, and the key is not.
        folder.file("client_certificate", &second.cert.pem());
        for _ in 0..2 {
            assert_eq!(introduced(&client, &server), *first.cert.der());
        }
        let told: Vec<_> = {
            write(&second);
            assert_eq!(introduced(&client, &server), *second.cert.der());
            folder.file("client_key", "secret");
            for _ in 0..2 {
                assert_eq!(introduced(&client, &server), *second.cert.der());
            }
            told.try_iter().collect()
        };
        let begin = "the client certificate stays as it was: OTEL_CLIENT_KEY cannot be `";
        let [mismatch, no_key] = &told[..] else {
            panic!("each once: {told:?}");
        };
        assert!(mismatch.starts_with(begin), "{mismatch}");
        assert!(mismatch.contains("it is not the key of `"), "{mismatch}");
        assert!(no_key.starts_with(begin), "{no_key}");
        assert!(!no_key.contains("secret"), "{no_key}");
        assert!(!format!("{client:?}").contains(&second.signing_key.serialize_pem()));
    }
}
