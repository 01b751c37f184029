use proptest::prelude::*;

use super::*;
use crate::domain::contact::{Link, Links};

const GRID: &str = "321181100201001";

fn day(number: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Duration::days(number)
}

fn always() -> Period {
    Period::since(day(0))
}

fn household(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn post(role: Role, person: &str, effective: Period) -> stored::Post {
    stored::Post { role, person: person.into(), display_name: format!("张{person}"), effective }
}

fn tie(kind: Kind, subject: &str, contact: &str, effective: Period) -> stored::Standing {
    stored::Standing { kind, subject: subject.into(), contact: contact.into(), effective }
}

/// One household `1`, whose member is m, whose backbone is b, whose lead is l.
fn whole() -> stored::Chain {
    stored::Chain {
        effective: always(),
        posts: vec![
            post(Role::OrdinaryMember, "m", always()),
            post(Role::BackboneMember, "b", always()),
            post(Role::GridLead, "l", always()),
            post(Role::GridLead, "other", always()),
        ],
        households: vec![(household(1), always()), (household(2), always())],
        links: vec![
            tie(Kind::HouseholdToMember, &household(1).to_string(), "m", always()),
            tie(Kind::MemberToBackbone, "m", "b", always()),
            tie(Kind::BackboneToLead, "b", "l", always()),
        ],
    }
}

fn names(stored: stored::Chain, household: Option<Uuid>, on: NaiveDate) -> Vec<Vec<String>> {
    let chain = Chain::new(GRID.parse().unwrap(), day(0), stored);
    let place = household.map(|id| chain.household(id).unwrap());
    let short = |officer: Officer| officer.name.trim_start_matches("people/").to_owned();
    let stations = chain.stations(place, on);
    stations.into_iter().map(|station| station.officers.into_iter().map(short).collect()).collect()
}

#[test]
fn a_household_is_followed_up_to_its_lead_and_a_grid_has_all_its_leads() {
    assert_eq!(names(whole(), Some(household(1)), day(1)), [["m"], ["b"], ["l"]]);
    assert_eq!(names(whole(), None, day(1)), [["l", "other"]]);
    let none: [&str; 0] = [];
    assert_eq!(
        names(whole(), Some(household(2)), day(1)),
        [none.as_slice(), none.as_slice(), ["l", "other"].as_slice()]
    );
}

#[test]
fn a_member_who_left_leaves_a_vacancy_but_still_leads_on() {
    let mut stored = whole();
    stored.posts[0].effective.to = Some(day(5));
    let none: [&str; 0] = [];
    assert_eq!(names(stored.clone(), Some(household(1)), day(4)), [["m"], ["b"], ["l"]]);
    assert_eq!(
        names(stored, Some(household(1)), day(5)),
        [none.as_slice(), ["b"].as_slice(), ["l"].as_slice()]
    );
}

#[test]
fn the_turn_of_a_day_changes_who_answers() {
    let mut stored = whole();
    stored.links[0].effective.to = Some(day(3));
    stored.posts.push(post(Role::OrdinaryMember, "next", always()));
    let id = household(1).to_string();
    stored.links.push(tie(Kind::HouseholdToMember, &id, "next", Period::since(day(3))));
    assert_eq!(names(stored.clone(), Some(household(1)), day(2))[0], ["m"]);
    assert_eq!(names(stored, Some(household(1)), day(3))[0], ["next"]);
}

#[test]
fn nobody_answers_for_a_grid_that_ended() {
    let mut stored = whole();
    stored.effective.to = Some(day(5));
    assert_eq!(names(stored.clone(), Some(household(1)), day(4)), [["m"], ["b"], ["l"]]);
    assert!(names(stored.clone(), Some(household(1)), day(5)).concat().is_empty());
    assert_eq!(names(stored, None, day(5)), [[""; 0]]);
}

fn periods() -> impl Strategy<Value = Period> {
    (0..4_i64, prop::option::of(0..6_i64))
        .prop_map(|(from, days)| Period { from: day(from), to: days.map(|days| day(from + days)) })
}

prop_compose! {
    /// Three people, each of whom may hold any office; three households; links of every kind, one at a time a subject.
    fn chains()(
        posts in prop::collection::vec((0..3_usize, 0..3_u32, periods()), 0..9),
        households in prop::collection::vec((0..3_usize, periods()), 0..3),
        people in prop::collection::vec((1..3_usize, 0..3_u32, 0..3_u32, periods()), 0..8),
    ) -> stored::Chain {
        let mut links = Vec::new();
        for (number, (contact, effective)) in households.iter().enumerate() {
            let id = household(number as u128).to_string();
            links.push(tie(Kind::HouseholdToMember, &id, &format!("p{contact}"), *effective));
        }
        for (kind, subject, contact, effective) in people {
            let (kind, subject) = (LEVELS[kind].2, format!("p{subject}"));
            let twice = |link: &stored::Standing| {
                link.kind == kind && link.subject == subject && link.effective.overlaps(&effective)
            };
            if !links.iter().any(twice) {
                links.push(tie(kind, &subject, &format!("p{contact}"), effective));
            }
        }
        stored::Chain {
            effective: always(),
            posts: posts.into_iter().map(|(role, person, days)| post(LEVELS[role].1, &format!("p{person}"), days)).collect(),
            households: (0..3).map(|number| (household(number), always())).collect(),
            links,
        }
    }
}

proptest! {
    #[test]
    fn links_are_followed_as_the_domain_follows_them(stored in chains(), number in 0..3_u128, on in 0..10_i64) {
        let on = day(on);
        let in_force = stored.links.iter().filter(|link| link.effective.holds(on));
        let link = |link: &stored::Standing| {
            Link { kind: link.kind, subject: link.subject.clone(), contact: link.contact.clone() }
        };
        let links: Links = in_force.map(link).collect();
        let id = household(number).to_string();
        let trace = links.trace(&id);
        let held = |person: &str, role: Role| {
            let post = |post: &stored::Post| post.role == role && post.person == person && post.effective.holds(on);
            stored.posts.iter().any(post)
        };
        let at = |person: Option<&str>, role| -> Vec<String> {
            person.filter(|person| held(person, role)).map(str::to_owned).into_iter().collect()
        };
        let found = names(stored.clone(), Some(household(number)), on);
        prop_assert_eq!(&found[0], &at(trace.member, Role::OrdinaryMember));
        prop_assert_eq!(&found[1], &at(trace.backbone, Role::BackboneMember));
        let lead = at(trace.lead, Role::GridLead);
        if !lead.is_empty() {
            prop_assert_eq!(&found[2], &lead);
        }
    }
}
