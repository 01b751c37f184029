//! Attachments (附件): what is known of a file, who has it, and who may give it to a case.

pub mod chunked;
pub mod exif;
pub mod file_name;
pub mod intake;
pub mod jpeg;
pub mod kind;
#[cfg(test)]
mod tests;
pub mod text;

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::error::Refusal;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

pub use intake::Intake;
pub use kind::Kind;

/// How long a file may belong to no case.
pub const PENDING_MAX: TimeDelta = TimeDelta::hours(24);
/// The most files that may belong to no case at a time, whatever their size: they are counted at each upload.
pub const PENDING_COUNT_MAX: i64 = 10_000;
/// The most files that a case may have.
pub const CASE_COUNT_MAX: usize = 50;
/// The name of whoever has no account, as [`minqing_platform::identity::Caller::name_for_audit`] has it.
pub const ANONYMOUS: &str = "anonymous";

/// SHA-256 of a content, or of a token.
pub type Hash = [u8; 32];

/// A photo or a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The last part of its name.
    pub id: Uuid,
    /// The file's name.
    pub file_name: String,
    /// What it is.
    pub kind: Kind,
    /// The size of what is kept, bytes.
    pub size_bytes: u64,
    /// Of what is kept.
    pub sha256: Hash,
    /// The number of the case that has it; none while it is pending.
    pub case_number: Option<String>,
    /// Who uploaded it, for the record.
    pub uploader: String,
    /// When.
    pub create_time: DateTime<Utc>,
}

/// An attachment with what is not told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What is told.
    pub attachment: Attachment,
    /// The key of its bytes.
    pub object_key: Uuid,
    /// Of the token by which a case claims it.
    pub token_hash: Hash,
}

/// A file whose bytes are safe and that is to be known from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttachment {
    /// The last part of its name.
    pub id: Uuid,
    /// The key under which its bytes were put.
    pub object_key: Uuid,
    /// The file's name.
    pub file_name: String,
    /// What it is.
    pub kind: Kind,
    /// The size, bytes.
    pub size_bytes: u64,
    /// Of the content.
    pub sha256: Hash,
    /// Of the token by which a case claims it.
    pub token_hash: Hash,
}

/// An attachment that somebody gives to a case: its id, and the token of the upload, which may be empty for an uploader
/// with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The last part of its name.
    pub id: Uuid,
    /// As it was told when the file was uploaded.
    pub token: String,
}

/// Decides whether so many more may be given to a case that has some already.
///
/// # Errors
/// One is there twice, or the case would have too many.
pub fn may_claim(claims: &[Claim], already: usize) -> Result<(), Refusal> {
    if already + claims.len() > CASE_COUNT_MAX {
        let text = format!("a case has at most {CASE_COUNT_MAX} attachments");
        return Err(Refusal::rule("ATTACHMENTS_TOO_MANY", text));
    }
    for (place, claim) in claims.iter().enumerate() {
        if claims[..place].iter().any(|other| other.id == claim.id) {
            let text = format!("attachment {} is named twice", claim.id);
            return Err(Refusal::rule("ATTACHMENT_TWICE", text));
        }
    }
    Ok(())
}

/// The hash of a token. Tokens are 256 random bits, so they need no salt.
pub fn token_hash(token: &str) -> Hash {
    Sha256::digest(token.as_bytes()).into()
}

impl Kept {
    /// Whether it is the caller's own: theirs by account, or by the token. An anonymous caller has only the token. The
    /// time that it takes tells nothing of the token.
    pub fn is_own(&self, actor: &str, token: &str) -> bool {
        let by_token = bool::from(token_hash(token).ct_eq(&self.token_hash)) && !token.is_empty();
        let by_account = actor != ANONYMOUS && actor == self.attachment.uploader;
        by_token || by_account
    }

    /// Decides whether it may be given to a case. One that is not the caller's is refused as if it did not exist.
    ///
    /// # Errors
    /// It is foreign, or a case has it already.
    pub fn may_bind(&self, claim: &Claim, actor: &str) -> Result<(), Refusal> {
        if !self.is_own(actor, &claim.token) {
            return Err(missing(claim.id));
        }
        match &self.attachment.case_number {
            None => Ok(()),
            Some(_) => {
                let text = format!("attachment {} belongs to a case already", claim.id);
                Err(Refusal::rule("ATTACHMENT_BOUND", text))
            }
        }
    }
}

/// The refusal of an attachment that does not exist, or not for this caller: the two cannot be told apart.
pub fn missing(id: Uuid) -> Refusal {
    Refusal::missing(format!("attachment {id}"))
}
