//! Reading all that is kept of hours and needs.

use chrono::{DateTime, Utc};
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::Error;
use sqlx::FromRow;
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Sql;
use super::certificate::rows::{CertificateRows as _, read};
use super::need::NeedRows as _;
use crate::domain::certificate::Certificate;
use crate::domain::hour::Total;
use crate::domain::need::Recorded;
use crate::store::check::{CheckStore, NeedColumns, StoredCertificate, StoredNeed};

/// The longest history that is read.
const HISTORY_MAX: i64 = 100_000;

#[derive(FromRow)]
struct NeedRow {
    seq: i64,
    id: Uuid,
    version: i64,
    status: String,
    source: String,
    raiser: String,
    division_code: String,
    post: String,
    team: String,
    assignment: Option<String>,
    due_time: Option<DateTime<Utc>>,
    answer_refused: bool,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    state: String,
}

impl NeedRow {
    fn beside(self, history: Vec<Recorded>) -> Result<StoredNeed, db::Error> {
        let need =
            serde_json::from_str(&self.state).map_err(|error| db::Error::Corrupt(error.to_string()))?;
        let columns = NeedColumns {
            id: self.id,
            version: self.version,
            status: self.status,
            source: self.source,
            raiser: self.raiser,
            division_code: self.division_code,
            post: self.post,
            team: self.team,
            assignment: self.assignment,
            due: self.due_time,
            answer_refused: self.answer_refused,
            create_time: self.create_time,
            update_time: self.update_time,
        };
        Ok(StoredNeed { seq: self.seq, need, history, columns })
    }
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl CheckStore for Sql<Db> {
    async fn hour_totals_after(&self, volunteer: &str, limit: i64) -> Result<Vec<(String, Total)>, Error> {
        let found: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT volunteer, minutes, times FROM hour_totals WHERE volunteer > $1 ORDER BY volunteer LIMIT $2",
        )
        .bind(volunteer)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        let total = |(volunteer, minutes, times)| (volunteer, Total { minutes, times });
        Ok(found.into_iter().map(total).collect())
    }

    async fn stored_needs_after(&self, seq: i64, limit: i64) -> Result<Vec<StoredNeed>, Error> {
        let mut reads = self.db.reads().acquire().await?;
        let rows: Vec<NeedRow> = sqlx::query_as(
            "SELECT seq, id, version, status, source, raiser, division_code, post, team, assignment, due_time, \
             answer_refused, create_time, update_time, state FROM needs WHERE seq > $1 ORDER BY seq LIMIT $2",
        )
        .bind(seq)
        .bind(limit)
        .fetch_all(&mut *reads)
        .await?;
        let mut stored = Vec::with_capacity(rows.len());
        for row in rows {
            let history = reads.need_events(row.id, 0, HISTORY_MAX).await?;
            stored.push(row.beside(history)?);
        }
        Ok(stored)
    }

    async fn team_loads_after(&self, team: &str, limit: i64) -> Result<Vec<(String, i64)>, Error> {
        let found =
            sqlx::query_as("SELECT team, needs FROM team_loads WHERE team > $1 ORDER BY team LIMIT $2")
                .bind(team)
                .bind(limit)
                .fetch_all(self.db.reads())
                .await?;
        Ok(found)
    }

    async fn stored_certificates_after(
        &self,
        number: &str,
        limit: i64,
    ) -> Result<Vec<StoredCertificate>, Error> {
        let mut reads = self.db.reads().acquire().await?;
        let rows: Vec<(String, String, String, String)> = sqlx::query_as(
            "SELECT number, volunteer, division_code, content FROM certificates WHERE number > $1 \
             ORDER BY number LIMIT $2",
        )
        .bind(number)
        .bind(limit)
        .fetch_all(&mut *reads)
        .await?;
        let mut stored = Vec::with_capacity(rows.len());
        for (number, volunteer, division_code, content) in rows {
            let certificate: Certificate = read(&content)?;
            let entries =
                reads.certified_hours(&volunteer, &certificate.content, certificate.chain_seq).await?;
            stored.push(StoredCertificate { number, volunteer, division_code, certificate, entries });
        }
        Ok(stored)
    }

    async fn certificate_years(&self) -> Result<Vec<(i64, i64)>, Error> {
        let years = sqlx::query_as("SELECT year, count FROM certificate_years ORDER BY year");
        Ok(years.fetch_all(self.db.reads()).await?)
    }
}
