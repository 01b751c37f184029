//! What time does to shifts: reminders before, the record of who did not come after, and places that became free.
//!
//! Each is a bounded sweep whose statements mark what they take, so any number of replicas may sweep at once: what one
//! marked another does not find.

use std::time::Duration;

use chrono::TimeDelta;
use minqing_platform::error::Error;
use tokio::time::{MissedTickBehavior, interval};

use crate::Volunteers;
use crate::domain::activity::GRACE;

/// How often it is looked whether something is due.
const POLL: Duration = Duration::from_secs(5);
/// How long before a shift those who have a place are reminded.
const REMIND_AHEAD: TimeDelta = TimeDelta::hours(24);
/// Sign-ups that are reminded, and shifts that are looked at, in one transaction.
const REMINDERS: i64 = 500;
const SHIFTS: i64 = 20;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Sign-ups that were reminded.
    pub reminded: usize,
    /// Sign-ups to which nobody came.
    pub no_shows: usize,
    /// Sign-ups of which nothing became.
    pub lapsed: usize,
    /// Shifts in which somebody moved up.
    pub filled: usize,
    /// Whether more is due at once.
    pub more: bool,
}

impl Volunteers {
    /// Does what is due now for shifts, within bounds.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn sweep_shifts(&self) -> Result<Swept, Error> {
        let change = self.change_by_system();
        let reminded = self.store.remind(&change, change.now + REMIND_AHEAD, REMINDERS).await?;
        let settled = self.store.settle_shifts(&change, change.now - GRACE, SHIFTS).await?;
        let filled = self.store.fill_shifts(&change, SHIFTS).await?;
        let is_full = |count: usize, limit: i64| i64::try_from(count).is_ok_and(|count| count >= limit);
        Ok(Swept {
            reminded,
            no_shows: settled.no_shows,
            lapsed: settled.lapsed,
            filled,
            more: is_full(reminded, REMINDERS) || is_full(settled.shifts, SHIFTS),
        })
    }

    /// Sweeps for ever. Any number of processes may do so on one database.
    pub(crate) async fn run_shifts(&self) {
        let mut poll = interval(POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            poll.tick().await;
            while match self.sweep_shifts().await {
                Ok(swept) => swept.more,
                Err(error) => {
                    tracing::warn!(?error, "shifts cannot be swept; it is tried again");
                    false
                }
            } {}
        }
    }
}
