//! Households of the demo: a hundred in each of a few grids, with made-up residents.

use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::HouseholdRelation as Relation;

use super::people::name;

/// Households of a grid that has any.
pub const HOUSEHOLDS_A_GRID: usize = 100;

/// The sizes of households, over and over.
const SIZES: [usize; 10] = [3, 4, 2, 5, 1, 3, 4, 2, 3, 4];

/// Residents of such a grid.
pub const RESIDENTS_A_GRID: usize = 31 * HOUSEHOLDS_A_GRID / 10;

/// How many residents each household of a grid has.
#[cfg(test)]
pub fn residents() -> impl Iterator<Item = usize> {
    (0..HOUSEHOLDS_A_GRID).map(|number| SIZES[number % SIZES.len()])
}

/// The households of a grid.
pub fn plan(grid: &str, first: usize) -> Vec<proto::HouseholdRecord> {
    (0..HOUSEHOLDS_A_GRID)
        .map(|number| proto::HouseholdRecord {
            source_id: format!("{grid}-{number:03}"),
            grid_code: grid.to_owned(),
            address: format!("{}号", number + 1),
            residents: residents_of(first + number),
        })
        .collect()
}

fn residents_of(household: usize) -> Vec<proto::ResidentRecord> {
    const RELATIONS: [Relation; 5] =
        [Relation::Head, Relation::Spouse, Relation::Child, Relation::Parent, Relation::Grandchild];
    // The year of birth of the head, and by how many years each other is older or younger.
    let born = 1950 + i32::try_from(household % 35).unwrap_or(0);
    let years = [0, 2, 26, -25, 50];
    let number = SIZES[household % SIZES.len()];
    let resident = |(index, relation): (usize, &Relation)| proto::ResidentRecord {
        display_name: name(household * SIZES.len() + index),
        relation: (*relation).into(),
        birth_year: (born + years[index]).min(2024),
        phone: if index == 0 { format!("139{:08}", household + 10_000) } else { String::new() },
        ..Default::default()
    };
    RELATIONS.iter().take(number).enumerate().map(resident).collect()
}
