//! Divisions in SQL.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use super::Sql;
use super::grid::GridRows as _;
use crate::domain::division::{self, Division, NewDivision};
use crate::domain::division_file::{Fault, File};
use crate::domain::division_import::{self, Present, Report};
use crate::domain::known;
use crate::store::division::{DivisionStore, Filter, Split};
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// Rows in one INSERT: eight columns each, far below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 1_000;

#[derive(FromRow)]
struct Row {
    code: String,
    display_name: String,
    effective_from: NaiveDate,
    effective_to: Option<NaiveDate>,
    successors: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Division {
    type Error = db::Error;

    fn try_from(row: Row) -> Result<Self, db::Error> {
        let successors = row.successors.split(',').filter(|code| !code.is_empty()).map(code_of);
        Ok(Self {
            code: code_of(&row.code)?,
            display_name: row.display_name,
            effective: Period { from: row.effective_from, to: row.effective_to },
            successors: successors.collect::<Result<_, _>>()?,
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// A code that was stored.
pub(super) fn code_of(text: &str) -> Result<Code, db::Error> {
    text.parse().map_err(|error: minqing_platform::code::Error| db::Error::Corrupt(error.to_string()))
}

/// A text to be found anywhere by LIKE … ESCAPE '\', in lower case.
pub(super) fn anywhere(text: &str) -> String {
    let text = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{text}%")
}

fn joined(codes: &[Code]) -> String {
    codes.iter().map(Code::as_str).collect::<Vec<_>>().join(",")
}

fn event(kind: &'static str, code: &Code, payload: serde_json::Value) -> NewEvent {
    NewEvent { kind, subject: format!("divisions/{code}"), division_code: code.to_string(), payload }
}

/// Statements on divisions inside a transaction.
#[async_trait::async_trait]
pub(super) trait DivisionRows {
    /// A division, locked until the transaction ends.
    async fn lock_division(&mut self, code: &Code) -> Result<Option<Division>, Error>;
    /// How many divisions and grids below a division are in force on a day or later. No grid begins until the
    /// transaction ends.
    async fn division_parts_from(&mut self, code: &Code, day: NaiveDate) -> Result<i64, Error>;
    async fn insert_divisions(
        &mut self,
        change: &Change,
        news: &[NewDivision],
        from: NaiveDate,
    ) -> Result<(), Error>;
    /// Ends a division that is locked.
    async fn end_locked(
        &mut self,
        change: &Change,
        old: &Division,
        day: NaiveDate,
        successors: &[Code],
    ) -> Result<Division, Error>;
    async fn rename_row(&mut self, change: &Change, code: &Code, name: &str) -> Result<Division, Error>;
    /// The divisions whose codes lie in a range of texts.
    async fn present(&mut self, from: &str, to: &str) -> Result<HashMap<Code, Present>, Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl DivisionRows for Conn {
    async fn lock_division(&mut self, code: &Code) -> Result<Option<Division>, Error> {
        // Writing the row to itself takes its lock on PostgreSQL; on SQLite the transaction holds the only one.
        let row: Option<Row> = sqlx::query_as(
            "UPDATE divisions SET code = code WHERE code = $1 RETURNING code, display_name, effective_from, \
             effective_to, successors, create_time, update_time, version",
        )
        .bind(code.as_str())
        .fetch_optional(&mut *self)
        .await?;
        Ok(row.map(Division::try_from).transpose()?)
    }

    async fn division_parts_from(&mut self, code: &Code, day: NaiveDate) -> Result<i64, Error> {
        self.lock_grids().await?;
        let (parts,): (i64,) = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM divisions WHERE code > $1 AND code < $2 \
                       AND (effective_to IS NULL OR effective_to > $3)) \
                  + (SELECT COUNT(*) FROM grids WHERE code > $1 AND code < $2 \
                       AND (effective_to IS NULL OR effective_to > $3))",
        )
        .bind(code.as_str())
        .bind(code.range_end())
        .bind(day)
        .fetch_one(&mut *self)
        .await?;
        Ok(parts)
    }

    async fn insert_divisions(
        &mut self,
        change: &Change,
        news: &[NewDivision],
        from: NaiveDate,
    ) -> Result<(), Error> {
        for chunk in news.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO divisions (code, level, display_name, effective_from, successors, create_time, update_time, version) ",
            );
            query.push_values(chunk, |mut row, new| {
                row.push_bind(new.code.to_string())
                    .push_bind(i32::try_from(new.code.level().digits()).unwrap_or(0))
                    .push_bind(new.display_name.clone())
                    .push_bind(from)
                    .push_bind("")
                    .push_bind(change.now)
                    .push_bind(change.now)
                    .push_bind(1_i64);
            });
            query.build().execute(&mut *self).await?;
        }
        let created = |new: &NewDivision| {
            let payload = json!({"display_name": new.display_name, "effective_from": from});
            event("DivisionCreated", &new.code, payload)
        };
        let events: Vec<NewEvent> = news.iter().map(created).collect();
        Ok(self.append(change, &events).await?)
    }

    async fn end_locked(
        &mut self,
        change: &Change,
        old: &Division,
        day: NaiveDate,
        successors: &[Code],
    ) -> Result<Division, Error> {
        let parts = self.division_parts_from(&old.code, day).await?;
        division::may_end(old, day, parts)?;
        let row: Row = sqlx::query_as(
            "UPDATE divisions SET effective_to = $2, successors = $3, update_time = $4, version = version + 1 \
             WHERE code = $1 RETURNING code, display_name, effective_from, effective_to, successors, create_time, \
             update_time, version",
        )
        .bind(old.code.as_str())
        .bind(day)
        .bind(joined(successors))
        .bind(change.now)
        .fetch_one(&mut *self)
        .await?;
        let payload = json!({"effective_to": day, "successors": successors});
        self.append(change, &[event("DivisionEnded", &old.code, payload)]).await?;
        Ok(row.try_into()?)
    }

    async fn rename_row(&mut self, change: &Change, code: &Code, name: &str) -> Result<Division, Error> {
        let row: Row = sqlx::query_as(
            "UPDATE divisions SET display_name = $2, update_time = $3, version = version + 1 WHERE code = $1 \
             RETURNING code, display_name, effective_from, effective_to, successors, create_time, update_time, version",
        )
        .bind(code.as_str())
        .bind(name)
        .bind(change.now)
        .fetch_one(&mut *self)
        .await?;
        self.append(change, &[event("DivisionRenamed", code, json!({"display_name": name}))]).await?;
        Ok(row.try_into()?)
    }

    async fn present(&mut self, from: &str, to: &str) -> Result<HashMap<Code, Present>, Error> {
        let rows: Vec<(String, String, Option<NaiveDate>)> = sqlx::query_as(
            "SELECT code, display_name, effective_to FROM divisions WHERE code >= $1 AND code < $2",
        )
        .bind(from)
        .bind(to)
        .fetch_all(&mut *self)
        .await?;
        let known = rows.into_iter().map(|(code, display_name, to)| {
            Ok((code_of(&code)?, Present { display_name, ended: to.is_some() }))
        });
        Ok(known.collect::<Result<_, db::Error>>()?)
    }
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl DivisionStore for Sql<Db> {
    async fn division(&self, code: &Code) -> Result<Option<Division>, Error> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT code, display_name, effective_from, effective_to, successors, create_time, update_time, version \
             FROM divisions WHERE code = $1",
        )
        .bind(code.as_str())
        .fetch_optional(self.db.reads())
        .await?;
        Ok(row.map(Division::try_from).transpose()?)
    }

    async fn divisions_of(&self, codes: &[Code]) -> Result<Vec<Division>, Error> {
        if codes.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::new(
            "SELECT code, display_name, effective_from, effective_to, successors, create_time, update_time, version \
             FROM divisions WHERE code IN (",
        );
        let mut list = query.separated(", ");
        for code in codes {
            list.push_bind(code.to_string());
        }
        query.push(") ORDER BY code");
        let rows: Vec<Row> = query.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(rows.into_iter().map(Division::try_from).collect::<Result<_, _>>()?)
    }

    async fn divisions(&self, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Division>, Error> {
        let below = filter.below.as_ref().map_or("", Code::as_str);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT code, display_name, effective_from, effective_to, successors, create_time, update_time, version \
             FROM divisions \
             WHERE code > $1 AND code > $2 AND code < $3 AND ($4 = 0 OR level = $4) \
               AND ($5 = '' OR lower(display_name) LIKE $5 ESCAPE '\\') \
               AND ($6 IS NULL OR (effective_from <= $6 AND (effective_to IS NULL OR effective_to > $6))) \
             ORDER BY code LIMIT $7",
        )
        .bind(after)
        .bind(below)
        .bind(minqing_platform::code::range_end(below))
        .bind(filter.level.map_or(0, |level| i32::try_from(level.digits()).unwrap_or(0)))
        .bind(if filter.query.is_empty() { String::new() } else { anywhere(&filter.query) })
        .bind(filter.on)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(rows.into_iter().map(Division::try_from).collect::<Result<_, _>>()?)
    }

    async fn create_division(
        &self,
        change: &Change,
        new: &NewDivision,
        from: NaiveDate,
    ) -> Result<Division, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let parent = match new.code.parent() {
            Some(code) => tx.lock_division(&code).await?,
            None => None,
        };
        division::may_begin(new, parent.as_ref(), from)?;
        if tx.lock_division(&new.code).await?.is_some() {
            return Err(Refusal::exists(format!("division {}", new.code)).into());
        }
        tx.insert_divisions(change, std::slice::from_ref(new), from).await?;
        let made = begun(change, new, from);
        tx.remember(change, &made).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn rename_division(
        &self,
        change: &Change,
        code: &Code,
        name: &str,
        version: Option<i64>,
    ) -> Result<Division, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let there = tx.lock_division(code).await?.ok_or_else(|| missing(code))?;
        if version.is_some_and(|version| version != there.version) {
            return Err(Refusal::stale().into());
        }
        let renamed = tx.rename_row(change, code, name).await?;
        tx.remember(change, &renamed).await?;
        tx.commit().await?;
        self.committed();
        Ok(renamed)
    }

    async fn end_division(&self, change: &Change, code: &Code, day: NaiveDate) -> Result<Division, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let there = tx.lock_division(code).await?.ok_or_else(|| missing(code))?;
        let ended = tx.end_locked(change, &there, day, &[]).await?;
        tx.remember(change, &ended).await?;
        tx.commit().await?;
        self.committed();
        Ok(ended)
    }

    async fn split_division(
        &self,
        change: &Change,
        code: &Code,
        successors: &[NewDivision],
        day: NaiveDate,
    ) -> Result<Split, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let there = tx.lock_division(code).await?.ok_or_else(|| missing(code))?;
        division::may_succeed(std::slice::from_ref(code), successors)?;
        for new in successors {
            if tx.lock_division(&new.code).await?.is_some() {
                return Err(Refusal::exists(format!("division {}", new.code)).into());
            }
        }
        let codes: Vec<Code> = successors.iter().map(|new| new.code.clone()).collect();
        let ended = tx.end_locked(change, &there, day, &codes).await?;
        tx.insert_divisions(change, successors, day).await?;
        let successors = successors.iter().map(|new| begun(change, new, day)).collect();
        let split = Split { ended, successors };
        tx.remember(change, &split).await?;
        tx.commit().await?;
        self.committed();
        Ok(split)
    }

    async fn merge_divisions(
        &self,
        change: &Change,
        codes: &[Code],
        successor: &NewDivision,
        day: NaiveDate,
    ) -> Result<Division, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        division::may_succeed(codes, std::slice::from_ref(successor))?;
        if tx.lock_division(&successor.code).await?.is_some() {
            return Err(Refusal::exists(format!("division {}", successor.code)).into());
        }
        // One order of locks for all callers: two merges of the same divisions cannot wait for each other.
        let mut codes = codes.to_vec();
        codes.sort();
        for code in &codes {
            let there = tx.lock_division(code).await?.ok_or_else(|| missing(code))?;
            tx.end_locked(change, &there, day, std::slice::from_ref(&successor.code)).await?;
        }
        tx.insert_divisions(change, std::slice::from_ref(successor), day).await?;
        let made = begun(change, successor, day);
        tx.remember(change, &made).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn import_divisions(
        &self,
        change: &Change,
        files: &[File],
        day: NaiveDate,
        validate_only: bool,
    ) -> Result<Vec<Report>, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let codes = || files.iter().flat_map(|file| &file.rows).map(|row| &row.code);
        let Some((least, greatest)) = codes().min().zip(codes().max()) else {
            return Ok(division_import::plan(files, &HashMap::new(), |_| None).map_err(fault)?.reports);
        };
        // From the province of the least code, so that whatever lies above is among what is present.
        let least = least.ancestors().last().unwrap_or_else(|| least.clone());
        let present = tx.present(least.as_str(), &greatest.range_end()).await?;
        let plan = division_import::plan(files, &present, known::name).map_err(fault)?;
        if validate_only {
            return Ok(plan.reports);
        }
        let news: Vec<NewDivision> =
            plan.create.into_iter().map(|(code, display_name)| NewDivision { code, display_name }).collect();
        tx.insert_divisions(change, &news, day).await?;
        for (code, name) in &plan.rename {
            tx.rename_row(change, code, name).await?;
        }
        tx.remember(change, &plan.reports).await?;
        tx.commit().await?;
        self.committed();
        Ok(plan.reports)
    }
}

fn missing(code: &Code) -> Error {
    Refusal::missing(format!("division {code}")).into()
}

fn fault(fault: Fault) -> Error {
    crate::convert::fault(&fault).into()
}

fn begun(change: &Change, new: &NewDivision, from: NaiveDate) -> Division {
    Division {
        code: new.code.clone(),
        display_name: new.display_name.clone(),
        effective: Period::since(from),
        successors: Vec::new(),
        create_time: change.now,
        update_time: change.now,
        version: 1,
    }
}
