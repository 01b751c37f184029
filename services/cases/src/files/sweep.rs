//! The removal of what nobody needs: files that no case claimed, and bytes that no file is of.

use minqing_platform::error::Error;
use uuid::Uuid;

use crate::Cases;
use crate::domain::attachment::PENDING_MAX;

/// The most files and keys of one sweep.
const BATCH: i64 = 200;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Files that no case had claimed in time.
    pub expired: u64,
    /// Keys whose bytes were removed.
    pub removed: u64,
    /// Keys whose bytes could not be removed; the next sweep tries again.
    pub failed: u64,
    /// Whether there may be more to do at once.
    pub more: bool,
}

impl Cases {
    /// Removes files that no case claimed within 24 hours, and bytes that no file is of: of uploads that broke off, or whose
    /// files are gone. At most 200 of each; call it again while there is more. Several replicas may sweep at once.
    ///
    /// # Errors
    /// The database does not answer. A store of files that does not answer is logged, and no error.
    pub async fn sweep_attachments(&self) -> Result<Swept, Error> {
        let change = self.change_by_system();
        let before = change.now - PENDING_MAX;
        let expired = self.store.expire_attachments(&change, before, BATCH).await?;
        let keys = self.store.objects_to_remove(before, BATCH).await?;
        let mut swept = Swept { expired, ..Swept::default() };
        for key in &keys {
            if self.remove_object(*key).await { swept.removed += 1 } else { swept.failed += 1 }
        }
        let full = |count: u64| i64::try_from(count).is_ok_and(|count| count >= BATCH);
        swept.more = swept.failed == 0 && (full(expired) || full(keys.len() as u64));
        Ok(swept)
    }

    /// Removes the bytes under a key that is not in use, then its row; false where that failed.
    pub(crate) async fn remove_object(&self, key: Uuid) -> bool {
        if let Err(error) = self.files.storage.remove(key).await {
            tracing::warn!(%key, %error, "bytes that nobody needs cannot be removed; it is tried again");
            return false;
        }
        match self.store.forget_object(key).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%key, ?error, "a key that is empty cannot be forgotten; it is tried again");
                false
            }
        }
    }
}
