//! SuperviseCase.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::contacts::{self, Officer, Whom};
use crate::domain::case::{Case, Command};
use crate::rpc::cases::seen;
use crate::store::case::Act;
use crate::{Cases, convert};

/// The most characters of what is said.
const NOTE_MAX: usize = 1_000;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::SuperviseCaseRequest>,
) -> Result<proto::SupervisionRecord, Error> {
    let (call, request) = Call::open(request);
    let number = convert::case_number("name", &request.name)?;
    let version = convert::etag("etag", &request.etag)?;
    let note = convert::prose("note", &request.note, NOTE_MAX)?;
    let seen = seen(cases, &call, "SuperviseCase", number).await?;
    let change = call.change("SuperviseCase", &request.request_id, &request, cases.clock.now())?;
    let assignment = assignment(&seen.case, &request)?;
    let officers = officers(cases, &seen.case, assignment).await?;
    let to = contacts::may_be_told(&seen.case, &officers);
    let command = Command::Supervise { assignment, to, note };
    let act = Act { number, version, command, by: seen.by, calendar: &seen.calendar };
    let after = cases.store.act(&change, act).await?;
    // It is told as it was recorded, also to whoever sends the call again.
    let record = cases.store.told_one(number, after.version).await?;
    record
        .map(convert::supervision_record)
        .ok_or_else(|| Error::Internal(format!("case {number} has no record of version {}", after.version)))
}

/// The part that is meant.
fn assignment(case: &Case, request: &proto::SuperviseCaseRequest) -> Result<Option<u32>, Violation> {
    if request.assignment.is_empty() {
        return Ok(case.lead().map(|part| part.id));
    }
    let (number, id) = convert::assignment_name("assignment", &request.assignment)?;
    if number != case.number {
        return Err(Violation::new("assignment", "OF_ANOTHER_CASE", "must be a part of this case"));
    }
    Ok(Some(id))
}

/// Who answers for it: in the unit that has it or, while none has, whoever owns it.
async fn officers(cases: &Cases, case: &Case, assignment: Option<u32>) -> Result<Vec<Officer>, Error> {
    let owner = || match &case.owner.organization {
        _ if case.owner.name.starts_with("people/") => {
            let organization = case.owner.organization.clone();
            Some(Ok(Officer { name: case.owner.name.clone(), organization }))
        }
        Some(organization) => Some(Err(Whom::Officers(organization.clone()))),
        None => None,
    };
    let part = assignment.and_then(|id| case.assignment(id));
    match part.map(contacts::unit).or_else(owner) {
        None => Ok(Vec::new()),
        Some(Ok(officer)) => Ok(vec![officer]),
        Some(Err(whom)) => {
            let mut answers = contacts::ask(&cases.registry, vec![whom.clone()]).await;
            answers.remove(&whom).unwrap_or_else(|| Ok(Vec::new()))
        }
    }
}
