//! Reading all that is kept of cases.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::Error;
use sqlx::{FromRow, QueryBuilder};
use trait_gen::trait_gen;

use super::Sql;
use super::case::CaseRows as _;
use crate::store::check::{CheckStore, Columns, Stored, StoredPart};

/// The longest history that is read.
const HISTORY_MAX: i64 = 100_000;

#[derive(FromRow)]
struct Row {
    seq: i64,
    number: String,
    version: i64,
    status: String,
    kind: String,
    door: String,
    division_code: String,
    item: String,
    owner_organization: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    state: String,
}

#[derive(FromRow)]
struct PartRow {
    case_number: String,
    id: i64,
    organization: String,
    status: String,
    start_time: DateTime<Utc>,
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl CheckStore for Sql<Db> {
    async fn stored_after(&self, seq: i64, limit: i64) -> Result<Vec<Stored>, Error> {
        let mut reads = self.db.reads().acquire().await?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT seq, number, version, status, kind, door, division_code, item, owner_organization, create_time, \
             update_time, state FROM cases WHERE seq > $1 ORDER BY seq LIMIT $2",
        )
        .bind(seq)
        .bind(limit)
        .fetch_all(&mut *reads)
        .await?;
        let mut parts: HashMap<String, Vec<StoredPart>> = HashMap::new();
        if !rows.is_empty() {
            let mut query = QueryBuilder::new(
                "SELECT case_number, id, organization, status, start_time FROM assignments WHERE case_number IN (",
            );
            let mut numbers = query.separated(", ");
            for row in &rows {
                numbers.push_bind(row.number.clone());
            }
            query.push(") ORDER BY case_number, id");
            let found: Vec<PartRow> = query.build_query_as().fetch_all(&mut *reads).await?;
            for PartRow { case_number, id, organization, status, start_time } in found {
                let part = StoredPart { id, organization, status, start_time };
                parts.entry(case_number).or_default().push(part);
            }
        }
        let mut stored = Vec::with_capacity(rows.len());
        for row in rows {
            let case = serde_json::from_str(&row.state)
                .map_err(|error| db::Error::Corrupt(format!("case {}: {error}", row.number)))?;
            stored.push(Stored {
                seq: row.seq,
                case,
                history: reads.case_events(&row.number, 0, HISTORY_MAX).await?,
                parts: parts.remove(&row.number).unwrap_or_default(),
                columns: Columns {
                    number: row.number,
                    version: row.version,
                    status: row.status,
                    kind: row.kind,
                    door: row.door,
                    division_code: row.division_code,
                    item: row.item,
                    owner_organization: row.owner_organization,
                    create_time: row.create_time,
                    update_time: row.update_time,
                },
            });
        }
        Ok(stored)
    }
}
