//! What is stored of organizations.

use chrono::NaiveDate;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;

use crate::domain::organization::{Changes, Kind, NewOrganization, Organization};
use minqing_platform::code::Code;

/// Which organizations are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only those directly below this one.
    pub parent: Option<String>,
    /// Only those that belong to this division or one in it.
    pub within: Option<Code>,
    /// Only those whose jurisdiction covers this code.
    pub covers: Option<Code>,
    /// Only those with this function; empty for all.
    pub function: String,
    /// Only names that hold this text; empty for all.
    pub query: String,
    /// Only those in force on this day.
    pub on: Option<NaiveDate>,
}

/// Who is asked for at a place.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The place.
    pub code: Code,
    /// Only those with this function; empty for all.
    pub function: String,
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only those in force on this day.
    pub on: NaiveDate,
}

/// An organization, and the longest code of its jurisdiction that covers the place asked for.
pub type Responsible = (Organization, Code);

/// Organizations as they are stored.
#[async_trait::async_trait]
pub trait OrganizationStore: Send + Sync {
    /// One organization.
    async fn organization(&self, id: &str) -> Result<Option<Organization>, Error>;

    /// Organizations after an id, in the order of their ids.
    async fn organizations(
        &self,
        filter: &Filter,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Organization>, Error>;

    /// Who is responsible, the most specific first, after a pair of jurisdiction code and id.
    async fn responsible(
        &self,
        wanted: &Wanted,
        after: Option<(&str, &str)>,
        limit: i64,
    ) -> Result<Vec<Responsible>, Error>;

    /// Creates organizations, all or none. A parent may stand earlier among them.
    async fn create_organizations(
        &self,
        change: &Change,
        news: &[NewOrganization],
    ) -> Result<Vec<Organization>, Error>;

    /// Changes an organization from a day on; `version` is the one the caller read, if it said so.
    async fn update_organization(
        &self,
        change: &Change,
        id: &str,
        changes: Changes,
        version: Option<i64>,
        day: NaiveDate,
    ) -> Result<Organization, Error>;

    /// Ends an organization.
    async fn end_organization(
        &self,
        change: &Change,
        id: &str,
        day: NaiveDate,
    ) -> Result<Organization, Error>;
}
