//! ListOwnHourReports.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::rpc::activities::own;
use crate::{Volunteers, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (50, 200);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListOwnHourReportsRequest>,
) -> Result<proto::ListOwnHourReportsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let own = own(volunteers, &call, "ListOwnHourReports").await?;
    let after = page.after.as_deref().map(convert::page_instant_id).transpose()?;
    let mut found = volunteers.store.own_hour_reports(&own.number, after, page.limit()).await?;
    let next_page_token =
        page.cut(&mut found, |report| format!("{} {}", report.create_time.timestamp_micros(), report.id));
    Ok(proto::ListOwnHourReportsResponse {
        hour_reports: found.iter().map(convert::hour_report).collect(),
        next_page_token,
    })
}
