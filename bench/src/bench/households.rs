//! The import of a city's households with their residents.

use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::household_service_client::HouseholdServiceClient;

use super::{Plan, peak, province, served};
use crate::child::Outcome;
use crate::house::House;
use crate::lattice::Grid;
use crate::machine::{Spent, Watch};
use crate::options::Options;
use crate::place::Place;
use crate::{city, table};

/// The table.
pub const TABLE: Plan = Plan {
    title: "import-households: a city, in one stream",
    header: &[
        "database",
        "what",
        "households",
        "residents",
        "s",
        "CPU s",
        "households/s",
        "residents/s",
        "created",
        "unchanged",
        "peak MiB",
    ],
};

/// Records in one message.
const RECORDS_A_CHUNK: usize = 1_000;

/// Imports the city's divisions and grids, then its households, and those again.
pub async fn measure(options: &Options, place: &Place) -> anyhow::Result<Outcome> {
    let house = House::open(place).await?;
    let grids = city::grids();
    let mut divisions = DivisionServiceClient::new(house.in_process.clone());
    divisions.import_divisions(house.request(city::divisions())).await?;
    for part in grids.chunks(1_000) {
        province::import(&house, part).await?;
    }
    let households = options.households as usize;
    let mut outcome = Outcome::default();
    for what in ["first", "again"] {
        table::say(&format!("households, {what}"));
        let watch = Watch::start();
        let Some(answer) = served(import(&house, households, &grids).await)? else {
            outcome.notes.push("left out: ImportHouseholds is not served".to_owned());
            break;
        };
        outcome.rows.push(row(place, what, households, watch.spent(), &answer)?);
    }
    outcome.notes.push(format!(
        "{} grids; every resident has an identity number, every other one a phone; records are made while they are sent",
        table::count(grids.len() as u64)
    ));
    house.end().await?;
    Ok(outcome)
}

async fn import(
    house: &House,
    households: usize,
    grids: &[Grid],
) -> Result<proto::ImportHouseholdsResponse, tonic::Status> {
    let grids = grids.to_vec();
    let chunks = (0..households)
        .step_by(RECORDS_A_CHUNK)
        .map(move |first| city::chunk(first..households.min(first + RECORDS_A_CHUNK), households, &grids));
    let messages = tokio_stream::iter(std::iter::once(city::header()).chain(chunks));
    let mut client = HouseholdServiceClient::new(house.in_process.clone());
    Ok(client.import_households(house.request(messages)).await?.into_inner())
}

fn row(
    place: &Place,
    what: &str,
    households: usize,
    Spent { elapsed, processor }: Spent,
    answer: &proto::ImportHouseholdsResponse,
) -> anyhow::Result<Vec<String>> {
    let (households, residents) = (households as u64, city::residents(households) as u64);
    Ok(vec![
        place.kind.title().to_owned(),
        what.to_owned(),
        table::count(households),
        table::count(residents),
        table::seconds(elapsed),
        table::seconds(processor),
        table::rate(households, elapsed),
        table::rate(residents, elapsed),
        table::count(answer.created.unsigned_abs()),
        table::count(answer.unchanged.unsigned_abs()),
        peak()?,
    ])
}
