//! A case: a matter that somebody raised, from the first word to the last answer.
//!
//! [`decide`] says what a command leads to, [`apply`] what an event makes of a case. Both are pure: the history of
//! events is the truth, the case its projection.

mod apply;
mod clock;
mod command;
mod decide;
mod event;
mod facts;
mod guard;
mod ladder;
mod orphan;
mod state;
#[cfg(test)]
mod tests;
mod timer;
mod told;

pub use apply::{apply, replay};
pub use clock::{Clock, Due, case_due, completion_due, due_as_of, dues, next_due};
pub use command::{Command, Context, NewDispatch, NewPart, Target};
pub use decide::{decide, submit};
pub use event::{Event, NewAssignment, Recorded, Submission};
pub use facts::{
    Anonymity, CallbackMode, CaseType, Door, Handled, Identity, Party, PauseReason, Place, Priority,
    RejectReason, ReturnReason, Satisfaction,
};
pub use guard::{Sight, handles, is_guarded, may_be_dispatched_to, sight};
pub use ladder::{Rung, due_rungs, next_rung, rungs};
pub use orphan::{Orphan, orphaned};
pub use state::{
    Assignment, AssignmentStatus, Callback, Case, Extension, ExtensionState, HandOver, ItemRef, Part, Pause,
    Question, Reply, Retype, Status,
};
pub use timer::{ANSWER, Timer, TimerKind, timers, unanswered, unknown_year};
pub use told::{Told, ToldKind, told};
