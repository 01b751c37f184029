//! Hours between messages and domain.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use minqing_platform::field::{name, timestamp};
use minqing_platform::named::number;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;

use crate::domain::hour::chain::Head;
use crate::domain::hour::honour::Honour;
use crate::domain::hour::level::Standing;
use crate::domain::hour::{Entry, Total};

/// Reads the name of an entry; gives its place in the chain.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn hour_seq(field: &str, text: &str) -> Result<i64, Violation> {
    let id = name(field, "hourEntries", text)?;
    // Only the form that names are given in: two names of one thing would be compared as different.
    let parsed = id.parse::<i64>().ok().filter(|seq| *seq > 0 && seq.to_string() == id);
    parsed.ok_or_else(|| Violation::new(field, "INVALID_NAME", "must be of the form hourEntries/{number}"))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An entry as a message.
pub fn hour_entry(entry: &Entry) -> proto::HourEntry {
    let facts = &entry.facts;
    proto::HourEntry {
        name: format!("hourEntries/{}", entry.seq),
        volunteer: format!("volunteers/{}", facts.volunteer),
        team: format!("teams/{}", facts.team),
        post: format!("posts/{}", facts.post),
        activity: facts.activity.clone(),
        shift: facts.shift.clone(),
        need: facts.need.clone(),
        division_code: facts.division_code.clone(),
        from_time: Some(timestamp(facts.from)),
        to_time: Some(timestamp(facts.to)),
        minutes: facts.minutes,
        source: number(facts.source),
        corrects: facts.corrects.map(|seq| format!("hourEntries/{seq}")).unwrap_or_default(),
        reason: facts.reason.clone(),
        recorder: facts.recorder.clone(),
        certifier: facts.certifier.clone(),
        record_time: Some(timestamp(facts.record_time)),
        hash: hexadecimal(&entry.hash),
    }
}

/// A head as a message.
pub fn hour_head(head: &Head, now: DateTime<Utc>) -> proto::HourChainHead {
    proto::HourChainHead { seq: head.seq, hash: hexadecimal(&head.hash), time: Some(timestamp(now)) }
}

/// Somebody's hours as a message.
pub fn hour_summary(volunteer: &str, total: Total, standing: Standing) -> proto::HourSummary {
    proto::HourSummary {
        volunteer: format!("volunteers/{volunteer}"),
        minutes: total.minutes,
        times: total.times,
        level: i32::try_from(standing.level).unwrap_or(i32::MAX),
        minutes_to_next: standing.minutes_to_next,
    }
}

/// Thanks or an award as a message. Who said it is told to nobody: a resident's name is theirs.
pub fn honour(honour: &Honour) -> proto::Honour {
    proto::Honour {
        name: format!("honours/{}", honour.id),
        kind: number(honour.kind),
        volunteer: format!("volunteers/{}", honour.volunteer),
        need: honour.need.as_ref().map(|id| format!("needs/{id}")).unwrap_or_default(),
        text: honour.text.clone(),
        create_time: Some(timestamp(honour.create_time)),
    }
}
