//! Proposals that a team did not answer in time: the need is open again.

use minqing_platform::db;
use minqing_platform::error::{Error, Kind};

use crate::Volunteers;
use crate::domain::need::Command;
use crate::store::need::Act;

/// Proposals of one round.
const BATCH: i64 = 100;

impl Volunteers {
    /// Takes back proposals that are due; gives how many.
    pub(super) async fn lapse_proposals(&self) -> Result<usize, Error> {
        let change = self.change_by_system();
        let mut lapsed = 0;
        for need in self.store.lapsed_proposals(change.now, BATCH).await? {
            let act = Act {
                id: need.id,
                version: Some(need.version),
                command: &Command::Lapse,
                promise: self.practice.promise,
                capacity: 0,
            };
            match self.store.act_on_need(&change, act).await {
                Ok(_) => lapsed += 1,
                // The team answered, or another replica was quicker.
                Err(Error::Database(db::Error::Conflict)) => {}
                Err(Error::Refused(refusal)) if matches!(refusal.kind, Kind::Stale | Kind::Rule) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(lapsed)
    }
}
