//! Bodies of requests and answers.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use minqing_gateway::Options;
use serde_json::json;

use crate::support::{Kitchen, from_json};

#[tokio::test]
async fn a_body_is_the_request_or_one_field_of_it() {
    let kitchen = Kitchen::quiet();
    let body = r#"{"displayName": "鸭", "price_fen": 1200, "heat": 2, "parts": {"salt": 1}}"#;
    let received = kitchen.received("POST", "/v1/kitchens/1/dishes?dishId=x", body).await;
    let dish = json!({"displayName": "鸭", "priceFen": "1200", "heat": "HEAT_HOT", "parts": {"salt": 1}});
    assert_eq!(received, json!({"parent": "kitchens/1", "dishId": "x", "dish": dish}));

    let received = kitchen.received("POST", "/v1/kitchens/1/dishes/2:cook", r#"{"heat": "HEAT_MILD"}"#).await;
    assert_eq!(received, json!({"name": "kitchens/1/dishes/2", "heat": "HEAT_MILD"}));

    let received =
        kitchen.received("PUT", "/v1/everything/-5/parts/a/b%2Fc:mix?text=t", r#"[{"text": "x"}, {}]"#).await;
    let expected = json!({"int32Value": -5, "inner": {"text": "parts/a/b%2Fc"}, "text": "t", "messages": [{"text": "x"}, {}]});
    assert_eq!(received, expected);

    let received = kitchen.received("POST", "/v1/everything/true/t", r#"{"numbers": ["1", 2]}"#).await;
    assert_eq!(received, json!({"text": "t", "inner": {"numbers": ["1", "2"], "deeper": {"flag": true}}}));

    let received = kitchen.received("SEARCH", "/v1/everything", r#"{"text": "x"}"#).await;
    assert_eq!(received, json!({"inner": {"text": "x"}}));
}

#[tokio::test]
async fn the_path_names_the_resource_whatever_the_body_says() {
    let kitchen = Kitchen::quiet();
    let received =
        kitchen.received("POST", "/v1/kitchens/1/dishes/2:cook", r#"{"name": "other", "heat": 1}"#).await;
    assert_eq!(received["name"], "kitchens/1/dishes/2");
}

#[tokio::test]
async fn a_body_may_be_missing_unless_it_is_required() {
    let kitchen = Kitchen::quiet();
    assert_eq!(kitchen.received("POST", "/v1/everything", "").await, json!({}));
    let refusal = kitchen.refused("POST", "/v1/kitchens/1/dishes", "").await;
    assert_eq!(refusal, ("BODY_REQUIRED".to_owned(), "dish".to_owned()));
    let refusal = kitchen.refused("GET", "/v1/dishes/1", "{}").await;
    assert_eq!(refusal.0, "BODY_UNEXPECTED");
}

#[tokio::test]
async fn the_mask_of_a_patch_is_read_from_its_body() {
    let kitchen = Kitchen::quiet();
    let uri = "/v1/kitchens/1/dishes/2";
    for (body, mask) in [
        (r#"{"displayName": "a"}"#, Some("displayName")),
        (
            r#"{"cook": {"fullName": "a", "teacher": {"full_name": "b"}}, "parts": {"x": 1}}"#,
            Some("cook.fullName,cook.teacher.fullName,parts"),
        ),
        (r#"{"cook": {"sinceTime": "2026-01-01T00:00:00Z"}, "heat": null}"#, Some("cook.sinceTime,heat")),
        (r#"{"cook": {}}"#, Some("cook")),
        (
            r#"{"name": "x", "etag": "e", "createTime": "2026-01-01T00:00:00Z", "priceFen": "3"}"#,
            Some("priceFen"),
        ),
        ("{}", None),
    ] {
        let received = kitchen.received("PATCH", uri, body).await;
        assert_eq!(received.get("updateMask").and_then(|mask| mask.as_str()), mask, "{body}");
        assert_eq!(received["dish"]["name"], "kitchens/1/dishes/2");
    }
    let received =
        kitchen.received("PATCH", &format!("{uri}?updateMask=heat"), r#"{"displayName": "a"}"#).await;
    assert_eq!(received["updateMask"], "heat");
}

#[tokio::test]
async fn a_field_that_is_wrong_is_refused_with_its_path() {
    let kitchen = Kitchen::quiet();
    for (body, reason, field) in [
        (r#"{"nothing": 1}"#, "FIELD_UNKNOWN", "nothing"),
        (r#"{"messages": [{}, {"deeper": {"nothing": 1}}]}"#, "FIELD_UNKNOWN", "messages[1].deeper.nothing"),
        (r#"{"byText": {"a b": {"numbers": [1, -1]}}}"#, "FIELD_INVALID", "by_text[\"a b\"].numbers[1]"),
        (r#"{"int32Value": 1, "int32_value": 1}"#, "FIELD_DUPLICATED", "int32_value"),
        (r#"{"inner": {"text": "a", "text": "b"}}"#, "FIELD_DUPLICATED", "inner.text"),
        (r#"{"anything": {"a": {"b": 1, "b": 2}}}"#, "FIELD_DUPLICATED", "anything.a.b"),
        (r#"{"byNumber": {"1": "a", "1e0": "b"}}"#, "FIELD_DUPLICATED", "by_number[\"1e0\"]"),
        (r#"{"byNumber": {"x": "a"}}"#, "FIELD_INVALID", "by_number[\"x\"]"),
        (r#"{"first": "a", "third": {}}"#, "ONEOF_CONFLICT", "third"),
        (r#"{"texts": "a"}"#, "FIELD_INVALID", "texts"),
        (r#"{"texts": ["a", null]}"#, "FIELD_INVALID", "texts[1]"),
        (r#"{"texts": [["a"]]}"#, "FIELD_INVALID", "texts[0]"),
        (r#"{"text": 1}"#, "FIELD_INVALID", "text"),
        (r#"{"boolValue": "true"}"#, "FIELD_INVALID", "bool_value"),
        (r#"{"int32Value": 1.5}"#, "FIELD_INVALID", "int32_value"),
        (r#"{"uint32Value": -1}"#, "FIELD_INVALID", "uint32_value"),
        (r#"{"heat": "HEAT_COLD"}"#, "FIELD_INVALID", "heat"),
        (r#"{"time": "2026-13-01T00:00:00Z"}"#, "FIELD_INVALID", "time"),
        (r#"{"duration": "1"}"#, "FIELD_INVALID", "duration"),
        (r#"{"bytesValue": "*"}"#, "FIELD_INVALID", "bytes_value"),
        (r#"{"wrappedInt64": "x"}"#, "FIELD_INVALID", "wrapped_int64"),
        (r#"{"inner": []}"#, "FIELD_INVALID", "inner"),
        (r#"{"anything": 1}"#, "FIELD_INVALID", "anything"),
        (r#"[]"#, "FIELD_INVALID", ""),
        (r#"{"text": "a""#, "JSON_INVALID", ""),
        (r#"{} {}"#, "JSON_INVALID", ""),
    ] {
        let refusal = kitchen.refused("POST", "/v1/everything", body).await;
        assert_eq!(refusal, (reason.to_owned(), field.to_owned()), "{body}");
    }
    let bomb = format!("{}1{}", "{\"value\":[".repeat(100_000), "]}".repeat(100_000));
    assert_eq!(kitchen.refused("POST", "/v1/everything", &bomb).await.0, "JSON_TOO_DEEP");
}

#[tokio::test]
async fn null_is_absence_but_for_values() {
    let kitchen = Kitchen::quiet();
    let body =
        r#"{"text": null, "inner": null, "texts": null, "wrappedText": null, "value": null, "maybe": null}"#;
    assert_eq!(kitchen.received("POST", "/v1/everything", body).await, json!({"value": null}));
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_are_refused() {
    let kitchen = Kitchen::quiet();
    let request = Request::post("/v1/everything").header("content-type", "application/json");
    let reply = kitchen.reply(request.body(Body::from(&b"{\"text\": \"\xff\"}"[..])).unwrap()).await;
    assert_eq!((reply.status, reply.reason().as_str()), (StatusCode::BAD_REQUEST, "JSON_INVALID"));
}

#[tokio::test]
async fn a_body_of_another_type_is_415() {
    let kitchen = Kitchen::quiet();
    for (content_type, encoding, status) in [
        ("application/json", "identity", 200),
        ("Application/JSON; charset=UTF-8", "", 200),
        ("application/json;charset=\"utf-8\"", "", 200),
        ("application/json; charset=gbk", "", 415),
        ("application/json; version=2", "", 415),
        ("text/plain", "", 415),
        ("application/x-www-form-urlencoded", "", 415),
        ("", "", 415),
        ("application/json", "gzip", 415),
    ] {
        let mut request = Request::post("/v1/everything");
        for (name, value) in [("content-type", content_type), ("content-encoding", encoding)] {
            if !value.is_empty() {
                request = request.header(name, value);
            }
        }
        let reply = kitchen.reply(request.body(Body::from("{}")).unwrap()).await;
        assert_eq!(reply.status, status, "{content_type} {encoding}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_whether_its_length_is_told_or_not() {
    let options = Options { body_bytes_max: 1024, ..Options::default() };
    let kitchen = Kitchen::handling(options, |_| Box::pin(async { panic!("nothing may reach the service") }));
    let text = format!("{{\"text\": \"{}\"}}", "x".repeat(1024));
    let chunks = futures::stream::iter(
        text.clone()
            .into_bytes()
            .chunks(100)
            .map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()))
            .collect::<Vec<_>>(),
    );
    for body in [Body::from(text), Body::from_stream(chunks)] {
        let request = Request::post("/v1/everything").header("content-type", "application/json");
        let reply = kitchen.reply(request.body(body).unwrap()).await;
        assert_eq!(
            (reply.status, reply.reason().as_str()),
            (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE")
        );
    }
}

#[tokio::test]
async fn an_answer_is_proto_json_without_defaults() {
    let dish = json!({
        "name": "kitchens/1/dishes/2",
        "displayName": "鸭",
        "heat": "HEAT_HOT",
        "createTime": "2026-01-31T08:00:00.123456Z",
        "priceFen": "9007199254740993",
    });
    let answer = from_json("Dish", dish.clone());
    let kitchen = Kitchen::answering(move |_, _| Ok(vec![answer.clone()]));
    let reply = kitchen.ask("GET", "/v1/dishes/2", "").await;
    assert_eq!(reply.json(), dish);
    assert_eq!(reply.headers["content-type"], "application/json");
    let reply = kitchen.ask("HEAD", "/v1/dishes/2", "").await;
    assert_eq!((reply.status, reply.text.as_str()), (StatusCode::OK, ""));
    assert_ne!(reply.headers["content-length"], "0");
}

#[tokio::test]
async fn response_body_gives_one_field_of_the_answer() {
    let answer = from_json("ListDishesResponse", json!({"names": ["a", "b"], "dishes": [{}]}));
    let kitchen = Kitchen::answering(move |_, _| Ok(vec![answer.clone()]));
    assert_eq!(kitchen.ask("GET", "/v1/kitchens/1/dishes:names", "").await.json(), json!(["a", "b"]));
    assert_eq!(Kitchen::quiet().ask("GET", "/v1/kitchens/1/dishes:names", "").await.json(), json!([]));
}
