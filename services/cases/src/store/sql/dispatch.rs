//! Rules of dispatch, and what was learnt, in SQL.

mod lessons;
mod rows;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use minqing_platform::code::{self, Code};
use minqing_platform::db::{Postgres, Sqlite};
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::journal::{Change, Journal as _};
use trait_gen::trait_gen;

use super::Sql;
use crate::domain::dispatch::learnt::{Counts, Feature, Lesson};
use crate::domain::dispatch::rule::{Changes, NewRule, RULES_MAX, Rule};
use crate::store::dispatch::{DispatchStore, Filter};
pub(in crate::store::sql) use lessons::LessonRows;
use rows::{Row, RuleRows as _, columns};

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl DispatchStore for Sql<Db> {
    async fn dispatch_rule(&self, id: &str) -> Result<Option<Rule>, Error> {
        let row: Option<Row> =
            sqlx::query_as(concat!("SELECT ", columns!(), " FROM dispatch_rules WHERE id = $1"))
                .bind(id)
                .fetch_optional(self.db.reads())
                .await?;
        Ok(row.map(Rule::try_from).transpose()?)
    }

    async fn dispatch_rules(
        &self,
        filter: &Filter,
        after: Option<(i32, &str)>,
        limit: i64,
    ) -> Result<Vec<Rule>, Error> {
        let within = filter.within.as_ref().map_or("", Code::as_str);
        let (priority, id) = after.unwrap_or((-1, ""));
        let rows: Vec<Row> = sqlx::query_as(concat!(
            "SELECT ",
            columns!(),
            " FROM dispatch_rules WHERE (priority > $1 OR (priority = $1 AND id > $2)) \
               AND division_code >= $3 AND division_code < $4 \
               AND ($5 = '' OR substr($5, 1, length(division_code)) = division_code) \
               AND ($6 = '' OR organization = $6) AND ($7 = '' OR item = $7) \
             ORDER BY priority, id LIMIT $8",
        ))
        .bind(priority)
        .bind(id)
        .bind(within)
        .bind(code::range_end(within))
        .bind(filter.covers.as_ref().map_or("", Code::as_str))
        .bind(filter.organization.as_deref().unwrap_or(""))
        .bind(filter.item.as_deref().unwrap_or(""))
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(rows.into_iter().map(Rule::try_from).collect::<Result<_, _>>()?)
    }

    async fn create_dispatch_rule(&self, change: &Change, new: &NewRule) -> Result<Rule, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        tx.lock_rules().await?;
        if tx.lock_rule(&new.id).await?.is_some() {
            return Err(Refusal::exists(format!("dispatch rule {}", new.id)).into());
        }
        if tx.overlapping(&new.division).await? >= i64::try_from(RULES_MAX).unwrap_or(i64::MAX) {
            let message = format!("{RULES_MAX} rules apply in {} or a part of it already", new.division);
            return Err(
                Refusal { kind: Kind::Limit, reason: "TOO_MANY_RULES", message: message.into() }.into()
            );
        }
        let made = Rule {
            id: new.id.clone(),
            division: new.division.clone(),
            facts: new.facts.clone(),
            create_time: change.now,
            update_time: change.now,
            version: 1,
        };
        tx.insert_rule(change, &made).await?;
        tx.remember(change, &made).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn update_dispatch_rule(
        &self,
        change: &Change,
        id: &str,
        changes: Changes,
        version: Option<i64>,
    ) -> Result<Rule, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let there = tx.lock_rule(id).await?.ok_or_else(|| missing(id))?;
        if version.is_some_and(|version| version != there.version) {
            return Err(Refusal::stale().into());
        }
        let facts = changes.applied(&there.facts);
        let changed = Rule { facts, update_time: change.now, version: there.version + 1, ..there };
        tx.write_rule(change, &changed).await?;
        tx.remember(change, &changed).await?;
        tx.commit().await?;
        self.committed();
        Ok(changed)
    }

    async fn delete_dispatch_rule(
        &self,
        change: &Change,
        id: &str,
        version: Option<i64>,
    ) -> Result<Rule, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let there = tx.lock_rule(id).await?.ok_or_else(|| missing(id))?;
        if version.is_some_and(|version| version != there.version) {
            return Err(Refusal::stale().into());
        }
        tx.delete_rule(change, &there).await?;
        tx.remember(change, &there).await?;
        tx.commit().await?;
        self.committed();
        Ok(there)
    }

    async fn note_lessons(&self, lessons: &[Lesson], cases: i64, now: DateTime<Utc>) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        tx.note_lessons(lessons, cases, now).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn count_lessons(&self, now: DateTime<Utc>, vocabulary_max: usize) -> Result<usize, Error> {
        // Mostly nothing waits, and then nobody is made to wait for a lock.
        let waits: Option<(i64,)> = sqlx::query_as("SELECT seq FROM dispatch_lessons LIMIT 1")
            .fetch_optional(self.db.reads())
            .await?;
        if waits.is_none() {
            return Ok(0);
        }
        let mut tx = self.db.begin().await?;
        let counted = tx.count_lessons(now).await?;
        tx.forget_words(vocabulary_max).await?;
        tx.commit().await?;
        Ok(counted)
    }

    async fn counts_of(&self, features: &BTreeSet<Feature>) -> Result<Counts, Error> {
        self.db.reads().acquire().await?.counts_of(features).await
    }
}

fn missing(id: &str) -> Error {
    Refusal::missing(format!("dispatch rule {id}")).into()
}
