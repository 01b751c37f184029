//! Certificates of service (志愿服务记录证明): what is certified, its number, and the words of it.

pub mod number;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use minqing_platform::error::Refusal;
use minqing_platform::named::named;
use minqing_platform::status::Violation;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::hour::Entry;
use super::hour::chain::Head;

/// The most days of one certificate: ten years.
pub const DAYS_MAX: u64 = 3_660;

named! {
    /// Where a request stands.
    State {
        /// Nobody issued it yet.
        Open = "open",
        /// The certificate was issued.
        Issued = "issued",
    }
}

named! {
    /// How a certificate is printed.
    Format {
        /// HTML.
        Html = "html",
        /// PDF.
        Pdf = "pdf",
    }
}

/// What the holder has printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Whether the public check shows the holder's masked name.
    pub shows_name: bool,
    /// Whether the public check shows the hours.
    pub shows_hours: bool,
}

/// A certificate that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Which one.
    pub id: Uuid,
    /// Who asked.
    pub volunteer: String,
    /// Where they belong.
    pub division_code: String,
    /// What is to be certified.
    pub content: Content,
    /// Where it stands.
    pub state: State,
    /// The number of the certificate.
    pub certificate: Option<String>,
    /// When it was asked for.
    pub create_time: DateTime<Utc>,
}

/// Service for one team in one post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The team.
    pub team: String,
    /// The post.
    pub post: String,
    /// How many minutes.
    pub minutes: i64,
    /// How many times.
    pub times: i64,
}

/// Who issues a certificate, and how to reach them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// Who issues it, as printed.
    pub issuer: String,
    /// Who handles it, as printed.
    pub handler: String,
    /// How to reach them, as printed.
    pub contact: String,
    /// Whose call it was.
    pub by: String,
    /// The date.
    pub day: NaiveDate,
}

/// Why and when a certificate was revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: String,
    /// When.
    pub time: DateTime<Utc>,
}

/// A certificate. Who the holder is stands sealed beside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The number.
    pub number: String,
    /// Whose it is.
    pub volunteer: String,
    /// Where they belonged.
    pub division_code: String,
    /// What is certified.
    pub content: Content,
    /// The hours, by team and post.
    pub lines: Vec<Line>,
    /// The last entry of the chain when it was issued: what is entered later is not in it.
    pub chain_seq: i64,
    /// Who issued it.
    pub issued: Issued,
    /// Whether it was revoked.
    pub revoked: Option<Revoked>,
}

impl Certificate {
    /// All minutes.
    pub fn minutes(&self) -> i64 {
        self.lines.iter().map(|line| line.minutes).sum()
    }

    /// How many times the holder served.
    pub fn times(&self) -> i64 {
        self.lines.iter().map(|line| line.times).sum()
    }
}

/// The holder, as printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The name.
    pub display_name: String,
    /// The identity number, masked.
    pub identity_number: String,
}

/// Checks what is to be certified.
///
/// # Errors
/// The period ends before it begins, is not over, or is longer than ten years.
pub fn check(field: &str, content: &Content, today: NaiveDate) -> Result<(), Violation> {
    let within = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
    if content.to < content.from {
        return Err(Violation::new(within("to_day"), "PERIOD_EMPTY", "lies before the first day"));
    }
    if content.to > today {
        return Err(Violation::new(within("to_day"), "PERIOD_NOT_OVER", "is not over yet"));
    }
    let longest = content.from.checked_add_days(Days::new(DAYS_MAX));
    if longest.is_none_or(|longest| content.to > longest) {
        return Err(Violation::new(within("from_day"), "PERIOD_TOO_LONG", "at most ten years"));
    }
    Ok(())
}

/// Minutes, and the minutes of each time by the number of its first entry.
type Served = (i64, BTreeMap<i64, i64>);

/// What entries of one person add up to, by team and post; what was corrected away is left out.
///
/// # Errors
/// Nothing is left (`CERTIFICATE_EMPTY`).
pub fn lines(entries: &[Entry]) -> Result<Vec<Line>, Refusal> {
    let mut lines: BTreeMap<(&str, &str), Served> = BTreeMap::new();
    for entry in entries {
        let facts = &entry.facts;
        let line = lines.entry((&facts.team, &facts.post)).or_default();
        line.0 += facts.minutes;
        // A time whose minutes were all taken back was none.
        *line.1.entry(facts.corrects.unwrap_or(entry.seq)).or_default() += facts.minutes;
    }
    let line = |((team, post), (minutes, times)): ((&str, &str), Served)| Line {
        team: team.to_owned(),
        post: post.to_owned(),
        minutes,
        times: i64::try_from(times.values().filter(|minutes| **minutes > 0).count()).unwrap_or(i64::MAX),
    };
    let lines: Vec<Line> = lines.into_iter().map(line).filter(|line| line.minutes > 0).collect();
    if lines.is_empty() {
        return Err(Refusal::rule("CERTIFICATE_EMPTY", "no hours are entered in this period"));
    }
    Ok(lines)
}

/// The certificate that is issued upon a request.
///
/// # Errors
/// It was issued (`CERTIFICATE_ISSUED`), by whoever asked (`CERTIFICATE_OWN`), or there is nothing to certify
/// (`CERTIFICATE_EMPTY`).
pub fn issue(
    request: &Request,
    number: String,
    entries: &[Entry],
    head: Head,
    issued: Issued,
    own: Option<&str>,
) -> Result<Certificate, Refusal> {
    if let Some(number) = &request.certificate {
        return Err(Refusal::rule("CERTIFICATE_ISSUED", format!("it was issued as certificates/{number}")));
    }
    if own == Some(issued.by.as_str()) {
        return Err(Refusal::rule("CERTIFICATE_OWN", "nobody issues a certificate for themselves"));
    }
    Ok(Certificate {
        number,
        volunteer: request.volunteer.clone(),
        division_code: request.division_code.clone(),
        content: request.content.clone(),
        lines: lines(entries)?,
        chain_seq: head.seq,
        issued,
        revoked: None,
    })
}

/// Revokes a certificate.
///
/// # Errors
/// It was revoked before (`CERTIFICATE_REVOKED`).
pub fn revoke(
    certificate: &Certificate,
    reason: String,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Certificate, Refusal> {
    if certificate.revoked.is_some() {
        return Err(Refusal::rule("CERTIFICATE_REVOKED", "it was revoked before"));
    }
    let revoked = Some(Revoked { reason, by: by.to_owned(), time: now });
    Ok(Certificate { revoked, ..certificate.clone() })
}
