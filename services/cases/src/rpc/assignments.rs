//! Units' parts in cases: what department systems, and the other services of the suite, do.

mod ask_citizen;
mod get_assignment;
mod hand_over_assignment;
mod list_assignments;
mod pause_assignment;
mod reply_assignment;
mod request_extension;
mod resolve_assignment;
mod resume_assignment;
mod return_assignment;
mod review_extension;
mod review_hand_over;
mod sign_assignment;
mod watch_assignments;

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::identity::{Appointment, Caller};
use minqing_platform::journal::Change;
use minqing_platform::policy::Target as Aim;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::assignment_service_server::AssignmentService;
use tonic::{Request, Response, Status};

use super::answer;
use super::cases::{calendar_of, hidden, party, replayed, sight_of};
use crate::domain::case::{Assignment, Case, Command, Party, Sight, Target};
use crate::store::case::Act;
use crate::{Cases, convert};

/// The most characters of what somebody is told, and of a reason.
const REPLY_MAX: usize = 5_000;
const REASON_MAX: usize = 1_000;

/// A part that a caller may do something about.
struct Seen {
    case: Case,
    part: u32,
    sight: Sight,
    by: Party,
}

/// Finds a part, if the caller may do something about it: for their own unit, or as the centre.
async fn seen(cases: &Cases, call: &Call, action: &str, name: &str) -> Result<Seen, Error> {
    let (number, id) = convert::assignment_name("name", name)?;
    let missing = || Refusal::missing(format!("assignment {id} of case {number}"));
    // Whoever may do this to no part at all is told so, whether there is this one or not.
    cases.authorize(call, action, Aim { division: None, own: true })?;
    let case = cases.store.case(number).await?.ok_or_else(missing)?;
    let sight = sight_of(&call.caller, &case);
    let part = case.assignment(id).filter(|_| sight != Sight::Nothing).ok_or_else(missing)?;
    let division = Some(case.place.code.as_str());
    // By the appointments to the unit alone: somebody who also works elsewhere acts here for the unit.
    let own = of_unit(&call.caller, part, action);
    let by = match cases.policy.decide(&own, action, Aim { division, own: true }) {
        Ok(appointment) if !own.appointments.is_empty() => party(call, appointment),
        _ => party(call, cases.policy.decide(&call.caller, action, Aim { division, own: false })?),
    };
    Ok(Seen { part: part.id, sight, by, case })
}

/// The answer to a request that was sent before: the same as then, though the part has moved on.
async fn again(
    cases: &Cases,
    call: &Call,
    action: &str,
    change: &Change,
    name: &str,
) -> Result<Option<proto::Assignment>, Error> {
    let (number, id) = convert::assignment_name("name", name)?;
    let Some((sight, were)) = replayed(cases, call, action, change, number).await? else { return Ok(None) };
    let Some(case) = were.first() else { return Ok(None) };
    let part = case.assignment(id).ok_or_else(|| Error::Internal("a part is gone".to_owned()))?;
    let calendar = calendar_of(cases, case).await?;
    Ok(Some(convert::assignment(case, part, &calendar, sight, change.now)))
}

/// The caller with their appointments to the unit of a part only. Whoever is asked to take it over decides on that, and
/// looks at it first.
fn of_unit(caller: &Caller, part: &Assignment, action: &str) -> Caller {
    let asked = part.hand_over.as_ref().map(|asked| &asked.to);
    let may_act = |unit: &String| match action {
        "ReviewHandOver" => asked.unwrap_or(&part.organization) == unit,
        "GetAssignment" => asked == Some(unit) || part.organization == *unit,
        _ => part.organization == *unit,
    };
    let is_of = |held: &&Appointment| held.organization.as_ref().is_some_and(may_act);
    Caller { appointments: caller.appointments.iter().filter(is_of).cloned().collect(), ..caller.clone() }
}

/// Which parts a caller follows: those of their own units, and as the centre those of their area.
#[derive(Clone)]
struct Reach {
    units: Vec<String>,
    within: Vec<String>,
}

impl Reach {
    fn of(cases: &Cases, call: &Call, action: &str) -> Result<Self, Error> {
        let held = call.caller.roles();
        let may = |role, within, own| cases.policy.allows(role, action, within, own);
        let units = held.iter().filter(|held| may(held.role, false, true));
        let units: Vec<String> = units.filter_map(|held| held.organization.clone()).collect();
        let within = held.iter().filter(|held| may(held.role, true, false));
        let within: Vec<String> = within.map(|held| held.division.clone()).collect();
        if units.is_empty() && within.is_empty() {
            // Nobody without a unit has parts to follow; the policy says how they are told.
            cases.authorize(call, action, Aim::NOWHERE)?;
        }
        Ok(Self { units, within })
    }
}

/// Does something about a part, and answers with the part.
async fn act(cases: &Cases, change: &Change, seen: Seen, target: Target) -> Result<proto::Assignment, Error> {
    let calendar = calendar_of(cases, &seen.case).await?;
    let act = Act {
        number: &seen.case.number,
        version: None,
        command: Command::On(seen.part, target),
        by: seen.by,
        calendar: &calendar,
    };
    let after = cases.store.act(change, act).await?;
    let part = after.assignment(seen.part).ok_or_else(|| Error::Internal("a part is gone".to_owned()))?;
    Ok(convert::assignment(&after, part, &calendar, seen.sight, change.now))
}

#[tonic::async_trait]
impl AssignmentService for Cases {
    type WatchAssignmentsStream = watch_assignments::Answers;

    async fn watch_assignments(
        &self,
        request: Request<proto::WatchAssignmentsRequest>,
    ) -> Result<Response<watch_assignments::Answers>, Status> {
        answer(watch_assignments::handle(self, request))
    }

    async fn get_assignment(
        &self,
        request: Request<proto::GetAssignmentRequest>,
    ) -> Result<Response<proto::Assignment>, Status> {
        answer(get_assignment::handle(self, request).await)
    }

    async fn list_assignments(
        &self,
        request: Request<proto::ListAssignmentsRequest>,
    ) -> Result<Response<proto::ListAssignmentsResponse>, Status> {
        answer(list_assignments::handle(self, request).await)
    }

    async fn sign_assignment(
        &self,
        request: Request<proto::SignAssignmentRequest>,
    ) -> Result<Response<proto::Assignment>, Status> {
        answer(sign_assignment::handle(self, request).await)
    }

    async fn reply_assignment(
        &self,
        request: Request<proto::ReplyAssignmentRequest>,
    ) -> Result<Response<proto::Assignment>, Status> {
        answer(reply_assignment::handle(self, request).await)
    }

    async fn ask_citizen(
        &self,
        request: Request<proto::AskCitizenRequest>,
    ) -> Result<Response<proto::Assignment>, Status> {
        answer(ask_citizen::handle(self, request).await)
    }

    async fn pause_assignment(
        &self,
        request: Request<proto::PauseAssignmentRequest>,
    ) -> Result<Response<proto::Assignment>, Status> {
        answer(pause_assignment::handle(self, request).await)
    }

    async fn resume_assignment(
        &self,
        request: Request<proto::ResumeAssignmentRequest>,
    ) -> Result<Response<proto::Assignment>, Status> {
        answer(resume_assignment::handle(self, request).await)
    }

    async fn request_extension(
        &self,
        request: Request<proto::RequestExtensionRequest>,
    ) -> Result<Response<proto::Assignment>, Status> {
        answer(request_extension::handle(self, request).await)
    }

    async fn review_extension(
        &self,
        request: Request<proto::ReviewExtensionRequest>,
    ) -> Result<Response<proto::Assignment>, Status> {
        answer(review_extension::handle(self, request).await)
    }

    async fn return_assignment(
        &self,
        request: Request<proto::ReturnAssignmentRequest>,
    ) -> Result<Response<proto::Assignment>, Status> {
        answer(return_assignment::handle(self, request).await)
    }

    async fn hand_over_assignment(
        &self,
        request: Request<proto::HandOverAssignmentRequest>,
    ) -> Result<Response<proto::Assignment>, Status> {
        answer(hand_over_assignment::handle(self, request).await)
    }

    async fn review_hand_over(
        &self,
        request: Request<proto::ReviewHandOverRequest>,
    ) -> Result<Response<proto::Assignment>, Status> {
        answer(review_hand_over::handle(self, request).await)
    }

    async fn resolve_assignment(
        &self,
        request: Request<proto::ResolveAssignmentRequest>,
    ) -> Result<Response<proto::Assignment>, Status> {
        answer(resolve_assignment::handle(self, request).await)
    }
}
