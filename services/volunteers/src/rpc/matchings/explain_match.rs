//! ExplainMatch.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::{Volunteers, convert};

const ACTION: &str = "ExplainMatch";

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ExplainMatchRequest>,
) -> Result<proto::ExplainMatchResponse, Error> {
    let (call, request) = Call::open(request);
    let id = convert::matching_id("name", &request.name)?;
    let need = convert::need_id("need", &request.need)?.to_string();
    let team = convert::optional_named("team", "teams", &request.team)?;
    let team = team.ok_or_else(|| Violation::required("team"))?;
    volunteers.authorize(&call, ACTION, Target { division: None, own: true })?;
    let missing = || Refusal::missing(format!("matchings/{id}"));
    // "Why not ours" is asked by whoever leads the team.
    let own = match volunteers.store.team(&team).await? {
        Some(team) => volunteers.leads(&call, &team).await?,
        None => false,
    };
    let stored = volunteers.store.matching(id).await?.ok_or_else(missing)?;
    let target = Target { division: Some(stored.matching.area.as_str()), own };
    volunteers.authorize(&call, ACTION, target).map_err(|_| missing())?;
    let run = volunteers.store.matching_run(id).await?.ok_or_else(missing)?;
    let subject = format!("needs/{need} with teams/{team} in matchings/{id}");
    let verdict = tokio::task::spawn_blocking(move || run.verdict(&need, &team)).await;
    let verdict = verdict.map_err(|error| Error::Internal(format!("an explanation broke off: {error}")))?;
    let verdict =
        verdict.map_err(|error| Error::Internal(format!("a kept matching does not hold: {error}")))?;
    let verdict = verdict.ok_or_else(|| Refusal::missing(subject))?;
    Ok(convert::explanation(&verdict))
}
