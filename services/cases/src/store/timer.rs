//! What is stored of timers: what falls due by itself.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use uuid::Uuid;

use crate::domain::calendar::Calendar;
use crate::domain::case::{Case, Rung, Timer};

/// A timer that somebody took up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The case.
    pub number: String,
    /// What falls due.
    pub timer: Timer,
    /// How often it was taken up, this time included.
    pub attempts: i64,
}

/// Rungs that are to be climbed in a case.
#[derive(Debug, Clone)]
pub struct Climb {
    /// The case.
    pub number: String,
    /// The version by which it was found out who is told.
    pub version: i64,
    /// The calendar it runs by.
    pub calendar: Arc<Calendar>,
    /// The parts, the rungs in their order, and who is told.
    pub steps: Vec<(u32, Rung, Vec<String>)>,
}

/// Timers as they are stored. They are set with the cases (see [`super::CaseStore`]), in the same transactions.
#[async_trait::async_trait]
pub trait TimerStore: Send + Sync {
    /// When the next timer is taken up.
    async fn next_timer(&self) -> Result<Option<DateTime<Utc>>, Error>;

    /// Makes those ready that waited for a calendar of which there is a newer version. Gives how many.
    async fn wake_timers(&self, now: DateTime<Utc>) -> Result<u64, Error>;

    /// Takes up what is due, the longest due first: nobody else gets it until the lease ends. `holder` is drawn anew
    /// each time.
    async fn claim_timers(
        &self,
        holder: Uuid,
        now: DateTime<Utc>,
        lease_end: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<Claimed>, Error>;

    /// Gives back what was taken up of some cases, to be taken up again from an instant on. What somebody else took up
    /// meanwhile, or what was set anew, stays as it is.
    async fn release_timers(
        &self,
        holder: Uuid,
        numbers: &[String],
        ready: DateTime<Utc>,
    ) -> Result<(), Error>;

    /// Sets the timers of a case anew, from its state. `seen` is the newest version of its calendar that was looked at:
    /// only a newer one wakes it.
    async fn settle_timers(&self, number: &str, calendar: &Calendar, seen: Option<i64>) -> Result<(), Error>;

    /// Climbs rungs in many cases at once. Gives the cases in which it was done; the others changed meanwhile, or a rule
    /// stands against it.
    async fn climb(&self, change: &Change, climbs: &[Climb]) -> Result<Vec<String>, Error>;

    /// Cases by their numbers.
    async fn cases_numbered(&self, numbers: &[String]) -> Result<Vec<Case>, Error>;

    /// The timers of cases.
    async fn timers_of(&self, numbers: &[String]) -> Result<Vec<(String, Timer)>, Error>;
}
