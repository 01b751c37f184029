//! What goes on in the background: what falls due, and what nobody needs.

mod figures;
mod timers;

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::Cases;

pub use timers::Summary;

/// How often it is looked whether something is due: a rung is climbed within a second of its time.
const POLL: Duration = Duration::from_millis(500);
/// The pause after a failure, doubled with each that follows.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// How often files are swept.
const SWEEP: Duration = Duration::from_secs(600);

impl Cases {
    /// Begins what goes on in the background, until the token of the service fires. Any number of processes may do so on
    /// one database. Call it once in a process, within a runtime, after telemetry has begun.
    pub fn work(&self) {
        let (timers, files) = (self.clone(), self.clone());
        tokio::spawn(async move { timers.stop.clone().run_until_cancelled(timers.run_timers()).await });
        tokio::spawn(async move { files.stop.clone().run_until_cancelled(files.run_sweeps()).await });
    }

    async fn run_timers(&self) {
        let mut poll = interval(POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failures: u32 = 0;
        loop {
            poll.tick().await;
            // More that is due is taken up at once.
            while match self.tick().await {
                Ok(summary) => {
                    failures = 0;
                    summary.more
                }
                Err(error) => {
                    tracing::warn!(?error, "timers cannot be taken up; it is tried again");
                    failures = failures.saturating_add(1);
                    sleep((PAUSE * 2_u32.saturating_pow(failures.min(6) - 1)).min(PAUSE_MAX)).await;
                    false
                }
            } {}
        }
    }

    async fn run_sweeps(&self) {
        let mut sweep = interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            sweep.tick().await;
            while match self.sweep_attachments().await {
                Ok(swept) => swept.more,
                Err(error) => {
                    tracing::warn!(?error, "files cannot be swept; it is tried again");
                    false
                }
            } {}
        }
    }
}
