//! A matching of the city from the store and back: what is open read, the matching kept, its matches proposed.

use std::time::{Duration, Instant};

use anyhow::anyhow;
use chrono::TimeDelta;
use futures::StreamExt as _;
use minqing_platform::clock::civil_day;
use minqing_platform::config::Secret;
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::feed::Bell;
use minqing_platform::journal::Change;
use minqing_volunteers::domain::matching::facts;
use minqing_volunteers::domain::matching::run::{Order, run};
use minqing_volunteers::domain::matching::weights::Weights;
use minqing_volunteers::domain::need::{Command, Place, Promise, Requirements, Source, Submission};
use minqing_volunteers::domain::post::file;
use minqing_volunteers::domain::team::{MembershipState, NewTeam};
use minqing_volunteers::domain::volunteer::{Act as Happens, Availability, NewVolunteer};
use minqing_volunteers::store::need::Act;
use minqing_volunteers::store::team::MembershipFilter;
use minqing_volunteers::store::volunteer::Happening;
use minqing_volunteers::store::{self, Shared};
use uuid::Uuid;

use super::{Plan, Session};
use crate::child::Outcome;
use crate::corps::{self, Size};
use crate::options::Options;
use crate::place::{self, Kind};
use crate::table::{self, count, milliseconds, seconds};

/// The table.
pub const TABLE: Plan = Plan {
    title: "matching: the city from the store and back",
    header: &[
        "database",
        "needs",
        "teams",
        "people",
        "read ms",
        "pose, solve, check ms",
        "keep ms",
        "propose s",
        "proposed",
        "proposals/s",
        "explain ms",
    ],
};

const SIZE: Size = Size { needs: 5_000, teams: 800, people: 9_800, capacity_max: 12, anywhere: false };
const PROMISE: Promise =
    Promise { verify: TimeDelta::hours(24), propose: TimeDelta::hours(72), accept: TimeDelta::hours(48) };
/// Writes under way at once while the corps is made, which is not measured.
const WRITERS: usize = 16;

/// Measures on each kind of database.
pub async fn measure(session: &Session, options: &Options) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    for kind in [Kind::Sqlite, Kind::Postgres] {
        if options.only.is_some_and(|only| only != kind) {
            continue;
        }
        let Some(held) = place::make(session.work(), "matching", kind)? else { continue };
        table::tell(&format!("Matching on {}", kind.title()));
        outcome.rows.push(on(kind, &held.place.url).await.map_err(|error| anyhow!("{error:?}"))?);
    }
    outcome.notes.push("the corps is made through the store before; that is not measured".into());
    outcome
        .notes
        .push("each proposal: savepoint, need, team, event, capacity, feed; 100 to a transaction".into());
    Ok(outcome)
}

fn change() -> Change {
    Change::by_system(corps::now())
}

async fn on(kind: Kind, url: &str) -> Result<Vec<String>, Error> {
    let options = db::Options { url: Secret::new(url.to_owned()), ..db::Options::default() };
    let database = db::Database::connect(&options).await?;
    store::sql::migrate(&database).await?;
    let store = store::sql::open(&database, &Bell::default());
    fill(&store).await?;

    let area: minqing_platform::code::Code = "321181".parse().expect("a county's code");
    let (read, inputs) = timed(store.matching_inputs(&area, civil_day(corps::now()))).await;
    let inputs = inputs?;
    let people: usize = inputs.teams.iter().map(|team| team.hands.len()).sum();
    let cells = [inputs.needs.len(), inputs.teams.len(), people].map(|number| count(number as u64));
    let order = Order { id: Uuid::now_v7(), area, actor: "bench".to_owned(), time: corps::now() };
    let (solved, done) = timed(async { run(order, inputs.needs, inputs.teams, Weights::default()) }).await;
    let done = done.map_err(|error| Error::Internal(error.to_string()))?;
    let (kept, id) = timed(store.keep_matching(&change(), &done)).await;
    let id = id?;
    let (proposed, all) = timed(async {
        while store.propose_matches(&change(), id, PROMISE).await? {}
        Ok::<(), Error>(())
    })
    .await;
    all?;
    let stored = store.matching(id).await?.map_or(0, |stored| stored.proposed);
    let (need, team) = (done.matches[0].facts.name.clone(), done.teams[0].facts.name.clone());
    let (explained, verdict) = timed(async {
        let kept = store.matching_run(id).await?;
        let verdict = kept.map(|kept| kept.verdict(&need, &team)).transpose();
        verdict.map_err(|error| Error::Internal(error.to_string()))
    })
    .await;
    verdict?;
    let stored = u64::try_from(stored).unwrap_or_default();
    let [needs, teams, people] = cells;
    Ok(vec![
        kind.title().to_owned(),
        needs,
        teams,
        people,
        milliseconds(read),
        milliseconds(solved),
        milliseconds(kept),
        seconds(proposed),
        count(stored),
        table::rate(stored, proposed),
        milliseconds(explained),
    ])
}

async fn timed<T>(work: impl Future<Output = T>) -> (Duration, T) {
    let start = Instant::now();
    let done = work.await;
    (start.elapsed(), done)
}

/// The corps and its open needs.
async fn fill(store: &Shared) -> Result<(), Error> {
    let rows = file::read(file::CARRIED.as_bytes()).map_err(|_| Error::Internal("the posts".to_owned()))?;
    store.found_posts(&change(), &rows, civil_day(corps::now())).await?;
    let posts: Vec<String> = rows.into_iter().map(|row| row.post.id).collect();
    let post = |made: &str| {
        let number: usize = made.trim_start_matches("post-").parse().unwrap_or_default();
        posts[number % posts.len()].clone()
    };
    let (needs, teams) = corps::made(SIZE);
    let new = |team: &facts::Team| NewTeam {
        id: team.name.clone(),
        display_name: team.name.clone(),
        post: post(&team.post),
        home: team.home.clone(),
        reach: team.reach.clone(),
        capacity: team.capacity,
        leader: None,
        from: civil_day(corps::now()),
    };
    for teams in teams.chunks(100) {
        store.create_teams(&change(), &teams.iter().map(new).collect::<Vec<_>>()).await?;
    }
    let mut joined = futures::stream::iter(&teams).map(|team| join(store, team)).buffer_unordered(WRITERS);
    while let Some(done) = joined.next().await {
        done?;
    }
    let mut opened = futures::stream::iter(needs)
        .map(|need| {
            let post = post(&need.post);
            open(store, need, post)
        })
        .buffer_unordered(WRITERS);
    while let Some(done) = opened.next().await {
        done?;
    }
    Ok(())
}

/// The members of a team, whose names were verified. A post that does not suit them keeps them out, as it would anybody.
async fn join(store: &Shared, team: &facts::Team) -> Result<(), Error> {
    let id = &team.name;
    let new = |number: usize| NewVolunteer {
        number: format!("{id}-{number}"),
        account: None,
        person: None,
        birth_date: chrono::NaiveDate::from_ymd_opt(1980, 1, 1).unwrap_or_default(),
        skills: Vec::new(),
        languages: Vec::new(),
        availability: Availability::default(),
        health_limits: Vec::new(),
        home: team.home.clone(),
        sealed: vec![1],
        identity_index: format!("{id}-{number}").into_bytes(),
    };
    let news: Vec<NewVolunteer> = (0..team.hands.len()).map(new).collect();
    let today = civil_day(corps::now());
    for record in store.register_volunteers(&change(), &news, Some(id)).await? {
        for act in [
            Happens::Verify("seen".to_owned()),
            Happens::Insure(today + TimeDelta::days(365), "insurer".to_owned()),
        ] {
            let number = record.volunteer.number.clone();
            let happening = Happening { number, version: None, act, resealed: None, today };
            store.act_on_volunteer(&change(), &happening).await?;
        }
    }
    let filter = MembershipFilter { team: Some(id.clone()), ..MembershipFilter::default() };
    for asked in store.memberships(&filter, None, 1_000).await? {
        store.move_membership(&change(), id, asked.id, MembershipState::Active, "", today).await?;
    }
    Ok(())
}

async fn open(store: &Shared, need: facts::Need, post: String) -> Result<(), Error> {
    let place = Place { code: need.place, position: None, address: String::new() };
    let requirements = Requirements {
        post: Some(post),
        skills: Vec::new(),
        headcount: need.headcount,
        windows: need.windows,
        risk: need.risk,
    };
    let submission = Submission {
        id: Uuid::now_v7(),
        source: Source::Resident,
        assignment: None,
        planner: None,
        title: need.name,
        content: String::new(),
        place: place.clone(),
        requirements: requirements.clone(),
        due: corps::now() + PROMISE.verify,
    };
    let made = store.submit_need(&change(), submission).await?;
    let command = Command::Verify(requirements, place);
    let act = Act { id: made.id, version: None, command: &command, promise: PROMISE, capacity: 0 };
    store.act_on_need(&change(), act).await?;
    Ok(())
}
