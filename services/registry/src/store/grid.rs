//! What is stored of grids.

use std::sync::Arc;

use chrono::NaiveDate;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use serde::{Deserialize, Serialize};

use crate::domain::grid::{Grid, NewGrid, Update};
use crate::domain::grid_file::File;
use crate::domain::grid_import::Report;
use minqing_platform::code::Code;

/// How many positions a page of grids may hold; it ends with the grid that exceeds them. About 2 MB as a message, half
/// of what gRPC clients take by default.
pub const POSITIONS_A_PAGE: usize = 50_000;

/// Which grids are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those in this division, of whatever level.
    pub within: Option<Code>,
    /// Only names that hold this text; empty for all.
    pub query: String,
    /// Only those in force on this day.
    pub on: Option<NaiveDate>,
    /// With their boundaries.
    pub boundaries: bool,
}

/// What a split left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// The grid that ended.
    pub ended: Grid,
    /// Those that began.
    pub successors: Vec<Grid>,
}

/// What a merge left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Merge {
    /// The grids that ended.
    pub ended: Vec<Grid>,
    /// The one that began.
    pub successor: Grid,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Imported {
    /// A report for each file.
    pub reports: Vec<Report>,
    /// The grids that began or changed.
    pub changed: Vec<Code>,
}

/// Grids as they are stored. Those that are given have their boundaries, unless it is said otherwise.
#[async_trait::async_trait]
pub trait GridStore: Send + Sync {
    /// One grid.
    async fn grid(&self, code: &Code) -> Result<Option<Grid>, Error>;

    /// Several grids, those that exist, in the order of their codes.
    async fn grids_of(&self, codes: &[Code]) -> Result<Vec<Grid>, Error>;

    /// Grids after a code, in the order of their codes; with boundaries only as many as [`POSITIONS_A_PAGE`] allow.
    async fn grids(&self, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Grid>, Error>;

    /// Creates a grid.
    async fn create_grid(&self, change: &Change, new: &NewGrid, from: NaiveDate) -> Result<Grid, Error>;

    /// Renames or redraws a grid; `version` is the one the caller read, if it said so.
    async fn update_grid(
        &self,
        change: &Change,
        code: &Code,
        update: &Update,
        version: Option<i64>,
    ) -> Result<Grid, Error>;

    /// Ends a grid.
    async fn end_grid(&self, change: &Change, code: &Code, day: NaiveDate) -> Result<Grid, Error>;

    /// Splits a grid.
    async fn split_grid(
        &self,
        change: &Change,
        code: &Code,
        successors: &[NewGrid],
        day: NaiveDate,
    ) -> Result<Split, Error>;

    /// Merges grids. A successor without a boundary gets those of the grids together.
    async fn merge_grids(
        &self,
        change: &Change,
        codes: &[Code],
        successor: &NewGrid,
        day: NaiveDate,
    ) -> Result<Merge, Error>;

    /// Imports files, all or nothing; with `validate_only` nothing in any case. Grids that begin do so on `from`.
    async fn import_grids(
        &self,
        change: &Change,
        files: Arc<[File]>,
        from: NaiveDate,
        validate_only: bool,
    ) -> Result<Imported, Error>;
}
