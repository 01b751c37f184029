//! What is stored of the contact chain, and what is read of other nouns to answer who is answerable.

use chrono::NaiveDate;
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::identity::Role;
use minqing_platform::journal::Change;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::contact::{Coverage, Kind, Shortage};
use crate::domain::contact_link::{ContactLink, NewLink};
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// Which links are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those of this grid, or of the grids in this division.
    pub within: Option<Code>,
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only those of this household or person, by id.
    pub subject: Option<String>,
    /// Only those of this contact, by id.
    pub contact: Option<String>,
    /// Only those in force on this day.
    pub on: Option<NaiveDate>,
}

/// A place in the order of links: by grid, kind, subject, then in the order in which they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position {
    /// The code of the grid.
    pub grid: String,
    /// The kind, as it is stored: 1 to 3, from the household up.
    pub kind: i32,
    /// The id of the subject.
    pub subject: String,
    /// The id of the link.
    pub id: Uuid,
}

/// What an assignment did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigned {
    /// The links that began; without ids when they were only planned.
    pub created: Vec<ContactLink>,
    /// The links that ended.
    pub ended: Vec<ContactLink>,
    /// How far the grid is covered then.
    pub coverage: Coverage,
    /// What is lacking.
    pub shortage: Shortage,
}

/// A household without a member, as a place in the order of households: by grid, then by address, then by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uncovered {
    /// The code of the grid.
    pub grid: String,
    /// The key of the address.
    pub address_key: String,
    /// The id of the household.
    pub household: String,
}

/// An office, and who holds it on which days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The office.
    pub role: Role,
    /// The id of the person.
    pub person: String,
    /// What they are called.
    pub display_name: String,
    /// The days in office.
    pub effective: Period,
}

/// Everything by which it is told who is answerable in a grid, from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The days of the grid.
    pub effective: Period,
    /// Ordinary members, backbone members and leads of the grid.
    pub posts: Vec<Post>,
    /// Its households and their days, ended ones too: whoever asks for one is told that it ended.
    pub households: Vec<(Uuid, Period)>,
    /// The links made for it.
    pub links: Vec<Standing>,
}

/// A link, without the record around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What it joins.
    pub kind: Kind,
    /// The id of the household or person looked after.
    pub subject: String,
    /// The id of the person who does.
    pub contact: String,
    /// The days in force.
    pub effective: Period,
}

/// That something changed: what [`ContactStore::changes_after`] tells of an event.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Changed {
    /// First half of the cursor.
    pub tx: i64,
    /// Second half of the cursor.
    pub seq: i64,
    /// The resource's name.
    pub subject: String,
    /// The code of the division or grid it belongs to.
    pub division_code: String,
    /// Whether the feed shows it: 1 when nothing can come to stand before it any more.
    pub settled: i32,
}

/// The contact chain as it is stored.
#[async_trait::async_trait]
pub trait ContactStore: Send + Sync {
    /// Assigns the contacts of a grid from a day on; with `validate_only` nothing is written.
    async fn assign_contacts(
        &self,
        change: &Change,
        grid: &Code,
        reassign: bool,
        day: NaiveDate,
        validate_only: bool,
    ) -> Result<Assigned, Error>;

    /// Links after a place in their order. Residents are counted as they are, below the links of the day listed or else
    /// of `today`.
    async fn contact_links(
        &self,
        filter: &Filter,
        after: &Position,
        limit: i64,
        today: NaiveDate,
    ) -> Result<Vec<ContactLink>, Error>;

    /// One link. Residents are counted below the links of `today`.
    async fn contact_link(&self, id: Uuid, today: NaiveDate) -> Result<Option<ContactLink>, Error>;

    /// Gives a household to a member from a day on, and ends its former links on that day.
    async fn create_contact_link(
        &self,
        change: &Change,
        new: &NewLink,
        day: NaiveDate,
    ) -> Result<ContactLink, Error>;

    /// Ends a link; `version` is the one the caller read, if it said so.
    async fn end_contact_link(
        &self,
        change: &Change,
        id: Uuid,
        day: NaiveDate,
        version: Option<i64>,
    ) -> Result<ContactLink, Error>;

    /// How far a grid or a division is covered on a day; nothing uncovered is listed.
    async fn contact_coverage(&self, scope: &Code, day: NaiveDate)
    -> Result<(Coverage, Vec<Lacking>), Error>;

    /// Households without a member on a day, in these grids, after a place in their order.
    async fn uncovered_households(
        &self,
        grids: &[String],
        day: NaiveDate,
        after: &Uncovered,
        limit: i64,
    ) -> Result<Vec<Uncovered>, Error>;

    /// What answers who is answerable in a grid on a day or later; `None` when there is no such grid.
    async fn chain(&self, grid: &Code, since: NaiveDate) -> Result<Option<Chain>, Error>;

    /// The cadres of exactly this division who are in office on a day or later, in the order of their names.
    async fn cadres(&self, division: &Code, since: NaiveDate) -> Result<Vec<Post>, Error>;

    /// The grid of a household, ended or not.
    async fn grid_of_household(&self, household: Uuid) -> Result<Option<Code>, Error>;

    /// What changed after a place in the feed, oldest first: also what the feed does not show yet, because a
    /// transaction still running could come to stand before it.
    async fn changes_after(&self, tx: i64, seq: i64, limit: i64) -> Result<Vec<Changed>, db::Error>;
}

/// A grid with households without a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// The code of the grid.
    pub grid: String,
    /// How many households.
    pub households: u32,
}
