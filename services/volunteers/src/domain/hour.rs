//! Hours of service (志愿服务时长): entries that are only ever appended, each chained to the one before.
//!
//! An entry says who served, for which team and post, from when to when, who recorded it and who vouches for it. A
//! mistake is mended by a further entry of signed minutes that names the first one; nothing is ever rewritten. The chain
//! ([`chain`]) makes a change of any field of any entry show.

pub mod chain;
pub mod honour;
pub mod level;

#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::error::Refusal;
use minqing_platform::named::named;
use serde::{Deserialize, Serialize};

/// The longest that one entry may last: nobody serves for longer without a break.
pub const SPAN_MAX: TimeDelta = TimeDelta::hours(24);
/// The most characters of the reason of a correction.
pub const REASON_MAX: usize = 500;

named! {
    /// What an entry rests on.
    Source {
        /// Somebody checked in and out (签到签退).
        CheckIn = "check_in",
        /// The person said so, and it was audited (自行申报).
        SelfReport = "self_report",
        /// It mends another entry (更正).
        Correction = "correction",
    }
}

/// Service that is to be entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The unified number of who served.
    pub volunteer: String,
    /// For which team.
    pub team: String,
    /// In which post.
    pub post: String,
    /// In which activity.
    pub activity: Option<String>,
    /// In which shift of it.
    pub shift: Option<String>,
    /// For which need.
    pub need: Option<String>,
    /// The division or grid where it was.
    pub division_code: String,
    /// From when,
    pub from: DateTime<Utc>,
    /// to when.
    pub to: DateTime<Utc>,
    /// How many minutes count: at least one, at most as many as passed.
    pub minutes: u32,
    /// What it rests on; never a correction.
    pub source: Source,
    /// Who recorded it.
    pub recorder: String,
    /// Who vouches for it.
    pub certifier: String,
}

/// A correction that is to be entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCorrection {
    /// The entry it mends.
    pub of: i64,
    /// How many minutes it adds, or takes where negative; never none.
    pub minutes: i64,
    /// Why.
    pub reason: String,
    /// Who enters it, and vouches for it.
    pub recorder: String,
}

/// What an entry says: all of it is chained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The unified number of who served.
    pub volunteer: String,
    /// For which team.
    pub team: String,
    /// In which post.
    pub post: String,
    /// In which activity.
    pub activity: Option<String>,
    /// In which shift of it.
    pub shift: Option<String>,
    /// For which need.
    pub need: Option<String>,
    /// The division or grid where it was.
    pub division_code: String,
    /// From when,
    pub from: DateTime<Utc>,
    /// to when.
    pub to: DateTime<Utc>,
    /// How many minutes it adds; negative in a correction that takes some.
    pub minutes: i64,
    /// What it rests on.
    pub source: Source,
    /// The entry it mends.
    pub corrects: Option<i64>,
    /// Why it mends that one; else empty.
    pub reason: String,
    /// Who recorded it.
    pub recorder: String,
    /// Who vouches for it.
    pub certifier: String,
    /// When it was entered.
    pub record_time: DateTime<Utc>,
}

/// An entry, in its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place: 1 is the first, and none is left out.
    pub seq: i64,
    /// What it says.
    pub facts: Facts,
    /// What chains it to all before it.
    pub hash: chain::Hash,
}

/// What is known of somebody's hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Total {
    /// All minutes, corrections taken in.
    pub minutes: i64,
    /// How many times they served: entries that are no corrections.
    pub times: i64,
}

/// Checks service that is to be entered.
///
/// # Errors
/// It lasts no time or longer than a day (`HOURS_SPAN`), is not over yet (`HOURS_NOT_OVER`), counts no minute or more than
/// passed (`HOURS_MINUTES`), or is entered as a correction (`HOURS_SOURCE`).
pub fn check(new: &NewEntry, now: DateTime<Utc>) -> Result<(), Refusal> {
    let span = new.to - new.from;
    if span <= TimeDelta::zero() || span > SPAN_MAX {
        let text = format!("service lasts some time, and at most {} hours at once", SPAN_MAX.num_hours());
        return Err(Refusal::rule("HOURS_SPAN", text));
    }
    if new.to > now {
        return Err(Refusal::rule("HOURS_NOT_OVER", "the service is not over yet"));
    }
    // Whoever served 90 seconds may be credited two minutes, and nobody more than passed.
    let passed = (span + TimeDelta::seconds(59)).num_minutes();
    if new.minutes == 0 || i64::from(new.minutes) > passed {
        return Err(Refusal::rule("HOURS_MINUTES", format!("1 to {passed} minutes can count")));
    }
    if new.source == Source::Correction {
        return Err(Refusal::rule("HOURS_SOURCE", "a correction names the entry it mends"));
    }
    Ok(())
}

/// Two of these that are at one time and of one person.
pub fn overlap(new: &[NewEntry]) -> Option<(&NewEntry, &NewEntry)> {
    let mut ordered: Vec<&NewEntry> = new.iter().collect();
    ordered.sort_by(|a, b| (&a.volunteer, a.from).cmp(&(&b.volunteer, b.from)));
    // In order of beginning, some two overlap exactly when some two neighbours do.
    let pairs = ordered.windows(2).map(|pair| (pair[0], pair[1]));
    pairs.into_iter().find(|(a, b)| a.volunteer == b.volunteer && b.from < a.to)
}

/// The refusal of a second entry of one person at one time.
pub fn overlapping(volunteer: &str) -> Refusal {
    let text = format!("volunteers/{volunteer} has hours entered at this time already");
    Refusal::rule("HOURS_OVERLAP", text)
}

/// What an entry of new service says.
pub fn facts(new: &NewEntry, now: DateTime<Utc>) -> Facts {
    Facts {
        volunteer: new.volunteer.clone(),
        team: new.team.clone(),
        post: new.post.clone(),
        activity: new.activity.clone(),
        shift: new.shift.clone(),
        need: new.need.clone(),
        division_code: new.division_code.clone(),
        from: new.from,
        to: new.to,
        minutes: new.minutes.into(),
        source: new.source,
        corrects: None,
        reason: String::new(),
        recorder: new.recorder.clone(),
        certifier: new.certifier.clone(),
        record_time: now,
    }
}

/// What a correction says. `entry` is the one it mends; `counted` are its minutes as corrected so far; `own` is how the
/// account of who served is called in records.
///
/// # Errors
/// The entry is itself a correction (`CORRECTION_OF_CORRECTION`); who served corrects it themselves (`CORRECTION_OWN`);
/// it changes nothing, or would leave less than none or more than passed (`HOURS_MINUTES`).
pub fn correct(
    entry: &Entry,
    counted: i64,
    own: Option<&str>,
    new: &NewCorrection,
    now: DateTime<Utc>,
) -> Result<Facts, Refusal> {
    if entry.facts.source == Source::Correction {
        let text = "an entry that mends another is not mended itself; mend the first one again";
        return Err(Refusal::rule("CORRECTION_OF_CORRECTION", text));
    }
    if own == Some(new.recorder.as_str()) {
        let text = "nobody corrects the hours they are credited; another coordinator does";
        return Err(Refusal::rule("CORRECTION_OWN", text));
    }
    let passed = (entry.facts.to - entry.facts.from + TimeDelta::seconds(59)).num_minutes();
    let after = counted.checked_add(new.minutes).filter(|after| (0..=passed).contains(after));
    if new.minutes == 0 || after.is_none() {
        let text = format!("{counted} minutes count now; 0 to {passed} can, and a correction changes them");
        return Err(Refusal::rule("HOURS_MINUTES", text));
    }
    Ok(Facts {
        minutes: new.minutes,
        source: Source::Correction,
        corrects: Some(entry.seq),
        reason: new.reason.clone(),
        recorder: new.recorder.clone(),
        certifier: new.recorder.clone(),
        record_time: now,
        ..entry.facts.clone()
    })
}
