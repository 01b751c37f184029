use chrono::DateTime;
use serde_json::json;

use super::super::grid_file::read;
use super::*;

const FROM: &str = "2026-01-02";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

/// A file of squares: code, name, and how many squares east; `None` has no boundary.
fn file(name: &str, grids: &[(&str, &str, Option<f64>)]) -> File {
    let features: Vec<_> = grids
        .iter()
        .map(|(code, name, east)| {
            let geometry = east.map(|east| {
                let (west, east) = (119.5 + east * 0.01, 119.51 + east * 0.01);
                let ring = [[west, 32.0], [east, 32.0], [east, 32.01], [west, 32.01], [west, 32.0]];
                json!({"type": "Polygon", "coordinates": [ring]})
            });
            json!({"type": "Feature", "properties": {"code": code, "name": name}, "geometry": geometry})
        })
        .collect();
    let content = json!({"type": "FeatureCollection", "features": features}).to_string();
    read(name, content.as_bytes()).unwrap()
}

fn villages() -> HashMap<Code, Period> {
    HashMap::from([(code("321181100201"), Period::since(day("2026-01-01")))])
}

fn there(files: &[File]) -> HashMap<Code, Grid> {
    let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    files
        .iter()
        .flat_map(|file| &file.rows)
        .map(|row| (row.grid.code.clone(), row.grid.begun(day(FROM), now)))
        .collect()
}

#[test]
fn a_second_import_changes_nothing() {
    let files = [file("a", &[("321181100201001", "一", Some(0.0)), ("321181100201002", "二", None)])];
    let first = plan(&files, HashMap::new(), &villages(), day(FROM)).unwrap();
    assert_eq!((first.create.len(), first.reports[0].created), (2, 2));
    let second = plan(&files, there(&files), &villages(), day(FROM)).unwrap();
    assert!(second.changed().is_empty() && second.drawn(day(FROM)).is_empty());
    assert_eq!(second.reports[0].unchanged, 2);
}

#[test]
fn what_differs_is_updated_and_a_boundary_is_never_taken_away() {
    let before = [file("a", &[("321181100201001", "一", Some(0.0)), ("321181100201002", "二", Some(1.0))])];
    let after = [file("a", &[("321181100201001", "壹", None), ("321181100201002", "二", Some(2.0))])];
    let plan = plan(&after, there(&before), &villages(), day(FROM)).unwrap();
    assert_eq!(plan.reports[0].updated, 2);
    let renamed = &plan.update[&code("321181100201001")].1;
    assert_eq!((renamed.display_name.as_deref(), &renamed.boundary), (Some("壹"), &None));
    assert_eq!(plan.drawn(day(FROM)).len(), 1);
}

#[test]
fn a_grid_that_ended_is_left_as_it_is() {
    let files = [file("a", &[("321181100201001", "一", None)])];
    let mut present = there(&files);
    present.get_mut(&code("321181100201001")).unwrap().effective.to = Some(day("2026-05-01"));
    let renamed = [file("a", &[("321181100201001", "壹", None)])];
    let plan = plan(&renamed, present, &villages(), day(FROM)).unwrap();
    assert!(plan.changed().is_empty());
    assert_eq!(plan.reports[0].ended, 1);
}

#[test]
fn orphans_and_codes_in_two_files_are_refused_with_their_features() {
    let one = file("one", &[("321181100201001", "一", None), ("321181100999001", "x", None)]);
    let two = file("two", &[("321181100201001", "一", None)]);
    let faults = plan(&[one, two], HashMap::new(), &villages(), day(FROM)).unwrap_err();
    let told: Vec<_> =
        faults.iter().map(|fault| (fault.file_name.as_str(), fault.place.as_str(), fault.reason)).collect();
    assert_eq!(
        told,
        [
            ("one", "features[1].properties.code", "PARENT_MISSING"),
            ("two", "features[0].properties.code", "DUPLICATE_FEATURE"),
        ]
    );
}

#[test]
fn no_more_faults_than_a_person_reads_are_told() {
    let codes: Vec<String> = (0..100).map(|number| format!("321181100999{number:03}")).collect();
    let grids: Vec<_> = codes.iter().map(|code| (code.as_str(), "x", None)).collect();
    let faults = plan(&[file("a", &grids)], HashMap::new(), &villages(), day(FROM)).unwrap_err();
    assert_eq!(faults.len(), FAULTS_MAX);
}

#[test]
fn grids_of_two_files_that_lie_over_each_other_are_refused() {
    let files = [
        file("one", &[("321181100201001", "一", Some(0.0))]),
        file("two", &[("321181100201002", "二", Some(9.0)), ("321181100201003", "三", Some(0.5))]),
    ];
    let drawn = plan(&files, HashMap::new(), &villages(), day(FROM)).unwrap().drawn(day(FROM));
    let faults = check_overlaps(&files, [], &drawn).unwrap_err();
    assert_eq!(faults.len(), 1);
    let fault = &faults[0];
    assert_eq!((fault.file_name.as_str(), fault.place.as_str()), ("one", "features[0].geometry"));
    assert_eq!(fault.reason, "GRID_OVERLAP");
    assert!(fault.message.contains("321181100201003"), "{}", fault.message);
}
