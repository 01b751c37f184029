//! ImportItems.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::places;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::check_calendar;
use crate::domain::item_file::{self, Fault, Row};
use crate::{Cases, convert};

/// The most characters of a file's name.
const FILE_NAME_MAX: usize = 200;
/// The most departments and calendars of one file: each is looked up.
const REFERENCES_MAX: usize = 500;
/// How many are looked up at a time.
const LOOKED_UP: usize = 8;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ImportItemsRequest>,
) -> Result<proto::ImportItemsResponse, Error> {
    let (call, request) = Call::open(request);
    let file_name = convert::optional_text("file_name", &request.file_name, FILE_NAME_MAX)?;
    let refuse = |faults: Vec<Fault>| -> Vec<Violation> {
        faults.iter().map(|fault| fault.violation("content", &file_name)).collect()
    };
    let rows = item_file::read(&request.content);
    let areas: BTreeSet<&str> = rows.iter().flatten().map(|row| row.division.as_str()).collect();
    // Whoever may import nothing is told so before what is wrong with the file. An item that is there stays in its area,
    // so that the areas in the file are all that the import can reach.
    if areas.is_empty() {
        cases.authorize(&call, "ImportItems", Target::NOWHERE)?;
    }
    for area in areas {
        cases.authorize(&call, "ImportItems", Target::within(area))?;
    }
    let rows = rows.map_err(refuse)?;
    let faults = unknown(cases, &rows).await?;
    if !faults.is_empty() {
        return Err(refuse(faults).into());
    }
    let change = call.change("ImportItems", &request.request_id, &request, cases.clock.now())?;
    let imported = cases.store.import_items(&change, &rows, cases.today(), request.validate_only).await?;
    Ok(convert::item_report(imported.map_err(refuse)?))
}

/// The first row of each department and calendar that is not there.
async fn unknown(cases: &Cases, rows: &[Row]) -> Result<Vec<Fault>, Error> {
    let mut references: BTreeMap<(&'static str, &str), &Row> = BTreeMap::new();
    for row in rows {
        references.entry(("department", &row.facts.department)).or_insert(row);
        references.entry(("calendar", &row.facts.calendar)).or_insert(row);
    }
    if let Some(((column, _), row)) = references.iter().nth(REFERENCES_MAX) {
        let message = format!("a file names at most {REFERENCES_MAX} departments and calendars");
        return Ok(vec![Fault::new(row.line, column, "TOO_MANY_REFERENCES", message)]);
    }
    let today = cases.today();
    // Owned, because the compiler cannot see that a future over borrowed ones may move between threads.
    let asked: Vec<Reference> = references
        .into_iter()
        .map(|((column, name), row)| Reference {
            line: row.line,
            column,
            name: name.to_owned(),
            day: row.from.unwrap_or(today).max(today),
        })
        .collect();
    let found =
        stream::iter(asked).map(|reference| check(cases.clone(), reference)).buffer_unordered(LOOKED_UP);
    let found: Vec<Option<Fault>> = found.try_collect().await?;
    let mut faults: Vec<Fault> = found.into_iter().flatten().collect();
    faults.sort_by(|one, other| (one.line, &one.column).cmp(&(other.line, &other.column)));
    Ok(faults)
}

/// What a row refers to, and the day from which it must be in force.
struct Reference {
    line: u64,
    column: &'static str,
    name: String,
    day: NaiveDate,
}

/// What is wrong with a reference; anything but the reference being wrong is an error.
async fn check(cases: Cases, reference: Reference) -> Result<Option<Fault>, Error> {
    let Reference { line, column, name, day } = reference;
    let found = match column {
        "department" => places::check_organization(&cases.registry, column, &name, day).await,
        _ => check_calendar(&cases, column, &name).await,
    };
    let wrong = |reason, message: String| Ok(Some(Fault::new(line, column, reason, message)));
    match found {
        Ok(()) => Ok(None),
        Err(Error::Invalid(violations)) => match violations.into_iter().next() {
            Some(violation) => wrong(violation.reason, violation.description),
            None => Ok(None),
        },
        Err(Error::Refused(refusal)) => wrong(refusal.reason, refusal.message.into_owned()),
        Err(error) => Err(error),
    }
}
