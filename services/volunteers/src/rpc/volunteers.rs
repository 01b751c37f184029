//! Volunteers.

mod batch_create_volunteers;
mod create_volunteer;
mod export_own_volunteer;
mod get_own_volunteer;
mod get_volunteer;
mod leave_volunteer;
mod list_volunteer_access_records;
mod list_volunteers;
mod record_guardian_consent;
mod record_insurance;
mod reinstate_volunteer;
mod reveal_volunteer;
mod suspend_volunteer;
mod update_volunteer;
mod verify_volunteer;

use chrono::NaiveDate;
use minqing_platform::call::Call;
use minqing_platform::code::Code;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::Change;
use minqing_platform::places;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::volunteer_service_server::VolunteerService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::answer;
use crate::Volunteers;
use crate::convert::{self, Sight};
use crate::domain::access::Access;
use crate::domain::volunteer::{Act, Record, Volunteer, serves};
use crate::store::volunteer::{Happening, Resealed};

#[tonic::async_trait]
impl VolunteerService for Volunteers {
    async fn get_volunteer(
        &self,
        request: Request<proto::GetVolunteerRequest>,
    ) -> Result<Response<proto::Volunteer>, Status> {
        answer(get_volunteer::handle(self, request).await)
    }

    async fn get_own_volunteer(
        &self,
        request: Request<proto::GetOwnVolunteerRequest>,
    ) -> Result<Response<proto::Volunteer>, Status> {
        answer(get_own_volunteer::handle(self, request).await)
    }

    async fn list_volunteers(
        &self,
        request: Request<proto::ListVolunteersRequest>,
    ) -> Result<Response<proto::ListVolunteersResponse>, Status> {
        answer(list_volunteers::handle(self, request).await)
    }

    async fn create_volunteer(
        &self,
        request: Request<proto::CreateVolunteerRequest>,
    ) -> Result<Response<proto::Volunteer>, Status> {
        answer(create_volunteer::handle(self, request).await)
    }

    async fn batch_create_volunteers(
        &self,
        request: Request<proto::BatchCreateVolunteersRequest>,
    ) -> Result<Response<proto::BatchCreateVolunteersResponse>, Status> {
        answer(batch_create_volunteers::handle(self, request).await)
    }

    async fn update_volunteer(
        &self,
        request: Request<proto::UpdateVolunteerRequest>,
    ) -> Result<Response<proto::Volunteer>, Status> {
        answer(update_volunteer::handle(self, request).await)
    }

    async fn verify_volunteer(
        &self,
        request: Request<proto::VerifyVolunteerRequest>,
    ) -> Result<Response<proto::Volunteer>, Status> {
        answer(verify_volunteer::handle(self, request).await)
    }

    async fn reveal_volunteer(
        &self,
        request: Request<proto::RevealVolunteerRequest>,
    ) -> Result<Response<proto::Volunteer>, Status> {
        answer(reveal_volunteer::handle(self, request).await)
    }

    async fn record_guardian_consent(
        &self,
        request: Request<proto::RecordGuardianConsentRequest>,
    ) -> Result<Response<proto::Volunteer>, Status> {
        answer(record_guardian_consent::handle(self, request).await)
    }

    async fn record_insurance(
        &self,
        request: Request<proto::RecordInsuranceRequest>,
    ) -> Result<Response<proto::Volunteer>, Status> {
        answer(record_insurance::handle(self, request).await)
    }

    async fn export_own_volunteer(
        &self,
        request: Request<proto::ExportOwnVolunteerRequest>,
    ) -> Result<Response<proto::ExportOwnVolunteerResponse>, Status> {
        answer(export_own_volunteer::handle(self, request).await)
    }

    async fn suspend_volunteer(
        &self,
        request: Request<proto::SuspendVolunteerRequest>,
    ) -> Result<Response<proto::Volunteer>, Status> {
        answer(suspend_volunteer::handle(self, request).await)
    }

    async fn reinstate_volunteer(
        &self,
        request: Request<proto::ReinstateVolunteerRequest>,
    ) -> Result<Response<proto::Volunteer>, Status> {
        answer(reinstate_volunteer::handle(self, request).await)
    }

    async fn leave_volunteer(
        &self,
        request: Request<proto::LeaveVolunteerRequest>,
    ) -> Result<Response<proto::Volunteer>, Status> {
        answer(leave_volunteer::handle(self, request).await)
    }

    async fn list_volunteer_access_records(
        &self,
        request: Request<proto::ListVolunteerAccessRecordsRequest>,
    ) -> Result<Response<proto::ListVolunteerAccessRecordsResponse>, Status> {
        answer(list_volunteer_access_records::handle(self, request).await)
    }
}

/// A volunteer to whom the caller may do something, and how much of them the caller sees.
struct Seen {
    record: Record,
    sight: Sight,
    own: bool,
}

/// Finds a volunteer, if the caller may do something to them. One whom they may not even see is not there for them.
async fn seen(volunteers: &Volunteers, call: &Call, action: &str, number: &str) -> Result<Seen, Error> {
    let missing = || Error::from(Refusal::missing(format!("volunteers/{number}")));
    // Whoever may do this to nobody at all is told so, whether there is this volunteer or not.
    let own = Target { division: None, own: true };
    if volunteers.authorize_somewhere(call, action).is_err() {
        volunteers.authorize(call, action, own)?;
    }
    let record = volunteers.store.volunteer_record(number).await?.ok_or_else(missing)?;
    let is_own = volunteers.is_of(call, &record.volunteer);
    let home = Target { division: Some(record.volunteer.home.as_str()), own: is_own };
    let decided = volunteers.authorize(call, action, home);
    if decided.is_ok() {
        return Ok(Seen { record, sight: Sight::KEPT, own: is_own });
    }
    let led = leads_volunteer(volunteers, call, &record.volunteer).await?;
    // Leaders see their people, and may call them; whatever else volunteers do to their own record is not theirs.
    if led && matches!(action, "GetVolunteer" | "RevealVolunteer") {
        volunteers.authorize(call, action, own)?;
        return Ok(Seen { record, sight: Sight::LED, own: false });
    }
    // Whoever sees the volunteer is told that they may not do this; to all others there is none.
    let may_see = is_own || led || volunteers.authorize(call, "GetVolunteer", home).is_ok();
    if may_see { decided.and(Err(missing())) } else { Err(missing()) }
}

/// Whether the caller leads a team that a volunteer belongs to or asks to belong to.
async fn leads_volunteer(volunteers: &Volunteers, call: &Call, other: &Volunteer) -> Result<bool, Error> {
    match volunteers.own_volunteer(call).await? {
        Some(own) if serves(&own).is_ok() => {
            volunteers.store.leads_volunteer(&own.number, &other.number, volunteers.today()).await
        }
        _ => Ok(false),
    }
}

/// The caller's own record.
async fn own_record(volunteers: &Volunteers, call: &Call, action: &str) -> Result<Record, Error> {
    volunteers.authorize(call, action, Target { division: None, own: true })?;
    let missing = || Error::from(Refusal::missing("a volunteer of the caller's"));
    let own = volunteers.own_volunteer(call).await?.ok_or_else(missing)?;
    volunteers.store.volunteer_record(&own.number).await?.ok_or_else(missing)
}

/// Lets something happen to a record, and tells of it as the caller sees it.
async fn happen(
    volunteers: &Volunteers,
    change: &Change,
    seen: Seen,
    (version, act): (Option<i64>, Act),
    resealed: Option<Resealed>,
) -> Result<proto::Volunteer, Error> {
    let number = seen.record.volunteer.number;
    // What is sealed anew must be what was read.
    let version = version.or(resealed.as_ref().map(|_| seen.record.volunteer.version));
    let happening = Happening { number, version, act, resealed, today: volunteers.today() };
    let record = volunteers.store.act_on_volunteer(change, &happening).await?;
    convert::volunteer(&volunteers.keyring, record, seen.sight)
}

/// Checks that a division is there, and in force on a day.
async fn check_home(volunteers: &Volunteers, field: &str, home: &Code, day: NaiveDate) -> Result<(), Error> {
    places::check_area_in_force(&volunteers.registry, field, &format!("divisions/{home}"), day).await
}

/// Records that the caller reads something of somebody. Nothing is shown before this is kept.
async fn record_access(
    volunteers: &Volunteers,
    call: &Call,
    number: &str,
    purpose: &str,
    fields: &[&str],
) -> Result<(), Error> {
    let record = Access {
        id: Uuid::now_v7(),
        subject: format!("volunteers/{number}"),
        actor: call.caller.name_for_audit().into_owned(),
        purpose: purpose.to_owned(),
        fields: fields.iter().map(ToString::to_string).collect(),
        occur_time: volunteers.clock.now(),
    };
    volunteers.store.record_access(&[record]).await
}
