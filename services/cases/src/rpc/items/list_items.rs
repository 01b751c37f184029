//! ListItems.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::store::item::Filter;
use crate::{Cases, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);
/// The most characters of a query.
const QUERY_MAX: usize = 100;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ListItemsRequest>,
) -> Result<proto::ListItemsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    cases.authorize(&call, "ListItems", Target::NOWHERE)?;
    let filter = filter(cases, &request)?;
    let after = page.after.clone().unwrap_or_default();
    let mut found = cases.store.items(&filter, &after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |item| item.id.clone());
    Ok(proto::ListItemsResponse { items: found.into_iter().map(convert::item).collect(), next_page_token })
}

fn filter(cases: &Cases, request: &proto::ListItemsRequest) -> Result<Filter, Violation> {
    Ok(Filter {
        department: convert::optional_organization("department", &request.department)?,
        level: convert::optional_member("level", request.level)?,
        case_type: convert::optional_member("case_type", request.case_type)?,
        covers: convert::optional_code("covers_code", &request.covers_code)?,
        query: convert::optional_text("query", &request.query, QUERY_MAX)?,
        on: convert::effective_on("effective_on", &request.effective_on, cases.today())?,
    })
}
