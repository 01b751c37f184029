//! The adapter: SQL written once, stamped for SQLite and PostgreSQL.
//!
//! Reads go to `self.db.reads()`; a write begins with `self.db.begin()`, does all its work in that transaction, and
//! ends with `committed`, which wakes those who follow the events. Statements on a connection inside a
//! transaction are methods of traits on the two connection types, so that several stores share them.

mod activity;
mod certificate;
mod check;
mod figure;
mod hour;
mod hour_report;
mod matching;
mod need;
mod post;
mod sign_up;
mod team;
mod volunteer;

use std::sync::Arc;

use minqing_platform::db::{self, Database, Postgres, Sqlite};
use minqing_platform::feed::{Bell, Source};
use minqing_platform::journal::{Event, Journal as _};
use sqlx::migrate::Migrator;
use trait_gen::trait_gen;

use super::Shared;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The tables of volunteers in a database of one kind.
#[derive(Debug, Clone)]
pub struct Sql<Db> {
    db: Db,
    bell: Bell,
}

impl<Db> Sql<Db> {
    /// Something was committed.
    fn committed(&self) {
        self.bell.ring();
    }
}

/// Brings the tables up to date.
///
/// # Errors
/// The database does not answer, or its tables are not those of an earlier version.
pub async fn migrate(database: &Database) -> Result<(), db::Error> {
    database.migrate(&SQLITE, &POSTGRES).await
}

/// The store in a database.
pub fn open(database: &Database, bell: &Bell) -> Shared {
    match database {
        Database::Sqlite(db) => Arc::new(Sql { db: db.clone(), bell: bell.clone() }),
        Database::Postgres(db) => Arc::new(Sql { db: db.clone(), bell: bell.clone() }),
    }
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl Source for Sql<Db> {
    async fn events_after(&self, tx: i64, seq: i64, limit: i64) -> Result<Vec<Event>, db::Error> {
        self.db.reads().acquire().await?.events_after(tx, seq, limit).await
    }

    async fn events_end(&self) -> Result<(i64, i64), db::Error> {
        self.db.reads().acquire().await?.events_end().await
    }
}
