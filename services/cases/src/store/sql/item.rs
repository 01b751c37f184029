//! The service catalogue in SQL.

mod rows;

use std::collections::HashMap;

use chrono::NaiveDate;
use minqing_platform::code::Code;
use minqing_platform::db::{Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _};
use trait_gen::trait_gen;

use super::Sql;
use crate::domain::case::CaseType;
use crate::domain::item::{Changes, Item, Level, NewItem, promise_holds};
use crate::domain::item_file::Row as FileRow;
use crate::domain::item_import;
use crate::store::item::{Filter, Imported, ItemStore};
use rows::{ItemRows as _, Row, columns};

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl ItemStore for Sql<Db> {
    async fn item(&self, id: &str, version: Option<i64>) -> Result<Option<Item>, Error> {
        let row: Option<Row> = sqlx::query_as(concat!(
            "SELECT ",
            columns!(),
            " FROM items i JOIN item_versions v ON v.item_id = i.id AND v.version = COALESCE($2, i.version) \
             WHERE i.id = $1",
        ))
        .bind(id)
        .bind(version)
        .fetch_optional(self.db.reads())
        .await?;
        Ok(row.map(Item::try_from).transpose()?)
    }

    async fn items_of(&self, ids: &[&str]) -> Result<HashMap<String, Item>, Error> {
        self.db.reads().acquire().await?.items_of(ids).await
    }

    async fn items(&self, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Item>, Error> {
        let rows: Vec<Row> = sqlx::query_as(concat!(
            "SELECT ",
            columns!(),
            " FROM items i JOIN item_versions v ON v.item_id = i.id AND v.version = i.version \
             WHERE i.id > $1 AND ($2 = '' OR v.department = $2) \
               AND ($3 = '' OR ' ' || v.levels || ' ' LIKE '% ' || $3 || ' %') \
               AND ($4 = '' OR v.case_types = '' OR ' ' || v.case_types || ' ' LIKE '% ' || $4 || ' %') \
               AND ($5 = '' OR substr($5, 1, length(i.division_code)) = i.division_code) \
               AND ($6 = '' OR lower(v.display_name) LIKE $6 ESCAPE '\\' OR lower(v.keywords) LIKE $6 ESCAPE '\\') \
               AND ($7 IS NULL OR (i.effective_from <= $7 AND (v.effective_to IS NULL OR v.effective_to > $7))) \
             ORDER BY i.id LIMIT $8",
        ))
        .bind(after)
        .bind(filter.department.as_deref().unwrap_or(""))
        .bind(filter.level.map_or("", Level::as_str))
        .bind(filter.case_type.map_or("", CaseType::as_str))
        .bind(filter.covers.as_ref().map_or("", Code::as_str))
        .bind(if filter.query.is_empty() { String::new() } else { anywhere(&filter.query) })
        .bind(filter.on)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(rows.into_iter().map(Item::try_from).collect::<Result<_, _>>()?)
    }

    async fn create_item(&self, change: &Change, new: &NewItem) -> Result<Item, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        promise_holds(&new.facts)?;
        if !tx.items_of(&[&new.id]).await?.is_empty() {
            return Err(Refusal::exists(format!("item {}", new.id)).into());
        }
        let made = Item::begun(new, change.now);
        tx.insert_items(change, std::slice::from_ref(&made)).await?;
        tx.remember(change, &made).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn update_item(
        &self,
        change: &Change,
        id: &str,
        changes: Changes,
        version: Option<i64>,
    ) -> Result<Item, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let there = tx.lock_item(id).await?.ok_or_else(|| missing(id))?;
        if version.is_some_and(|version| version != there.version) {
            return Err(Refusal::stale().into());
        }
        let facts = changes.applied(&there.facts);
        let differs = facts != there.facts;
        let mut next = there.next(facts, None, change.now)?;
        if differs {
            tx.append_versions(change, "ItemUpdated", std::slice::from_ref(&next)).await?;
        } else {
            next = there;
        }
        tx.remember(change, &next).await?;
        tx.commit().await?;
        self.committed();
        Ok(next)
    }

    async fn end_item(&self, change: &Change, id: &str, day: NaiveDate) -> Result<Item, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let there = tx.lock_item(id).await?.ok_or_else(|| missing(id))?;
        let ended = there.next(there.facts.clone(), Some(day), change.now)?;
        tx.append_versions(change, "ItemEnded", std::slice::from_ref(&ended)).await?;
        tx.remember(change, &ended).await?;
        tx.commit().await?;
        self.committed();
        Ok(ended)
    }

    async fn import_items(
        &self,
        change: &Change,
        rows: &[FileRow],
        today: NaiveDate,
        validate_only: bool,
    ) -> Result<Imported, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(Ok(before));
        }
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        if !validate_only {
            tx.lock_items(&ids).await?;
        }
        let present = tx.items_of(&ids).await?;
        let plan = match item_import::plan(rows, &present, today, change.now) {
            Ok(plan) => plan,
            Err(faults) => return Ok(Err(faults)),
        };
        if validate_only {
            return Ok(Ok(plan.report));
        }
        tx.insert_items(change, &plan.create).await?;
        tx.append_versions(change, "ItemUpdated", &plan.update).await?;
        tx.remember(change, &plan.report).await?;
        tx.commit().await?;
        self.committed();
        Ok(Ok(plan.report))
    }
}

fn missing(id: &str) -> Error {
    Refusal::missing(format!("item {id}")).into()
}

/// A text to be found anywhere by LIKE … ESCAPE '\', in lower case.
fn anywhere(text: &str) -> String {
    let text = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{text}%")
}
