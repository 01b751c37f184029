//! Writes anew what is kept and does not follow from the histories. The histories themselves are never touched.

use chrono::{DateTime, Utc};
use minqing_platform::error::Error;

use super::derived::rebuilt;
use super::{PAGE, Sums, faults, lessons};
use crate::calendars::Calendars;
use crate::store::Shared;
use crate::store::check::Stored;

/// How often a case is begun again that something happened to.
const TRIES_MAX: usize = 3;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Repaired {
    /// Cases that were looked at.
    pub cases: u64,
    /// Cases of which something was written anew.
    pub rebuilt: u64,
    /// Whether what is learnt from dispatches was forgotten, to be learnt anew from the histories.
    pub relearnt: bool,
}

/// Looks through everything and writes anew what does not follow: rows, parts, timers, records, figures, terms, ties to
/// observations, lessons. Cases may go on meanwhile; lessons are learnt anew only where none does, for what is dispatched
/// meanwhile would count twice. `told` is called with how many cases were looked at.
///
/// # Errors
/// The database does not answer, or holds what no version of this program wrote.
pub async fn repair(
    store: &Shared,
    now: DateTime<Utc>,
    mut told: impl FnMut(u64),
) -> Result<Repaired, Error> {
    let calendars = Calendars::new(store.clone());
    let before = store.totals().await?;
    let (mut repaired, mut sums) = (Repaired::default(), Sums::default());
    let mut after = 0;
    loop {
        let page = store.stored_after(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for stored in page {
            repaired.cases += 1;
            sums.add(&stored);
            repaired.rebuilt += u64::from(settle(store, &calendars, stored).await?);
        }
        told(repaired.cases);
    }
    let now_kept = store.totals().await?;
    let is_quiet = now_kept.events == before.events;
    if is_quiet && !sums.faults(&super::Totals { terms: sums.terms, ..now_kept }).is_empty() {
        relearn(store, now).await?;
        repaired.relearnt = true;
    }
    Ok(repaired)
}

/// Writes a case anew, if something of it does not follow. Whether that was done.
async fn settle(store: &Shared, calendars: &Calendars, mut stored: Stored) -> Result<bool, Error> {
    for _ in 0..TRIES_MAX {
        if faults(calendars, &stored).await?.is_empty() {
            return Ok(false);
        }
        let Some(whole) = rebuilt(calendars, &stored.history).await? else { return Ok(false) };
        let is_whole = stored.history.iter().zip(1..).all(|(recorded, version)| recorded.version == version);
        // A history with a gap makes no case that could be trusted.
        if !is_whole {
            return Ok(false);
        }
        if store.rebuild_case(&whole).await? {
            return Ok(true);
        }
        match store.stored_after(stored.seq - 1, 1).await?.into_iter().next() {
            Some(again) => stored = again,
            None => return Ok(false),
        }
    }
    Ok(false)
}

/// Learns from all dispatches again.
async fn relearn(store: &Shared, now: DateTime<Utc>) -> Result<(), Error> {
    store.forget_lessons().await?;
    let mut after = 0;
    loop {
        let page = store.stored_after(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.seq;
        let taught: Vec<_> = page.iter().flat_map(lessons).collect();
        store.note_taught(&taught, now).await?;
    }
}
