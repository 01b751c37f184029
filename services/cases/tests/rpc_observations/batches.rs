//! Batches from phones that were offline.

use chrono::TimeDelta;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::ObservationOutcome as Outcome;
use minqing_proto::registry::v1::Datum;
use minqing_testkit::{Database, on_both_databases};
use tonic::Code;
use uuid::Uuid;

use super::room;
use super::suite::{
    CADRE, COLLEAGUE, DISPATCHER, GRID, OFFICER, OTHER_GRID, STRANGER, Suite, Who, fields, refused,
};

on_both_databases! {
    the_good_half_is_kept_and_the_bad_half_is_named_in_order;
    a_batch_sent_again_changes_nothing_however_late;
    a_name_is_of_one_content_of_one_officer;
    a_point_is_found_in_its_grid_in_either_datum;
    a_full_batch_is_taken_and_one_more_is_not;
    an_officer_writes_within_their_own_area;
    without_the_registry_nothing_is_taken_and_nothing_is_lost;
}

fn outcomes(answer: &proto::BatchCreateObservationsResponse) -> Vec<Outcome> {
    answer.results.iter().map(proto::ObservationResult::outcome).collect()
}

/// The fields and reasons that are wrong with one.
fn wrong(result: &proto::ObservationResult) -> Vec<(&str, &str)> {
    result.violations.iter().map(|one| (one.field.as_str(), one.reason.as_str())).collect()
}

async fn the_good_half_is_kept_and_the_bad_half_is_named_in_order(database: Database) {
    let suite = Suite::open(&database).await;
    let with = |change: &dyn Fn(&mut proto::Observation)| {
        let mut one = suite.visit();
        change(&mut one);
        one
    };
    let minutes = |by| suite.minutes(by);
    let batch = vec![
        with(&|_| ()),
        with(&|one| one.observe_time = minutes(6)),
        with(&|one| one.observe_time = minutes(5)),
        with(&|one| one.observe_time = minutes(-90 * 24 * 60 - 1)),
        with(&|one| one.observe_time = minutes(-90 * 24 * 60)),
        with(&|one| one.grid = "grids/321181100201999".into()),
        with(&|one| one.grid = "grids/321182100201001".into()),
        with(&|one| one.grid = String::new()),
        with(&|one| (one.grid, one.latitude) = (String::new(), Some(31.96))),
        with(&|one| (one.latitude, one.longitude) = (Some(39.9), Some(116.4))),
        with(&|one| one.name = "observations/1".into()),
        with(&|one| (one.title, one.kind, one.class) = (String::new(), 0, 99)),
        with(&|one| (one.title, one.content) = ("字".repeat(100), "𠮷".repeat(10_000))),
        with(&|one| (one.title, one.content) = ("字".repeat(101), "字".repeat(10_001))),
        with(&|one| (one.title, one.content) = ("字".into(), String::new())),
        with(&|one| one.household = "王大爷".into()),
    ];
    let answer = suite.send(OFFICER, batch.clone()).await.unwrap();
    let good = [0, 2, 4, 12, 14];
    for (place, (sent, result)) in batch.iter().zip(&answer.results).enumerate() {
        assert_eq!(result.name, sent.name, "{place}");
        let expected = if good.contains(&place) { Outcome::Created } else { Outcome::Refused };
        assert_eq!(result.outcome(), expected, "{place}: {result:?}");
        assert_eq!(result.violations.is_empty(), good.contains(&place), "{place}");
    }
    assert_eq!((answer.created, answer.unchanged, answer.refused), (5, 0, 11));
    let of = |place: usize| wrong(&answer.results[place]);
    assert_eq!(of(1), [("observations[1].observe_time", "TIME_IN_FUTURE")]);
    assert_eq!(of(3), [("observations[3].observe_time", "TIME_TOO_OLD")]);
    assert_eq!(of(5), [("observations[5].grid", "REFERENCE_MISSING")]);
    assert_eq!(of(6), [("observations[6].grid", "PLACE_OUTSIDE_CITY")]);
    assert_eq!(of(7), [("observations[7].grid", "REQUIRED_FIELD")]);
    assert_eq!(of(8), [("observations[8].longitude", "REQUIRED_FIELD")]);
    // A point without its datum is not guessed about.
    assert_eq!(of(9), [("observations[9].latitude", "INVALID_PLACE")]);
    assert_eq!(of(10), [("observations[10].name", "INVALID_NAME")]);
    assert_eq!(
        of(11),
        [
            ("observations[11].kind", "REQUIRED_FIELD"),
            ("observations[11].title", "REQUIRED_FIELD"),
            ("observations[11].class", "INVALID_ENUM"),
        ]
    );
    assert_eq!(of(13), [("observations[13].title", "TOO_LONG"), ("observations[13].content", "TOO_LONG")]);
    assert_eq!(of(15), [("observations[15].household", "INVALID_NAME")]);

    let kept = suite.get(OFFICER, &batch[0].name).await.unwrap();
    let sent = &batch[0];
    assert_eq!((&kept.title, &kept.content, &kept.household), (&sent.title, &sent.content, &sent.household));
    assert_eq!((kept.observe_time, kept.grid.as_str()), (sent.observe_time, "grids/321181100201001"));
    assert_eq!(
        (kept.officer.as_str(), kept.organization.as_str()),
        ("people/officer", "organizations/village")
    );
    assert_eq!(
        (kept.state(), kept.etag.as_str(), kept.case.as_str()),
        (proto::ObservationState::New, "1", "")
    );
    assert_eq!(suite.list(OFFICER, proto::ListObservationsRequest::default()).await.len(), good.len());
}

async fn a_batch_sent_again_changes_nothing_however_late(database: Database) {
    let suite = Suite::open(&database).await;
    let mut batch = vec![suite.visit(), suite.visit(), suite.visit()];
    batch[1].title = String::new();
    batch.push(batch[0].clone());
    let first = suite.send(OFFICER, batch.clone()).await.unwrap();
    let expected = [Outcome::Created, Outcome::Refused, Outcome::Created, Outcome::Unchanged];
    assert_eq!(outcomes(&first), expected);
    assert_eq!(first.results[3].grid, first.results[0].grid);
    // The answer was lost; somebody classified one meanwhile; the phone comes back after half a year.
    let class = proto::ObservationClass::Housing;
    suite.classify(CADRE, &batch[0].name, class, None).await.unwrap();
    suite.room.clock.advance(TimeDelta::days(180));
    let again = suite.send(OFFICER, batch.clone()).await.unwrap();
    let expected = [Outcome::Unchanged, Outcome::Refused, Outcome::Unchanged, Outcome::Unchanged];
    assert_eq!(outcomes(&again), expected);
    assert_eq!((again.created, again.unchanged, again.refused), (0, 3, 1));
    assert_eq!(again.results[0].grid, first.results[0].grid);
    assert_eq!(suite.get(OFFICER, &batch[0].name).await.unwrap().class(), class);
    // What was mended is taken now, or would be, were it not so old.
    batch[1].title = "补上标题".into();
    let mended = suite.send(OFFICER, batch.clone()).await.unwrap();
    assert_eq!(wrong(&mended.results[1]), [("observations[1].observe_time", "TIME_TOO_OLD")]);
    batch[1].observe_time = suite.minutes(0);
    let mended = suite.send(OFFICER, batch).await.unwrap();
    assert_eq!((mended.created, mended.unchanged, mended.refused), (1, 3, 0));
}

async fn a_name_is_of_one_content_of_one_officer(database: Database) {
    let suite = Suite::open(&database).await;
    let first = suite.visit();
    suite.sent(OFFICER, first.clone()).await;
    let other = proto::Observation { title: "另一件事".into(), ..first.clone() };
    let fresh = suite.visit();
    let fresh_other = proto::Observation { title: "另一件事".into(), ..fresh.clone() };
    let answer = suite.send(OFFICER, vec![other, fresh.clone(), fresh_other, first.clone()]).await.unwrap();
    let expected = [Outcome::Refused, Outcome::Created, Outcome::Refused, Outcome::Unchanged];
    assert_eq!(outcomes(&answer), expected);
    assert_eq!(wrong(&answer.results[0]), [("observations[0].name", "OBSERVATION_DIFFERS")]);
    assert_eq!(wrong(&answer.results[2]), [("observations[2].name", "OBSERVATION_DIFFERS")]);
    assert_eq!(suite.get(OFFICER, &first.name).await.unwrap().title, first.title);
    // The very same words of somebody else are another observation, and nothing is told of the first.
    for who in [COLLEAGUE, STRANGER] {
        let answer = suite.send(who, vec![first.clone()]).await.unwrap();
        assert_eq!(wrong(&answer.results[0]), [("observations[0].name", "OBSERVATION_DIFFERS")]);
        assert_eq!(answer.results[0].grid, "");
    }
}

async fn a_point_is_found_in_its_grid_in_either_datum(database: Database) {
    let suite = Suite::open(&database).await;
    let at = |latitude, longitude, datum: Datum| proto::Observation {
        grid: String::new(),
        latitude: Some(latitude),
        longitude: Some(longitude),
        datum: datum.into(),
        ..suite.visit()
    };
    // GCJ-02 lies about 500 metres to the south-east here: the same place in its numbers.
    let batch = vec![
        at(31.96, 119.51, Datum::Wgs84),
        at(31.958, 119.515, Datum::Gcj02),
        at(39.9, 116.4, Datum::Wgs84),
        at(31.96, 119.71, Datum::Wgs84),
        at(f64::NAN, f64::INFINITY, Datum::Wgs84),
    ];
    let answer = suite.send(OFFICER, batch.clone()).await.unwrap();
    assert_eq!(answer.results[0].grid, format!("grids/{GRID}"));
    assert_eq!(answer.results[1].grid, format!("grids/{GRID}"));
    assert_eq!(wrong(&answer.results[2]), [("observations[2].latitude", "PLACE_NOT_IN_A_GRID")]);
    assert_eq!(wrong(&answer.results[3]), [("observations[3].latitude", "PLACE_OUTSIDE_CITY")]);
    assert_eq!(wrong(&answer.results[4]), [("observations[4].latitude", "INVALID_PLACE")]);
    let kept = suite.get(OFFICER, &batch[0].name).await.unwrap();
    assert_eq!((kept.latitude, kept.longitude, kept.datum()), (Some(31.96), Some(119.51), Datum::Wgs84));
    let moved = suite.get(OFFICER, &batch[1].name).await.unwrap();
    assert_eq!(moved.datum(), Datum::Wgs84);
    assert!((moved.longitude.unwrap() - 119.515).abs() > 0.001, "it was brought into WGS-84");
}

async fn a_full_batch_is_taken_and_one_more_is_not(database: Database) {
    let suite = Suite::open(&database).await;
    let mut batch: Vec<_> = (0..501).map(|_| suite.visit()).collect();
    let refusal = suite.send(OFFICER, batch.clone()).await;
    assert_eq!(fields(refusal), ["observations"]);
    assert_eq!(refused(suite.send(OFFICER, Vec::new()).await), "COUNT");
    batch.pop();
    let answer = suite.send(OFFICER, batch.clone()).await.unwrap();
    assert_eq!((answer.created, answer.refused), (500, 0));
    let (mut request, mut seen) = (proto::ListObservationsRequest::default(), 0);
    request.page_size = 1_000;
    loop {
        let page =
            suite.client().list_observations(OFFICER.asks(request.clone())).await.unwrap().into_inner();
        assert!(page.observations.len() <= 200);
        seen += page.observations.len();
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, 500);
}

async fn an_officer_writes_within_their_own_area(database: Database) {
    let suite = Suite::open(&database).await;
    let elsewhere = proto::Observation { grid: format!("grids/{OTHER_GRID}"), ..suite.visit() };
    let answer = suite.send(OFFICER, vec![suite.visit(), elsewhere]).await.unwrap();
    assert_eq!(outcomes(&answer), [Outcome::Created, Outcome::Refused]);
    assert_eq!(wrong(&answer.results[1]), [("observations[1].grid", "NOT_PERMITTED")]);
    for role in ["dispatcher", "window_clerk", "ordinary_member", "auditor", "administrator", "citizen"] {
        let refusal = suite.send(Who("people/1", role, "", ""), vec![suite.visit()]).await.unwrap_err();
        assert_eq!(refusal.code(), Code::PermissionDenied, "{role}");
    }
    let nobody = proto::BatchCreateObservationsRequest { observations: vec![suite.visit()] };
    let refusal = suite.client().batch_create_observations(nobody).await.unwrap_err();
    assert_eq!(refusal.code(), Code::Unauthenticated);
    let unknown = format!("observations/{}", Uuid::new_v4());
    assert_eq!(refused(suite.get(DISPATCHER, &unknown).await), "NOT_FOUND");
}

async fn without_the_registry_nothing_is_taken_and_nothing_is_lost(database: Database) {
    let suite = Suite { room: room::open_apart(&database).await };
    let mut batch = vec![suite.visit(), suite.visit()];
    batch[1].title = String::new();
    let refusal = suite.send(OFFICER, batch.clone()).await.unwrap_err();
    assert_eq!(refusal.code(), Code::Unavailable);
    assert!(suite.list(OFFICER, proto::ListObservationsRequest::default()).await.is_empty());
    // What needs no place is told all the same.
    let answer = suite.send(OFFICER, batch.split_off(1)).await.unwrap();
    assert_eq!(wrong(&answer.results[0]), [("observations[0].title", "REQUIRED_FIELD")]);
}
