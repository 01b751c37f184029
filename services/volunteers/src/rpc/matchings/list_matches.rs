//! ListMatches.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::seen;
use crate::store::matching::MatchFilter;
use crate::{Volunteers, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 500);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListMatchesRequest>,
) -> Result<proto::ListMatchesResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let id = convert::matching_id("parent", &request.parent)?;
    let filter = MatchFilter {
        outcome: convert::optional_member("outcome", request.outcome)?,
        team: convert::optional_named("team", "teams", &request.team)?,
    };
    let after = page.after.as_deref().map(str::parse).transpose();
    let after =
        after.map_err(|_| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))?;
    seen(volunteers, &call, "ListMatches", id).await?;
    let mut found = volunteers.store.matches(id, &filter, after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |stored| stored.one.facts.name.clone());
    let matches = found.iter().map(convert::matched).collect();
    Ok(proto::ListMatchesResponse { matches, next_page_token })
}
