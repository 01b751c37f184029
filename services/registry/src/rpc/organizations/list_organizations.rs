//! ListOrganizations.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::store::organization::Filter;

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);
/// The most characters of a query.
const QUERY_MAX: usize = 100;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::ListOrganizationsRequest>,
) -> Result<proto::ListOrganizationsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    registry.authorize(&call, "ListOrganizations", Target::NOWHERE)?;
    let filter = filter(registry, &request)?;
    let after = page.after.clone().unwrap_or_default();
    let mut found = registry.store.organizations(&filter, &after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |organization| organization.id.clone());
    Ok(proto::ListOrganizationsResponse {
        organizations: found.into_iter().map(convert::organization).collect(),
        next_page_token,
    })
}

fn filter(registry: &Registry, request: &proto::ListOrganizationsRequest) -> Result<Filter, Violation> {
    Ok(Filter {
        kind: convert::kind_of("kind", request.kind)?,
        parent: convert::optional_organization("parent", &request.parent)?,
        within: convert::optional_code("division_code", &request.division_code)?,
        covers: convert::optional_code("covers_code", &request.covers_code)?,
        function: convert::function("function", &request.function)?,
        query: convert::optional_text("query", &request.query, QUERY_MAX)?,
        on: convert::effective_on("effective_on", &request.effective_on, registry.today())?,
    })
}
