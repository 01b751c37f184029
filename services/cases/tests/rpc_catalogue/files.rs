//! The catalogue as a file: imported whole or not at all, exported as it is imported.

use minqing_proto::cases::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tonic::Status;
use tonic_types::StatusExt as _;

use super::suite::{Suite, by, refused, water};

on_both_databases! {
    what_is_exported_is_imported_elsewhere_and_changes_nothing_again;
    faults_are_named_by_line_and_column_and_nothing_is_kept;
    a_file_is_imported_by_administrators_of_all_its_areas;
}

const HEADER: &str = "id,display_name,division_code,department,levels,case_types,promised_limit,statutory_limit,function,\
                      calendar,documents,legal_basis,keywords,effective_from,effective_to\n";
const ROW: &str = "a,供水报装,321181,water,city,help,3 working_days,,供水,china,,,,2026-01-01,\n";

async fn import(
    suite: &Suite,
    content: &[u8],
    validate_only: bool,
) -> Result<proto::ImportItemsResponse, Status> {
    let content = content.to_vec();
    let file_name = "目录.csv".to_owned();
    let request = proto::ImportItemsRequest { file_name, content, validate_only, ..Default::default() };
    Ok(suite.items().import_items(by("system_account", "", request)).await?.into_inner())
}

async fn export(suite: &Suite) -> proto::ExportItemsResponse {
    let request = proto::ExportItemsRequest { effective_on: "all".into(), ..Default::default() };
    suite.items().export_items(request).await.unwrap().into_inner()
}

async fn what_is_exported_is_imported_elsewhere_and_changes_nothing_again(database: Database) {
    let suite = Suite::open(&database).await;
    suite.create("water", water()).await.unwrap();
    let odd =
        proto::Item { display_name: "\"引号\", 逗号; 与|".into(), statutory_limit: None, ..water() };
    suite.create("odd", odd).await.unwrap();
    let end = proto::EndItemRequest {
        name: "items/odd".into(),
        effective_to: "2026-04-01".into(),
        ..Default::default()
    };
    suite.items().end_item(by("administrator", "", end)).await.unwrap();
    let file = export(&suite).await;
    assert_eq!(file.rows, 2);
    let again = import(&suite, &file.content, false).await.unwrap();
    assert_eq!((again.rows, again.unchanged), (2, 2));

    let beside = database.beside();
    let other = Suite::open(&beside).await;
    let checked = import(&other, &file.content, true).await.unwrap();
    assert_eq!((checked.created, export(&other).await.rows), (2, 0));
    assert_eq!(import(&other, &file.content, false).await.unwrap(), checked);
    assert_eq!(export(&other).await, file);
    let [one, same] = [&suite, &other].map(|suite| suite.item("odd", 0));
    let (one, same) = (one.await.unwrap(), same.await.unwrap());
    assert_eq!(
        (one.display_name, one.documents, one.effective_to),
        (same.display_name, same.documents, same.effective_to)
    );
}

async fn faults_are_named_by_line_and_column_and_nothing_is_kept(database: Database) {
    let suite = Suite::open(&database).await;
    let places = |answer: Result<proto::ImportItemsResponse, Status>| -> Vec<String> {
        let details = answer.unwrap_err().get_details_bad_request().unwrap();
        assert!(details.field_violations.iter().all(|violation| violation.field == "content"));
        details.field_violations.into_iter().map(|violation| violation.description).collect()
    };
    let unit = ROW.replacen("a,", "b,", 1).replacen("3 working_days", "3 days", 1);
    let nobody = ROW.replacen("a,", "c,", 1).replacen("water", "nobody", 1);
    let found = places(import(&suite, format!("{HEADER}{ROW}{unit}").as_bytes(), false).await);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("目录.csv, line 3, column promised_limit: "), "{found:?}");
    // What is wrong within the file is told first, and then what it refers to.
    let moon = ROW.replacen("a,", "d,", 1).replacen("china", "moon", 1);
    let found = places(import(&suite, format!("{HEADER}{ROW}{nobody}{moon}").as_bytes(), false).await);
    assert_eq!(found.len(), 2);
    assert!(found[0].starts_with("目录.csv, line 3, column department: "), "{found:?}");
    assert!(found[1].starts_with("目录.csv, line 4, column calendar: "), "{found:?}");
    assert_eq!(export(&suite).await.rows, 0);
    import(&suite, format!("{HEADER}{ROW}").as_bytes(), false).await.unwrap();
    let moved = ROW.replacen("321181", "321181100", 1);
    let found = places(import(&suite, format!("{HEADER}{moved}").as_bytes(), false).await);
    assert!(found[0].starts_with("目录.csv, line 2, column division_code: "), "{found:?}");
    assert_eq!(refused(import(&suite, b"", false).await), "MISSING_COLUMN");
    assert_eq!(refused(import(&suite, b"\xff", false).await), "NOT_UTF8");
}

async fn a_file_is_imported_by_administrators_of_all_its_areas(database: Database) {
    let suite = Suite::open(&database).await;
    let town = ROW.replacen("a,", "b,", 1).replacen("321181", "321181100", 1);
    let ask = |role: &'static str, division: &'static str, body: String| {
        let content = format!("{HEADER}{body}").into_bytes();
        let request = proto::ImportItemsRequest { content, validate_only: true, ..Default::default() };
        let mut items = suite.items();
        async move { items.import_items(by(role, division, request)).await.map(tonic::Response::into_inner) }
    };
    assert_eq!(ask("administrator", "321181100", town.clone()).await.unwrap().created, 1);
    let both = format!("{ROW}{town}");
    assert_eq!(refused(ask("administrator", "321181100", both.clone()).await), "NOT_PERMITTED");
    assert_eq!(refused(ask("dispatcher", "", town).await), "NOT_PERMITTED");
    assert_eq!(ask("administrator", "321181", both).await.unwrap().created, 2);
    // What is wrong with a file is told only to those who may import one.
    assert_eq!(refused(ask("citizen", "", "x".into()).await), "NOT_PERMITTED");
}
