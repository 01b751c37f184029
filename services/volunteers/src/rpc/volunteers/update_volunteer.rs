//! UpdateVolunteer.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::field::etag;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{Seen, check_home, happen, seen};
use crate::domain::volunteer::{Act, Changes};
use crate::store::sealed::{open_personal, seal_personal};
use crate::store::volunteer::Resealed;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::UpdateVolunteerRequest>,
) -> Result<proto::Volunteer, Error> {
    let (call, request) = Call::open(request);
    let given = request.volunteer.as_ref().ok_or_else(|| Violation::required("volunteer"))?;
    let number = convert::volunteer_name("volunteer.name", &given.name)?;
    let seen = seen(volunteers, &call, "UpdateVolunteer", &number).await?;
    let today = volunteers.today();
    let (changes, resealing) = convert::volunteer_changes(given, request.update_mask.as_ref(), today)?;
    let version = etag("volunteer.etag", &given.etag)?;
    authorize(volunteers, &call, &seen, &changes)?;
    if let Some(home) = &changes.home {
        check_home(volunteers, "volunteer.division_code", home, today).await?;
    }
    let resealed = if resealing.is_empty() {
        None
    } else {
        let personal = open_personal(&volunteers.keyring, &number, &seen.record.sealed)?;
        let (personal, identity_index) = resealing.applied(&volunteers.keyring, personal);
        Some(Resealed { sealed: seal_personal(&volunteers.keyring, &number, &personal), identity_index })
    };
    let change = call.change("UpdateVolunteer", &request.request_id, &request, volunteers.clock.now())?;
    happen(volunteers, &change, seen, (version, Act::Change(changes)), resealed).await
}

/// Volunteers correct their own record, but not who signs in by it; whoever keeps it hands it on only to an area of theirs.
fn authorize(volunteers: &Volunteers, call: &Call, seen: &Seen, changes: &Changes) -> Result<(), Error> {
    let kept = Target::within(seen.record.volunteer.home.as_str());
    if changes.account.is_some() {
        volunteers.authorize(call, "UpdateVolunteer", kept)?;
    }
    match &changes.home {
        Some(home) if !seen.own => {
            volunteers.authorize(call, "UpdateVolunteer", Target::within(home.as_str()))
        }
        _ => Ok(()),
    }
}
