//! Statements on volunteers on one connection.

use chrono::{DateTime, Utc};
use minqing_platform::db;
use sqlx::{FromRow, PgConnection, SqliteConnection};
use trait_gen::trait_gen;

use crate::domain::volunteer::{Record, Volunteer};

#[derive(FromRow)]
pub(super) struct RecordRow {
    state: String,
    sealed: Vec<u8>,
}

impl RecordRow {
    pub(super) fn whole(self) -> Result<Record, db::Error> {
        Ok(Record { volunteer: read(&self.state)?, sealed: self.sealed })
    }
}

fn read(state: &str) -> Result<Volunteer, db::Error> {
    serde_json::from_str(state).map_err(corrupt)
}

fn corrupt(error: serde_json::Error) -> db::Error {
    db::Error::Corrupt(error.to_string())
}

/// Volunteers, on a connection: within a transaction or for reading.
#[async_trait::async_trait]
pub(in crate::store::sql) trait VolunteerRows {
    /// One volunteer, by the number.
    async fn volunteer(&mut self, number: &str) -> Result<Option<Volunteer>, db::Error>;
    /// One volunteer, by the account (`people/x` or `issuer#subject`).
    async fn volunteer_of_account(&mut self, account: &str) -> Result<Option<Volunteer>, db::Error>;
    /// One volunteer with what is sealed.
    async fn volunteer_record(&mut self, number: &str) -> Result<Option<Record>, db::Error>;
    /// One volunteer, locked until the transaction ends.
    async fn lock_volunteer(&mut self, number: &str) -> Result<Option<Record>, db::Error>;
    /// Whether somebody has this identity number or account.
    async fn is_registered(
        &mut self,
        identity_index: &[u8],
        account: Option<&str>,
    ) -> Result<bool, db::Error>;
    /// Writes a new volunteer.
    async fn insert_volunteer(&mut self, record: &Record, identity_index: &[u8]) -> Result<(), db::Error>;
    /// Writes a volunteer who is locked, with another identity number where one is given.
    async fn update_volunteer(
        &mut self,
        record: &Record,
        identity_index: Option<&[u8]>,
    ) -> Result<(), db::Error>;
    /// Ends whatever memberships a volunteer has or asked for.
    async fn end_memberships(&mut self, number: &str, by: &str, now: DateTime<Utc>) -> Result<(), db::Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl VolunteerRows for Conn {
    async fn volunteer(&mut self, number: &str) -> Result<Option<Volunteer>, db::Error> {
        let found: Option<String> = sqlx::query_scalar("SELECT state FROM volunteers WHERE number = $1")
            .bind(number)
            .fetch_optional(&mut *self)
            .await?;
        found.as_deref().map(read).transpose()
    }

    async fn volunteer_of_account(&mut self, account: &str) -> Result<Option<Volunteer>, db::Error> {
        let found: Option<String> = sqlx::query_scalar("SELECT state FROM volunteers WHERE account = $1")
            .bind(account)
            .fetch_optional(&mut *self)
            .await?;
        found.as_deref().map(read).transpose()
    }

    async fn volunteer_record(&mut self, number: &str) -> Result<Option<Record>, db::Error> {
        let found: Option<RecordRow> =
            sqlx::query_as("SELECT state, sealed FROM volunteers WHERE number = $1")
                .bind(number)
                .fetch_optional(&mut *self)
                .await?;
        found.map(RecordRow::whole).transpose()
    }

    async fn lock_volunteer(&mut self, number: &str) -> Result<Option<Record>, db::Error> {
        // Writing the row to itself takes its lock on PostgreSQL; on SQLite the transaction holds the only one.
        sqlx::query("UPDATE volunteers SET version = version WHERE number = $1")
            .bind(number)
            .execute(&mut *self)
            .await?;
        self.volunteer_record(number).await
    }

    async fn is_registered(
        &mut self,
        identity_index: &[u8],
        account: Option<&str>,
    ) -> Result<bool, db::Error> {
        let count: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM volunteers WHERE identity_index = $1 OR account = $2")
                .bind(identity_index)
                .bind(account)
                .fetch_one(&mut *self)
                .await?;
        Ok(count > 0)
    }

    async fn insert_volunteer(&mut self, record: &Record, identity_index: &[u8]) -> Result<(), db::Error> {
        let volunteer = &record.volunteer;
        sqlx::query(
            "INSERT INTO volunteers (number, version, account, identity_index, division_code, status, real_name, \
             create_time, update_time, sealed, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(&volunteer.number)
        .bind(volunteer.version)
        .bind(volunteer.account.as_deref())
        .bind(identity_index)
        .bind(volunteer.home.as_str())
        .bind(volunteer.state.as_str())
        .bind(volunteer.real_name.as_str())
        .bind(volunteer.create_time)
        .bind(volunteer.update_time)
        .bind(&record.sealed)
        .bind(serde_json::to_string(volunteer).map_err(corrupt)?)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn update_volunteer(
        &mut self,
        record: &Record,
        identity_index: Option<&[u8]>,
    ) -> Result<(), db::Error> {
        let volunteer = &record.volunteer;
        sqlx::query(
            "UPDATE volunteers SET version = $2, account = $3, identity_index = COALESCE($4, identity_index), \
             division_code = $5, status = $6, real_name = $7, update_time = $8, sealed = $9, state = $10 \
             WHERE number = $1",
        )
        .bind(&volunteer.number)
        .bind(volunteer.version)
        .bind(volunteer.account.as_deref())
        .bind(identity_index)
        .bind(volunteer.home.as_str())
        .bind(volunteer.state.as_str())
        .bind(volunteer.real_name.as_str())
        .bind(volunteer.update_time)
        .bind(&record.sealed)
        .bind(serde_json::to_string(volunteer).map_err(corrupt)?)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn end_memberships(&mut self, number: &str, by: &str, now: DateTime<Utc>) -> Result<(), db::Error> {
        sqlx::query(
            "UPDATE memberships SET status = 'ended', decider = $2, version = version + 1, update_time = $3 \
             WHERE volunteer = $1 AND status IN ('requested', 'active')",
        )
        .bind(number)
        .bind(by)
        .bind(now)
        .execute(&mut *self)
        .await?;
        Ok(())
    }
}
