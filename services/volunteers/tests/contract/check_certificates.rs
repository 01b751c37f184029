//! A certificate that was changed, made up or taken away behind the service's back is found, on both databases.

use minqing_testkit::{Database, on_both_databases};
use minqing_volunteers::verify::verify;

use super::certificate::{by, hours, issue, request};
use super::check::{execute, faults, found};
use super::*;

on_both_databases! {
    whole_certificates_have_no_fault;
    a_change_of_any_column_of_a_certificate_is_found;
    a_number_that_is_missing_is_found_wherever_it_stood;
}

/// Three certificates of one person's hours.
async fn certify(store: &Shared) {
    store.enter_hours(&by("people/1"), &[hours("v1", "2026-03-01T01:00:00Z")]).await.unwrap();
    for at in 1..=3 {
        store.request_certificate(&by("v"), &request(at, "v1")).await.unwrap();
        issue(store, &by("people/2"), at).await.unwrap();
    }
}

async fn whole_certificates_have_no_fault(database: Database) {
    let store = open(&database).await;
    certify(&store).await;
    let report = verify(&store).await.unwrap();
    assert_eq!((report.certificates, report.faults), (3, Vec::new()));
    // A correction that came later takes nothing from what was certified before.
    let less = minqing_volunteers::domain::hour::NewCorrection {
        of: 1,
        minutes: -9,
        reason: "came late".into(),
        recorder: "people/9".into(),
    };
    store.correct_hours(&by("people/9"), &less, None).await.unwrap();
    assert_eq!(faults(&store).await, Vec::<String>::new());
}

async fn a_change_of_any_column_of_a_certificate_is_found(database: Database) {
    let store = open(&database).await;
    certify(&store).await;
    execute(&database, "CREATE TABLE kept AS SELECT * FROM certificates WHERE number LIKE '2026000002%'")
        .await;
    let at = "WHERE number LIKE '2026000002%'";
    for (column, value, said) in [
        ("volunteer", "'v9'", "differs from it"),
        ("division_code", "'321182'", "differs from it"),
        (
            "content",
            "REPLACE(content, '\"minutes\":40', '\"minutes\":400')",
            "other hours than the chain holds",
        ),
        (
            "content",
            "REPLACE(content, '\"team\":\"team\"', '\"team\":\"them\"')",
            "other hours than the chain holds",
        ),
        (
            "content",
            "REPLACE(content, '\"from\":\"2026-03-01\"', '\"from\":\"2026-03-02\"')",
            "other hours than the chain",
        ),
    ] {
        execute(&database, &format!("UPDATE certificates SET {column} = {value} {at}")).await;
        found(&faults(&store).await, said, value);
        execute(&database, &format!("UPDATE certificates SET {column} = (SELECT {column} FROM kept) {at}"))
            .await;
        assert_eq!(faults(&store).await, Vec::<String>::new(), "{value}");
    }
    // The hours that it rests on.
    execute(&database, "UPDATE hour_entries SET minutes = 41").await;
    found(&faults(&store).await, "certifies other hours", "hours");
}

async fn a_number_that_is_missing_is_found_wherever_it_stood(database: Database) {
    let store = open(&database).await;
    certify(&store).await;
    execute(&database, "UPDATE certificate_years SET count = 2").await;
    assert_eq!(faults(&store).await, ["certificates of 2026: 2 are counted, the last is number 3"]);
    execute(&database, "DELETE FROM certificate_years").await;
    assert_eq!(faults(&store).await, ["certificates of 2026: none is counted"]);
    execute(&database, "INSERT INTO certificate_years (year, count) VALUES (2026, 3)").await;
    execute(&database, "CREATE TABLE kept AS SELECT * FROM certificates").await;
    for (place, said) in [
        (1, "certificates/20260000029: the number before it is missing"),
        (2, "the number before it is missing"),
        (3, "certificates of 2026: 3 are counted, the last is number 2"),
    ] {
        execute(&database, &format!("DELETE FROM certificates WHERE number LIKE '202600000{place}%'")).await;
        let told = faults(&store).await;
        assert_eq!(told.len(), 1, "{told:?}");
        found(&told, said, "one that was taken away");
        let back =
            format!("INSERT INTO certificates SELECT * FROM kept WHERE number LIKE '202600000{place}%'");
        execute(&database, &back).await;
    }
    execute(&database, "UPDATE certificates SET number = '20260000049' WHERE number LIKE '2026000003%'")
        .await;
    found(&faults(&store).await, "or it is no number", "another number");
}
