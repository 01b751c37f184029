//! Activities (志愿活动) of teams, and their shifts: what is open for sign-up, when and where.

#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::code::Code;
use minqing_platform::error::Refusal;
use minqing_platform::named::named;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The shortest and the longest shift.
pub const SHIFT_MIN: TimeDelta = TimeDelta::minutes(15);
/// See [`SHIFT_MIN`].
pub const SHIFT_MAX: TimeDelta = TimeDelta::hours(24);
/// How many shifts an activity may have.
pub const SHIFTS_MAX: i64 = 500;
/// How long before a shift somebody may check in.
pub const EARLY: TimeDelta = TimeDelta::minutes(30);
/// How long after a shift somebody may check out.
pub const GRACE: TimeDelta = TimeDelta::minutes(30);

named! {
    /// Where an activity stands.
    Status {
        /// Not open yet.
        Draft = "draft",
        /// Open for sign-up, while shifts have not begun.
        Published = "published",
        /// Over.
        Ended = "ended",
        /// Called off.
        Cancelled = "cancelled",
    }
}

/// Where an activity takes place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The division or grid.
    pub code: Code,
    /// The address for people; may be empty.
    pub address: String,
    /// Latitude and longitude in degrees, WGS-84.
    pub position: Option<(f64, f64)>,
    /// How near somebody must be to check in by place, metres.
    pub radius_m: u32,
}

/// What of an activity can change: texts, place and rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// In one line.
    pub title: String,
    /// In full; may be empty.
    pub description: String,
    /// Where.
    pub place: Place,
    /// Whether the team's leader approves sign-ups, swaps and cover.
    pub needs_approval: bool,
    /// Whether only members of the team sign up.
    pub members_only: bool,
    /// Until how long before a shift somebody drops without being late, minutes.
    pub drop_notice_minutes: u32,
}

/// What a team does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// Its id.
    pub id: Uuid,
    /// The team's id.
    pub team: String,
    /// The id of the post that is served.
    pub post: String,
    /// The id of the need that is served.
    pub need: Option<String>,
    /// What can change.
    pub plan: Plan,
    /// Where it stands.
    pub status: Status,
    /// Why it was cancelled; empty otherwise.
    pub cancel_reason: String,
    /// 1, and one more with each change.
    pub version: i64,
    /// When it was created.
    pub create_time: DateTime<Utc>,
    /// When it changed last.
    pub update_time: DateTime<Utc>,
}

/// A window of time in which people take part in an activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// Its id.
    pub id: Uuid,
    /// The activity.
    pub activity: Uuid,
    /// When it is.
    pub window: Window,
    /// How many places there are.
    pub capacity: u32,
    /// How many may wait.
    pub waiting_max: u32,
    /// What whoever signs up must be able to do.
    pub skills: Vec<String>,
    /// How many places are taken; never more than there are.
    pub taken: u32,
    /// How many wait.
    pub waiting: u32,
    /// The number of the last who signed up: who comes next has the next one.
    pub line: i64,
    /// When it was created.
    pub create_time: DateTime<Utc>,
}

/// From an instant up to another one, which is not within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
}

impl Window {
    /// Whether somebody would be in two places at once. One window may begin when another ends.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.from < other.to && other.from < self.to
    }
}

/// What happens to an activity.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// It is to be so.
    Update(Plan),
    /// It opens for sign-up. With how many shifts ahead.
    Publish,
    /// It is over.
    End,
    /// It is called off, for this reason.
    Cancel(String),
}

impl Command {
    /// What the feed calls it.
    pub const fn event(&self) -> &'static str {
        match self {
            Self::Update(_) => "ActivityUpdated",
            Self::Publish => "ActivityPublished",
            Self::End => "ActivityEnded",
            Self::Cancel(_) => "ActivityCancelled",
        }
    }
}

/// How many of an activity's shifts have not begun, and how many are not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    /// Not begun.
    pub to_begin: i64,
    /// Not over.
    pub to_end: i64,
}

/// Lets something happen to an activity; gives it as it is from then on.
///
/// # Errors
/// It is over or cancelled (`ACTIVITY_CLOSED`), it is not a draft to be published or not published to be ended
/// (`ACTIVITY_STATUS`), nothing of it lies ahead (`NO_SHIFT_AHEAD`), or something does (`SHIFT_NOT_OVER`).
pub fn decide(
    before: &Activity,
    command: &Command,
    ahead: Ahead,
    now: DateTime<Utc>,
) -> Result<Activity, Refusal> {
    check_not_closed(before)?;
    let mut after = before.clone();
    match command {
        Command::Update(plan) => after.plan = plan.clone(),
        Command::Publish => {
            expect_status(before, Status::Draft)?;
            if ahead.to_begin == 0 {
                return Err(Refusal::rule(
                    "NO_SHIFT_AHEAD",
                    "a shift that has not begun must be there first",
                ));
            }
            after.status = Status::Published;
        }
        Command::End => {
            expect_status(before, Status::Published)?;
            if ahead.to_end > 0 {
                return Err(Refusal::rule(
                    "SHIFT_NOT_OVER",
                    "a shift is not over; cancel the activity instead",
                ));
            }
            after.status = Status::Ended;
        }
        Command::Cancel(reason) => {
            after.status = Status::Cancelled;
            after.cancel_reason.clone_from(reason);
        }
    }
    after.version += 1;
    // The clock of another replica may be ahead of this one's.
    after.update_time = now.max(before.update_time);
    Ok(after)
}

/// Refuses an activity that is over or cancelled.
///
/// # Errors
/// It is (`ACTIVITY_CLOSED`).
pub fn check_not_closed(activity: &Activity) -> Result<(), Refusal> {
    match activity.status {
        Status::Draft | Status::Published => Ok(()),
        Status::Ended | Status::Cancelled => {
            let text = format!("the activity is {}", activity.status);
            Err(Refusal::rule("ACTIVITY_CLOSED", text))
        }
    }
}

fn expect_status(activity: &Activity, expected: Status) -> Result<(), Refusal> {
    if activity.status == expected {
        return Ok(());
    }
    let text = format!("the activity is {}, not {expected}", activity.status);
    Err(Refusal::rule("ACTIVITY_STATUS", text))
}

/// Refuses sign-ups for what is not published or has begun.
///
/// # Errors
/// `ACTIVITY_NOT_OPEN` or `SHIFT_BEGUN`.
pub fn check_open(status: Status, shift: &Shift, now: DateTime<Utc>) -> Result<(), Refusal> {
    if status != Status::Published {
        return Err(Refusal::rule("ACTIVITY_NOT_OPEN", format!("the activity is {status}")));
    }
    check_not_begun(shift.window, now)
}

/// Refuses what must be done before a shift begins.
///
/// # Errors
/// `SHIFT_BEGUN`.
pub fn check_not_begun(window: Window, now: DateTime<Utc>) -> Result<(), Refusal> {
    if now < window.from {
        return Ok(());
    }
    Err(Refusal::rule("SHIFT_BEGUN", "the shift has begun"))
}

/// Refuses a post of a shift for which somebody lacks a skill.
///
/// # Errors
/// `SKILL_MISSING`.
pub fn check_skills(shift: &Shift, has: &[String]) -> Result<(), Refusal> {
    match shift.skills.iter().find(|skill| !has.contains(skill)) {
        None => Ok(()),
        Some(skill) => Err(Refusal::rule("SKILL_MISSING", format!("the shift asks for {skill}"))),
    }
}
