//! What callers were appointed to, for a service that runs apart from the registry: asked of it, and remembered.
//!
//! An answer is believed for at most [`AGE_MAX`]. Usually it is dropped much sooner: the source follows the registry's
//! events, and forgets everything as soon as any person or appointment changes. So whoever is dismissed is refused here
//! within about a second, and within half a minute where the events do not come. While the registry is down, callers who are not
//! remembered are told to try again: nobody loses a role silently, and nobody keeps one for long.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use minqing_proto::events::v1::WatchEventsRequest;
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::event_service_client::EventServiceClient;
use minqing_proto::registry::v1::person_service_client::PersonServiceClient;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::client::Peer;
use crate::clock::civil_day;
use crate::identity::{Appointment, AppointmentSource, Linked, Role, Unavailable};
use crate::recent::Recent;

/// How long an answer is believed when no event says otherwise.
pub const AGE_MAX: Duration = Duration::from_secs(30);

/// Accounts in each half of the memory.
const HALF_MAX: usize = 10_000;

/// How long the registry may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The pause before the events are followed again after they broke off.
const AGAIN: Duration = Duration::from_secs(1);

/// How long the events may be silent: four of the registry's heartbeats. A stream that died without a word looks like one
/// on which nothing happens.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// The events after which an answer may be another one.
const TYPES: [&str; 5] =
    ["PersonCreated", "PersonUpdated", "PersonEnded", "AppointmentCreated", "AppointmentEnded"];

/// An account: the names of the issuer and of its subject.
type Account = (String, String);

struct Entry {
    linked: Linked,
    day: NaiveDate,
    since: Instant,
}

struct Memory {
    entries: Recent<Account, Entry>,
    /// Grows whenever everything is forgotten: an answer that was asked for before must not be kept after.
    generation: u64,
}

/// A source that asks the registry through a peer, which must call as a system account (see
/// [`client::credentials`](crate::client::credentials)). It follows the registry's events until `stop` fires. Call it
/// within a runtime.
pub fn of_registry(registry: Peer, stop: CancellationToken) -> Arc<dyn AppointmentSource> {
    let memory = Memory { entries: Recent::new(HALF_MAX), generation: 0 };
    let source = Arc::new(Source { registry, memory: Mutex::new(memory) });
    let following = Arc::clone(&source);
    tokio::spawn(async move {
        tokio::select! {
            () = following.follow() => {}
            () = stop.cancelled() => {}
        }
    });
    source
}

struct Source {
    registry: Peer,
    memory: Mutex<Memory>,
}

impl Source {
    fn memory<T>(&self, with: impl FnOnce(&mut Memory) -> T) -> T {
        with(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn forget(&self) {
        self.memory(|memory| {
            memory.entries.clear();
            memory.generation += 1;
        });
    }

    /// Follows the events for ever. They begin at their end each time: all that was remembered is forgotten first, so
    /// nothing that happened meanwhile is missed.
    async fn follow(&self) {
        let mut failing = false;
        loop {
            let Err(fault) = self.watch(&mut failing).await;
            // Logged when it begins: an outage of hours would fill the log.
            if !std::mem::replace(&mut failing, true) {
                tracing::warn!(
                    code = ?fault.code(),
                    message = fault.message(),
                    "the registry's events cannot be followed; appointments are believed for {} s",
                    AGE_MAX.as_secs()
                );
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn watch(&self, failing: &mut bool) -> Result<std::convert::Infallible, Status> {
        let request = WatchEventsRequest {
            cursor: "now".to_owned(),
            types: TYPES.map(str::to_owned).to_vec(),
            division_code: String::new(),
        };
        let mut events =
            EventServiceClient::new(self.registry.clone()).watch_events(request).await?.into_inner();
        let mut begun = false;
        loop {
            let silent = |_| Status::deadline_exceeded("the events are silent");
            let answer = tokio::time::timeout(SILENCE_MAX, events.message()).await.map_err(silent)??;
            let answer = answer.ok_or_else(|| Status::unavailable("the events ended"))?;
            // The first answer says that the stream stands, from then on nothing is missed.
            if answer.event.is_some() || !std::mem::replace(&mut begun, true) {
                *failing = false;
                self.forget();
            }
        }
    }

    async fn ask(&self, (issuer, subject): &Account) -> Result<Linked, Status> {
        let subject = proto::Subject { issuer: issuer.clone(), subject: subject.clone() };
        let mut request = tonic::Request::new(proto::ResolveSubjectRequest { subject: Some(subject) });
        request.set_timeout(TIMEOUT);
        let answer = PersonServiceClient::new(self.registry.clone()).resolve_subject(request).await?;
        Ok(linked(answer.into_inner()))
    }
}

#[async_trait]
impl AppointmentSource for Source {
    async fn appointments(
        &self,
        issuer: &str,
        subject: &str,
        now: DateTime<Utc>,
    ) -> Result<Linked, Unavailable> {
        let (account, day) = ((issuer.to_owned(), subject.to_owned()), civil_day(now));
        let holds = |entry: &&Entry| entry.day == day && entry.since.elapsed() < AGE_MAX;
        let (found, generation) = self.memory(|memory| {
            (memory.entries.get(&account).filter(holds).map(|entry| entry.linked.clone()), memory.generation)
        });
        if let Some(linked) = found {
            return Ok(linked);
        }
        // Its age counts from when it was asked for: that late it was true at the latest.
        let since = Instant::now();
        let linked = self.ask(&account).await.map_err(|fault| {
            tracing::warn!(
                code = ?fault.code(),
                message = fault.message(),
                "the registry does not say what a caller was appointed to"
            );
            Unavailable
        })?;
        let entry = Entry { linked: linked.clone(), day, since };
        self.memory(|memory| {
            if memory.generation == generation {
                memory.entries.put(account, entry);
            }
        });
        Ok(linked)
    }
}

fn linked(answer: proto::ResolveSubjectResponse) -> Linked {
    Linked {
        person: Some(answer.person).filter(|name| !name.is_empty()),
        appointments: answer.appointments.into_iter().filter_map(appointment).collect(),
    }
}

/// An appointment as it is decided by. A role that is not known here, of a newer registry, permits nothing here.
fn appointment(told: proto::Appointment) -> Option<Appointment> {
    let name = told.role().as_str_name().strip_prefix("ROLE_")?.to_lowercase();
    let role: Role = name.parse().ok()?;
    let organization = Some(told.organization).filter(|name| !name.is_empty());
    Some(Appointment { role, organization, division: told.division_code })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_of_the_registry_is_known_and_none_is_made_of_an_unknown_one() {
        let told = |role| proto::Appointment { role, ..proto::Appointment::default() };
        let named = (1..).map_while(|number| proto::Role::try_from(number).ok());
        let known: Vec<Role> =
            named.map(|role| appointment(told(role.into())).expect("a known role").role).collect();
        assert!(known.iter().all(|role| role.is_appointable()));
        assert_eq!(known.len(), Role::ALL.iter().filter(|role| role.is_appointable()).count());
        assert_eq!(appointment(told(0)), None);
        assert_eq!(appointment(told(99)), None);
    }
}
