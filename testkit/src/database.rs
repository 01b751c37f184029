//! A database of one test, and the way to run one test on both kinds.

use std::future::Future;
use std::time::Duration;

use crate::{postgres, sqlite};

/// A test that takes longer hangs: it is ended and fails, so that a run ends too.
const TEST_SECONDS_MAX: u64 = 300;

/// The kinds of database that everything runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// An empty database that one test has to itself. It is removed when this is dropped, whoever is still connected.
#[derive(Debug)]
pub struct Database {
    url: String,
    backend: Backend,
    /// Removes the database by being dropped.
    _remains: Remains,
}

/// What is to be removed with a database.
#[derive(Debug)]
#[expect(dead_code, reason = "the contents act when they are dropped")]
pub(crate) enum Remains {
    /// The folder of the file and its companions (`-wal`, `-shm`).
    Folder(tempfile::TempDir),
    /// The database on a server.
    Server(postgres::Created),
}

impl Database {
    /// Puts together what a backend made.
    pub(crate) fn new(url: String, remains: Remains) -> Self {
        let backend = match remains {
            Remains::Folder(_) => Backend::Sqlite,
            Remains::Server(_) => Backend::Postgres,
        };
        Self { url, backend, _remains: remains }
    }

    /// Where it is: `sqlite:///…?mode=rwc` or `postgres://user:password@host:port/name`, as sqlx and our configuration take it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Another of the same kind, for a second service of the same test.
    ///
    /// # Panics
    /// The server on which this one is no longer runs.
    pub fn beside(&self) -> Self {
        match self.backend {
            Backend::Sqlite => sqlite::database(),
            Backend::Postgres => postgres::database().expect("the server of this database runs"),
        }
    }

    /// Which kind it is: for the rare test whose figures differ, never to leave one out.
    pub fn backend(&self) -> Backend {
        self.backend
    }
}

/// Makes of each contract, an `async fn(Database)` in scope, two tests: `contract::sqlite` and `contract::postgres`.
///
/// Names stand here and the functions outside, so that rustfmt and editors read them as the functions they are. One
/// that is not named is dead code, which the compiler reports.
#[macro_export]
macro_rules! on_both_databases {
    ($($contract:ident);+ $(;)?) => {
        $(
            mod $contract {
                #[test]
                fn sqlite() {
                    $crate::database::run_on_sqlite(super::$contract);
                }

                #[test]
                fn postgres() {
                    $crate::database::run_on_postgres(super::$contract);
                }
            }
        )+
    };
}

/// Runs a contract on a fresh SQLite file. What [`on_both_databases!`] calls.
pub fn run_on_sqlite<F: Future<Output = ()>>(contract: impl FnOnce(Database) -> F) {
    run(contract(sqlite::database()));
}

/// Runs a contract on a fresh PostgreSQL database, or leaves it out, loudly, where there is no PostgreSQL. What
/// [`on_both_databases!`] calls.
pub fn run_on_postgres<F: Future<Output = ()>>(contract: impl FnOnce(Database) -> F) {
    if let Some(database) = postgres::database() {
        run(contract(database));
    }
}

/// Runs one test to its end, or to its limit.
fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a machine that runs tests has threads and descriptors for a runtime");
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(TEST_SECONDS_MAX), test)
            .await
            .unwrap_or_else(|_| panic!("the test had not ended after {TEST_SECONDS_MAX} s"));
    });
}
