//! What goes on in the background: hearing of cases, telling them, proposals that nobody answered, and
//! what shifts are due.

mod intake;
mod proposals;
mod told;

use std::time::Duration;

use minqing_platform::error::Error;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::Volunteers;

/// How often it is looked whether something is due.
const POLL: Duration = Duration::from_millis(500);
/// The pause after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Calls that cases took.
    pub taken: usize,
    /// Calls that they refused.
    pub refused: usize,
    /// Calls that are tried again later.
    pub delayed: usize,
    /// Proposals that nobody answered in time.
    pub lapsed: usize,
    /// Whether more is due at once.
    pub more: bool,
}

impl Volunteers {
    /// Begins what goes on in the background, until the token of the service fires. Any number of processes may do so on
    /// one database. Call it once in a process, within a runtime, after telemetry has begun.
    pub fn work(&self) {
        let (intake, rounds, shifts) = (self.clone(), self.clone(), self.clone());
        tokio::spawn(async move { intake.stop.clone().run_until_cancelled(intake.run_intake()).await });
        tokio::spawn(async move { rounds.stop.clone().run_until_cancelled(rounds.run_rounds()).await });
        tokio::spawn(async move { shifts.stop.clone().run_until_cancelled(shifts.run_shifts()).await });
    }

    /// Does what is due now. Any number of replicas may do so at once.
    ///
    /// # Errors
    /// The database does not answer. Cases that do not answer are no error: they are told later.
    pub async fn tick(&self) -> Result<Summary, Error> {
        let mut summary = self.tell_cases().await?;
        summary.lapsed = self.lapse_proposals().await?;
        Ok(summary)
    }

    async fn run_rounds(&self) {
        let mut poll = interval(POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            poll.tick().await;
            while match self.tick().await {
                Ok(summary) => summary.more,
                Err(error) => {
                    tracing::warn!(?error, "what is due cannot be done; it is tried again");
                    sleep(PAUSE).await;
                    false
                }
            } {}
        }
    }
}
