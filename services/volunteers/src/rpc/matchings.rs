//! Matchings.

mod explain_match;
mod get_matching;
mod list_matches;
mod list_matchings;
mod run_matching;

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::matching_service_server::MatchingService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::answer;
use crate::Volunteers;
use crate::store::matching::Stored;

/// Finds a matching, if the caller may do something with it. One of another area is not there for them.
async fn seen(volunteers: &Volunteers, call: &Call, action: &str, id: Uuid) -> Result<Stored, Error> {
    let missing = || Refusal::missing(format!("matchings/{id}"));
    // Whoever may do this with no matching at all is told so, whether there is this one or not.
    volunteers.authorize(call, action, Target::NOWHERE)?;
    let stored = volunteers.store.matching(id).await?.ok_or_else(missing)?;
    let target = Target { division: Some(stored.matching.area.as_str()), own: false };
    volunteers.authorize(call, action, target).map_err(|_| missing())?;
    Ok(stored)
}

#[tonic::async_trait]
impl MatchingService for Volunteers {
    async fn run_matching(
        &self,
        request: Request<proto::RunMatchingRequest>,
    ) -> Result<Response<proto::RunMatchingResponse>, Status> {
        answer(run_matching::handle(self, request).await)
    }

    async fn get_matching(
        &self,
        request: Request<proto::GetMatchingRequest>,
    ) -> Result<Response<proto::Matching>, Status> {
        answer(get_matching::handle(self, request).await)
    }

    async fn list_matchings(
        &self,
        request: Request<proto::ListMatchingsRequest>,
    ) -> Result<Response<proto::ListMatchingsResponse>, Status> {
        answer(list_matchings::handle(self, request).await)
    }

    async fn list_matches(
        &self,
        request: Request<proto::ListMatchesRequest>,
    ) -> Result<Response<proto::ListMatchesResponse>, Status> {
        answer(list_matches::handle(self, request).await)
    }

    async fn explain_match(
        &self,
        request: Request<proto::ExplainMatchRequest>,
    ) -> Result<Response<proto::ExplainMatchResponse>, Status> {
        answer(explain_match::handle(self, request).await)
    }
}
