use proptest::prelude::*;

use super::{after, grid, grids};
use crate::domain::contact::{Coverage, Kind, Link, Load, measure, plan};

#[test]
fn who_is_without_a_contact_and_who_has_too_many_is_told() {
    let grid = grid(&[20, 11, 3, 4], 2, 1, 1);
    let link = |subject: &str, contact: &str| Link {
        kind: Kind::HouseholdToMember,
        subject: subject.into(),
        contact: contact.into(),
    };
    let links = [
        link("households/1", "people/m000"),
        link("households/2", "people/m000"),
        link("households/3", "people/gone"),
        link("households/99", "people/m001"),
    ];
    let coverage = measure(&grid, &links);
    let expected = Coverage {
        households: 4,
        uncovered_households: 2,
        residents: 38,
        uncovered_residents: 7,
        members: 2,
        uncovered_members: 2,
        backbones: 1,
        uncovered_backbones: 1,
        leads: 1,
        overloaded: 1,
        overloaded_listed: vec![Load {
            person: "people/m000".into(),
            kind: Kind::HouseholdToMember,
            load: 31,
        }],
        uncovered_listed: vec!["households/3".into(), "households/4".into()],
    };
    assert_eq!(coverage, expected);
    let mut twice = coverage.clone();
    twice.absorb(coverage);
    assert_eq!((twice.households, twice.overloaded, twice.overloaded_listed.len()), (8, 2, 2));
}

proptest! {
    #[test]
    fn the_coverage_after_a_plan_is_the_shortage_it_told(grid in grids(120, 30)) {
        let plan = plan(&grid, &[], false).unwrap();
        let coverage = measure(&grid, &after(&[], &plan));
        prop_assert_eq!(coverage.uncovered_households, plan.shortage.households);
        prop_assert_eq!(coverage.uncovered_residents, plan.shortage.residents);
        prop_assert_eq!(coverage.uncovered_members, plan.shortage.members_unassigned);
        prop_assert_eq!(coverage.uncovered_backbones, plan.shortage.backbones_unassigned);
        prop_assert_eq!(coverage.overloaded, 0);
    }
}
