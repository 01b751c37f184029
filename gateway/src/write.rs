//! From a message to JSON text.
//!
//! Proto3 JSON: names in lowerCamelCase, enums by name, integers of 64 bits as strings. Fields that hold their default
//! are left out, as Google's APIs do: what is absent is zero, empty or false.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, SerializeOptions};

use crate::status::{Failure, Reason};

/// Writes an answer, or the one field of it that the binding names.
pub(crate) fn to_json(message: &DynamicMessage, only: Option<&FieldDescriptor>) -> Result<Vec<u8>, Failure> {
    match only {
        None => serialize(message),
        Some(field) => field_to_json(message, field),
    }
}

fn serialize(message: &DynamicMessage) -> Result<Vec<u8>, Failure> {
    let mut serializer = serde_json::Serializer::new(Vec::with_capacity(256));
    message.serialize_with_options(&mut serializer, &SerializeOptions::new()).map_err(|error| {
        let name = prost_reflect::ReflectMessage::descriptor(message);
        tracing::error!(message = name.full_name(), %error, "an answer cannot be written as JSON");
        Failure::new(Reason::UpstreamAnswerInvalid, "the service gave an answer that cannot be shown")
    })?;
    Ok(serializer.into_inner())
}

/// A field is written as a message that has no other, whose frame is then taken off: `{"name":` and `}`.
fn field_to_json(message: &DynamicMessage, field: &FieldDescriptor) -> Result<Vec<u8>, Failure> {
    let mut alone = DynamicMessage::new(prost_reflect::ReflectMessage::descriptor(message));
    if message.has_field(field) {
        alone.set_field(field, message.get_field(field).into_owned());
    }
    let mut json = serialize(&alone)?;
    let frame = format!("{{\"{}\":", field.json_name()).len();
    if json.len() <= frame {
        return Ok(default_of(field).as_bytes().to_vec());
    }
    json.pop();
    json.drain(..frame);
    Ok(json)
}

fn default_of(field: &FieldDescriptor) -> String {
    if field.is_list() {
        return "[]".to_owned();
    }
    if field.is_map() {
        return "{}".to_owned();
    }
    match field.kind() {
        Kind::Message(message) if crate::read::well_known(&message).is_some() => "null".to_owned(),
        Kind::Message(_) => "{}".to_owned(),
        Kind::String | Kind::Bytes => "\"\"".to_owned(),
        Kind::Bool => "false".to_owned(),
        Kind::Enum(enumeration) => format!("\"{}\"", enumeration.default_value().name()),
        Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64 => "\"0\"".to_owned(),
        _ => "0".to_owned(),
    }
}
