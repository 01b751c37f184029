//! People of the demo: a lead for every grid, cadres of the village, the town and the city, and in the grids that have
//! households, members enough for the contact chain.

use std::sync::LazyLock;

use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::Role;

use super::households::RESIDENTS_A_GRID;
use super::{CITY, EDITION};

/// Names for people who do not exist.
static NAMES: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("data/names.csv").lines().skip(1).collect());

/// Steps through the names so that neighbours do not have the same one: a prime, and no divisor of their number.
const STRIDE: usize = 7_919;

/// A made-up name; the same for the same number.
pub fn name(number: usize) -> String {
    NAMES.get(number.wrapping_mul(STRIDE) % NAMES.len().max(1)).copied().unwrap_or("无名").to_owned()
}

/// Everybody, in order.
pub fn plan(
    towns: &[(String, String)],
    villages: &[(String, String)],
    grids: &[&str],
    inhabited: &[&str],
) -> Vec<proto::CreatePersonRequest> {
    let mut all = vec![person("cadre-city", 0, Role::Cadre, CITY)];
    for (code, _) in towns.iter().chain(villages) {
        all.push(person(&format!("cadre-{code}"), all.len(), Role::Cadre, code));
    }
    for grid in grids {
        all.push(person(&format!("lead-{grid}"), all.len(), Role::GridLead, grid));
    }
    // One member in contact with 30 residents, one backbone with 10 members; one more of each, for change.
    let members = RESIDENTS_A_GRID.div_ceil(30) + 1;
    for grid in inhabited {
        for number in 0..members {
            all.push(person(&format!("member-{grid}-{number}"), all.len(), Role::OrdinaryMember, grid));
        }
        for number in 0..members.div_ceil(10) + 1 {
            all.push(person(&format!("backbone-{grid}-{number}"), all.len(), Role::BackboneMember, grid));
        }
    }
    all
}

fn person(id: &str, number: usize, role: Role, code: &str) -> proto::CreatePersonRequest {
    proto::CreatePersonRequest {
        person: Some(proto::Person {
            display_name: name(number),
            division_code: code.get(..12).unwrap_or(code).to_owned(),
            work_phone: format!("0511-86{:06}", number),
            effective_from: EDITION.to_owned(),
            ..Default::default()
        }),
        person_id: id.to_owned(),
        appointments: vec![proto::Appointment {
            role: role.into(),
            division_code: code.to_owned(),
            effective_from: EDITION.to_owned(),
            ..Default::default()
        }],
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::households::residents;
    use super::*;

    #[test]
    fn neighbours_have_different_names() {
        assert_ne!(name(1), name(2));
        assert_eq!(name(3), name(3));
    }

    #[test]
    fn a_grid_has_the_residents_that_its_members_are_counted_for() {
        assert_eq!(residents().sum::<usize>(), RESIDENTS_A_GRID);
    }
}
