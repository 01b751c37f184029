//! Records of access in SQL.

use chrono::{DateTime, Utc};
use minqing_platform::code::Code;
use minqing_platform::db::{Postgres, Sqlite};
use minqing_platform::error::Error;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Sql;
use crate::domain::access::Access;
use crate::store::access::AccessStore;

/// Rows in one INSERT: six columns each, far below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 1_000;

#[derive(FromRow)]
struct Row {
    id: Uuid,
    subject: String,
    actor: String,
    purpose: String,
    fields: String,
    occur_time: DateTime<Utc>,
}

impl From<Row> for Access {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            subject: row.subject,
            actor: row.actor,
            purpose: row.purpose,
            fields: row.fields.split(',').filter(|field| !field.is_empty()).map(ToOwned::to_owned).collect(),
            occur_time: row.occur_time,
        }
    }
}

/// Statements on records of access inside a transaction.
#[async_trait::async_trait]
pub(super) trait AccessRows {
    /// Adds records.
    async fn insert_accesses(&mut self, records: &[Access]) -> Result<(), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl AccessRows for Conn {
    async fn insert_accesses(&mut self, records: &[Access]) -> Result<(), Error> {
        for chunk in records.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO access_records (id, subject, actor, purpose, fields, occur_time) ",
            );
            query.push_values(chunk, |mut row, record| {
                row.push_bind(record.id)
                    .push_bind(record.subject.clone())
                    .push_bind(record.actor.clone())
                    .push_bind(record.purpose.clone())
                    .push_bind(record.fields.join(","))
                    .push_bind(record.occur_time);
            });
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl AccessStore for Sql<Db> {
    async fn record_access(&self, records: &[Access]) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        tx.insert_accesses(records).await?;
        Ok(tx.commit().await?)
    }

    async fn access_records(
        &self,
        subject: &str,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Access>, Error> {
        // Ids are of version 7, which grow with time.
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, subject, actor, purpose, fields, occur_time FROM access_records \
             WHERE subject = $1 AND ($2 IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        )
        .bind(subject)
        .bind(after)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(rows.into_iter().map(Access::from).collect())
    }

    async fn access_records_within(
        &self,
        division: &Code,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Access>, Error> {
        // Names of divisions are in the order of their codes.
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, subject, actor, purpose, fields, occur_time FROM access_records \
             WHERE subject >= $1 AND subject < $2 AND ($3 IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
        )
        .bind(format!("divisions/{division}"))
        .bind(format!("divisions/{}", division.range_end()))
        .bind(after)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(rows.into_iter().map(Access::from).collect())
    }
}
