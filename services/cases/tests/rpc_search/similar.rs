//! FindSimilarCases: what is suggested while a case is taken down.

use minqing_proto::cases::v1 as proto;
use minqing_proto::registry::v1::Datum;
use minqing_testkit::{Database, on_both_databases};
use tonic::{Code, Request, Status};

use super::room::by;
use super::town::{GRID, PLACE, Town, VILLAGE, citizen, clerk, fields, lamp, reason, refused, submit};

on_both_databases! {
    the_same_matter_is_suggested_with_its_reasons;
    other_matters_and_other_places_are_not_suggested;
    what_ended_long_ago_is_not_suggested_and_what_is_open_is;
    a_draft_that_says_nothing_is_like_nothing;
    bad_drafts_are_refused_by_name;
    only_officers_are_told_and_only_of_their_area;
}

pub fn draft(case: proto::Case) -> proto::FindSimilarCasesRequest {
    proto::FindSimilarCasesRequest { case: Some(case), ..Default::default() }
}

pub async fn similar(
    town: &Town,
    request: Request<proto::FindSimilarCasesRequest>,
) -> Result<Vec<proto::SimilarCase>, Status> {
    Ok(town.cases().find_similar_cases(request).await?.into_inner().cases)
}

/// At a place, so many degrees north of the town's.
fn at(north: f64, title: &str) -> proto::Case {
    proto::Case {
        title: title.into(),
        area: String::new(),
        latitude: Some(PLACE.0 + north),
        longitude: Some(PLACE.1),
        datum: Datum::Wgs84.into(),
        ..lamp()
    }
}

async fn the_same_matter_is_suggested_with_its_reasons(database: Database) {
    let town = Town::open(&database).await;
    let near = town.raise(at(0.001, "小区门口水管破裂漏水")).await.name;
    let wide = town.raise(proto::Case { title: "水管破裂".into(), ..lamp() }).await.name;
    town.at("2026-03-02T05:30:00Z");
    let found = similar(&town, clerk(draft(at(0.0, "门口的水管破裂，漏水严重")))).await.unwrap();
    assert_eq!(found.iter().map(|case| &case.case).collect::<Vec<_>>(), [&near, &wide]);
    let first = &found[0];
    assert!(
        ["水管", "破裂", "漏水"].iter().all(|word| first.common_words.iter().any(|common| common == word))
    );
    assert_eq!(first.common_area, format!("grids/{GRID}"));
    assert_eq!((first.distance_m, first.age_hours), (Some(111), 3));
    assert_eq!((first.title.as_str(), first.r#type()), ("小区门口水管破裂漏水", proto::CaseType::Help));
    assert!(first.score <= 1.0 && first.score > found[1].score && found[1].score > 0.0);
    assert_eq!((found[1].distance_m, found[1].common_area.as_str()), (None, "divisions/321181100201"));
    // Asked again with the same words it is the same answer, and nothing was stored.
    assert_eq!(similar(&town, clerk(draft(at(0.0, "门口的水管破裂，漏水严重")))).await.unwrap(), found);
    let one = proto::FindSimilarCasesRequest {
        size_max: 1, ..draft(at(0.0, "门口的水管破裂，漏水严重"))
    };
    assert_eq!(similar(&town, clerk(one)).await.unwrap(), found[..1]);
}

async fn other_matters_and_other_places_are_not_suggested(database: Database) {
    let town = Town::open(&database).await;
    town.raise(proto::Case { title: "电梯故障困人".into(), content: String::new(), ..lamp() }).await;
    town.raise(proto::Case { area: "divisions/321181".into(), ..lamp() }).await;
    let found = similar(&town, clerk(draft(lamp()))).await.unwrap();
    assert!(found.is_empty(), "{found:?}");
    // Where nothing is said about the place, the words alone decide.
    let anywhere = draft(proto::Case { area: String::new(), ..lamp() });
    assert_eq!(similar(&town, clerk(anywhere)).await.unwrap().len(), 1);
}

async fn what_ended_long_ago_is_not_suggested_and_what_is_open_is(database: Database) {
    let town = Town::open(&database).await;
    let ended = town.raise(lamp()).await;
    let reject = proto::RejectCaseRequest {
        name: ended.name.clone(),
        reason: proto::RejectReason::AnsweredBefore.into(),
        reply: "已答复".into(),
        ..Default::default()
    };
    town.cases().reject_case(clerk(reject)).await.unwrap();
    let open = town.raise(lamp()).await.name;
    let names = async |window_days| {
        let request = proto::FindSimilarCasesRequest { window_days, ..draft(lamp()) };
        let found = similar(&town, clerk(request)).await.unwrap();
        found.into_iter().map(|case| case.case).collect::<Vec<_>>()
    };
    assert_eq!(names(0).await.len(), 2);
    town.at("2026-04-20T02:00:00Z");
    assert_eq!(names(0).await, [open]);
    assert_eq!(names(60).await.len(), 2);
}

async fn a_draft_that_says_nothing_is_like_nothing(database: Database) {
    let town = Town::open(&database).await;
    town.raise(lamp()).await;
    for title in ["的", "😡😡", "是的，我们的问题", "13812345678"] {
        let nothing = proto::Case { title: title.into(), content: String::new(), ..lamp() };
        assert_eq!(similar(&town, clerk(draft(nothing))).await.unwrap(), [], "{title}");
    }
    // As much as can be said at most is compared by its beginning.
    let content: String = "村口路灯不亮，已经三天了。".chars().cycle().take(10_000).collect();
    let long = proto::Case { content, ..lamp() };
    assert_eq!(similar(&town, clerk(draft(long))).await.unwrap().len(), 1);
}

async fn bad_drafts_are_refused_by_name(database: Database) {
    let town = Town::open(&database).await;
    let ask = async |request| fields(similar(&town, clerk(request)).await);
    assert_eq!(ask(Default::default()).await, ["case"]);
    assert_eq!(ask(draft(Default::default())).await, ["case.title"]);
    let wrong = proto::Case { title: "水".repeat(101), content: "水".repeat(10_001), r#type: 99, ..lamp() };
    assert_eq!(ask(draft(wrong)).await, ["case.title", "case.content", "case.type"]);
    let far =
        proto::FindSimilarCasesRequest { window_days: 366, radius_m: 1_001, size_max: 21, ..draft(lamp()) };
    assert_eq!(ask(far).await, ["window_days", "radius_m", "size_max"]);
    let past =
        proto::FindSimilarCasesRequest { window_days: -1, radius_m: -1, size_max: -1, ..draft(lamp()) };
    assert_eq!(ask(past).await, ["window_days", "radius_m", "size_max"]);
    let half = proto::Case { longitude: None, ..at(0.0, "路灯") };
    assert_eq!(ask(draft(half)).await, ["case.longitude"]);
    let sea = similar(&town, clerk(draft(at(9.0, "路灯")))).await;
    assert_eq!(reason(sea), "PLACE_NOT_IN_A_GRID");
    let unknown = proto::Case { area: "divisions/321181999".into(), ..lamp() };
    assert_eq!(ask(draft(unknown)).await, ["case.area"]);
}

async fn only_officers_are_told_and_only_of_their_area(database: Database) {
    let town = Town::open(&database).await;
    town.raise(lamp()).await;
    for (role, division, expected) in [
        ("dispatcher", "", 1),
        ("supervisor", "", 1),
        ("cadre", "321181100", 1),
        ("grid_lead", VILLAGE, 1),
        ("grid_lead", GRID, 0),
        ("window_clerk", "321181100", 1),
        ("window_clerk", "321282", 0),
    ] {
        let found = similar(&town, by(role, division, draft(lamp()))).await.unwrap();
        assert_eq!(found.len(), expected, "{role} of {division:?}");
    }
    for role in ["administrator", "system_account", "ordinary_member", "representative"] {
        let refusal = similar(&town, by(role, "", draft(lamp()))).await;
        assert_eq!(refused(refusal).0, Code::PermissionDenied, "{role}");
    }
    assert_eq!(refused(similar(&town, citizen(draft(lamp()))).await).0, Code::PermissionDenied);
    let nobody = similar(&town, Request::new(draft(lamp()))).await;
    assert_eq!(refused(nobody).0, Code::Unauthenticated);
    // Whoever only reports something is not asked to compare; their case is taken as it is.
    town.submit(citizen(submit(lamp()))).await.unwrap();
}
