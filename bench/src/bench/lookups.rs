//! Look-ups against an empty echo on the same peer.

use std::sync::Arc;
use std::time::Duration;

use minqing_platform::client::Peer;
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::contact_service_client::ContactServiceClient;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::grid_service_client::GridServiceClient;
use minqing_proto::registry::v1::household_service_client::HouseholdServiceClient;

use super::{Plan, peak, served};
use crate::child::Outcome;
use crate::echo;
use crate::house::{House, signed};
use crate::lattice::Grid;
use crate::load::{self, Calls, Seen, Target};
use crate::options::Options;
use crate::place::Place;
use crate::{city, table};

/// The table.
pub const TABLE: Plan = Plan {
    title: "lookups: against an empty echo on the same channel, behind the same road",
    header: &[
        "database",
        "channel",
        "callers",
        "what",
        "answers/s",
        "p50 ms",
        "p99 ms",
        "of echo",
        "CPU µs",
        "CPU of echo",
    ],
};

/// How many call at a time.
const CALLERS: [usize; 3] = [1, 16, 64];

/// Households that are asked about, over and over.
const HOUSEHOLDS_ASKED: usize = 10_000;

/// Households in one page.
const PAGE: i32 = 1_000;

/// What is asked about.
#[derive(Clone)]
struct Asked {
    grids: Arc<Vec<Grid>>,
    households: Arc<Vec<String>>,
    resolved: bool,
}

/// Compares.
pub async fn measure(options: &Options, place: &Place) -> anyhow::Result<Outcome> {
    let house = House::open(place).await?;
    let mut outcome = Outcome::default();
    let asked = prepare(options, &house, &mut outcome).await?;
    for (channel, peer) in [("in process", &house.in_process), ("TCP", &house.tcp)] {
        let all = targets(&house, peer, &asked);
        for callers in CALLERS {
            let wanted = |name: &str| format!("{channel}/{callers}/{name}").contains(&options.what);
            let chosen = all.iter().filter(|(name, _)| wanted(name)).cloned();
            let (names, targets): (Vec<_>, Vec<_>) = chosen.unzip();
            table::say(&format!("{channel}, {callers} callers"));
            let round = Duration::from_millis(options.round_ms);
            let seen = load::compare(&targets, callers, options.rounds, round).await?;
            let Some(echo) = seen.first().copied() else { continue };
            for (name, seen) in names.iter().zip(seen) {
                outcome.rows.push(row(place, channel, callers, name, seen, echo));
            }
        }
    }
    outcome.notes.push(format!(
        "medians of {} interleaved rounds of {} ms; \"of echo\" compares answers/s, \"CPU of echo\" the processor time of this \
         process, caller and suite together, for each answer: it holds whatever else the machine does",
        options.rounds, options.round_ms
    ));
    outcome.notes.push(format!("peak memory on {}: {} MiB", place.kind.title(), peak()?));
    house.end().await?;
    Ok(outcome)
}

/// What of the suite is there to ask, and about what.
async fn prepare(options: &Options, house: &House, outcome: &mut Outcome) -> anyhow::Result<Asked> {
    let grids = Arc::new(city::grids());
    let households = names(house, &mut *outcome).await?;
    let mut resolved = !households.is_empty();
    if resolved {
        let request =
            proto::ResolveContactsRequest { household: households[0].clone(), ..Default::default() };
        let mut client = ContactServiceClient::new(house.in_process.clone());
        resolved = served(client.resolve_contacts(house.request(request)).await)?.is_some();
    }
    if !resolved {
        outcome.notes.push("left out: ResolveContacts is not served".to_owned());
    }
    outcome.notes.push(format!(
        "{} grids, {} households, {} of them asked about in turn",
        table::count(grids.len() as u64),
        table::count(options.households.into()),
        table::count(households.len() as u64)
    ));
    Ok(Asked { grids, households: Arc::new(households), resolved })
}

/// The names of some households, spread over the city.
async fn names(house: &House, outcome: &mut Outcome) -> anyhow::Result<Vec<String>> {
    let mut client = HouseholdServiceClient::new(house.in_process.clone());
    let (mut names, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = proto::ListHouseholdsRequest {
            parent: format!("divisions/{}", city::CODE),
            page_size: PAGE,
            page_token,
            ..Default::default()
        };
        let Some(answer) = served(client.list_households(house.request(request)).await)? else {
            outcome.notes.push("left out: ListHouseholds is not served".to_owned());
            return Ok(Vec::new());
        };
        let answer = answer.into_inner();
        names.extend(answer.households.into_iter().map(|household| household.name));
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let step = names.len().div_ceil(HOUSEHOLDS_ASKED).max(1);
    Ok(names.into_iter().step_by(step).collect())
}

/// Everything that is compared; the first is what the others are compared with.
fn targets(house: &House, peer: &Peer, asked: &Asked) -> Vec<(&'static str, Arc<dyn Target>)> {
    let mut all: Vec<(&'static str, Arc<dyn Target>)> = vec![
        ("echo", echo_at(house, peer, echo::BEHIND_THE_ROAD)),
        ("echo without the road", echo_at(house, peer, echo::BARE)),
        ("GetDivision", division(house, peer, asked)),
        ("LocateGrid", locate(house, peer, asked)),
    ];
    if asked.resolved {
        let (grids, households) = (asked.grids.clone(), asked.households.clone());
        let household = move |number: usize| proto::ResolveContactsRequest {
            household: households[number % households.len()].clone(),
            ..Default::default()
        };
        let place = move |number: usize| {
            let (latitude, longitude) = grids[number * 31 % grids.len()].place(number);
            proto::ResolveContactsRequest {
                latitude: Some(latitude),
                longitude: Some(longitude),
                datum: proto::Datum::Wgs84.into(),
                ..Default::default()
            }
        };
        all.push(("ResolveContacts(household)", resolve(house, peer, household)));
        all.push(("ResolveContacts(place)", resolve(house, peer, place)));
    }
    all
}

fn echo_at(house: &House, peer: &Peer, path: &'static str) -> Arc<dyn Target> {
    let (peer, token) = (peer.clone(), house.authorization());
    Arc::new(Calls(move |_| echo::call(peer.clone(), path, signed(&token, ()))))
}

fn division(house: &House, peer: &Peer, asked: &Asked) -> Arc<dyn Target> {
    let (client, token) = (DivisionServiceClient::new(peer.clone()), house.authorization());
    let grids = asked.grids.clone();
    Arc::new(Calls(move |number: usize| {
        let mut client = client.clone();
        let village = grids[number * 31 % grids.len()].code.get(..12).unwrap_or_default();
        let request = signed(&token, proto::GetDivisionRequest { name: format!("divisions/{village}") });
        async move { client.get_division(request).await.map(drop) }
    }))
}

/// The request that asks for a place in some grid.
pub fn locate_request(grids: &[Grid], number: usize) -> proto::LocateGridRequest {
    let (latitude, longitude) = grids[number * 31 % grids.len()].place(number);
    proto::LocateGridRequest {
        latitude: Some(latitude),
        longitude: Some(longitude),
        datum: proto::Datum::Wgs84.into(),
        ..Default::default()
    }
}

fn locate(house: &House, peer: &Peer, asked: &Asked) -> Arc<dyn Target> {
    let (client, token) = (GridServiceClient::new(peer.clone()), house.authorization());
    let grids = asked.grids.clone();
    Arc::new(Calls(move |number: usize| {
        let mut client = client.clone();
        let request = signed(&token, locate_request(&grids, number));
        async move { client.locate_grid(request).await.map(drop) }
    }))
}

fn resolve(
    house: &House,
    peer: &Peer,
    ask: impl Fn(usize) -> proto::ResolveContactsRequest + Clone + Send + Sync + 'static,
) -> Arc<dyn Target> {
    let (client, token) = (ContactServiceClient::new(peer.clone()), house.authorization());
    Arc::new(Calls(move |number: usize| {
        let mut client = client.clone();
        let request = signed(&token, ask(number));
        async move { client.resolve_contacts(request).await.map(drop) }
    }))
}

fn row(place: &Place, channel: &str, callers: usize, name: &str, seen: Seen, echo: Seen) -> Vec<String> {
    vec![
        place.kind.title().to_owned(),
        channel.to_owned(),
        callers.to_string(),
        name.to_owned(),
        table::count(seen.rate.round() as u64),
        table::milliseconds(seen.p50),
        table::milliseconds(seen.p99),
        format!("{:.2}", seen.rate / echo.rate),
        table::microseconds(seen.cost),
        format!("{:.2}", echo.cost.as_secs_f64() / seen.cost.as_secs_f64().max(1e-9)),
    ]
}
