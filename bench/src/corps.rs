//! A volunteer corps and what is asked of it, made up by rule: the same size gives the same corps.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use minqing_platform::code::Code;
use minqing_volunteers::domain::matching::facts::{Hand, Need, Team, Weekly};
use minqing_volunteers::domain::need::{Risk, Window};

/// Kinds of post.
const POSTS: u64 = 32;
/// Towns of the city, villages of a town, grids of a village: 12 times 16 times 12 is 2,304 grids.
const TOWNS: u64 = 12;
const VILLAGES: u64 = 16;
const GRIDS: u64 = 12;

/// How large a corps is, and how much is asked of it.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Open needs.
    pub needs: u64,
    /// Teams.
    pub teams: u64,
    /// People of all teams together.
    pub people: u64,
    /// The most needs that a team can have; on average it is half of this and a half.
    pub capacity_max: u64,
    /// Whether every team serves every post everywhere.
    pub anywhere: bool,
}

/// Numbers by a fixed rule (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % end.max(1)
    }

    fn is_one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    fn small(&mut self, end: u64) -> u32 {
        u32::try_from(self.below(end)).unwrap_or(u32::MAX)
    }
}

/// The instant for which everything is made: a Monday morning in China.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_416_800, 0).unwrap_or_default()
}

/// The needs and the teams of a size.
pub fn made(size: Size) -> (Vec<Need>, Vec<Team>) {
    let mut numbers = Numbers(size.needs ^ (size.teams << 20));
    let teams: Vec<Team> = (0..size.teams).map(|number| team(&mut numbers, size, number)).collect();
    let needs = (0..size.needs).map(|number| need(&mut numbers, size, number)).collect();
    (needs, teams)
}

fn town(numbers: &mut Numbers) -> String {
    format!("3211811{:02}", numbers.below(TOWNS))
}

fn village(numbers: &mut Numbers) -> String {
    format!("{}2{:02}", town(numbers), numbers.below(VILLAGES))
}

fn code(text: &str) -> Code {
    text.parse().expect("codes made up by rule are codes")
}

fn post(numbers: &mut Numbers, size: Size) -> String {
    if size.anywhere { "any".to_owned() } else { format!("post-{:02}", numbers.below(POSTS)) }
}

fn team(numbers: &mut Numbers, size: Size, number: u64) -> Team {
    // Each team goes to its own town and three others; one of eight goes everywhere.
    let reach = if size.anywhere || numbers.is_one_in(8) {
        vec![code("321181")]
    } else {
        (0..3).map(|_| code(&town(numbers))).collect()
    };
    let home = village(numbers);
    let own_town = code(&home[..9]);
    let people = size.people / size.teams.max(1);
    Team {
        name: format!("team-{number:05}"),
        post: post(numbers, size),
        home: code(&home),
        reach: reach.into_iter().chain([own_town]).collect(),
        position: None,
        capacity: 1 + numbers.small(size.capacity_max),
        taken: 0,
        skills: (0..5).filter(|_| numbers.is_one_in(2)).map(|skill| format!("skill-{skill}")).collect(),
        insured_only: false,
        hands: (0..people).map(|_| hand(numbers)).collect(),
    }
}

/// Half of the people can come at any time, the others for four hours on three days a week; two of three are insured.
fn hand(numbers: &mut Numbers) -> Hand {
    let mut weekly = Vec::new();
    if numbers.is_one_in(2) {
        for _ in 0..3 {
            let weekday = 1 + u8::try_from(numbers.below(7)).unwrap_or_default();
            let from_minute = u16::try_from(480 + 60 * numbers.below(9)).unwrap_or_default();
            weekly.push(Weekly { weekday, from_minute, to_minute: from_minute + 240 });
        }
    }
    let insured_until = (!numbers.is_one_in(3)).then_some(NaiveDate::MAX);
    Hand { weekly, dated: Vec::new(), insured_until }
}

/// One need of three has a day, one of four asks for a skill, one of ten is risky.
fn need(numbers: &mut Numbers, size: Size, number: u64) -> Need {
    let grid = format!("{}{:03}", village(numbers), 1 + numbers.below(GRIDS));
    let days = |numbers: &mut Numbers, end| TimeDelta::days(i64::from(numbers.small(end)));
    let raised = now() - days(numbers, 14);
    let windows = if numbers.is_one_in(3) {
        let from = now() + days(numbers, 14);
        vec![Window { from, to: from + TimeDelta::hours(6) }]
    } else {
        Vec::new()
    };
    let skills = if numbers.is_one_in(4) { vec![format!("skill-{}", numbers.below(5))] } else { Vec::new() };
    Need {
        name: format!("need-{number:06}"),
        version: 2,
        post: post(numbers, size),
        skills,
        headcount: 1 + numbers.small(3),
        risk: if numbers.is_one_in(10) { Risk::High } else { Risk::Low },
        place: code(&grid),
        position: None,
        windows,
        raised,
        declined: Vec::new(),
        served_raiser: (0..numbers.below(2))
            .map(|_| format!("team-{:05}", numbers.below(size.teams)))
            .collect(),
        served_place: Vec::new(),
    }
}
