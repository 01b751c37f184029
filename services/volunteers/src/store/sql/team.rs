//! Teams and memberships in SQL.

pub(in crate::store::sql) mod rows;

use chrono::NaiveDate;
use minqing_platform::code::{Code, range_end};
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::{PgConnection, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Sql;
use super::post::rows::PostRows as _;
use super::volunteer::rows::VolunteerRows as _;
use crate::domain::team::{Changes, Membership, MembershipState, NewTeam, Team};
use crate::domain::volunteer::{fit, serves};
use crate::store::team::{Filter, MembershipFilter, TeamStore};
use rows::{MembershipRow, TeamRows as _, read};

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl TeamStore for Sql<Db> {
    async fn team(&self, id: &str) -> Result<Option<Team>, Error> {
        Ok(self.db.reads().acquire().await?.team(id).await?)
    }

    async fn teams(&self, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Team>, Error> {
        let within = filter.within.as_ref().map_or("", Code::as_str);
        let found: Vec<String> = sqlx::query_scalar(
            "SELECT state FROM teams WHERE id > $1 AND division_code >= $2 AND division_code < $3 \
               AND ($4 = '' OR post = $4) AND ($5 = '' OR leader = $5) \
               AND ($6 IS NULL OR (effective_from <= $6 AND (effective_to IS NULL OR effective_to > $6))) \
             ORDER BY id LIMIT $7",
        )
        .bind(after)
        .bind(within)
        .bind(range_end(within))
        .bind(filter.post.as_deref().unwrap_or(""))
        .bind(filter.leader.as_deref().unwrap_or(""))
        .bind(filter.on)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(found.iter().map(|state| read(state)).collect::<Result<_, db::Error>>()?)
    }

    async fn create_teams(&self, change: &Change, news: &[NewTeam]) -> Result<Vec<Team>, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let mut made = Vec::new();
        for new in news {
            if tx.team(&new.id).await?.is_some() {
                return Err(Refusal::exists(format!("team {}", new.id)).into());
            }
            let post = tx.post(&new.post).await?;
            post.ok_or_else(|| Refusal::missing(format!("post {}", new.post)))?.in_force(new.from)?;
            let team = Team::begun(new, change.now);
            // The leader must be there before the team can name them.
            tx.check_leader(&team).await?;
            tx.insert_team(&team).await?;
            tx.append(change, &[event("TeamCreated", &team)]).await?;
            tx.join_leader(change, &team).await?;
            made.push(team);
        }
        tx.remember(change, &made).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn update_team(
        &self,
        change: &Change,
        id: &str,
        changes: Changes,
        version: Option<i64>,
    ) -> Result<Team, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let there = tx.lock_team(id).await?.ok_or_else(|| missing(id))?;
        if version.is_some_and(|version| version != there.version) {
            return Err(Refusal::stale().into());
        }
        let new = there.changed(changes, change.now)?;
        tx.check_leader(&new).await?;
        tx.update_team_row(&new).await?;
        tx.append(change, &[event("TeamUpdated", &new)]).await?;
        tx.join_leader(change, &new).await?;
        tx.remember(change, &new).await?;
        tx.commit().await?;
        self.committed();
        Ok(new)
    }

    async fn end_team(&self, change: &Change, id: &str, day: NaiveDate) -> Result<Team, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let there = tx.lock_team(id).await?.ok_or_else(|| missing(id))?;
        let ended = there.ended(day, change.now)?;
        tx.update_team_row(&ended).await?;
        tx.append(change, &[event("TeamEnded", &ended)]).await?;
        tx.remember(change, &ended).await?;
        tx.commit().await?;
        self.committed();
        Ok(ended)
    }

    async fn is_member(&self, team: &str, volunteer: &str) -> Result<bool, Error> {
        Ok(self.db.reads().acquire().await?.is_member(team, volunteer).await?)
    }

    async fn leads_volunteer(&self, leader: &str, volunteer: &str, day: NaiveDate) -> Result<bool, Error> {
        let count: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM teams t JOIN memberships m ON m.team = t.id \
             WHERE t.leader = $1 AND m.volunteer = $2 AND m.status IN ('requested', 'active') \
               AND t.effective_from <= $3 AND (t.effective_to IS NULL OR t.effective_to > $3)",
        )
        .bind(leader)
        .bind(volunteer)
        .bind(day)
        .fetch_one(self.db.reads())
        .await?;
        Ok(count > 0)
    }

    async fn membership(&self, team: &str, id: Uuid) -> Result<Option<Membership>, Error> {
        Ok(self.db.reads().acquire().await?.membership(team, id).await?)
    }

    async fn memberships(
        &self,
        filter: &MembershipFilter,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Membership>, Error> {
        // Ids are of version 7, which grow with time.
        let found: Vec<MembershipRow> = sqlx::query_as(
            "SELECT id, team, volunteer, status, reason, decider, version, create_time, update_time FROM memberships \
             WHERE ($1 IS NULL OR id > $1) AND ($2 = '' OR team = $2) AND ($3 = '' OR volunteer = $3) \
               AND ($4 = '' OR status = $4) ORDER BY id LIMIT $5",
        )
        .bind(after)
        .bind(filter.team.as_deref().unwrap_or(""))
        .bind(filter.volunteer.as_deref().unwrap_or(""))
        .bind(filter.state.map_or("", MembershipState::as_str))
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(found.into_iter().map(Membership::try_from).collect::<Result<_, _>>()?)
    }

    async fn request_membership(
        &self,
        change: &Change,
        team: &str,
        volunteer: &str,
        today: NaiveDate,
    ) -> Result<Membership, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let there = tx.lock_team(team).await?.ok_or_else(|| missing(team))?;
        there.in_force(today)?;
        let who = tx.volunteer(volunteer).await?;
        serves(&who.ok_or_else(|| Refusal::missing(format!("volunteer {volunteer}")))?)?;
        if tx.open_membership(team, volunteer).await?.is_some() {
            return Err(Refusal::exists("a membership, or a request for one").into());
        }
        let asked = Membership::begun(team, volunteer, MembershipState::Requested, &change.actor, change.now);
        tx.insert_membership(&asked).await?;
        tx.append(change, &[membership_event("MembershipRequested", &there, &asked)]).await?;
        tx.remember(change, &asked).await?;
        tx.commit().await?;
        self.committed();
        Ok(asked)
    }

    async fn move_membership(
        &self,
        change: &Change,
        team: &str,
        id: Uuid,
        to: MembershipState,
        reason: &str,
        today: NaiveDate,
    ) -> Result<Membership, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        // The team's lock stands for those of its memberships.
        let there = tx.lock_team(team).await?.ok_or_else(|| missing(team))?;
        let old = tx.membership(team, id).await?;
        let old = old.ok_or_else(|| Refusal::missing(format!("membership {id} of team {team}")))?;
        let new = old.moved(to, reason, &change.actor, change.now)?;
        let kind = match to {
            MembershipState::Active => {
                there.in_force(today)?;
                let who = tx.volunteer(&old.volunteer).await?;
                let who = who.ok_or_else(|| Refusal::missing(format!("volunteer {}", old.volunteer)))?;
                let post = tx.post(&there.post).await?;
                let post = post.ok_or_else(|| Refusal::missing(format!("post {}", there.post)))?;
                fit(&who, &post, today)?;
                "MembershipApproved"
            }
            MembershipState::Declined => "MembershipDeclined",
            MembershipState::Requested | MembershipState::Ended => {
                if there.leader.as_ref() == Some(&old.volunteer) {
                    let text = "the volunteer leads the team; somebody else must lead it first";
                    return Err(Refusal::rule("LEADS_A_TEAM", text).into());
                }
                "MembershipEnded"
            }
        };
        tx.update_membership(&new).await?;
        tx.append(change, &[membership_event(kind, &there, &new)]).await?;
        tx.remember(change, &new).await?;
        tx.commit().await?;
        self.committed();
        Ok(new)
    }
}

/// What several methods do within a transaction.
#[async_trait::async_trait]
trait TeamWork {
    /// Refuses a leader who is not with the corps.
    async fn check_leader(&mut self, team: &Team) -> Result<(), Error>;
    /// Makes the leader a member, unless they are.
    async fn join_leader(&mut self, change: &Change, team: &Team) -> Result<(), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl TeamWork for Conn {
    async fn check_leader(&mut self, team: &Team) -> Result<(), Error> {
        let Some(leader) = &team.leader else { return Ok(()) };
        let found = self.volunteer(leader).await?;
        Ok(serves(&found.ok_or_else(|| Refusal::missing(format!("volunteer {leader}")))?)?)
    }

    async fn join_leader(&mut self, change: &Change, team: &Team) -> Result<(), Error> {
        let Some(leader) = &team.leader else { return Ok(()) };
        let joined = match self.open_membership(&team.id, leader).await? {
            Some(there) if there.state == MembershipState::Active => return Ok(()),
            Some(asked) => {
                let joined = asked.moved(MembershipState::Active, "", &change.actor, change.now)?;
                self.update_membership(&joined).await?;
                joined
            }
            None => {
                let (by, now) = (&change.actor, change.now);
                let joined = Membership::begun(&team.id, leader, MembershipState::Active, by, now);
                self.insert_membership(&joined).await?;
                joined
            }
        };
        Ok(self.append(change, &[membership_event("MembershipApproved", team, &joined)]).await?)
    }
}

fn missing(id: &str) -> Error {
    Refusal::missing(format!("team {id}")).into()
}

fn event(kind: &'static str, team: &Team) -> NewEvent {
    NewEvent {
        kind,
        subject: format!("teams/{}", team.id),
        division_code: team.home.to_string(),
        payload: json!({
            "display_name": team.display_name,
            "post": format!("posts/{}", team.post),
            "version": team.version,
            "effective_from": team.effective.from,
            "effective_to": team.effective.to,
        }),
    }
}

/// What happened to a membership of a team.
pub(super) fn membership_event(kind: &'static str, team: &Team, membership: &Membership) -> NewEvent {
    NewEvent {
        kind,
        subject: format!("teams/{}/memberships/{}", team.id, membership.id),
        division_code: team.home.to_string(),
        payload: json!({"volunteer": format!("volunteers/{}", membership.volunteer)}),
    }
}
