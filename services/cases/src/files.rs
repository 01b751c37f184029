//! What the service has at hand for photos and documents: where their bytes are, and how much is taken at a time.

mod sweep;

use std::sync::Arc;

use minqing_platform::error::{Error, Kind, Refusal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Attachments;
use crate::storage::{self, Storage};

pub use sweep::Swept;

/// See the module.
#[derive(Debug)]
pub struct Files {
    /// Where the bytes are.
    pub storage: Storage,
    /// The largest file, bytes.
    pub size_bytes_max: u64,
    /// How much may belong to no case yet, bytes.
    pub pending_bytes_max: u64,
    uploads: Arc<Semaphore>,
}

impl Files {
    /// As it is configured.
    ///
    /// # Errors
    /// The place for bytes cannot be used.
    pub fn open(config: &Attachments) -> Result<Self, storage::Error> {
        Ok(Self {
            storage: Storage::open(config)?,
            size_bytes_max: config.size_bytes_max,
            pending_bytes_max: config.pending_bytes_max,
            uploads: Arc::new(Semaphore::new(config.uploads_max)),
        })
    }

    /// A place among the uploads under way, held until it is dropped.
    ///
    /// # Errors
    /// All are taken.
    pub fn place(&self) -> Result<OwnedSemaphorePermit, Error> {
        Arc::clone(&self.uploads).try_acquire_owned().map_err(|_| {
            let message = "too many files are being uploaded at this moment; try again".into();
            Refusal { kind: Kind::Limit, reason: "UPLOADS_BUSY", message }.into()
        })
    }
}
