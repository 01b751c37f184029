//! GetHourReport.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::present;
use crate::rpc::activities::organize;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetHourReportRequest>,
) -> Result<proto::HourReport, Error> {
    let (call, request) = Call::open(request);
    volunteers.authorize(&call, "GetHourReport", Target { division: None, own: true })?;
    let report = present(volunteers, &request.name).await?;
    let own = volunteers.own_volunteer(&call).await?;
    if own.is_none_or(|own| own.number != report.volunteer) {
        organize(volunteers, &call, "GetHourReport", (&report.team, &report.division_code)).await?;
    }
    Ok(convert::hour_report(&report))
}
