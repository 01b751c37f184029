//! What an import of households changes: each record against what is there, decided before it is written.

use serde::{Deserialize, Serialize};

use super::resident::{NewResident, Personal, Relation};
use minqing_platform::code::Code;

/// The most records of one import; the city has 200,000 households.
pub const RECORDS_MAX: u64 = 5_000_000;
/// The most records of one message.
pub const CHUNK_MAX: usize = 1_000;
/// The most characters of a source, and of an id there.
pub const SOURCE_MAX: usize = 64;

/// One household as it is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place in the import; the first is 1.
    pub number: u64,
    /// Its id where it comes from.
    pub source_id: String,
    /// The grid.
    pub grid: Code,
    /// The address.
    pub address: String,
    /// The residents.
    pub residents: Vec<NewResident>,
}

impl Record {
    /// The content as one text, the same for the same content: a keyed hash of it tells whether a record changed.
    pub fn content(&self) -> String {
        let residents: Vec<(i32, &Personal)> =
            self.residents.iter().map(|resident| (resident.relation.number(), &resident.personal)).collect();
        serde_json::to_string(&(&self.grid, &self.address, residents)).unwrap_or_default()
    }

    /// The number of the resident who is the head, as residents are numbered from 1; 0 for none.
    pub fn head(&self) -> i32 {
        let place = self.residents.iter().position(|resident| resident.relation == Relation::Head);
        place.map_or(0, numbered)
    }
}

/// The number of the resident at a place.
pub fn numbered(place: usize) -> i32 {
    i32::try_from(place).unwrap_or(i32::MAX).saturating_add(1)
}

/// What is wrong with a record, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record {record}: {message}")]
pub struct Fault {
    /// The number of the record; the first is 1.
    pub record: u64,
    /// The path of the field within the record; empty where the fault is not in one field.
    pub field: String,
    /// The stable reason.
    pub reason: &'static str,
    /// What a person reads.
    pub message: String,
}

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Report {
    /// Records read.
    pub records: u64,
    /// Households that did not exist.
    pub created: u64,
    /// Households whose record changed.
    pub updated: u64,
    /// Households whose record is as it was.
    pub unchanged: u64,
    /// Households that ended here; they are left as they are.
    pub ended: u64,
    /// Residents that did not exist.
    pub residents_created: u64,
    /// Residents whose record changed.
    pub residents_updated: u64,
    /// Residents that moved out.
    pub residents_ended: u64,
}

/// A resident in force, as is known before the import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The number within the household.
    pub number: i32,
    /// What they are to the head.
    pub relation: Relation,
    /// What is personal.
    pub personal: Personal,
}

/// What a record changes of the residents of a household.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// Those whose record changed: what is known, and the place in the record.
    pub updated: Vec<(Known, usize)>,
    /// Those who are new: the place in the record.
    pub created: Vec<usize>,
    /// Those who are gone.
    pub ended: Vec<Known>,
}

/// Compares residents with those of a record. One is known again by the identity number or, where one of the two has
/// none, by the name.
pub fn compare(known: Vec<Known>, record: &[NewResident]) -> Difference {
    let mut left: Vec<Option<Known>> = known.into_iter().map(Some).collect();
    let mut matched: Vec<Option<Known>> = vec![None; record.len()];
    // Identity numbers decide before names do, whatever the order of the residents is.
    for same in [same_number, same_name] {
        for (matched, resident) in matched.iter_mut().zip(record).filter(|(matched, _)| matched.is_none()) {
            let found = left
                .iter_mut()
                .find(|known| known.as_ref().is_some_and(|known| same(&known.personal, &resident.personal)));
            *matched = found.and_then(Option::take);
        }
    }
    let mut difference = Difference { ended: left.into_iter().flatten().collect(), ..Difference::default() };
    for (place, known) in matched.into_iter().enumerate() {
        match known {
            None => difference.created.push(place),
            Some(known)
                if known.relation != record[place].relation || known.personal != record[place].personal =>
            {
                difference.updated.push((known, place));
            }
            Some(_) => {}
        }
    }
    difference
}

fn same_number(a: &Personal, b: &Personal) -> bool {
    a.identity_number.is_some() && a.identity_number == b.identity_number
}

fn same_name(a: &Personal, b: &Personal) -> bool {
    a.display_name == b.display_name && (a.identity_number.is_none() || b.identity_number.is_none())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn resident(name: &str, number: Option<&str>, relation: Relation) -> NewResident {
        let personal = Personal {
            display_name: name.to_owned(),
            identity_number: number.map(str::to_owned),
            phone: None,
            birth_year: None,
        };
        NewResident { relation, personal, person: None }
    }

    fn known(residents: &[NewResident]) -> Vec<Known> {
        let known = |(place, resident): (usize, &NewResident)| Known {
            number: numbered(place),
            relation: resident.relation,
            personal: resident.personal.clone(),
        };
        residents.iter().enumerate().map(known).collect()
    }

    #[test]
    fn a_resident_is_known_again_by_number_before_name() {
        let before = [resident("张三", Some("1"), Relation::Head), resident("李四", None, Relation::Spouse)];
        let after = [resident("李四", Some("1"), Relation::Head), resident("李四", None, Relation::Spouse)];
        let difference = compare(known(&before), &after);
        assert_eq!(difference.updated.len(), 1);
        assert_eq!((difference.updated[0].0.number, difference.updated[0].1), (1, 0));
        assert!(difference.created.is_empty() && difference.ended.is_empty());
    }

    #[test]
    fn namesakes_with_other_numbers_are_other_people() {
        let before = [resident("张三", Some("1"), Relation::Head)];
        let after = [resident("张三", Some("2"), Relation::Head)];
        let difference = compare(known(&before), &after);
        assert_eq!((difference.created, difference.ended.len()), (vec![0], 1));
    }

    fn residents() -> impl Strategy<Value = Vec<NewResident>> {
        let one = ("[a-c]", prop::option::of("[0-5]"), prop::sample::select(&Relation::ALL[..]));
        let one = one.prop_map(|(name, number, relation)| resident(&name, number.as_deref(), relation));
        // A number stands once in a household: the import refuses it otherwise.
        prop::collection::vec(one, 0..6).prop_map(|all| {
            let mut seen = std::collections::HashSet::new();
            all.into_iter()
                .filter(|one| one.personal.identity_number.clone().is_none_or(|n| seen.insert(n)))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn after_the_changes_the_household_is_as_the_record_has_it(before in residents(), after in residents()) {
            let difference = compare(known(&before), &after);
            let mut left = known(&before);
            left.retain(|one| !difference.ended.iter().any(|ended| ended.number == one.number));
            let mut result: Vec<(i32, String)> = Vec::new();
            for one in &left {
                let update = difference.updated.iter().find(|(known, _)| known.number == one.number);
                let now = update.map_or((one.relation, &one.personal), |(_, place)| (after[*place].relation, &after[*place].personal));
                result.push((now.0.number(), serde_json::to_string(now.1).unwrap()));
            }
            for place in &difference.created {
                result.push((after[*place].relation.number(), serde_json::to_string(&after[*place].personal).unwrap()));
            }
            let mut wanted: Vec<(i32, String)> = after.iter()
                .map(|one| (one.relation.number(), serde_json::to_string(&one.personal).unwrap())).collect();
            result.sort();
            wanted.sort();
            prop_assert_eq!(result, wanted);
        }

        #[test]
        fn the_same_record_again_changes_nothing(before in residents()) {
            prop_assert_eq!(compare(known(&before), &before), Difference::default());
        }

        #[test]
        fn the_content_tells_every_change(a in residents(), b in residents()) {
            let content = |residents: Vec<NewResident>| Record {
                number: 1, source_id: "1".into(), grid: "321181100201001".parse().unwrap(), address: "a".into(), residents,
            }.content();
            prop_assert_eq!(content(a.clone()) == content(b.clone()), a == b);
        }
    }
}
