//! RecordInsurance.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{happen, seen};
use crate::domain::volunteer::Act;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::RecordInsuranceRequest>,
) -> Result<proto::Volunteer, Error> {
    let (call, request) = Call::open(request);
    let number = convert::volunteer_name("name", &request.name)?;
    let seen = seen(volunteers, &call, "RecordInsurance", &number).await?;
    let until = convert::day("insured_until", &request.insured_until)?;
    let insurance = convert::note("insurance", &request.insurance)?;
    let change = call.change("RecordInsurance", &request.request_id, &request, volunteers.clock.now())?;
    happen(volunteers, &change, seen, (None, Act::Insure(until, insurance)), None).await
}
