//! Where appointments come from.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Appointment;

/// What the registry knows of an issuer's subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Linked {
    /// The person (`people/x`), when the subject is linked to one.
    pub person: Option<String>,
    /// The appointments that run at the instant asked for.
    pub appointments: Vec<Appointment>,
}

/// The appointments could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the appointments cannot be had at present")]
pub struct Unavailable;

/// Finds what a subject was appointed to. It is asked on every call, so that a dismissal takes effect at once, and
/// therefore keeps a cache of its own.
#[async_trait]
pub trait AppointmentSource: Send + Sync {
    /// What a subject of an issuer is linked to and was appointed to at an instant. An unknown subject is linked to nobody.
    ///
    /// # Errors
    /// [`Unavailable`] when it cannot be known: a caller must not lose roles silently because a peer is down.
    async fn appointments(
        &self,
        issuer: &str,
        subject: &str,
        now: DateTime<Utc>,
    ) -> Result<Linked, Unavailable>;
}

/// A source that knows nobody: whoever signs in is a citizen. For processes whose issuers all carry their appointments
/// in the token.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

#[async_trait]
impl AppointmentSource for Nobody {
    async fn appointments(&self, _: &str, _: &str, _: DateTime<Utc>) -> Result<Linked, Unavailable> {
        Ok(Linked::default())
    }
}
