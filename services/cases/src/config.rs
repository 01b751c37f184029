//! The configuration of cases.

use std::path::{Path, PathBuf};

use minqing_platform::config::{Secret, between};
use minqing_platform::{client, db};
use serde::Deserialize;

/// What the service of cases is told at start.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where its tables are.
    pub database: db::Options,
    /// Photos and documents.
    pub attachments: Attachments,
    /// How the city runs its supervision centre.
    pub practice: Practice,
    /// For a process on its own: how to reach the registry, and what proves this service to it. In one process with the
    /// registry it is not used.
    pub registry: client::Options,
}

/// How a city runs its supervision centre.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Practice {
    /// The code of the city: cases are about places within it, and about all of it when no place is named.
    pub city_code: String,
    /// The supervision centre (`organizations/x`): it owns what comes in through a door where no officer sits.
    pub centre: String,
    /// How many of a hundred resolved cases are called back; the number of a case decides which (0 to 100).
    #[serde(deserialize_with = "between::<0, 100, _, _>")]
    pub callback_percent: u32,
    /// Who handles what.
    pub dispatch: Dispatch,
}

/// How it is found who handles what.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dispatch {
    /// How sure a suggestion must be to be applied before a person saw it (0.5 to 1). What is learnt is never wholly sure:
    /// with 1, only rules and items are.
    pub confidence_min: f64,
}

impl Default for Dispatch {
    fn default() -> Self {
        Self { confidence_min: 0.9 }
    }
}

impl Default for Practice {
    fn default() -> Self {
        Self {
            city_code: "321181".to_owned(),
            centre: "organizations/supervision-centre".to_owned(),
            callback_percent: 100,
            dispatch: Dispatch::default(),
        }
    }
}

/// Where the files of cases are kept, and how much of them is taken. A folder or a bucket, not both.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Attachments {
    /// A folder, made when missing: on a disk that every replica of the service shares. `up` keeps one in its data
    /// folder when nothing else is said.
    pub folder: PathBuf,
    /// A bucket of S3 or of what speaks like it.
    pub s3: S3,
    /// The largest file, bytes (1 KiB to 1 GiB).
    #[serde(deserialize_with = "between::<1_024, 1_073_741_824, _, _>")]
    pub size_bytes_max: u64,
    /// Uploads under way at a time in the process; more are refused. On S3 each takes up to 10 MiB of memory (1 to 1,000).
    #[serde(deserialize_with = "between::<1, 1_000, _, _>")]
    pub uploads_max: usize,
    /// How much may lie about that belongs to no case yet, bytes; more is refused, so that nobody fills the disk
    /// (1 MiB to 1 PiB).
    #[serde(deserialize_with = "between::<1_048_576, 1_125_899_906_842_624, _, _>")]
    pub pending_bytes_max: u64,
}

/// A bucket of S3 or of what speaks like it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct S3 {
    /// The bucket, which must exist; empty for none.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// `https://host[:port]` where it is not Amazon's. `http://` is taken as well, for a network that is trusted.
    pub endpoint: Option<String>,
    /// Where in the bucket: the names of the objects begin with it; empty for the top.
    pub prefix: String,
    /// Whether the bucket is named by the host (`bucket.host`) and not by the path.
    pub virtual_hosted: bool,
    /// The id of the key.
    pub access_key_id: Secret<String>,
    /// The key.
    pub secret_access_key: Secret<String>,
}

impl Default for Attachments {
    fn default() -> Self {
        Self {
            folder: PathBuf::new(),
            s3: S3::default(),
            size_bytes_max: 20 << 20,
            uploads_max: 32,
            pending_bytes_max: 10 << 30,
        }
    }
}

impl Default for S3 {
    fn default() -> Self {
        Self {
            bucket: String::new(),
            region: "us-east-1".to_owned(),
            endpoint: None,
            prefix: String::new(),
            virtual_hosted: false,
            access_key_id: Secret::new(String::new()),
            secret_access_key: Secret::new(String::new()),
        }
    }
}

impl Attachments {
    /// Files in a folder, and the defaults for the rest.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), ..Self::default() }
    }

    /// Keeps files in this folder if nothing else was said.
    pub fn default_folder(&mut self, folder: &Path) {
        if self.folder.as_os_str().is_empty() && self.s3.bucket.is_empty() {
            folder.clone_into(&mut self.folder);
        }
    }
}
