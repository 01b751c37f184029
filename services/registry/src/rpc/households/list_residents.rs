//! ListResidents.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::{PAGE_SIZES, permit};
use crate::Registry;
use crate::convert;
use crate::convert::Sight;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::ListResidentsRequest>,
) -> Result<proto::ListResidentsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let id = convert::household_name("parent", &request.parent)?;
    let on = convert::effective_on("effective_on", &request.effective_on, registry.today())?;
    permit::household(registry, &call, "ListResidents", &id).await?;
    let after = permit::number_after(&page);
    let mut found = registry.store.residents(&id, on, after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |resident| resident.number.to_string());
    let resident = |resident| convert::resident(&registry.keyring, resident, Sight::Masked);
    Ok(proto::ListResidentsResponse {
        residents: found.into_iter().map(resident).collect::<Result<_, _>>()?,
        next_page_token,
    })
}
