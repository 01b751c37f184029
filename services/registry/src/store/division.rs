//! What is stored of divisions.

use chrono::NaiveDate;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use serde::{Deserialize, Serialize};

use crate::domain::division::{Division, NewDivision};
use crate::domain::division_file::File;
use crate::domain::division_import::Report;
use minqing_platform::code::{Code, Level};

/// Which divisions are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only what lies below this division.
    pub below: Option<Code>,
    /// Only this level.
    pub level: Option<Level>,
    /// Only names that hold this text; empty for all.
    pub query: String,
    /// Only those in force on this day.
    pub on: Option<NaiveDate>,
}

/// What a split left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// The division that ended.
    pub ended: Division,
    /// Those that began.
    pub successors: Vec<Division>,
}

/// Divisions as they are stored.
#[async_trait::async_trait]
pub trait DivisionStore: Send + Sync {
    /// One division.
    async fn division(&self, code: &Code) -> Result<Option<Division>, Error>;

    /// Several divisions, those that exist, in the order of their codes.
    async fn divisions_of(&self, codes: &[Code]) -> Result<Vec<Division>, Error>;

    /// Divisions after a code, in the order of their codes.
    async fn divisions(&self, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Division>, Error>;

    /// Creates a division.
    async fn create_division(
        &self,
        change: &Change,
        new: &NewDivision,
        from: NaiveDate,
    ) -> Result<Division, Error>;

    /// Renames a division; `version` is the one the caller read, if it said so.
    async fn rename_division(
        &self,
        change: &Change,
        code: &Code,
        name: &str,
        version: Option<i64>,
    ) -> Result<Division, Error>;

    /// Ends a division.
    async fn end_division(&self, change: &Change, code: &Code, day: NaiveDate) -> Result<Division, Error>;

    /// Splits a division.
    async fn split_division(
        &self,
        change: &Change,
        code: &Code,
        successors: &[NewDivision],
        day: NaiveDate,
    ) -> Result<Split, Error>;

    /// Merges divisions.
    async fn merge_divisions(
        &self,
        change: &Change,
        codes: &[Code],
        successor: &NewDivision,
        day: NaiveDate,
    ) -> Result<Division, Error>;

    /// Imports files, all or nothing; with `validate_only` nothing in any case.
    async fn import_divisions(
        &self,
        change: &Change,
        files: &[File],
        day: NaiveDate,
        validate_only: bool,
    ) -> Result<Vec<Report>, Error>;
}
