//! What is stored of rules of dispatch, and of what was learnt.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;

use crate::domain::dispatch::learnt::{Counts, Feature, Lesson};
use crate::domain::dispatch::rule::{Changes, NewRule, Rule};

/// Which rules are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those of this area or one in it.
    pub within: Option<Code>,
    /// Only those that can apply at this place.
    pub covers: Option<Code>,
    /// Only those that name this organization (`organizations/x`).
    pub organization: Option<String>,
    /// Only those with this item (`items/x`).
    pub item: Option<String>,
}

/// Rules and lessons as they are stored.
#[async_trait::async_trait]
pub trait DispatchStore: Send + Sync {
    /// One rule.
    async fn dispatch_rule(&self, id: &str) -> Result<Option<Rule>, Error>;

    /// Rules after a pair of priority and id, in that order.
    async fn dispatch_rules(
        &self,
        filter: &Filter,
        after: Option<(i32, &str)>,
        limit: i64,
    ) -> Result<Vec<Rule>, Error>;

    /// Creates a rule.
    async fn create_dispatch_rule(&self, change: &Change, new: &NewRule) -> Result<Rule, Error>;

    /// Changes a rule; `version` is the one the caller read, if it said so.
    async fn update_dispatch_rule(
        &self,
        change: &Change,
        id: &str,
        changes: Changes,
        version: Option<i64>,
    ) -> Result<Rule, Error>;

    /// Deletes a rule, and gives it as it was.
    async fn delete_dispatch_rule(
        &self,
        change: &Change,
        id: &str,
        version: Option<i64>,
    ) -> Result<Rule, Error>;

    /// Notes lessons, each to be counted once more (`cases` 1) or once less (-1): for what was dispatched elsewhere. A
    /// dispatch here notes its lesson in its own transaction.
    async fn note_lessons(&self, lessons: &[Lesson], cases: i64, now: DateTime<Utc>) -> Result<(), Error>;

    /// Counts lessons that wait, each exactly once whoever else counts, and forgets the rarest words beyond
    /// `vocabulary_max`. Gives how many lessons were counted; while there are some, more may wait.
    async fn count_lessons(&self, now: DateTime<Utc>, vocabulary_max: usize) -> Result<usize, Error>;

    /// What was counted, as far as it is about these features.
    async fn counts_of(&self, features: &BTreeSet<Feature>) -> Result<Counts, Error>;
}
