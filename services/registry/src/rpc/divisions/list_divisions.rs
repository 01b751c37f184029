//! ListDivisions.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::domain::division::level_below;
use crate::store::division::Filter;

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);
/// The most characters of a query.
const QUERY_MAX: usize = 100;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::ListDivisionsRequest>,
) -> Result<proto::ListDivisionsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    registry.authorize(&call, "ListDivisions", Target::NOWHERE)?;
    let filter = filter(registry, &request)?;
    let after = page.after.clone().unwrap_or_default();
    let mut found = registry.store.divisions(&filter, &after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |division| division.code.to_string());
    Ok(proto::ListDivisionsResponse {
        divisions: found.into_iter().map(convert::division).collect(),
        next_page_token,
    })
}

fn filter(registry: &Registry, request: &proto::ListDivisionsRequest) -> Result<Filter, Violation> {
    let parent = (!request.parent.is_empty())
        .then(|| convert::division_name("parent", &request.parent))
        .transpose()?;
    let level = convert::level_of("level", request.level)?;
    if request.query.chars().count() > QUERY_MAX {
        return Err(Violation::new("query", "TOO_LONG", format!("at most {QUERY_MAX} characters")));
    }
    let children = if request.descendants { None } else { parent.as_ref().and_then(level_below) };
    Ok(Filter {
        below: parent,
        level: level.or(children),
        query: request.query.clone(),
        on: convert::effective_on("effective_on", &request.effective_on, registry.today())?,
    })
}
