//! A token in a file that somebody else renews, as Kubernetes projects it into a pod.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderValue;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Credentials, Invalid, Unavailable, bearer};

/// How long the file is believed before it is read again. It is cheap to read, and its keeper expects a change to show.
const BELIEVED: Duration = Duration::from_secs(5);

/// The token of a file. It is read again as time passes and not as the file says that it changed: a projected file is
/// replaced by its folder's link, which leaves no trace on the file itself.
pub(super) struct TokenFile {
    path: PathBuf,
    pub(super) believed: Duration,
    held: Mutex<Held>,
}

struct Held {
    value: HeaderValue,
    read: Instant,
    failing: bool,
}

/// Why a file gives no token.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("holds no token")]
    Form,
}

impl TokenFile {
    /// The token of a file, which must be there: whoever projects it does so before the process starts.
    pub fn open(path: &Path) -> Result<Self, Invalid> {
        let read = std::fs::read_to_string(path).map_err(Fault::from);
        let value = read.and_then(|text| bearer(&text).ok_or(Fault::Form)).map_err(|fault| Invalid {
            field: "token_file",
            fault: format!("{}: {fault}", path.display()),
        })?;
        let held = Held { value, read: Instant::now(), failing: false };
        Ok(Self { path: path.to_owned(), believed: BELIEVED, held: Mutex::new(held) })
    }

    async fn read(&self) -> Result<HeaderValue, Fault> {
        bearer(&tokio::fs::read_to_string(&self.path).await?).ok_or(Fault::Form)
    }
}

#[async_trait]
impl Credentials for TokenFile {
    async fn authorization(&self) -> Result<HeaderValue, Unavailable> {
        let mut held = self.held.lock().await;
        if held.read.elapsed() < self.believed {
            return Ok(held.value.clone());
        }
        held.read = Instant::now();
        match self.read().await {
            Ok(value) => (held.value, held.failing) = (value, false),
            // Logged when it begins. The token may hold for a while; when it does not, the service says so.
            Err(fault) if !held.failing => {
                tracing::warn!(path = %self.path.display(), %fault, "the token cannot be read; the last one stays");
                held.failing = true;
            }
            Err(_) => {}
        }
        Ok(held.value.clone())
    }
}
