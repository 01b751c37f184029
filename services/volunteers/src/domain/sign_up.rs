//! Sign-ups (报名) for shifts: who has a place, who waits, and what becomes of it.
//!
//! A shift's counters and its sign-ups change together: the shift is locked while something is decided here and written.

pub mod attendance;
pub mod swap;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::error::{Kind, Refusal};
use minqing_platform::named::named;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::activity::{Shift, Window, check_not_begun};

named! {
    /// Where a sign-up stands.
    State {
        /// The team's leader must approve it; the place is kept.
        Requested = "requested",
        /// It has a place.
        Confirmed = "confirmed",
        /// It waits for a place.
        Waiting = "waiting",
        /// Checked in.
        CheckedIn = "checked_in",
        /// Checked out: the hours are entered.
        Served = "served",
        /// The leader declined it.
        Declined = "declined",
        /// Whoever signed up dropped it.
        Dropped = "dropped",
        /// It was exchanged for another one.
        Swapped = "swapped",
        /// Somebody took it over.
        Covered = "covered",
        /// Nobody came.
        NoShow = "no_show",
        /// A no-show that was corrected.
        Lifted = "lifted",
        /// The shift was over, or the activity cancelled, before anything came of it.
        Lapsed = "lapsed",
    }
}

impl State {
    /// Whether it takes up a place of the shift and its volunteer's time. Places that were served stay taken.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Requested | Self::Confirmed | Self::CheckedIn | Self::Served)
    }
}

/// A volunteer's part in a shift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignUp {
    /// Its id.
    pub id: Uuid,
    /// The activity.
    pub activity: Uuid,
    /// The shift.
    pub shift: Uuid,
    /// Who: their volunteer number.
    pub volunteer: String,
    /// Where it stands.
    pub state: State,
    /// Its number among those of the shift: who waits is taken in this order.
    pub line: i64,
    /// When the shift is.
    pub window: Window,
    /// How many waited before it when it was read; 0 where it does not wait.
    pub waiting_before: u32,
    /// Whether it was dropped too late.
    pub late: bool,
    /// Whether somebody is sought who takes it over.
    pub cover_wanted: bool,
    /// The sign-up from which it came by a swap or as cover.
    pub origin: Option<Uuid>,
    /// When they checked in.
    pub check_in_time: Option<DateTime<Utc>>,
    /// When they checked out.
    pub check_out_time: Option<DateTime<Utc>>,
    /// Why it was declined, or the no-show lifted; empty otherwise.
    pub reason: String,
    /// 1, and one more with each change.
    pub version: i64,
    /// When they signed up.
    pub create_time: DateTime<Utc>,
    /// When it changed last.
    pub update_time: DateTime<Utc>,
}

/// Somebody who wants to sign up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// The id of their sign-up, if it comes to one.
    pub id: Uuid,
    /// Their volunteer number.
    pub volunteer: String,
}

/// Who is not free for a shift.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// Those who have a place or wait for one in this very shift.
    pub here: HashSet<String>,
    /// Those who are elsewhere at that time.
    pub elsewhere: HashSet<String>,
}

/// Lets people sign up in the order in which they came, counting them in the shift.
///
/// Each has a place while there is one, else waits while there is room, else is refused. Who comes twice is refused the second
/// time (`SIGNED_UP_ALREADY`), who is elsewhere at that time too (`TIME_TAKEN`), and who finds no room (`WAITING_LIST_FULL`).
pub fn admit(
    shift: &mut Shift,
    applicants: &[Applicant],
    mut taken: Taken,
    needs_approval: bool,
    now: DateTime<Utc>,
) -> Vec<Result<SignUp, Refusal>> {
    let mut admitted = Vec::with_capacity(applicants.len());
    for applicant in applicants {
        let signed_up = admit_one(shift, applicant, &taken, needs_approval, now);
        if signed_up.is_ok() {
            taken.here.insert(applicant.volunteer.clone());
        }
        admitted.push(signed_up);
    }
    admitted
}

fn admit_one(
    shift: &mut Shift,
    applicant: &Applicant,
    taken: &Taken,
    needs_approval: bool,
    now: DateTime<Utc>,
) -> Result<SignUp, Refusal> {
    check_not_begun(shift.window, now)?;
    if taken.here.contains(&applicant.volunteer) {
        let message = "the volunteer has signed up for this shift already".into();
        return Err(Refusal { kind: Kind::Exists, reason: "SIGNED_UP_ALREADY", message });
    }
    if taken.elsewhere.contains(&applicant.volunteer) {
        return Err(time_taken());
    }
    let state = if shift.taken < shift.capacity {
        shift.taken += 1;
        placed(needs_approval)
    } else if shift.waiting < shift.waiting_max {
        shift.waiting += 1;
        State::Waiting
    } else {
        let message = "all places are taken, and the waiting list is full".into();
        return Err(Refusal { kind: Kind::Limit, reason: "WAITING_LIST_FULL", message });
    };
    shift.line += 1;
    let waiting_before = if state == State::Waiting { shift.waiting - 1 } else { 0 };
    Ok(SignUp { waiting_before, ..new(shift, applicant, state, None, now) })
}

/// How a sign-up stands that is given a place.
pub const fn placed(needs_approval: bool) -> State {
    if needs_approval { State::Requested } else { State::Confirmed }
}

/// That somebody would be in two places at once.
pub fn time_taken() -> Refusal {
    Refusal::rule("TIME_TAKEN", "the volunteer is elsewhere at that time")
}

/// A new sign-up, with the number that the shift has reached.
pub fn new(
    shift: &Shift,
    applicant: &Applicant,
    state: State,
    origin: Option<Uuid>,
    now: DateTime<Utc>,
) -> SignUp {
    SignUp {
        id: applicant.id,
        activity: shift.activity,
        shift: shift.id,
        volunteer: applicant.volunteer.clone(),
        state,
        line: shift.line,
        window: shift.window,
        waiting_before: 0,
        late: false,
        cover_wanted: false,
        origin,
        check_in_time: None,
        check_out_time: None,
        reason: String::new(),
        version: 1,
        create_time: now,
        update_time: now,
    }
}

/// What happens to a sign-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The leader approves it.
    Approve,
    /// The leader declines it, for this reason.
    Decline(String),
    /// It is dropped; the activity asks for so long a notice.
    Drop {
        /// How long before the shift somebody drops without being late.
        notice: TimeDelta,
    },
    /// Somebody is sought who takes it over.
    OfferCover,
    /// Somebody took it over.
    Cover,
    /// It was exchanged for another one.
    Swap,
    /// They came.
    CheckIn,
    /// They left.
    CheckOut,
    /// A no-show is corrected, for this reason.
    LiftNoShow(String),
}

impl Command {
    /// What the feed calls it.
    pub const fn event(&self) -> &'static str {
        match self {
            Self::Approve => "SignUpApproved",
            Self::Decline(_) => "SignUpDeclined",
            Self::Drop { .. } => "SignUpDropped",
            Self::OfferCover => "CoverWanted",
            Self::Cover => "SignUpCovered",
            Self::Swap => "SignUpSwapped",
            Self::CheckIn => "CheckedIn",
            Self::CheckOut => "CheckedOut",
            Self::LiftNoShow(_) => "NoShowLifted",
        }
    }
}

/// Lets something happen to a sign-up; gives it as it is from then on.
///
/// # Errors
/// It does not stand so that this can happen (`SIGN_UP_STATE`), the shift has begun (`SHIFT_BEGUN`), or it is outside the
/// window for checking in or out (`CHECK_IN_WINDOW`, `CHECK_OUT_WINDOW`).
pub fn decide(before: &SignUp, command: &Command, now: DateTime<Utc>) -> Result<SignUp, Refusal> {
    let mut after = before.clone();
    match command {
        Command::Approve => {
            expect(before, &[State::Requested])?;
            after.state = State::Confirmed;
        }
        Command::Decline(reason) => {
            expect(before, &[State::Requested, State::Waiting])?;
            after.state = State::Declined;
            after.reason.clone_from(reason);
        }
        Command::Drop { notice } => {
            expect(before, &[State::Requested, State::Confirmed, State::Waiting])?;
            check_not_begun(before.window, now)?;
            // Who only waited leaves nobody short.
            after.late = before.state != State::Waiting && now > before.window.from - *notice;
            after.state = State::Dropped;
        }
        Command::OfferCover => {
            expect(before, &[State::Confirmed])?;
            check_not_begun(before.window, now)?;
            after.cover_wanted = true;
        }
        Command::Cover => {
            expect(before, &[State::Confirmed])?;
            check_not_begun(before.window, now)?;
            if !before.cover_wanted {
                return Err(Refusal::rule("COVER_NOT_WANTED", "nobody is sought who takes it over"));
            }
            after.state = State::Covered;
        }
        Command::Swap => {
            expect(before, &[State::Confirmed])?;
            check_not_begun(before.window, now)?;
            after.state = State::Swapped;
        }
        Command::CheckIn => {
            expect(before, &[State::Confirmed])?;
            attendance::check_in_window(before.window, now)?;
            after.state = State::CheckedIn;
            after.check_in_time = Some(now);
        }
        Command::CheckOut => {
            expect(before, &[State::CheckedIn])?;
            attendance::check_out_window(before.window, now)?;
            after.state = State::Served;
            after.check_out_time = Some(now);
        }
        Command::LiftNoShow(reason) => {
            expect(before, &[State::NoShow])?;
            after.state = State::Lifted;
            after.reason.clone_from(reason);
        }
    }
    if after.state != State::Confirmed {
        after.cover_wanted = false;
    }
    if after.state != State::Waiting {
        after.waiting_before = 0;
    }
    after.version += 1;
    after.update_time = now.max(before.update_time);
    Ok(after)
}

fn expect(sign_up: &SignUp, states: &[State]) -> Result<(), Refusal> {
    if states.contains(&sign_up.state) {
        return Ok(());
    }
    Err(Refusal::rule("SIGN_UP_STATE", format!("the sign-up is {}", sign_up.state)))
}

/// Counts in the shift that one of its sign-ups changed from one state to another.
pub fn recount(shift: &mut Shift, before: State, after: State) {
    match (before.holds(), after.holds()) {
        (true, false) => shift.taken = shift.taken.saturating_sub(1),
        (false, true) => shift.taken += 1,
        (true, true) | (false, false) => {}
    }
    match (before == State::Waiting, after == State::Waiting) {
        (true, false) => shift.waiting = shift.waiting.saturating_sub(1),
        (false, true) => shift.waiting += 1,
        (true, true) | (false, false) => {}
    }
}

/// Whether somebody who waits can move up.
pub fn has_room(shift: &Shift, now: DateTime<Utc>) -> bool {
    shift.taken < shift.capacity && shift.waiting > 0 && check_not_begun(shift.window, now).is_ok()
}

/// Gives a place to somebody who waited.
pub fn promote(shift: &mut Shift, waiting: &SignUp, needs_approval: bool, now: DateTime<Utc>) -> SignUp {
    let state = placed(needs_approval);
    recount(shift, waiting.state, state);
    SignUp {
        state,
        waiting_before: 0,
        version: waiting.version + 1,
        update_time: now.max(waiting.update_time),
        ..waiting.clone()
    }
}
