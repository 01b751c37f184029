//! ListConsents.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::{PAGE_SIZES, permit};
use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::ListConsentsRequest>,
) -> Result<proto::ListConsentsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let id = convert::household_name("parent", &request.parent)?;
    permit::household(registry, &call, "ListConsents", &id).await?;
    let mut found = registry.store.consents(&id, permit::number_after(&page), page.limit()).await?;
    let next_page_token = page.cut(&mut found, |consent| consent.number.to_string());
    Ok(proto::ListConsentsResponse {
        consents: found.into_iter().map(convert::consent).collect(),
        next_page_token,
    })
}
