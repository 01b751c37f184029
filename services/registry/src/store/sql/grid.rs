//! Grids in SQL.
//!
//! Whatever begins a grid or draws a boundary takes the one lock first ([`GridRows::lock_grids`]). Locking the village, the
//! town or the county would not do: a boundary may reach over any of their borders, and two neighbours that are drawn
//! at the same time, each under its own lock, would not see each other. Such changes are a few a day, and one lock
//! passes hundreds a second.

mod row;
mod rows;

use std::sync::Arc;

use chrono::NaiveDate;
use futures::TryStreamExt as _;
use minqing_platform::db::{Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _};
use minqing_platform::status::Violation;
use sqlx::QueryBuilder;
use trait_gen::trait_gen;

use super::Sql;
use super::division::anywhere;
use crate::domain::geo::{self, Boundary};
use crate::domain::grid::{self, Grid, NewGrid, Update};
use crate::domain::grid_file::{Fault, File};
use crate::domain::grid_import::{self, Plan};
use crate::store::grid::{Filter, GridStore, Imported, Merge, POSITIONS_A_PAGE, Split};
use minqing_platform::code::Code;
use row::{Row, columns};
pub(super) use rows::GridRows;

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl GridStore for Sql<Db> {
    async fn grid(&self, code: &Code) -> Result<Option<Grid>, Error> {
        let row: Option<Row> =
            sqlx::query_as(concat!("SELECT ", columns!(), ", boundary FROM grids WHERE code = $1"))
                .bind(code.as_str())
                .fetch_optional(self.db.reads())
                .await?;
        Ok(row.map(Grid::try_from).transpose()?)
    }

    async fn grids_of(&self, codes: &[Code]) -> Result<Vec<Grid>, Error> {
        if codes.is_empty() {
            return Ok(Vec::new());
        }
        let mut query =
            QueryBuilder::new(concat!("SELECT ", columns!(), ", boundary FROM grids WHERE code IN ("));
        let mut list = query.separated(", ");
        for code in codes {
            list.push_bind(code.to_string());
        }
        query.push(") ORDER BY code");
        let rows: Vec<Row> = query.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(rows.into_iter().map(Grid::try_from).collect::<Result<_, _>>()?)
    }

    async fn grids(&self, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Grid>, Error> {
        let within = filter.within.as_ref().map_or("", Code::as_str);
        let mut rows = sqlx::query_as::<_, Row>(concat!(
            "SELECT ",
            columns!(),
            ", CASE WHEN $7 = 1 THEN boundary END AS boundary FROM grids \
             WHERE code > $1 AND code >= $2 AND code < $3 \
               AND ($4 = '' OR lower(display_name) LIKE $4 ESCAPE '\\') \
               AND ($5 IS NULL OR (effective_from <= $5 AND (effective_to IS NULL OR effective_to > $5))) \
             ORDER BY code LIMIT $6"
        ))
        .bind(after)
        .bind(within)
        .bind(minqing_platform::code::range_end(within))
        .bind(if filter.query.is_empty() { String::new() } else { anywhere(&filter.query) })
        .bind(filter.on)
        .bind(limit)
        .bind(i32::from(filter.boundaries))
        .fetch(self.db.reads());
        let (mut found, mut positions) = (Vec::new(), 0);
        while let Some(row) = rows.try_next().await? {
            let grid = Grid::try_from(row)?;
            positions += grid.boundary.as_deref().map_or(0, Boundary::positions);
            found.push(grid);
            if positions > POSITIONS_A_PAGE {
                break;
            }
        }
        Ok(found)
    }

    async fn create_grid(&self, change: &Change, new: &NewGrid, from: NaiveDate) -> Result<Grid, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        tx.lock_grids().await?;
        let begun = tx.begin_grids(change, std::slice::from_ref(new), from).await?;
        let made = begun.into_iter().next().ok_or_else(|| missing(&new.code))?;
        tx.remember(change, &made).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn update_grid(
        &self,
        change: &Change,
        code: &Code,
        update: &Update,
        version: Option<i64>,
    ) -> Result<Grid, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        if update.boundary.is_some() {
            tx.lock_grids().await?;
        }
        let there = tx.lock_grid(code).await?.ok_or_else(|| missing(code))?;
        if version.is_some_and(|version| version != there.version) {
            return Err(Refusal::stale().into());
        }
        let update = update.clone().against(&there);
        grid::may_update(&there, &update)?;
        let changed = if update.is_empty() { there } else { tx.change_grid(change, &there, &update).await? };
        if update.boundary.is_some() {
            tx.refuse_overlaps(&changed.area().into_iter().collect::<Vec<_>>()).await?;
        }
        tx.remember(change, &changed).await?;
        tx.commit().await?;
        self.committed();
        Ok(changed)
    }

    async fn end_grid(&self, change: &Change, code: &Code, day: NaiveDate) -> Result<Grid, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let there = tx.lock_grid(code).await?.ok_or_else(|| missing(code))?;
        let ended = tx.end_locked_grid(change, &there, day, &[]).await?;
        tx.remember(change, &ended).await?;
        tx.commit().await?;
        self.committed();
        Ok(ended)
    }

    async fn split_grid(
        &self,
        change: &Change,
        code: &Code,
        successors: &[NewGrid],
        day: NaiveDate,
    ) -> Result<Split, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        tx.lock_grids().await?;
        let there = tx.lock_grid(code).await?.ok_or_else(|| missing(code))?;
        grid::may_succeed(std::slice::from_ref(code), successors)?;
        let codes: Vec<Code> = successors.iter().map(|new| new.code.clone()).collect();
        // It ends first, so that its successors do not lie over it.
        let ended = tx.end_locked_grid(change, &there, day, &codes).await?;
        let successors = tx.begin_grids(change, successors, day).await?;
        let split = Split { ended, successors };
        tx.remember(change, &split).await?;
        tx.commit().await?;
        self.committed();
        Ok(split)
    }

    async fn merge_grids(
        &self,
        change: &Change,
        codes: &[Code],
        successor: &NewGrid,
        day: NaiveDate,
    ) -> Result<Merge, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        tx.lock_grids().await?;
        grid::may_succeed(codes, std::slice::from_ref(successor))?;
        // One order of locks for all callers: whoever locks several grids for their links cannot wait for this in a ring.
        let mut in_order: Vec<&Code> = codes.iter().collect();
        in_order.sort();
        for code in in_order {
            tx.lock_grid(code).await?;
        }
        let mut ended = Vec::new();
        for code in codes {
            let there = tx.lock_grid(code).await?.ok_or_else(|| missing(code))?;
            let next = std::slice::from_ref(&successor.code);
            ended.push(tx.end_locked_grid(change, &there, day, next).await?);
        }
        let mut successor = successor.clone();
        if successor.boundary.is_none() {
            successor.boundary = together(&ended)?;
        }
        let begun = tx.begin_grids(change, std::slice::from_ref(&successor), day).await?;
        let successor = begun.into_iter().next().ok_or_else(|| missing(&successor.code))?;
        let merge = Merge { ended, successor };
        tx.remember(change, &merge).await?;
        tx.commit().await?;
        self.committed();
        Ok(merge)
    }

    async fn import_grids(
        &self,
        change: &Change,
        files: Arc<[File]>,
        from: NaiveDate,
        validate_only: bool,
    ) -> Result<Imported, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        tx.lock_grids().await?;
        let codes: Vec<Code> =
            files.iter().flat_map(|file| &file.rows).map(|row| row.grid.code.clone()).collect();
        let present = tx.grids_among(codes.clone()).await?;
        let villages = tx.villages_of(&codes).await?;
        let planned = Arc::clone(&files);
        let plan = blocking(move || grid_import::plan(&planned, present, &villages, from))
            .await?
            .map_err(|faults| refused(&faults))?;
        let drawn = Arc::new(plan.drawn(from));
        let near = tx.areas_near(&drawn).await?;
        let (checked, areas) = (Arc::clone(&files), Arc::clone(&drawn));
        blocking(move || grid_import::check_overlaps(&checked, near, &areas))
            .await?
            .map_err(|faults| refused(&faults))?;
        let changed = plan.changed();
        let Plan { create, update, reports } = plan;
        let imported = Imported { reports, changed };
        if validate_only {
            return Ok(imported);
        }
        let begun: Vec<NewGrid> = create.into_values().collect();
        tx.insert_grids(change, &begun, from).await?;
        for (there, update) in update.values() {
            tx.change_grid(change, there, update).await?;
        }
        tx.remember(change, &imported).await?;
        tx.commit().await?;
        self.committed();
        Ok(imported)
    }
}

/// Work that takes long and waits for nothing, off the threads that serve.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.to_string()))
}

/// The areas of grids that merge, as one; none when no grid has one.
fn together(grids: &[Grid]) -> Result<Option<Arc<Boundary>>, Error> {
    let areas: Vec<&Boundary> = grids.iter().filter_map(|grid| grid.boundary.as_deref()).collect();
    if areas.is_empty() {
        return Ok(None);
    }
    let joined = geo::union(areas).map_err(|fault| {
        let text = format!("the areas of the grids make no boundary together ({fault}); give one");
        Violation::new("successor.boundary", "INVALID_BOUNDARY", text)
    })?;
    Ok(Some(Arc::new(joined)))
}

fn missing(code: &Code) -> Error {
    Refusal::missing(format!("grid {code}")).into()
}

/// Faults of a file as an error that names them all.
fn refused(faults: &[Fault]) -> Error {
    faults.iter().map(crate::convert::grid_fault).collect::<Vec<_>>().into()
}
