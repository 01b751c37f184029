//! One SQL, two databases: connecting, the write and read sides, migrations, and what can go wrong.
//!
//! Stores are written once over `Db` and stamped for [`Sqlite`] and [`Postgres`] by trait-gen; both offer
//! `reads()` and `begin()`.

use std::str::FromStr as _;
use std::time::Duration;

use serde::Deserialize;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, PgPool, SqlitePool, Transaction};

use crate::config::Secret;

/// How to reach a database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    pub url: Secret<String>,
    /// PostgreSQL: the schema that holds the service's tables; made when missing. Each service has its own.
    pub schema: Option<String>,
    /// The most connections at a time (PostgreSQL), or the most readers (SQLite, whose writer is always one).
    pub connections_max: u32,
    /// How long a caller waits for a free connection before it is told UNAVAILABLE.
    pub acquire_timeout_ms: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { url: Secret::new(String::new()), schema: None, connections_max: 16, acquire_timeout_ms: 5_000 }
    }
}

/// What can go wrong with a database. Business rules are not here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configured URL is of no database we know.
    #[error("database url: {0}")]
    Url(String),
    /// The database does not answer, is full, or refused the connection.
    #[error("database unavailable: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// Somebody else changed the same rows at the same time; the whole operation can be tried again.
    #[error("lost a race for the same rows")]
    Conflict,
    /// A row with this key is there already.
    #[error("a row with this key exists")]
    Duplicate,
    /// A row refers to one that is not there.
    #[error("a row that this one refers to is missing")]
    Dangling,
    /// The same request id came with another request.
    #[error("the request id was used for another request")]
    RequestReused,
    /// What is stored cannot be read back: a bug, or tampering.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    /// The database's own error that has no better place: a bug.
    #[error("database: {0}")]
    Other(#[source] sqlx::Error),
    /// A migration failed.
    #[error("migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::error::ErrorKind;
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Tls(_) => Self::Unavailable(error),
            sqlx::Error::Database(database) => match database.kind() {
                ErrorKind::UniqueViolation => Self::Duplicate,
                ErrorKind::ForeignKeyViolation => Self::Dangling,
                _ => match database.code().as_deref() {
                    // PostgreSQL: serialization failure, deadlock. SQLite: BUSY and its extended forms.
                    Some("40001" | "40P01" | "5" | "261" | "517") => Self::Conflict,
                    // PostgreSQL: shutting down, starting up, too many connections, disk full. SQLite: FULL, IOERR.
                    Some("57P01" | "57P02" | "57P03" | "53300" | "53100" | "13" | "10") => {
                        Self::Unavailable(error)
                    }
                    _ => Self::Other(error),
                },
            },
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Corrupt(error.to_string()),
            _ => Self::Other(error),
        }
    }
}

/// SQLite: one writer, several readers, one file.
#[derive(Debug, Clone)]
pub struct Sqlite {
    read: SqlitePool,
    write: SqlitePool,
}

impl Sqlite {
    /// For reading.
    pub fn reads(&self) -> &SqlitePool {
        &self.read
    }

    /// Begins a write. It takes the lock at once: a transaction that reads first and writes later fails on SQLite
    /// without waiting.
    pub async fn begin(&self) -> Result<Transaction<'static, sqlx::Sqlite>, Error> {
        Ok(self.write.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// PostgreSQL: one pool.
#[derive(Debug, Clone)]
pub struct Postgres {
    pool: PgPool,
}

impl Postgres {
    /// For reading.
    pub fn reads(&self) -> &PgPool {
        &self.pool
    }

    /// Begins a write.
    pub async fn begin(&self) -> Result<Transaction<'static, sqlx::Postgres>, Error> {
        Ok(self.pool.begin().await?)
    }
}

/// A connected database of either kind.
#[derive(Debug, Clone)]
pub enum Database {
    /// SQLite.
    Sqlite(Sqlite),
    /// PostgreSQL.
    Postgres(Postgres),
}

impl Database {
    /// Connects, making a SQLite file or a PostgreSQL schema that is not there yet.
    pub async fn connect(options: &Options) -> Result<Self, Error> {
        let url = options.url.expose().as_str();
        if url.starts_with("sqlite:") {
            connect_sqlite(url, options).await.map(Self::Sqlite)
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            connect_postgres(url, options).await.map(Self::Postgres)
        } else {
            Err(Error::Url("it begins with neither sqlite: nor postgres:".to_owned()))
        }
    }

    /// Brings the tables up to date. Safe to run by several processes at once.
    pub async fn migrate(&self, sqlite: &Migrator, postgres: &Migrator) -> Result<(), Error> {
        match self {
            Self::Sqlite(database) => sqlite.run(&database.write).await?,
            Self::Postgres(database) => postgres.run(&database.pool).await?,
        }
        Ok(())
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(database) => sqlx::query("SELECT 1").execute(&database.read).await.map(drop)?,
            Self::Postgres(database) => sqlx::query("SELECT 1").execute(&database.pool).await.map(drop)?,
        }
        Ok(())
    }

    /// Closes every connection, waiting for those in use.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(database) => {
                database.read.close().await;
                database.write.close().await;
            }
            Self::Postgres(database) => database.pool.close().await,
        }
    }
}

/// How the threads are named on which SQLite works.
const SQLITE_THREAD: &str = "sqlite";

/// The database whose statement has just ended on this thread, by its name in OpenTelemetry's conventions. sqlx does not
/// say so itself; but each connection to SQLite has a thread of its own, and PostgreSQL none.
pub(crate) fn system_of_this_thread() -> &'static str {
    let here = std::thread::current();
    if here.name().is_some_and(|name| name.starts_with(SQLITE_THREAD)) { "sqlite" } else { "postgresql" }
}

async fn connect_sqlite(url: &str, options: &Options) -> Result<Sqlite, Error> {
    let connect = SqliteConnectOptions::from_str(url)
        .map_err(|error| Error::Url(error.to_string()))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: what was acknowledged survives a power cut, not only a killed process.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_millis(options.acquire_timeout_ms))
        .log_statements(tracing::log::LevelFilter::Trace)
        .thread_name(|id| format!("{SQLITE_THREAD}-{id}"))
        .optimize_on_close(true, None);
    let wait = Duration::from_millis(options.acquire_timeout_ms);
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(wait)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(connect.clone())
        .await?;
    let read = SqlitePoolOptions::new()
        .max_connections(options.connections_max)
        .acquire_timeout(wait)
        .connect_with(connect)
        .await?;
    Ok(Sqlite { read, write })
}

async fn connect_postgres(url: &str, options: &Options) -> Result<Postgres, Error> {
    let mut connect = PgConnectOptions::from_str(url)
        .map_err(|error| Error::Url(error.to_string()))?
        // Compiling a statement takes a second, several times what our longest one takes without.
        .options([("jit", "off")])
        .log_statements(tracing::log::LevelFilter::Trace);
    if let Some(schema) = &options.schema {
        if schema.is_empty() || !schema.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            return Err(Error::Url(format!("schema {schema:?} is not lower-case letters and underscores")));
        }
        connect = connect.options([("search_path", schema.as_str())]);
    }
    let pool = PgPoolOptions::new()
        .max_connections(options.connections_max)
        .acquire_timeout(Duration::from_millis(options.acquire_timeout_ms))
        .connect_with(connect)
        .await?;
    if let Some(schema) = &options.schema {
        // The name was checked above: letters and underscores only.
        let statement = format!("CREATE SCHEMA IF NOT EXISTS {schema}");
        match sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&pool).await.map_err(Error::from) {
            // Two processes starting at once may both find it missing; one of them loses, harmlessly.
            Ok(_) | Err(Error::Duplicate) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Postgres { pool })
}
