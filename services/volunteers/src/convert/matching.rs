//! Matchings between messages and domain.

use minqing_platform::named::number;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use uuid::Uuid;

use super::{name, timestamp};
use crate::domain::matching::explain::{Costs, RunnerUp, Verdict};
use crate::domain::matching::run::{Match, Matching, Progress};
use crate::domain::matching::weights::Parts;
use crate::store::matching::{Stored, StoredMatch};

/// Reads the name of a matching (`matchings/{uuid}`).
///
/// # Errors
/// The field is empty, or is no such name.
pub fn matching_id(field: &str, text: &str) -> Result<Uuid, Violation> {
    let id = name(field, "matchings", text)?;
    let parsed = Uuid::try_parse(id).ok().filter(|uuid| uuid.to_string() == id);
    parsed.ok_or_else(|| Violation::new(field, "INVALID_NAME", "must be of the form matchings/{uuid}"))
}

/// A matching as a message.
pub fn matching(stored: &Stored) -> proto::Matching {
    proto::Matching {
        name: format!("matchings/{}", stored.matching.id),
        progress: number(stored.progress),
        proposed_count: stored.proposed,
        skipped_count: stored.skipped,
        ..tried_matching(&stored.matching)
    }
}

/// A matching that was only tried, as a message.
pub fn tried_matching(matching: &Matching) -> proto::Matching {
    proto::Matching {
        name: String::new(),
        division_code: matching.area.to_string(),
        progress: number(Progress::Done),
        need_count: matching.needs,
        team_count: matching.teams,
        pair_count: matching.pairs,
        matched_count: matching.matched,
        proposed_count: 0,
        skipped_count: 0,
        total_m: matching.total_m,
        pairs_m: matching.pairs_m,
        load_m: matching.load_m,
        unmatched_m: matching.unmatched_m,
        bound_m: matching.bound_m,
        actor: matching.actor.clone(),
        create_time: Some(timestamp(matching.time)),
    }
}

/// What came of a need, as a message.
pub fn matched(stored: &StoredMatch) -> proto::Match {
    proto::Match {
        outcome: number(stored.outcome),
        reason: stored.reason.clone(),
        ..tried_match(&stored.one)
    }
}

/// What would come of a need, as a message.
pub fn tried_match(one: &Match) -> proto::Match {
    let (outcome, reason) = one.begun();
    proto::Match {
        need: format!("needs/{}", one.facts.name),
        team: one.team.as_ref().map_or_else(String::new, |team| format!("teams/{team}")),
        outcome: number(outcome),
        reason: reason.to_owned(),
        cost: one.parts.map(cost),
        value_m: one.value_m,
        runners_up: one.runners_up.iter().map(runner_up).collect(),
    }
}

fn cost(parts: Parts) -> proto::MatchCost {
    proto::MatchCost {
        distance_m: parts.distance_m,
        urgency_m: parts.urgency_m,
        spare_skills_m: parts.spare_skills_m,
        continuity_m: parts.continuity_m,
        total_m: parts.total_m(),
    }
}

fn runner_up(other: &RunnerUp) -> proto::RunnerUp {
    proto::RunnerUp { team: format!("teams/{}", other.team), more_m: other.more_m }
}

/// What can be said of a need and a team, as a message.
pub fn explanation(verdict: &Verdict) -> proto::ExplainMatchResponse {
    let with = |costs: &Costs| proto::ExplainMatchResponse {
        cost: Some(cost(costs.parts)),
        team_price_m: costs.team_price_m,
        need_value_m: costs.need_value_m,
        ..Default::default()
    };
    match verdict {
        Verdict::Chosen(costs) => proto::ExplainMatchResponse {
            verdict: proto::MatchVerdict::Chosen.into(),
            text: "the need went to this team: in all nothing costs less".to_owned(),
            ..with(costs)
        },
        Verdict::Cannot(reason) => proto::ExplainMatchResponse {
            verdict: proto::MatchVerdict::Cannot.into(),
            reason: reason.as_str().to_owned(),
            text: reason.words().to_owned(),
            ..Default::default()
        },
        Verdict::Dearer { costs, at_least_m, in_all_m } => proto::ExplainMatchResponse {
            verdict: proto::MatchVerdict::Dearer.into(),
            text: dearer(costs, *in_all_m),
            at_least_more_m: *at_least_m,
            in_all_more_m: *in_all_m,
            ..with(costs)
        },
    }
}

fn dearer(costs: &Costs, in_all_m: i64) -> String {
    if in_all_m == 0 {
        return "in all as good as what was chosen; between equal ones names decide".to_owned();
    }
    let (pair, price) = (costs.parts.total_m(), costs.team_price_m);
    let value = costs.need_value_m;
    format!(
        "costs {in_all_m} m more in all: the pair costs {pair} m and a place in this team is worth {price} m, while the need \
         has a way that costs {value} m"
    )
}
