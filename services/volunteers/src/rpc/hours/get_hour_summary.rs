//! GetHourSummary.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::volunteer;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetHourSummaryRequest>,
) -> Result<proto::HourSummary, Error> {
    let (call, request) = Call::open(request);
    let of = volunteer(volunteers, &call, "GetHourSummary", "volunteer", &request.volunteer).await?;
    let total = volunteers.store.hour_total(&of.number).await?;
    let standing = volunteers.hours.levels.standing(total.minutes, volunteers.today());
    Ok(convert::hour_summary(&of.number, total, standing))
}
