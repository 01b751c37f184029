//! Volunteers through the gateway: a call for help that reaches the right team, whose hours can be proved to anybody.

use minqing_testkit::{Database, on_both_databases};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

mod scene;

use scene::{Scene, VILLAGE, fields, ok, refused, text, until};

on_both_databases! {
    a_call_for_help_is_met_by_a_team_and_its_hours_are_certified;
    a_need_that_a_team_declines_is_matched_to_another;
    nobody_is_approved_whom_the_corps_has_not_seen_or_whom_the_post_wants_insured;
    bad_input_is_answered_with_the_field;
}

async fn a_call_for_help_is_met_by_a_team_and_its_hours_are_certified(database: Database) {
    let scene = Scene::open(&database).await;
    scene.staffs("companions", VILLAGE, 1).await;
    let (lead, one) = (scene.is("companions-lead"), scene.is("companions-one"));
    let (case, secret) = scene.help_case().await;
    let need = scene.need_of(&case).await;
    let submitted = ok(scene.get(&scene.coordinator, &need).await);
    assert_eq!(
        (text(&submitted["status"]), text(&submitted["title"]), text(&submitted["area"])),
        ("NEED_STATUS_SUBMITTED".into(), "独居老人需要陪同就医".into(), format!("grids/{VILLAGE}001"))
    );
    scene.opens(&need).await;
    let matched = scene.matches().await;
    assert_eq!(
        (&matched["matches"][0]["need"], &matched["matches"][0]["team"]),
        (&json!(need), &json!("teams/companions"))
    );
    assert_eq!(matched["matching"]["totalM"], matched["matching"]["boundM"]);
    assert_eq!(refused(&scene.post(&one, &format!("{need}:accept"), json!({})).await), (404, "NOT_FOUND"));

    // What is only proposed is not the team's yet.
    let plan =
        json!({"team": "teams/companions", "need": need, "title": "陪同就医", "divisionCode": VILLAGE});
    let early = scene.post(&lead, "activities", plan.clone()).await;
    assert_eq!(refused(&early), (400, "NEED_NOT_ACCEPTED"));
    ok(scene.post(&lead, &format!("{need}:accept"), json!({})).await);
    let sign_up = attends(&scene, &plan).await;

    let entries =
        ok(scene.get(&one, &format!("hourEntries?volunteer={}", text(&sign_up["volunteer"]))).await);
    let entry = &entries["hourEntries"][0];
    assert_eq!(
        (text(&entry["minutes"]), text(&entry["source"])),
        ("120".into(), "HOUR_SOURCE_CHECK_IN".into())
    );
    let head = ok(scene.town.get("/v1/hourChain:head").await);
    assert_eq!(head["hash"], entry["hash"]);

    let report = json!({"text": "已陪同就医并送回家。", "solved": true});
    let done = ok(scene.post(&lead, &format!("{need}:report"), report).await);
    assert_eq!(done["status"], "NEED_STATUS_RESOLVED");
    let tracked = until(async || {
        let tracked = scene.track(&case, &secret).await;
        (tracked["status"] == "CASE_STATUS_RESOLVED").then_some(tracked)
    })
    .await;
    assert_eq!(tracked["replies"][0]["text"], "已陪同就医并送回家。");
    certified(&scene, &text(&sign_up["volunteer"])).await;
    let rating = json!({"name": case, "secret": secret, "solved": true});
    ok(scene.town.send(Method::POST, "/v1/cases:rate", None, Some(rating)).await);
    ok(scene.post(&scene.dispatcher, &format!("{case}:close"), json!({})).await);
    scene.town.end().await;
}

/// A shift in the afternoon, from the plan to the hours: the sign-up at its end.
async fn attends(scene: &Scene, plan: &Value) -> Value {
    let (lead, one) = (scene.is("companions-lead"), scene.is("companions-one"));
    let activity = text(&ok(scene.post(&lead, "activities", plan.clone()).await)["name"]);
    let shift =
        json!({"startTime": "2026-11-24T06:00:00Z", "endTime": "2026-11-24T08:00:00Z", "capacity": 1});
    let shift = text(&ok(scene.post(&lead, &format!("{activity}/shifts"), shift).await)["name"]);
    let draft = scene.post(&one, &format!("{shift}/signUps"), json!({})).await;
    assert_eq!(refused(&draft), (400, "ACTIVITY_NOT_OPEN"));
    ok(scene.post(&lead, &format!("{activity}:publish"), json!({})).await);
    let sign_up = ok(scene.post(&one, &format!("{shift}/signUps"), json!({})).await);
    assert_eq!(sign_up["state"], "SIGN_UP_STATE_CONFIRMED");
    let sign_up = text(&sign_up["name"]);

    // Ten to two in the afternoon.
    scene.minutes_pass(4 * 60 + 50);
    let shown = ok(scene.get(&lead, &format!("{shift}:checkInCode")).await);
    let hidden = scene.get(&one, &format!("{shift}:checkInCode")).await;
    assert_eq!(refused(&hidden), (403, "NOT_PERMITTED"));
    let wrong = if shown["code"] == "000000" { "000001" } else { "000000" };
    let wrong = scene.post(&one, &format!("{sign_up}:checkIn"), json!({"code": wrong})).await;
    assert_eq!(refused(&wrong), (400, "CODE_WRONG"));
    let there = ok(scene.post(&one, &format!("{sign_up}:checkIn"), json!({"code": shown["code"]})).await);
    assert_eq!(there["state"], "SIGN_UP_STATE_CHECKED_IN");
    scene.minutes_pass(2 * 60 + 15);
    let shown = ok(scene.get(&lead, &format!("{shift}:checkInCode")).await);
    let served = ok(scene.post(&one, &format!("{sign_up}:checkOut"), json!({"code": shown["code"]})).await);
    assert_eq!(served["state"], "SIGN_UP_STATE_SERVED");
    served
}

/// A certificate, from the request to the check by anybody, who sees the hours and no name.
async fn certified(scene: &Scene, volunteer: &str) {
    let one = scene.is("companions-one");
    let content = json!({"fromDay": "2026-11-01", "toDay": "2026-11-24", "showsHours": true});
    let asked = ok(scene.post(&one, "certificateRequests", json!({"content": content})).await);
    let issue = format!("{}:issue", text(&asked["name"]));
    let by = json!({"handler": "李四", "contact": "0511-86521234"});
    let own = scene.post(&one, &issue, by.clone()).await;
    assert_eq!(refused(&own), (403, "NOT_PERMITTED"));
    let issued = ok(scene.post(&scene.coordinator, &issue, by).await);
    let name = text(&issued["name"]);
    let held = ok(scene.get(&one, &name).await);
    assert_eq!((&held["volunteer"], text(&held["minutes"])), (&json!(volunteer), "120".into()));
    let other = scene.get(&scene.is("companions-lead"), &name).await;
    assert_eq!(refused(&other), (404, "NOT_FOUND"));
    let pdf = ok(scene.get(&one, &format!("{name}:download?format=CERTIFICATE_FORMAT_PDF")).await);
    assert!(pdf.as_str().is_some_and(|pdf| pdf.starts_with("%PDF-")));

    let code = text(&held["verificationCode"]);
    let seen = ok(scene.town.get(&format!("/v1/{name}:verify?code={code}")).await);
    assert_eq!((&seen["isValid"], text(&seen["minutes"])), (&json!(true), "120".into()));
    assert_eq!(seen.get("holder"), None, "the holder does not show the name");
    let shown: Vec<&String> = seen.as_object().unwrap().keys().collect();
    assert_eq!(shown, ["name", "isValid", "issuer", "issueDay", "minutes", "fromDay", "toDay"]);
    let guessed = scene.town.get(&format!("/v1/{name}:verify?code=0000000000")).await;
    assert_eq!(refused(&guessed), (404, "CERTIFICATE_OR_CODE_WRONG"));
}

async fn a_need_that_a_team_declines_is_matched_to_another(database: Database) {
    let scene = Scene::open(&database).await;
    scene.staffs("near", VILLAGE, 1).await;
    scene.staffs("far", "321181100", 3).await;
    let (case, _) = scene.help_case().await;
    let need = scene.need_of(&case).await;
    scene.opens(&need).await;
    let first = scene.matches().await;
    assert_eq!(first["matches"][0]["team"], "teams/near");
    assert_eq!(first["matches"][0]["runnersUp"][0]["team"], "teams/far");
    let matching = text(&first["matching"]["name"]);
    let explain = format!("{matching}:explain?need={need}&team=teams/far");
    let why = ok(scene.get(&scene.is("far-lead"), &explain).await);
    assert_eq!(why["verdict"], "MATCH_VERDICT_DEARER");

    let decline = format!("{need}:decline");
    let stranger = scene.post(&scene.is("far-lead"), &decline, json!({"reason": "没空"})).await;
    assert_eq!(refused(&stranger), (404, "NOT_FOUND"));
    let bare = scene.post(&scene.is("near-lead"), &decline, json!({})).await;
    assert_eq!((bare.0, fields(&bare)), (StatusCode::BAD_REQUEST, vec!["reason".to_owned()]));
    let declined = ok(scene.post(&scene.is("near-lead"), &decline, json!({"reason": "车坏了"})).await);
    // Whoever declined it is no longer told how it goes on.
    assert_eq!(declined["status"], "NEED_STATUS_OPEN");
    let second = scene.matches().await;
    assert_eq!(second["matches"][0]["team"], "teams/far");
    let accepted = ok(scene.post(&scene.is("far-lead"), &format!("{need}:accept"), json!({})).await);
    assert_eq!(
        (&accepted["status"], &accepted["declinedTeams"]),
        (&json!("NEED_STATUS_ACCEPTED"), &json!(["teams/near"]))
    );
    // What stands is left alone.
    assert_eq!(scene.matches().await.get("matches"), None);
    let history = ok(scene.get(&scene.coordinator, &format!("{need}/history")).await);
    let types: Vec<String> =
        history["entries"].as_array().unwrap().iter().map(|entry| text(&entry["type"])).collect();
    assert_eq!(
        types,
        ["NeedSubmitted", "NeedVerified", "NeedProposed", "NeedDeclined", "NeedProposed", "NeedAccepted"]
    );
    scene.town.end().await;
}

async fn nobody_is_approved_whom_the_corps_has_not_seen_or_whom_the_post_wants_insured(database: Database) {
    let scene = Scene::open(&database).await;
    scene.founds("patrol", "civic-patrol", VILLAGE).await;
    let volunteer = scene.registers("one", 1).await;
    let asked = scene.asks_for("one", "patrol").await;
    assert_eq!(refused(&scene.approves(&asked).await), (400, "REAL_NAME_NOT_VERIFIED"));
    let own = scene.post(&scene.is("one"), &format!("{volunteer}:verify"), json!({"evidence": "本人"})).await;
    assert_eq!(refused(&own), (403, "NOT_PERMITTED"));
    scene.verifies(&volunteer).await;
    assert_eq!(refused(&scene.approves(&asked).await), (400, "INSURANCE_MISSING"));
    let insurance = json!({"insuredUntil": "2027-01-01", "insurance": "志愿者意外险"});
    ok(scene.post(&scene.coordinator, &format!("{volunteer}:recordInsurance"), insurance).await);
    assert_eq!(ok(scene.approves(&asked).await)["state"], "MEMBERSHIP_STATE_ACTIVE");

    // Who somebody is, is nobody's but theirs and the corps'.
    let seen = ok(scene.get(&scene.is("one"), &volunteer).await);
    assert_eq!((text(&seen["displayName"]), text(&seen["phone"])), ("张小明".into(), "138****5678".into()));
    assert_eq!(refused(&scene.get(&scene.is("two"), &volunteer).await), (404, "NOT_FOUND"));
    let same = json!({
        "displayName": "张小明", "identityNumber": scene::identity_number("19800101", 1), "divisionCode": VILLAGE,
    });
    let twice = scene.post(&scene.is("two"), "volunteers", same).await;
    assert_eq!(refused(&twice).0, 409);
    scene.town.end().await;
}

async fn bad_input_is_answered_with_the_field(database: Database) {
    let scene = Scene::open(&database).await;
    let citizen = scene.is("one");
    let volunteer = scene.registers("two", 2).await;
    for (token, path, body, expected) in [
        (
            &citizen,
            "volunteers",
            json!({"displayName": "张", "divisionCode": VILLAGE, "identityNumber": "1"}),
            "volunteer.identity_number",
        ),
        (
            &scene.coordinator,
            "teams?teamId=A",
            json!({"displayName": "队", "post": "posts/mediator", "divisionCode": VILLAGE, "capacity": 1}),
            "team_id",
        ),
        (
            &scene.coordinator,
            "teams",
            json!({"displayName": "队", "post": "posts/mediator", "divisionCode": VILLAGE, "capacity": 0}),
            "team.capacity",
        ),
        (&scene.coordinator, "needs/x:verify", json!({}), "name"),
        (&scene.coordinator, "matchings:run", json!({"divisionCode": "32x"}), "division_code"),
        (&citizen, "needs", json!({"title": ""}), "need.title"),
        (
            &citizen,
            "certificateRequests",
            json!({"content": {"fromDay": "yesterday", "toDay": "2026-11-24"}}),
            "content.from_day",
        ),
        (&citizen, "activities/x/shifts/y/signUps", json!({}), "parent"),
        (
            &scene.coordinator,
            &format!("{volunteer}:recordInsurance"),
            json!({"insuredUntil": "2027-13-01", "insurance": "险"}),
            "insured_until",
        ),
    ] {
        let answer = scene.post(token, path, body).await;
        assert_eq!(answer.0, StatusCode::BAD_REQUEST, "{path}: {}", answer.1);
        assert!(fields(&answer).contains(&expected.to_owned()), "{path}: {}", answer.1);
    }
    for path in ["certificates/1:verify?code=1", "certificates/20260000011:verify"] {
        let answer = scene.town.get(&format!("/v1/{path}")).await;
        assert_eq!(answer.0, StatusCode::BAD_REQUEST, "{path}: {}", answer.1);
    }
    scene.town.end().await;
}
