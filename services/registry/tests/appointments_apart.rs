//! What callers were appointed to, as a service that runs apart learns it: asked of a real registry over gRPC.
#![cfg(test)]

#[path = "room/mod.rs"]
mod room;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use minqing_platform::appointments::of_registry;
use minqing_platform::client::Peer;
use minqing_platform::clock::Clock as _;
use minqing_platform::identity::{Appointment, AppointmentSource, Linked, Role, Unavailable};
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::person_service_client::PersonServiceClient;
use minqing_testkit::{Database, on_both_databases};
use room::{Room, by};
use tonic::Status;
use tower::{ServiceExt as _, service_fn};

on_both_databases! {
    an_account_is_asked_for_once_until_an_appointment_changes;
    while_the_registry_is_down_nobody_is_made_a_citizen;
}

/// How soon an event shows here, where all tests run at once; half of the age at which an answer is dropped anyway.
const NEWS: Duration = Duration::from_secs(15);

/// The way to the registry as a system account, which counts the questions and can be cut.
#[derive(Clone, Default)]
struct Way {
    asked: Arc<AtomicUsize>,
    cut: Arc<AtomicBool>,
}

impl Way {
    fn to(&self, registry: &Peer) -> Peer {
        let (way, registry) = (self.clone(), registry.clone());
        Peer::new(service_fn(move |mut request: http::Request<tonic::body::Body>| {
            let (way, registry) = (way.clone(), registry.clone());
            async move {
                if request.uri().path().ends_with("/ResolveSubject") {
                    way.asked.fetch_add(1, Ordering::SeqCst);
                }
                if way.cut.load(Ordering::SeqCst) {
                    return Ok(Status::unavailable("cut").into_http());
                }
                request.headers_mut().insert("role", "system_account".parse().unwrap());
                registry.oneshot(request).await
            }
        }))
    }
}

struct Apart {
    room: Room,
    way: Way,
    source: Arc<dyn AppointmentSource>,
    people: PersonServiceClient<Peer>,
}

async fn apart(database: &Database) -> Apart {
    let (room, way) = (room::open(database).await, Way::default());
    let source = of_registry(way.to(&room.peer), Default::default());
    let people = PersonServiceClient::new(room.peer.clone());
    Apart { room, way, source, people }
}

impl Apart {
    async fn ask(&self, subject: &str) -> Result<Linked, Unavailable> {
        self.source.appointments("https://id.example", subject, self.room.clock.now()).await
    }

    async fn settled(&self, subject: &str, holds: impl Fn(&Linked) -> bool) {
        let began = Instant::now();
        while !holds(&self.ask(subject).await.unwrap()) {
            assert!(began.elapsed() < NEWS, "{:?}", self.ask(subject).await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Records somebody who is an auditor, with an account.
    async fn record(&mut self, subject: &str) -> String {
        let person = proto::Person {
            display_name: "张三".into(),
            division_code: "32".into(),
            subjects: vec![proto::Subject { issuer: "https://id.example".into(), subject: subject.into() }],
            ..proto::Person::default()
        };
        let appointment =
            proto::Appointment { role: proto::Role::Auditor.into(), ..proto::Appointment::default() };
        let request = proto::CreatePersonRequest {
            person: Some(person),
            appointments: vec![appointment],
            ..proto::CreatePersonRequest::default()
        };
        self.people.create_person(by("administrator", "", request)).await.unwrap().into_inner().name
    }
}

async fn province(room: &Room) {
    use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
    let division =
        proto::Division { code: "32".into(), display_name: "江苏省".into(), ..Default::default() };
    let request = proto::CreateDivisionRequest { division: Some(division), ..Default::default() };
    let mut divisions = DivisionServiceClient::new(room.peer.clone());
    divisions.create_division(by("administrator", "", request)).await.unwrap();
}

async fn an_account_is_asked_for_once_until_an_appointment_changes(database: Database) {
    let mut apart = apart(&database).await;
    province(&apart.room).await;
    // The stream of events stands as soon as an answer stays: its beginning drops what was remembered before.
    apart.settled("a", |linked| *linked == Linked::default()).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    apart.ask("a").await.unwrap();
    let asked = apart.way.asked.load(Ordering::SeqCst);
    for _ in 0..50 {
        assert_eq!(apart.ask("a").await.unwrap(), Linked::default());
    }
    assert_eq!(apart.way.asked.load(Ordering::SeqCst), asked);

    let person = apart.record("a").await;
    let auditor = [Appointment::everywhere(Role::Auditor)];
    apart
        .settled("a", |linked| linked.person.as_ref() == Some(&person) && linked.appointments == auditor)
        .await;
    assert!(apart.way.asked.load(Ordering::SeqCst) > asked);
}

async fn while_the_registry_is_down_nobody_is_made_a_citizen(database: Database) {
    let mut apart = apart(&database).await;
    province(&apart.room).await;
    apart.record("a").await;
    apart.settled("a", |linked| linked.appointments.len() == 1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    apart.settled("a", |linked| linked.appointments.len() == 1).await;
    apart.way.cut.store(true, Ordering::SeqCst);
    assert_eq!(apart.ask("a").await.unwrap().appointments.len(), 1, "it is remembered for a while");
    assert_eq!(apart.ask("b").await, Err(Unavailable));
    // On the next day an answer of yesterday says nothing.
    apart.room.clock.advance(chrono::TimeDelta::days(1));
    assert_eq!(apart.ask("a").await, Err(Unavailable));
    apart.way.cut.store(false, Ordering::SeqCst);
    assert_eq!(apart.ask("b").await, Ok(Linked::default()));
}
