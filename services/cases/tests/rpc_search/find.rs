//! SearchCases: words, filters, pages, and what is refused.

use minqing_proto::cases::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tonic::{Code, Status};

use super::room::by;
use super::town::{
    GRID, PLACE, Town, VILLAGE, chief, citizen, clerk, complaint, fields, lamp, reason, refused, worker,
};
use super::town::{PARKS, WATER};

on_both_databases! {
    a_case_is_found_by_its_words_as_soon_as_it_is_raised;
    filters_hold_together_with_the_words;
    pages_lead_to_every_case_and_belong_to_their_query;
    bad_queries_are_refused_by_name;
    only_those_who_list_cases_search_them_and_only_in_their_area;
}

pub fn query(text: &str) -> proto::SearchCasesRequest {
    proto::SearchCasesRequest { query: text.into(), ..Default::default() }
}

/// What somebody finds, page by page.
pub async fn found(
    town: &Town,
    request: tonic::Request<proto::SearchCasesRequest>,
) -> Result<Vec<String>, Status> {
    let (metadata, _, mut request) = request.into_parts();
    let mut names = Vec::new();
    loop {
        let mut sent = tonic::Request::new(request.clone());
        *sent.metadata_mut() = metadata.clone();
        let page = town.cases().search_cases(sent).await?.into_inner();
        names.extend(page.cases.into_iter().map(|case| case.name));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(names);
        }
    }
}

const NOTHING: [&str; 0] = [];

async fn a_case_is_found_by_its_words_as_soon_as_it_is_raised(database: Database) {
    let town = Town::open(&database).await;
    let lamp = town.raise(lamp()).await.name;
    let pipe = proto::Case {
        title: "自来水管爆裂💦".into(),
        address: "𠮷巷大定村3组".into(),
        ..super::town::lamp()
    };
    let pipe = town.raise(pipe).await.name;
    let number = lamp.strip_prefix("cases/").unwrap();
    for (text, expected) in [
        ("路灯", vec![&lamp]),
        ("不亮的路灯", vec![&lamp]),
        (number, vec![&lamp]),
        ("三天", vec![&pipe, &lamp]),
        ("水", vec![&pipe]),
        ("大定村 𠮷", vec![&pipe]),
        ("路灯\n水管", vec![]),
    ] {
        let names = found(&town, clerk(query(text))).await.unwrap();
        assert_eq!(names.iter().collect::<Vec<_>>(), expected, "{text}");
    }
    // What belongs to whoever raised it finds nothing.
    for text in ["王小明", "13812345678", "138 1234 5678"] {
        assert_eq!(found(&town, clerk(query(text))).await.unwrap(), NOTHING, "{text}");
    }
}

async fn filters_hold_together_with_the_words(database: Database) {
    let town = Town::open(&database).await;
    let here = town.raise(lamp()).await.name;
    town.at("2026-03-03T02:00:00Z");
    let (latitude, longitude) = (Some(PLACE.0), Some(PLACE.1));
    let datum = minqing_proto::registry::v1::Datum::Wgs84.into();
    let there = proto::Case { area: String::new(), latitude, longitude, datum, ..complaint(PARKS) };
    let there = town.dispatched(there, WATER).await.name;
    let all = || query("路灯");
    let instant = |text: &str| {
        let time: chrono::DateTime<chrono::Utc> = text.parse().unwrap();
        Some(prost_types::Timestamp { seconds: time.timestamp(), nanos: 0 })
    };
    let noon = || instant("2026-03-02T12:00:00Z");
    for (request, expected) in [
        (all(), vec![&there, &here]),
        (proto::SearchCasesRequest { division_code: GRID.into(), ..all() }, vec![&there]),
        (proto::SearchCasesRequest { division_code: VILLAGE.into(), ..all() }, vec![&there, &here]),
        (proto::SearchCasesRequest { division_code: "3212".into(), ..all() }, vec![]),
        (proto::SearchCasesRequest { status: proto::CaseStatus::Submitted.into(), ..all() }, vec![&here]),
        (proto::SearchCasesRequest { status: proto::CaseStatus::Dispatched.into(), ..all() }, vec![&there]),
        (proto::SearchCasesRequest { r#type: proto::CaseType::Complaint.into(), ..all() }, vec![&there]),
        (proto::SearchCasesRequest { door: proto::Door::Web.into(), ..all() }, vec![&there, &here]),
        (proto::SearchCasesRequest { door: proto::Door::Hotline.into(), ..all() }, vec![]),
        (proto::SearchCasesRequest { item: "items/lamp".into(), ..all() }, vec![]),
        (proto::SearchCasesRequest { organization: WATER.into(), ..all() }, vec![&there]),
        (proto::SearchCasesRequest { created_from: noon(), ..all() }, vec![&there]),
        (proto::SearchCasesRequest { created_before: noon(), ..all() }, vec![&here]),
    ] {
        let names = found(&town, clerk(request.clone())).await.unwrap();
        assert_eq!(names.iter().collect::<Vec<_>>(), expected, "{request:?}");
    }
}

async fn pages_lead_to_every_case_and_belong_to_their_query(database: Database) {
    let town = Town::open(&database).await;
    let mut raised = Vec::new();
    for _ in 0..5 {
        raised.insert(0, town.raise(lamp()).await.name);
    }
    let two = proto::SearchCasesRequest { page_size: 2, ..query("路灯") };
    assert_eq!(found(&town, chief(two.clone())).await.unwrap(), raised);
    let first = town.cases().search_cases(clerk(two.clone())).await.unwrap().into_inner();
    assert_eq!(first.cases.len(), 2);
    let other = proto::SearchCasesRequest { page_token: first.next_page_token, ..query("不亮") };
    assert_eq!(reason(town.cases().search_cases(clerk(other)).await), "INVALID_PAGE_TOKEN");
    let made_up = proto::SearchCasesRequest { page_token: "AAAA".into(), ..two.clone() };
    assert_eq!(reason(town.cases().search_cases(clerk(made_up)).await), "INVALID_PAGE_TOKEN");
    let negative = proto::SearchCasesRequest { page_size: -1, ..two };
    assert_eq!(reason(town.cases().search_cases(clerk(negative)).await), "INVALID_PAGE_SIZE");
}

async fn bad_queries_are_refused_by_name(database: Database) {
    let town = Town::open(&database).await;
    let many: String = (0..21).map(|number| format!("{number} ")).collect();
    for text in ["", " ", "的", "请问是我们的吗", "😡🎉", "……", "a\u{7}b", &"水".repeat(101), &many]
    {
        let refusal = town.cases().search_cases(clerk(query(text))).await;
        assert_eq!(fields(refusal), ["query"], "{text:?}");
    }
    let wrong = proto::SearchCasesRequest {
        query: String::new(),
        division_code: "x".into(),
        status: 99,
        r#type: -1,
        door: 77,
        item: "organizations/x".into(),
        organization: "x".into(),
        created_from: Some(prost_types::Timestamp { seconds: i64::MAX, nanos: 0 }),
        created_before: Some(prost_types::Timestamp { seconds: 0, nanos: -1 }),
        ..Default::default()
    };
    let expected = [
        "query",
        "division_code",
        "status",
        "type",
        "door",
        "item",
        "organization",
        "created_from",
        "created_before",
    ];
    assert_eq!(fields(town.cases().search_cases(clerk(wrong)).await), expected);
}

async fn only_those_who_list_cases_search_them_and_only_in_their_area(database: Database) {
    let town = Town::open(&database).await;
    let village = town.raise(lamp()).await.name;
    let city = town.raise(proto::Case { area: String::new(), ..lamp() }).await.name;
    for (role, division, expected) in [
        ("dispatcher", "", vec![&city, &village]),
        ("supervisor", "321181", vec![&city, &village]),
        ("auditor", "321181100", vec![&village]),
        ("cadre", VILLAGE, vec![&village]),
        ("grid_lead", "321181100201", vec![&village]),
        ("grid_lead", GRID, vec![]),
        ("cadre", "321282", vec![]),
    ] {
        let names = found(&town, by(role, division, query("路灯"))).await.unwrap();
        assert_eq!(names.iter().collect::<Vec<_>>(), expected, "{role} of {division:?}");
    }
    for role in ["window_clerk", "administrator", "system_account", "proxy", "representative"] {
        let refusal = refused(found(&town, by(role, "", query("路灯"))).await);
        assert_eq!(refusal.0, Code::PermissionDenied, "{role}");
    }
    // Whoever may not is told so before anything is said about the query.
    assert_eq!(refused(found(&town, citizen(query(""))).await).0, Code::PermissionDenied);
    assert_eq!(refused(found(&town, worker(WATER, query("路灯"))).await).0, Code::PermissionDenied);
    assert_eq!(refused(found(&town, tonic::Request::new(query(""))).await).0, Code::Unauthenticated);
}
