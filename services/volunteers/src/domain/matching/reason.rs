//! Why a team cannot meet a need, whatever it would cost.

use chrono::{DateTime, Utc};
use minqing_platform::named::named;

use super::facts::{Hand, Need, Team};
use crate::domain::need::{Risk, Window};

named! {
    /// Why a team cannot meet a need.
    Reason {
        /// It declined this need before, or did not answer.
        DeclinedBefore = "DECLINED_BEFORE",
        /// It serves another post.
        PostDiffers = "POST_DIFFERS",
        /// It does not go there.
        OutOfReach = "OUT_OF_REACH",
        /// Nobody in it can do something that is needed.
        SkillMissing = "SKILL_MISSING",
        /// It has fewer members who may serve in its post than are needed.
        TooFewPeople = "TOO_FEW_PEOPLE",
        /// Too few of its members can come at the same time when it is needed.
        Window = "WINDOW",
        /// Too few of those who can come are insured, and the risk or the post asks for it.
        RiskUninsured = "RISK_UNINSURED",
        /// It has as many needs already as it can have at a time.
        NoCapacity = "NO_CAPACITY",
    }
}

impl Reason {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::DeclinedBefore => "the team declined this need before, or did not answer in time",
            Self::PostDiffers => "the team serves another post",
            Self::OutOfReach => "the team does not go there",
            Self::SkillMissing => "nobody in the team can do something that is needed",
            Self::TooFewPeople => "the team has fewer members who may serve in its post than are needed",
            Self::Window => "too few of the team's members can come when it is needed",
            Self::RiskUninsured => "insurance is asked for and too few of those who can come have it",
            Self::NoCapacity => "the team has as many needs already as it can serve at a time",
        }
    }
}

/// Why a team cannot meet a need, if it cannot: the first reason in their order.
pub fn obstacle(need: &Need, team: &Team, now: DateTime<Utc>) -> Option<Reason> {
    let is_able = |skill| team.skills.contains(skill);
    if need.declined.contains(&team.name) {
        Some(Reason::DeclinedBefore)
    } else if need.post != team.post {
        Some(Reason::PostDiffers)
    } else if !team.reaches(&need.place) {
        Some(Reason::OutOfReach)
    } else if !need.skills.iter().all(is_able) {
        Some(Reason::SkillMissing)
    } else if team.hands.len() < headcount(need) {
        Some(Reason::TooFewPeople)
    } else {
        people(need, team, now).or_else(|| (team.free() == 0).then_some(Reason::NoCapacity))
    }
}

fn headcount(need: &Need) -> usize {
    usize::try_from(need.headcount.max(1)).unwrap_or(usize::MAX)
}

/// Whether enough people can come in one of the windows, and are insured where that is asked.
fn people(need: &Need, team: &Team, now: DateTime<Utc>) -> Option<Reason> {
    let windows: Vec<Option<&Window>> = match need.windows.as_slice() {
        [] => vec![None],
        windows => windows.iter().map(Some).collect(),
    };
    let can_come =
        |hand: &&Hand, window: Option<&Window>| window.is_none_or(|window| hand.can_come(window, now));
    let is_asked = need.risk == Risk::High || team.insured_only;
    let is_covered = |hand: &&Hand, window| !is_asked || hand.is_insured(window, now);
    let mut is_in_time = false;
    for window in windows {
        let here: Vec<&Hand> = team.hands.iter().filter(|hand| can_come(hand, window)).collect();
        if here.len() < headcount(need) {
            continue;
        }
        is_in_time = true;
        if here.iter().filter(|hand| is_covered(hand, window)).count() >= headcount(need) {
            return None;
        }
    }
    Some(if is_in_time { Reason::RiskUninsured } else { Reason::Window })
}
