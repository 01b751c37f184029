//! Divisions in SQL.

mod rows;

use std::collections::HashMap;

use chrono::NaiveDate;
use minqing_platform::db::{Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _};
use sqlx::QueryBuilder;
use trait_gen::trait_gen;

use super::Sql;
use crate::domain::division::{self, Division, NewDivision};
use crate::domain::division_file::{Fault, File};
use crate::domain::division_import::{self, Report};
use crate::domain::known;
use crate::store::division::{DivisionStore, Filter, Split};
use minqing_platform::code::Code;
use minqing_platform::period::Period;
use rows::{DivisionRows as _, Row};
pub(super) use rows::{anywhere, code_of};

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
