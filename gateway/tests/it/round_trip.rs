//! Any message that is written as an HTTP request by the rules of `google.api.http` must reach the service as it was.
//!
//! The inverse here shares no code with the gateway: it reads templates by hand and writes JSON by prost-reflect.

use std::collections::HashMap;
use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, SerializeOptions, Value,
};

use crate::support::{Kitchen, message};

/// A message that shows itself as JSON: prost-reflect's own `Debug` does not end for a type that holds itself.
#[derive(Clone, PartialEq)]
struct Shown(DynamicMessage);

impl fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", json(&self.0, false))
    }
}

/// Values of any field of any message, to a depth.
fn any_message(descriptor: MessageDescriptor, depth: u32) -> BoxedStrategy<DynamicMessage> {
    match descriptor.full_name() {
        "google.protobuf.Timestamp" => {
            return pair(descriptor, -62_135_596_800..253_402_300_799, 0..1_000_000_000);
        }
        "google.protobuf.Duration" => return pair(descriptor, 0..315_576_000_000, 0..1_000_000_000),
        "google.protobuf.FieldMask" => {
            return vec("[a-z]{1,4}(_[a-z]{1,3})?(\\.[a-z]{1,4})?", 1..4)
                .prop_map(move |paths| {
                    let mut mask = DynamicMessage::new(descriptor.clone());
                    mask.set_field_by_name(
                        "paths",
                        Value::List(paths.into_iter().map(Value::String).collect()),
                    );
                    mask
                })
                .boxed();
        }
        "google.protobuf.Struct" | "google.protobuf.Value" => {
            let text = if descriptor.name() == "Struct" {
                r#"{"a": [1.5, null, {"b": "c"}]}"#
            } else {
                r#"["x", false]"#
            };
            let mut reader = serde_json::Deserializer::from_str(text);
            return Just(DynamicMessage::deserialize(descriptor, &mut reader).unwrap()).boxed();
        }
        _ => {}
    }
    let fields: Vec<FieldDescriptor> = descriptor.fields().collect();
    let wrapper = descriptor.package_name() == "google.protobuf";
    let values: Vec<_> = fields.iter().map(|field| any_field(field, depth, wrapper)).collect();
    values
        .prop_map(move |values| {
            let mut message = DynamicMessage::new(descriptor.clone());
            for (field, value) in fields.iter().zip(values) {
                if let Some(value) = value {
                    message.set_field(field, value);
                }
            }
            message
        })
        .boxed()
}

fn pair(
    descriptor: MessageDescriptor,
    seconds: std::ops::Range<i64>,
    nanos: std::ops::Range<i32>,
) -> BoxedStrategy<DynamicMessage> {
    (seconds, nanos)
        .prop_map(move |(seconds, nanos)| {
            let mut message = DynamicMessage::new(descriptor.clone());
            message.set_field_by_name("seconds", Value::I64(seconds));
            message.set_field_by_name("nanos", Value::I32(nanos));
            message
        })
        .boxed()
}

fn any_field(field: &FieldDescriptor, depth: u32, always: bool) -> BoxedStrategy<Option<Value>> {
    if depth == 0 && matches!(field.kind(), Kind::Message(_)) {
        return Just(None).boxed();
    }
    let value = if field.is_map() {
        let Kind::Message(entry) = field.kind() else { unreachable!("a map") };
        let keys =
            any_value(&entry.map_entry_key_field().kind(), 0).prop_map(|key| key.into_map_key().unwrap());
        let values = any_value(&entry.map_entry_value_field().kind(), depth - 1);
        vec((keys, values), 1..3)
            .prop_map(|pairs| Value::Map(pairs.into_iter().collect::<HashMap<MapKey, Value>>()))
            .boxed()
    } else if field.is_list() {
        vec(any_value(&field.kind(), depth.saturating_sub(1)), 1..4).prop_map(Value::List).boxed()
    } else {
        any_value(&field.kind(), depth.saturating_sub(1))
    };
    let weight = if always { 0 } else { 2 };
    prop_oneof![weight => Just(None), 1 => value.prop_map(Some)].boxed()
}

fn any_value(kind: &Kind, depth: u32) -> BoxedStrategy<Value> {
    match kind {
        Kind::Double => {
            any::<f64>().prop_filter("NaN is never equal", |x| !x.is_nan()).prop_map(Value::F64).boxed()
        }
        Kind::Float => {
            any::<f32>().prop_filter("NaN is never equal", |x| !x.is_nan()).prop_map(Value::F32).boxed()
        }
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => any::<i32>().prop_map(Value::I32).boxed(),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => any::<i64>().prop_map(Value::I64).boxed(),
        Kind::Uint32 | Kind::Fixed32 => any::<u32>().prop_map(Value::U32).boxed(),
        Kind::Uint64 | Kind::Fixed64 => any::<u64>().prop_map(Value::U64).boxed(),
        Kind::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Kind::String => ".{0,12}".prop_map(Value::String).boxed(),
        Kind::Bytes => vec(any::<u8>(), 0..12).prop_map(|bytes| Value::Bytes(bytes.into())).boxed(),
        Kind::Enum(_) => prop_oneof![-1..3, 40..44].prop_map(Value::EnumNumber).boxed(),
        Kind::Message(message) => any_message(message.clone(), depth).prop_map(Value::Message).boxed(),
    }
}

fn escape(text: &str, keep: &str) -> String {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || keep.as_bytes().contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn json(message: &DynamicMessage, proto_names: bool) -> serde_json::Value {
    let options = SerializeOptions::new().use_proto_field_name(proto_names);
    message.serialize_with_options(serde_json::value::Serializer, &options).unwrap()
}

/// The JSON of one field, and the message without it.
fn take(message: &mut DynamicMessage, name: &str) -> Option<serde_json::Value> {
    let json_name = message.get_field_by_name(name).map(|_| name.to_owned())?;
    let value = json(message, true).get(&json_name).cloned();
    message.clear_field_by_name(name);
    value
}

/// The fields of a message as a query; none when some have no form in one.
fn query(
    value: &serde_json::Value,
    name: &str,
    descriptor: &MessageDescriptor,
    pairs: &mut Vec<(String, String)>,
) -> Option<()> {
    for (key, value) in value.as_object()? {
        let field = descriptor.get_field_by_name(key).or_else(|| descriptor.get_field_by_json_name(key))?;
        let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
        let kind = field.kind();
        let message = kind.as_message().filter(|message| message.package_name() != "google.protobuf");
        match (message, value) {
            (Some(_), _) if field.is_map() => return None,
            (Some(inner), serde_json::Value::Object(_)) if !field.is_list() => {
                if value.as_object()?.is_empty() {
                    return None;
                }
                query(value, &name, inner, pairs)?;
            }
            (Some(_), _) => return None,
            (None, serde_json::Value::Array(items)) if field.is_list() => {
                pairs.extend(items.iter().map(|item| (name.clone(), text(item))));
            }
            (None, serde_json::Value::Object(_) | serde_json::Value::Array(_)) => return None,
            (None, value) => pairs.push((name, text(value))),
        }
    }
    Some(())
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn query_string(pairs: &[(String, String)]) -> String {
    pairs
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name, ""), escape(value, "")))
        .collect::<Vec<_>>()
        .join("&")
}

/// Sends a request and gives the message that the service got.
fn deliver(method: &str, uri: &str, body: &str) -> DynamicMessage {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let kitchen = Kitchen::quiet();
        let reply = kitchen.ask(method, uri, body).await;
        assert_eq!(reply.status, 200, "{method} {uri} {body}: {}", reply.text);
        kitchen.last().1[0].clone()
    })
}

/// A message as the wire has it: there, a default that was set is a field that was not.
fn normal(message: &DynamicMessage) -> Shown {
    let descriptor = prost_reflect::ReflectMessage::descriptor(message);
    Shown(DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice()).unwrap())
}

fn everything() -> BoxedStrategy<Shown> {
    any_message(message("Everything"), 4).prop_map(Shown).boxed()
}

/// What has a form in a query: no maps, no lists of messages, no free JSON.
fn flat() -> BoxedStrategy<Shown> {
    let strip = |Shown(mut message): Shown| {
        for name in ["messages", "by_text", "by_number", "by_bool", "anything", "value"] {
            message.clear_field_by_name(name);
        }
        Shown(message)
    };
    everything().prop_map(strip).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_message_in_the_body_arrives_as_it_was(Shown(message) in everything(), proto_names: bool) {
        let received = deliver("POST", "/v1/everything", &json(&message, proto_names).to_string());
        prop_assert_eq!(Shown(received), normal(&message));
    }

    #[test]
    fn a_message_in_the_query_arrives_as_it_was(Shown(message) in flat(), proto_names: bool) {
        let mut pairs = Vec::new();
        // An empty message inside has no form in a query; such cases are passed over.
        prop_assume!(query(&json(&message, proto_names), "", &message_descriptor(), &mut pairs).is_some());
        let received = deliver("GET", &format!("/v1/everything?{}", query_string(&pairs)), "");
        prop_assert_eq!(Shown(received), normal(&message));
    }

    #[test]
    fn a_message_between_path_query_and_body_arrives_as_it_was(
        Shown(mut message) in flat(),
        list in vec(any_message(crate::support::message("Inner"), 3).prop_map(Shown), 0..3),
        number: i32,
        part in "[^/\\x00]{1,8}",
        rest in vec("[^/\\x00]{1,5}", 0..3),
    ) {
        message.clear_field_by_name("inner");
        // Slashes are the template's own; an encoded one stays encoded in a variable of several segments, which is why the
        // letters of a part are any but that.
        let path = [vec!["parts".to_owned(), part], rest].concat().join("/");
        prop_assume!(!path.to_lowercase().contains("%2f"));
        let mut expected = message.clone();
        let uri_path = format!("/v1/everything/{number}/{}:mix", escape(&path, "/"));
        expected.set_field_by_name("int32_value", Value::I32(number));
        expected.set_field_by_name("messages", Value::List(list.into_iter().map(|one| Value::Message(one.0)).collect()));
        let mut inner = DynamicMessage::new(crate::support::message("Inner"));
        inner.set_field_by_name("text", Value::String(path));
        expected.set_field_by_name("inner", Value::Message(inner));
        let body = take(&mut expected.clone(), "messages").unwrap_or(serde_json::json!([]));
        message.clear_field_by_name("int32_value");
        let mut pairs = Vec::new();
        prop_assume!(query(&json(&message, false), "", &message_descriptor(), &mut pairs).is_some());
        let received = deliver("PUT", &format!("{uri_path}?{}", query_string(&pairs)), &body.to_string());
        prop_assert_eq!(Shown(received), normal(&expected));
    }

    #[test]
    fn any_name_of_one_segment_arrives_as_it_was(name in "[^\\x00]{1,20}") {
        let received = deliver("GET", &format!("/v1/dishes/{}", escape(&name, "")), "");
        prop_assume!(name != "favourite");
        let received = received.get_field_by_name("name").unwrap().as_str().unwrap().to_owned();
        prop_assert_eq!(received, name);
    }

    #[test]
    fn no_path_or_query_or_body_makes_it_fail_inside(path in "[/a-z0-9:{}*%. -~]{0,30}", query in "[ -~]{0,30}", body in ".{0,60}") {
        let clean = |text: &str| text.chars().filter(|c| !" \"<>`{}|\\^#?".contains(*c)).collect::<String>();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let kitchen = Kitchen::quiet();
            for (method, stem) in [("GET", "/v1/"), ("POST", "/v1/everything"), ("POST", "/v1/kitchens/"), ("PATCH", "/v1/kitchens/1/dishes/")] {
                let uri = format!("{stem}{}?{}", clean(&path), clean(&query));
                let Ok(_) = uri.parse::<http::Uri>() else { continue };
                let reply = kitchen.ask(method, &uri, if method == "GET" { "" } else { &body }).await;
                assert!(reply.status.as_u16() < 500, "{method} {uri}: {}", reply.text);
            }
        });
    }
}

fn message_descriptor() -> MessageDescriptor {
    message("Everything")
}
