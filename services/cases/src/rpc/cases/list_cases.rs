//! ListCases.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{hidden, reach, shown_to};
use crate::store::case::Filter;
use crate::{Cases, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (50, 500);

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ListCasesRequest>,
) -> Result<proto::ListCasesResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    cases.authorize(&call, "ListCases", Target::NOWHERE)?;
    let filter = filter(cases, &call, &request)?;
    let before = page.after.as_deref().map(str::parse).transpose();
    let before =
        before.map_err(|_| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))?;
    let mut found = cases.store.cases(&filter, before, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |(seq, _)| seq.to_string());
    let cases = shown_to(cases, &call, found.into_iter().map(|(_, case)| case)).await?;
    Ok(proto::ListCasesResponse { cases, next_page_token })
}

fn filter(cases: &Cases, call: &Call, request: &proto::ListCasesRequest) -> Result<Filter, Violation> {
    Ok(Filter {
        within: reach(cases, call, "ListCases"),
        area: convert::optional_code("division_code", &request.division_code)?,
        status: convert::optional_member("status", request.status)?,
        kind: convert::optional_member("type", request.r#type)?,
        door: convert::optional_member("door", request.door)?,
        item: convert::optional_named("item", "items", &request.item)?
            .map(|id| format!("items/{id}"))
            .unwrap_or_default(),
        organization: convert::optional_named("organization", "organizations", &request.organization)?
            .map(|id| format!("organizations/{id}"))
            .unwrap_or_default(),
        due_before: convert::instant("due_before", request.due_before.as_ref())?,
        hidden: hidden(&call.caller),
    })
}
