//! ListTeams.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::field::{effective_on, optional_code, optional_named};
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{sees_leaders, shown};
use crate::store::team::Filter;
use crate::{Volunteers, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListTeamsRequest>,
) -> Result<proto::ListTeamsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    volunteers.authorize(&call, "ListTeams", Target::NOWHERE)?;
    let filter = Filter {
        within: optional_code("division_code", &request.division_code)?,
        post: optional_named("post", "posts", &request.post)?,
        leader: convert::optional_volunteer("leader", &request.leader)?,
        on: effective_on("effective_on", &request.effective_on, volunteers.today())?,
    };
    if filter.leader.is_some() {
        sees_leaders(volunteers, &call)?;
    }
    let after = page.after.clone().unwrap_or_default();
    let mut found = volunteers.store.teams(&filter, &after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |team| team.id.clone());
    let teams = found.into_iter().map(|team| shown(volunteers, &call, team)).collect();
    Ok(proto::ListTeamsResponse { teams, next_page_token })
}
