//! TLS towards a service: whom to believe, and what to show.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use tonic::transport::{ClientTlsConfig, Identity};

use crate::tls::{self, Error};

/// How a service behind an `https://` endpoint is believed. Files are read once, at start.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The authorities in PEM of which the service must show a certificate. No others are believed: services of one
    /// suite have an authority of their own, and the world's would let too many in.
    pub ca_file: PathBuf,
    /// The name that the certificate must bear; the endpoint's host when left out.
    pub domain: Option<String>,
    /// One's own certificate in PEM, for a service that asks for one (its `server.tls.client_ca_file`).
    pub certificate_file: Option<PathBuf>,
    /// Its private key in PEM.
    pub key_file: Option<PathBuf>,
}

/// What tonic is told, but for the name.
pub(super) fn config(options: &Options, timeout: Duration) -> Result<ClientTlsConfig, Error> {
    let roots = tls::authorities(&options.ca_file)?;
    let config = ClientTlsConfig::new().trust_anchors(roots.roots).timeout(timeout);
    Ok(match (&options.certificate_file, &options.key_file) {
        (Some(certificate), Some(key)) => {
            tls::check_pair(certificate, key)?;
            config.identity(Identity::from_pem(tls::read(certificate)?, tls::read(key)?))
        }
        (Some(path), None) => return Err(Error::NoKey(path.clone())),
        (None, Some(path)) => return Err(Error::NoCertificate(path.clone())),
        (None, None) => config,
    })
}
