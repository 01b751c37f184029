//! ListNeeds.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::reach;
use crate::store::need::{Filter, Whose};
use crate::{Volunteers, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (50, 500);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListNeedsRequest>,
) -> Result<proto::ListNeedsResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    volunteers.authorize(&call, "ListNeeds", Target { division: None, own: true })?;
    let filter = filter(volunteers, &call, &request).await?;
    let before = page.after.as_deref().map(str::parse).transpose();
    let before =
        before.map_err(|_| Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it"))?;
    let mut found = volunteers.store.needs(&filter, before, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |(seq, _)| seq.to_string());
    let needs = found.iter().map(|(_, need)| convert::need(need)).collect();
    Ok(proto::ListNeedsResponse { needs, next_page_token })
}

async fn filter(
    volunteers: &Volunteers,
    call: &Call,
    request: &proto::ListNeedsRequest,
) -> Result<Filter, Error> {
    let team = convert::optional_named("team", "teams", &request.team)?;
    Ok(Filter {
        whose: whose(volunteers, call, team.as_deref()).await?,
        status: convert::optional_member("status", request.status)?,
        source: convert::optional_member("source", request.source)?,
        post: convert::post("post", &request.post)?,
        team,
        area: convert::optional_code("division_code", &request.division_code)?,
        due_before: convert::instant("due_before", request.due_before.as_ref())?,
        answer_refused: request.answer_refused,
    })
}

/// The corps those of its area, whoever leads the team those of the team, others those that they raised.
async fn whose(volunteers: &Volunteers, call: &Call, team: Option<&str>) -> Result<Whose, Error> {
    let within = reach(volunteers, call, "ListNeeds");
    if !within.is_empty() {
        return Ok(Whose::Within(within));
    }
    let Some(id) = team else { return Ok(Whose::Raiser(call.caller.name_for_audit().into_owned())) };
    match volunteers.store.team(id).await? {
        Some(team) if volunteers.leads(call, &team).await? => Ok(Whose::Team(team.id)),
        // Who leads it is nobody else's business.
        _ => Err(Refusal::missing(format!("teams/{id}")).into()),
    }
}
