//! ListDispatchRules.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::store::dispatch::Filter;
use crate::{Cases, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ListDispatchRulesRequest>,
) -> Result<proto::ListDispatchRulesResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    cases.authorize(&call, "ListDispatchRules", Target::NOWHERE)?;
    let filter = filter(&request)?;
    let after = page.after.as_deref().and_then(|key| key.split_once(' '));
    let after = after.and_then(|(priority, id)| Some((priority.parse().ok()?, id)));
    let mut found = cases.store.dispatch_rules(&filter, after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |rule| format!("{} {}", rule.facts.priority, rule.id));
    let dispatch_rules = found.into_iter().map(convert::dispatch_rule).collect();
    Ok(proto::ListDispatchRulesResponse { dispatch_rules, next_page_token })
}

fn filter(request: &proto::ListDispatchRulesRequest) -> Result<Filter, Violation> {
    Ok(Filter {
        within: convert::optional_code("division_code", &request.division_code)?,
        covers: convert::optional_code("covers_code", &request.covers_code)?,
        organization: convert::optional_organization("organization", &request.organization)?,
        item: convert::whole_item("item", &request.item)?,
    })
}
