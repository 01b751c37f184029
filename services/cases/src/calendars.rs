//! Calendars in memory. A version never changes, so it is compiled once; which version is the newest is asked of the
//! store each time, by one look-up of a key, so that a change counts at once in every replica.

use std::sync::{Arc, Mutex, PoisonError};

use minqing_platform::error::{Error, Refusal};
use minqing_platform::recent::Recent;

use crate::domain::calendar::{Calendar, National, Ref};
use crate::store;

/// Compiled versions in memory: half of what is kept at most, each of about 80 kB.
const VERSIONS_HALF_MAX: usize = 128;
/// Editions of the national days in memory: half of what is kept at most. Few are in use at a time.
const EDITIONS_HALF_MAX: usize = 8;

/// The compiled calendars.
pub struct Calendars {
    store: store::Shared,
    versions: Mutex<Recent<Ref, Arc<Calendar>>>,
    editions: Mutex<Recent<i64, Arc<National>>>,
}

impl Calendars {
    /// None is compiled yet.
    pub fn new(store: store::Shared) -> Self {
        let versions = Mutex::new(Recent::new(VERSIONS_HALF_MAX));
        Self { store, versions, editions: Mutex::new(Recent::new(EDITIONS_HALF_MAX)) }
    }

    /// A calendar: a version, or the newest. [`Calendar::reference`] says which one it is, for a case to freeze.
    ///
    /// # Errors
    /// There is no such calendar or version, or the database does not answer.
    pub async fn calendar(&self, id: &str, version: Option<i64>) -> Result<Arc<Calendar>, Error> {
        let version = match version {
            Some(version) => version,
            None => self.store.calendar_version(id).await?.ok_or_else(|| missing(id, None))?,
        };
        let reference = Ref { id: id.to_owned(), version };
        if let Some(kept) = look(&self.versions, &reference) {
            return Ok(kept);
        }
        let record = self.store.calendar(id, Some(version)).await?;
        let record = record.ok_or_else(|| missing(id, Some(version)))?;
        let national = match record.edition {
            Some(edition) => self.national(edition).await?,
            None => Arc::default(),
        };
        // Two callers may compile the same version at the same time, which is rare and harmless.
        let calendar = Arc::new(Calendar::new(record.reference, record.facts.rules, national));
        keep(&self.versions, reference, &calendar);
        Ok(calendar)
    }

    async fn national(&self, edition: i64) -> Result<Arc<National>, Error> {
        if let Some(kept) = look(&self.editions, &edition) {
            return Ok(kept);
        }
        let national = Arc::new(self.store.national(edition).await?);
        keep(&self.editions, edition, &national);
        Ok(national)
    }
}

fn look<K: Eq + std::hash::Hash, V>(kept: &Mutex<Recent<K, Arc<V>>>, key: &K) -> Option<Arc<V>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
}

fn keep<K: Eq + std::hash::Hash, V>(kept: &Mutex<Recent<K, Arc<V>>>, key: K, value: &Arc<V>) {
    kept.lock().unwrap_or_else(PoisonError::into_inner).put(key, Arc::clone(value));
}

fn missing(id: &str, version: Option<i64>) -> Error {
    let of = version.map(|version| format!("version {version} of ")).unwrap_or_default();
    Refusal::missing(format!("{of}calendar {id}")).into()
}
