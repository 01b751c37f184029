//! SQLite: a file for each test.

use crate::Database;
use crate::database::Remains;

/// A fresh database, in a folder of its own that goes with it. The file appears at the first connection.
///
/// # Panics
/// When no folder can be made in the machine's place for temporary files.
pub fn database() -> Database {
    let folder = tempfile::Builder::new()
        .prefix("minqing-sqlite-")
        .tempdir()
        .unwrap_or_else(|error| panic!("no folder for a SQLite file: {error}"));
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
    Database::new(url, Remains::Folder(folder))
}
