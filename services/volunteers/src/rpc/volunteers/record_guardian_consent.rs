//! RecordGuardianConsent.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{happen, seen};
use crate::domain::volunteer::{Act, Personal};
use crate::store::sealed::{open_personal, seal_personal};
use crate::store::volunteer::Resealed;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::RecordGuardianConsentRequest>,
) -> Result<proto::Volunteer, Error> {
    let (call, request) = Call::open(request);
    let number = convert::volunteer_name("name", &request.name)?;
    let seen = seen(volunteers, &call, "RecordGuardianConsent", &number).await?;
    let guardian = convert::guardian(request.guardian.as_ref())?;
    let until = convert::day("valid_until", &request.valid_until)?;
    let evidence = convert::note("evidence", &request.evidence)?;
    let personal = open_personal(&volunteers.keyring, &number, &seen.record.sealed)?;
    let personal = Personal { guardian: Some(guardian), ..personal };
    let sealed = seal_personal(&volunteers.keyring, &number, &personal);
    let resealed = Some(Resealed { sealed, identity_index: None });
    let change =
        call.change("RecordGuardianConsent", &request.request_id, &request, volunteers.clock.now())?;
    happen(volunteers, &change, seen, (None, Act::Consent(until, evidence)), resealed).await
}
