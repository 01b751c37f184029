//! Paths and queries.

use serde_json::json;

use crate::support::Kitchen;

#[tokio::test]
async fn a_path_fills_the_fields_of_its_variables() {
    let kitchen = Kitchen::quiet();
    for (method, uri, name) in [
        ("GET", "/v1/kitchens/1/dishes/2", "kitchens/1/dishes/2"),
        ("GET", "/v1/dishes/a%2Fb%20c+d", "a/b c+d"),
        ("GET", "/v1/kitchens/a%2Fb/dishes/%E9%B8%AD", "kitchens/a%2Fb/dishes/鸭"),
        ("GET", "/v1/files/a/b%2fc/d.txt", "files/a/b%2fc/d.txt"),
        ("GET", "/v1/files", "files"),
        ("GET", "/v1/dishes/odd:one", "odd:one"),
        ("DELETE", "/v1/kitchens/1/dishes/2", "kitchens/1/dishes/2"),
        ("POST", "/v1/kitchens/1/dishes/a%3Ab:cook", "kitchens/1/dishes/a:b"),
    ] {
        assert_eq!(kitchen.received(method, uri, "").await, json!({"name": name}), "{uri}");
    }
}

#[tokio::test]
async fn the_most_specific_route_and_the_verb_decide_which_rpc_is_called() {
    let kitchen = Kitchen::quiet();
    for (method, uri, rpc) in [
        ("GET", "/v1/dishes/favourite", "GetFavourite"),
        ("GET", "/v1/dishes/%66avourite", "GetFavourite"),
        ("GET", "/v1/dishes/other", "GetDish"),
        ("GET", "/v1/dishes/watch", "GetDish"),
        ("POST", "/v1/kitchens/1/dishes/2:cook", "CookDish"),
        ("GET", "/v1/kitchens/1/dishes/2:cook", "GetDish"),
        ("GET", "/v1/kitchens/1/dishes:names", "ListDishes"),
        ("GET", "/v1/kitchens/1/dishes/2%3Acook", "GetDish"),
        ("HEAD", "/v1/kitchens/1/dishes/2", "GetDish"),
    ] {
        kitchen.ask(method, uri, "").await;
        assert_eq!(kitchen.last().0, rpc, "{method} {uri}");
    }
}

#[tokio::test]
async fn a_query_reaches_nested_and_repeated_fields_by_both_names() {
    let kitchen = Kitchen::quiet();
    let uri = "/v1/kitchens/1/dishes?pageSize=7&heats=HEAT_HOT&heats=1&heats=-1&cook.teacher.full_name=%E7%8E%8B+%E4%BA%94\
               &cook.sinceTime=2026-01-31T08:00:00Z";
    let expected = json!({
        "parent": "kitchens/1",
        "pageSize": 7,
        "heats": ["HEAT_HOT", "HEAT_MILD", "HEAT_FROZEN"],
        "cook": {"teacher": {"fullName": "王 五"}, "sinceTime": "2026-01-31T08:00:00Z"},
    });
    assert_eq!(kitchen.received("GET", uri, "").await, expected);
}

#[tokio::test]
async fn a_query_takes_every_kind_of_scalar_and_what_is_written_as_text() {
    let kitchen = Kitchen::quiet();
    for (query, expected) in [
        ("int64Value=-9223372036854775808", json!({"int64Value": "-9223372036854775808"})),
        ("uint64_value=18446744073709551615", json!({"uint64Value": "18446744073709551615"})),
        ("doubleValue=-Infinity", json!({"doubleValue": "-Infinity"})),
        ("floatValue=1.5e3", json!({"floatValue": 1500.0})),
        ("boolValue=true&maybe=0", json!({"boolValue": true, "maybe": 0})),
        ("bytesValue=-_8", json!({"bytesValue": "+/8="})),
        (
            "wrappedText=&wrappedInt64=5&wrappedBool=false",
            json!({"wrappedText": "", "wrappedInt64": "5", "wrappedBool": false}),
        ),
        ("mask=displayName,cook.full_name", json!({"mask": "displayName,cook.fullName"})),
        ("duration=1.5s", json!({"duration": "1.500s"})),
        (
            "times=2026-01-01T00:00:00Z&times=2026-01-02T08:00:00%2B08:00",
            json!({"times": ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]}),
        ),
        (
            "inner.deeper.veryOdd=4&inner.deeper.inner.numbers=1&inner.deeper.inner.numbers=2",
            json!({"inner": {"deeper": {"veryOdd": 4, "inner": {"numbers": ["1", "2"]}}}}),
        ),
        ("third.text=a", json!({"third": {"text": "a"}})),
        ("text=a%26b%3D%2B&&", json!({"text": "a&b=+"})),
    ] {
        let received = kitchen.received("GET", &format!("/v1/everything?{query}"), "").await;
        assert_eq!(received, expected, "{query}");
    }
}

#[tokio::test]
async fn a_parameter_that_cannot_be_is_refused_by_its_name() {
    let kitchen = Kitchen::quiet();
    for (uri, reason, field) in [
        ("/v1/everything?nothing=1", "PARAMETER_UNKNOWN", "nothing"),
        ("/v1/everything?inner.nothing=1", "PARAMETER_UNKNOWN", "inner.nothing"),
        ("/v1/everything?inner=1", "PARAMETER_UNKNOWN", "inner"),
        ("/v1/everything?text.a=1", "PARAMETER_UNKNOWN", "text.a"),
        ("/v1/everything?messages.text=1", "PARAMETER_UNKNOWN", "messages.text"),
        ("/v1/everything?byText.a=1", "PARAMETER_UNKNOWN", "byText.a"),
        ("/v1/everything?anything=1", "PARAMETER_UNKNOWN", "anything"),
        ("/v1/everything?time.seconds=1", "PARAMETER_UNKNOWN", "time.seconds"),
        ("/v1/everything?=1", "PARAMETER_UNKNOWN", ""),
        ("/v1/everything?maybe=1&maybe=2", "PARAMETER_REPEATED", "maybe"),
        ("/v1/everything?int32Value=1&int32_value=2", "PARAMETER_REPEATED", "int32_value"),
        ("/v1/everything?first=a&second=1", "ONEOF_CONFLICT", "first"),
        ("/v1/everything?third.text=a&second=1", "ONEOF_CONFLICT", "third.text"),
        ("/v1/everything?int32Value=", "FIELD_INVALID", "int32Value"),
        ("/v1/everything?int32Value=2147483648", "FIELD_INVALID", "int32Value"),
        ("/v1/everything?heat=HEAT_COLD", "FIELD_INVALID", "heat"),
        ("/v1/everything?time=yesterday", "FIELD_INVALID", "time"),
        ("/v1/everything?mask=a;b", "FIELD_INVALID", "mask"),
        ("/v1/everything?text=%ff", "PATH_INVALID", "text"),
        ("/v1/everything?text=%4", "PATH_INVALID", "text"),
        ("/v1/kitchens/1/dishes?parent=kitchens/2", "PARAMETER_BOUND", "parent"),
        ("/v1/dishes/%ff", "PATH_INVALID", ""),
    ] {
        assert_eq!(kitchen.refused("GET", uri, "").await, (reason.to_owned(), field.to_owned()), "{uri}");
    }
    for (method, uri, field) in [
        ("POST", "/v1/kitchens/1/dishes?dish.heat=1", "dish.heat"),
        ("POST", "/v1/kitchens/1/dishes/2:cook?heat=1", "heat"),
        ("PATCH", "/v1/kitchens/1/dishes/2?dish.etag=1", "dish.etag"),
    ] {
        assert_eq!(
            kitchen.refused(method, uri, "{}").await,
            ("PARAMETER_BOUND".to_owned(), field.to_owned())
        );
    }
    let (reason, field) = kitchen.refused("PUT", "/v1/everything/x/parts/1:mix", "[]").await;
    assert_eq!((reason.as_str(), field.as_str()), ("FIELD_INVALID", "int32_value"));
}

#[tokio::test]
async fn a_query_of_many_levels_is_refused_and_does_not_overflow() {
    let kitchen = Kitchen::quiet();
    let name = "inner.deeper.".repeat(5_000) + "flag";
    let (reason, _) = kitchen.refused("GET", &format!("/v1/everything?{name}=true"), "").await;
    assert_eq!(reason, "PARAMETER_UNKNOWN");
}
