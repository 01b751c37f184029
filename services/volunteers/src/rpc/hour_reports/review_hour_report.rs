//! ReviewHourReport.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::present;
use crate::domain::hour_report::Reviewer;
use crate::rpc::activities::organize;
use crate::{Volunteers, convert};

/// The most characters of a comment.
const COMMENT_MAX: usize = 500;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ReviewHourReportRequest>,
) -> Result<proto::HourReport, Error> {
    let (call, request) = Call::open(request);
    let comment = convert::optional_prose("comment", &request.comment, COMMENT_MAX)?;
    if !request.accept && comment.is_empty() {
        return Err(Violation::required("comment").into());
    }
    let report = present(volunteers, &request.name).await?;
    organize(volunteers, &call, "ReviewHourReport", (&report.team, &report.division_code)).await?;
    let area = Target::within(&report.division_code);
    let coordinates = volunteers.authorize(&call, "ReviewHourReport", area).is_ok();
    let own = volunteers.own_volunteer(&call).await?;
    let change = call.change("ReviewHourReport", &request.request_id, &request, volunteers.clock.now())?;
    let by =
        Reviewer { name: &change.actor, volunteer: own.as_ref().map(|own| own.number.as_str()), coordinates };
    let verdict = (request.accept, comment.as_str());
    let after = volunteers.store.review_hour_report(&change, report.id, verdict, by).await?;
    Ok(convert::hour_report(&after))
}
