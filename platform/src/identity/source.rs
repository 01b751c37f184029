//! Keeping an issuer's keys: read from a file or from the network, read again in time, and kept while the issuer is down.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use tokio::io::AsyncReadExt;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::Error;
use super::jwks::{BYTES_MAX, Key, KeySet};
use super::options::{self, Algorithm, Invalid, IssuerOptions};
use super::remote::{self, Remote};

/// How long keys are believed that could not be read again, in seconds: a day. Whoever withdraws a key must not be
/// thwarted for ever by somebody who keeps the withdrawal from arriving.
const AGE_S_MAX: i64 = 24 * 3600;

/// How often keys are read, in seconds.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// While all is well.
    refresh_s: i64,
    /// After a failure.
    retry_s: i64,
    /// When a token names an unknown key. Anybody can send such a token, so this spares the issuer.
    unknown_s: i64,
}

/// A file is cheap to read, and its keeper expects a change to show.
const FILE_PACE: Pace = Pace { refresh_s: 5, retry_s: 1, unknown_s: 1 };
const URL_PACE: Pace = Pace { refresh_s: 300, retry_s: 10, unknown_s: 30 };

#[derive(Debug)]
enum Origin {
    Fixed,
    File(PathBuf),
    Remote(Remote),
}

#[derive(Debug, Default)]
struct State {
    keys: Arc<KeySet>,
    loaded_at: Option<DateTime<Utc>>,
    tried_at: Option<DateTime<Utc>>,
    failing: bool,
}

/// Why keys could not be read. For the log alone.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("reading the file: {0}")]
    File(#[from] std::io::Error),
    #[error(transparent)]
    Remote(#[from] remote::Fault),
    #[error("more than {BYTES_MAX} bytes")]
    Size,
    #[error("no JWKS: {0}")]
    Form(#[from] serde_json::Error),
}

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct Keys {
    issuer: String,
    origin: Origin,
    pace: Pace,
    state: RwLock<State>,
    /// Held while keys are being read: one reading at a time.
    flight: Arc<Mutex<()>>,
}

impl Keys {
    /// Keys from where the options say. Nothing is read yet, so that a service starts while its issuer is down.
    pub(super) fn new(options: &IssuerOptions) -> Result<Arc<Self>, Invalid> {
        let mut state = State::default();
        let (origin, pace) = if let Some(url) = &options.jwks_url {
            let url = options::url(url).map_err(|fault| invalid("jwks_url", &fault))?;
            let remote = Remote::at(url).map_err(|fault| invalid("jwks_url", &fault))?;
            (Origin::Remote(remote), URL_PACE)
        } else if let Some(path) = &options.jwks_file {
            (Origin::File(path.clone()), FILE_PACE)
        } else if let Some(inline) = &options.jwks {
            state.keys = Arc::new(KeySet::parse(inline.as_bytes()).map_err(|fault| invalid("jwks", &fault))?);
            (Origin::Fixed, FILE_PACE)
        } else {
            let url = options::metadata_url(&options.issuer).map_err(|fault| invalid("issuer", &fault))?;
            let remote =
                Remote::discovered(&options.issuer, url).map_err(|fault| invalid("issuer", &fault))?;
            (Origin::Remote(remote), URL_PACE)
        };
        let issuer = options.issuer.clone();
        Ok(Arc::new(Self { issuer, origin, pace, state: RwLock::new(state), flight: Arc::default() }))
    }

    /// The keys as last read. Waits only when there are none yet, or too old ones; otherwise reading again goes on
    /// behind the caller's back.
    pub(super) async fn current(self: &Arc<Self>, now: DateTime<Utc>) -> Result<Arc<KeySet>, Error> {
        if matches!(self.origin, Origin::Fixed) {
            return Ok(self.read(|state| Arc::clone(&state.keys)));
        }
        if let Some(keys) = self.believed(now) {
            self.refresh_behind(now);
            return Ok(keys);
        }
        self.refresh(now, self.pace.retry_s).await;
        self.believed(now).ok_or(Error::IssuerUnavailable)
    }

    /// The key that a token names. An unknown one may be new, so the keys are read again, though not often.
    pub(super) async fn find(
        self: &Arc<Self>,
        id: Option<&str>,
        algorithm: Algorithm,
        now: DateTime<Utc>,
    ) -> Result<Arc<Key>, Error> {
        let found = self.current(now).await?.find(id, algorithm);
        if found.as_ref().err() != Some(&Error::KeyUnknown) || matches!(self.origin, Origin::Fixed) {
            return found;
        }
        self.refresh(now, self.pace.unknown_s).await;
        let found = self.current(now).await?.find(id, algorithm);
        // While the issuer is down nobody can say that the key is wrong.
        if found.as_ref().err() == Some(&Error::KeyUnknown) && self.read(|state| state.failing) {
            return Err(Error::IssuerUnavailable);
        }
        found
    }

    fn read<T>(&self, part: impl FnOnce(&State) -> T) -> T {
        part(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn believed(&self, now: DateTime<Utc>) -> Option<Arc<KeySet>> {
        self.read(|state| {
            let loaded_at = state.loaded_at?;
            (!has_passed(Some(loaded_at), AGE_S_MAX, now)).then(|| Arc::clone(&state.keys))
        })
    }

    /// Reads again when it is time and nobody is at it already.
    fn refresh_behind(self: &Arc<Self>, now: DateTime<Utc>) {
        let pace_s = |state: &State| if state.failing { self.pace.retry_s } else { self.pace.refresh_s };
        if !self.read(|state| has_passed(state.tried_at, pace_s(state), now)) {
            return;
        }
        if let Ok(flight) = Arc::clone(&self.flight).try_lock_owned() {
            tokio::spawn(Arc::clone(self).load(now, flight));
        }
    }

    /// Reads again unless somebody did within the last `within_s` seconds. Callers that come meanwhile wait for the same
    /// reading, which goes on when they give up.
    async fn refresh(self: &Arc<Self>, now: DateTime<Utc>, within_s: i64) {
        let flight = Arc::clone(&self.flight).lock_owned().await;
        if !self.read(|state| has_passed(state.tried_at, within_s, now)) {
            return;
        }
        if let Err(fault) = tokio::spawn(Arc::clone(self).load(now, flight)).await {
            tracing::error!(issuer = self.issuer, %fault, "reading an issuer's keys broke off");
        }
    }

    async fn load(self: Arc<Self>, now: DateTime<Utc>, flight: OwnedMutexGuard<()>) {
        let loaded = self.fetch().await.and_then(|json| Ok(KeySet::parse(&json)?));
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        // Logged when it begins and when it ends: an outage of hours would fill the log.
        match &loaded {
            Ok(_) if state.failing => tracing::info!(issuer = self.issuer, "an issuer's keys are read again"),
            Err(fault) if !state.failing => {
                tracing::warn!(
                    issuer = self.issuer,
                    ?fault,
                    "an issuer's keys cannot be read; the last ones stay"
                );
            }
            Ok(_) | Err(_) => {}
        }
        state.tried_at = Some(now);
        state.failing = loaded.is_err();
        if let Ok(keys) = loaded {
            state.keys = Arc::new(keys);
            state.loaded_at = Some(now);
        }
        drop(state);
        drop(flight);
    }

    async fn fetch(&self) -> Result<Vec<u8>, Fault> {
        match &self.origin {
            Origin::Fixed => Ok(b"{\"keys\":[]}".to_vec()),
            Origin::File(path) => fetch_file(path).await,
            Origin::Remote(remote) => Ok(remote.fetch().await?),
        }
    }
}

async fn fetch_file(path: &Path) -> Result<Vec<u8>, Fault> {
    let mut json = Vec::new();
    let limit = BYTES_MAX as u64 + 1;
    tokio::fs::File::open(path).await?.take(limit).read_to_end(&mut json).await?;
    if json.len() > BYTES_MAX { Err(Fault::Size) } else { Ok(json) }
}

/// Whether seconds have passed since an instant. A clock that was set back counts as passed: nothing must wait for it to
/// catch up.
fn has_passed(since: Option<DateTime<Utc>>, seconds: i64, now: DateTime<Utc>) -> bool {
    since.is_none_or(|since| now < since || (now - since).num_seconds() >= seconds)
}

fn invalid(field: &str, fault: &dyn std::fmt::Display) -> Invalid {
    Invalid { field: field.to_owned(), fault: fault.to_string() }
}
