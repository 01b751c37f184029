//! What is stored of certificates.

use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use uuid::Uuid;

use crate::domain::certificate::{Certificate, Issued, Request, State};

/// Which requests are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those of volunteers of these divisions or grids,
    pub within: Vec<String>,
    /// and those of this volunteer. Of neither is none at all.
    pub own: Option<String>,
    /// Of those only the ones that stand there.
    pub state: Option<State>,
}

/// A certificate with what is known of it besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The certificate.
    pub certificate: Certificate,
    /// Who the holder is, sealed.
    pub holder: Vec<u8>,
    /// Whether hours in it were corrected after it was issued.
    pub corrected: bool,
}

/// What is needed to issue a certificate.
pub struct Issue<'a> {
    /// Upon which request.
    pub request: Uuid,
    /// Who issues it.
    pub issued: Issued,
    /// How the account of who asked is called in records.
    pub own: Option<&'a str>,
    /// Seals who the holder is, by the number.
    pub seal: &'a (dyn Fn(&str) -> Vec<u8> + Send + Sync),
}

/// Certificates as they are stored.
#[async_trait::async_trait]
pub trait CertificateStore: Send + Sync {
    /// Keeps a request.
    async fn request_certificate(&self, change: &Change, new: &Request) -> Result<Request, Error>;

    /// One request.
    async fn certificate_request(&self, id: Uuid) -> Result<Option<Request>, Error>;

    /// Requests after one, in the order in which they came.
    async fn certificate_requests(
        &self,
        filter: &Filter,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Request>, Error>;

    /// Issues a certificate under the next number of the year.
    async fn issue_certificate(&self, change: &Change, issue: Issue<'_>) -> Result<Stored, Error>;

    /// One certificate.
    async fn certificate(&self, number: &str) -> Result<Option<Stored>, Error>;

    /// Revokes a certificate.
    async fn revoke_certificate(&self, change: &Change, number: &str, reason: &str) -> Result<Stored, Error>;
}
