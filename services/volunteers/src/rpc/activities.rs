//! Activities and their shifts.

mod cancel_activity;
mod create_activity;
mod create_shift;
mod end_activity;
mod get_activity;
mod get_check_in_code;
mod get_shift;
mod list_activities;
mod list_shifts;
mod publish_activity;
mod update_activity;

use minqing_platform::call::Call;
use minqing_platform::clock::civil_day;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::activity_service_server::ActivityService;
use tonic::{Request, Response, Status as GrpcStatus};
use uuid::Uuid;

use super::answer;
use crate::domain::activity::{Activity, Command, Shift, Status, check_skills};
use crate::domain::volunteer::{Volunteer, fit};
use crate::{Volunteers, convert};

/// An activity.
///
/// # Errors
/// There is none of that id.
pub(super) async fn present(volunteers: &Volunteers, id: Uuid) -> Result<Activity, Error> {
    let found = volunteers.store.activity(id).await?;
    Ok(found.ok_or_else(|| Refusal::missing(format!("activity {id}")))?)
}

/// A shift of an activity, with it.
///
/// # Errors
/// There is none of that name.
pub(super) async fn present_shift(
    volunteers: &Volunteers,
    (activity, shift): (Uuid, Uuid),
) -> Result<(Activity, Shift), Error> {
    let found = volunteers.store.shift(shift).await?.filter(|found| found.activity == activity);
    let shift = found.ok_or_else(|| Refusal::missing(format!("shift {shift}")))?;
    Ok((present(volunteers, activity).await?, shift))
}

/// Refuses whoever neither leads a team nor coordinates a place.
///
/// # Errors
/// The policy does not permit it.
pub(super) async fn organize(
    volunteers: &Volunteers,
    call: &Call,
    action: &str,
    (team, code): (&str, &str),
) -> Result<(), Error> {
    let own = match volunteers.store.team(team).await? {
        Some(team) => volunteers.leads(call, &team).await?,
        None => false,
    };
    volunteers.authorize(call, action, Target { division: Some(code), own })
}

/// Refuses whoever does not organize an activity.
///
/// # Errors
/// The policy does not permit it.
pub(super) async fn organize_activity(
    volunteers: &Volunteers,
    call: &Call,
    action: &str,
    activity: &Activity,
) -> Result<(), Error> {
    organize(volunteers, call, action, (&activity.team, activity.plan.place.code.as_str())).await
}

/// Hides a draft from whoever does not organize it: as if it were not there.
async fn check_visible(volunteers: &Volunteers, call: &Call, activity: &Activity) -> Result<(), Error> {
    if activity.status != Status::Draft
        || organize_activity(volunteers, call, "UpdateActivity", activity).await.is_ok()
    {
        return Ok(());
    }
    Err(Refusal::missing(format!("activity {}", activity.id)).into())
}

/// The caller as a volunteer, who does something of their own.
///
/// # Errors
/// They are not signed in, or are no volunteer (`NOT_A_VOLUNTEER`).
pub(super) async fn own(volunteers: &Volunteers, call: &Call, action: &str) -> Result<Volunteer, Error> {
    volunteers.authorize(call, action, Target { division: None, own: true })?;
    let own = volunteers.own_volunteer(call).await?;
    let text = "register as a volunteer first";
    Ok(own.ok_or_else(|| Refusal::rule("NOT_A_VOLUNTEER", text))?)
}

/// Refuses a volunteer who does not fit a shift: by the post, the skills it asks for, or as no member of the team.
///
/// # Errors
/// See [`fit`] and [`check_skills`]; `NOT_A_MEMBER`.
pub(super) async fn check_fit(
    volunteers: &Volunteers,
    volunteer: &Volunteer,
    activity: &Activity,
    shift: &Shift,
) -> Result<(), Error> {
    let post = volunteers.store.post(&activity.post, None).await?;
    let post = post.ok_or_else(|| Refusal::missing(format!("posts/{}", activity.post)))?;
    fit(volunteer, &post, civil_day(shift.window.from))?;
    check_skills(shift, &volunteer.skills)?;
    if activity.plan.members_only && !volunteers.store.is_member(&activity.team, &volunteer.number).await? {
        return Err(Refusal::rule("NOT_A_MEMBER", "the activity is for members of the team").into());
    }
    Ok(())
}

/// Lets something happen to an activity.
async fn changed(
    volunteers: &Volunteers,
    call: &Call,
    action: &'static str,
    (name, etag, request_id): (&str, &str, &str),
    request: &impl prost::Message,
    command: Command,
) -> Result<proto::Activity, Error> {
    let id = convert::activity_name("name", name)?;
    let version = convert::etag("etag", etag)?;
    organize_activity(volunteers, call, action, &present(volunteers, id).await?).await?;
    let change = call.change(action, request_id, request, volunteers.clock.now())?;
    let after = volunteers.store.change_activity(&change, id, version, &command).await?;
    Ok(convert::activity(&after))
}

#[tonic::async_trait]
impl ActivityService for Volunteers {
    async fn create_activity(
        &self,
        request: Request<proto::CreateActivityRequest>,
    ) -> Result<Response<proto::Activity>, GrpcStatus> {
        answer(create_activity::handle(self, request).await)
    }

    async fn get_activity(
        &self,
        request: Request<proto::GetActivityRequest>,
    ) -> Result<Response<proto::Activity>, GrpcStatus> {
        answer(get_activity::handle(self, request).await)
    }

    async fn list_activities(
        &self,
        request: Request<proto::ListActivitiesRequest>,
    ) -> Result<Response<proto::ListActivitiesResponse>, GrpcStatus> {
        answer(list_activities::handle(self, request).await)
    }

    async fn update_activity(
        &self,
        request: Request<proto::UpdateActivityRequest>,
    ) -> Result<Response<proto::Activity>, GrpcStatus> {
        answer(update_activity::handle(self, request).await)
    }

    async fn publish_activity(
        &self,
        request: Request<proto::PublishActivityRequest>,
    ) -> Result<Response<proto::Activity>, GrpcStatus> {
        answer(publish_activity::handle(self, request).await)
    }

    async fn end_activity(
        &self,
        request: Request<proto::EndActivityRequest>,
    ) -> Result<Response<proto::Activity>, GrpcStatus> {
        answer(end_activity::handle(self, request).await)
    }

    async fn cancel_activity(
        &self,
        request: Request<proto::CancelActivityRequest>,
    ) -> Result<Response<proto::Activity>, GrpcStatus> {
        answer(cancel_activity::handle(self, request).await)
    }

    async fn create_shift(
        &self,
        request: Request<proto::CreateShiftRequest>,
    ) -> Result<Response<proto::Shift>, GrpcStatus> {
        answer(create_shift::handle(self, request).await)
    }

    async fn get_shift(
        &self,
        request: Request<proto::GetShiftRequest>,
    ) -> Result<Response<proto::Shift>, GrpcStatus> {
        answer(get_shift::handle(self, request).await)
    }

    async fn list_shifts(
        &self,
        request: Request<proto::ListShiftsRequest>,
    ) -> Result<Response<proto::ListShiftsResponse>, GrpcStatus> {
        answer(list_shifts::handle(self, request).await)
    }

    async fn get_check_in_code(
        &self,
        request: Request<proto::GetCheckInCodeRequest>,
    ) -> Result<Response<proto::CheckInCode>, GrpcStatus> {
        answer(get_check_in_code::handle(self, request).await)
    }
}
