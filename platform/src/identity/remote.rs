//! What an issuer publishes on the network: its keys, and the document that says where they are (OpenID Connect
//! Discovery 1.0).

use std::time::Duration;

use reqwest::{Client, StatusCode, Url};
use serde::Deserialize;

use super::jwks::BYTES_MAX;
use super::options;

/// How long an issuer may take to send one document.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// The forms in which keys and metadata come (RFC 7517, section 8.5.2).
const ACCEPT: &str = "application/jwk-set+json, application/json";

/// Why keys could not be fetched. For the log alone.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("asking the issuer: {0}")]
    Http(#[from] reqwest::Error),
    #[error("the issuer answered {0}")]
    Status(StatusCode),
    #[error("more than {BYTES_MAX} bytes")]
    Size,
    #[error("no metadata of an issuer: {0}")]
    Metadata(#[from] serde_json::Error),
    #[error("the metadata is of the issuer {0:?}")]
    Issuer(String),
    #[error("the metadata names the keys' address {0:?}, which is no URL of the scheme that the issuer has")]
    KeysAddress(String),
}

/// Where the keys are.
#[derive(Debug)]
enum Address {
    /// Here.
    Keys(Url),
    /// Where the metadata of the issuer says, which is read anew each time: an issuer may move its keys.
    Metadata { issuer: String, url: Url },
}

/// An issuer's keys on the network.
#[derive(Debug)]
pub(super) struct Remote {
    client: Client,
    address: Address,
}

/// What is read of an issuer's metadata.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

impl Remote {
    /// The keys at an address.
    pub(super) fn at(url: Url) -> Result<Self, reqwest::Error> {
        Ok(Self { client: client(&url)?, address: Address::Keys(url) })
    }

    /// The keys of an issuer whose metadata is at an address.
    pub(super) fn discovered(issuer: &str, url: Url) -> Result<Self, reqwest::Error> {
        Ok(Self { client: client(&url)?, address: Address::Metadata { issuer: issuer.to_owned(), url } })
    }

    /// Fetches the keys.
    pub(super) async fn fetch(&self) -> Result<Vec<u8>, Fault> {
        match &self.address {
            Address::Keys(url) => self.get(url.clone()).await,
            Address::Metadata { issuer, url } => {
                let metadata = serde_json::from_slice(&self.get(url.clone()).await?)?;
                self.get(keys_address(metadata, issuer, url)?).await
            }
        }
    }

    async fn get(&self, url: Url) -> Result<Vec<u8>, Fault> {
        let mut response = self.client.get(url).header(http::header::ACCEPT, ACCEPT).send().await?;
        if response.status() != StatusCode::OK {
            return Err(Fault::Status(response.status()));
        }
        let mut json = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if json.len() + chunk.len() > BYTES_MAX {
                return Err(Fault::Size);
            }
            json.extend_from_slice(&chunk);
        }
        Ok(json)
    }
}

/// The address of the keys, when the metadata is the issuer's own (section 4.3). An issuer that is asked over TLS must not
/// lead to where anybody could answer.
fn keys_address(metadata: Metadata, issuer: &str, url: &Url) -> Result<Url, Fault> {
    if metadata.issuer != issuer {
        return Err(Fault::Issuer(metadata.issuer));
    }
    match options::url(&metadata.jwks_uri) {
        Ok(keys) if keys.scheme() == url.scheme() => Ok(keys),
        Ok(_) | Err(_) => Err(Fault::KeysAddress(metadata.jwks_uri)),
    }
}

/// A client that follows no redirect: only what was configured, and the issuer's own metadata, chooses where keys are.
pub(crate) fn client(url: &Url) -> Result<Client, reqwest::Error> {
    // Fails when somebody has installed a provider already, which does as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder().timeout(FETCH_TIMEOUT).redirect(reqwest::redirect::Policy::none());
    let builder = if options::is_loopback(url) { builder.no_proxy() } else { builder };
    // Without TLS no certificates are needed; a bare machine may have none.
    let builder = if url.scheme() == "http" { builder.tls_certs_only([]) } else { builder };
    builder.build()
}
