//! Supervision between messages and domain.

use minqing_platform::code::{Code, Level};
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;

use super::timestamp;
use crate::domain::calendar::Calendar;
use crate::domain::case::{Case, Orphan, Told, next_due};
use minqing_platform::named::number;

/// A record as a message.
pub fn supervision_record(told: Told) -> proto::SupervisionRecord {
    proto::SupervisionRecord {
        kind: number(told.kind),
        case: format!("cases/{}", told.number),
        assignment: assignment_of(&told),
        organization: told.organization,
        area: area(&told.division_code),
        people: told.people,
        due_time: told.due.map(timestamp),
        actor: told.actor,
        note: told.note,
        create_time: Some(timestamp(told.time)),
        version: told.version,
    }
}

/// Records as a CSV file.
///
/// # Errors
/// It cannot be written: a bug.
pub fn supervision_csv(records: &[&Told]) -> Result<Vec<u8>, Error> {
    let bug = |error: csv::Error| Error::Internal(error.to_string());
    let mut file = csv::Writer::from_writer(Vec::new());
    let header = ["kind", "case", "assignment", "organization", "area", "people", "due_time", "create_time"];
    file.write_record(header).map_err(bug)?;
    for told in records {
        let due = told.due.map(|due| due.to_rfc3339()).unwrap_or_default();
        file.write_record([
            told.kind.as_str(),
            &format!("cases/{}", told.number),
            &assignment_of(told),
            &told.organization,
            &area(&told.division_code),
            &told.people.join(" "),
            &due,
            &told.time.to_rfc3339(),
        ])
        .map_err(bug)?;
    }
    file.into_inner().map_err(|error| Error::Internal(error.to_string()))
}

/// An orphan as a message.
pub fn orphan(case: &Case, calendar: &Calendar, reasons: &[Orphan]) -> proto::OrphanCase {
    proto::OrphanCase {
        case: format!("cases/{}", case.number),
        status: number(case.status),
        reasons: reasons.iter().map(|reason| number(*reason)).collect(),
        owner: case.owner.name.clone(),
        owner_organization: case.owner.organization.clone().unwrap_or_default(),
        area: area(case.place.code.as_str()),
        next_due_time: next_due(case, calendar).ok().flatten().map(|due| timestamp(due.at)),
        create_time: Some(timestamp(case.create_time)),
    }
}

fn assignment_of(told: &Told) -> String {
    match told.part {
        0 => String::new(),
        id => format!("cases/{}/assignments/{id}", told.number),
    }
}

fn area(code: &str) -> String {
    let is_grid = code.parse().is_ok_and(|code: Code| code.level() == Level::Grid);
    format!("{}/{code}", if is_grid { "grids" } else { "divisions" })
}
