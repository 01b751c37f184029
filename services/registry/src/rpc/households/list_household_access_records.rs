//! ListHouseholdAccessRecords.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_proto::registry::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use super::{PAGE_SIZES, permit};
use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::ListHouseholdAccessRecordsRequest>,
) -> Result<proto::ListHouseholdAccessRecordsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let id = convert::household_name("parent", &request.parent)?;
    permit::household(registry, &call, "ListHouseholdAccessRecords", &id).await?;
    let after = page.after.as_deref().and_then(|id| Uuid::parse_str(id).ok());
    let mut found = registry.store.access_records(&format!("households/{id}"), after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |record| record.id.to_string());
    let access_records = found.into_iter().map(convert::access_record).collect();
    Ok(proto::ListHouseholdAccessRecordsResponse { access_records, next_page_token })
}
