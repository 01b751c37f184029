//! From a JSON tree to a message, strictly, with the path of the field in every refusal.

use std::collections::HashMap;
use std::fmt;

use prost_reflect::{
    DeserializeOptions, DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value,
};

use crate::json::Json;
use crate::scalar;
use crate::status::{Failure, Reason};

/// The way from the top of the body to a value. Lives on the stack, and becomes text only when something is wrong.
#[derive(Clone, Copy)]
pub(crate) enum Place<'p> {
    Top,
    Field(&'p Place<'p>, &'p str),
    Index(&'p Place<'p>, usize),
    Key(&'p Place<'p>, &'p str),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top => Ok(()),
            Self::Field(Self::Top, name) => formatter.write_str(name),
            Self::Field(parent, name) => write!(formatter, "{parent}.{name}"),
            Self::Index(parent, index) => write!(formatter, "{parent}[{index}]"),
            Self::Key(parent, key) => write!(formatter, "{parent}[{key:?}]"),
        }
    }
}

impl Place<'_> {
    fn refuse(self, reason: Reason, description: impl Into<String>) -> Failure {
        Failure::field(reason, self.to_string(), description)
    }

    fn invalid(self, description: impl Into<String>) -> Failure {
        self.refuse(Reason::FieldInvalid, description)
    }
}

/// Messages that proto3 JSON writes in a form of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum WellKnown {
    /// A scalar in a message, so that absence can be told from zero.
    Wrapper,
    FieldMask,
    /// Text: Timestamp and Duration.
    Time,
    /// Any JSON: Value.
    Value,
    /// Struct, ListValue, Any.
    Other,
}

/// Whether a message is one of those that proto3 JSON writes in a form of its own.
pub(crate) fn well_known(message: &MessageDescriptor) -> Option<WellKnown> {
    let name = message.full_name().strip_prefix("google.protobuf.")?;
    Some(match name {
        "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value" | "UInt32Value"
        | "BoolValue" | "StringValue" | "BytesValue" => WellKnown::Wrapper,
        "FieldMask" => WellKnown::FieldMask,
        "Timestamp" | "Duration" => WellKnown::Time,
        "Value" => WellKnown::Value,
        "Struct" | "ListValue" | "Any" => WellKnown::Other,
        _ => return None,
    })
}

/// A field by its JSON name, or by its name in the proto: proto3 JSON takes both.
pub(crate) fn field_by_any_name(message: &MessageDescriptor, name: &str) -> Option<FieldDescriptor> {
    message.get_field_by_json_name(name).or_else(|| message.get_field_by_name(name))
}

/// Reads a whole message.
pub(crate) fn message(
    descriptor: &MessageDescriptor,
    json: &Json<'_>,
    place: Place<'_>,
) -> Result<DynamicMessage, Failure> {
    if let Some(kind) = well_known(descriptor) {
        return special(kind, descriptor, json, place);
    }
    let Json::Object(entries) = json else {
        return Err(place.invalid(format!("must be an object, not {}", json.kind())));
    };
    let mut message = DynamicMessage::new(descriptor.clone());
    let mut seen: Vec<u32> = Vec::with_capacity(entries.len().min(descriptor.fields().len()));
    for (key, value) in entries {
        let Some(descriptor) = field_by_any_name(descriptor, key) else {
            return Err(Place::Field(&place, key).refuse(Reason::FieldUnknown, "there is no such field"));
        };
        let place = Place::Field(&place, descriptor.name());
        if seen.contains(&descriptor.number()) {
            return Err(
                place.refuse(Reason::FieldDuplicated, "the field is there twice, under both its names")
            );
        }
        seen.push(descriptor.number());
        if matches!(value, Json::Null) && !takes_null(&descriptor) {
            continue;
        }
        let value = field(&descriptor, value, place)?;
        set(&mut message, &descriptor, value, place)?;
    }
    Ok(message)
}

/// Sets a field, unless another of its oneof is set.
pub(crate) fn set(
    message: &mut DynamicMessage,
    descriptor: &FieldDescriptor,
    value: Value,
    place: Place<'_>,
) -> Result<(), Failure> {
    if let Some(other) = oneof_rival(message, descriptor) {
        let why = format!("`{other}` is set already, and only one of the two can be");
        return Err(place.refuse(Reason::OneofConflict, why));
    }
    message.set_field(descriptor, value);
    Ok(())
}

/// The name of the field that would be lost if this one were set.
pub(crate) fn oneof_rival(message: &DynamicMessage, descriptor: &FieldDescriptor) -> Option<String> {
    let oneof = descriptor.containing_oneof()?;
    let rival = oneof.fields().find(|other| other != descriptor && message.has_field(other));
    rival.map(|other| other.name().to_owned())
}

/// Whether null is a value of this field and not the lack of one.
fn takes_null(field: &FieldDescriptor) -> bool {
    match field.kind() {
        Kind::Message(message) => {
            message.full_name() == "google.protobuf.Value" && !field.is_list() && !field.is_map()
        }
        Kind::Enum(enumeration) => enumeration.full_name() == "google.protobuf.NullValue" && !field.is_list(),
        _ => false,
    }
}

/// Reads the value of a field: a map, a list or one value.
pub(crate) fn field(
    descriptor: &FieldDescriptor,
    json: &Json<'_>,
    place: Place<'_>,
) -> Result<Value, Failure> {
    if descriptor.is_map() {
        return map(descriptor, json, place);
    }
    if !descriptor.is_list() {
        return single(&descriptor.kind(), json, place);
    }
    let Json::Array(items) = json else {
        return Err(place.invalid(format!("must be an array, not {}", json.kind())));
    };
    let kind = descriptor.kind();
    let values =
        items.iter().enumerate().map(|(index, item)| single(&kind, item, Place::Index(&place, index)));
    values.collect::<Result<_, _>>().map(Value::List)
}

fn map(descriptor: &FieldDescriptor, json: &Json<'_>, place: Place<'_>) -> Result<Value, Failure> {
    let Json::Object(entries) = json else {
        return Err(place.invalid(format!("must be an object, not {}", json.kind())));
    };
    let kind = descriptor.kind();
    let Some(entry) = kind.as_message() else { return Err(place.invalid("is no map")) };
    let (keys, values) = (entry.map_entry_key_field().kind(), entry.map_entry_value_field().kind());
    let mut map: HashMap<MapKey, Value> = HashMap::with_capacity(entries.len());
    for (text, value) in entries {
        let place = Place::Key(&place, text);
        let key = scalar::from_text(&keys, text).map_err(|why| place.invalid(format!("the key {why}")))?;
        let Some(key) = key.into_map_key() else { return Err(place.invalid("the key is of no use")) };
        // Two texts can be one key: `1` and `1e0`.
        if map.insert(key, single(&values, value, place)?).is_some() {
            return Err(place.refuse(Reason::FieldDuplicated, "the key is there twice"));
        }
    }
    Ok(Value::Map(map))
}

fn single(kind: &Kind, json: &Json<'_>, place: Place<'_>) -> Result<Value, Failure> {
    match kind {
        Kind::Message(descriptor) => message(descriptor, json, place).map(Value::Message),
        Kind::Enum(enumeration)
            if enumeration.full_name() == "google.protobuf.NullValue" && matches!(json, Json::Null) =>
        {
            Ok(Value::EnumNumber(0))
        }
        _ => scalar::from_json(kind, json).map_err(|why| place.invalid(why)),
    }
}

fn special(
    kind: WellKnown,
    descriptor: &MessageDescriptor,
    json: &Json<'_>,
    place: Place<'_>,
) -> Result<DynamicMessage, Failure> {
    match kind {
        WellKnown::Wrapper => {
            let mut message = DynamicMessage::new(descriptor.clone());
            if let Some(value) = descriptor.get_field(1) {
                message.set_field(&value, single(&value.kind(), json, place)?);
            }
            Ok(message)
        }
        WellKnown::FieldMask | WellKnown::Time => match json {
            Json::String(text) => special_from_text(descriptor, text).map_err(|why| place.invalid(why)),
            _ => Err(place.invalid(format!("must be a string, not {}", json.kind()))),
        },
        WellKnown::Value | WellKnown::Other => {
            let options = DeserializeOptions::new().deny_unknown_fields(true);
            DynamicMessage::deserialize_with_options(descriptor.clone(), json.to_value(), &options)
                .map_err(|error| place.invalid(error.to_string()))
        }
    }
}

/// Reads a message whose JSON form is text or a scalar: wrappers, FieldMask, Timestamp, Duration.
pub(crate) fn special_from_text(
    descriptor: &MessageDescriptor,
    text: &str,
) -> Result<DynamicMessage, String> {
    let wants = match well_known(descriptor) {
        Some(WellKnown::Wrapper) => {
            let mut message = DynamicMessage::new(descriptor.clone());
            if let Some(value) = descriptor.get_field(1) {
                message.set_field(&value, scalar::from_text(&value.kind(), text)?);
            }
            return Ok(message);
        }
        Some(WellKnown::FieldMask) => return field_mask(descriptor, text),
        Some(WellKnown::Time) if descriptor.name() == "Timestamp" => {
            "must be a time like `2026-01-31T08:00:00Z`"
        }
        Some(WellKnown::Time) => "must be a duration in seconds like `1.5s`",
        _ => return Err("cannot be written as text".to_owned()),
    };
    let reader = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(text);
    DynamicMessage::deserialize(descriptor.clone(), reader).map_err(|_| wants.to_owned())
}

/// Masks are written in camelCase in proto3 JSON; the names of the proto are taken as well, as everywhere.
fn field_mask(descriptor: &MessageDescriptor, text: &str) -> Result<DynamicMessage, String> {
    let mut paths = Vec::new();
    for path in text.split(',').filter(|_| !text.is_empty()) {
        let mut snake = String::with_capacity(path.len() + 4);
        for letter in path.chars() {
            match letter {
                'A'..='Z' => snake.extend(['_', letter.to_ascii_lowercase()]),
                'a'..='z' | '0'..='9' | '_' | '.' | '*' => snake.push(letter),
                _ => {
                    return Err(
                        "must be field paths with commas between them, like `displayName,level`".to_owned()
                    );
                }
            }
        }
        if snake.is_empty() {
            return Err("holds an empty path".to_owned());
        }
        paths.push(Value::String(snake));
    }
    let mut message = DynamicMessage::new(descriptor.clone());
    message.set_field_by_name("paths", Value::List(paths));
    Ok(message)
}
