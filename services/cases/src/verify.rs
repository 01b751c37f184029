//! Proves that what is stored follows from the histories: each is replayed and compared with its row.

use minqing_platform::error::Error;

use crate::domain::case::replay;
use crate::store::Shared;
use crate::store::check::{Columns, Stored, StoredPart};

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
}

/// The most faults that are told.
const FAULTS_MAX: usize = 100;

/// Compares everything. `told` is called with how many cases were compared so far.
///
/// # Errors
/// The database does not answer, or holds what no version of this program wrote.
pub async fn verify(store: &Shared, mut told: impl FnMut(u64)) -> Result<Report, Error> {
    let mut report = Report::default();
    let mut after = 0;
    loop {
        let page = store.stored_after(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(report) };
        after = last.seq;
        for stored in &page {
            report.cases += 1;
            report.events += u64::try_from(stored.history.len()).unwrap_or(u64::MAX);
            let faults = faults(stored).into_iter();
            let room = FAULTS_MAX.saturating_sub(report.faults.len());
            let number = &stored.columns.number;
            report.faults.extend(faults.take(room).map(|fault| format!("case {number}: {fault}")));
        }
        told(report.cases);
    }
}

/// What of a case does not follow from its history.
fn faults(stored: &Stored) -> Vec<String> {
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
    if stored.case.status == crate::domain::case::Status::Closed && stored.case.replies.is_empty() {
        faults.push("it is closed and nobody was told anything".to_owned());
    }
    faults
}
