//! Which issuers are trusted, and for what.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::issuer;

/// The longest permitted leeway, in seconds: clocks that differ by more need mending, not leeway.
const LEEWAY_S_MAX: u32 = 300;

/// Whose tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The trusted issuers, each named once. With none, every caller is anonymous.
    #[serde(default)]
    pub issuers: Vec<IssuerOptions>,
    /// By how many seconds the clocks of an issuer and of this machine may differ, at most 300.
    #[serde(default = "leeway_s")]
    pub leeway_s: u32,
}

const fn leeway_s() -> u32 {
    30
}

impl Default for Options {
    fn default() -> Self {
        Self { issuers: Vec::new(), leeway_s: leeway_s() }
    }
}

/// An issuer whose tokens are accepted. Its keys come from one of `jwks_url`, `jwks_file` and `jwks`; where none is given,
/// from where the issuer's metadata says (OpenID Connect Discovery 1.0), and its name must be the URL to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerOptions {
    /// The issuer's name: a token's `iss` must equal it byte by byte.
    pub issuer: String,
    /// The name by which the issuer knows this suite: a token's `aud` must contain it.
    pub audience: String,
    /// The algorithms by which the issuer signs.
    pub algorithms: Vec<Algorithm>,
    /// Where the issuer publishes its keys (RFC 7517): https, or http on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_url: Option<String>,
    /// A file of the issuer's keys, read again when it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_file: Option<PathBuf>,
    /// The issuer's keys themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<String>,
    /// Where the appointments of the issuer's subjects are found.
    #[serde(default)]
    pub appointments: AppointmentsFrom,
}

/// A signature algorithm (RFC 7518, RFC 8037). There are no others on purpose: with `none` anybody signs, and with the
/// HMAC family whoever verifies could sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSA PKCS#1 v1.5 with SHA-256.
    RS256,
    /// RSA-PSS with SHA-256.
    PS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519, under both of its names (RFC 8037; RFC 9864).
    #[serde(alias = "Ed25519")]
    EdDSA,
}

impl Algorithm {
    /// The algorithm of a token header's `alg`.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::RS256),
            "PS256" => Some(Self::PS256),
            "ES256" => Some(Self::ES256),
            "EdDSA" | "Ed25519" => Some(Self::EdDSA),
            _ => None,
        }
    }

    /// The same for the library that verifies.
    pub(super) const fn to_library(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::RS256 => jsonwebtoken::Algorithm::RS256,
            Self::PS256 => jsonwebtoken::Algorithm::PS256,
            Self::ES256 => jsonwebtoken::Algorithm::ES256,
            Self::EdDSA => jsonwebtoken::Algorithm::EdDSA,
        }
    }
}

/// Where the appointments of an issuer's subjects are found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentsFrom {
    /// In the registry, where a department appoints and dismisses.
    #[default]
    FromRegistry,
    /// In the token itself: for the built-in issuer alone, whose tokens are for trying out.
    FromToken,
}

/// What is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {fault}")]
pub struct Invalid {
    /// The path of the field, such as `issuers[0].audience`.
    pub field: String,
    /// What is wrong with it.
    pub fault: String,
}

impl Options {
    /// Checks the whole.
    ///
    /// # Errors
    /// The first field that is wrong, with its path.
    pub fn validate(&self) -> Result<(), Invalid> {
        if self.leeway_s > LEEWAY_S_MAX {
            return Err(invalid("leeway_s", format!("is {}, more than {LEEWAY_S_MAX}", self.leeway_s)));
        }
        for (index, issuer) in self.issuers.iter().enumerate() {
            issuer
                .validate()
                .map_err(|fault| invalid(&format!("issuers[{index}].{}", fault.field), fault.fault))?;
            if self.issuers[..index].iter().any(|earlier| earlier.issuer == issuer.issuer) {
                return Err(invalid(&format!("issuers[{index}].issuer"), "is there twice"));
            }
        }
        Ok(())
    }
}

impl IssuerOptions {
    fn validate(&self) -> Result<(), Invalid> {
        for (field, value) in [("issuer", &self.issuer), ("audience", &self.audience)] {
            if value.trim().is_empty() {
                return Err(invalid(field, "is empty"));
            }
        }
        if self.algorithms.is_empty() {
            return Err(invalid("algorithms", "is empty"));
        }
        let sources = [self.jwks_url.is_some(), self.jwks_file.is_some(), self.jwks.is_some()];
        match sources.into_iter().filter(|given| *given).count() {
            0 => {
                let without = "there is none of jwks_url, jwks_file and jwks, and for discovery it";
                metadata_url(&self.issuer)
                    .map_err(|fault| invalid("issuer", format!("{without} {fault}")))?;
            }
            1 => {}
            _ => return Err(invalid("jwks_url", "give at most one of jwks_url, jwks_file and jwks")),
        }
        if let Some(text) = &self.jwks_url {
            url(text).map_err(|fault| invalid("jwks_url", fault))?;
        }
        if self.appointments == AppointmentsFrom::FromToken && self.issuer != issuer::ISSUER {
            return Err(invalid("appointments", format!("from_token is for {} alone", issuer::ISSUER)));
        }
        Ok(())
    }
}

/// Keys that came over an open network could be anybody's, so plain HTTP must not leave the machine.
pub(crate) fn url(text: &str) -> Result<reqwest::Url, &'static str> {
    let url = reqwest::Url::parse(text).map_err(|_| "is not a URL")?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err("must be https, or http on this machine"),
    }
}

/// Where an issuer's metadata is (OpenID Connect Discovery 1.0, section 4.1).
pub(super) fn metadata_url(issuer: &str) -> Result<reqwest::Url, &'static str> {
    let parsed = url(issuer)?;
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err("must have neither query nor fragment");
    }
    url(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))
}

/// Whether a URL leads to this machine.
pub(super) fn is_loopback(url: &reqwest::Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

fn invalid(field: &str, fault: impl Into<String>) -> Invalid {
    Invalid { field: field.to_owned(), fault: fault.into() }
}
