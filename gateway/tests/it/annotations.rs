//! What is refused at start, and which services have routes.

use futures::FutureExt as _;
use minqing_gateway::{Error, Gateway, Options};
use minqing_platform::client::Peer;

use crate::support::{DESCRIPTORS, compile_text};

fn peer() -> Peer {
    Peer::new(tower::service_fn(|_: http::Request<tonic::body::Body>| {
        async { Ok(tonic::Status::unimplemented("nothing").into_http()) }.boxed()
    }))
}

/// The error of a service with these methods, whose requests and answers are `M`.
fn refusal(name: &str, methods: &str) -> String {
    let text = format!(
        "syntax = \"proto3\"; package bad; import \"google/api/annotations.proto\"; import \"google/protobuf/struct.proto\";\n\
         message M {{ string a = 1; repeated string list = 2; M inner = 3; google.protobuf.Struct any = 4; }}\n\
         service S {{ {methods} }}"
    );
    let descriptors = compile_text(name, &text);
    match Gateway::new(&descriptors, Options::default(), |_| Some(peer())) {
        Ok(_) => panic!("{methods} was taken"),
        Err(error) => error.to_string(),
    }
}

fn rpc(name: &str, rule: &str) -> String {
    format!("rpc {name}(M) returns (M) {{ option (google.api.http) = {{ {rule} }}; }}\n")
}

#[test]
fn two_rpcs_on_one_route_are_refused_by_both_names() {
    let methods = rpc("One", "get: \"/v1/{a=x/*}\"")
        + &rpc("Two", "post: \"/y\" additional_bindings { get: \"/v1/x/{inner.a}\" }");
    let text = refusal("conflict", &methods);
    assert_eq!(text, "bad.S/One and bad.S/Two have the same route: GET /v1/x/{inner.a}");
}

#[test]
fn an_annotation_that_makes_no_sense_is_refused_by_the_name_of_its_rpc() {
    for (name, rule, why) in [
        ("template", "get: \"/v1/{a\"", "byte 6"),
        ("unknown", "get: \"/v1/{b}\"", "`b`"),
        ("deep", "get: \"/v1/{inner.b}\"", "`inner.b`"),
        ("repeated", "get: \"/v1/{list}\"", "repeated"),
        ("message", "get: \"/v1/{inner}\"", "as text"),
        ("any", "get: \"/v1/{any}\"", "as text"),
        ("body", "post: \"/v1\" body: \"b\"", "body `b`"),
        ("getbody", "get: \"/v1\" body: \"*\"", "GET has no body"),
        ("response", "get: \"/v1\" response_body: \"b\"", "response_body `b`"),
        ("custom", "custom { kind: \"*\" path: \"/v1 \" }", "template"),
    ] {
        let text = refusal(name, &rpc("One", rule));
        assert!(text.starts_with("bad.S/One: ") && text.contains(why), "{text}");
    }
}

#[test]
fn a_route_that_would_hide_behind_the_gateways_own_is_refused() {
    let text = refusal("reserved", &rpc("One", "get: \"/docs/{a}\""));
    assert_eq!(text, "bad.S/One has the route /docs/app.js, which is the gateway's own");
}

#[test]
fn wrong_options_and_wrong_descriptors_are_refused() {
    let options = Options { body_bytes_max: 1, ..Options::default() };
    assert!(matches!(
        Gateway::new(&DESCRIPTORS, options, |_| None),
        Err(Error::Options { field: "body_bytes_max", .. })
    ));
    assert!(matches!(Gateway::new(b"\x0a\xff", Options::default(), |_| None), Err(Error::Descriptors(_))));
}

#[test]
fn a_service_without_a_peer_has_neither_routes_nor_documentation() {
    let gateway = Gateway::new(&DESCRIPTORS, Options::default(), |name| {
        assert_eq!(name, "kitchen.v1.Kitchen");
        None
    });
    let gateway = gateway.unwrap();
    assert_eq!(gateway.routes().count(), 0);
    let document: serde_json::Value = serde_json::from_slice(gateway.openapi()).unwrap();
    assert_eq!(document["paths"], serde_json::json!({}));
}

#[test]
fn the_protos_of_the_suite_make_sense() {
    let gateway = Gateway::new(minqing_proto::DESCRIPTORS, Options::default(), |_| Some(peer())).unwrap();
    let routes: Vec<String> = gateway.routes().collect();
    let wanted = "GET /v1/{name=divisions/*} minqing.registry.v1.DivisionService/GetDivision";
    assert!(routes.iter().any(|route| route == wanted), "{routes:#?}");
}
