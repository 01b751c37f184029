//! The databases that are measured on: a SQLite file in a folder as `minqing up` lays it out, and PostgreSQL.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use sqlx::Connection as _;

/// The kinds of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Kind {
    /// Its name in tables.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// Where something is kept, as a child process is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Place {
    /// Which kind.
    pub kind: Kind,
    /// The data folder, with the keys and the SQLite file.
    pub data: PathBuf,
    /// The database.
    pub url: String,
}

/// A place, and what keeps it. Dropped, a PostgreSQL database goes; the folder goes with the work folder.
pub struct Held {
    /// The place.
    pub place: Place,
    _database: Option<minqing_testkit::Database>,
}

/// Makes an empty place. None where there is no PostgreSQL.
///
/// # Errors
/// The folder cannot be made.
pub fn make(work: &Path, name: &str, kind: Kind) -> anyhow::Result<Option<Held>> {
    let data = work.join(format!("{name}-{}", kind.title().to_lowercase()));
    std::fs::create_dir_all(&data).with_context(|| data.display().to_string())?;
    let held = match kind {
        Kind::Sqlite => {
            // The same file that `minqing up --data` looks for.
            let url = format!("sqlite://{}", data.join("registry.db").display());
            Held { place: Place { kind, data, url }, _database: None }
        }
        Kind::Postgres => {
            let Some(database) = minqing_testkit::postgres::database() else { return Ok(None) };
            let url = database.url().to_owned();
            Held { place: Place { kind, data, url }, _database: Some(database) }
        }
    };
    Ok(Some(held))
}

/// Makes the private server of the tests keep what it acknowledges, as a server in use does: the tests run it without.
/// A server given by URL is left as it is. Tells how it is set, for the tables.
///
/// # Errors
/// The server does not answer.
pub async fn make_durable() -> anyhow::Result<Option<String>> {
    let Some(cluster) = minqing_testkit::postgres::cluster() else { return Ok(None) };
    let mut connection = sqlx::PgConnection::connect(cluster.url()).await.context("PostgreSQL")?;
    if cluster.folder().is_some() {
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            let statement = format!("ALTER SYSTEM SET {setting} = on");
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await?;
        }
        sqlx::raw_sql("SELECT pg_reload_conf()").execute(&mut connection).await?;
        // The server takes a moment to read its settings; a new connection has them from the start.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        connection.close().await?;
        connection = sqlx::PgConnection::connect(cluster.url()).await?;
    }
    let mut told = Vec::new();
    for setting in ["server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers"] {
        let value: String =
            sqlx::query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(&mut connection).await?;
        told.push(format!("{setting} {value}"));
    }
    connection.close().await?;
    Ok(Some(told.join(", ")))
}
