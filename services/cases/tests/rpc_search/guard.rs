//! What is against somebody is found by nobody it is against, and not even its absence shows.

use minqing_proto::cases::v1 as proto;
use minqing_testkit::{Database, on_both_databases};

use super::find::{found, query};
use super::similar::{draft, similar};
use super::town::{ROADS, Raised, Town, WATER, clerk, complaint, lamp, of, submit};

on_both_databases! {
    whom_a_case_is_against_does_not_find_it;
    a_page_does_not_tell_that_something_was_left_out;
    a_complaint_that_is_carried_on_elsewhere_hides_that_case_too;
    whom_a_case_is_against_is_not_told_of_it_as_similar;
    no_answer_of_a_search_names_who_raised_an_anonymous_or_confidential_case;
}

async fn whom_a_case_is_against_does_not_find_it(database: Database) {
    let town = Town::open(&database).await;
    let against = vec![WATER.to_owned(), "people/x".to_owned()];
    let raised = town.raise(proto::Case { against, ..complaint(WATER) }).await;
    let number = raised.name.strip_prefix("cases/").unwrap().to_owned();
    for role in ["dispatcher", "supervisor", "auditor", "cadre"] {
        for text in ["路灯", &number] {
            let theirs = found(&town, of(role, WATER, "people/y", query(text))).await.unwrap();
            assert_eq!(theirs, [""; 0], "{role} of the unit: {text}");
            let theirs = found(&town, of(role, ROADS, "people/x", query(text))).await.unwrap();
            assert_eq!(theirs, [""; 0], "{role} in person: {text}");
            let others = found(&town, of(role, ROADS, "people/y", query(text))).await.unwrap();
            assert_eq!(others, std::slice::from_ref(&raised.name), "{role} of another unit: {text}");
        }
    }
}

async fn a_page_does_not_tell_that_something_was_left_out(database: Database) {
    let town = Town::open(&database).await;
    let seen = town.raise(lamp()).await.name;
    for _ in 0..3 {
        town.raise(complaint(WATER)).await;
    }
    let one = proto::SearchCasesRequest { page_size: 1, ..query("路灯") };
    let page = town.cases().search_cases(of("auditor", WATER, "people/y", one)).await.unwrap().into_inner();
    let names: Vec<_> = page.cases.into_iter().map(|case| case.name).collect();
    // Exactly as if there were nothing else: a full page, and no next one.
    assert_eq!((names, page.next_page_token), (vec![seen], String::new()));
}

async fn a_complaint_that_is_carried_on_elsewhere_hides_that_case_too(database: Database) {
    let town = Town::open(&database).await;
    let into = town.raise(complaint(ROADS)).await.name;
    let from = town.raise(complaint(WATER)).await.name;
    let theirs = || of("auditor", WATER, "people/y", query("路灯"));
    assert_eq!(found(&town, theirs()).await.unwrap(), std::slice::from_ref(&into));
    let merge = proto::MergeCaseRequest { name: from, into, ..Default::default() };
    town.cases().merge_case(clerk(merge)).await.unwrap();
    assert_eq!(found(&town, theirs()).await.unwrap(), [""; 0]);
}

async fn whom_a_case_is_against_is_not_told_of_it_as_similar(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.raise(complaint(WATER)).await.name;
    let theirs = similar(&town, of("dispatcher", WATER, "people/y", draft(lamp()))).await.unwrap();
    assert!(theirs.is_empty(), "{theirs:?}");
    let others = similar(&town, clerk(draft(lamp()))).await.unwrap();
    assert_eq!(others.iter().map(|case| &case.case).collect::<Vec<_>>(), [&raised]);
    // Nor is a clerk at a window, who lists no cases, told what is against somebody or confidential.
    let confidential = proto::Case { anonymity: proto::Anonymity::Confidential.into(), ..lamp() };
    town.raise(confidential).await;
    let window = similar(&town, of("window_clerk", ROADS, "people/z", draft(lamp()))).await.unwrap();
    assert!(window.is_empty(), "{window:?}");
    assert_eq!(similar(&town, clerk(draft(lamp()))).await.unwrap().len(), 2);
}

async fn no_answer_of_a_search_names_who_raised_an_anonymous_or_confidential_case(database: Database) {
    let town = Town::open(&database).await;
    let confidential = proto::Case { anonymity: proto::Anonymity::Confidential.into(), ..lamp() };
    let anonymous = proto::Case { anonymity: proto::Anonymity::Anonymous.into(), reporter: None, ..lamp() };
    for case in [confidential, anonymous] {
        let Raised { .. } = town.submit(super::town::citizen(submit(case))).await.unwrap();
    }
    let cadre = of("cadre", "", "people/z", query("路灯"));
    let page = town.cases().search_cases(cadre).await.unwrap().into_inner();
    assert_eq!(page.cases.len(), 2);
    assert!(page.cases.iter().all(|case| case.reporter.is_none()), "{page:?}");
    for text in ["王小明", "小明", "raiser", "13812345678"] {
        assert_eq!(found(&town, clerk(query(text))).await.unwrap(), [""; 0], "{text}");
    }
}
