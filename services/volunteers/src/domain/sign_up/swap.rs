//! Swaps (换班): two volunteers exchange their sign-ups.

use chrono::{DateTime, Utc};
use minqing_platform::error::Refusal;
use minqing_platform::named::named;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::SignUp;

named! {
    /// Where a swap stands.
    SwapState {
        /// It waits for an answer.
        Offered = "offered",
        /// It was taken, and waits for leaders to agree.
        Taken = "taken",
        /// It is done.
        Done = "done",
        /// It was declined.
        Declined = "declined",
        /// It was taken back.
        Withdrawn = "withdrawn",
        /// A leader refused it.
        Refused = "refused",
    }
}

/// An exchange of two sign-ups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swap {
    /// Its id.
    pub id: Uuid,
    /// What is offered.
    pub offered: SignUp,
    /// What is wanted.
    pub wanted: SignUp,
    /// Where it stands.
    pub state: SwapState,
    /// The teams whose leaders must still agree.
    pub pending: Vec<String>,
    /// When it was offered.
    pub create_time: DateTime<Utc>,
    /// When it changed last.
    pub update_time: DateTime<Utc>,
}

/// What happens to a swap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Whoever has the wanted sign-up takes it; the leaders of these teams must agree.
    Take(Vec<String>),
    /// They decline it.
    Decline,
    /// Whoever offered it takes it back.
    Withdraw,
    /// The leader of a team agrees.
    Approve(String),
    /// The leader of a team refuses.
    Refuse(String),
}

/// Lets something happen to a swap; gives it as it is from then on. Where it is [`SwapState::Done`] the sign-ups are to be
/// exchanged at once.
///
/// # Errors
/// It does not stand so that this can happen (`SWAP_STATE`), or the team need not agree (`NOTHING_TO_REVIEW`).
pub fn decide(before: &Swap, step: &Step, now: DateTime<Utc>) -> Result<Swap, Refusal> {
    let mut after = before.clone();
    match step {
        Step::Take(teams) => {
            expect(before, &[SwapState::Offered])?;
            after.pending.clone_from(teams);
            after.state = if teams.is_empty() { SwapState::Done } else { SwapState::Taken };
        }
        Step::Decline => {
            expect(before, &[SwapState::Offered])?;
            after.state = SwapState::Declined;
        }
        Step::Withdraw => {
            expect(before, &[SwapState::Offered, SwapState::Taken])?;
            after.state = SwapState::Withdrawn;
        }
        Step::Approve(team) => {
            expect_pending(before, team)?;
            after.pending.retain(|other| other != team);
            if after.pending.is_empty() {
                after.state = SwapState::Done;
            }
        }
        Step::Refuse(team) => {
            expect_pending(before, team)?;
            after.state = SwapState::Refused;
        }
    }
    after.update_time = now.max(before.update_time);
    Ok(after)
}

fn expect(swap: &Swap, states: &[SwapState]) -> Result<(), Refusal> {
    if states.contains(&swap.state) {
        return Ok(());
    }
    Err(Refusal::rule("SWAP_STATE", format!("the swap is {}", swap.state)))
}

fn expect_pending(swap: &Swap, team: &String) -> Result<(), Refusal> {
    expect(swap, &[SwapState::Taken])?;
    if swap.pending.contains(team) {
        return Ok(());
    }
    Err(Refusal::rule("NOTHING_TO_REVIEW", "the team need not agree, or has agreed"))
}

/// Refuses an offer that makes no sense.
///
/// # Errors
/// Both sign-ups are of one volunteer or of one shift (`SWAP_POINTLESS`).
pub fn check_offer(offered: &SignUp, wanted: &SignUp) -> Result<(), Refusal> {
    if offered.volunteer == wanted.volunteer || offered.shift == wanted.shift {
        let text = "a swap is between two volunteers and two shifts";
        return Err(Refusal::rule("SWAP_POINTLESS", text));
    }
    Ok(())
}
