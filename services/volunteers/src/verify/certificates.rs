//! Certificates: their numbers have no gap, and they certify what the chain of hours holds.

use std::collections::BTreeMap;

use minqing_platform::error::Error;

use super::Report;
use crate::domain::certificate::{lines, number};
use crate::store::Shared;
use crate::store::check::StoredCertificate;

/// Certificates read at a time, each with its hours.
const PAGE: i64 = 200;
/// Digits of the year in a number.
const YEAR_DIGITS: usize = 4;

/// Compares every certificate with the hours, and the numbers with the count of each year.
pub(super) async fn check(store: &Shared, report: &mut Report) -> Result<(), Error> {
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page = store.stored_certificates_after(&after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.number);
        for stored in &page {
            report.certificates += 1;
            let name = format!("certificates/{}", stored.number);
            let year = stored.number.get(..YEAR_DIGITS).unwrap_or_default().to_owned();
            let place = found.entry(year.clone()).or_default();
            *place += 1;
            if stored.number != number::of(year.parse().unwrap_or_default(), *place) {
                report.add([format!("{name}: the number before it is missing, or it is no number")]);
                // One gap is told once: what follows is counted from here on.
                *place = place_of(&stored.number).unwrap_or(*place);
            }
            report.add(faults(stored).into_iter().map(|fault| format!("{name}: {fault}")));
        }
    }
    for (year, counted) in store.certificate_years().await? {
        let last = found.remove(&format!("{year:04}")).unwrap_or(0);
        if last != counted {
            report.add([format!("certificates of {year}: {counted} are counted, the last is number {last}")]);
        }
    }
    report.add(found.into_keys().map(|year| format!("certificates of {year}: none is counted")));
    Ok(())
}

/// Which one of its year a number says it is.
fn place_of(number: &str) -> Option<i64> {
    number.get(YEAR_DIGITS..number.len().checked_sub(1)?)?.parse().ok()
}

/// What of a certificate does not follow.
fn faults(stored: &StoredCertificate) -> Vec<String> {
    let StoredCertificate { number, volunteer, division_code, certificate, entries } = stored;
    let mut faults = Vec::new();
    let columns = (number, volunteer, division_code);
    if columns != (&certificate.number, &certificate.volunteer, &certificate.division_code) {
        faults.push("what is kept of it for lists differs from it".to_owned());
    }
    if lines(entries).ok().as_ref() != Some(&certificate.lines) {
        faults.push("it certifies other hours than the chain holds".to_owned());
    }
    faults
}
