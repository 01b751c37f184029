//! Posts in SQL.

pub(in crate::store::sql) mod rows;

use chrono::NaiveDate;
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::Error;
use minqing_platform::journal::{Change, Journal as _};
use trait_gen::trait_gen;

use super::Sql;
use crate::domain::post::file::Row;
use crate::domain::post::{Category, Post, import};
use crate::store::post::{Filter, Imported, PostStore};
use rows::{PostRows as _, read};

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl PostStore for Sql<Db> {
    async fn post(&self, id: &str, version: Option<i64>) -> Result<Option<Post>, Error> {
        let found: Option<String> = sqlx::query_scalar(
            "SELECT v.state FROM posts p JOIN post_versions v ON v.post_id = p.id \
             AND v.version = COALESCE($2, p.version) WHERE p.id = $1",
        )
        .bind(id)
        .bind(version)
        .fetch_optional(self.db.reads())
        .await?;
        Ok(found.as_deref().map(read).transpose()?)
    }

    async fn posts(&self, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Post>, Error> {
        let found: Vec<String> = sqlx::query_scalar(
            "SELECT v.state FROM posts p JOIN post_versions v ON v.post_id = p.id AND v.version = p.version \
             WHERE p.id > $1 AND ($2 = '' OR v.category = $2) \
               AND ($3 IS NULL OR (v.effective_from <= $3 AND (v.effective_to IS NULL OR v.effective_to > $3))) \
             ORDER BY p.id LIMIT $4",
        )
        .bind(after)
        .bind(filter.category.map_or("", Category::as_str))
        .bind(filter.on)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(found.iter().map(|state| read(state)).collect::<Result<_, db::Error>>()?)
    }

    async fn import_posts(
        &self,
        change: &Change,
        rows: &[Row],
        today: NaiveDate,
        validate_only: bool,
    ) -> Result<Imported, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(Ok(before));
        }
        let ids: Vec<&str> = rows.iter().map(|row| row.post.id.as_str()).collect();
        if !validate_only {
            tx.lock_posts(&ids).await?;
        }
        let present = tx.posts_of(&ids).await?;
        let plan = match import::plan(rows, &present, today) {
            Ok(plan) => plan,
            Err(faults) => return Ok(Err(faults)),
        };
        if validate_only {
            return Ok(Ok(plan.report));
        }
        tx.insert_posts(&plan.create).await?;
        tx.append_post_versions(&plan.update).await?;
        tx.append(change, &rows::events("PostCreated", &plan.create)).await?;
        tx.append(change, &rows::events("PostUpdated", &plan.update)).await?;
        tx.remember(change, &plan.report).await?;
        tx.commit().await?;
        self.committed();
        Ok(Ok(plan.report))
    }

    async fn found_posts(&self, change: &Change, rows: &[Row], today: NaiveDate) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let there: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM posts").fetch_one(&mut *tx).await?;
        if there > 0 {
            return Ok(false);
        }
        let plan = import::plan(rows, &std::collections::HashMap::new(), today).map_err(|faults| {
            Error::Internal(format!("the posts that come with the program have faults: {faults:?}"))
        })?;
        match tx.insert_posts(&plan.create).await {
            // Another process founds them at this moment.
            Err(db::Error::Duplicate) => return Ok(false),
            other => other?,
        }
        tx.append(change, &rows::events("PostCreated", &plan.create)).await?;
        tx.commit().await?;
        self.committed();
        Ok(true)
    }
}
