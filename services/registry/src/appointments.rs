//! Where the platform learns what a caller was appointed to: the registry's own tables, behind a cache.
//!
//! The cache is asked on every call. What this process changes it is told of ([`Appointments::forget`]), so that a
//! dismissal takes effect at once; what another replica commits it finds in the feed within [`POLL`], and nothing is ever
//! believed longer than [`AGE_MAX`]. There is no task in the background: whoever asks looks into the feed, and the others
//! wait for that one look.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::clock::civil_day;
use minqing_platform::error::Error;
use minqing_platform::identity::{self, AppointmentSource, Linked, Unavailable};
use minqing_platform::recent::Recent;
use tokio::time::Instant;

use crate::domain::appointment::Appointment;
use crate::domain::person::Subject;
use crate::store;
use crate::store::person::{AppointmentFilter, Since};

/// How often the feed is looked into.
const POLL: Duration = Duration::from_millis(500);
/// How long an answer is believed when the feed cannot be read, or hides events behind a long transaction.
const AGE_MAX: Duration = Duration::from_secs(30);
/// Accounts in each of the two halves of the cache.
const HALF_MAX: usize = 10_000;
/// The most appointments of one person that count.
const APPOINTMENTS_MAX: i64 = 200;

#[derive(Debug, Clone)]
struct Entry {
    linked: Linked,
    day: NaiveDate,
    since: Instant,
}

struct Cache {
    entries: Recent<Subject, Entry>,
    /// Grows with each clearing: an answer that was read before it must not be kept after it.
    generation: u64,
}

impl Default for Cache {
    fn default() -> Self {
        Self { entries: Recent::new(HALF_MAX), generation: 0 }
    }
}

impl Cache {
    fn get(&mut self, subject: &Subject, day: NaiveDate) -> Option<Linked> {
        let entry = self.entries.get(subject)?;
        (entry.day == day && entry.since.elapsed() < AGE_MAX).then(|| entry.linked.clone())
    }

    fn clear(&mut self) {
        self.entries.clear();
        self.generation += 1;
    }
}

/// How far the feed was looked into.
#[derive(Debug, Default)]
struct Place {
    /// `None` until the first look.
    at: Option<(i64, i64)>,
    looked: Option<Instant>,
}

/// The registry's appointments.
pub(crate) struct Appointments {
    store: store::Shared,
    cache: Mutex<Cache>,
    place: tokio::sync::Mutex<Place>,
}

impl Appointments {
    /// The appointments of a store.
    pub(crate) fn new(store: store::Shared) -> Self {
        Self { store, cache: Mutex::default(), place: tokio::sync::Mutex::default() }
    }

    /// Forgets everything, because people or appointments were changed here. To be called after the commit.
    pub(crate) fn forget(&self) {
        self.cache(Cache::clear);
    }

    fn cache<T>(&self, with: impl FnOnce(&mut Cache) -> T) -> T {
        with(&mut self.cache.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Drops what is no longer true. A feed that cannot be read drops nothing: the age does that.
    async fn refresh(&self) {
        let mut place = self.place.lock().await;
        if place.looked.is_some_and(|looked| looked.elapsed() < POLL) {
            return;
        }
        place.looked = Some(Instant::now());
        let since = match place.at {
            Some(at) => self.store.appointments_changed_since(at).await,
            None => {
                self.store.events_end().await.map(|end| Since { end, changed: true }).map_err(Error::from)
            }
        };
        match since {
            Ok(since) => {
                if since.changed {
                    self.cache(Cache::clear);
                }
                place.at = Some(since.end);
            }
            Err(error) => {
                tracing::warn!(
                    ?error,
                    "the event feed cannot be read; appointments are believed a while longer"
                );
            }
        }
    }

    async fn read(&self, subject: &Subject, day: NaiveDate) -> Result<Linked, Error> {
        let Some(person) = self.store.linked(subject, day).await? else { return Ok(Linked::default()) };
        let filter =
            AppointmentFilter { person: Some(person.clone()), on: Some(day), ..AppointmentFilter::default() };
        let held = self.store.appointments(&filter, "", APPOINTMENTS_MAX).await?;
        let appointments = held.iter().map(of_caller).collect();
        Ok(Linked { person: Some(format!("people/{person}")), appointments })
    }
}

/// An appointment as the platform decides by it.
fn of_caller(held: &Appointment) -> identity::Appointment {
    identity::Appointment {
        role: held.office.role,
        organization: held.office.organization.as_ref().map(|id| format!("organizations/{id}")),
        division: held.office.division_code().to_owned(),
    }
}

#[async_trait::async_trait]
impl AppointmentSource for Appointments {
    async fn appointments(
        &self,
        issuer: &str,
        subject: &str,
        now: DateTime<Utc>,
    ) -> Result<Linked, Unavailable> {
        self.refresh().await;
        let (subject, day) =
            (Subject { issuer: issuer.to_owned(), subject: subject.to_owned() }, civil_day(now));
        let (found, generation) = self.cache(|cache| (cache.get(&subject, day), cache.generation));
        if let Some(linked) = found {
            return Ok(linked);
        }
        let linked = self.read(&subject, day).await.map_err(|error| {
            tracing::warn!(?error, "appointments cannot be read");
            Unavailable
        })?;
        let entry = Entry { linked: linked.clone(), day, since: Instant::now() };
        self.cache(|cache| {
            if cache.generation == generation {
                cache.entries.put(subject, entry);
            }
        });
        Ok(linked)
    }
}

/// A source that is shared.
pub(crate) type Shared = Arc<Appointments>;

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(number: usize) -> Subject {
        Subject { issuer: "i".into(), subject: number.to_string() }
    }

    fn entry(day: NaiveDate) -> Entry {
        Entry { linked: Linked::default(), day, since: Instant::now() }
    }

    #[test]
    fn an_answer_holds_for_its_day_only() {
        let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let mut cache = Cache::default();
        cache.entries.put(subject(0), entry(day));
        assert!(cache.get(&subject(0), day).is_some());
        assert!(cache.get(&subject(0), day.succ_opt().unwrap()).is_none());
    }
}
