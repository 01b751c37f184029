//! WatchAssignments.

use std::pin::Pin;

use futures::{Stream, StreamExt as _};
use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::feed;
use minqing_platform::identity::Caller;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use minqing_proto::events::v1::{Event, WatchEventsResponse};
use tonic::{Request, Status};

use super::{calendar_of, sight_of};
use crate::domain::case::Sight;
use crate::{Cases, convert};

/// What a stream of changes is made of.
pub type Answers = Pin<Box<dyn Stream<Item = Result<proto::WatchAssignmentsResponse, Status>> + Send>>;

pub fn handle(cases: &Cases, request: Request<proto::WatchAssignmentsRequest>) -> Result<Answers, Error> {
    let (call, request) = Call::open(request);
    let asked = convert::optional_named("organization", "organizations", &request.organization)?;
    let asked = asked.map(|id| format!("organizations/{id}"));
    let units = match (cases.authorize(&call, "WatchAssignments", Target::within("")), asked) {
        (Ok(()), Some(asked)) => vec![asked],
        (_, asked) => units(cases, &call, "WatchAssignments", asked)?,
    };
    let wanted = feed::Wanted::everywhere(&request.cursor)?;
    let events = feed::follow(cases.store.clone(), &cases.bell, wanted, cases.stop.child_token());
    let (cases, caller) = (cases.clone(), call.caller);
    Ok(Box::pin(events.filter_map(move |event| {
        let (cases, caller, units) = (cases.clone(), caller.clone(), units.clone());
        async move {
            match event {
                Ok(event) => answer(&cases, &caller, &units, event).await.transpose(),
                Err(status) => Some(Err(status)),
            }
        }
    })))
}

/// The caller's own units, or the one of them that was asked for.
pub(super) fn units(
    cases: &Cases,
    call: &Call,
    action: &str,
    asked: Option<String>,
) -> Result<Vec<String>, Error> {
    cases.authorize(call, action, Target { division: None, own: true })?;
    let own: Vec<String> =
        call.caller.appointments.iter().filter_map(|held| held.organization.clone()).collect();
    match asked {
        Some(asked) if own.contains(&asked) => Ok(vec![asked]),
        Some(_) => {
            cases.authorize(call, action, Target::within(""))?;
            Ok(Vec::new())
        }
        None if own.is_empty() => Err(Violation::required("organization").into()),
        None => Ok(own),
    }
}

/// The answer for an event of the feed; nothing when it is about something else.
async fn answer(
    cases: &Cases,
    caller: &Caller,
    units: &[String],
    told: WatchEventsResponse,
) -> Result<Option<proto::WatchAssignmentsResponse>, Status> {
    let Some(event) = told.event else {
        return Ok(Some(proto::WatchAssignmentsResponse { cursor: told.cursor, ..Default::default() }));
    };
    if !concerns(&event, units) {
        return Ok(None);
    }
    let (number, id) = convert::assignment_name("subject", &event.subject)
        .map_err(|wrong| Error::Internal(wrong.to_string()))?;
    let case = cases.store.case(number).await?;
    let case = case.ok_or_else(|| Error::from(Refusal::missing(&event.subject)))?;
    let sight = sight_of(caller, &case);
    let Some(part) = case.assignment(id).filter(|_| sight != Sight::Nothing) else { return Ok(None) };
    let calendar = calendar_of(cases, &case).await?;
    let assignment = convert::assignment(&case, part, &calendar, sight, cases.clock.now());
    Ok(Some(proto::WatchAssignmentsResponse {
        cursor: told.cursor,
        assignment: Some(assignment),
        r#type: event.r#type,
    }))
}

/// Whether an event is about a part that concerns one of these units.
fn concerns(event: &Event, units: &[String]) -> bool {
    use prost_types::value::Kind;
    let listed = event.payload.as_ref().and_then(|payload| payload.fields.get("organizations"));
    let Some(Kind::ListValue(list)) = listed.and_then(|value| value.kind.as_ref()) else { return false };
    list.values.iter().any(|value| match &value.kind {
        Some(Kind::StringValue(name)) => units.contains(name),
        _ => false,
    })
}
