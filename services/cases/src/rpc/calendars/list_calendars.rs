//! ListCalendars.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::{Cases, convert};

/// Rows on a page when the caller does not say, and at most: no more than are kept compiled.
const PAGE_SIZES: (usize, usize) = (50, 200);

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ListCalendarsRequest>,
) -> Result<proto::ListCalendarsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    cases.authorize(&call, "ListCalendars", Target::NOWHERE)?;
    let organization = convert::calendar_organization("organization", &request.organization)?;
    let after = page.after.clone().unwrap_or_default();
    let mut found = cases.store.calendars(organization.as_deref(), &after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |record| record.reference.id.clone());
    let mut calendars = Vec::with_capacity(found.len());
    for record in found {
        calendars.push(super::whole(cases, record).await?);
    }
    Ok(proto::ListCalendarsResponse { calendars, next_page_token })
}
