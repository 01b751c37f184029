//! What can be asked of a case.

use chrono::{DateTime, Utc};

use super::facts::{CaseType, Handled, Party, PauseReason, RejectReason, ReturnReason, Satisfaction};
use super::ladder::Rung;
use super::state::{ItemRef, Part};
use crate::domain::calendar::{self, Calendar, Limit};

/// Who asks, when, and by which calendar.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// When.
    pub now: DateTime<Utc>,
    /// Who.
    pub by: Party,
    /// The calendar that the case has frozen or, before it is taken up, the one it is going to.
    pub calendar: &'a Calendar,
}

/// A unit to which a case is to go.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDispatch {
    /// The organization.
    pub organization: String,
    /// Lead or joint.
    pub part: Part,
    /// Its own limit; that of the case when left out.
    pub limit: Option<Limit>,
    /// What it is to do.
    pub instruction: String,
}

/// A part of a case that is to be a case of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPart {
    /// The number given to it.
    pub number: String,
    /// What is wanted.
    pub kind: CaseType,
}

/// What is asked of a unit's part.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Sign for it.
    Sign,
    /// Tell whoever raised the case something.
    Reply(String),
    /// Ask whoever raised the case something; the clock stands still until they answer.
    Ask(String),
    /// Stop the clock.
    Pause(PauseReason, String),
    /// Let the clock run again.
    Resume,
    /// Ask for more working days.
    AskExtension(u32, String),
    /// Grant or refuse more time, with what is to be said.
    ReviewExtension(bool, String),
    /// Give it back.
    Return(ReturnReason, String),
    /// Ask another unit to take it over.
    HandOver(String, String),
    /// Take it over.
    AcceptHandOver,
    /// Decline to take it over.
    DeclineHandOver(String),
    /// Be done with it; with a last word to whoever raised the case, which a lead unit that has not replied owes.
    Complete(Option<String>),
    /// Climb a rung of the ladder and tell these people.
    Escalate(Rung, Vec<String>),
}

/// What is asked of a case.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Take it up, by the newest calendar and the item's limit.
    Accept {
        /// The calendar.
        calendar: calendar::Ref,
        /// The item and the limit it promises.
        item: Option<(ItemRef, Limit)>,
    },
    /// Do not take it up.
    Reject(RejectReason, String),
    /// Take it back.
    Withdraw(String),
    /// Change its type.
    Retype(CaseType, String),
    /// Agree to a milder type, or refuse it.
    ReviewRetype(bool, String),
    /// Send it to units.
    Dispatch(Vec<NewDispatch>),
    /// Say for good which unit it is.
    DecideOwner(NewDispatch),
    /// Something about a unit's part.
    On(u32, Target),
    /// Tell whoever raised it something, as the centre.
    Reply(String),
    /// Answer what was asked, as whoever raised it.
    Answer(String),
    /// Record what whoever raised it says about the outcome.
    CallBack {
        /// Whether they were reached.
        reached: bool,
        /// Whether it is solved.
        solved: Option<bool>,
        /// How satisfied they are.
        satisfied: Option<Satisfaction>,
        /// With whom.
        with: Option<Handled>,
        /// In words.
        note: String,
    },
    /// End it. `unasked` says that the sample does not call this case back.
    Close {
        /// Whether nobody is to be asked.
        unasked: bool,
    },
    /// Begin it anew.
    Reopen(String),
    /// Carry it on in another case.
    Merge(String),
    /// Take another case in.
    Absorb {
        /// The case.
        from: String,
        /// What is wanted in it.
        kind: CaseType,
        /// Organizations and people it is against.
        against: Vec<String>,
    },
    /// Carry it on in several cases.
    Split(Vec<NewPart>),
    /// See to it by hand (督办): tell these people, with a note; about one part, or the case as a whole.
    Supervise {
        /// The part.
        assignment: Option<u32>,
        /// The people who are told.
        to: Vec<String>,
        /// What they are told.
        note: String,
    },
    /// Go on by the newest version of its calendar, because the one it has does not know this year, which is needed.
    RenewCalendar {
        /// The year.
        year: i32,
    },
}
