//! Statements on grids inside a transaction.

use std::collections::HashMap;

use chrono::NaiveDate;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use super::super::contact::ContactRows as _;
use super::super::division::code_of;
use super::missing;
use super::row::{AreaRow, Drawn, Row, columns, joined};
use crate::domain::geo::Area;
use crate::domain::grid::{self, Grid, NewGrid, Update};
use minqing_platform::code::{Code, Level};
use minqing_platform::period::Period;

/// Rows in one INSERT: sixteen columns each, below SQLite's limit of 32,766 bind variables.
const ROWS_A_STATEMENT: usize = 1_000;
/// Codes in one list of a SELECT; with more of them, a range of codes is read and sifted.
const CODES_A_STATEMENT: usize = 1_000;

fn event(kind: &'static str, code: &Code, payload: serde_json::Value) -> NewEvent {
    NewEvent { kind, subject: format!("grids/{code}"), division_code: code.to_string(), payload }
}

/// Statements on grids inside a transaction.
#[async_trait::async_trait]
pub(in crate::store::sql) trait GridRows {
    /// Waits until no other transaction begins a grid, draws a boundary, or counts the grids of a division that ends.
    /// Taken before any other lock of grids.
    async fn lock_grids(&mut self) -> Result<(), Error>;
    /// A grid, locked until the transaction ends.
    async fn lock_grid(&mut self, code: &Code) -> Result<Option<Grid>, Error>;
    /// Those of the grids that exist.
    async fn grids_among(&mut self, codes: Vec<Code>) -> Result<HashMap<Code, Grid>, Error>;
    /// The villages of grids, and the days on which they are in force.
    async fn villages_of(&mut self, grids: &[Code]) -> Result<HashMap<Code, Period>, Error>;
    /// The areas whose rectangles meet the rectangle around some areas, on the days from the first of theirs.
    async fn areas_near(&mut self, areas: &[Area]) -> Result<Vec<Area>, Error>;
    /// Refuses areas, already written, that lie over each other or over others.
    async fn refuse_overlaps(&mut self, areas: &[Area]) -> Result<(), Error>;
    /// Begins grids, after all rules are checked. The grids must be locked.
    async fn begin_grids(
        &mut self,
        change: &Change,
        news: &[NewGrid],
        from: NaiveDate,
    ) -> Result<Vec<Grid>, Error>;
    /// Writes grids that begin, and their events. Nothing is checked.
    async fn insert_grids(&mut self, change: &Change, news: &[NewGrid], from: NaiveDate)
    -> Result<(), Error>;
    /// Changes a grid that is locked. Nothing is checked.
    async fn change_grid(&mut self, change: &Change, old: &Grid, update: &Update) -> Result<Grid, Error>;
    /// Ends a grid that is locked, and with it its contact links. Whatever ends with a grid ends here.
    async fn end_locked_grid(
        &mut self,
        change: &Change,
        old: &Grid,
        day: NaiveDate,
        successors: &[Code],
    ) -> Result<Grid, Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl GridRows for Conn {
    async fn lock_grids(&mut self) -> Result<(), Error> {
        sqlx::query("UPDATE grid_lock SET changes = changes + 1 WHERE id = 1").execute(&mut *self).await?;
        Ok(())
    }

    async fn lock_grid(&mut self, code: &Code) -> Result<Option<Grid>, Error> {
        let row: Option<Row> = sqlx::query_as(concat!(
            "UPDATE grids SET code = code WHERE code = $1 RETURNING ",
            columns!(),
            ", boundary"
        ))
        .bind(code.as_str())
        .fetch_optional(&mut *self)
        .await?;
        Ok(row.map(Grid::try_from).transpose()?)
    }

    async fn grids_among(&mut self, mut codes: Vec<Code>) -> Result<HashMap<Code, Grid>, Error> {
        codes.sort();
        let mut found = HashMap::new();
        for chunk in codes.chunks(CODES_A_STATEMENT) {
            let mut query =
                QueryBuilder::new(concat!("SELECT ", columns!(), ", boundary FROM grids WHERE code IN ("));
            let mut list = query.separated(", ");
            for code in chunk {
                list.push_bind(code.to_string());
            }
            query.push(")");
            let rows: Vec<Row> = query.build_query_as().fetch_all(&mut *self).await?;
            for row in rows {
                let grid = Grid::try_from(row)?;
                found.insert(grid.code.clone(), grid);
            }
        }
        Ok(found)
    }

    async fn villages_of(&mut self, grids: &[Code]) -> Result<HashMap<Code, Period>, Error> {
        let villages = || grids.iter().filter_map(Code::parent);
        let Some((least, greatest)) = villages().min().zip(villages().max()) else {
            return Ok(HashMap::new());
        };
        let rows: Vec<(String, NaiveDate, Option<NaiveDate>)> = sqlx::query_as(
            "SELECT code, effective_from, effective_to FROM divisions \
             WHERE level = $1 AND code >= $2 AND code <= $3",
        )
        .bind(i32::try_from(Level::Village.digits()).unwrap_or(0))
        .bind(least.as_str())
        .bind(greatest.as_str())
        .fetch_all(&mut *self)
        .await?;
        let period = |(code, from, to): (String, _, _)| Ok((code_of(&code)?, Period { from, to }));
        rows.into_iter().map(period).collect()
    }

    async fn areas_near(&mut self, areas: &[Area]) -> Result<Vec<Area>, Error> {
        let Some(first) = areas.iter().map(|area| area.effective.from).min() else {
            return Ok(Vec::new());
        };
        let (mut west, mut south, mut east, mut north) =
            (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
        for ([w, s], [e, n]) in areas.iter().map(|area| area.boundary.corners()) {
            (west, south, east, north) = (west.min(w), south.min(s), east.max(e), north.max(n));
        }
        let rows: Vec<AreaRow> = sqlx::query_as(
            "SELECT code, effective_from, effective_to, boundary FROM grids \
             WHERE south <= $1 AND north >= $2 AND west <= $3 AND east >= $4 AND boundary IS NOT NULL \
               AND (effective_to IS NULL OR effective_to > $5)",
        )
        .bind(north)
        .bind(south)
        .bind(east)
        .bind(west)
        .bind(first)
        .fetch_all(&mut *self)
        .await?;
        Ok(rows.into_iter().map(Area::try_from).collect::<Result<_, _>>()?)
    }

    async fn refuse_overlaps(&mut self, areas: &[Area]) -> Result<(), Error> {
        let near = self.areas_near(areas).await?;
        match grid::overlaps(near, areas, 1).into_iter().next() {
            Some(overlapping) => Err(Refusal::from(overlapping).into()),
            None => Ok(()),
        }
    }

    async fn begin_grids(
        &mut self,
        change: &Change,
        news: &[NewGrid],
        from: NaiveDate,
    ) -> Result<Vec<Grid>, Error> {
        let codes: Vec<Code> = news.iter().map(|new| new.code.clone()).collect();
        let villages = self.villages_of(&codes).await?;
        for code in &codes {
            let village = code.parent().and_then(|code| villages.get(&code)).copied();
            grid::may_begin(code, village, from)?;
        }
        if let Some(code) = self.grids_among(codes).await?.keys().min() {
            return Err(Refusal::exists(format!("grid {code}")).into());
        }
        self.insert_grids(change, news, from).await?;
        let begun: Vec<Grid> = news.iter().map(|new| new.begun(from, change.now)).collect();
        let areas: Vec<Area> = begun.iter().filter_map(Grid::area).collect();
        self.refuse_overlaps(&areas).await?;
        Ok(begun)
    }

    async fn insert_grids(
        &mut self,
        change: &Change,
        news: &[NewGrid],
        from: NaiveDate,
    ) -> Result<(), Error> {
        for chunk in news.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO grids (code, display_name, effective_from, successors, boundary, area_m2, latitude, \
                 longitude, west, south, east, north, create_time, update_time, version) ",
            );
            query.push_values(chunk, |mut row, new| {
                let grid = new.begun(from, change.now);
                let drawn = Drawn::of(grid.boundary.as_deref());
                row.push_bind(grid.code.to_string())
                    .push_bind(grid.display_name)
                    .push_bind(from)
                    .push_bind("")
                    .push_bind(drawn.text)
                    .push_bind(grid.area_m2)
                    .push_bind(grid.centroid.map(|place| place.latitude()))
                    .push_bind(grid.centroid.map(|place| place.longitude()))
                    .push_bind(drawn.west)
                    .push_bind(drawn.south)
                    .push_bind(drawn.east)
                    .push_bind(drawn.north)
                    .push_bind(grid.create_time)
                    .push_bind(grid.update_time)
                    .push_bind(grid.version);
            });
            query.build().execute(&mut *self).await?;
            let begun = |new: &NewGrid| {
                // Boundaries are large and can be read from the grid; followers are told whether there is one.
                let payload = json!({
                    "display_name": new.display_name,
                    "effective_from": from,
                    "has_boundary": new.boundary.is_some(),
                    "version": 1,
                });
                event("GridCreated", &new.code, payload)
            };
            let events: Vec<NewEvent> = chunk.iter().map(begun).collect();
            self.append(change, &events).await?;
        }
        Ok(())
    }

    async fn change_grid(&mut self, change: &Change, old: &Grid, update: &Update) -> Result<Grid, Error> {
        let changed = update.of(old, change.now);
        let drawn = Drawn::of(changed.boundary.as_deref());
        let done = sqlx::query(
            "UPDATE grids SET display_name = $2, boundary = $3, area_m2 = $4, latitude = $5, longitude = $6, \
             west = $7, south = $8, east = $9, north = $10, update_time = $11, version = $12 \
             WHERE code = $1 AND version = $13",
        )
        .bind(changed.code.as_str())
        .bind(&changed.display_name)
        .bind(drawn.text)
        .bind(changed.area_m2)
        .bind(changed.centroid.map(|place| place.latitude()))
        .bind(changed.centroid.map(|place| place.longitude()))
        .bind(drawn.west)
        .bind(drawn.south)
        .bind(drawn.east)
        .bind(drawn.north)
        .bind(changed.update_time)
        .bind(changed.version)
        .bind(old.version)
        .execute(&mut *self)
        .await?;
        if done.rows_affected() != 1 {
            // An import reads many grids without locking each; one that changed meanwhile is a race that was lost.
            return Err(minqing_platform::db::Error::Conflict.into());
        }
        let mut payload = serde_json::Map::new();
        payload.insert("version".to_owned(), json!(changed.version));
        if let Some(name) = &update.display_name {
            payload.insert("display_name".to_owned(), json!(name));
        }
        if let Some(boundary) = &update.boundary {
            payload.insert("has_boundary".to_owned(), json!(boundary.is_some()));
        }
        self.append(change, &[event("GridUpdated", &old.code, payload.into())]).await?;
        Ok(changed)
    }

    async fn end_locked_grid(
        &mut self,
        change: &Change,
        old: &Grid,
        day: NaiveDate,
        successors: &[Code],
    ) -> Result<Grid, Error> {
        grid::may_end(old, day)?;
        let row: Option<Row> = sqlx::query_as(concat!(
            "UPDATE grids SET effective_to = $2, successors = $3, update_time = $4, version = version + 1 \
             WHERE code = $1 RETURNING ",
            columns!(),
            ", boundary"
        ))
        .bind(old.code.as_str())
        .bind(day)
        .bind(joined(successors))
        .bind(change.now)
        .fetch_optional(&mut *self)
        .await?;
        let ended = Grid::try_from(row.ok_or_else(|| missing(&old.code))?)?;
        let payload = json!({"effective_to": day, "successors": successors, "version": ended.version});
        self.append(change, &[event("GridEnded", &old.code, payload)]).await?;
        self.end_links_of_grid(change, &old.code, day).await?;
        Ok(ended)
    }
}
