use std::sync::Arc;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::{boundary, rectangle, stars};
use crate::domain::geo::{Area, Index, LatLng};
use minqing_platform::code::Code;
use minqing_platform::period::Period;

fn code(number: usize) -> Code {
    format!("321181100201{number:03}").parse().unwrap()
}

fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 1 + number).unwrap()
}

fn place(x: f64, y: f64) -> LatLng {
    LatLng::new(32.0 + y / 1000.0, 119.5 + x / 1000.0).unwrap()
}

fn area(number: usize, ring: &[(f64, f64)], from: u32, to: Option<u32>) -> Area {
    let effective = Period { from: day(from), to: to.map(day) };
    Area { code: code(number), effective, boundary: Arc::new(boundary(&[ring])) }
}

#[test]
fn a_border_belongs_to_the_lowest_code() {
    let index = Index::build([
        area(2, &rectangle(0.0, 0.0, 1.0, 1.0), 0, None),
        area(1, &rectangle(1.0, 0.0, 1.0, 1.0), 0, None),
    ]);
    assert_eq!(index.locate(place(0.5, 0.5), day(0)), Some(&code(2)));
    assert_eq!(index.locate(place(1.0, 0.5), day(0)), Some(&code(1)));
    assert_eq!(index.locate(place(2.5, 0.5), day(0)), None);
}

#[test]
fn a_split_is_seen_on_its_day_and_not_before() {
    let whole = rectangle(0.0, 0.0, 2.0, 1.0);
    let index = Index::build([
        area(1, &whole, 0, Some(10)),
        area(2, &rectangle(0.0, 0.0, 1.0, 1.0), 10, None),
        area(3, &rectangle(1.0, 0.0, 1.0, 1.0), 10, None),
    ]);
    assert_eq!(index.locate(place(1.5, 0.5), day(9)), Some(&code(1)));
    assert_eq!(index.locate(place(1.5, 0.5), day(10)), Some(&code(3)));
}

#[test]
fn overlaps_are_of_the_same_days_and_not_with_what_is_excepted() {
    let index = Index::build([
        area(1, &rectangle(0.0, 0.0, 2.0, 2.0), 0, Some(10)),
        area(2, &rectangle(2.0, 0.0, 2.0, 2.0), 0, None),
    ]);
    let over = boundary(&[&rectangle(1.0, 0.0, 2.0, 2.0)]);
    let codes = |days: Period, except: &[Code]| -> Vec<Code> {
        index.overlapping(&over, days, except).into_iter().map(|conflict| conflict.code).collect()
    };
    assert_eq!(codes(Period::since(day(5)), &[]), [code(1), code(2)]);
    assert_eq!(codes(Period::since(day(10)), &[]), [code(2)]);
    assert_eq!(codes(Period::since(day(5)), &[code(2)]), [code(1)]);
}

#[derive(Debug, Clone)]
enum Change {
    Put(usize, Vec<(f64, f64)>, u32, Option<u32>),
    Remove(usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let put = ((0..400usize, -3..3i32, -3..3i32), 0..20u32, prop::option::of(1..8u32)).prop_flat_map(
        |((code, x, y), from, days)| {
            stars((f64::from(x) * 0.7, f64::from(y) * 0.7))
                .prop_map(move |ring| Change::Put(code, ring, from, days.map(|days| from + days)))
        },
    );
    prop::collection::vec(prop_oneof![4 => put, 1 => (0..400usize).prop_map(Change::Remove)], 1..500)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn locate_is_looking_at_every_area_whatever_the_changes(
        changes in changes(),
        points in prop::collection::vec((-3.0..3.0f64, -3.0..3.0f64, 0..30u32), 40),
    ) {
        let mut index = Index::default();
        let mut plain = std::collections::BTreeMap::new();
        for change in changes {
            match change {
                Change::Put(number, ring, from, to) => {
                    let area = area(number, &ring, from, to);
                    plain.insert(area.code.clone(), area.clone());
                    index = index.with([area], []);
                }
                Change::Remove(number) => {
                    plain.remove(&code(number));
                    index = index.with([], [code(number)]);
                }
            }
        }
        prop_assert_eq!(index.len(), plain.len());
        for (x, y, on) in points {
            let (place, on) = (place(x, y), day(on));
            let found = plain.values().find(|area| area.effective.holds(on) && area.boundary.contains(place));
            prop_assert_eq!(index.locate(place, on), found.map(|area| &area.code));
        }
        let rebuilt = Index::build(plain.values().cloned());
        prop_assert_eq!(rebuilt.len(), plain.len());
    }
}
