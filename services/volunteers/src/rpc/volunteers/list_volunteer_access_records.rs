//! ListVolunteerAccessRecords.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use super::seen;
use crate::{Volunteers, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListVolunteerAccessRecordsRequest>,
) -> Result<proto::ListVolunteerAccessRecordsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let number = convert::volunteer_name("parent", &request.parent)?;
    seen(volunteers, &call, "ListVolunteerAccessRecords", &number).await?;
    let strange = |_| Violation::new("page_token", "INVALID_PAGE_TOKEN", "is not a token this service gave");
    let after = page.after.as_deref().map(Uuid::parse_str).transpose().map_err(strange)?;
    let subject = format!("volunteers/{number}");
    let mut found = volunteers.store.access_records(&subject, after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |record| record.id.to_string());
    Ok(proto::ListVolunteerAccessRecordsResponse {
        access_records: found.into_iter().map(convert::access_record).collect(),
        next_page_token,
    })
}
