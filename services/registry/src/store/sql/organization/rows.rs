//! Statements on organizations on one connection.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use super::super::division::code_of;
use crate::domain::organization::{Above, DEPTH_MAX, Facts, Kind, NewOrganization, Organization};
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// Organizations in one INSERT: 13 columns each, far below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 1_000;
/// Codes or functions in one INSERT, of two columns each.
const PAIRS_A_STATEMENT: usize = 5_000;

const INSERT_JURISDICTIONS: &str = "INSERT INTO organization_jurisdictions (code, organization_id) ";
const INSERT_FUNCTIONS: &str = "INSERT INTO organization_functions (function, organization_id) ";
const SELECT_JURISDICTIONS: &str =
    "SELECT organization_id, code FROM organization_jurisdictions WHERE organization_id IN (";
const SELECT_FUNCTIONS: &str =
    "SELECT organization_id, function FROM organization_functions WHERE organization_id IN (";

/// The columns of [`Row`] of the table `organizations o`.
macro_rules! columns {
    () => {
        "o.id, o.display_name, o.kind, o.parent_id, o.division_code, o.phone, o.address, o.opening_hours, \
         o.effective_from, o.effective_to, o.create_time, o.update_time, o.version"
    };
}
pub(super) use columns;

#[derive(FromRow)]
pub(in crate::store::sql) struct Row {
    id: String,
    display_name: String,
    kind: String,
    parent_id: Option<String>,
    division_code: String,
    phone: String,
    address: String,
    opening_hours: String,
    effective_from: NaiveDate,
    effective_to: Option<NaiveDate>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

/// An organization that covers a place.
#[derive(FromRow)]
pub(super) struct Covering {
    #[sqlx(flatten)]
    pub(super) row: Row,
    pub(super) covering: String,
}

/// An organization of a hierarchy: id, kind and days.
type Link = (String, String, NaiveDate, Option<NaiveDate>);

fn kind_of(name: &str) -> Result<Kind, db::Error> {
    Kind::named(name).ok_or_else(|| db::Error::Corrupt(format!("{name:?} is no kind of organization")))
}

impl Row {
    fn whole(self, jurisdiction: Vec<Code>, functions: Vec<String>) -> Result<Organization, db::Error> {
        Ok(Organization {
            kind: kind_of(&self.kind)?,
            facts: Facts {
                display_name: self.display_name,
                parent: self.parent_id,
                division: code_of(&self.division_code)?,
                jurisdiction,
                functions,
                phone: self.phone,
                address: self.address,
                opening_hours: self.opening_hours,
            },
            id: self.id,
            effective: Period { from: self.effective_from, to: self.effective_to },
            create_time: self.create_time,
            update_time: self.update_time,
            version: self.version,
        })
    }
}

/// An event on an organization; it belongs to the organization's division.
pub(super) fn event(kind: &'static str, of: &Organization, payload: serde_json::Value) -> NewEvent {
    NewEvent {
        kind,
        subject: format!("organizations/{}", of.id),
        division_code: of.facts.division.to_string(),
        payload,
    }
}

/// Statements on organizations on one connection.
#[async_trait::async_trait]
pub(in crate::store::sql) trait OrganizationRows {
    /// Makes whoever changes the hierarchy, ends an organization or a division, or appoints somebody wait until the
    /// transaction ends. Taken after all locks of divisions, grids and people.
    async fn lock_organizations(&mut self) -> Result<(), Error>;
    /// Rows with their jurisdictions and functions, in the same order.
    async fn whole(&mut self, rows: Vec<Row>) -> Result<Vec<Organization>, Error>;
    /// An organization, locked until the transaction ends.
    async fn lock_organization(&mut self, id: &str) -> Result<Option<Organization>, Error>;
    /// The days of those organizations that exist.
    async fn organization_periods(&mut self, ids: &[&str]) -> Result<HashMap<String, Period>, Error>;
    /// An organization and those above it.
    async fn above(&mut self, id: &str) -> Result<Option<Above>, Error>;
    /// How many organizations the deepest branch has from this one downwards, itself counted.
    async fn height(&mut self, id: &str) -> Result<usize, Error>;
    /// How many organizations directly below, and how many appointments, are in force on a day or later.
    async fn organization_parts_from(&mut self, id: &str, day: NaiveDate) -> Result<(i64, i64), Error>;
    async fn insert_organizations(&mut self, change: &Change, news: &[NewOrganization]) -> Result<(), Error>;
    /// Writes new facts of an organization that is locked.
    async fn write_organization(
        &mut self,
        change: &Change,
        old: &Organization,
        facts: Facts,
    ) -> Result<Organization, Error>;
    /// Pairs of an organization's id and a key, in the order of keys.
    async fn pairs_of(&mut self, select: &'static str, ids: &[&str]) -> Result<Vec<(String, String)>, Error>;
    /// Writes pairs of a key and an organization's id.
    async fn insert_pairs(&mut self, insert: &'static str, pairs: &[(&str, &str)]) -> Result<(), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl OrganizationRows for Conn {
    async fn lock_organizations(&mut self) -> Result<(), Error> {
        sqlx::query("UPDATE organization_tree SET version = version + 1 WHERE id = 1")
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn whole(&mut self, rows: Vec<Row>) -> Result<Vec<Organization>, Error> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let mut codes: HashMap<String, Vec<Code>> = HashMap::new();
        for (id, code) in self.pairs_of(SELECT_JURISDICTIONS, &ids).await? {
            codes.entry(id).or_default().push(code_of(&code)?);
        }
        let mut functions: HashMap<String, Vec<String>> = HashMap::new();
        for (id, function) in self.pairs_of(SELECT_FUNCTIONS, &ids).await? {
            functions.entry(id).or_default().push(function);
        }
        let whole = rows.into_iter().map(|row| {
            let jurisdiction = codes.remove(&row.id).unwrap_or_default();
            let functions = functions.remove(&row.id).unwrap_or_default();
            row.whole(jurisdiction, functions)
        });
        Ok(whole.collect::<Result<_, _>>()?)
    }

    async fn lock_organization(&mut self, id: &str) -> Result<Option<Organization>, Error> {
        // The rows are locked together by `lock_organizations`; this one only reads.
        let row: Option<Row> =
            sqlx::query_as(concat!("SELECT ", columns!(), " FROM organizations o WHERE o.id = $1"))
                .bind(id)
                .fetch_optional(&mut *self)
                .await?;
        Ok(self.whole(row.into_iter().collect()).await?.pop())
    }

    async fn organization_periods(&mut self, ids: &[&str]) -> Result<HashMap<String, Period>, Error> {
        let mut periods = HashMap::new();
        for chunk in ids.chunks(ROWS_A_STATEMENT) {
            let mut query =
                QueryBuilder::new("SELECT id, effective_from, effective_to FROM organizations WHERE id IN (");
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind((*id).to_owned());
            }
            query.push(")");
            let rows: Vec<(String, NaiveDate, Option<NaiveDate>)> =
                query.build_query_as().fetch_all(&mut *self).await?;
            periods.extend(rows.into_iter().map(|(id, from, to)| (id, Period { from, to })));
        }
        Ok(periods)
    }

    async fn above(&mut self, id: &str) -> Result<Option<Above>, Error> {
        // One step more than a hierarchy may have, so that a circle, were there one, would show and not run for ever.
        let chain: Vec<Link> = sqlx::query_as(
            "WITH RECURSIVE chain (id, parent_id, kind, effective_from, effective_to, depth) AS ( \
                 SELECT id, parent_id, kind, effective_from, effective_to, CAST(1 AS BIGINT) \
                 FROM organizations WHERE id = $1 \
                 UNION ALL \
                 SELECT o.id, o.parent_id, o.kind, o.effective_from, o.effective_to, c.depth + 1 \
                 FROM organizations o JOIN chain c ON o.id = c.parent_id WHERE c.depth <= $2 \
             ) SELECT id, kind, effective_from, effective_to FROM chain ORDER BY depth",
        )
        .bind(id)
        .bind(i64::try_from(DEPTH_MAX).unwrap_or(0))
        .fetch_all(&mut *self)
        .await?;
        let Some((_, kind, from, to)) = chain.first() else { return Ok(None) };
        let (kind, effective) = (kind_of(kind)?, Period { from: *from, to: *to });
        Ok(Some(Above { kind, effective, chain: chain.into_iter().map(|(id, ..)| id).collect() }))
    }

    async fn height(&mut self, id: &str) -> Result<usize, Error> {
        let (height,): (Option<i64>,) = sqlx::query_as(
            "WITH RECURSIVE branch (id, depth) AS ( \
                 SELECT id, CAST(1 AS BIGINT) FROM organizations WHERE id = $1 \
                 UNION ALL \
                 SELECT o.id, b.depth + 1 FROM organizations o JOIN branch b ON o.parent_id = b.id WHERE b.depth <= $2 \
             ) SELECT MAX(depth) FROM branch",
        )
        .bind(id)
        .bind(i64::try_from(DEPTH_MAX).unwrap_or(0))
        .fetch_one(&mut *self)
        .await?;
        Ok(height.and_then(|height| usize::try_from(height).ok()).unwrap_or(0))
    }

    async fn organization_parts_from(&mut self, id: &str, day: NaiveDate) -> Result<(i64, i64), Error> {
        Ok(sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM organizations \
                     WHERE parent_id = $1 AND (effective_to IS NULL OR effective_to > $2)), \
                    (SELECT COUNT(*) FROM appointments \
                     WHERE organization_id = $1 AND (effective_to IS NULL OR effective_to > $2))",
        )
        .bind(id)
        .bind(day)
        .fetch_one(&mut *self)
        .await?)
    }

    async fn insert_organizations(&mut self, change: &Change, news: &[NewOrganization]) -> Result<(), Error> {
        for chunk in news.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO organizations (id, display_name, kind, parent_id, division_code, phone, address, \
                 opening_hours, effective_from, effective_to, create_time, update_time, version) ",
            );
            query.push_values(chunk, |mut row, new| {
                row.push_bind(new.id.clone())
                    .push_bind(new.facts.display_name.clone())
                    .push_bind(new.kind.as_str())
                    .push_bind(new.facts.parent.clone())
                    .push_bind(new.facts.division.to_string())
                    .push_bind(new.facts.phone.clone())
                    .push_bind(new.facts.address.clone())
                    .push_bind(new.facts.opening_hours.clone())
                    .push_bind(new.from)
                    .push_bind(None::<NaiveDate>)
                    .push_bind(change.now)
                    .push_bind(change.now)
                    .push_bind(1_i64);
            });
            query.build().execute(&mut *self).await?;
        }
        let codes: Vec<_> = news.iter().flat_map(|new| codes_of(&new.id, &new.facts)).collect();
        self.insert_pairs(INSERT_JURISDICTIONS, &codes).await?;
        let functions: Vec<_> = news.iter().flat_map(|new| functions_of(&new.id, &new.facts)).collect();
        self.insert_pairs(INSERT_FUNCTIONS, &functions).await?;
        let events: Vec<NewEvent> = news.iter().map(created).collect();
        Ok(self.append(change, &events).await?)
    }

    async fn write_organization(
        &mut self,
        change: &Change,
        old: &Organization,
        facts: Facts,
    ) -> Result<Organization, Error> {
        sqlx::query(
            "UPDATE organizations SET display_name = $2, parent_id = $3, division_code = $4, phone = $5, address = $6, \
             opening_hours = $7, update_time = $8, version = version + 1 WHERE id = $1",
        )
        .bind(&old.id)
        .bind(&facts.display_name)
        .bind(&facts.parent)
        .bind(facts.division.as_str())
        .bind(&facts.phone)
        .bind(&facts.address)
        .bind(&facts.opening_hours)
        .bind(change.now)
        .execute(&mut *self)
        .await?;
        if facts.jurisdiction != old.facts.jurisdiction {
            let delete = "DELETE FROM organization_jurisdictions WHERE organization_id = $1";
            sqlx::query(delete).bind(&old.id).execute(&mut *self).await?;
            self.insert_pairs(INSERT_JURISDICTIONS, &codes_of(&old.id, &facts).collect::<Vec<_>>()).await?;
        }
        if facts.functions != old.facts.functions {
            let delete = "DELETE FROM organization_functions WHERE organization_id = $1";
            sqlx::query(delete).bind(&old.id).execute(&mut *self).await?;
            self.insert_pairs(INSERT_FUNCTIONS, &functions_of(&old.id, &facts).collect::<Vec<_>>()).await?;
        }
        let new = Organization { facts, update_time: change.now, version: old.version + 1, ..old.clone() };
        self.append(change, &[event("OrganizationUpdated", &new, described(&new.facts))]).await?;
        Ok(new)
    }

    async fn pairs_of(&mut self, select: &'static str, ids: &[&str]) -> Result<Vec<(String, String)>, Error> {
        let mut query = QueryBuilder::new(select);
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind((*id).to_owned());
        }
        query.push(") ORDER BY 2");
        Ok(query.build_query_as().fetch_all(&mut *self).await?)
    }

    async fn insert_pairs(&mut self, insert: &'static str, pairs: &[(&str, &str)]) -> Result<(), Error> {
        for chunk in pairs.chunks(PAIRS_A_STATEMENT) {
            let mut query = QueryBuilder::new(insert);
            query.push_values(chunk, |mut row, (key, id)| {
                row.push_bind((*key).to_owned()).push_bind((*id).to_owned());
            });
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }
}

fn codes_of<'a>(id: &'a str, facts: &'a Facts) -> impl Iterator<Item = (&'a str, &'a str)> {
    facts.jurisdiction.iter().map(move |code| (code.as_str(), id))
}

fn functions_of<'a>(id: &'a str, facts: &'a Facts) -> impl Iterator<Item = (&'a str, &'a str)> {
    facts.functions.iter().map(move |function| (function.as_str(), id))
}

fn created(new: &NewOrganization) -> NewEvent {
    let mut payload = described(&new.facts);
    payload["kind"] = json!(new.kind);
    payload["effective_from"] = json!(new.from);
    NewEvent {
        kind: "OrganizationCreated",
        subject: format!("organizations/{}", new.id),
        division_code: new.facts.division.to_string(),
        payload,
    }
}

fn described(facts: &Facts) -> serde_json::Value {
    json!({
        "display_name": facts.display_name,
        "parent": facts.parent.as_ref().map(|id| format!("organizations/{id}")),
        "division_code": facts.division,
        "jurisdiction": facts.jurisdiction,
        "functions": facts.functions,
    })
}
