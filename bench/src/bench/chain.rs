//! The officers of a city, and the assignment of its contact chain, grid by grid.

use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::contact_service_client::ContactServiceClient;
use minqing_proto::registry::v1::person_service_client::PersonServiceClient;

use super::{Plan, peak, served};
use crate::child::Outcome;
use crate::house::House;
use crate::machine::{Spent, Watch};
use crate::options::Options;
use crate::place::Place;
use crate::{city, table};

/// The table.
pub const TABLE: Plan = Plan {
    title: "import-households: the city's officers and its contact chain",
    header: &["database", "what", "rows", "calls", "s", "CPU s", "rows/s", "ms a call", "peak MiB"],
};

/// People in one call.
const PEOPLE_A_CALL: usize = 1_000;

/// Creates the people, and assigns the contacts of every grid.
pub async fn measure(options: &Options, place: &Place) -> anyhow::Result<Outcome> {
    let house = House::open(place).await?;
    let mut outcome = Outcome::default();
    fill(options, place, &house, &mut outcome).await?;
    house.end().await?;
    Ok(outcome)
}

async fn fill(options: &Options, place: &Place, house: &House, outcome: &mut Outcome) -> anyhow::Result<()> {
    let grids = city::grids();
    let people = city::people(&grids, options.households as usize);
    let (watch, mut calls) = (Watch::start(), 0);
    let mut client = PersonServiceClient::new(house.in_process.clone());
    for requests in people.chunks(PEOPLE_A_CALL) {
        let request =
            proto::BatchCreatePeopleRequest { requests: requests.to_vec(), request_id: String::new() };
        if served(client.batch_create_people(house.request(request)).await)?.is_none() {
            outcome.notes.push("left out: BatchCreatePeople is not served".to_owned());
            return Ok(());
        }
        calls += 1;
    }
    outcome.rows.push(row(place, "people with appointments", people.len() as u64, calls, watch.spent())?);

    let (watch, mut links, mut short) = (Watch::start(), 0, 0_u64);
    let mut client = ContactServiceClient::new(house.in_process.clone());
    for grid in &grids {
        let request = proto::AssignContactsRequest {
            grid: format!("grids/{}", grid.code),
            effective_date: city::EDITION.to_owned(),
            ..Default::default()
        };
        let Some(answer) = served(client.assign_contacts(house.request(request)).await)? else {
            outcome.notes.push("left out: AssignContacts is not served".to_owned());
            return Ok(());
        };
        let answer = answer.into_inner();
        links += answer.created.len() as u64;
        short += answer.shortage.map_or(0, |shortage| shortage.household_count.unsigned_abs().into());
    }
    outcome.rows.push(row(place, "contact links", links, grids.len() as u64, watch.spent())?);
    outcome.notes.push(format!("households left without a contact: {short}"));
    Ok(())
}

fn row(
    place: &Place,
    what: &str,
    rows: u64,
    calls: u64,
    Spent { elapsed, processor }: Spent,
) -> anyhow::Result<Vec<String>> {
    Ok(vec![
        place.kind.title().to_owned(),
        what.to_owned(),
        table::count(rows),
        table::count(calls),
        table::seconds(elapsed),
        table::seconds(processor),
        table::rate(rows, elapsed),
        table::milliseconds(elapsed.div_f64(calls.max(1) as f64)),
        peak()?,
    ])
}
