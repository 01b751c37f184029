//! A city of Danyang's size: its real towns and villages, 2,300 grids, and people and households made up by rule.

use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::{HouseholdRelation, Role};
use minqing_registry::domain::known;

use crate::lattice::{Grid, Lattice};

/// The city.
pub const CODE: &str = "321181";

/// The first day of everything.
pub const EDITION: &str = "2023-06-30";

/// Where households are said to come from.
const SOURCE: &str = "bench";

/// Villages that have an eleventh grid, so that the city has 2,300.
const ELEVENTH: usize = 10;

/// The lattice of its villages.
const LATTICE: Lattice =
    Lattice { west: 119_400_000, south: 31_760_000, columns: 16, width: 30_000, height: 27_000 };

/// The sizes of households, over and over: five on average.
const SIZES: [usize; 5] = [4, 6, 5, 3, 7];
const RESIDENTS_OF_FIVE: usize = 25;

/// What residents are to the head of their household, in the order in which they come.
const RELATIONS: [HouseholdRelation; 7] = [
    HouseholdRelation::Head,
    HouseholdRelation::Spouse,
    HouseholdRelation::Child,
    HouseholdRelation::Parent,
    HouseholdRelation::Parent,
    HouseholdRelation::Grandchild,
    HouseholdRelation::Child,
];

/// Days of birth in use, from 1930 on.
const BIRTH_DAYS: usize = 32_000;

/// Residents that one ordinary member keeps in contact with, and members of one backbone member.
const RESIDENTS_A_MEMBER: usize = 30;
const MEMBERS_A_BACKBONE: usize = 10;

/// Files of the city's divisions and all above them.
pub fn divisions() -> proto::ImportDivisionsRequest {
    let carried = [known::PROVINCE, known::CITIES, known::AREAS, known::STREETS, known::VILLAGES];
    let file = |(name, text): (&str, &str)| proto::DivisionFile {
        file_name: name.to_owned(),
        content: text.as_bytes().to_vec(),
    };
    proto::ImportDivisionsRequest {
        files: carried.map(file).to_vec(),
        effective_from: EDITION.to_owned(),
        ..Default::default()
    }
}

/// The codes of its towns and villages.
pub fn codes() -> Vec<String> {
    let files = known::files(&[known::STREETS, known::VILLAGES]);
    files.into_iter().flat_map(|file| file.rows).map(|row| row.code.to_string()).collect()
}

/// Its grids.
pub fn grids() -> Vec<Grid> {
    let villages = codes().into_iter().filter(|code| code.len() == 12);
    villages
        .enumerate()
        .flat_map(|(index, village)| LATTICE.grids(index, &village, index < ELEVENTH))
        .collect()
}

/// The first message of an import of households.
pub fn header() -> proto::ImportHouseholdsRequest {
    let header = proto::ImportHouseholdsHeader {
        source: SOURCE.to_owned(),
        file_name: "bench".to_owned(),
        effective_from: EDITION.to_owned(),
        ..Default::default()
    };
    proto::ImportHouseholdsRequest { part: Some(proto::import_households_request::Part::Header(header)) }
}

/// A message with the households of a range.
pub fn chunk(
    range: std::ops::Range<usize>,
    households: usize,
    grids: &[Grid],
) -> proto::ImportHouseholdsRequest {
    let records =
        range.map(|number| household(number, &grids[number * grids.len() / households].code)).collect();
    let chunk = proto::HouseholdRecordChunk { records };
    proto::ImportHouseholdsRequest { part: Some(proto::import_households_request::Part::Chunk(chunk)) }
}

/// How many residents a number of households have.
pub fn residents(households: usize) -> usize {
    first_resident(households)
}

fn first_resident(household: usize) -> usize {
    let before: usize = SIZES[..household % SIZES.len()].iter().sum();
    household / SIZES.len() * RESIDENTS_OF_FIVE + before
}

fn household(number: usize, grid: &str) -> proto::HouseholdRecord {
    let first = first_resident(number);
    let residents = RELATIONS.iter().take(SIZES[number % SIZES.len()]).enumerate();
    proto::HouseholdRecord {
        source_id: format!("{number:06}"),
        grid_code: grid.to_owned(),
        address: format!("幸福路{}号", number + 1),
        residents: residents.map(|(index, relation)| resident(first + index, *relation)).collect(),
    }
}

fn resident(number: usize, relation: HouseholdRelation) -> proto::ResidentRecord {
    const SURNAMES: [&str; 10] = ["张", "王", "李", "赵", "陈", "刘", "杨", "黄", "周", "吴"];
    const GIVEN: [&str; 7] = ["建国", "秀英", "伟", "芳", "志强", "丽", "小红"];
    let (identity_number, birth_year) = identity_number(number);
    proto::ResidentRecord {
        display_name: format!("{}{}", SURNAMES[number % SURNAMES.len()], GIVEN[number % GIVEN.len()]),
        relation: relation.into(),
        identity_number,
        // Every other one has a telephone of their own.
        phone: if number.is_multiple_of(2) { format!("139{number:08}") } else { String::new() },
        birth_year,
    }
}

/// A made-up identity number that passes every check, different for each number, and its year of birth.
fn identity_number(number: usize) -> (String, i32) {
    use chrono::Datelike as _;
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let first = chrono::NaiveDate::from_ymd_opt(1930, 1, 1).unwrap_or_default();
    let birth = first + chrono::Days::new((number % BIRTH_DAYS) as u64);
    let body = format!("{CODE}{}{:03}", birth.format("%Y%m%d"), number / BIRTH_DAYS);
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    (format!("{body}{}", CHECKS[(sum % 11) as usize]), birth.year())
}

/// Its officers: cadres of the city, the towns and the villages; a lead for every grid, and members enough for the
/// residents of its households.
pub fn people(grids: &[Grid], households: usize) -> Vec<proto::CreatePersonRequest> {
    let mut all = vec![person(&format!("cadre-{CODE}"), Role::Cadre, CODE, 0)];
    for code in codes() {
        all.push(person(&format!("cadre-{code}"), Role::Cadre, &code, all.len()));
    }
    let residents_a_grid = residents(households).div_ceil(grids.len());
    // Members take whole households, so some take fewer than thirty residents: a fifth more of them, and two.
    let members = residents_a_grid.div_ceil(RESIDENTS_A_MEMBER) * 6 / 5 + 2;
    for grid in grids {
        let code = &grid.code;
        all.push(person(&format!("lead-{code}"), Role::GridLead, code, all.len()));
        for number in 0..members.div_ceil(MEMBERS_A_BACKBONE) {
            all.push(person(&format!("backbone-{code}-{number}"), Role::BackboneMember, code, all.len()));
        }
        for number in 0..members {
            all.push(person(&format!("member-{code}-{number}"), Role::OrdinaryMember, code, all.len()));
        }
    }
    all
}

fn person(id: &str, role: Role, code: &str, number: usize) -> proto::CreatePersonRequest {
    proto::CreatePersonRequest {
        person: Some(proto::Person {
            display_name: format!("干部{number}"),
            division_code: code.get(..12).unwrap_or(code).to_owned(),
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
    use super::*;

    #[test]
    fn the_city_has_its_size() {
        assert_eq!(grids().len(), 2_300);
        assert_eq!(residents(200_000), 1_000_000);
        let counted: usize = (0..7).map(|number| household(number, "321181001001001").residents.len()).sum();
        assert_eq!(counted, residents(7));
    }

    #[test]
    fn identity_numbers_pass_every_check_and_differ() {
        use minqing_platform::identity_number::IdentityNumber;
        let today = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let mut seen = std::collections::HashSet::new();
        for number in (0..1_000_000).step_by(997) {
            let (text, year) = identity_number(number);
            let parsed = IdentityNumber::parse(&text, today).unwrap();
            assert_eq!(chrono::Datelike::year(&parsed.birth_date()), year);
            assert!(seen.insert(text));
        }
    }
}
