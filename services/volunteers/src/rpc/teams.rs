//! Teams and memberships.

mod batch_create_teams;
mod create_team;
mod end_membership;
mod end_team;
mod get_membership;
mod get_team;
mod list_memberships;
mod list_teams;
mod request_membership;
mod review_membership;
mod update_team;

use std::collections::BTreeSet;

use minqing_platform::call::Call;
use minqing_platform::code::{Code, Level};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::places;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::team_service_server::TeamService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::answer;
use crate::domain::team::{Membership, NewTeam, Team};
use crate::{Volunteers, convert};

#[tonic::async_trait]
impl TeamService for Volunteers {
    async fn get_team(
        &self,
        request: Request<proto::GetTeamRequest>,
    ) -> Result<Response<proto::Team>, Status> {
        answer(get_team::handle(self, request).await)
    }

    async fn list_teams(
        &self,
        request: Request<proto::ListTeamsRequest>,
    ) -> Result<Response<proto::ListTeamsResponse>, Status> {
        answer(list_teams::handle(self, request).await)
    }

    async fn create_team(
        &self,
        request: Request<proto::CreateTeamRequest>,
    ) -> Result<Response<proto::Team>, Status> {
        answer(create_team::handle(self, request).await)
    }

    async fn batch_create_teams(
        &self,
        request: Request<proto::BatchCreateTeamsRequest>,
    ) -> Result<Response<proto::BatchCreateTeamsResponse>, Status> {
        answer(batch_create_teams::handle(self, request).await)
    }

    async fn update_team(
        &self,
        request: Request<proto::UpdateTeamRequest>,
    ) -> Result<Response<proto::Team>, Status> {
        answer(update_team::handle(self, request).await)
    }

    async fn end_team(
        &self,
        request: Request<proto::EndTeamRequest>,
    ) -> Result<Response<proto::Team>, Status> {
        answer(end_team::handle(self, request).await)
    }

    async fn get_membership(
        &self,
        request: Request<proto::GetMembershipRequest>,
    ) -> Result<Response<proto::Membership>, Status> {
        answer(get_membership::handle(self, request).await)
    }

    async fn list_memberships(
        &self,
        request: Request<proto::ListMembershipsRequest>,
    ) -> Result<Response<proto::ListMembershipsResponse>, Status> {
        answer(list_memberships::handle(self, request).await)
    }

    async fn request_membership(
        &self,
        request: Request<proto::RequestMembershipRequest>,
    ) -> Result<Response<proto::Membership>, Status> {
        answer(request_membership::handle(self, request).await)
    }

    async fn review_membership(
        &self,
        request: Request<proto::ReviewMembershipRequest>,
    ) -> Result<Response<proto::Membership>, Status> {
        answer(review_membership::handle(self, request).await)
    }

    async fn end_membership(
        &self,
        request: Request<proto::EndMembershipRequest>,
    ) -> Result<Response<proto::Membership>, Status> {
        answer(end_membership::handle(self, request).await)
    }
}

/// One team.
async fn present(volunteers: &Volunteers, id: &str) -> Result<Team, Error> {
    let found = volunteers.store.team(id).await?;
    found.ok_or_else(|| Refusal::missing(format!("teams/{id}")).into())
}

/// What an action on a team is done to: one's own is the team that one leads.
async fn target<'a>(volunteers: &Volunteers, call: &Call, team: &'a Team) -> Result<Target<'a>, Error> {
    Ok(Target { division: Some(team.home.as_str()), own: volunteers.leads(call, team).await? })
}

/// A team as the caller sees it.
fn shown(volunteers: &Volunteers, call: &Call, team: Team) -> proto::Team {
    let with_leader = sees_leaders(volunteers, call).is_ok();
    convert::team(team, with_leader)
}

/// Refuses a caller who is not told who leads a team.
fn sees_leaders(volunteers: &Volunteers, call: &Call) -> Result<(), Error> {
    volunteers.authorize(call, "ReadTeamLeader", Target::NOWHERE)
}

/// Checks that the areas of teams are there, each once; each by the path of the field that first names it.
async fn check_areas(volunteers: &Volunteers, areas: Vec<(String, Code)>) -> Result<(), Error> {
    let mut checked = BTreeSet::new();
    for (field, code) in areas {
        let is_grid = code.level() == Level::Grid;
        let name = if is_grid { format!("grids/{code}") } else { format!("divisions/{code}") };
        if checked.insert(code) {
            places::check_area_in_force(&volunteers.registry, &field, &name, volunteers.today()).await?;
        }
    }
    Ok(())
}

/// The areas of a team, each with the path of its field; `field` is the path of the team.
fn areas(field: &str, new: &NewTeam) -> Vec<(String, Code)> {
    let reach = new.reach.iter().enumerate();
    let reach = reach.map(|(place, code)| (format!("{field}.reach_codes[{place}]"), code.clone()));
    std::iter::once((format!("{field}.division_code"), new.home.clone())).chain(reach).collect()
}

/// A membership on which the caller may act: as the team's leader, as its coordinator or, where `of_self`, as the volunteer
/// themselves. One that they may not see is not there for them.
async fn permitted(
    volunteers: &Volunteers,
    call: &Call,
    action: &str,
    (team, id): &(String, Uuid),
    of_self: bool,
) -> Result<Membership, Error> {
    let missing = || Error::from(Refusal::missing(format!("teams/{team}/memberships/{id}")));
    volunteers.authorize(call, action, Target { division: Some(""), own: true })?;
    let there = present(volunteers, team).await?;
    let membership = volunteers.store.membership(team, *id).await?.ok_or_else(missing)?;
    let mut target = target(volunteers, call, &there).await?;
    let own = volunteers.own_volunteer(call).await?;
    let is_theirs = own.is_some_and(|own| own.number == membership.volunteer);
    target.own |= of_self && is_theirs;
    match volunteers.authorize(call, action, target) {
        Ok(()) => Ok(membership),
        Err(denied) if is_theirs => Err(denied),
        Err(_) => Err(missing()),
    }
}
