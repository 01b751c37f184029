//! Needs.

mod accept_need;
mod create_need;
mod decline_need;
mod get_need;
mod list_need_history;
mod list_needs;
mod propose_need;
mod rate_need;
mod refuse_need;
mod report_need;
mod retry_need_answer;
mod verify_need;
mod withdraw_need;

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::identity::Appointment;
use minqing_platform::journal::Change;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::need_service_server::NeedService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::answer;
use crate::domain::need::{Command, Need};
use crate::domain::team::Team;
use crate::store::need::Act;
use crate::{Volunteers, convert};

/// The most characters of what somebody is told, and of a reason.
const REPORT_MAX: usize = 5_000;
const REASON_MAX: usize = 1_000;

/// Whom and what a request is about.
struct Asked {
    id: Uuid,
    version: Option<i64>,
}

impl Asked {
    fn read(name: &str, etag: &str) -> Result<Self, Violation> {
        Ok(Self { id: convert::need_id("name", name)?, version: convert::etag("etag", etag)? })
    }
}

/// Finds a need, if the caller may do something to it. One that they may do nothing to is not there for them.
async fn seen(volunteers: &Volunteers, call: &Call, action: &str, id: Uuid) -> Result<Need, Error> {
    let missing = || Refusal::missing(format!("needs/{id}"));
    // Whoever may do this to no need at all is told so, whether there is this one or not.
    volunteers.authorize(call, action, Target { division: None, own: true })?;
    let need = volunteers.store.need(id).await?.ok_or_else(missing)?;
    let target = |own| Target { division: Some(need.place.code.as_str()), own };
    let own = is_theirs(volunteers, call, action, &need).await?;
    let Err(denied) = volunteers.authorize(call, action, target(own)) else { return Ok(need) };
    // Whoever sees it is told that they may not do this; to all others there is no such need.
    let sees = is_theirs(volunteers, call, "GetNeed", &need).await?;
    volunteers.authorize(call, "GetNeed", target(sees)).map_err(|_| missing())?;
    Err(denied)
}

/// Whether a need is the caller's own, as far as an action goes: that of whoever raised it, or that of the team that has it.
async fn is_theirs(volunteers: &Volunteers, call: &Call, action: &str, need: &Need) -> Result<bool, Error> {
    let raised = !call.caller.is_anonymous() && need.raiser == call.caller.name_for_audit();
    match action {
        "WithdrawNeed" | "RateNeed" => Ok(raised),
        "AcceptNeed" | "DeclineNeed" | "ReportNeed" => leads_team_of(volunteers, call, need).await,
        _ => Ok(raised || leads_team_of(volunteers, call, need).await?),
    }
}

/// Whether the caller leads the team that a need is with.
async fn leads_team_of(volunteers: &Volunteers, call: &Call, need: &Need) -> Result<bool, Error> {
    let Some(id) = &need.team else { return Ok(false) };
    match volunteers.store.team(id).await? {
        Some(team) => volunteers.leads(call, &team).await,
        None => Ok(false),
    }
}

/// A team that may be proposed to: in force, of the post, and reaching the place.
///
/// # Errors
/// One of these does not hold.
fn may_be_proposed(team: &Team, need: &Need, day: chrono::NaiveDate) -> Result<(), Refusal> {
    let name = format!("teams/{}", team.id);
    if !team.effective.holds(day) {
        return Err(Refusal::rule("TEAM_NOT_IN_FORCE", format!("{name} is not in force on {day}")));
    }
    if need.requirements.post.as_ref() != Some(&team.post) {
        return Err(Refusal::rule("POST_DIFFERS", format!("{name} serves posts/{}", team.post)));
    }
    let reached = |code: &minqing_platform::code::Code| code.contains(&need.place.code);
    if !reached(&team.home) && !team.reach.iter().any(reached) {
        let text = format!("{name} does not reach {}", need.place.code);
        return Err(Refusal::rule("OUT_OF_REACH", text));
    }
    Ok(())
}

/// Lets something happen to a need, and answers with the need.
async fn act(
    volunteers: &Volunteers,
    change: &Change,
    asked: &Asked,
    command: Command,
    capacity: u32,
) -> Result<proto::Need, Error> {
    let act = Act {
        id: asked.id,
        version: asked.version,
        command: &command,
        promise: volunteers.practice.promise,
        capacity,
    };
    Ok(convert::need(&volunteers.store.act_on_need(change, act).await?))
}

/// The areas of those appointments by which somebody may do something.
fn reach(volunteers: &Volunteers, call: &Call, action: &str) -> Vec<String> {
    let may = |held: &&Appointment| volunteers.policy.allows(held.role, action, true, false);
    call.caller.appointments.iter().filter(may).map(|held| held.division.clone()).collect()
}

#[tonic::async_trait]
impl NeedService for Volunteers {
    async fn create_need(
        &self,
        request: Request<proto::CreateNeedRequest>,
    ) -> Result<Response<proto::Need>, Status> {
        answer(create_need::handle(self, request).await)
    }

    async fn get_need(
        &self,
        request: Request<proto::GetNeedRequest>,
    ) -> Result<Response<proto::Need>, Status> {
        answer(get_need::handle(self, request).await)
    }

    async fn list_needs(
        &self,
        request: Request<proto::ListNeedsRequest>,
    ) -> Result<Response<proto::ListNeedsResponse>, Status> {
        answer(list_needs::handle(self, request).await)
    }

    async fn list_need_history(
        &self,
        request: Request<proto::ListNeedHistoryRequest>,
    ) -> Result<Response<proto::ListNeedHistoryResponse>, Status> {
        answer(list_need_history::handle(self, request).await)
    }

    async fn verify_need(
        &self,
        request: Request<proto::VerifyNeedRequest>,
    ) -> Result<Response<proto::Need>, Status> {
        answer(verify_need::handle(self, request).await)
    }

    async fn refuse_need(
        &self,
        request: Request<proto::RefuseNeedRequest>,
    ) -> Result<Response<proto::Need>, Status> {
        answer(refuse_need::handle(self, request).await)
    }

    async fn withdraw_need(
        &self,
        request: Request<proto::WithdrawNeedRequest>,
    ) -> Result<Response<proto::Need>, Status> {
        answer(withdraw_need::handle(self, request).await)
    }

    async fn propose_need(
        &self,
        request: Request<proto::ProposeNeedRequest>,
    ) -> Result<Response<proto::Need>, Status> {
        answer(propose_need::handle(self, request).await)
    }

    async fn accept_need(
        &self,
        request: Request<proto::AcceptNeedRequest>,
    ) -> Result<Response<proto::Need>, Status> {
        answer(accept_need::handle(self, request).await)
    }

    async fn decline_need(
        &self,
        request: Request<proto::DeclineNeedRequest>,
    ) -> Result<Response<proto::Need>, Status> {
        answer(decline_need::handle(self, request).await)
    }

    async fn report_need(
        &self,
        request: Request<proto::ReportNeedRequest>,
    ) -> Result<Response<proto::Need>, Status> {
        answer(report_need::handle(self, request).await)
    }

    async fn rate_need(
        &self,
        request: Request<proto::RateNeedRequest>,
    ) -> Result<Response<proto::Need>, Status> {
        answer(rate_need::handle(self, request).await)
    }

    async fn retry_need_answer(
        &self,
        request: Request<proto::RetryNeedAnswerRequest>,
    ) -> Result<Response<proto::Need>, Status> {
        answer(retry_need_answer::handle(self, request).await)
    }
}
