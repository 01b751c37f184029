//! The bytes of files: in a folder or in a bucket, each under a key of its own that is never used again.
//!
//! What is under a key never changes. Which keys are in use is known by the table `attachment_objects` alone: a key is
//! noted there before its first byte is written, and forgotten after its last one is removed.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::aws::AmazonS3Builder;
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig};
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use crate::config::{Attachments, S3};

/// How many bytes are read at once; so much memory a download takes.
pub const READ_BYTES: u64 = 1 << 20;
/// The parts of an upload to S3, which takes none smaller but the last.
const S3_PART_BYTES: usize = 5 << 20;
/// The parts of an upload to a folder.
const FOLDER_PART_BYTES: usize = 256 << 10;
/// How long one request to S3 may take, of which an upload or a download makes several.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// How often, and how long in all, a request to S3 is tried again.
const RETRIES_MAX: usize = 3;
const RETRY_TIMEOUT: Duration = Duration::from_secs(20);

/// Why bytes cannot be kept or had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration names neither a folder nor a bucket, or both.
    #[error("attachments: name either a folder (`folder`) or a bucket (`s3.bucket`)")]
    Place,
    /// A part of the bucket's configuration is missing.
    #[error("attachments.s3.{0} must be set")]
    Missing(&'static str),
    /// The folder cannot be made or used.
    #[error("attachments.folder {}: {cause}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// There is nothing under the key.
    #[error("there is nothing under the key {0}")]
    Gone(Uuid),
    /// The disk is full, the bucket does not answer, or refuses.
    #[error("the store of files: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Where the bytes of files are. Cheap to clone: all clones are one.
#[derive(Debug, Clone)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    part_bytes: usize,
}

impl Storage {
    /// Opens the folder, making it when it is missing, or the bucket, which is not asked yet: a bucket that is down
    /// keeps nobody from filing a case without a photo.
    ///
    /// # Errors
    /// The configuration cannot be used.
    pub fn open(config: &Attachments) -> Result<Self, Error> {
        match (config.folder.as_os_str().is_empty(), config.s3.bucket.is_empty()) {
            (false, true) => Self::in_folder(config.folder.clone()),
            (true, false) => Self::in_bucket(&config.s3),
            (true, true) | (false, false) => Err(Error::Place),
        }
    }

    fn in_folder(folder: PathBuf) -> Result<Self, Error> {
        if let Err(cause) = std::fs::create_dir_all(&folder) {
            return Err(Error::Folder { folder, cause });
        }
        // Every file and its folder are synced to the disk before a write counts as done.
        let store = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), part_bytes: FOLDER_PART_BYTES })
    }

    fn in_bucket(config: &S3) -> Result<Self, Error> {
        for (name, value) in
            [("access_key_id", &config.access_key_id), ("secret_access_key", &config.secret_access_key)]
        {
            if value.expose().is_empty() {
                return Err(Error::Missing(name));
            }
        }
        // Fails when somebody has installed a provider already, which does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let retry = RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: RETRIES_MAX,
            retry_timeout: RETRY_TIMEOUT,
        };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&config.bucket)
            .with_region(&config.region)
            .with_access_key_id(config.access_key_id.expose())
            .with_secret_access_key(config.secret_access_key.expose())
            .with_virtual_hosted_style_request(config.virtual_hosted)
            .with_client_options(ClientOptions::new().with_timeout(REQUEST_TIMEOUT))
            .with_retry(retry);
        if let Some(endpoint) = &config.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        let store = PrefixStore::new(builder.build()?, config.prefix.as_str());
        Ok(Self { store: Arc::new(store), part_bytes: S3_PART_BYTES })
    }

    /// Begins to write under a key.
    pub fn writer(&self, key: Uuid) -> Writer {
        // One part on its way while the next one fills: twice the part is the memory an upload takes.
        let writer = BufWriter::with_capacity(Arc::clone(&self.store), place(key), self.part_bytes);
        Writer(Some(writer.with_max_concurrency(1)))
    }

    /// A piece of what is under a key.
    ///
    /// # Errors
    /// [`Error::Gone`] or [`Error::Unavailable`].
    pub async fn read(&self, key: Uuid, from: u64, to: u64) -> Result<Bytes, Error> {
        self.store.get_range(&place(key), from..to).await.map_err(|error| match error {
            object_store::Error::NotFound { .. } => Error::Gone(key),
            other => other.into(),
        })
    }

    /// Removes what is under a key; there may be nothing.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn remove(&self, key: Uuid) -> Result<(), Error> {
        match self.store.delete(&place(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }
}

/// Where a key's bytes are. The end of a UUID of version 7 is random, so its last digits spread files over folders.
fn place(key: Uuid) -> Path {
    let text = key.simple().to_string();
    Path::from(format!("{}/{text}", &text[text.len() - 2..]))
}

/// Bytes on their way in. Dropped unfinished, it takes back what was sent.
pub struct Writer(Option<BufWriter>);

impl Writer {
    /// Takes the next bytes; waits while the store is slower than they come.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match &mut self.0 {
            Some(writer) => writer.write_all(bytes).await.map_err(unavailable),
            None => Ok(()),
        }
    }

    /// Ends: when it returns, the bytes are on the disk or in the bucket.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn finish(mut self) -> Result<(), Error> {
        // Taken out: a writer that has begun to end cannot be taken back any more.
        match self.0.take() {
            Some(mut writer) => writer.shutdown().await.map_err(unavailable),
            None => Ok(()),
        }
    }
}

fn unavailable(error: std::io::Error) -> Error {
    Error::Unavailable(error.into())
}

impl Drop for Writer {
    fn drop(&mut self) {
        let Some(mut writer) = self.0.take() else { return };
        // Parts sent to S3 would stay there, unseen and paid for, until the upload is taken back.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = writer.abort().await {
                    tracing::warn!(%error, "an upload that was broken off cannot be taken back");
                }
            });
        }
    }
}
