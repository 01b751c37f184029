//! Figures in SQL.

mod count;
mod rows;

use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use minqing_platform::code::Code;
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::{FromRow, QueryBuilder};
use trait_gen::trait_gen;

pub(in crate::store::sql) use rows::{FigureRows, changed as changed_rounds};

use super::Sql;
use crate::domain::case::Case;
use crate::domain::figures::{Facts, Group, Query, total};
use crate::store::figures::{
    FigureStore, GROUPS_MAX, Listed, NewSnapshot, RoundKey, SNAPSHOT_ROWS_MAX, Scope, Snapshot,
};
use count::{Table, push_filter, push_selection, select_groups};
use rows::{FactsRow, read, write};

/// What is remembered of an answer: which snapshot it was.
#[derive(Serialize, Deserialize)]
struct Outcome(String);

#[derive(FromRow)]
struct SnapshotRow {
    id: String,
    display_name: String,
    query: String,
    figures: String,
    hash: String,
    publish_time: DateTime<Utc>,
}

impl SnapshotRow {
    fn whole(self) -> Result<Snapshot, db::Error> {
        Ok(Snapshot {
            id: self.id,
            display_name: self.display_name,
            query: read(&self.query)?,
            groups: read(&self.figures)?,
            hash: self.hash,
            publish_time: self.publish_time,
        })
    }
}

/// A round with its case.
#[derive(FromRow)]
struct RoundRow {
    #[sqlx(flatten)]
    facts: FactsRow,
    state: String,
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl FigureStore for Sql<Db> {
    async fn figures(&self, query: &Query, scope: &Scope) -> Result<Vec<Group>, Error> {
        let mut reads = self.db.reads().acquire().await?;
        Ok(reads.groups(Table::Now, query, scope).await?)
    }

    async fn figure_rounds(
        &self,
        listed: &Listed<'_>,
        after: Option<&RoundKey>,
        limit: i64,
    ) -> Result<Vec<(Facts, Case)>, Error> {
        let table = listed.snapshot.map_or(Table::Now, Table::Snapshot);
        let mut select = QueryBuilder::new(concat!("SELECT ", rows::columns!("f."), ", c.state FROM "));
        select.push(table.name()).push(" f JOIN cases c ON c.number = f.case_number WHERE ");
        push_filter(&mut select, table, listed.query, listed.scope);
        push_selection(&mut select, listed.selection);
        if let Some(group) = listed.group {
            select.push(" AND ").push(count::key(listed.query)).push(" = ").push_bind(group.to_owned());
        }
        if let Some((number, round)) = after {
            select.push(" AND (f.case_number, f.round) > (").push_bind(number.clone());
            select.push(", ").push_bind(*round).push(")");
        }
        select.push(" ORDER BY f.case_number, f.round LIMIT ").push_bind(limit);
        let found: Vec<RoundRow> = select.build_query_as().fetch_all(self.db.reads()).await?;
        let whole = |row: RoundRow| Ok((row.facts.whole()?, read(&row.state)?));
        Ok(found.into_iter().map(whole).collect::<Result<_, db::Error>>()?)
    }

    async fn publish_figures(&self, change: &Change, new: NewSnapshot) -> Result<Snapshot, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(Outcome(id)) = tx.replayed(change).await? {
            let found = tx.snapshot(&id).await?;
            return found.ok_or_else(|| Error::Internal("a remembered snapshot is not there".to_owned()));
        }
        if tx.freeze(&new.id, &new.query).await? > SNAPSHOT_ROWS_MAX {
            let message = format!("more than {SNAPSHOT_ROWS_MAX} rounds; name a shorter period").into();
            return Err(Refusal { kind: Kind::Limit, reason: "SNAPSHOT_TOO_LARGE", message }.into());
        }
        let groups = tx.groups(Table::Snapshot(&new.id), &new.query, &Scope::everything()).await?;
        if groups.len() > GROUPS_MAX {
            let message = format!("more than {GROUPS_MAX} groups; name a smaller area").into();
            return Err(Refusal { kind: Kind::Limit, reason: "TOO_MANY_GROUPS", message }.into());
        }
        let hash = tx.digest(&new.id, &new.query, &groups).await?;
        let NewSnapshot { id, display_name, query } = new;
        let snapshot = Snapshot { id, display_name, query, groups, hash, publish_time: change.now };
        tx.insert_snapshot(&snapshot).await?;
        tx.append(change, &[published(&snapshot)]).await?;
        tx.remember(change, &Outcome(snapshot.id.clone())).await?;
        tx.commit().await?;
        self.committed();
        Ok(snapshot)
    }

    async fn snapshot(&self, id: &str) -> Result<Option<Snapshot>, Error> {
        Ok(self.db.reads().acquire().await?.snapshot(id).await?)
    }

    async fn snapshots(
        &self,
        before: Option<&(DateTime<Utc>, String)>,
        limit: i64,
    ) -> Result<Vec<Snapshot>, Error> {
        let mut select = QueryBuilder::new(
            "SELECT id, display_name, query, figures, hash, publish_time FROM figure_snapshots WHERE 1 = 1",
        );
        if let Some((time, id)) = before {
            select
                .push(" AND (publish_time, id) < (")
                .push_bind(*time)
                .push(", ")
                .push_bind(id.clone())
                .push(")");
        }
        select.push(" ORDER BY publish_time DESC, id DESC LIMIT ").push_bind(limit);
        let found: Vec<SnapshotRow> = select.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(found.into_iter().map(SnapshotRow::whole).collect::<Result<_, _>>()?)
    }

    async fn recounted(&self, snapshot: &Snapshot) -> Result<(Vec<Group>, String), Error> {
        let mut reads = self.db.reads().acquire().await?;
        let (id, query) = (&snapshot.id, &snapshot.query);
        let groups = reads.groups(Table::Snapshot(id), query, &Scope::everything()).await?;
        let hash = reads.digest(id, query, &groups).await?;
        Ok((groups, hash))
    }
}

/// What the feed tells of published figures.
fn published(snapshot: &Snapshot) -> NewEvent {
    let size = total(&snapshot.groups).size();
    NewEvent {
        kind: "FiguresPublished",
        subject: format!("figureSnapshots/{}", snapshot.id),
        division_code: snapshot.query.area.as_ref().map(Code::to_string).unwrap_or_default(),
        // How many they count is theirs to tell: of few, not to everybody who follows the feed.
        payload: serde_json::json!({ "hash": snapshot.hash, "empty": size == 0 }),
    }
}

/// Statements on published figures on one connection.
#[async_trait::async_trait]
trait SnapshotRows {
    /// Counts.
    async fn groups(
        &mut self,
        table: Table<'_>,
        query: &Query,
        scope: &Scope,
    ) -> Result<Vec<Group>, db::Error>;

    /// Keeps what a query is about as it is now, in one statement: nothing moves within it. Gives how many rounds.
    async fn freeze(&mut self, id: &str, query: &Query) -> Result<u64, db::Error>;

    /// The hash over what is asked, the figures, and the rounds with their versions.
    async fn digest(&mut self, id: &str, query: &Query, groups: &[Group]) -> Result<String, db::Error>;

    async fn insert_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), db::Error>;
    async fn snapshot(&mut self, id: &str) -> Result<Option<Snapshot>, db::Error>;
}

#[trait_gen(Conn -> sqlx::SqliteConnection, sqlx::PgConnection)]
#[async_trait::async_trait]
impl SnapshotRows for Conn {
    async fn groups(
        &mut self,
        table: Table<'_>,
        query: &Query,
        scope: &Scope,
    ) -> Result<Vec<Group>, db::Error> {
        let mut select = select_groups(table, query, scope, GROUPS_MAX + 1);
        let found = select.build().fetch_all(&mut *self).await?;
        found.iter().map(|row| count::group(row).map_err(db::Error::from)).collect()
    }

    async fn freeze(&mut self, id: &str, query: &Query) -> Result<u64, db::Error> {
        let mut insert = QueryBuilder::new(concat!(
            "INSERT INTO figure_snapshot_rows (snapshot, ",
            rows::columns!(""),
            ") SELECT "
        ));
        // As a text, for the planner of PostgreSQL cannot tell what a mere parameter in a list is.
        insert.push("CAST(").push_bind(id.to_owned()).push(" AS TEXT), ");
        insert.push(concat!(rows::columns!("f."), " FROM case_figures f WHERE "));
        push_filter(&mut insert, Table::Now, query, &Scope::everything());
        Ok(insert.build().execute(&mut *self).await?.rows_affected())
    }

    async fn digest(&mut self, id: &str, query: &Query, groups: &[Group]) -> Result<String, db::Error> {
        let mut hash = Sha256::new();
        hash.update(format!("{}\n{}\n", write(query)?, write(&groups)?));
        let mut rounds = sqlx::query_as::<_, (String, i64, i64)>(
            "SELECT case_number, round, version FROM figure_snapshot_rows WHERE snapshot = $1 \
             ORDER BY case_number, round",
        )
        .bind(id)
        .fetch(&mut *self);
        while let Some((number, round, version)) = rounds.try_next().await? {
            hash.update(format!("{number} {round} {version}\n"));
        }
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    async fn insert_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), db::Error> {
        sqlx::query(
            "INSERT INTO figure_snapshots (id, display_name, division_code, query, figures, hash, publish_time) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&snapshot.id)
        .bind(&snapshot.display_name)
        .bind(snapshot.query.area.as_ref().map_or("", Code::as_str))
        .bind(write(&snapshot.query)?)
        .bind(write(&snapshot.groups)?)
        .bind(&snapshot.hash)
        .bind(snapshot.publish_time)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn snapshot(&mut self, id: &str) -> Result<Option<Snapshot>, db::Error> {
        let found: Option<SnapshotRow> = sqlx::query_as(
            "SELECT id, display_name, query, figures, hash, publish_time FROM figure_snapshots WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(&mut *self)
        .await?;
        found.map(SnapshotRow::whole).transpose()
    }
}
