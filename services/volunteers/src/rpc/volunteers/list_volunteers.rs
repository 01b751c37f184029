//! ListVolunteers.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::field::optional_code;
use minqing_platform::named::optional_member;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::Volunteers;
use crate::convert::{self, Sight};
use crate::store::volunteer::Filter;

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (100, 1_000);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListVolunteersRequest>,
) -> Result<proto::ListVolunteersResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    let filter = Filter {
        within: optional_code("division_code", &request.division_code)?,
        team: convert::optional_team("team", &request.team)?,
        state: optional_member("state", request.state)?,
        real_name: optional_member("real_name_state", request.real_name_state)?,
    };
    let sight = authorize(volunteers, &call, &filter).await?;
    let after = page.after.clone().unwrap_or_default();
    let mut found = volunteers.store.volunteers(&filter, &after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |record| record.volunteer.number.clone());
    let listed = found.into_iter().map(|record| convert::volunteer(&volunteers.keyring, record, sight));
    Ok(proto::ListVolunteersResponse { volunteers: listed.collect::<Result<_, _>>()?, next_page_token })
}

/// Whom the caller may list, and how much of them they see. There is no list without an area or a team.
async fn authorize(volunteers: &Volunteers, call: &Call, filter: &Filter) -> Result<Sight, Error> {
    const ACTION: &str = "ListVolunteers";
    if let Some(id) = &filter.team {
        volunteers.authorize(call, ACTION, Target { division: Some(""), own: true })?;
        let team = volunteers.store.team(id).await?;
        let team = team.ok_or_else(|| Refusal::missing(format!("teams/{id}")))?;
        let own = volunteers.leads(call, &team).await?;
        volunteers.authorize(call, ACTION, Target { division: Some(team.home.as_str()), own })?;
        // Members of a team may belong to other areas than the team.
        return Ok(Sight::LISTED_LED);
    }
    let Some(within) = &filter.within else {
        volunteers.authorize(call, ACTION, Target { division: Some(""), own: true })?;
        return Err(Violation::required("division_code").into());
    };
    volunteers.authorize(call, ACTION, Target::within(within.as_str()))?;
    Ok(Sight::LISTED)
}
