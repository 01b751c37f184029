//! What is stored of the service catalogue.

use std::collections::HashMap;

use chrono::NaiveDate;
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;

use crate::domain::case::CaseType;
use crate::domain::item::{Changes, Item, Level, NewItem};
use crate::domain::item_file::{Fault, Row};
use crate::domain::item_import::Report;

/// Which items are listed, as they are now.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those of this department (`organizations/x`).
    pub department: Option<String>,
    /// Only those handled at this level.
    pub level: Option<Level>,
    /// Only those that serve this type of case.
    pub case_type: Option<CaseType>,
    /// Only those offered at this place.
    pub covers: Option<Code>,
    /// Only those whose name or keywords hold this text; empty for all.
    pub query: String,
    /// Only those in force on this day.
    pub on: Option<NaiveDate>,
}

/// What an import did, or what is wrong with its rows.
pub type Imported = Result<Report, Vec<Fault>>;

/// Items as they are stored.
#[async_trait::async_trait]
pub trait ItemStore: Send + Sync {
    /// One item: its present version, or another one.
    async fn item(&self, id: &str, version: Option<i64>) -> Result<Option<Item>, Error>;

    /// The present versions of those items that exist, by their ids.
    async fn items_of(&self, ids: &[&str]) -> Result<HashMap<String, Item>, Error>;

    /// Items after an id, in the order of their ids.
    async fn items(&self, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Item>, Error>;

    /// Creates an item.
    async fn create_item(&self, change: &Change, new: &NewItem) -> Result<Item, Error>;

    /// Makes the next version of an item; none when nothing differs. `version` is the one the caller read, if it said so.
    async fn update_item(
        &self,
        change: &Change,
        id: &str,
        changes: Changes,
        version: Option<i64>,
    ) -> Result<Item, Error>;

    /// Ends an item, which is a version too.
    async fn end_item(&self, change: &Change, id: &str, day: NaiveDate) -> Result<Item, Error>;

    /// Imports rows, all or none. What begins without a day begins `today`.
    async fn import_items(
        &self,
        change: &Change,
        rows: &[Row],
        today: NaiveDate,
        validate_only: bool,
    ) -> Result<Imported, Error>;
}
