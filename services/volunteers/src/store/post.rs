//! What is stored of posts.

use chrono::NaiveDate;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;

use crate::domain::post::file::{Fault, Row};
use crate::domain::post::import::Report;
use crate::domain::post::{Category, Post};

/// Which posts are listed, as they are now.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only of this category.
    pub category: Option<Category>,
    /// Only those in force on this day.
    pub on: Option<NaiveDate>,
}

/// What an import did, or what is wrong with its rows.
pub type Imported = Result<Report, Vec<Fault>>;

/// Posts as they are stored.
#[async_trait::async_trait]
pub trait PostStore: Send + Sync {
    /// One post: its present version, or another one.
    async fn post(&self, id: &str, version: Option<i64>) -> Result<Option<Post>, Error>;

    /// Posts after an id, in the order of their ids.
    async fn posts(&self, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Post>, Error>;

    /// Imports rows, all or none. What begins without a day begins `today`.
    async fn import_posts(
        &self,
        change: &Change,
        rows: &[Row],
        today: NaiveDate,
        validate_only: bool,
    ) -> Result<Imported, Error>;

    /// Writes the posts that come with the program where there are none at all; whatever a city imported stays. `true` when it
    /// wrote them.
    async fn found_posts(&self, change: &Change, rows: &[Row], today: NaiveDate) -> Result<bool, Error>;
}
