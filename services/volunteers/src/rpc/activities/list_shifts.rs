//! ListShifts.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{check_visible, present};
use crate::{Volunteers, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (50, 200);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListShiftsRequest>,
) -> Result<proto::ListShiftsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let activity = convert::activity_name("parent", &request.parent)?;
    volunteers.authorize(&call, "ListShifts", Target::NOWHERE)?;
    check_visible(volunteers, &call, &present(volunteers, activity).await?).await?;
    let after = page.after.as_deref().map(convert::page_instant_id).transpose()?;
    let mut found = volunteers.store.shifts(activity, after, page.limit()).await?;
    let next_page_token =
        page.cut(&mut found, |shift| format!("{} {}", shift.window.from.timestamp_micros(), shift.id));
    Ok(proto::ListShiftsResponse { shifts: found.iter().map(convert::shift).collect(), next_page_token })
}
