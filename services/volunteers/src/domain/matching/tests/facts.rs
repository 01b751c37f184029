use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::matching::explain::{Verdict, Whole, runners_up};
use crate::domain::matching::facts::{Dated, Hand, Need, Team, Weekly};
use crate::domain::matching::reason::{Reason, obstacle};
use crate::domain::matching::weights::{Weights, urgency};
use crate::domain::matching::{certificate, pose, solve};
use crate::domain::need::{Risk, Window};

/// A Tuesday, 10:00 in Danyang.
fn now() -> DateTime<Utc> {
    "2026-11-24T02:00:00Z".parse().unwrap()
}

fn code(text: &str) -> minqing_platform::code::Code {
    text.parse().unwrap()
}

fn need(name: &str) -> Need {
    Need {
        name: name.to_owned(),
        version: 1,
        post: "home-repair".to_owned(),
        skills: vec![],
        headcount: 1,
        risk: Risk::Low,
        place: code("321181101201001"),
        position: None,
        windows: vec![],
        raised: now() - TimeDelta::hours(1),
        declined: vec![],
        served_raiser: vec![],
        served_place: vec![],
    }
}

fn team(name: &str) -> Team {
    Team {
        name: name.to_owned(),
        post: "home-repair".to_owned(),
        home: code("321181101201"),
        reach: vec![code("321181")],
        position: None,
        capacity: 3,
        taken: 0,
        skills: vec![],
        insured_only: false,
        hands: vec![hand(), hand()],
    }
}

fn hand() -> Hand {
    Hand { weekly: vec![], dated: vec![], insured_until: None }
}

fn window(from: &str, to: &str) -> Window {
    Window { from: from.parse().unwrap(), to: to.parse().unwrap() }
}

#[test]
fn each_obstacle_has_its_reason() {
    let with = |change: fn(&mut Need, &mut Team)| {
        let (mut need, mut team) = (need("n"), team("t"));
        change(&mut need, &mut team);
        obstacle(&need, &team, now())
    };
    assert_eq!(with(|_, _| ()), None);
    assert_eq!(with(|need, _| need.declined.push("t".to_owned())), Some(Reason::DeclinedBefore));
    assert_eq!(with(|need, _| need.post = "legal-aid".to_owned()), Some(Reason::PostDiffers));
    let elsewhere = |_: &mut Need, team: &mut Team| {
        (team.home, team.reach) = (code("321181102"), vec![]);
    };
    assert_eq!(with(elsewhere), Some(Reason::OutOfReach));
    assert_eq!(with(|need, _| need.skills.push("plumbing".to_owned())), Some(Reason::SkillMissing));
    assert_eq!(with(|need, _| need.headcount = 3), Some(Reason::TooFewPeople));
    assert_eq!(with(|need, _| need.risk = Risk::High), Some(Reason::RiskUninsured));
    assert_eq!(with(|_, team| team.insured_only = true), Some(Reason::RiskUninsured));
    assert_eq!(with(|_, team| team.taken = 3), Some(Reason::NoCapacity));
    let over = |need: &mut Need, _: &mut Team| {
        need.windows = vec![window("2026-11-23T00:00:00Z", "2026-11-24T01:00:00Z")];
    };
    assert_eq!(with(over), Some(Reason::Window));
}

#[test]
fn a_team_without_a_stated_reach_goes_no_farther_than_home() {
    let team = Team { reach: vec![], ..team("t") };
    assert_eq!(obstacle(&need("n"), &team, now()), None);
    let next = Need { place: code("321181101202001"), ..need("n") };
    assert_eq!(obstacle(&next, &team, now()), Some(Reason::OutOfReach));
}

#[test]
fn enough_people_must_be_free_in_one_and_the_same_window() {
    let on = |weekday| Hand { weekly: vec![Weekly { weekday, from_minute: 540, to_minute: 660 }], ..hand() };
    // Wednesday and Thursday morning in China.
    let windows = vec![
        window("2026-11-25T00:00:00Z", "2026-11-25T04:00:00Z"),
        window("2026-11-26T00:00:00Z", "2026-11-26T04:00:00Z"),
    ];
    let need = Need { windows, headcount: 2, ..need("n") };
    let apart = Team { hands: vec![on(3), on(4)], ..team("t") };
    assert_eq!(obstacle(&need, &apart, now()), Some(Reason::Window));
    let together = Team { hands: vec![on(3), on(3)], ..team("t") };
    assert_eq!(obstacle(&need, &together, now()), None);
}

#[test]
fn a_day_that_is_said_to_be_otherwise_overrides_the_week() {
    let wednesday = window("2026-11-25T00:00:00Z", "2026-11-25T04:00:00Z");
    let date = "2026-11-25".parse().unwrap();
    let dated = |minutes| Hand { dated: vec![Dated { date, minutes }], ..hand() };
    assert!(hand().can_come(&wednesday, now()));
    assert!(!dated(vec![]).can_come(&wednesday, now()));
    // 8:00 to 12:00 in China is asked for; half an hour is too short a visit.
    assert!(!dated(vec![(690, 900)]).can_come(&wednesday, now()));
    assert!(dated(vec![(0, 30), (660, 900)]).can_come(&wednesday, now()));
}

#[test]
fn insurance_has_to_last_until_the_service() {
    let until = |day: &str| Hand { insured_until: Some(day.parse().unwrap()), ..hand() };
    let windows = vec![window("2026-11-30T00:00:00Z", "2026-11-30T04:00:00Z")];
    let need = Need { windows, risk: Risk::High, ..need("n") };
    let short = Team { hands: vec![until("2026-11-30")], ..team("t") };
    assert_eq!(obstacle(&need, &short, now()), Some(Reason::RiskUninsured));
    let long = Team { hands: vec![until("2026-12-01")], ..team("t") };
    assert_eq!(obstacle(&need, &long, now()), None);
}

#[test]
fn the_nearer_the_more_familiar_and_the_plainer_team_costs_less() {
    let weights = Weights::default();
    let cost = |need: &Need, team: &Team| weights.parts(need, team, now()).total_m();
    let known = Need { served_raiser: vec!["t".to_owned()], ..need("n") };
    let near = Need { served_place: vec!["t".to_owned()], ..need("n") };
    let far = Team { home: code("321181102"), ..team("t") };
    let skilled = Team { skills: vec!["plumbing".to_owned()], ..team("t") };
    let (plain, team) = (need("n"), team("t"));
    assert!(cost(&known, &team) < cost(&near, &team) && cost(&near, &team) < cost(&plain, &team));
    assert!(cost(&plain, &team) < cost(&plain, &skilled) && cost(&plain, &skilled) < cost(&plain, &far));
    let here = Need { position: Some((31.99, 119.57)), ..need("n") };
    let there = Team { position: Some((32.00, 119.57)), ..team.clone() };
    assert_eq!(weights.parts(&here, &there, now()).distance_m, 1_112);
}

#[test]
fn what_closes_soon_or_has_waited_long_is_urgent_and_dear_to_leave() {
    let soon = Need { windows: vec![window("2026-11-25T00:00:00Z", "2026-11-25T04:00:00Z")], ..need("n") };
    let old = Need { raised: now() - TimeDelta::days(8), ..soon.clone() };
    assert_eq!([need("n"), soon.clone(), old.clone()].map(|need| urgency(&need, now())), [0, 2, 3]);
    let weights = Weights::default();
    assert!(weights.unmatched(&need("n"), now()) < weights.unmatched(&soon, now()));
    assert!(weights.unmatched(&soon, now()) < weights.unmatched(&old, now()));
}

#[test]
fn load_is_spread_and_what_a_team_has_already_counts() {
    let needs: Vec<Need> = (0..4).map(|number| need(&format!("n{number}"))).collect();
    let busy = Team { taken: 2, ..team("busy") };
    let teams = [team("one"), team("two"), busy];
    let problem = pose(&needs, &teams, &Weights::default(), now()).unwrap();
    let solution = solve(&problem);
    let count = |name: &str| {
        let team = problem.team(name);
        solution.assignment.iter().filter(|assigned| **assigned == team).count()
    };
    assert_eq!((count("one"), count("two"), count("busy")), (2, 2, 0));
}

#[test]
fn a_pair_is_explained_by_its_reason_or_by_what_it_would_cost_more_in_all() {
    let weights = Weights::default();
    // One slot near; the one who knows that team gets it, the other goes farther.
    let near = Team { capacity: 1, ..team("near") };
    let far = Team { home: code("321181102"), ..team("far") };
    let other = Team { post: "legal-aid".to_owned(), ..team("other") };
    let friend = Need { served_raiser: vec!["near".to_owned()], ..need("friend") };
    let (needs, teams) = ([friend, need("guest")], [near, far, other]);
    let problem = pose(&needs, &teams, &weights, now()).unwrap();
    let solution = solve(&problem);
    certificate::check(&problem, &solution.assignment, &solution.duals).unwrap();
    let whole = Whole { problem: &problem, solution: &solution, weights: &weights, time: now() };
    let verdict = |need: usize, team: usize| whole.verdict(&needs[need], &teams[team]).unwrap();
    assert!(matches!(verdict(0, 0), Verdict::Chosen(costs) if costs.parts.continuity_m == 0));
    assert!(matches!(verdict(1, 1), Verdict::Chosen(_)));
    assert_eq!(verdict(0, 2), Verdict::Cannot(Reason::PostDiffers));
    // The friend would have to meet somebody new.
    let Verdict::Dearer { at_least_m, in_all_m, .. } = verdict(1, 0) else { panic!("it has another team") };
    assert_eq!(in_all_m, weights.stranger_m);
    assert!((0..=in_all_m).contains(&at_least_m));
    let runners = runners_up(&problem, &solution, problem.need("guest").unwrap());
    assert_eq!(runners.iter().map(|runner| runner.team.as_str()).collect::<Vec<_>>(), ["near"]);
    assert_eq!(runners[0].more_m, at_least_m);
}
