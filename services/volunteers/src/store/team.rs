//! What is stored of teams and memberships.

use chrono::NaiveDate;
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use uuid::Uuid;

use crate::domain::team::{Changes, Membership, MembershipState, NewTeam, Team};

/// Which teams are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those at home there.
    pub within: Option<Code>,
    /// Only those of this post, by its id.
    pub post: Option<String>,
    /// Only those that this volunteer leads, by the number.
    pub leader: Option<String>,
    /// Only those in force on this day.
    pub on: Option<NaiveDate>,
}

/// Which memberships are listed: of a team, of a volunteer, or of one in the other.
#[derive(Debug, Clone, Default)]
pub struct MembershipFilter {
    /// Only in this team, by its id.
    pub team: Option<String>,
    /// Only of this volunteer, by the number.
    pub volunteer: Option<String>,
    /// Only of this state.
    pub state: Option<MembershipState>,
}

/// Teams as they are stored.
#[async_trait::async_trait]
pub trait TeamStore: Send + Sync {
    /// One team.
    async fn team(&self, id: &str) -> Result<Option<Team>, Error>;

    /// Teams after an id, in the order of their ids.
    async fn teams(&self, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Team>, Error>;

    /// Creates teams, all or none. Their leaders are members of them at once.
    async fn create_teams(&self, change: &Change, news: &[NewTeam]) -> Result<Vec<Team>, Error>;

    /// Changes a team. A new leader is a member at once. `version` is the one the caller read, if it said so.
    async fn update_team(
        &self,
        change: &Change,
        id: &str,
        changes: Changes,
        version: Option<i64>,
    ) -> Result<Team, Error>;

    /// Ends a team.
    async fn end_team(&self, change: &Change, id: &str, day: NaiveDate) -> Result<Team, Error>;

    /// Whether a volunteer belongs to a team.
    async fn is_member(&self, team: &str, volunteer: &str) -> Result<bool, Error>;

    /// Whether somebody leads a team in force on a day that another belongs to or asks to.
    async fn leads_volunteer(&self, leader: &str, volunteer: &str, day: NaiveDate) -> Result<bool, Error>;

    /// One membership.
    async fn membership(&self, team: &str, id: Uuid) -> Result<Option<Membership>, Error>;

    /// Memberships after one, in the order in which they were asked for.
    async fn memberships(
        &self,
        filter: &MembershipFilter,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Membership>, Error>;

    /// Asks that a volunteer may belong to a team.
    async fn request_membership(
        &self,
        change: &Change,
        team: &str,
        volunteer: &str,
        today: NaiveDate,
    ) -> Result<Membership, Error>;

    /// Moves a membership to its next state. Whoever becomes a member must fit the team's post on that day.
    async fn move_membership(
        &self,
        change: &Change,
        team: &str,
        id: Uuid,
        to: MembershipState,
        reason: &str,
        today: NaiveDate,
    ) -> Result<Membership, Error>;
}
