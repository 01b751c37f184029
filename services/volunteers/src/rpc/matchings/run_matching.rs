//! RunMatching.

use minqing_platform::call::Call;
use minqing_platform::code::Code;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::Change;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use crate::domain::matching::run::{Order, Run, run};
use crate::domain::matching::weights::Weights;
use crate::store::matching::{Inputs, MatchFilter, NEEDS_MAX, TEAMS_MAX};
use crate::{Volunteers, convert};

const ACTION: &str = "RunMatching";
/// The most matches that the answer holds; ListMatches has them all.
const TOLD_MAX: usize = 500;
/// How often a chunk of proposals that lost a race is tried.
const TRIES_MAX: usize = 5;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::RunMatchingRequest>,
) -> Result<proto::RunMatchingResponse, Error> {
    let (call, request) = Call::open(request);
    volunteers.authorize(&call, ACTION, Target::NOWHERE)?;
    let area = convert::optional_code("division_code", &request.division_code)?;
    let area = area.ok_or_else(|| Violation::required("division_code"))?;
    volunteers.authorize(&call, ACTION, Target { division: Some(area.as_str()), own: false })?;
    let change = call.change(ACTION, &request.request_id, &request, volunteers.clock.now())?;
    if request.validate_only {
        let tried = matched(volunteers, &change, area).await?;
        return Ok(proto::RunMatchingResponse {
            matching: Some(convert::tried_matching(&tried.matching)),
            matches: tried.matches.iter().take(TOLD_MAX).map(convert::tried_match).collect(),
        });
    }
    let id = match volunteers.store.matching_of_request(&change).await? {
        Some(id) => id,
        None => {
            let run = matched(volunteers, &change, area).await?;
            volunteers.store.keep_matching(&change, &run).await?
        }
    };
    propose(volunteers, &change, id).await?;
    told(volunteers, id).await
}

/// Matches what is open in an area, beside the threads that answer calls.
async fn matched(volunteers: &Volunteers, change: &Change, area: Code) -> Result<Run, Error> {
    let Inputs { needs, teams } = volunteers.store.matching_inputs(&area, volunteers.today()).await?;
    check("TOO_MANY_NEEDS", needs.len(), NEEDS_MAX)?;
    check("TOO_MANY_TEAMS", teams.len(), TEAMS_MAX)?;
    let order = Order { id: Uuid::now_v7(), area, actor: change.actor.clone(), time: change.now };
    let done = tokio::task::spawn_blocking(move || run(order, needs, teams, Weights::default())).await;
    let done = done.map_err(|error| Error::Internal(format!("a matching broke off: {error}")))?;
    done.map_err(|error| Error::Internal(format!("a matching came to nothing: {error}")))
}

fn check(reason: &'static str, count: usize, max: usize) -> Result<(), Refusal> {
    if count <= max {
        return Ok(());
    }
    Err(Refusal::rule(
        reason,
        format!("the area holds more than {max}: match parts of it, one after another"),
    ))
}

/// Proposes all of its matches. What an earlier try left is gone on with; those that are proposed stay so.
async fn propose(volunteers: &Volunteers, change: &Change, id: Uuid) -> Result<(), Error> {
    let change = Change { request: None, ..change.clone() };
    let mut tries = 0;
    loop {
        match volunteers.store.propose_matches(&change, id, volunteers.practice.promise).await {
            Ok(true) => tries = 0,
            Ok(false) => return Ok(()),
            Err(Error::Database(minqing_platform::db::Error::Conflict)) if tries < TRIES_MAX => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

async fn told(volunteers: &Volunteers, id: Uuid) -> Result<proto::RunMatchingResponse, Error> {
    let lost = || Error::Internal(format!("matchings/{id} was kept and is gone"));
    let stored = volunteers.store.matching(id).await?.ok_or_else(lost)?;
    let limit = i64::try_from(TOLD_MAX).unwrap_or(i64::MAX);
    let matches = volunteers.store.matches(id, &MatchFilter::default(), None, limit).await?;
    Ok(proto::RunMatchingResponse {
        matching: Some(convert::matching(&stored)),
        matches: matches.iter().map(convert::matched).collect(),
    })
}
