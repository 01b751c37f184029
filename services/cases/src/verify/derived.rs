//! What follows from a history beside the case itself.

use std::sync::Arc;

use minqing_platform::error::Error;

use crate::calendars::Calendars;
use crate::domain::calendar::{CHINA, Calendar};
use crate::domain::case::{Case, Recorded, completion_due, next_due, replay, timers, told};
use crate::domain::figures::{Facts, rounds_after};
use crate::domain::search;
use crate::store::check::{Derived, Rebuilt, Stored};

/// A case and what must be kept of it; none for a history that makes no case.
pub async fn rebuilt(calendars: &Calendars, history: &[Recorded]) -> Result<Option<Rebuilt>, Error> {
    let Some(case) = replay(history) else { return Ok(None) };
    let calendar = calendar_of(calendars, &case).await?;
    let mut rounds = Vec::new();
    for round in rounds_after(None, history) {
        rounds.push(round.facts(&*calendar_of(calendars, &round.case).await?));
    }
    let mut timers = timers(&case, &calendar);
    timers.sort_by_key(|timer| (timer.part, timer.kind.as_str()));
    let due = |part| completion_due(part, &calendar).ok().flatten();
    let derived = Derived {
        next_due: next_due(&case, &calendar).ok().flatten().map(|due| due.at),
        part_dues: case.assignments.iter().map(|part| (i64::from(part.id), due(part))).collect(),
        timers,
        told: told(None, history),
        rounds,
        terms: search::terms(&case),
    };
    Ok(Some(Rebuilt { case, calendar, derived }))
}

async fn calendar_of(calendars: &Calendars, case: &Case) -> Result<Arc<Calendar>, Error> {
    match &case.calendar {
        Some(kept) => calendars.calendar(&kept.id, Some(kept.version)).await,
        None => calendars.calendar(CHINA, None).await,
    }
}

/// What is kept and does not follow, or follows and is not kept.
pub fn differences(stored: &Stored, wanted: &Derived) -> Vec<String> {
    let kept = &stored.derived;
    let mut faults = Vec::new();
    let mut note = |differs: bool, what: &str| {
        if differs {
            faults.push(what.to_owned());
        }
    };
    note(kept.next_due != wanted.next_due, "what is due next is another instant than the one kept for lists");
    note(
        kept.part_dues != wanted.part_dues,
        "its assignments are due at other instants than those kept for lists",
    );
    note(kept.timers != wanted.timers, "its timers are not those that its history sets");
    note(kept.told != wanted.told, "its records of supervision are not those of its history");
    note(!count_alike(&kept.rounds, &wanted.rounds), "its figures are not those of its history");
    note(kept.terms != wanted.terms, "it is not found by all of its terms");
    note(!stored.outdated.is_empty(), "it is found by terms that it no longer has");
    faults
}

/// Which version was counted is of no matter so long as it counts the same.
fn count_alike(kept: &[Facts], wanted: &[Facts]) -> bool {
    kept.len() == wanted.len() && kept.iter().zip(wanted).all(|(kept, wanted)| kept.counts_like(wanted))
}
