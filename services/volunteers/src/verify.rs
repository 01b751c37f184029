//! Proves that what is stored follows from what is only ever appended: hours from their chain, needs from their histories,
//! and from these what is counted of both and what was certified. To be run on a database that nobody writes to: what changes while it is read can look
//! wrong.

mod certificates;

use std::collections::BTreeMap;

use minqing_platform::error::Error;

use crate::domain::hour::chain::{Fault, Head, walk};
use crate::domain::hour::{Entry, Source, Total};
use crate::domain::need::replay;
use crate::store::Shared;
use crate::store::check::{NeedColumns, StoredNeed};

/// Rows read at a time.
const PAGE: i64 = 2_000;
/// Needs read at a time, each with its history.
const NEEDS_PAGE: i64 = 200;
/// The most faults that are told.
const FAULTS_MAX: usize = 100;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Entries of hours that were hashed anew.
    pub entries: u64,
    /// Needs that were compared.
    pub needs: u64,
    /// Events of needs that were replayed.
    pub events: u64,
    /// Certificates that were compared with the hours they certify.
    pub certificates: u64,
    /// What does not follow, one line each. Bounded.
    pub faults: Vec<String>,
}

impl Report {
    fn add(&mut self, faults: impl IntoIterator<Item = String>) {
        let room = FAULTS_MAX.saturating_sub(self.faults.len());
        self.faults.extend(faults.into_iter().take(room));
    }
}

/// Compares everything.
///
/// # Errors
/// The database does not answer, or holds what no version of this program wrote.
pub async fn verify(store: &Shared) -> Result<Report, Error> {
    let mut report = Report::default();
    let totals = hours(store, &mut report).await?;
    compare_totals(store, totals, &mut report).await?;
    let loads = needs(store, &mut report).await?;
    compare_loads(store, &loads, &mut report).await?;
    certificates::check(store, &mut report).await?;
    Ok(report)
}

/// Walks the chain; gives what it adds up to for each person.
async fn hours(store: &Shared, report: &mut Report) -> Result<BTreeMap<String, Total>, Error> {
    let mut totals: BTreeMap<String, Total> = BTreeMap::new();
    let mut last = Head::EMPTY;
    loop {
        let page = store.hour_chain_after(last.seq, PAGE).await?;
        if page.is_empty() {
            break;
        }
        report.entries += u64::try_from(page.len()).unwrap_or(u64::MAX);
        report.add(walk(&mut last, &page).iter().map(ToString::to_string));
        for Entry { facts, .. } in page {
            let total = totals.entry(facts.volunteer).or_default();
            total.minutes += facts.minutes;
            total.times += i64::from(facts.source != Source::Correction);
        }
    }
    if store.hour_chain().await? != last {
        report.add([Fault::Head(last.seq).to_string()]);
    }
    Ok(totals)
}

async fn compare_totals(
    store: &Shared,
    mut counted: BTreeMap<String, Total>,
    report: &mut Report,
) -> Result<(), Error> {
    let mut after = String::new();
    loop {
        let page = store.hour_totals_after(&after, PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(last);
        let wrong = page.into_iter().filter_map(|(volunteer, kept)| {
            let sum = counted.remove(&volunteer).unwrap_or_default();
            (sum != kept).then(|| {
                format!(
                    "volunteers/{volunteer}: {} minutes and {} times are kept, the entries make {} and {}",
                    kept.minutes, kept.times, sum.minutes, sum.times
                )
            })
        });
        let wrong: Vec<String> = wrong.collect();
        report.add(wrong);
    }
    report.add(counted.into_keys().map(|volunteer| format!("volunteers/{volunteer}: the total is missing")));
    Ok(())
}

/// Replays the histories of needs; gives how many each team has.
async fn needs(store: &Shared, report: &mut Report) -> Result<BTreeMap<String, i64>, Error> {
    let mut loads: BTreeMap<String, i64> = BTreeMap::new();
    let mut after = 0;
    loop {
        let page = store.stored_needs_after(after, NEEDS_PAGE).await?;
        let Some(last) = page.last() else { return Ok(loads) };
        after = last.seq;
        for stored in &page {
            report.needs += 1;
            report.events += u64::try_from(stored.history.len()).unwrap_or(u64::MAX);
            report
                .add(faults(stored).into_iter().map(|fault| format!("needs/{}: {fault}", stored.columns.id)));
            if let Some(need) = replay(&stored.history)
                && need.status.is_with_team()
                && let Some(team) = need.team
            {
                *loads.entry(team).or_default() += 1;
            }
        }
    }
}

/// What of a need does not follow from its history.
fn faults(stored: &StoredNeed) -> Vec<String> {
    let mut faults = Vec::new();
    let gap = (1..).zip(&stored.history).find(|(version, recorded)| recorded.version != *version);
    if let Some((version, _)) = gap {
        faults.push(format!("event {version} is missing"));
    }
    match replay(&stored.history) {
        None => faults.push("the history does not begin with a submission".to_owned()),
        Some(replayed) if replayed != stored.need => {
            faults.push("its history makes another need than the one that is kept".to_owned());
        }
        Some(_) => {}
    }
    if stored.columns != NeedColumns::of(&stored.need) {
        faults.push("what is kept of it for lists differs from it".to_owned());
    }
    faults
}

async fn compare_loads(
    store: &Shared,
    counted: &BTreeMap<String, i64>,
    report: &mut Report,
) -> Result<(), Error> {
    let mut kept: BTreeMap<String, i64> = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page = store.team_loads_after(&after, PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(last);
        kept.extend(page);
    }
    for team in counted.keys().filter(|team| !kept.contains_key(*team)) {
        report.add([format!("teams/{team}: how many needs it has is not kept")]);
    }
    for (team, needs) in kept {
        let really = counted.get(&team).copied().unwrap_or(0);
        if needs != really {
            report.add([format!("teams/{team}: {needs} needs are kept, the histories make {really}")]);
        }
    }
    Ok(())
}
