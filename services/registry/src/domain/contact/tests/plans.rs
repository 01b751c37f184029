use proptest::prelude::*;

use super::{after, grid, grids, household, people, residents_of, runs};
use crate::domain::contact::{Address, HOUSEHOLDS_MAX, Kind, Link, RESIDENTS_MAX, Shortage, plan};

fn link(subject: usize, contact: &str) -> Link {
    Link { kind: Kind::HouseholdToMember, subject: format!("households/{subject}"), contact: contact.into() }
}

#[test]
fn a_grid_is_shared_evenly_and_in_the_line_of_addresses() {
    let grid = grid(&[5; 100], 20, 2, 1);
    let plan = plan(&grid, &[], false).unwrap();
    assert!(plan.shortage.is_none() && plan.end.is_empty());
    let links = after(&[], &plan);
    let runs = runs(&grid, &links, Kind::HouseholdToMember);
    assert_eq!(runs.len(), 20);
    for (number, (member, run)) in runs.iter().enumerate() {
        assert_eq!(*member, format!("people/m{number:03}"));
        assert_eq!(*run, (number * 5..number * 5 + 5).collect::<Vec<_>>());
    }
    let under =
        |kind: Kind, contact: &str| links.iter().filter(|l| l.kind == kind && l.contact == contact).count();
    assert_eq!(
        [under(Kind::MemberToBackbone, "people/b000"), under(Kind::MemberToBackbone, "people/b001")],
        [10, 10]
    );
    assert_eq!(under(Kind::BackboneToLead, "people/l000"), 2);
    let of_backbone = plan.create.iter().find(|planned| planned.link.kind == Kind::BackboneToLead).unwrap();
    assert_eq!(of_backbone.residents, 250);
}

#[test]
fn households_are_taken_by_number_and_not_by_text() {
    let mut grid = grid(&[15; 12], 6, 1, 1);
    grid.households.reverse();
    let plan = plan(&grid, &[], false).unwrap();
    let subjects: Vec<&str> = plan.create[..3].iter().map(|planned| planned.link.subject.as_str()).collect();
    assert_eq!(subjects, ["households/1", "households/2", "households/3"]);
}

#[test]
fn members_are_given_runs_in_the_order_of_their_own_homes() {
    let mut grid = grid(&[20; 3], 3, 1, 1);
    grid.members[0].home = Some(Address::from("新桥路3号"));
    grid.members[2].home = Some(Address::from("新桥路1号"));
    let plan = plan(&grid, &[], false).unwrap();
    let contacts: Vec<&str> = plan.create[..3].iter().map(|planned| planned.link.contact.as_str()).collect();
    assert_eq!(contacts, ["people/m002", "people/m000", "people/m001"]);
}

#[test]
fn what_too_few_members_cannot_take_is_told() {
    let grid = grid(&[10; 12], 2, 1, 0);
    let plan = plan(&grid, &[], false).unwrap();
    let shortage = Shortage {
        households: 6,
        residents: 60,
        members_missing: 2,
        backbones_unassigned: 1,
        leads_missing: 1,
        ..Shortage::default()
    };
    assert_eq!(plan.shortage, shortage);
}

#[test]
fn a_household_of_more_than_thirty_is_taken_by_a_member_of_its_own() {
    let grid = grid(&[4, 35, 4], 3, 1, 1);
    let plan = plan(&grid, &[], false).unwrap();
    assert!(plan.shortage.is_none());
    let links = after(&[], &plan);
    let sizes: Vec<usize> =
        runs(&grid, &links, Kind::HouseholdToMember).iter().map(|(_, run)| run.len()).collect();
    assert_eq!(sizes, [1, 1, 1]);
}

#[test]
fn a_household_that_moves_in_is_taken_by_its_neighbours_contact() {
    let before = grid(&[4; 20], 4, 1, 1);
    let standing = after(&[], &plan(&before, &[], false).unwrap());
    let mut grid = before;
    // It lies after the eighth household, inside the second member's run.
    let mut arrival = household(900, 3);
    arrival.address = "新桥路8号之1".into();
    grid.households.push(arrival);
    let plan = plan(&grid, &standing, false).unwrap();
    assert!(plan.end.is_empty());
    assert_eq!(plan.create.len(), 1);
    assert_eq!(plan.create[0].link, link(900, "people/m001"));
}

#[test]
fn a_new_member_takes_over_what_one_who_left_had() {
    let before = grid(&[4; 20], 4, 1, 1);
    let standing = after(&[], &plan(&before, &[], false).unwrap());
    let mut grid = before;
    grid.members[1].name = "people/new".into();
    let plan = plan(&grid, &standing, false).unwrap();
    // The five households' links and the member's own end, as the member is no longer of the grid.
    assert_eq!(plan.end.len(), 6);
    let taken = plan.create.iter().filter(|planned| planned.link.contact == "people/new").count();
    assert!(taken >= 3, "{:?}", plan.create);
    assert!(plan.shortage.is_none());
}

#[test]
fn standing_links_are_left_alone_however_uneven_until_asked() {
    let grid = grid(&[4; 6], 3, 1, 1);
    let standing: Vec<Link> = (1..=6).map(|number| link(number, "people/m000")).collect();
    let left = plan(&grid, &standing, false).unwrap();
    assert!(left.end.is_empty());
    assert!(left.create.iter().all(|planned| planned.link.kind != Kind::HouseholdToMember));
    let anew = plan(&grid, &standing, true).unwrap();
    assert_eq!(anew.end, [2, 3, 4, 5], "the first member keeps the first two");
    let links = after(&standing, &anew);
    let sizes: Vec<usize> =
        runs(&grid, &links, Kind::HouseholdToMember).iter().map(|(_, run)| run.len()).collect();
    assert_eq!(sizes, [2, 2, 2]);
}

#[test]
fn a_second_link_of_a_household_ends_whatever_their_order() {
    let grid = grid(&[4], 2, 1, 1);
    let (first, second) = (link(1, "people/m000"), link(1, "people/m001"));
    assert_eq!(plan(&grid, &[first.clone(), second.clone()], false).unwrap().end, [1]);
    assert_eq!(plan(&grid, &[second, first], false).unwrap().end, [0]);
}

#[test]
fn a_grid_that_is_too_large_is_refused() {
    let refusal = plan(&grid(&vec![1; HOUSEHOLDS_MAX + 1], 1, 1, 1), &[], false).unwrap_err();
    assert_eq!(refusal.to_string(), "the grid has 5001 households, more than 5000; split it first");
}

#[test]
fn the_largest_grid_is_planned() {
    let residents: Vec<u32> = (0..HOUSEHOLDS_MAX).map(|i| (i * 7 % 6) as u32).collect();
    let grid = grid(&residents, 500, 50, 5);
    let plan = plan(&grid, &[], false).unwrap();
    assert!(plan.shortage.is_none());
}

/// Filling one member after another in the line needs the fewest runs.
fn fewest_members(residents: impl Iterator<Item = u32>) -> usize {
    let (mut needed, mut room) = (0, 0);
    for residents in residents {
        if needed == 0 || residents > room {
            needed += 1;
            room = RESIDENTS_MAX;
        }
        room -= residents;
    }
    needed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn capacities_hold_runs_follow_the_line_and_everything_is_assigned_when_it_can_be(grid in grids(200, 50)) {
        let plan = plan(&grid, &[], false).unwrap();
        let links = after(&[], &plan);
        let runs = runs(&grid, &links, Kind::HouseholdToMember);
        for (_, run) in &runs {
            prop_assert!(residents_of(&grid, run) <= RESIDENTS_MAX);
        }
        for kind in [Kind::MemberToBackbone, Kind::BackboneToLead] {
            let mut counts = std::collections::BTreeMap::<&str, u32>::new();
            links.iter().filter(|link| link.kind == kind).for_each(|link| *counts.entry(&link.contact).or_default() += 1);
            prop_assert!(counts.values().all(|count| *count <= kind.capacity()));
        }
        let needed = fewest_members(grid.households.iter().map(|household| household.residents));
        if needed <= grid.members.len() {
            prop_assert_eq!(plan.shortage.households, 0);
            for (_, run) in &runs {
                prop_assert!(run.windows(2).all(|pair| pair[1] == pair[0] + 1), "not contiguous: {run:?}");
            }
        } else if grid.members.is_empty() {
            prop_assert_eq!(plan.shortage.members_missing as usize, needed);
        }
        prop_assert_eq!(plan.shortage.households > 0, plan.shortage.members_missing > 0);
    }

    #[test]
    fn a_second_plan_does_nothing(grid in grids(80, 20), reassign: bool) {
        let standing = after(&[], &plan(&grid, &[], false).unwrap());
        let second = plan(&grid, &standing, reassign).unwrap();
        prop_assert_eq!((second.create, second.end), (vec![], vec![]));
    }

    #[test]
    fn whatever_changed_what_can_stay_stays_and_the_plan_after_does_nothing(
        before in grids(60, 15),
        arrivals in prop::collection::vec((0..60_usize, 0..9_u32), 0..20),
        departures in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        lost in 0..4_usize,
        won in 0..4_usize,
    ) {
        let standing = after(&[], &plan(&before, &[], false).unwrap());
        let mut grid = before;
        for index in departures {
            if !grid.households.is_empty() {
                grid.households.remove(index.index(grid.households.len()));
            }
        }
        for (number, (after, residents)) in arrivals.into_iter().enumerate() {
            let mut arrival = household(1000 + number, residents);
            arrival.address = format!("新桥路{after}号之{number}").as_str().into();
            grid.households.push(arrival);
        }
        grid.members.drain(..lost.min(grid.members.len()));
        grid.members.extend(people("new", won));
        grid.households.sort_by(|a, b| a.address.cmp(&b.address));

        let change = plan(&grid, &standing, false).unwrap();
        let known = |name: &str| {
            name.starts_with("people/b") || name.starts_with("people/l")
                || grid.households.iter().any(|household| household.name == name)
                || grid.members.iter().any(|person| person.name == name)
        };
        for number in &change.end {
            let link = &standing[*number];
            prop_assert!(!(known(&link.subject) && known(&link.contact)), "{link:?} could stay");
        }
        let links = after(&standing, &change);
        for (_, run) in runs(&grid, &links, Kind::HouseholdToMember) {
            prop_assert!(residents_of(&grid, &run) <= RESIDENTS_MAX);
        }
        let again = plan(&grid, &links, false).unwrap();
        prop_assert_eq!((again.create, again.end), (vec![], vec![]));
        let anew = after(&links, &plan(&grid, &links, true).unwrap());
        let again = plan(&grid, &anew, true).unwrap();
        prop_assert_eq!((again.create, again.end), (vec![], vec![]));
        let mut shuffled = grid.clone();
        shuffled.households.reverse();
        shuffled.members.reverse();
        prop_assert_eq!(plan(&shuffled, &standing, false).unwrap(), change);
    }
}
