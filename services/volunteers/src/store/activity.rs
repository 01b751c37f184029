//! What is stored of activities and their shifts.

use chrono::{DateTime, Utc};
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use uuid::Uuid;

use crate::domain::activity::{Activity, Command, Shift, Status};

/// Which activities are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Also drafts: those of these teams,
    pub drafts_of: Vec<String>,
    /// and those in these divisions, each a code that they begin with.
    pub drafts_within: Vec<String>,
    /// Only in this division or grid.
    pub area: Option<Code>,
    /// Only of this team.
    pub team: Option<String>,
    /// Only of this post.
    pub post: Option<String>,
    /// Only those that stand so.
    pub status: Option<Status>,
    /// Only published ones with room in a shift that has not begun at this instant.
    pub open_at: Option<DateTime<Utc>>,
}

/// Activities as they are stored.
#[async_trait::async_trait]
pub trait ActivityStore: Send + Sync {
    /// One activity.
    async fn activity(&self, id: Uuid) -> Result<Option<Activity>, Error>;

    /// Activities, the newest first, after one in that order.
    async fn activities(
        &self,
        filter: &Filter,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Activity>, Error>;

    /// Keeps a new activity.
    async fn create_activity(&self, change: &Change, new: &Activity) -> Result<Activity, Error>;

    /// Lets something happen to an activity. `version` is the one the caller read, if they said so.
    async fn change_activity(
        &self,
        change: &Change,
        id: Uuid,
        version: Option<i64>,
        command: &Command,
    ) -> Result<Activity, Error>;

    /// Adds a shift to an activity.
    async fn create_shift(&self, change: &Change, new: &Shift) -> Result<Shift, Error>;

    /// One shift.
    async fn shift(&self, id: Uuid) -> Result<Option<Shift>, Error>;

    /// The shifts of an activity, the earliest first, after one in that order.
    async fn shifts(
        &self,
        activity: Uuid,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> Result<Vec<Shift>, Error>;
}
