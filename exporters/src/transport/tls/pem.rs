//! From PEM files to what TLS is spoken with. Nothing of a key shows in an error.

use std::sync::Arc;

use hyper_rustls::ConfigBuilderExt;
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::identity::Identity;
use super::{File, Tls, Trusted};
use crate::error::BuildError;
use crate::report::Reporter;

/// What is wrong with a file that certificates should be in.
const NO_CERTIFICATE: &str = "name a PEM file with one or more `-----BEGIN CERTIFICATE-----`";
/// What is wrong with a file that a key should be in.
const NO_KEY: &str =
    "name a PEM file with a `-----BEGIN PRIVATE KEY-----` that needs no passphrase";

/// Reads the files.
///
/// # Errors
///
/// [`BuildError::InvalidConfig`] for a file that is not what it should be, and for a system that trusts nobody.
pub(super) fn client_config(
    files: &Tls,
    reporter: &Arc<Reporter>,
) -> Result<ClientConfig, BuildError> {
    // Named, because rustls knows no default when another crate of the program enables a second provider.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("ring has the safe default versions of TLS");
    let builder = match &files.trusted {
        None => builder.with_webpki_roots(),
        Some(Trusted::File(file)) => builder.with_root_certificates(roots(file)?),
        Some(Trusted::System(option)) => builder
            .try_with_platform_verifier()
            .map_err(|error| no_system_roots(option, &error))?,
    };
    match (&files.client_certificate, &files.client_key) {
        (None, None) => Ok(builder.with_no_client_auth()),
        (Some(certificate), Some(key)) => {
            let reporter = Arc::clone(reporter);
            let identity = Identity::read(certificate, key, provider, reporter)?;
            let mut config = builder.with_client_cert_resolver(Arc::new(identity));
            // Servers that resume a session take whom they knew for who comes now.
            config.resumption = Resumption::disabled();
            Ok(config)
        }
        (Some(certificate), None) => Err(certificate.alone("CLIENT_CERTIFICATE", "CLIENT_KEY")),
        (None, Some(key)) => Err(key.alone("CLIENT_KEY", "CLIENT_CERTIFICATE")),
    }
}

fn no_system_roots(option: &str, error: &rustls::Error) -> BuildError {
    BuildError::InvalidConfig {
        option: option.to_owned(),
        value: "true".to_owned(),
        reason: format!(
            "the operating system says of nobody that it trusts them ({error}); install its certificates \
             (often the package `ca-certificates`), or name a PEM file with `.ca(..)`"
        ),
    }
}

fn roots(file: &File) -> Result<RootCertStore, BuildError> {
    let mut roots = RootCertStore::empty();
    for certificate in file.certificates(&file.certificates_text()?)? {
        let added = roots.add(certificate);
        added.map_err(|error| file.unusable(&error.to_string()))?;
    }
    Ok(roots)
}

impl File {
    pub(super) fn certificates_text(&self) -> Result<Vec<u8>, BuildError> {
        self.read(NO_CERTIFICATE)
    }

    pub(super) fn certificates(
        &self,
        pem: &[u8],
    ) -> Result<Vec<CertificateDer<'static>>, BuildError> {
        let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
        let certificates = certificates.map_err(|_| self.unusable("its text is damaged"))?;
        if certificates.is_empty() {
            return Err(self.invalid(&format!("it holds no certificate; {NO_CERTIFICATE}")));
        }
        Ok(certificates)
    }

    pub(super) fn key_text(&self) -> Result<Vec<u8>, BuildError> {
        self.read(NO_KEY)
    }

    pub(super) fn private_key(&self, pem: &[u8]) -> Result<PrivateKeyDer<'static>, BuildError> {
        PrivateKeyDer::from_pem_slice(pem).map_err(|_| self.invalid(NO_KEY))
    }

    fn read(&self, instead: &str) -> Result<Vec<u8>, BuildError> {
        std::fs::read(&self.path)
            .map_err(|error| self.invalid(&format!("it cannot be read ({error}); {instead}")))
    }

    /// One of its certificates is none, whatever stands around it.
    pub(super) fn unusable(&self, why: &str) -> BuildError {
        self.invalid(&format!(
            "a certificate in it cannot be used ({why}); {NO_CERTIFICATE}"
        ))
    }

    pub(super) fn invalid(&self, reason: &str) -> BuildError {
        BuildError::InvalidConfig {
            option: self.option.clone(),
            value: self.shown(),
            reason: reason.to_owned(),
        }
    }

    /// The path, if there is something at it. If not, somebody may have put the secret itself where its path belongs.
    pub(super) fn shown(&self) -> String {
        let path = self.path.exists().then(|| self.path.display().to_string());
        path.unwrap_or_else(|| "***".to_owned())
    }

    /// A certificate without its key, or the reverse: only variables can name one alone.
    fn alone(&self, this: &str, other: &str) -> BuildError {
        let other = self.option.replace(this, other);
        self.invalid(&format!(
            "certificate and key go together; set `{other}` too, or neither"
        ))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::PathBuf;

    use rcgen::{CertifiedKey, KeyPair};

    use super::*;

    const NO_CERTIFICATE_INSIDE: &str =
        "-----BEGIN CERTIFICATE-----\nc2VjcmV0\n-----END CERTIFICATE-----\n";

    /// Files of this test alone, which go with it.
    pub(in super::super) struct Folder(PathBuf);

    impl Folder {
        pub(in super::super) fn new(test: &str) -> Self {
            let name = format!("tachograph-{test}-{}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            std::fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        pub(in super::super) fn file(&self, name: &str, text: &str) -> File {
            let path = self.0.join(name);
            std::fs::write(&path, text).unwrap();
            File::new(format!("OTEL_{}", name.to_ascii_uppercase()), path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    pub(in super::super) type Known = CertifiedKey<KeyPair>;

    pub(in super::super) fn identity() -> Known {
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap()
    }

    #[track_caller]
    fn refuses(folder: &Folder, files: &Tls, message: &str) {
        let error = client_config(files, &Reporter::silent())
            .unwrap_err()
            .to_string();
        let error = error.replace(&*folder.0.to_string_lossy(), "..");
        assert!(error.starts_with(message), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }

    #[test]
    fn files_become_what_tls_is_spoken_with() {
        let folder = Folder::new("good");
        let CertifiedKey { cert, signing_key } = identity();
        let files = Tls {
            trusted: Some(Trusted::File(
                folder.file("ca", &format!("{}{}", cert.pem(), cert.pem())),
            )),
            client_certificate: Some(folder.file("client_certificate", &cert.pem())),
            client_key: Some(folder.file("client_key", &signing_key.serialize_pem())),
        };
        assert!(
            client_config(&files, &Reporter::silent())
                .unwrap()
                .client_auth_cert_resolver
                .has_certs()
        );
        let nothing = client_config(&Tls::default(), &Reporter::silent()).unwrap();
        assert!(!nothing.client_auth_cert_resolver.has_certs());
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        let folder = Folder::new("certificate");
        let trusting = |file| Tls {
            trusted: Some(Trusted::File(file)),
            ..Tls::default()
        };
        let missing = File::new("OTEL_CA", folder.0.join("missing"));
        let message = "OTEL_CA cannot be `***`: it cannot be read (";
        refuses(&folder, &trusting(missing), message);
        let instead = "name a PEM file with one or more `-----BEGIN CERTIFICATE-----`";
        let message = format!("OTEL_CA cannot be `../ca`: it holds no certificate; {instead}");
        let key = identity().signing_key.serialize_pem();
        for text in ["", "secret", &key] {
            refuses(&folder, &trusting(folder.file("ca", text)), &message);
        }
        let message = "OTEL_CA cannot be `../ca`: a certificate in it cannot be used (";
        let broken = "-----BEGIN CERTIFICATE-----\nsecret!\n-----END CERTIFICATE-----\n";
        for text in [broken, NO_CERTIFICATE_INSIDE] {
            refuses(&folder, &trusting(folder.file("ca", text)), message);
        }
        let files = Tls {
            client_certificate: Some(folder.file("client_certificate", NO_CERTIFICATE_INSIDE)),
            client_key: Some(folder.file("client_key", &key)),
            ..Tls::default()
        };
        let message =
            "OTEL_CLIENT_CERTIFICATE cannot be `../client_certificate`: a certificate in it";
        refuses(&folder, &files, message);
    }

    #[test]
    fn what_is_no_key_is_refused_and_never_shown() {
        let folder = Folder::new("key");
        let identified = |key: &str| Tls {
            client_certificate: Some(folder.file("client_certificate", &identity().cert.pem())),
            client_key: Some(folder.file("client_key", key)),
            ..Tls::default()
        };
        let message = "OTEL_CLIENT_KEY cannot be `../client_key`: \
                       name a PEM file with a `-----BEGIN PRIVATE KEY-----` that needs no passphrase";
        refuses(&folder, &identified("secret"), message);
        let broken = "-----BEGIN PRIVATE KEY-----\nsecret!\n-----END PRIVATE KEY-----\n";
        refuses(&folder, &identified(broken), message);
        let of_another = identity().signing_key.serialize_pem();
        let message = "OTEL_CLIENT_KEY cannot be `../client_key`: it is not the key of `../client_certificate` (";
        refuses(&folder, &identified(&of_another), message);
        let no_key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
        refuses(&folder, &identified(no_key), message);
    }

    #[test]
    fn certificate_and_key_go_together() {
        let folder = Folder::new("alone");
        let CertifiedKey { cert, signing_key } = identity();
        let certificate = Tls {
            client_certificate: Some(folder.file("client_certificate", &cert.pem())),
            ..Tls::default()
        };
        let message = "OTEL_CLIENT_CERTIFICATE cannot be `../client_certificate`: \
                       certificate and key go together; set `OTEL_CLIENT_KEY` too, or neither";
        refuses(&folder, &certificate, message);
        let key = Tls {
            client_key: Some(folder.file("client_key", &signing_key.serialize_pem())),
            ..Tls::default()
        };
        let message = "OTEL_CLIENT_KEY cannot be `../client_key`: \
                       certificate and key go together; set `OTEL_CLIENT_CERTIFICATE` too, or neither";
        refuses(&folder, &key, message);
    }
}
