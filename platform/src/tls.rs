//! Certificates and keys of TLS, in PEM files, for listeners and for clients.
//!
//! Files are read once, at start: a process that is to use a renewed certificate is started again, as a rolling restart
//! does. Every file is checked when it is read, so that a wrong one shows by its name and not in failing handshakes.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, server};

/// Why a file of certificates or keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// It holds no certificate in PEM.
    #[error("{path}: holds no PEM certificate", path = .0.display())]
    NoCertificate(PathBuf),
    /// It holds no private key in PEM.
    #[error("{path}: holds no PEM private key", path = .0.display())]
    NoKey(PathBuf),
    /// A certificate in it is damaged, or not of a kind that can be used.
    #[error("{path}: {reason}", path = path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Certificate and key do not belong together, or are of a kind that is not supported.
    #[error("{path}: {source}", path = path.display())]
    Pair {
        /// The file of the certificate.
        path: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
}

/// The cryptography, named: a process-wide default would be whichever library set it first.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })
}

/// The certificates of a file, in their order: one's own first, then those that lead to its authority.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let damaged = |fault: rustls::pki_types::pem::Error| Error::Certificate {
        path: path.to_owned(),
        reason: format!("{fault:?}"),
    };
    let found: Vec<_> =
        CertificateDer::pem_slice_iter(&read(path)?).collect::<Result<_, _>>().map_err(damaged)?;
    if found.is_empty() { Err(Error::NoCertificate(path.to_owned())) } else { Ok(found) }
}

/// The private key of a file.
pub(crate) fn key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_slice(&read(path)?).map_err(|_| Error::NoKey(path.to_owned()))
}

/// The authorities of a file.
pub(crate) fn authorities(path: &Path) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .map_err(|fault| Error::Certificate { path: path.to_owned(), reason: fault.to_string() })?;
    }
    Ok(roots)
}

/// Checks that a certificate and a key belong together, as the library that uses them will.
pub(crate) fn check_pair(certificate: &Path, own_key: &Path) -> Result<(), Error> {
    server_config(certificate, own_key, None).map(drop)
}

/// What a listener shows of itself and, with `clients`, whose callers alone it lets in.
pub(crate) fn server_config(
    certificate: &Path,
    own_key: &Path,
    clients: Option<&Path>,
) -> Result<server::ServerConfig, Error> {
    let pair = |source| Error::Pair { path: certificate.to_owned(), source };
    let builder = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(pair)?;
    let builder =
        match clients {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let roots = Arc::new(authorities(path)?);
                let verifier = server::WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
                builder.with_client_cert_verifier(verifier.map_err(|fault| Error::Certificate {
                    path: path.to_owned(),
                    reason: fault.to_string(),
                })?)
            }
        };
    builder.with_single_cert(certificates(certificate)?, key(own_key)?).map_err(pair)
}
