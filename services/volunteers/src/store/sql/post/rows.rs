//! Statements on posts on one connection.

use std::collections::HashMap;

use minqing_platform::db;
use minqing_platform::journal::NewEvent;
use serde_json::json;
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use crate::domain::post::Post;

/// Rows in one statement: six columns each, far below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 1_000;

/// A post as it is kept.
pub(super) fn read(state: &str) -> Result<Post, db::Error> {
    serde_json::from_str(state).map_err(corrupt)
}

fn corrupt(error: serde_json::Error) -> db::Error {
    db::Error::Corrupt(error.to_string())
}

/// What happened to posts. They belong to the whole city.
pub(super) fn events(kind: &'static str, posts: &[Post]) -> Vec<NewEvent> {
    let event = |post: &Post| NewEvent {
        kind,
        subject: format!("posts/{}", post.id),
        division_code: String::new(),
        payload: json!({
            "display_name": post.display_name,
            "category": post.category,
            "version": post.version,
            "effective_from": post.effective.from,
            "effective_to": post.effective.to,
        }),
    };
    posts.iter().map(event).collect()
}

/// Statements on posts.
#[async_trait::async_trait]
pub(in crate::store::sql) trait PostRows {
    /// The present version of a post.
    async fn post(&mut self, id: &str) -> Result<Option<Post>, db::Error>;
    /// The present versions of those posts that exist, by their ids.
    async fn posts_of(&mut self, ids: &[&str]) -> Result<HashMap<String, Post>, db::Error>;
    /// Locks those posts that exist until the transaction ends.
    async fn lock_posts(&mut self, ids: &[&str]) -> Result<(), db::Error>;
    /// Writes first versions.
    async fn insert_posts(&mut self, posts: &[Post]) -> Result<(), db::Error>;
    /// Writes next versions of posts that are locked.
    async fn append_post_versions(&mut self, posts: &[Post]) -> Result<(), db::Error>;
    /// Writes versions.
    async fn insert_post_versions(&mut self, posts: &[Post]) -> Result<(), db::Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl PostRows for Conn {
    async fn post(&mut self, id: &str) -> Result<Option<Post>, db::Error> {
        Ok(self.posts_of(&[id]).await?.remove(id))
    }

    async fn posts_of(&mut self, ids: &[&str]) -> Result<HashMap<String, Post>, db::Error> {
        let mut found = HashMap::new();
        for chunk in ids.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "SELECT v.state FROM posts p JOIN post_versions v ON v.post_id = p.id AND v.version = p.version \
                 WHERE p.id IN (",
            );
            listed(&mut query, chunk);
            let states: Vec<String> = query.build_query_scalar().fetch_all(&mut *self).await?;
            for state in states {
                let post = read(&state)?;
                found.insert(post.id.clone(), post);
            }
        }
        Ok(found)
    }

    async fn lock_posts(&mut self, ids: &[&str]) -> Result<(), db::Error> {
        for chunk in ids.chunks(ROWS_A_STATEMENT) {
            // Writing the row to itself takes its lock on PostgreSQL; on SQLite the transaction holds the only one.
            let mut query = QueryBuilder::new("UPDATE posts SET version = version WHERE id IN (");
            listed(&mut query, chunk);
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn insert_posts(&mut self, posts: &[Post]) -> Result<(), db::Error> {
        for chunk in posts.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new("INSERT INTO posts (id, version) ");
            query.push_values(chunk, |mut row, post| {
                row.push_bind(post.id.clone()).push_bind(post.version);
            });
            query.build().execute(&mut *self).await?;
        }
        self.insert_post_versions(posts).await
    }

    async fn append_post_versions(&mut self, posts: &[Post]) -> Result<(), db::Error> {
        for chunk in posts.chunks(ROWS_A_STATEMENT) {
            let ids: Vec<&str> = chunk.iter().map(|post| post.id.as_str()).collect();
            let mut query = QueryBuilder::new("UPDATE posts SET version = version + 1 WHERE id IN (");
            listed(&mut query, &ids);
            query.build().execute(&mut *self).await?;
        }
        self.insert_post_versions(posts).await
    }

    async fn insert_post_versions(&mut self, posts: &[Post]) -> Result<(), db::Error> {
        for chunk in posts.chunks(ROWS_A_STATEMENT) {
            let rows: Vec<(&Post, String)> = chunk
                .iter()
                .map(|post| Ok((post, serde_json::to_string(post).map_err(corrupt)?)))
                .collect::<Result<_, db::Error>>()?;
            let mut query = QueryBuilder::new(
                "INSERT INTO post_versions (post_id, version, category, effective_from, effective_to, state) ",
            );
            query.push_values(rows, |mut row, (post, state)| {
                row.push_bind(post.id.clone())
                    .push_bind(post.version)
                    .push_bind(post.category.as_str())
                    .push_bind(post.effective.from)
                    .push_bind(post.effective.to)
                    .push_bind(state);
            });
            query.build().execute(&mut *self).await?;
        }
        Ok(())
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
