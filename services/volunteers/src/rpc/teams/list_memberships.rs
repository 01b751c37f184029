//! ListMemberships.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::named::optional_member;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use super::{present, target};
use crate::store::team::MembershipFilter;
use crate::{Volunteers, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);

const ACTION: &str = "ListMemberships";

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListMembershipsRequest>,
) -> Result<proto::ListMembershipsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let mut filter = MembershipFilter {
        team: None,
        volunteer: convert::optional_volunteer("volunteer", &request.volunteer)?,
        state: optional_member("state", request.state)?,
    };
    if request.parent == "teams/-" {
        filter.volunteer = Some(whose(volunteers, &call, filter.volunteer.take()).await?);
    } else {
        let id = convert::team_name("parent", &request.parent)?;
        let team = present(volunteers, &id).await?;
        volunteers.authorize(&call, ACTION, target(volunteers, &call, &team).await?)?;
        filter.team = Some(id);
    }
    let strange = |_| Violation::new("page_token", "INVALID_PAGE_TOKEN", "is not a token this service gave");
    let after = page.after.as_deref().map(Uuid::parse_str).transpose().map_err(strange)?;
    let mut found = volunteers.store.memberships(&filter, after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |membership| membership.id.to_string());
    let memberships = found.into_iter().map(convert::membership).collect();
    Ok(proto::ListMembershipsResponse { memberships, next_page_token })
}

/// Whose memberships the caller may list across teams: their own, or those of a volunteer of their area.
async fn whose(volunteers: &Volunteers, call: &Call, asked: Option<String>) -> Result<String, Error> {
    volunteers.authorize(call, ACTION, Target { division: Some(""), own: true })?;
    let own = volunteers.own_volunteer(call).await?;
    let missing = || Error::from(Refusal::missing("the volunteer"));
    let Some(number) = asked else { return Ok(own.ok_or_else(missing)?.number) };
    if own.is_some_and(|own| own.number == number) {
        return Ok(number);
    }
    let there = volunteers.store.volunteer(&number).await?.ok_or_else(missing)?;
    volunteers.authorize(call, ACTION, Target::within(there.home.as_str())).map_err(|_| missing())?;
    Ok(number)
}
