//! What is counted, and rates.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::facts::{Facts, LeftOut};
use crate::domain::case::{Handled, Satisfaction};
use minqing_platform::named::named;

named! {
    /// Something that is counted.
    Measure {
        /// All that is not left out.
        Counted = "counted",
        /// Left out: taken back.
        Withdrawn = "withdrawn",
        /// Left out: not taken up.
        Rejected = "rejected",
        /// Left out: carried on in another case.
        Merged = "merged",
        /// Left out: carried on in several cases.
        Split = "split",
        /// Whoever raised it was told something.
        Responded = "responded",
        /// In time.
        InTime = "in_time",
        /// Too late, or not yet although it was due.
        NotInTime = "not_in_time",
        /// The lead unit is done.
        Resolved = "resolved",
        /// In time.
        OnTime = "on_time",
        /// Too late, or not yet although it was due.
        Late = "late",
        /// It was tried to call back.
        CalledBack = "called_back",
        /// Somebody was reached.
        Reached = "reached",
        /// It is solved.
        Solved = "solved",
        /// It is not.
        NotSolved = "not_solved",
        /// Satisfied, or very.
        Satisfied = "satisfied",
        /// Neither.
        Neutral = "neutral",
        /// Dissatisfied, or very.
        Dissatisfied = "dissatisfied",
        /// That, with the outcome.
        DissatisfiedOutcome = "dissatisfied_outcome",
        /// That, with the unit.
        DissatisfiedUnit = "dissatisfied_unit",
        /// That, with the centre.
        DissatisfiedCentre = "dissatisfied_centre",
        /// Begun anew afterwards.
        Reopened = "reopened",
    }
}

impl Measure {
    /// Whether it counts a round.
    pub fn holds(self, facts: &Facts) -> bool {
        let left_out = match self {
            Self::Withdrawn => Some(LeftOut::Withdrawn),
            Self::Rejected => Some(LeftOut::Rejected),
            Self::Merged => Some(LeftOut::Merged),
            Self::Split => Some(LeftOut::Split),
            _ => None,
        };
        if facts.left_out() != left_out {
            return false;
        }
        let is_dissatisfied =
            matches!(facts.satisfaction, Some(Satisfaction::Dissatisfied | Satisfaction::VeryDissatisfied));
        match self {
            Self::Counted | Self::Withdrawn | Self::Rejected | Self::Merged | Self::Split => true,
            Self::Responded => facts.first_reply.is_some(),
            Self::InTime => facts.in_time == Some(true),
            Self::NotInTime => facts.in_time == Some(false),
            Self::Resolved => facts.resolve.is_some(),
            Self::OnTime => facts.on_time == Some(true),
            Self::Late => facts.on_time == Some(false),
            Self::CalledBack => facts.called_back,
            Self::Reached => facts.reached,
            Self::Solved => facts.solved == Some(true),
            Self::NotSolved => facts.solved == Some(false),
            Self::Satisfied => {
                matches!(facts.satisfaction, Some(Satisfaction::Satisfied | Satisfaction::VerySatisfied))
            }
            Self::Neutral => facts.satisfaction == Some(Satisfaction::Neutral),
            Self::Dissatisfied => is_dissatisfied,
            Self::DissatisfiedOutcome => is_dissatisfied && facts.handled == Some(Handled::Outcome),
            Self::DissatisfiedUnit => is_dissatisfied && facts.handled == Some(Handled::Unit),
            Self::DissatisfiedCentre => is_dissatisfied && facts.handled == Some(Handled::Centre),
            Self::Reopened => facts.reopened,
        }
    }

    /// What counts those that are left out for a reason.
    pub const fn left_out(reason: LeftOut) -> Self {
        match reason {
            LeftOut::Withdrawn => Self::Withdrawn,
            LeftOut::Rejected => Self::Rejected,
            LeftOut::Merged => Self::Merged,
            LeftOut::Split => Self::Split,
        }
    }
}

named! {
    /// A rate.
    Rate {
        /// Told something at all (响应率).
        Response = "response",
        /// Told something in time.
        ResponseOnTime = "response_on_time",
        /// The lead unit is done (办结率).
        Completion = "completion",
        /// Done in time (按时办结率).
        OnTime = "on_time",
        /// Solved (解决率).
        Solved = "solved",
        /// Satisfied (满意率).
        Satisfied = "satisfied",
    }
}

impl Rate {
    /// What it counts.
    pub const fn numerator(self) -> Measure {
        match self {
            Self::Response => Measure::Responded,
            Self::ResponseOnTime => Measure::InTime,
            Self::Completion => Measure::Resolved,
            Self::OnTime => Measure::OnTime,
            Self::Solved => Measure::Solved,
            Self::Satisfied => Measure::Satisfied,
        }
    }

    /// Out of what: no round is in two of these.
    pub const fn denominator(self) -> &'static [Measure] {
        match self {
            Self::Response | Self::Completion => &[Measure::Counted],
            Self::ResponseOnTime => &[Measure::InTime, Measure::NotInTime],
            Self::OnTime => &[Measure::OnTime, Measure::Late],
            Self::Solved => &[Measure::Solved, Measure::NotSolved],
            Self::Satisfied => &[Measure::Satisfied, Measure::Neutral, Measure::Dissatisfied],
        }
    }
}

named! {
    /// A part of a rate.
    Part {
        /// What it counts.
        Numerator = "numerator",
        /// Out of what.
        Denominator = "denominator",
        /// What is counted, and of which it is not known.
        Unsaid = "unsaid",
    }
}

/// Which rounds one figure counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Those that one of these counts,
    pub any: Vec<Measure>,
    /// and none of these.
    pub none: Vec<Measure>,
}

impl Selection {
    /// What one measure counts.
    pub fn one(measure: Measure) -> Self {
        Self { any: vec![measure], none: Vec::new() }
    }

    /// What a part of a rate counts.
    pub fn of(rate: Rate, part: Part) -> Self {
        match part {
            Part::Numerator => Self::one(rate.numerator()),
            Part::Denominator => Self { any: rate.denominator().to_vec(), none: Vec::new() },
            Part::Unsaid => Self { any: vec![Measure::Counted], none: rate.denominator().to_vec() },
        }
    }

    /// Whether it counts a round.
    pub fn holds(&self, facts: &Facts) -> bool {
        let holds = |measure: &Measure| measure.holds(facts);
        self.any.iter().any(holds) && !self.none.iter().any(holds)
    }
}

/// How many rounds each measure counts. Of what is not named here there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts(BTreeMap<Measure, i64>);

impl Counts {
    /// How many one measure counts.
    pub fn of(&self, measure: Measure) -> i64 {
        self.0.get(&measure).copied().unwrap_or(0)
    }

    /// Counts more.
    pub fn add(&mut self, measure: Measure, count: i64) {
        if count != 0 {
            *self.0.entry(measure).or_default() += count;
        }
    }

    /// Counts one round.
    pub fn count(&mut self, facts: &Facts) {
        for measure in Measure::ALL {
            self.add(*measure, i64::from(measure.holds(facts)));
        }
    }

    /// Counts all that another counted.
    pub fn extend(&mut self, other: &Self) {
        for (measure, count) in &other.0 {
            self.add(*measure, *count);
        }
    }

    /// All rounds, those that are left out too.
    pub fn size(&self) -> i64 {
        let left_out = LeftOut::ALL.iter().map(|reason| self.of(Measure::left_out(*reason)));
        self.of(Measure::Counted) + left_out.sum::<i64>()
    }

    /// A rate.
    pub fn rate(&self, rate: Rate) -> Fraction {
        let denominator = rate.denominator().iter().map(|measure| self.of(*measure)).sum();
        let unsaid = self.of(Measure::Counted) - denominator;
        Fraction { numerator: self.of(rate.numerator()), denominator, unsaid }
    }
}

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    /// What is counted.
    pub numerator: i64,
    /// Out of what.
    pub denominator: i64,
    /// What belongs to neither, because it is not known.
    pub unsaid: i64,
}

impl Fraction {
    /// Of ten thousand, cut off and not rounded, so that only all of them are all. `None` of nothing.
    pub fn basis_points(&self) -> Option<i32> {
        let points = i128::from(self.numerator) * 10_000;
        i32::try_from(points.checked_div(i128::from(self.denominator))?).ok()
    }

    /// The same in percent, with two decimals; empty of nothing.
    pub fn percent(&self) -> String {
        self.basis_points().map_or_else(String::new, |points| format!("{}.{:02}", points / 100, points % 100))
    }
}
