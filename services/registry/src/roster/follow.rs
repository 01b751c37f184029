//! Seeing what other processes change.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Roster;
use crate::store;

/// How often the events are read when nobody asks: the longest that a change of another process stays unseen.
const POLL: Duration = Duration::from_millis(500);

/// Reads the events until `stop` fires. After a failure it tries again at the next poll.
pub async fn follow(roster: Arc<Roster>, store: store::Shared, stop: CancellationToken) {
    loop {
        let done = tokio::select! {
            done = roster.poll(&store) => done,
            () = stop.cancelled() => return,
        };
        if let Err(error) = done {
            tracing::warn!(
                ?error,
                "the contact chain in memory could not be brought up to date; trying again"
            );
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => return,
        }
    }
}
