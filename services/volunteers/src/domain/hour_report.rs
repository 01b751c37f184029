//! Hours that volunteers report themselves (补录时长), and their review.

#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::error::Refusal;
use minqing_platform::named::named;
use minqing_platform::status::Violation;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::activity::Window;
use super::sign_up::{SignUp, State as SignUpState};

/// How long after serving somebody may report it.
pub const LATE_MAX: TimeDelta = TimeDelta::days(60);
/// The longest time that one report may tell of.
pub const LENGTH_MAX: TimeDelta = TimeDelta::hours(24);
/// Of how many reports one is drawn for a spot check.
const SPOT_CHECK_OF: u128 = 10;

named! {
    /// Why hours are reported.
    Source {
        /// They checked in and not out.
        NoCheckOut = "no_check_out",
        /// They did not check in, and were there.
        NoCheckIn = "no_check_in",
        /// They served outside any shift.
        NoShift = "no_shift",
    }
}

named! {
    /// Where a report stands.
    State {
        /// It waits for review.
        Submitted = "submitted",
        /// The hours are entered.
        Accepted = "accepted",
        /// It was declined.
        Declined = "declined",
    }
}

/// Hours that somebody says they served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourReport {
    /// Its id.
    pub id: Uuid,
    /// Who: their volunteer number.
    pub volunteer: String,
    /// Who reported it: the account's name.
    pub reporter: String,
    /// The sign-up it is about: activity, shift and id.
    pub sign_up: Option<(Uuid, Uuid, Uuid)>,
    /// The team for which they served.
    pub team: String,
    /// The post they served in.
    pub post: String,
    /// Where: the activity's place, or the team's home.
    pub division_code: String,
    /// When.
    pub window: Window,
    /// What was done.
    pub description: String,
    /// Why it is reported.
    pub source: Source,
    /// Where it stands.
    pub state: State,
    /// Whether only a coordinator accepts it.
    pub spot_check: bool,
    /// What the reviewer wrote; may be empty.
    pub comment: String,
    /// Who reviewed it; empty while nobody did.
    pub reviewer: String,
    /// When it was reported.
    pub create_time: DateTime<Utc>,
    /// When it was reviewed.
    pub review_time: Option<DateTime<Utc>>,
}

/// Whether a report is drawn for a spot check: by the random end of its id, which nobody chooses who reports.
pub fn is_spot_check(id: Uuid) -> bool {
    id.as_u128().is_multiple_of(SPOT_CHECK_OF)
}

/// Checks when somebody says that they served.
///
/// # Errors
/// It lasted no minute or more than a day (`TIME_WINDOW`), is not over (`TIME_IN_FUTURE`), or was too long ago
/// (`TIME_TOO_OLD`).
pub fn check_time(window: Window, now: DateTime<Utc>) -> Result<(), Violation> {
    let length = window.to - window.from;
    if length < TimeDelta::minutes(1) || length > LENGTH_MAX {
        return Err(Violation::new(
            "hour_report.end_time",
            "TIME_WINDOW",
            "must be 1 minute to 24 hours after the start",
        ));
    }
    if window.to > now {
        return Err(Violation::new("hour_report.end_time", "TIME_IN_FUTURE", "is not over"));
    }
    if window.from < now - LATE_MAX {
        let text = format!("lies more than {} days back", LATE_MAX.num_days());
        return Err(Violation::new("hour_report.start_time", "TIME_TOO_OLD", text));
    }
    Ok(())
}

/// Why hours of a sign-up are reported.
///
/// # Errors
/// The sign-up had no place or its hours are entered (`SIGN_UP_STATE`), or they are not within its shift (`OUTSIDE_SHIFT`).
/// Whoever is recorded as absent has that lifted first.
pub fn source_of(sign_up: &SignUp, window: Window) -> Result<Source, Refusal> {
    let source = match sign_up.state {
        SignUpState::CheckedIn => Source::NoCheckOut,
        SignUpState::Confirmed | SignUpState::Lifted => Source::NoCheckIn,
        other => {
            return Err(Refusal::rule("SIGN_UP_STATE", format!("the sign-up is {other}")));
        }
    };
    if window.from < sign_up.window.from || window.to > sign_up.window.to {
        return Err(Refusal::rule("OUTSIDE_SHIFT", "the hours are not within the shift"));
    }
    Ok(source)
}

/// Who reviews a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reviewer<'a> {
    /// The account's name.
    pub name: &'a str,
    /// Their own volunteer number, where they have one.
    pub volunteer: Option<&'a str>,
    /// Whether they coordinate the area, and do not only lead the team.
    pub coordinates: bool,
}

/// Accepts a report or declines it; gives it as it is from then on.
///
/// # Errors
/// It was reviewed (`REPORT_REVIEWED`), by whoever reported it (`OWN_REPORT`), or a coordinator must (`SPOT_CHECK`).
pub fn review(
    before: &HourReport,
    accept: bool,
    comment: &str,
    by: Reviewer<'_>,
    now: DateTime<Utc>,
) -> Result<HourReport, Refusal> {
    if before.state != State::Submitted {
        return Err(Refusal::rule("REPORT_REVIEWED", format!("the report is {}", before.state)));
    }
    if by.name == before.reporter || by.volunteer == Some(&before.volunteer) {
        return Err(Refusal::rule("OWN_REPORT", "somebody else must review what one reported"));
    }
    if accept && before.spot_check && !by.coordinates {
        return Err(Refusal::rule(
            "SPOT_CHECK",
            "the report was drawn for a spot check: a coordinator accepts it",
        ));
    }
    Ok(HourReport {
        state: if accept { State::Accepted } else { State::Declined },
        comment: comment.to_owned(),
        reviewer: by.name.to_owned(),
        review_time: Some(now),
        ..before.clone()
    })
}
