//! Certificates that exist for one test alone, and TLS that is spoken with them.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CertifiedKey, DnType, IsCa, KeyPair,
};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

/// A certificate authority whose files, in a folder of their own, go when it goes.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: PathBuf,
}

impl Authority {
    /// Its folder has `ca.pem` with its certificate, and `client.pem` and `client.key` for somebody whom it knows.
    ///
    /// # Panics
    ///
    /// When the files cannot be written.
    #[must_use]
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tachograph-authority-{}-{count}", process::id());
        let folder = env::temp_dir().join(&name);
        fs::create_dir_all(&folder).expect("a folder");

        let mut params = params("tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, key()).expect("a certificate");
        let authority = Self { issuer, folder };
        let client = authority.certify("client");
        let write = |name: &str, text: String| {
            fs::write(authority.file(name), text).expect("a file");
        };
        write("ca.pem", authority.issuer.pem());
        write("client.pem", client.cert.pem());
        write("client.key", client.signing_key.serialize_pem());
        authority
    }

    /// Where the files are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// One of its files.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// TLS for a server at 127.0.0.1; if it `asks`, only for clients with a certificate of this authority.
    pub(crate) fn server(&self, asks: bool) -> TlsAcceptor {
        let provider = Arc::new(ring::default_provider());
        let mut clients = RootCertStore::empty();
        let own = self.issuer.der().clone();
        clients.add(own).expect("a certificate");
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(clients), Arc::clone(&provider));
        let verifier = verifier.build().expect("a verifier of clients");

        let builder = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions that ring knows");
        let builder = if asks {
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let CertifiedKey { cert, signing_key } = self.certify(&Ipv4Addr::LOCALHOST.to_string());
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
        let chain = vec![cert.der().clone()];
        let mut config = builder.with_single_cert(chain, key).expect("an identity");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Arc::new(config).into()
    }

    fn certify(&self, name: &str) -> CertifiedKey<KeyPair> {
        let signing_key = key();
        let cert = params(name).signed_by(&signing_key, &self.issuer);
        CertifiedKey {
            cert: cert.expect("a certificate"),
            signing_key,
        }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn params(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).expect("a name or an address")
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}
