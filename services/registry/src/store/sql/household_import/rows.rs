//! Statements of an import inside its transaction: many rows each.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use super::super::division::code_of;
use crate::domain::household_import::{Fault, Record};
use crate::store::household_import::Import;
use minqing_platform::code::Code;

/// Rows in one INSERT. Eight columns of the widest stay far below either database's limit of bind variables, and full
/// statements are always of this one length, so that they are prepared once.
const ROWS_A_STATEMENT: usize = 500;

/// A household to be inserted.
pub(super) struct HouseholdRow {
    pub id: String,
    pub grid: String,
    pub address: String,
    pub resident_count: i32,
    pub head: i32,
    pub source_id: String,
    pub digest: Vec<u8>,
}

/// A resident to be inserted.
pub(super) struct ResidentRow {
    pub household: String,
    pub number: i32,
    pub relation: i32,
    pub sealed: Vec<u8>,
}

/// An identity number to be taken at the end of the import, and where in the import it stands.
pub(super) struct IdentityRow {
    pub index: Vec<u8>,
    pub household: String,
    pub number: i32,
    pub record: i64,
    /// The place of the resident in the record.
    pub place: i32,
}

/// What is known of a household that an earlier import brought.
pub(super) struct Known {
    pub id: String,
    pub digest: Vec<u8>,
    pub grid: Code,
    pub ended: bool,
}

/// Statements of an import inside its transaction.
#[async_trait::async_trait]
pub(super) trait ImportRows {
    /// Makes the tables that hold what can be checked at the end only.
    async fn begin_staging(&mut self) -> Result<(), Error>;
    /// Checks what was staged, takes the identity numbers, and removes the tables.
    async fn end_staging(&mut self) -> Result<(), Error>;
    async fn stage_keys(&mut self, records: &[Record]) -> Result<(), Error>;
    async fn stage_identities(&mut self, rows: Vec<IdentityRow>) -> Result<(), Error>;
    async fn known(&mut self, source: &str, records: &[Record]) -> Result<HashMap<String, Known>, Error>;
    /// Those of some grids that are in force on a day.
    async fn grids_in_force(&mut self, codes: &[&Code], day: NaiveDate) -> Result<HashSet<Code>, Error>;
    async fn insert_households(
        &mut self,
        change: &Change,
        import: &Import,
        rows: Vec<HouseholdRow>,
    ) -> Result<(), Error>;
    async fn insert_residents(
        &mut self,
        change: &Change,
        import: &Import,
        rows: Vec<ResidentRow>,
    ) -> Result<(), Error>;
    async fn set_digest(&mut self, household: &str, digest: &[u8]) -> Result<(), Error>;
}

fn fault(record: i64, field: String, reason: &'static str, message: String) -> Error {
    let record = u64::try_from(record).unwrap_or(0);
    crate::convert::record_fault(&Fault { record, field, reason, message }).into()
}

fn identity_field(place: i32) -> String {
    format!("residents[{place}].identity_number")
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl ImportRows for Conn {
    async fn begin_staging(&mut self) -> Result<(), Error> {
        // Made from the tables they go to, so that the columns have the types of either database.
        sqlx::query(
            "CREATE TEMPORARY TABLE import_identities AS SELECT identity_index, household_id, number, \
             CAST(0 AS BIGINT) AS record, number AS place FROM resident_identities WHERE 1 = 0",
        )
        .execute(&mut *self)
        .await?;
        sqlx::query(
            "CREATE TEMPORARY TABLE import_records AS SELECT source_id, CAST(0 AS BIGINT) AS record FROM households \
             WHERE 1 = 0",
        )
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn end_staging(&mut self) -> Result<(), Error> {
        let twice: Option<(i64, i64)> = sqlx::query_as(
            "SELECT MIN(record), MAX(record) FROM import_records GROUP BY source_id HAVING COUNT(*) > 1 \
             ORDER BY 2 LIMIT 1",
        )
        .fetch_optional(&mut *self)
        .await?;
        if let Some((first, record)) = twice {
            let text = format!("record {first} has the same source_id");
            return Err(fault(record, "source_id".to_owned(), "DUPLICATE_RECORD", text));
        }
        let twice: Option<(Vec<u8>,)> = sqlx::query_as(
            "SELECT identity_index FROM import_identities GROUP BY identity_index HAVING COUNT(*) > 1 \
             ORDER BY MAX(record) LIMIT 1",
        )
        .fetch_optional(&mut *self)
        .await?;
        if let Some((index,)) = twice {
            let places: Vec<(i64, i32)> = sqlx::query_as(
                "SELECT record, place FROM import_identities WHERE identity_index = $1 ORDER BY record, place",
            )
            .bind(index)
            .fetch_all(&mut *self)
            .await?;
            let first = places.first().copied().unwrap_or_default();
            let last = places.last().copied().unwrap_or_default();
            let text = format!("resident {} of record {} has the same identity number", first.1, first.0);
            return Err(fault(last.0, identity_field(last.1), "DUPLICATE_IDENTITY_NUMBER", text));
        }
        let taken: Option<(i64, i32)> = sqlx::query_as(
            "SELECT s.record, s.place FROM import_identities s \
             JOIN resident_identities r ON r.identity_index = s.identity_index ORDER BY s.record, s.place LIMIT 1",
        )
        .fetch_optional(&mut *self)
        .await?;
        if let Some((record, place)) = taken {
            let text = "a resident in force of another household has this identity number".to_owned();
            return Err(fault(record, identity_field(place), "IDENTITY_NUMBER_TAKEN", text));
        }
        // In the order of the hashes: written as they came, each would touch another page of a large index.
        sqlx::query(
            "INSERT INTO resident_identities (identity_index, household_id, number) \
             SELECT identity_index, household_id, number FROM import_identities ORDER BY identity_index",
        )
        .execute(&mut *self)
        .await?;
        sqlx::query("DROP TABLE import_identities").execute(&mut *self).await?;
        sqlx::query("DROP TABLE import_records").execute(&mut *self).await?;
        Ok(())
    }

    async fn stage_keys(&mut self, records: &[Record]) -> Result<(), Error> {
        for chunk in records.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new("INSERT INTO import_records (source_id, record) ");
            query.push_values(chunk, |mut row, record| {
                row.push_bind(record.source_id.clone())
                    .push_bind(i64::try_from(record.number).unwrap_or(i64::MAX));
            });
            query.build().persistent(chunk.len() == ROWS_A_STATEMENT).execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn stage_identities(&mut self, rows: Vec<IdentityRow>) -> Result<(), Error> {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut query = QueryBuilder::new(
                "INSERT INTO import_identities (identity_index, household_id, number, record, place) ",
            );
            let mut count = 0;
            query.push_values(rows.by_ref().take(ROWS_A_STATEMENT), |mut values, row| {
                count += 1;
                values
                    .push_bind(row.index)
                    .push_bind(row.household)
                    .push_bind(row.number)
                    .push_bind(row.record)
                    .push_bind(row.place);
            });
            query.build().persistent(count == ROWS_A_STATEMENT).execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn known(&mut self, source: &str, records: &[Record]) -> Result<HashMap<String, Known>, Error> {
        let mut found = HashMap::new();
        for chunk in records.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "SELECT id, source_id, source_digest, grid_code, effective_to FROM households \
                 WHERE source <> '' AND source = ",
            );
            query.push_bind(source.to_owned()).push(" AND source_id IN (");
            let mut list = query.separated(", ");
            for record in chunk {
                list.push_bind(record.source_id.clone());
            }
            query.push(")");
            // Planned anew each time: PostgreSQL would keep the plan that was best while the table was nearly empty, which
            // reads all of it, and so take five times as long for a city.
            let rows: Vec<(String, String, Vec<u8>, String, Option<NaiveDate>)> =
                query.build_query_as().persistent(false).fetch_all(&mut *self).await?;
            for (id, source_id, digest, grid, to) in rows {
                found.insert(source_id, Known { id, digest, grid: code_of(&grid)?, ended: to.is_some() });
            }
        }
        Ok(found)
    }

    async fn grids_in_force(&mut self, codes: &[&Code], day: NaiveDate) -> Result<HashSet<Code>, Error> {
        let mut query = QueryBuilder::new("SELECT code FROM grids WHERE effective_from <= ");
        query.push_bind(day).push(" AND (effective_to IS NULL OR effective_to > ").push_bind(day);
        query.push(") AND code IN (");
        let mut list = query.separated(", ");
        for code in codes {
            list.push_bind(code.to_string());
        }
        query.push(")");
        let rows: Vec<(String,)> = query.build_query_as().persistent(false).fetch_all(&mut *self).await?;
        Ok(rows.iter().map(|(code,)| code_of(code)).collect::<Result<_, db::Error>>()?)
    }

    async fn insert_households(
        &mut self,
        change: &Change,
        import: &Import,
        rows: Vec<HouseholdRow>,
    ) -> Result<(), Error> {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut query = QueryBuilder::new(
                "INSERT INTO households (id, grid_code, address, address_key, resident_count, head_number, source_id, \
                 source_digest, source, effective_from, create_time, update_time, version) \
                 SELECT column1, column2, column3, column4, column5, column6, column7, column8, ",
            );
            query.push_bind(import.source.clone()).push(", ").push_bind(import.day);
            query.push(", ").push_bind(change.now).push(", ").push_bind(change.now).push(", 1 FROM (");
            let mut count = 0;
            query.push_values(rows.by_ref().take(ROWS_A_STATEMENT), |mut values, row| {
                count += 1;
                let key = crate::domain::address::key(&row.address);
                values
                    .push_bind(row.id)
                    .push_bind(row.grid)
                    .push_bind(row.address)
                    .push_bind(key)
                    .push_bind(row.resident_count)
                    .push_bind(row.head)
                    .push_bind(row.source_id)
                    .push_bind(row.digest);
            });
            query.push(") AS rows");
            query.build().persistent(count == ROWS_A_STATEMENT).execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn insert_residents(
        &mut self,
        change: &Change,
        import: &Import,
        rows: Vec<ResidentRow>,
    ) -> Result<(), Error> {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut query = QueryBuilder::new(
                "INSERT INTO residents (household_id, number, relation, sealed, effective_from, create_time, \
                 update_time, version) SELECT column1, column2, column3, column4, ",
            );
            query.push_bind(import.day).push(", ").push_bind(change.now).push(", ").push_bind(change.now);
            query.push(", 1 FROM (");
            let mut count = 0;
            query.push_values(rows.by_ref().take(ROWS_A_STATEMENT), |mut values, row| {
                count += 1;
                values
                    .push_bind(row.household)
                    .push_bind(row.number)
                    .push_bind(row.relation)
                    .push_bind(row.sealed);
            });
            query.push(") AS rows");
            query.build().persistent(count == ROWS_A_STATEMENT).execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn set_digest(&mut self, household: &str, digest: &[u8]) -> Result<(), Error> {
        sqlx::query("UPDATE households SET source_digest = $2 WHERE id = $1")
            .bind(household)
            .bind(digest)
            .execute(&mut *self)
            .await?;
        Ok(())
    }
}
