use proptest::prelude::*;

use super::{after, grid, grids};
use crate::domain::contact::{Grid, Kind, Link, Plan, RESIDENTS_MAX, may_take, measure, plan};

fn link(household: usize, member: &str) -> Link {
    Link {
        kind: Kind::HouseholdToMember,
        subject: format!("households/{household}"),
        contact: format!("people/{member}"),
    }
}

fn reason(grid: &Grid, links: &[Link], household: usize, member: &str) -> Option<&'static str> {
    let (household, member) = (format!("households/{household}"), format!("people/{member}"));
    may_take(grid, links, &household, &member).err().map(|refusal| refusal.reason)
}

#[test]
fn a_member_takes_households_up_to_thirty_residents() {
    let grid = grid(&[20, 10, 1, 0], 1, 1, 1);
    let held = [link(1, "m000")];
    assert_eq!(may_take(&grid, &held, "households/2", "people/m000"), Ok(10));
    let full = [link(1, "m000"), link(2, "m000")];
    assert_eq!(reason(&grid, &full, 3, "m000"), Some("CONTACT_OVER_CAPACITY"));
    assert_eq!(reason(&grid, &full, 4, "m000"), None, "an empty house weighs nothing");
    assert_eq!(reason(&grid, &full, 2, "m000"), Some("ALREADY_EXISTS"));
}

#[test]
fn a_household_above_the_capacity_is_taken_by_somebody_who_has_nobody_else() {
    let grid = grid(&[31, 1], 2, 1, 1);
    assert_eq!(reason(&grid, &[], 1, "m000"), None);
    assert_eq!(reason(&grid, &[link(2, "m000")], 1, "m000"), Some("CONTACT_OVER_CAPACITY"));
    assert_eq!(reason(&grid, &[link(1, "m001")], 2, "m001"), Some("CONTACT_OVER_CAPACITY"));
}

#[test]
fn whoever_is_not_of_the_grid_takes_nothing() {
    let grid = grid(&[3], 1, 1, 1);
    assert_eq!(reason(&grid, &[], 1, "b000"), Some("NOT_A_MEMBER_OF_GRID"));
    assert_eq!(reason(&grid, &[], 2, "m000"), Some("HOUSEHOLD_NOT_IN_FORCE"));
    // What a link says of a household that is gone, or of another kind, weighs nothing.
    let others = [link(9, "m000"), Link { kind: Kind::MemberToBackbone, ..link(1, "m000") }];
    assert_eq!(reason(&grid, &others, 1, "m000"), None);
}

proptest! {
    #[test]
    fn whatever_is_given_by_hand_after_a_plan_nobody_has_too_many(
        grid in grids(40, 6),
        wishes in prop::collection::vec((0..40_usize, 0..6_usize), 0..30),
    ) {
        let mut links = after(&[], &plan(&grid, &[], false).unwrap());
        for (household, member) in wishes {
            let wish = link(household + 1, &format!("m{member:03}"));
            if may_take(&grid, &links, &wish.subject, &wish.contact).is_ok() {
                links.retain(|link| link.kind != wish.kind || link.subject != wish.subject);
                links.push(wish);
            }
        }
        // None of these households is above the capacity by itself.
        prop_assert!(grid.households.iter().all(|household| household.residents <= RESIDENTS_MAX));
        prop_assert_eq!(measure(&grid, &links).overloaded, 0);
        // And a plan that leaves standing links alone finds nothing to end.
        let Plan { end, .. } = plan(&grid, &links, false).unwrap();
        prop_assert!(end.is_empty());
    }
}
