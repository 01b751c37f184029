//! Figures of the corps: what is counted, and what the public is not told.

use chrono::{Datelike as _, Days, NaiveDate};
use minqing_platform::code::{Code, Level};
use minqing_platform::named::named;
use minqing_platform::status::Violation;

/// Groups of fewer people than this are not told to the public.
pub const SMALL: i64 = 5;
/// The longest period: three years.
const DAYS_MAX: u64 = 1_100;

named! {
    /// By what figures are grouped.
    Grouping {
        /// One group: the whole.
        Whole = "whole",
        /// The post.
        Post = "post",
        /// The team.
        Team = "team",
        /// The division of the next level below the area.
        Division = "division",
        /// The month.
        Month = "month",
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The first day.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
    /// By what it is grouped.
    pub grouping: Grouping,
    /// Where.
    pub area: Code,
}

impl Query {
    /// Checks a period.
    ///
    /// # Errors
    /// It is empty, or longer than three years.
    pub fn check(&self) -> Result<(), Violation> {
        if self.to <= self.from {
            return Err(Violation::new("to_day", "PERIOD_EMPTY", "must lie after the first day"));
        }
        let longest = self.from.checked_add_days(Days::new(DAYS_MAX));
        if longest.is_none_or(|longest| self.to > longest) {
            let text = format!("at most {DAYS_MAX} days after the first");
            return Err(Violation::new("to_day", "PERIOD_TOO_LONG", text));
        }
        Ok(())
    }

    /// How many digits of a place's code the groups have in common.
    pub fn digits(&self) -> usize {
        self.area.level().below().unwrap_or(Level::Grid).digits()
    }

    /// The months of the period, each as its name and the days of it that are in the period.
    pub fn months(&self) -> Vec<(String, Self)> {
        let mut months = Vec::new();
        let mut from = self.from;
        while from < self.to {
            let (year, month) =
                if from.month() == 12 { (from.year() + 1, 1) } else { (from.year(), from.month() + 1) };
            let next = NaiveDate::from_ymd_opt(year, month, 1).unwrap_or(self.to).min(self.to);
            let part = Self { from, to: next, grouping: Grouping::Whole, area: self.area.clone() };
            months.push((from.format("%Y-%m").to_string(), part));
            from = next;
        }
        months
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// People who served.
    pub people: i64,
    /// Teams that served.
    pub teams: i64,
    /// How many times somebody served.
    pub times: i64,
    /// Minutes in all.
    pub minutes: i64,
    /// Needs on which a team reported.
    pub needs_met: i64,
    /// Those of them that are solved, as the team says.
    pub problems_solved: i64,
}

/// A group; without counts it is kept back.
pub type Group = (String, Option<Counts>);

/// Keeps back what is too small. What is kept back is always as many people as a group that could be told: else whoever takes
/// the others from the total has it. So with one small group the next smallest goes too. A group without people tells of
/// nobody.
pub fn without_small(groups: &[(String, Counts)]) -> Vec<Group> {
    let mut by_size: Vec<usize> = (0..groups.len()).filter(|place| groups[*place].1.people > 0).collect();
    by_size.sort_by_key(|place| (groups[*place].1.people, *place));
    let mut kept_back = vec![false; groups.len()];
    let mut hidden = 0;
    for place in by_size {
        let people = groups[place].1.people;
        if people < SMALL || (hidden > 0 && hidden < SMALL) {
            kept_back[place] = true;
            hidden += people;
        }
    }
    let told = groups.iter().zip(kept_back);
    told.map(|((key, counts), back)| (key.clone(), (!back).then_some(*counts))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn query(from: &str, to: &str) -> Query {
        Query {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            grouping: Grouping::Month,
            area: "321181".parse().unwrap(),
        }
    }

    #[test]
    fn months_cover_the_period_and_nothing_else() {
        let query = query("2025-11-15", "2026-02-02");
        let months = query.months();
        let names: Vec<&str> = months.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["2025-11", "2025-12", "2026-01", "2026-02"]);
        assert_eq!((months[0].1.from, months[3].1.to), (query.from, query.to));
        assert!(months.windows(2).all(|pair| pair[0].1.to == pair[1].1.from));
    }

    #[test]
    fn an_empty_and_a_very_long_period_are_refused() {
        let reason = |from, to| query(from, to).check().map_err(|violation| violation.reason);
        assert_eq!(reason("2026-01-01", "2026-01-02"), Ok(()));
        assert_eq!(reason("2026-01-01", "2026-01-01"), Err("PERIOD_EMPTY"));
        assert_eq!(reason("2020-01-01", "2026-01-01"), Err("PERIOD_TOO_LONG"));
    }

    proptest! {
        #[test]
        fn what_is_kept_back_is_nobody_or_as_many_as_could_be_told_or_all(sizes in prop::collection::vec(0..12_i64, 0..9)) {
            let group = |(place, people): (usize, &i64)| {
                (place.to_string(), Counts { people: *people, ..Counts::default() })
            };
            let groups: Vec<_> = sizes.iter().enumerate().map(group).collect();
            let told = without_small(&groups);
            prop_assert!(told.iter().flat_map(|(_, counts)| counts).all(|counts| counts.people == 0 || counts.people >= SMALL));
            let shown: i64 = told.iter().flat_map(|(_, counts)| counts).map(|counts| counts.people).sum();
            let hidden = sizes.iter().sum::<i64>() - shown;
            prop_assert!(hidden == 0 || hidden >= SMALL || shown == 0);
        }
    }
}
