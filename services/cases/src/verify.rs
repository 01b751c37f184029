//! Proves that what is stored follows from the histories: each is replayed and compared with all that is kept of its
//! case, and [`repair`] writes anew what does not follow.

mod derived;
mod repair;

use std::collections::BTreeMap;

use minqing_platform::error::Error;

use crate::calendars::Calendars;
use crate::domain::case::{Case, Status, apply, replay};
use crate::domain::dispatch::learnt::Lesson;
use crate::domain::dispatch::taught;
use crate::domain::search;
use crate::store::Shared;
use crate::store::check::{Columns, Stored, StoredPart, Totals};

pub use repair::{Repaired, repair};

/// Cases read at a time.
const PAGE: i64 = 500;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Cases that were compared.
    pub cases: u64,
    /// Events that were replayed.
    pub events: u64,
    /// What does not follow, one line each: the number of the case, and what differs. Bounded.
    pub faults: Vec<String>,
    /// Whether what is kept of all cases together was left out, because cases changed meanwhile.
    pub changed: bool,
}

/// The most faults that are told.
const FAULTS_MAX: usize = 100;

/// What all histories together must come to.
#[derive(Debug, Default)]
struct Sums {
    terms: i64,
    /// Of each organization: what its dispatches and returns come to, and by how much more may be kept. What was learnt of
    /// an organization is never less than nothing, though a part that was handed over may be unlearnt of the unit that
    /// had never been taught it.
    lessons: BTreeMap<String, (i64, i64)>,
}

/// Compares everything. `told` is called with how many cases were compared so far.
///
/// # Errors
/// The database does not answer, or holds what no version of this program wrote.
pub async fn verify(store: &Shared, mut told: impl FnMut(u64)) -> Result<Report, Error> {
    let calendars = Calendars::new(store.clone());
    let before = store.totals().await?;
    let (mut report, mut sums) = (Report::default(), Sums::default());
    let mut after = 0;
    loop {
        let page = store.stored_after(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for stored in &page {
            report.cases += 1;
            report.events += u64::try_from(stored.history.len()).unwrap_or(u64::MAX);
            sums.add(stored);
            let number = &stored.columns.number;
            let faults = settled_faults(store, &calendars, stored).await?;
            note(&mut report, faults.into_iter().map(|fault| format!("case {number}: {fault}")));
        }
        told(report.cases);
    }
    report.changed = store.totals().await?.events != before.events;
    if !report.changed {
        note(&mut report, sums.faults(&before).into_iter());
    }
    Ok(report)
}

fn note(report: &mut Report, faults: impl Iterator<Item = String>) {
    let room = FAULTS_MAX.saturating_sub(report.faults.len());
    report.faults.extend(faults.take(room));
}

/// What of a case does not follow from its history. It is read in several statements; what happens to it between them looks
/// like a fault, so a case that has one is read once more.
async fn settled_faults(
    store: &Shared,
    calendars: &Calendars,
    stored: &Stored,
) -> Result<Vec<String>, Error> {
    let found = faults(calendars, stored).await?;
    if found.is_empty() {
        return Ok(found);
    }
    match store.stored_after(stored.seq - 1, 1).await?.first() {
        Some(again) => faults(calendars, again).await,
        None => Ok(found),
    }
}

async fn faults(calendars: &Calendars, stored: &Stored) -> Result<Vec<String>, Error> {
    let mut faults = of_row(stored);
    if let Some(rebuilt) = derived::rebuilt(calendars, &stored.history).await? {
        faults.extend(derived::differences(stored, &rebuilt.derived));
    }
    faults.extend(of_observations(stored));
    Ok(faults)
}

/// What of the row does not follow.
fn of_row(stored: &Stored) -> Vec<String> {
    let mut faults = Vec::new();
    let gaps = (1..).zip(&stored.history).find(|(version, recorded)| recorded.version != *version);
    if let Some((version, _)) = gaps {
        faults.push(format!("event {version} is missing"));
    }
    match replay(&stored.history) {
        None => faults.push("the history does not begin with a submission".to_owned()),
        Some(replayed) if replayed != stored.case => {
            faults.push("its history makes another case than the one that is kept".to_owned());
        }
        Some(_) => {}
    }
    if stored.columns != Columns::of(&stored.case) {
        faults.push("what is kept of it for lists differs from it".to_owned());
    }
    if stored.parts != StoredPart::of(&stored.case) {
        faults.push("its assignments differ from those kept for lists".to_owned());
    }
    if stored.case.status == Status::Closed && stored.case.replies.is_empty() {
        faults.push("it is closed and nobody was told anything".to_owned());
    }
    faults
}

/// A case and the observation from which it came know each other.
fn of_observations(stored: &Stored) -> Vec<String> {
    let case = &stored.case;
    let strangers = stored
        .observations
        .iter()
        .filter(|id| case.origin.as_deref() != Some(format!("observations/{id}").as_str()));
    let mut faults: Vec<String> = strangers
        .map(|id| format!("observations/{id} is said to have become it, which it does not know of"))
        .collect();
    if let (Some(became), Some(origin)) = (&stored.origin, &case.origin)
        && became.as_deref() != Some(case.number.as_str())
    {
        faults.push(format!("it came from {origin}, which does not know of it"));
    }
    faults
}

impl Sums {
    fn add(&mut self, stored: &Stored) {
        let terms = search::terms(&stored.case).len();
        self.terms = self.terms.saturating_add(i64::try_from(terms).unwrap_or(i64::MAX));
        for (Lesson { organization, .. }, cases) in lessons(stored) {
            let (sum, more) = self.lessons.entry(organization).or_default();
            *sum += cases;
            *more += i64::from(cases < 0);
        }
    }

    fn faults(&self, kept: &Totals) -> Vec<String> {
        let mut faults = Vec::new();
        if kept.terms != self.terms {
            faults.push(format!(
                "cases are found by {} terms; their histories make {}",
                kept.terms, self.terms
            ));
        }
        let organizations = kept.learnt.keys().chain(self.lessons.keys());
        for organization in organizations.collect::<std::collections::BTreeSet<_>>() {
            let learnt = kept.learnt.get(organization).copied().unwrap_or(0);
            let (sum, more) = self.lessons.get(organization).copied().unwrap_or((0, 0));
            if !(sum..=sum + more).contains(&learnt) {
                faults.push(format!(
                    "{learnt} dispatches to {organization} were learnt from; the histories hold {sum}"
                ));
            }
        }
        faults
    }
}

/// The lessons of a whole history: each is about the case as its own event left it.
fn lessons(stored: &Stored) -> Vec<(Lesson, i64)> {
    let (mut lessons, mut case) = (Vec::new(), None::<Case>);
    for recorded in &stored.history {
        case = apply(case, recorded);
        if let Some(case) = &case {
            lessons.extend(taught::lessons(case, std::slice::from_ref(recorded)));
        }
    }
    lessons
}
