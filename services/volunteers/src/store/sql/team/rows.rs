//! Statements on teams and memberships on one connection.

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::db;
use sqlx::{FromRow, PgConnection, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use crate::domain::team::{Membership, Team};

/// A team as it is kept.
pub(super) fn read(state: &str) -> Result<Team, db::Error> {
    serde_json::from_str(state).map_err(corrupt)
}

fn corrupt(error: serde_json::Error) -> db::Error {
    db::Error::Corrupt(error.to_string())
}

#[derive(FromRow)]
pub(super) struct MembershipRow {
    id: Uuid,
    team: String,
    volunteer: String,
    status: String,
    reason: String,
    decider: String,
    version: i64,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
}

impl TryFrom<MembershipRow> for Membership {
    type Error = db::Error;

    fn try_from(row: MembershipRow) -> Result<Self, db::Error> {
        Ok(Self {
            id: row.id,
            team: row.team,
            volunteer: row.volunteer,
            state: row.status.parse().map_err(db::Error::Corrupt)?,
            reason: row.reason,
            decider: row.decider,
            version: row.version,
            create_time: row.create_time,
            update_time: row.update_time,
        })
    }
}

/// Teams, on a connection: within a transaction or for reading.
#[async_trait::async_trait]
pub(in crate::store::sql) trait TeamRows {
    /// One team.
    async fn team(&mut self, id: &str) -> Result<Option<Team>, db::Error>;
    /// One team, locked until the transaction ends.
    async fn lock_team(&mut self, id: &str) -> Result<Option<Team>, db::Error>;
    /// Whether a volunteer belongs to a team.
    async fn is_member(&mut self, team: &str, volunteer: &str) -> Result<bool, db::Error>;
    /// Whether a volunteer leads a team that has not ended on a day.
    async fn leads_any(&mut self, volunteer: &str, day: NaiveDate) -> Result<bool, db::Error>;
    /// Writes a new team.
    async fn insert_team(&mut self, team: &Team) -> Result<(), db::Error>;
    /// Writes a team that is locked.
    async fn update_team_row(&mut self, team: &Team) -> Result<(), db::Error>;
    /// One membership.
    async fn membership(&mut self, team: &str, id: Uuid) -> Result<Option<Membership>, db::Error>;
    /// What a volunteer has of a team, or asked for.
    async fn open_membership(&mut self, team: &str, volunteer: &str)
    -> Result<Option<Membership>, db::Error>;
    /// Writes a new membership.
    async fn insert_membership(&mut self, membership: &Membership) -> Result<(), db::Error>;
    /// Writes a membership of a team that is locked.
    async fn update_membership(&mut self, membership: &Membership) -> Result<(), db::Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl TeamRows for Conn {
    async fn team(&mut self, id: &str) -> Result<Option<Team>, db::Error> {
        let found: Option<String> = sqlx::query_scalar("SELECT state FROM teams WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut *self)
            .await?;
        found.as_deref().map(read).transpose()
    }

    async fn lock_team(&mut self, id: &str) -> Result<Option<Team>, db::Error> {
        // Writing the row to itself takes its lock on PostgreSQL; on SQLite the transaction holds the only one.
        sqlx::query("UPDATE teams SET version = version WHERE id = $1").bind(id).execute(&mut *self).await?;
        self.team(id).await
    }

    async fn is_member(&mut self, team: &str, volunteer: &str) -> Result<bool, db::Error> {
        let count: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM memberships WHERE team = $1 AND volunteer = $2 AND status = 'active'",
        )
        .bind(team)
        .bind(volunteer)
        .fetch_one(&mut *self)
        .await?;
        Ok(count > 0)
    }

    async fn leads_any(&mut self, volunteer: &str, day: NaiveDate) -> Result<bool, db::Error> {
        let count: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM teams WHERE leader = $1 AND (effective_to IS NULL OR effective_to > $2)",
        )
        .bind(volunteer)
        .bind(day)
        .fetch_one(&mut *self)
        .await?;
        Ok(count > 0)
    }

    async fn insert_team(&mut self, team: &Team) -> Result<(), db::Error> {
        sqlx::query(
            "INSERT INTO teams (id, version, post, division_code, leader, effective_from, effective_to, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&team.id)
        .bind(team.version)
        .bind(&team.post)
        .bind(team.home.as_str())
        .bind(team.leader.as_deref())
        .bind(team.effective.from)
        .bind(team.effective.to)
        .bind(serde_json::to_string(team).map_err(corrupt)?)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn update_team_row(&mut self, team: &Team) -> Result<(), db::Error> {
        sqlx::query(
            "UPDATE teams SET version = $2, leader = $3, effective_to = $4, state = $5 WHERE id = $1",
        )
        .bind(&team.id)
        .bind(team.version)
        .bind(team.leader.as_deref())
        .bind(team.effective.to)
        .bind(serde_json::to_string(team).map_err(corrupt)?)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn membership(&mut self, team: &str, id: Uuid) -> Result<Option<Membership>, db::Error> {
        let found: Option<MembershipRow> = sqlx::query_as(
            "SELECT id, team, volunteer, status, reason, decider, version, create_time, update_time FROM memberships \
             WHERE team = $1 AND id = $2",
        )
        .bind(team)
        .bind(id)
        .fetch_optional(&mut *self)
        .await?;
        found.map(Membership::try_from).transpose()
    }

    async fn open_membership(
        &mut self,
        team: &str,
        volunteer: &str,
    ) -> Result<Option<Membership>, db::Error> {
        let found: Option<MembershipRow> = sqlx::query_as(
            "SELECT id, team, volunteer, status, reason, decider, version, create_time, update_time FROM memberships \
             WHERE team = $1 AND volunteer = $2 AND status IN ('requested', 'active')",
        )
        .bind(team)
        .bind(volunteer)
        .fetch_optional(&mut *self)
        .await?;
        found.map(Membership::try_from).transpose()
    }

    async fn insert_membership(&mut self, membership: &Membership) -> Result<(), db::Error> {
        sqlx::query(
            "INSERT INTO memberships (id, team, volunteer, status, reason, decider, version, create_time, update_time) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(membership.id)
        .bind(&membership.team)
        .bind(&membership.volunteer)
        .bind(membership.state.as_str())
        .bind(&membership.reason)
        .bind(&membership.decider)
        .bind(membership.version)
        .bind(membership.create_time)
        .bind(membership.update_time)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn update_membership(&mut self, membership: &Membership) -> Result<(), db::Error> {
        sqlx::query(
            "UPDATE memberships SET status = $2, reason = $3, decider = $4, version = $5, update_time = $6 WHERE id = $1",
        )
        .bind(membership.id)
        .bind(membership.state.as_str())
        .bind(&membership.reason)
        .bind(&membership.decider)
        .bind(membership.version)
        .bind(membership.update_time)
        .execute(&mut *self)
        .await?;
        Ok(())
    }
}
