//! What is stored of hours.

use chrono::{DateTime, Utc};
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;

use crate::domain::hour::chain::Head;
use crate::domain::hour::honour::Honour;
use crate::domain::hour::{Entry, NewCorrection, NewEntry, Total};

/// Whose entries somebody may see.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those in these divisions or grids, each a code that they begin with,
    pub within: Vec<String>,
    /// those of this volunteer,
    pub own: Option<String>,
    /// and those for these teams. Of none of these is none at all.
    pub teams: Vec<String>,
    /// Of those only the ones of this division or grid.
    pub area: Option<Code>,
    /// Only of this volunteer.
    pub volunteer: Option<String>,
    /// Only for this team.
    pub team: Option<String>,
    /// Only in this activity.
    pub activity: Option<String>,
    /// Only for this need.
    pub need: Option<String>,
    /// Only begun at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Only begun before this instant.
    pub before: Option<DateTime<Utc>>,
}

/// Hours as they are stored.
#[async_trait::async_trait]
pub trait HourStore: Send + Sync {
    /// Enters service: all of it or, where one entry is refused, none. Gives the places in the chain. Others enter theirs in
    /// their own transaction, by the same statements.
    async fn enter_hours(&self, change: &Change, new: &[NewEntry]) -> Result<Vec<i64>, Error>;

    /// Enters a correction. `own` is how the account of who served is called in records.
    async fn correct_hours(
        &self,
        change: &Change,
        new: &NewCorrection,
        own: Option<&str>,
    ) -> Result<Entry, Error>;

    /// One entry.
    async fn hour_entry(&self, seq: i64) -> Result<Option<Entry>, Error>;

    /// The corrections of an entry, in their order.
    async fn hour_corrections(&self, of: i64) -> Result<Vec<Entry>, Error>;

    /// Entries, the last entered first, before a place in the chain.
    async fn hour_entries(
        &self,
        filter: &Filter,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Entry>, Error>;

    /// What somebody's entries add up to.
    async fn hour_total(&self, volunteer: &str) -> Result<Total, Error>;

    /// The head of the chain.
    async fn hour_chain(&self) -> Result<Head, Error>;

    /// Entries in the order of the chain, after a place.
    async fn hour_chain_after(&self, seq: i64, limit: i64) -> Result<Vec<Entry>, Error>;

    /// Keeps an honour. One of the same giver for the same need is refused (`ALREADY_EXISTS`).
    async fn give_honour(&self, change: &Change, honour: &Honour) -> Result<Honour, Error>;

    /// Somebody's honours, the last first, before one of them.
    async fn honours(
        &self,
        volunteer: &str,
        before: Option<(DateTime<Utc>, uuid::Uuid)>,
        limit: i64,
    ) -> Result<Vec<Honour>, Error>;
}
