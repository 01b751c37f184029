//! Two thousand people who sign up for a hundred places, at two replicas of the service on one database.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use chrono::{NaiveDate, TimeDelta};
use futures::StreamExt as _;
use futures::stream;
use http::HeaderMap;
use minqing_platform::client::{Peer, in_process};
use minqing_platform::clock::{Clock as _, System};
use minqing_platform::config::Secret;
use minqing_platform::field::timestamp;
use minqing_platform::identity::Caller;
use minqing_platform::journal::Change;
use minqing_platform::{db, seal, server};
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::activity_service_client::ActivityServiceClient;
use minqing_proto::volunteers::v1::sign_up_service_client::SignUpServiceClient;
use minqing_volunteers::domain::team::NewTeam;
use minqing_volunteers::domain::volunteer::{Act, Availability, NewVolunteer};
use minqing_volunteers::store::volunteer::Happening;
use minqing_volunteers::{Dependencies, SERVICES, Volunteers, config};
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;
use tonic::{Request, Status};

use super::Plan;
use crate::child::Outcome;
use crate::options::Options;
use crate::place::Place;
use crate::table;

/// The table.
pub const TABLE: Plan = Plan {
    title: "sign-ups: 2,000 people for 100 places, two replicas",
    header: &[
        "database",
        "at a time",
        "places given",
        "waiting",
        "s",
        "sign-ups/s",
        "p50 ms",
        "p99 ms",
        "max ms",
    ],
};

const PEOPLE: usize = 2_000;
const PLACES: i32 = 100;
/// How many call at the same moment: all of them, and as many as a busy evening has.
const AT_A_TIME: [usize; 3] = [PEOPLE, 100, 16];
const VILLAGE: &str = "321181100201";

/// Believes the header `subject`: identity is measured with the look-ups.
struct Subjects;

#[async_trait::async_trait]
impl server::Authenticate for Subjects {
    type Caller = Caller;

    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Status> {
        let subject = headers.get("subject").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (issuer, subject) = ("bench".to_owned(), subject.to_owned());
        Ok(Caller { issuer, subject, person: None, appointments: Vec::new() })
    }
}

/// Registers the people, and has them all sign up, anew for each number of callers.
pub async fn measure(_: &Options, place: &Place) -> anyhow::Result<Outcome> {
    let stop = CancellationToken::new();
    let (one, other) = (replica(place, &stop).await?, replica(place, &stop).await?);
    people(&one.0).await?;
    let mut outcome = Outcome::default();
    for at_a_time in AT_A_TIME {
        outcome.rows.push(race(place, [&one.1, &other.1], at_a_time).await?);
    }
    outcome.notes.push("more than the places were never given: the run fails where they are".to_owned());
    stop.cancel();
    Ok(outcome)
}

/// A service of its own on the database, and the way to it.
async fn replica(place: &Place, stop: &CancellationToken) -> anyhow::Result<(Volunteers, Peer)> {
    let options = server::Options::default();
    let nobody = server::assemble(RoutesBuilder::default(), &[], Subjects, &options).await?.peer;
    let url = Secret::new(place.url.clone());
    let database = db::Database::connect(&db::Options { url, ..db::Options::default() }).await?;
    let volunteers = Volunteers::open(Dependencies {
        database,
        practice: config::Practice::default(),
        registry: in_process(nobody.clone()),
        cases: in_process(nobody),
        clock: Arc::new(System),
        keyring: Arc::new(seal::Keyring::from_secret(&[7; 32])),
        stop: stop.clone(),
    })
    .await?;
    let mut routes = RoutesBuilder::default();
    volunteers.mount(&mut routes, &options);
    let peer = server::assemble(routes, SERVICES, Subjects, &options).await?.peer;
    Ok((volunteers, in_process(peer)))
}

fn number(person: usize) -> String {
    format!("v{person}")
}

/// A team with a leader, and everybody else.
async fn people(volunteers: &Volunteers) -> anyhow::Result<()> {
    let failed = |error| anyhow::anyhow!("{error:?}");
    let (store, change, today) = (volunteers.store(), Change::by_system(System.now()), System.today());
    let born = NaiveDate::from_ymd_opt(1980, 1, 1).context("a day")?;
    let mut all = Vec::new();
    for person in 0..PEOPLE {
        all.push(NewVolunteer {
            number: number(person),
            account: Some(format!("bench#{person}")),
            person: None,
            birth_date: born,
            skills: Vec::new(),
            languages: Vec::new(),
            availability: Availability::default(),
            health_limits: Vec::new(),
            home: VILLAGE.parse()?,
            sealed: vec![1],
            identity_index: number(person).into_bytes(),
        });
    }
    for chunk in all.chunks(500) {
        store.register_volunteers(&change, chunk, None).await.map_err(failed)?;
    }
    for person in 0..PEOPLE {
        let act = Act::Verify("seen".to_owned());
        let happening = Happening { number: number(person), version: None, act, resealed: None, today };
        store.act_on_volunteer(&change, &happening).await.map_err(failed)?;
    }
    let team = NewTeam {
        id: "sorters".to_owned(),
        display_name: "Sorters".to_owned(),
        post: "waste-sorting-guide".to_owned(),
        home: VILLAGE.parse()?,
        reach: Vec::new(),
        capacity: 5,
        leader: Some(number(0)),
        from: today,
    };
    store.create_teams(&change, &[team]).await.map_err(failed)?;
    Ok(())
}

/// A published shift of a day of its own for each race, so that nobody is elsewhere.
async fn shift(peer: &Peer, ahead: usize) -> anyhow::Result<String> {
    let mut client = ActivityServiceClient::new(peer.clone());
    let activity = proto::Activity {
        team: "teams/sorters".to_owned(),
        title: "Sorting at the gate".to_owned(),
        division_code: VILLAGE.to_owned(),
        ..Default::default()
    };
    let request = proto::CreateActivityRequest { activity: Some(activity), ..Default::default() };
    let activity = client.create_activity(by(0, request)?).await?.into_inner().name;
    let from = System.now() + TimeDelta::days(i64::try_from(ahead)? + 1);
    let shift = proto::Shift {
        start_time: Some(timestamp(from)),
        end_time: Some(timestamp(from + TimeDelta::hours(2))),
        capacity: PLACES,
        ..Default::default()
    };
    let request =
        proto::CreateShiftRequest { parent: activity.clone(), shift: Some(shift), ..Default::default() };
    let shift = client.create_shift(by(0, request)?).await?.into_inner().name;
    let request = proto::PublishActivityRequest { name: activity, ..Default::default() };
    client.publish_activity(by(0, request)?).await?;
    Ok(shift)
}

fn by<T>(person: usize, message: T) -> anyhow::Result<Request<T>> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("subject", person.to_string().parse()?);
    Ok(request)
}

async fn race(place: &Place, peers: [&Peer; 2], at_a_time: usize) -> anyhow::Result<Vec<String>> {
    let shift = shift(peers[0], at_a_time).await?;
    let start = Instant::now();
    let calls = (0..PEOPLE).map(|person| {
        let mut client = SignUpServiceClient::new(peers[person % 2].clone());
        let request = proto::CreateSignUpRequest { parent: shift.clone(), request_id: String::new() };
        tokio::spawn(async move {
            let begun = Instant::now();
            let answer = client.create_sign_up(by(person, request)?).await?.into_inner();
            anyhow::Ok((begun.elapsed(), answer.state()))
        })
    });
    let answers: Vec<_> = stream::iter(calls).buffer_unordered(at_a_time).collect().await;
    let elapsed = start.elapsed();
    let answers = answers.into_iter().map(|answer| answer?).collect::<anyhow::Result<Vec<_>>>()?;
    let with = |state| answers.iter().filter(|(_, other)| *other == state).count();
    let (given, waiting) = (with(proto::SignUpState::Confirmed), with(proto::SignUpState::Waiting));
    ensure!(given == usize::try_from(PLACES)?, "{given} places were given");
    let mut times: Vec<Duration> = answers.into_iter().map(|(time, _)| time).collect();
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    Ok(vec![
        place.kind.title().to_owned(),
        table::count(at_a_time as u64),
        table::count(given as u64),
        table::count(waiting as u64),
        table::seconds(elapsed),
        table::rate(PEOPLE as u64, elapsed),
        table::milliseconds(at(50)),
        table::milliseconds(at(99)),
        table::milliseconds(at(100)),
    ])
}
