//! Statements on links inside a transaction.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::identity::Role;
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::row::{Row, bare_columns, count_of, kind_of, number_of, select_links};
use crate::domain::contact::{Address, Grid, Household, Kind, Person};
use crate::domain::contact_link::{ContactLink, NewLink};
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// Links in one statement: ten columns each, far below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 1_000;

/// Statements on links inside a transaction.
#[async_trait::async_trait]
pub(in crate::store::sql) trait ContactRows {
    /// One link, with the residents below it on a day.
    async fn link(&mut self, id: Uuid, day: NaiveDate) -> Result<Option<ContactLink>, Error>;
    /// The links of a grid that do not end by a day, in the order of their kinds and subjects.
    async fn standing_links(&mut self, grid: &Code, day: NaiveDate) -> Result<Vec<ContactLink>, Error>;
    /// The links of a household, in whatever grid, that do not end by a day.
    async fn links_of_household(
        &mut self,
        household: &str,
        day: NaiveDate,
    ) -> Result<Vec<ContactLink>, Error>;
    /// Who is to be looked after in a grid on a day, and who can look after them.
    async fn grid_of_contacts(&mut self, grid: &Code, day: NaiveDate) -> Result<Grid, Error>;
    /// The addresses in a grid at which people live who hold an office there.
    async fn homes(&mut self, grid: &Code, day: NaiveDate) -> Result<HashMap<String, Address>, Error>;
    async fn insert_links(&mut self, links: &[ContactLink]) -> Result<(), Error>;
    async fn end_links(
        &mut self,
        links: &[ContactLink],
        day: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<(), Error>;
    /// Ends the former links of a household and begins a new one, and tells of each. Nothing is checked.
    async fn replace_links(
        &mut self,
        change: &Change,
        former: &[ContactLink],
        new: &NewLink,
        residents: u32,
        effective: Period,
    ) -> Result<ContactLink, Error>;
    /// Ends all links of a grid that is locked and ends on a day, and tells of each. One that would begin later never
    /// holds: it ends on the day on which it begins.
    async fn end_links_of_grid(&mut self, change: &Change, grid: &Code, day: NaiveDate) -> Result<(), Error>;
}

/// A link that ended.
pub(super) fn ended_event(id: Uuid, kind: Kind, grid: &Code, day: NaiveDate) -> NewEvent {
    event("ContactLinkEnded", id, grid, json!({"kind": number_of(kind), "effective_to": day}))
}

/// An event on one link.
pub(super) fn event(kind: &'static str, link: Uuid, grid: &Code, payload: serde_json::Value) -> NewEvent {
    NewEvent { kind, subject: format!("contactLinks/{link}"), division_code: grid.to_string(), payload }
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl ContactRows for Conn {
    async fn link(&mut self, id: Uuid, day: NaiveDate) -> Result<Option<ContactLink>, Error> {
        let row: Option<Row> =
            sqlx::query_as(concat!("WITH d AS (SELECT $2 AS day) ", select_links!(), "WHERE l.id = $1"))
                .bind(id)
                .bind(day)
                .fetch_optional(&mut *self)
                .await?;
        Ok(row.map(ContactLink::try_from).transpose()?)
    }

    async fn standing_links(&mut self, grid: &Code, day: NaiveDate) -> Result<Vec<ContactLink>, Error> {
        let rows: Vec<Row> = sqlx::query_as(concat!(
            "SELECT ",
            bare_columns!(),
            " FROM contact_links WHERE grid_code = $1 AND (effective_to IS NULL OR effective_to > $2) \
             ORDER BY kind, subject, id"
        ))
        .bind(grid.as_str())
        .bind(day)
        .fetch_all(&mut *self)
        .await?;
        Ok(rows.into_iter().map(ContactLink::try_from).collect::<Result<_, _>>()?)
    }

    async fn links_of_household(
        &mut self,
        household: &str,
        day: NaiveDate,
    ) -> Result<Vec<ContactLink>, Error> {
        let rows: Vec<Row> = sqlx::query_as(concat!(
            "SELECT ",
            bare_columns!(),
            " FROM contact_links WHERE subject = $1 AND kind = $2 AND (effective_to IS NULL OR effective_to > $3) \
             ORDER BY id"
        ))
        .bind(household)
        .bind(number_of(Kind::HouseholdToMember))
        .bind(day)
        .fetch_all(&mut *self)
        .await?;
        Ok(rows.into_iter().map(ContactLink::try_from).collect::<Result<_, _>>()?)
    }

    async fn grid_of_contacts(&mut self, grid: &Code, day: NaiveDate) -> Result<Grid, Error> {
        let households: Vec<(String, String, i32)> = sqlx::query_as(
            "SELECT id, address, resident_count FROM households WHERE grid_code = $1 \
               AND effective_from <= $2 AND (effective_to IS NULL OR effective_to > $2)",
        )
        .bind(grid.as_str())
        .bind(day)
        .fetch_all(&mut *self)
        .await?;
        let offices: Vec<(String, String)> = sqlx::query_as(
            "SELECT DISTINCT role, person_id FROM appointments WHERE division_code = $1 \
               AND role IN ('ordinary_member', 'backbone_member', 'grid_lead') \
               AND effective_from <= $2 AND (effective_to IS NULL OR effective_to > $2)",
        )
        .bind(grid.as_str())
        .bind(day)
        .fetch_all(&mut *self)
        .await?;
        let homes = self.homes(grid, day).await?;
        let household = |(name, address, residents)| Household {
            name,
            address: Address::new(address),
            residents: count_of(i64::from(residents)),
        };
        let mut found =
            Grid { households: households.into_iter().map(household).collect(), ..Grid::default() };
        for (role, name) in offices {
            let person = Person { home: homes.get(&name).cloned(), name };
            match role.parse::<Role>() {
                Ok(Role::OrdinaryMember) => found.members.push(person),
                Ok(Role::BackboneMember) => found.backbones.push(person),
                Ok(Role::GridLead) => found.leads.push(person),
                _ => return Err(db::Error::Corrupt(format!("{role} was not asked for")).into()),
            }
        }
        Ok(found)
    }

    async fn homes(&mut self, grid: &Code, day: NaiveDate) -> Result<HashMap<String, Address>, Error> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT r.person_id, h.address FROM residents r JOIN households h ON h.id = r.household_id \
             WHERE r.person_id IN (SELECT person_id FROM appointments WHERE division_code = $1 \
                 AND role IN ('ordinary_member', 'backbone_member', 'grid_lead')) \
               AND h.grid_code = $1 AND r.effective_from <= $2 AND (r.effective_to IS NULL OR r.effective_to > $2)",
        )
        .bind(grid.as_str())
        .bind(day)
        .fetch_all(&mut *self)
        .await?;
        let mut homes: HashMap<String, Address> = HashMap::new();
        for (person, address) in rows {
            let address = Address::new(address);
            // Of two homes the first in the line, whatever the order in which the database gives them.
            let first = homes.get(&person).is_none_or(|known| address < *known);
            if first {
                homes.insert(person, address);
            }
        }
        Ok(homes)
    }

    async fn insert_links(&mut self, links: &[ContactLink]) -> Result<(), Error> {
        for chunk in links.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO contact_links (id, grid_code, kind, subject, contact, effective_from, effective_to, \
                 create_time, update_time, version) ",
            );
            query.push_values(chunk, |mut row, link| {
                row.push_bind(link.id)
                    .push_bind(link.grid.to_string())
                    .push_bind(number_of(link.kind))
                    .push_bind(link.subject.clone())
                    .push_bind(link.contact.clone())
                    .push_bind(link.effective.from)
                    .push_bind(link.effective.to)
                    .push_bind(link.create_time)
                    .push_bind(link.update_time)
                    .push_bind(link.version);
            });
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn end_links(
        &mut self,
        links: &[ContactLink],
        day: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        for chunk in links.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new("UPDATE contact_links SET effective_to = ");
            query.push_bind(day).push(", update_time = ").push_bind(now);
            query.push(", version = version + 1 WHERE id IN (");
            let mut list = query.separated(", ");
            for link in chunk {
                list.push_bind(link.id);
            }
            query.push(")");
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn replace_links(
        &mut self,
        change: &Change,
        former: &[ContactLink],
        new: &NewLink,
        residents: u32,
        effective: Period,
    ) -> Result<ContactLink, Error> {
        let day = effective.from;
        self.end_links(former, day, change.now).await?;
        let id = Uuid::now_v7();
        let made = new.begun(id, residents, effective, change.now);
        self.insert_links(std::slice::from_ref(&made)).await?;
        let ended = |link: &ContactLink| Some(ended_event(link.id?, link.kind, &link.grid, day));
        let mut events: Vec<NewEvent> = former.iter().filter_map(ended).collect();
        let payload =
            json!({"kind": number_of(made.kind), "effective_from": day, "effective_to": effective.to});
        events.push(event("ContactLinkCreated", id, &made.grid, payload));
        self.append(change, &events).await?;
        Ok(made)
    }

    async fn end_links_of_grid(&mut self, change: &Change, grid: &Code, day: NaiveDate) -> Result<(), Error> {
        let mut ended: Vec<(Uuid, i32, NaiveDate)> = sqlx::query_as(
            "UPDATE contact_links SET update_time = $3, version = version + 1, \
               effective_to = CASE WHEN effective_from > $2 THEN effective_from ELSE $2 END \
             WHERE grid_code = $1 \
               AND (effective_to IS NULL OR (effective_to > $2 AND effective_to > effective_from)) \
             RETURNING id, kind, effective_to",
        )
        .bind(grid.as_str())
        .bind(day)
        .bind(change.now)
        .fetch_all(&mut *self)
        .await?;
        // In the order in which they were made: the databases give them in any.
        ended.sort_unstable_by_key(|(id, ..)| *id);
        let event = |(id, kind, day)| Ok(ended_event(id, kind_of(kind)?, grid, day));
        let events: Vec<NewEvent> = ended.into_iter().map(event).collect::<Result<_, db::Error>>()?;
        Ok(self.append(change, &events).await?)
    }
}
