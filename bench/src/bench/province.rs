//! The import of a province: its divisions, and ten grids for each village.

use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::grid_service_client::GridServiceClient;

use super::{Plan, peak};
use crate::child::Outcome;
use crate::city::EDITION;
use crate::house::House;
use crate::lattice::{self, FEATURE_BYTES_MAX, Grid};
use crate::machine::{Spent, Watch};
use crate::options::Options;
use crate::place::Place;
use crate::{province, table};

/// The table.
pub const TABLE: Plan = Plan {
    title: "import-divisions: a province of Jiangsu's size",
    header: &[
        "database",
        "what",
        "rows",
        "calls",
        "s",
        "CPU s",
        "rows/s",
        "created",
        "unchanged",
        "peak MiB",
    ],
};

/// Grids in one call: as many as stay within the message limit of 4 MiB.
const GRIDS_A_CALL: usize = 4 * 1024 * 1024 / FEATURE_BYTES_MAX;

/// Imports the divisions and the grids, and both again.
pub async fn measure(options: &Options, place: &Place) -> anyhow::Result<Outcome> {
    let house = House::open(place).await?;
    let divisions = province::divisions(&options.divisions)?;
    let grids = province::grids(&divisions.villages);
    let mut outcome = Outcome::default();
    for what in ["divisions", "divisions again"] {
        table::say(what);
        let watch = Watch::start();
        let request = proto::ImportDivisionsRequest {
            files: divisions.files.clone(),
            effective_from: EDITION.to_owned(),
            ..Default::default()
        };
        let client = DivisionServiceClient::new(house.in_process.clone());
        let answer = { client }.import_divisions(house.request(request)).await?.into_inner();
        let sum = |part: fn(&proto::DivisionFileReport) -> i32| answer.reports.iter().map(part).sum::<i32>();
        let (created, unchanged) = (sum(|report| report.created), sum(|report| report.unchanged));
        outcome.rows.push(row(place, what, divisions.rows, 1, &watch, [created, unchanged])?);
    }
    for what in ["grids", "grids again"] {
        table::say(what);
        let watch = Watch::start();
        let (mut calls, mut counted) = (0, [0, 0]);
        for part in grids.chunks(GRIDS_A_CALL) {
            let [created, unchanged] = import(&house, part).await?;
            counted = [counted[0] + created, counted[1] + unchanged];
            calls += 1;
            table::say(&format!("{what}: call {calls} after {} s", table::seconds(watch.spent().elapsed)));
        }
        outcome.rows.push(row(place, what, grids.len() as u64, calls, &watch, counted)?);
    }
    outcome.notes.push(divisions.source);
    outcome
        .notes
        .push("each grid has a boundary of 17 positions; writing the GeoJSON is within the time".to_owned());
    house.end().await?;
    Ok(outcome)
}

/// Imports grids in one call; gives how many were created and how many unchanged.
pub async fn import(house: &House, grids: &[Grid]) -> anyhow::Result<[i32; 2]> {
    let request = proto::ImportGridsRequest {
        files: vec![proto::GridFile {
            file_name: "bench.geojson".to_owned(),
            content: lattice::collection(grids).into_bytes(),
        }],
        effective_from: EDITION.to_owned(),
        ..Default::default()
    };
    let mut client = GridServiceClient::new(house.in_process.clone());
    let answer = client.import_grids(house.request(request)).await?.into_inner();
    Ok(answer.reports.first().map_or([0, 0], |report| [report.created, report.unchanged]))
}

fn row(
    place: &Place,
    what: &str,
    rows: u64,
    calls: u64,
    watch: &Watch,
    counted: [i32; 2],
) -> anyhow::Result<Vec<String>> {
    let Spent { elapsed, processor } = watch.spent();
    let [created, unchanged] = counted.map(|number| table::count(number.unsigned_abs().into()));
    Ok(vec![
        place.kind.title().to_owned(),
        what.to_owned(),
        table::count(rows),
        table::count(calls),
        table::seconds(elapsed),
        table::seconds(processor),
        table::rate(rows, elapsed),
        created,
        unchanged,
        peak()?,
    ])
}
