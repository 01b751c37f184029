//! The contact chain in SQL.
//!
//! Whoever changes links of a grid locks the row of the grid first (and a household before grids), so that two assignments of one grid, or an
//! assignment and the end of a link, happen one after the other and the later one sees what the earlier left.

mod chain;
mod coverage;
mod outcome;
mod row;
mod rows;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::QueryBuilder;
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Sql;
use super::division::code_of;
use super::grid::GridRows as _;
use super::household::HouseholdRows as _;
use crate::domain::contact::{self, Coverage, Plan};
use crate::domain::contact_link::{self, ContactLink, NewLink};
use crate::store::contact::{
    Assigned, Chain, Changed, ContactStore, Filter, Lacking, Position, Post, Uncovered,
};
use chain::ChainRows as _;
use coverage::CoverageRows as _;
use minqing_platform::code::{self, Code};
use minqing_platform::period::Period;
use row::{Row, number_of, select_links};
pub(super) use rows::ContactRows;
use rows::ended_event;

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl ContactStore for Sql<Db> {
    async fn assign_contacts(
        &self,
        change: &Change,
        grid: &Code,
        reassign: bool,
        day: NaiveDate,
        validate_only: bool,
    ) -> Result<Assigned, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let there = tx.lock_grid(grid).await?.ok_or_else(|| missing("grid", grid))?;
        let effective = contact_link::may_assign(grid, &there.effective, day)?;
        let standing = tx.standing_links(grid, day).await?;
        contact_link::may_precede(&standing, day)?;
        let people = tx.grid_of_contacts(grid, day).await?;
        let links: Vec<contact::Link> = standing.iter().map(ContactLink::link).collect();
        let (people, plan) = planned(people, links, reassign).await?;
        let made = outcome::Made { grid, effective, now: change.now, planned: validate_only };
        let assigned = outcome::of(&people, standing, &plan, &made);
        if validate_only {
            return Ok(assigned);
        }
        if !assigned.created.is_empty() || !assigned.ended.is_empty() {
            tx.end_links(&assigned.ended, day, change.now).await?;
            tx.insert_links(&assigned.created).await?;
            tx.append(change, &[assigned_event(grid, reassign, day, &assigned)]).await?;
        }
        tx.remember(change, &assigned).await?;
        tx.commit().await?;
        self.committed();
        Ok(assigned)
    }

    async fn create_contact_link(
        &self,
        change: &Change,
        new: &NewLink,
        day: NaiveDate,
    ) -> Result<ContactLink, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        // The household first: while it is locked it stays in its grid, and no other grid begins a link of it.
        let home = tx.lock_household(&new.household).await?;
        let home = home.ok_or_else(|| missing("household", &new.household))?;
        if home.grid != new.grid {
            return Err(db::Error::Conflict.into());
        }
        // A household that moved may still have a link in the grid it left.
        let former = tx.links_of_household(&new.household, day).await?;
        let grids: BTreeSet<&Code> = former.iter().map(|link| &link.grid).chain([&new.grid]).collect();
        let mut effective = Period::since(day);
        for grid in grids {
            let there = tx.lock_grid(grid).await?.ok_or_else(|| missing("grid", grid))?;
            if *grid == new.grid {
                effective = contact_link::may_assign(grid, &there.effective, day)?;
            }
        }
        let former = tx.links_of_household(&new.household, day).await?;
        let standing = tx.standing_links(&new.grid, day).await?;
        contact_link::may_precede(former.iter().chain(standing.iter().filter(|link| new.meets(link))), day)?;
        let people = tx.grid_of_contacts(&new.grid, day).await?;
        let links: Vec<contact::Link> = standing.iter().map(ContactLink::link).collect();
        let residents = contact::may_take(&people, &links, &new.household, &new.member)?;
        let made = tx.replace_links(change, &former, new, residents, effective).await?;
        tx.remember(change, &made).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn contact_links(
        &self,
        filter: &Filter,
        after: &Position,
        limit: i64,
        today: NaiveDate,
    ) -> Result<Vec<ContactLink>, Error> {
        let within = filter.within.as_ref().map_or("", Code::as_str);
        let mut query = QueryBuilder::new("WITH d AS (SELECT ");
        query.push_bind(filter.on.unwrap_or(today)).push(concat!(" AS day) ", select_links!()));
        query.push("WHERE l.grid_code >= ").push_bind(within.to_owned());
        query.push(" AND l.grid_code < ").push_bind(code::range_end(within));
        query.push(" AND (l.grid_code, l.kind, l.subject, l.id) > (").push_bind(after.grid.clone());
        query.push(", ").push_bind(after.kind).push(", ").push_bind(after.subject.clone());
        query.push(", ").push_bind(after.id).push(")");
        // Only what is asked for is written, so that the index by subject or by contact can be taken.
        if let Some(kind) = filter.kind {
            query.push(" AND l.kind = ").push_bind(number_of(kind));
        }
        if let Some(subject) = &filter.subject {
            query.push(" AND l.subject = ").push_bind(subject.clone());
        }
        if let Some(contact) = &filter.contact {
            query.push(" AND l.contact = ").push_bind(contact.clone());
        }
        if filter.on.is_some() {
            query.push(
                " AND l.effective_from <= d.day AND (l.effective_to IS NULL OR l.effective_to > d.day)",
            );
        }
        query.push(" ORDER BY l.grid_code, l.kind, l.subject, l.id LIMIT ").push_bind(limit);
        let rows: Vec<Row> = query.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(rows.into_iter().map(ContactLink::try_from).collect::<Result<_, _>>()?)
    }

    async fn contact_link(&self, id: Uuid, today: NaiveDate) -> Result<Option<ContactLink>, Error> {
        self.db.reads().acquire().await?.link(id, today).await
    }

    async fn end_contact_link(
        &self,
        change: &Change,
        id: Uuid,
        day: NaiveDate,
        version: Option<i64>,
    ) -> Result<ContactLink, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let gone = || missing("contact link", id);
        // A link never changes its grid; but what else it holds is read once the grid is locked.
        let grid = tx.link(id, day).await?.ok_or_else(gone)?.grid;
        tx.lock_grid(&grid).await?;
        let mut there = tx.link(id, day).await?.ok_or_else(gone)?;
        if version.is_some_and(|version| version != there.version) {
            return Err(Refusal::stale().into());
        }
        contact_link::may_end(&there, day)?;
        tx.end_links(std::slice::from_ref(&there), day, change.now).await?;
        tx.append(change, &[ended_event(id, there.kind, &grid, day)]).await?;
        there.effective.to = Some(day);
        there.update_time = change.now;
        there.version += 1;
        tx.remember(change, &there).await?;
        tx.commit().await?;
        self.committed();
        Ok(there)
    }

    async fn contact_coverage(
        &self,
        scope: &Code,
        day: NaiveDate,
    ) -> Result<(Coverage, Vec<Lacking>), Error> {
        let mut reads = self.db.reads().acquire().await?;
        let (mut coverage, lacking) = reads.household_coverage(scope, day).await?;
        for level in coverage::LEVELS {
            coverage.absorb(reads.people_coverage(scope, day, level).await?);
        }
        coverage.absorb(Coverage { leads: reads.leads(scope, day).await?, ..Coverage::default() });
        Ok((coverage, lacking))
    }

    async fn uncovered_households(
        &self,
        grids: &[String],
        day: NaiveDate,
        after: &Uncovered,
        limit: i64,
    ) -> Result<Vec<Uncovered>, Error> {
        if grids.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::new("WITH d AS (SELECT ");
        query.push_bind(day).push(coverage::SELECT_UNCOVERED);
        query.push("AND (h.grid_code, h.address_key, h.id) > (").push_bind(after.grid.clone());
        query.push(", ").push_bind(after.address_key.clone());
        query.push(", ").push_bind(after.household.clone()).push(") AND h.grid_code IN (");
        let mut list = query.separated(", ");
        for grid in grids {
            list.push_bind(grid.clone());
        }
        query.push(") ORDER BY h.grid_code, h.address_key, h.id LIMIT ").push_bind(limit);
        let rows: Vec<(String, String, String)> = query.build_query_as().fetch_all(self.db.reads()).await?;
        let place = |(grid, address_key, household)| Uncovered { grid, address_key, household };
        Ok(rows.into_iter().map(place).collect())
    }

    async fn chain(&self, grid: &Code, since: NaiveDate) -> Result<Option<Chain>, Error> {
        self.db.reads().acquire().await?.chain(grid, since).await
    }

    async fn cadres(&self, division: &Code, since: NaiveDate) -> Result<Vec<Post>, Error> {
        self.db.reads().acquire().await?.posts(division, since, &["cadre"]).await
    }

    async fn grid_of_household(&self, household: Uuid) -> Result<Option<Code>, Error> {
        let row: Option<(String,)> = sqlx::query_as("SELECT grid_code FROM households WHERE id = $1")
            .bind(household.to_string())
            .fetch_optional(self.db.reads())
            .await?;
        Ok(row.map(|(code,)| code_of(&code)).transpose()?)
    }

    async fn changes_after(&self, tx: i64, seq: i64, limit: i64) -> Result<Vec<Changed>, db::Error> {
        Ok(sqlx::query_as(
            "SELECT e.tx, e.seq, e.subject, e.division_code, \
               CASE WHEN f.seq IS NULL THEN 0 ELSE 1 END AS settled \
             FROM events e LEFT JOIN event_feed f ON f.seq = e.seq \
             WHERE (e.tx, e.seq) > ($1, $2) ORDER BY e.tx, e.seq LIMIT $3",
        )
        .bind(tx)
        .bind(seq)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?)
    }
}

/// Plans off the threads that serve: a grid of the greatest size takes long.
async fn planned(
    people: contact::Grid,
    standing: Vec<contact::Link>,
    reassign: bool,
) -> Result<(contact::Grid, Plan), Error> {
    let work = move || contact::plan(&people, &standing, reassign).map(|plan| (people, plan));
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.to_string()))?;
    done.map_err(|error| Refusal::rule("GRID_TOO_LARGE", error.to_string()).into())
}

/// The subject is not the grid itself, which did not change.
fn assigned_event(grid: &Code, reassign: bool, day: NaiveDate, assigned: &Assigned) -> NewEvent {
    let Assigned { created, ended, coverage, shortage } = assigned;
    let payload = json!({
        "effective_date": day,
        "reassign": reassign,
        "created_count": created.len(),
        "ended_count": ended.len(),
        "household_count": coverage.households,
        "uncovered_household_count": coverage.uncovered_households,
        "members_missing": shortage.members_missing,
        "backbones_missing": shortage.backbones_missing,
        "leads_missing": shortage.leads_missing,
    });
    NewEvent {
        kind: "ContactsAssigned",
        subject: format!("grids/{grid}/contactLinks"),
        division_code: grid.to_string(),
        payload,
    }
}

fn missing(what: &str, which: impl std::fmt::Display) -> Error {
    Refusal::missing(format!("{what} {which}")).into()
}
