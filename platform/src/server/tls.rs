//! TLS on the gRPC listener. Without it the listener speaks plain HTTP/2, and a mesh or a sidecar encrypts.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use tokio_rustls::TlsAcceptor;

use crate::tls::{self, Error};

/// How the listener proves itself and, if it is to, whose callers alone it lets in. Files are read once, at start.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The certificate in PEM, followed by those that lead to its authority.
    pub certificate_file: PathBuf,
    /// Its private key in PEM (PKCS#8, PKCS#1 or SEC1).
    pub key_file: PathBuf,
    /// The authorities in PEM of which callers must show a certificate; nobody is asked for one when left out. This lets
    /// in or keeps out, and says nothing of who calls: that is the token's to prove.
    #[serde(default)]
    pub client_ca_file: Option<PathBuf>,
}

/// What answers handshakes; only HTTP/2 is offered.
pub(super) fn acceptor(options: &Options) -> Result<TlsAcceptor, Error> {
    let Options { certificate_file, key_file, client_ca_file } = options;
    let mut config = tls::server_config(certificate_file, key_file, client_ca_file.as_deref())?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
