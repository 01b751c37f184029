//! WatchAssignments.

use std::pin::Pin;
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::feed;
use minqing_platform::identity::Caller;
use minqing_proto::cases::v1 as proto;
use minqing_proto::events::v1::{Event, WatchEventsResponse};
use tokio::time::Instant;
use tonic::{Request, Status};

use super::{Reach, calendar_of, sight_of};
use crate::domain::case::Sight;
use crate::{Cases, convert};

/// What a stream of changes is made of.
pub type Answers = Pin<Box<dyn Stream<Item = Result<proto::WatchAssignmentsResponse, Status>> + Send>>;

/// How long nothing is told of a feed that is about others, until the reader hears where it stands.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub fn handle(cases: &Cases, request: Request<proto::WatchAssignmentsRequest>) -> Result<Answers, Error> {
    let (call, request) = Call::open(request);
    let asked = convert::optional_named("organization", "organizations", &request.organization)?;
    let asked = asked.map(|id| format!("organizations/{id}"));
    let reach = Reach::of(cases, &call, "WatchAssignments")?;
    let wanted = feed::Wanted::everywhere(&request.cursor)?;
    let events = feed::follow(cases.store.clone(), &cases.bell, wanted, cases.stop.child_token());
    let reader = Reader { cases: cases.clone(), caller: call.caller, reach, asked, events, spoken: None };
    Ok(Box::pin(futures::stream::unfold(reader, Reader::next)))
}

/// Somebody who follows.
struct Reader {
    cases: Cases,
    caller: Caller,
    reach: Reach,
    asked: Option<String>,
    events: feed::Answers,
    /// When they were told something last.
    spoken: Option<Instant>,
}

impl Reader {
    /// The next answer: of an event that concerns them or, when there was none for long, where the feed stands, so that they
    /// can go on from there and know that the stream lives.
    async fn next(mut self) -> Option<(Result<proto::WatchAssignmentsResponse, Status>, Self)> {
        loop {
            let event = self.events.next().await?;
            let cursor = event.as_ref().map(|told| told.cursor.clone()).unwrap_or_default();
            let told = match event {
                Ok(event) => {
                    let whose = (&self.reach, self.asked.as_deref());
                    answer(&self.cases, &self.caller, whose, event).await.transpose()
                }
                Err(status) => Some(Err(status)),
            };
            let is_silent = self.spoken.is_none_or(|at| at.elapsed() >= HEARTBEAT);
            let beat = || Ok(proto::WatchAssignmentsResponse { cursor, ..Default::default() });
            if let Some(told) = told.or_else(|| is_silent.then(beat)) {
                self.spoken = Some(Instant::now());
                return Some((told, self));
            }
        }
    }
}

/// The answer for an event of the feed; nothing when it is about something else.
async fn answer(
    cases: &Cases,
    caller: &Caller,
    (reach, asked): (&Reach, Option<&str>),
    told: WatchEventsResponse,
) -> Result<Option<proto::WatchAssignmentsResponse>, Status> {
    let Some(event) = told.event else {
        return Ok(Some(proto::WatchAssignmentsResponse { cursor: told.cursor, ..Default::default() }));
    };
    if !concerns(&event, reach, asked) {
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

/// Whether an event is about a part within somebody's reach and, where one was asked for, of that organization.
fn concerns(event: &Event, reach: &Reach, asked: Option<&str>) -> bool {
    let units = units(event);
    let is_near = reach.within.iter().any(|within| event.division_code.starts_with(within));
    (is_near || units.iter().any(|unit| reach.units.iter().any(|own| own == unit)))
        && !units.is_empty()
        && asked.is_none_or(|asked| units.contains(&asked))
}

/// The organizations that an event of a part concerns; none of any other event.
fn units(event: &Event) -> Vec<&str> {
    use prost_types::value::Kind;
    let listed = event.payload.as_ref().and_then(|payload| payload.fields.get("organizations"));
    let Some(Kind::ListValue(list)) = listed.and_then(|value| value.kind.as_ref()) else { return Vec::new() };
    let names = list.values.iter().filter_map(|value| match &value.kind {
        Some(Kind::StringValue(name)) => Some(name.as_str()),
        _ => None,
    });
    names.collect()
}
