//! What is stored of attachments.
//!
//! The order in which an upload is kept makes that nothing is lost and nothing lies about: the key is noted
//! ([`AttachmentStore::begin_object`]), the bytes are made safe, and only then does the file become known
//! ([`AttachmentStore::keep_attachment`]). What broke off on the way is found by its key and swept.

use chrono::{DateTime, Utc};
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use uuid::Uuid;

use crate::domain::attachment::{Attachment, Claim, Kept, NewAttachment};

/// What belongs to no case yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// How many files.
    pub count: i64,
    /// How large they are together.
    pub size_bytes: u64,
}

/// Attachments as they are stored.
#[async_trait::async_trait]
pub trait AttachmentStore: Send + Sync {
    /// What belongs to no case yet.
    async fn pending_attachments(&self) -> Result<Pending, Error>;

    /// Notes a key under which bytes will be written.
    async fn begin_object(&self, change: &Change, key: Uuid) -> Result<(), Error>;

    /// Makes a file known whose bytes are safe under the key that was noted. Where the same content is kept already, the
    /// file is of that, and its own bytes are to be removed: the key that is given back is another one.
    ///
    /// # Errors
    /// A duplicate, when the same content comes twice at the same moment: try again. A conflict, when the key is not
    /// noted any more.
    async fn keep_attachment(&self, change: &Change, new: &NewAttachment) -> Result<Kept, Error>;

    /// One attachment.
    async fn attachment(&self, id: Uuid) -> Result<Option<Kept>, Error>;

    /// What a case has, in the order in which it was uploaded.
    async fn attachments_of_case(&self, case_number: &str) -> Result<Vec<Attachment>, Error>;

    /// Gives files to a case that is there already, all or none. A case that begins takes them in its own transaction, by
    /// `AttachmentRows::bind_attachments` of the SQL; the errors are the same.
    async fn bind_attachments(
        &self,
        change: &Change,
        case_number: &str,
        claims: &[Claim],
    ) -> Result<Vec<Attachment>, Error>;

    /// Forgets files that belong to no case and are older than an instant, at most so many; their bytes, where no other
    /// file is of them, are to be removed. Gives how many.
    async fn expire_attachments(
        &self,
        change: &Change,
        before: DateTime<Utc>,
        limit: i64,
    ) -> Result<u64, Error>;

    /// Keys whose bytes are to be removed, oldest first: those that were dropped, and those whose writing has not ended
    /// since an instant.
    async fn objects_to_remove(&self, before: DateTime<Utc>, limit: i64) -> Result<Vec<Uuid>, Error>;

    /// Forgets a key whose bytes were removed, if it is still one to be removed.
    async fn forget_object(&self, key: Uuid) -> Result<(), Error>;
}
