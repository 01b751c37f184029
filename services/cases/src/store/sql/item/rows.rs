//! Items as rows, and statements on them on one connection.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use minqing_platform::period::Period;
use serde_json::json;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use crate::domain::item::{Facts, Item, text};

/// Rows in one statement: 15 columns each, far below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 1_000;

/// The columns of [`Row`] of the tables `items i` and `item_versions v`.
macro_rules! columns {
    () => {
        "i.id, i.division_code, i.effective_from, i.create_time, v.version, v.display_name, v.department, v.levels, \
         v.case_types, v.promised_limit, v.statutory_limit, v.function, v.calendar, v.documents, v.legal_basis, \
         v.keywords, v.effective_to, v.update_time"
    };
}
pub(super) use columns;

#[derive(FromRow)]
pub(super) struct Row {
    id: String,
    division_code: String,
    effective_from: NaiveDate,
    create_time: DateTime<Utc>,
    version: i64,
    display_name: String,
    department: String,
    levels: String,
    case_types: String,
    promised_limit: String,
    statutory_limit: Option<String>,
    function: String,
    calendar: String,
    documents: String,
    legal_basis: String,
    keywords: String,
    effective_to: Option<NaiveDate>,
    update_time: DateTime<Utc>,
}

impl TryFrom<Row> for Item {
    type Error = db::Error;

    fn try_from(row: Row) -> Result<Self, db::Error> {
        let corrupt = |text: String| db::Error::Corrupt(format!("item {}: {text}", row.id));
        let limit = |text: &str| text::limit_of(text).ok_or_else(|| corrupt(format!("{text:?} is no limit")));
        Ok(Self {
            division: row.division_code.parse().map_err(|error| corrupt(format!("{error}")))?,
            facts: Facts {
                levels: text::members(&row.levels).map_err(corrupt)?,
                case_types: text::members(&row.case_types).map_err(corrupt)?,
                promised: limit(&row.promised_limit)?,
                statutory: row.statutory_limit.as_deref().map(limit).transpose()?,
                documents: text::documents_of(&row.documents).map_err(corrupt)?,
                legal_basis: text::texts(&row.legal_basis),
                keywords: text::texts(&row.keywords),
                display_name: row.display_name,
                department: row.department,
                function: row.function,
                calendar: row.calendar,
            },
            effective: Period { from: row.effective_from, to: row.effective_to },
            version: row.version,
            create_time: row.create_time,
            update_time: row.update_time,
            id: row.id,
        })
    }
}

/// Statements on items on one connection.
#[async_trait::async_trait]
pub(super) trait ItemRows {
    /// The present versions of those items that exist.
    async fn items_of(&mut self, ids: &[&str]) -> Result<HashMap<String, Item>, Error>;
    /// Locks those items that exist until the transaction ends.
    async fn lock_items(&mut self, ids: &[&str]) -> Result<(), Error>;
    /// An item, locked until the transaction ends.
    async fn lock_item(&mut self, id: &str) -> Result<Option<Item>, Error>;
    /// Writes first versions.
    async fn insert_items(&mut self, change: &Change, items: &[Item]) -> Result<(), Error>;
    /// Writes next versions of items that are locked.
    async fn append_versions(
        &mut self,
        change: &Change,
        kind: &'static str,
        items: &[Item],
    ) -> Result<(), Error>;
    /// Writes versions, and what happened.
    async fn insert_versions(
        &mut self,
        change: &Change,
        kind: &'static str,
        items: &[Item],
    ) -> Result<(), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl ItemRows for Conn {
    async fn items_of(&mut self, ids: &[&str]) -> Result<HashMap<String, Item>, Error> {
        let mut found = HashMap::new();
        for chunk in ids.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(concat!(
                "SELECT ",
                columns!(),
                " FROM items i JOIN item_versions v ON v.item_id = i.id AND v.version = i.version WHERE i.id IN ("
            ));
            listed(&mut query, chunk);
            let rows: Vec<Row> = query.build_query_as().fetch_all(&mut *self).await?;
            for row in rows {
                found.insert(row.id.clone(), row.try_into()?);
            }
        }
        Ok(found)
    }

    async fn lock_items(&mut self, ids: &[&str]) -> Result<(), Error> {
        for chunk in ids.chunks(ROWS_A_STATEMENT) {
            // Writing the row to itself takes its lock on PostgreSQL; on SQLite the transaction holds the only one.
            let mut query = QueryBuilder::new("UPDATE items SET version = version WHERE id IN (");
            listed(&mut query, chunk);
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn lock_item(&mut self, id: &str) -> Result<Option<Item>, Error> {
        self.lock_items(&[id]).await?;
        Ok(self.items_of(&[id]).await?.remove(id))
    }

    async fn insert_items(&mut self, change: &Change, items: &[Item]) -> Result<(), Error> {
        for chunk in items.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO items (id, version, division_code, effective_from, create_time) ",
            );
            query.push_values(chunk, |mut row, item| {
                row.push_bind(item.id.clone())
                    .push_bind(item.version)
                    .push_bind(item.division.to_string())
                    .push_bind(item.effective.from)
                    .push_bind(item.create_time);
            });
            query.build().execute(&mut *self).await?;
        }
        self.insert_versions(change, "ItemCreated", items).await
    }

    async fn append_versions(
        &mut self,
        change: &Change,
        kind: &'static str,
        items: &[Item],
    ) -> Result<(), Error> {
        for chunk in items.chunks(ROWS_A_STATEMENT) {
            let ids: Vec<&str> = chunk.iter().map(|item| item.id.as_str()).collect();
            let mut query = QueryBuilder::new("UPDATE items SET version = version + 1 WHERE id IN (");
            listed(&mut query, &ids);
            query.build().execute(&mut *self).await?;
        }
        self.insert_versions(change, kind, items).await
    }

    async fn insert_versions(
        &mut self,
        change: &Change,
        kind: &'static str,
        items: &[Item],
    ) -> Result<(), Error> {
        for chunk in items.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO item_versions (item_id, version, display_name, department, levels, case_types, \
                 promised_limit, statutory_limit, function, calendar, documents, legal_basis, keywords, effective_to, \
                 update_time) ",
            );
            query.push_values(chunk, |mut row, item| {
                let facts = &item.facts;
                row.push_bind(item.id.clone())
                    .push_bind(item.version)
                    .push_bind(facts.display_name.clone())
                    .push_bind(facts.department.clone())
                    .push_bind(text::names(&facts.levels))
                    .push_bind(text::names(&facts.case_types))
                    .push_bind(text::limit(facts.promised))
                    .push_bind(facts.statutory.map(text::limit))
                    .push_bind(facts.function.clone())
                    .push_bind(facts.calendar.clone())
                    .push_bind(text::documents(&facts.documents))
                    .push_bind(text::lines(&facts.legal_basis))
                    .push_bind(text::lines(&facts.keywords))
                    .push_bind(item.effective.to)
                    .push_bind(item.update_time);
            });
            query.build().execute(&mut *self).await?;
        }
        let events: Vec<NewEvent> = items.iter().map(|item| event(kind, item)).collect();
        Ok(self.append(change, &events).await?)
    }
}

/// The rest of a query that ends in `IN (`.
fn listed<Db: sqlx::Database>(query: &mut QueryBuilder<Db>, ids: &[&str])
where
    String: sqlx::Type<Db> + for<'q> sqlx::Encode<'q, Db>,
{
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind((*id).to_owned());
    }
    query.push(")");
}

fn event(kind: &'static str, item: &Item) -> NewEvent {
    NewEvent {
        kind,
        subject: format!("items/{}", item.id),
        division_code: item.division.to_string(),
        payload: json!({
            "display_name": item.facts.display_name,
            "department": item.facts.department,
            "version": item.version,
            "effective_from": item.effective.from,
            "effective_to": item.effective.to,
        }),
    }
}
