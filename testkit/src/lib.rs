//! What the tests of every crate share. A development dependency only: nothing here is in a program we ship.
//!
//! A contract that a store keeps is written once and runs on both databases, each test on a database of its own:
//!
//! ```
//! use minqing_testkit::{Database, on_both_databases};
//!
//! on_both_databases! {
//!     a_database_answers;
//! }
//!
//! async fn a_database_answers(database: Database) {
//!     // Open the store at `database.url()`, which migrates it, and ask it something.
//!     assert!(!database.url().is_empty());
//! }
//! ```
//!
//! A file of such tests in a `tests` folder begins with `#![cfg(test)]`: by that clippy knows that functions which are
//! not tests themselves may `unwrap` there as well.
//!
//! PostgreSQL is the server at `MINQING_TEST_POSTGRES_URL`, else a private one started from the programs found on
//! the machine: see [`postgres`]. To add a kind of peer that several crates test against, add a module.

pub mod authority;
pub mod collector;
pub mod database;
pub mod postgres;
pub mod sqlite;
pub mod wire;

pub use authority::Authority;
pub use collector::Collector;
pub use database::{Backend, Database};
