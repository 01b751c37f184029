//! PostgreSQL: one server for a test process, a database on it for each test.
//!
//! The server is, in this order:
//! 1. the one at `MINQING_TEST_POSTGRES_URL`, whose user may create databases;
//! 2. a private one, started at the first need (about a second) from the programs found on the machine, and removed
//!    with all its files when the test process is gone, however it went. `MINQING_TEST_POSTGRES_BIN` names the folder
//!    of the programs where the search would find others;
//! 3. none: the tests that need one say so on standard error and are left out. With `CI` set, they fail instead.
//!
//! Where every test has a process of its own (cargo-nextest), each would start a server: give such runs a URL.

mod created;
mod private;
mod programs;

use std::io::Write as _;
use std::sync::OnceLock;
use std::{env, io};

pub(crate) use created::Created;

use crate::Database;
use crate::database::Remains;

/// Names a server to use instead of a private one.
const URL_VARIABLE: &str = "MINQING_TEST_POSTGRES_URL";

/// What is said where there is no server to be had.
const LEFT_OUT: &str = "no PostgreSQL: MINQING_TEST_POSTGRES_URL is not set and the programs initdb, pg_ctl and postgres \
     are not on this machine (Debian: apt-get install postgresql)";

/// A server that this process may create databases on.
#[derive(Debug)]
pub struct Cluster {
    url: String,
    /// Keeps a private server running.
    private: Option<private::Server>,
}

impl Cluster {
    /// The URL of its maintenance database, with the user and the password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder of a private server; none when it was given by URL.
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.private.as_ref().map(private::Server::folder)
    }
}

/// The server of this process, found or started at the first call; none where tests are to be left out.
///
/// # Panics
/// When a private server does not start, with what its programs said; with `CI` set, also when there is none.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER.get_or_init(find).as_ref()
}

/// A fresh, empty database; none where PostgreSQL tests are to be left out. Works inside and outside of a runtime, and
/// blocks for a few tens of milliseconds.
///
/// # Panics
/// As [`cluster`], and when the server refuses to create a database.
pub fn database() -> Option<Database> {
    let cluster = cluster()?;
    let created =
        Created::on(cluster).unwrap_or_else(|error| panic!("no database on {URL_VARIABLE} or ours: {error}"));
    Some(Database::new(created.url(), Remains::Server(created)))
}

/// Finds or starts a server.
fn find() -> Option<Cluster> {
    if let Some(url) = env::var(URL_VARIABLE).ok().filter(|url| !url.is_empty()) {
        return Some(Cluster { url, private: None });
    }
    let Some(programs) = programs::find() else {
        assert!(!in_ci(), "{LEFT_OUT}; with CI set, that is a failure");
        // The harness swallows what the print macros say in a test that passes; this must be seen.
        let _ = writeln!(io::stderr(), "\nWARNING: POSTGRESQL TESTS ARE LEFT OUT: {LEFT_OUT}\n");
        return None;
    };
    let server = private::Server::start(&programs).unwrap_or_else(|error| {
        panic!("a private PostgreSQL from {} did not start: {error}", programs.display())
    });
    Some(Cluster { url: server.url().to_owned(), private: Some(server) })
}

/// Whether this is a run where nothing may be left out.
fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}
