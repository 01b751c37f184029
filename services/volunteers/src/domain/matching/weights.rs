//! What a pair that can be costs, in parts. Everything is told in metres: what somebody would go farther for it.

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::code::{Code, Level};
use serde::{Deserialize, Serialize};

use super::facts::{Need, Team};

/// The Earth's mean radius in metres.
const EARTH_M: f64 = 6_371_008.8;
/// No two places are farther apart.
const DISTANCE_MAX_M: i64 = 20_100_000;

/// What counts how much. All are in metres, so that they can be weighed against each other by anyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weights {
    /// How far apart two places of one grid are taken to be where no points are known.
    pub same_grid_m: i64,
    /// Those of one village.
    pub same_village_m: i64,
    /// Those of one town.
    pub same_town_m: i64,
    /// Those of one county.
    pub same_county_m: i64,
    /// All others.
    pub elsewhere_m: i64,
    /// How much farther an hour of an urgent need counts: percent of the distance for each step of urgency.
    pub urgency_percent: i64,
    /// A skill that the team has and the need does not ask for: who can do much is kept for who needs much.
    pub spare_skill_m: i64,
    /// The most spare skills that count.
    pub spare_skills_max: i64,
    /// A team that served neither whoever raised the need nor the place before.
    pub stranger_m: i64,
    /// A team that served the place, but not whoever raised the need.
    pub neighbour_m: i64,
    /// Load: the n-th need of a team costs this times (2 n - 1) / capacity, so that all of them together cost this times
    /// n² / capacity, and what is spread costs less than what is heaped.
    pub load_m: i64,
    /// A need that stays unmatched, not urgent and raised today.
    pub unmatched_m: i64,
    /// What is added for each step of urgency.
    pub unmatched_urgent_m: i64,
    /// What is added for each day since it was raised.
    pub unmatched_day_m: i64,
    /// The most days that are added for.
    pub unmatched_days_max: i64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            same_grid_m: 250,
            same_village_m: 1_000,
            same_town_m: 4_000,
            same_county_m: 15_000,
            elsewhere_m: 60_000,
            urgency_percent: 25,
            spare_skill_m: 200,
            spare_skills_max: 5,
            stranger_m: 1_500,
            neighbour_m: 750,
            load_m: 3_000,
            unmatched_m: 200_000,
            unmatched_urgent_m: 50_000,
            unmatched_day_m: 2_000,
            unmatched_days_max: 30,
        }
    }
}

/// What a pair costs, part by part, in metres. The load is not a part of it: it is the team's, whichever need it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// The way there.
    pub distance_m: i64,
    /// What the way counts more since the need is urgent.
    pub urgency_m: i64,
    /// Skills that are not needed there.
    pub spare_skills_m: i64,
    /// That somebody new comes.
    pub continuity_m: i64,
}

impl Parts {
    /// All together.
    pub const fn total_m(&self) -> i64 {
        self.distance_m + self.urgency_m + self.spare_skills_m + self.continuity_m
    }
}

/// How urgent a need is, from 0 to 3: 2 when its last window ends within two days, 1 within a week; and 1 more once it has
/// waited a week.
pub fn urgency(need: &Need, now: DateTime<Utc>) -> i64 {
    let left = need.windows.iter().map(|window| window.to).max().map(|end| end - now);
    let closing = match left {
        Some(left) if left <= TimeDelta::days(2) => 2,
        Some(left) if left <= TimeDelta::days(7) => 1,
        _ => 0,
    };
    closing + i64::from(now - need.raised >= TimeDelta::days(7))
}

impl Weights {
    /// What a pair costs that can be.
    pub fn parts(&self, need: &Need, team: &Team, now: DateTime<Utc>) -> Parts {
        let distance_m = self.distance_m(need, team);
        let needless = team.skills.iter().filter(|skill| !need.skills.contains(skill)).count();
        let spare = i64::try_from(needless).unwrap_or(i64::MAX).min(self.spare_skills_max);
        let continuity_m =
            match (need.served_raiser.contains(&team.name), need.served_place.contains(&team.name)) {
                (true, _) => 0,
                (false, true) => self.neighbour_m,
                (false, false) => self.stranger_m,
            };
        Parts {
            distance_m,
            urgency_m: distance_m * self.urgency_percent * urgency(need, now) / 100,
            spare_skills_m: spare * self.spare_skill_m,
            continuity_m,
        }
    }

    /// What the further needs of a team cost, one after another: never less than the one before.
    pub fn slots(&self, team: &Team) -> Vec<i64> {
        let capacity = i64::from(team.capacity.max(1));
        let further = (team.taken..team.capacity).map(|taken| i64::from(taken) + 1);
        further.map(|nth| self.load_m * (2 * nth - 1) / capacity).collect()
    }

    /// What it costs to leave a need unmatched.
    pub fn unmatched(&self, need: &Need, now: DateTime<Utc>) -> i64 {
        let days = (now - need.raised).num_days().clamp(0, self.unmatched_days_max);
        self.unmatched_m + self.unmatched_urgent_m * urgency(need, now) + self.unmatched_day_m * days
    }

    fn distance_m(&self, need: &Need, team: &Team) -> i64 {
        match (need.position, team.position) {
            (Some(one), Some(other)) => metres(one, other),
            _ => self.tree_m(&need.place, &team.home),
        }
    }

    /// By the narrowest division that holds both.
    fn tree_m(&self, one: &Code, other: &Code) -> i64 {
        let shared = std::iter::once(one.clone()).chain(one.ancestors()).find(|area| area.contains(other));
        match shared.map(|area| area.level()) {
            Some(Level::Grid) => self.same_grid_m,
            Some(Level::Village) => self.same_village_m,
            Some(Level::Town) => self.same_town_m,
            Some(Level::County) => self.same_county_m,
            _ => self.elsewhere_m,
        }
    }
}

/// Metres between two points on the sphere.
fn metres(one: (f64, f64), other: (f64, f64)) -> i64 {
    let half = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let across = one.0.to_radians().cos() * other.0.to_radians().cos() * half(one.1, other.1);
    let metres = 2.0 * EARTH_M * (half(one.0, other.0) + across).clamp(0.0, 1.0).sqrt().asin();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "no two points are farther apart than half of the equator"
    )]
    let whole = metres.round() as i64;
    whole.clamp(0, DISTANCE_MAX_M)
}
