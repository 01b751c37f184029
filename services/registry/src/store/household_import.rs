//! The import of households.

use chrono::NaiveDate;
use futures::stream::BoxStream;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use minqing_platform::seal::Keyring;

use crate::domain::household_import::{Record, Report};

/// What is imported, beside the records.
#[derive(Debug, Clone)]
pub struct Import {
    /// Where the records come from.
    pub source: String,
    /// The day on which what is new begins and what is gone ends.
    pub day: NaiveDate,
    /// The beginnings of the codes of the grids whose households may be imported; never empty.
    pub scopes: Vec<String>,
    /// Check all and change nothing.
    pub validate_only: bool,
}

/// The import of households.
#[async_trait::async_trait]
pub trait HouseholdImportStore: Send + Sync {
    /// Imports records in one transaction, taking them from the stream as they come: all or, with the first error of
    /// the stream or the first fault of a record, none. What is held in memory does not grow with their number.
    async fn import_households(
        &self,
        change: &Change,
        keyring: &Keyring,
        import: &Import,
        records: BoxStream<'_, Result<Vec<Record>, Error>>,
    ) -> Result<Report, Error>;
}
