//! What is stored of civic information.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use minqing_platform::code::{Code, Level};
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use uuid::Uuid;

use super::case::NewCase;
use crate::domain::calendar::Calendar;
use crate::domain::case::{Case, Party};
use crate::domain::observation::{Class, Command, Digest, Kind, Observation, State};

/// What is known of an observation that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct There {
    /// Tells its content from another one.
    pub digest: Digest,
    /// Its grid.
    pub grid: Code,
}

/// An observation, with the case it became.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The observation.
    pub observation: Observation,
    /// The case as it is now.
    pub case: Option<Case>,
}

/// Which observations are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those in these divisions or grids, each a code that they begin with,
    pub within: Vec<String>,
    /// and those of this officer. Of neither is none at all.
    pub own: Option<String>,
    /// Of those only the ones of this division or grid.
    pub area: Option<Code>,
    /// Only by this officer.
    pub officer: Option<String>,
    /// Only on this occasion.
    pub kind: Option<Kind>,
    /// Only about this.
    pub class: Option<Class>,
    /// Only of which this has become.
    pub state: Option<State>,
    /// Only those about which something must be done, or nothing.
    pub needs_action: Option<bool>,
    /// Only observed at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Only observed before this instant.
    pub before: Option<DateTime<Utc>>,
}

/// Where an observation stands in the list of all: when it was observed, and which one.
pub type Key = (DateTime<Utc>, Uuid);

/// Which observations are counted.
#[derive(Debug, Clone)]
pub struct Counted {
    /// In this division or grid.
    pub area: Code,
    /// By the divisions of this level.
    pub level: Level,
    /// Only observed at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Only observed before this instant.
    pub before: Option<DateTime<Utc>>,
}

/// How many observations have these in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Figure {
    /// The code of the division or grid.
    pub division: String,
    /// The occasion.
    pub kind: Kind,
    /// What they are about, where it was said.
    pub class: Option<Class>,
    /// What has become of them.
    pub state: State,
    /// How many.
    pub count: i64,
}

/// Civic information as it is stored.
#[async_trait::async_trait]
pub trait ObservationStore: Send + Sync {
    /// Those of these that are there.
    async fn known_observations(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, There>, Error>;

    /// Keeps new observations, each of another id. Those that somebody else kept meanwhile are left as they are, and
    /// given back.
    async fn keep_observations(
        &self,
        change: &Change,
        new: &[Observation],
    ) -> Result<HashMap<Uuid, There>, Error>;

    /// One observation.
    async fn observation(&self, id: Uuid) -> Result<Option<Stored>, Error>;

    /// Observations, what was observed last first, after a place in that order.
    async fn observations(
        &self,
        filter: &Filter,
        after: Option<Key>,
        limit: i64,
    ) -> Result<Vec<Stored>, Error>;

    /// Lets something become of an observation, but no case. `version` is the one the caller read, if they said so.
    async fn handle_observation(
        &self,
        change: &Change,
        id: Uuid,
        version: Option<i64>,
        command: &Command,
    ) -> Result<Observation, Error>;

    /// Makes an observation a case, both or neither. `by` is who raises it.
    async fn raise_observation(
        &self,
        change: &Change,
        (id, version): (Uuid, Option<i64>),
        new: NewCase,
        by: Party,
        calendar: &Calendar,
    ) -> Result<(Observation, Case), Error>;

    /// How many observations there are; in the order of [`Figure`].
    async fn observation_figures(&self, counted: &Counted) -> Result<Vec<Figure>, Error>;
}
