//! ListHourReports.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::store::hour_report::Filter;
use crate::{Volunteers, convert};

const ACTION: &str = "ListHourReports";
/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (50, 200);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListHourReportsRequest>,
) -> Result<proto::ListHourReportsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let team = convert::optional_named("team", "teams", &request.team)?;
    let led = match &team {
        Some(id) => match volunteers.store.team(id).await? {
            Some(found) => volunteers.leads(&call, &found).await?,
            None => false,
        },
        None => false,
    };
    volunteers.authorize(&call, ACTION, Target { division: None, own: led })?;
    let held = call.caller.roles().iter();
    let of_area = held.filter(|held| volunteers.policy.allows(held.role, ACTION, true, false));
    let filter = Filter {
        within: of_area.map(|held| held.division.clone()).collect(),
        of_team: team.clone().filter(|_| led),
        team,
        area: convert::optional_code("division_code", &request.division_code)?,
        source: convert::optional_member("source", request.source)?,
        state: convert::optional_member("state", request.state)?,
        spot_check: request.spot_check,
    };
    let after = page.after.as_deref().map(convert::page_instant_id).transpose()?;
    let mut found = volunteers.store.hour_reports(&filter, after, page.limit()).await?;
    let next_page_token =
        page.cut(&mut found, |report| format!("{} {}", report.create_time.timestamp_micros(), report.id));
    Ok(proto::ListHourReportsResponse {
        hour_reports: found.iter().map(convert::hour_report).collect(),
        next_page_token,
    })
}
