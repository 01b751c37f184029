//! What is stored of sign-ups and swaps, and what time does to them.

use chrono::{DateTime, Utc};
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use uuid::Uuid;

use crate::domain::sign_up::swap::{Step, Swap};
use crate::domain::sign_up::{Applicant, SignUp, State};

/// Somebody who wants to sign up, by a call of their own.
#[derive(Debug, Clone)]
pub struct NewSignUp {
    /// The call.
    pub change: Change,
    /// Who.
    pub applicant: Applicant,
}

/// What somebody does to a sign-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// The leader approves it.
    Approve,
    /// The leader declines it, for this reason.
    Decline(String),
    /// It is dropped.
    Drop,
    /// Somebody is sought who takes it over.
    OfferCover,
    /// They take it over.
    TakeCover(Applicant),
    /// They came.
    CheckIn,
    /// They left: their hours are entered.
    CheckOut,
    /// A no-show is corrected, for this reason.
    LiftNoShow(String),
}

/// Which sign-ups are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// Those of a shift, in the order they came.
    Shift(Uuid),
    /// Those of a volunteer, the latest shift first.
    Volunteer(String),
}

/// What time did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// Shifts that were looked at.
    pub shifts: usize,
    /// Sign-ups to which nobody came.
    pub no_shows: usize,
    /// Sign-ups of which nothing became.
    pub lapsed: usize,
}

/// Sign-ups as they are stored.
#[async_trait::async_trait]
pub trait SignUpStore: Send + Sync {
    /// Lets people sign up for a shift, in their order, all in one transaction; tells each what came of it.
    async fn sign_up_all(&self, shift: Uuid, new: &[NewSignUp]) -> Result<Vec<Result<SignUp, Error>>, Error>;

    /// One sign-up.
    async fn sign_up(&self, id: Uuid) -> Result<Option<SignUp>, Error>;

    /// Sign-ups after one in their order.
    async fn sign_ups(
        &self,
        of: &Of,
        state: Option<State>,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<SignUp>, Error>;

    /// Lets something happen to a sign-up, and whoever waits move up where a place became free. Gives the sign-up; the
    /// one that somebody has who took it over.
    async fn act_on_sign_up(&self, change: &Change, id: Uuid, act: &Act) -> Result<SignUp, Error>;

    /// What a request was answered that was sent before; `None` for a new one.
    async fn sign_up_of_request(&self, change: &Change) -> Result<Option<SignUp>, Error>;

    /// Refuses more wrong codes than are taken (`TOO_MANY_ATTEMPTS`).
    async fn check_attempts(&self, id: Uuid, now: DateTime<Utc>) -> Result<(), Error>;

    /// Counts a wrong code.
    async fn count_wrong_code(&self, id: Uuid, now: DateTime<Utc>) -> Result<(), Error>;

    /// Reminds those of their shifts that begin before an instant, each once. Gives how many were reminded, at most `limit`.
    async fn remind(&self, change: &Change, before: DateTime<Utc>, limit: i64) -> Result<usize, Error>;

    /// Records who did not come to shifts that ended before an instant, each shift once; at most `limit` shifts.
    async fn settle_shifts(
        &self,
        change: &Change,
        before: DateTime<Utc>,
        limit: i64,
    ) -> Result<Settled, Error>;

    /// Lets those move up who could not when a place became free, as they were elsewhere. Gives in how many shifts.
    async fn fill_shifts(&self, change: &Change, limit: i64) -> Result<usize, Error>;
}

/// Swaps as they are stored.
#[async_trait::async_trait]
pub trait SwapStore: Send + Sync {
    /// One swap.
    async fn swap(&self, id: Uuid) -> Result<Option<Swap>, Error>;

    /// Swaps between a volunteer and others, the newest first, after one in that order.
    async fn swaps(&self, volunteer: &str, after: Option<Uuid>, limit: i64) -> Result<Vec<Swap>, Error>;

    /// Keeps an offer.
    async fn offer_swap(&self, change: &Change, id: Uuid, offered: Uuid, wanted: Uuid)
    -> Result<Swap, Error>;

    /// Lets something happen to a swap; once it is done, the sign-ups are exchanged in the same transaction. Which leaders
    /// must agree is found out here: the step [`Step::Take`] comes without them.
    async fn step_swap(&self, change: &Change, id: Uuid, step: &Step) -> Result<Swap, Error>;
}
