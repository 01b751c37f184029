//! Schemas of messages and fields: proto3 JSON in the words of JSON Schema.

use std::collections::{BTreeMap, VecDeque};

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use crate::annotation;
use crate::openapi::comments::{Comments, first_sentence};

/// The schemas that operations refer to; they are written when all operations are known.
#[derive(Default)]
pub(crate) struct Schemas {
    wanted: VecDeque<Wanted>,
    names: BTreeMap<String, ()>,
}

enum Wanted {
    Message(MessageDescriptor),
    Enum(EnumDescriptor),
}

impl Schemas {
    /// Writes every schema that was referred to, and those that they refer to.
    pub(crate) fn finish(mut self, comments: &mut Comments) -> Map<String, Value> {
        let mut written = Map::new();
        while let Some(wanted) = self.wanted.pop_front() {
            match wanted {
                Wanted::Message(message) => {
                    let schema = self.object(&message, comments, &|_| true);
                    written.insert(message.full_name().to_owned(), schema);
                }
                Wanted::Enum(enumeration) => {
                    let schema = enum_schema(&enumeration, comments);
                    written.insert(enumeration.full_name().to_owned(), schema);
                }
            }
        }
        written
    }

    /// The schema of a message, as a reference where it is an object of ours.
    pub(crate) fn message(&mut self, message: &MessageDescriptor) -> Value {
        match well_known(message) {
            Some(schema) => schema,
            None => self.reference(message.full_name(), || Wanted::Message(message.clone())),
        }
    }

    fn reference(&mut self, name: &str, wanted: impl FnOnce() -> Wanted) -> Value {
        if self.names.insert(name.to_owned(), ()).is_none() {
            self.wanted.push_back(wanted());
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// The schema of a message written out, with the fields that are asked for.
    pub(crate) fn object(
        &mut self,
        message: &MessageDescriptor,
        comments: &mut Comments,
        keep: &dyn Fn(&FieldDescriptor) -> bool,
    ) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in message.fields().filter(|field| keep(field)) {
            let behavior = annotation::behavior(&field);
            if behavior.required {
                required.push(Value::from(field.json_name()));
            }
            properties.insert(field.json_name().to_owned(), self.property(&field, comments));
        }
        let comment = comments.of(&message.parent_file(), message.path());
        let mut schema = json!({
            "title": message.name(),
            "type": "object",
            "properties": properties,
        });
        describe(&mut schema, &comment);
        if !required.is_empty() {
            schema["required"] = Value::Array(required);
        }
        schema
    }

    /// The schema of a field with its comment and behaviour.
    pub(crate) fn property(&mut self, field: &FieldDescriptor, comments: &mut Comments) -> Value {
        let mut schema = self.field(field);
        describe(&mut schema, &field_comment(field, comments));
        let behavior = annotation::behavior(field);
        // The path names a resource; an identifier in a body says nothing (AIP-203).
        if behavior.output_only || behavior.identifier {
            schema["readOnly"] = true.into();
        }
        if behavior.input_only {
            schema["writeOnly"] = true.into();
        }
        if field.field_descriptor_proto().options.as_ref().is_some_and(|options| options.deprecated()) {
            schema["deprecated"] = true.into();
        }
        schema
    }

    /// The schema of a field's type.
    pub(crate) fn field(&mut self, field: &FieldDescriptor) -> Value {
        if field.is_map() {
            let kind = field.kind();
            let values = kind.as_message().map(MessageDescriptor::map_entry_value_field);
            let values = values.map(|values| self.kind(&values.kind())).unwrap_or_default();
            return json!({"type": "object", "additionalProperties": values});
        }
        let one = self.kind(&field.kind());
        if field.is_list() { json!({"type": "array", "items": one}) } else { one }
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Message(message) => self.message(message),
            Kind::Enum(enumeration) if enumeration.full_name() == "google.protobuf.NullValue" => {
                json!({"type": "null"})
            }
            Kind::Enum(enumeration) => {
                self.reference(enumeration.full_name(), || Wanted::Enum(enumeration.clone()))
            }
            scalar => scalar_schema(scalar),
        }
    }
}

/// The comment of a field, with what else a client must know of it.
pub(crate) fn field_comment(field: &FieldDescriptor, comments: &mut Comments) -> String {
    let mut text = comments.of(&field.parent_message().parent_file(), field.path());
    let behavior = annotation::behavior(field);
    let mut note = |words: &str| {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(words);
    };
    if behavior.immutable {
        note("Cannot be changed later.");
    }
    if let Some(oneof) = field.containing_oneof().filter(|oneof| !oneof.is_synthetic()) {
        let others: Vec<String> = oneof
            .fields()
            .filter(|other| other != field)
            .map(|other| format!("`{}`", other.json_name()))
            .collect();
        if !others.is_empty() {
            note(&format!("Excludes {}.", others.join(", ")));
        }
    }
    text
}

fn describe(schema: &mut Value, comment: &str) {
    if !comment.is_empty() {
        schema["description"] = comment.into();
    }
}

fn scalar_schema(kind: &Kind) -> Value {
    match kind {
        Kind::String => json!({"type": "string"}),
        Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Double => json!({"type": "number", "format": "double"}),
        Kind::Float => json!({"type": "number", "format": "float"}),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({"type": "integer", "format": "int32"}),
        Kind::Uint32 | Kind::Fixed32 => {
            json!({"type": "integer", "format": "int64", "minimum": 0, "maximum": u32::MAX})
        }
        Kind::Uint64 | Kind::Fixed64 => json!({"type": "string", "format": "uint64", "pattern": "^[0-9]+$"}),
        _ => json!({"type": "string", "format": "int64", "pattern": "^-?[0-9]+$"}),
    }
}

fn enum_schema(enumeration: &EnumDescriptor, comments: &mut Comments) -> Value {
    let file = enumeration.parent_file();
    let mut description = comments.of(&file, enumeration.path());
    for value in enumeration.values() {
        let comment = comments.of(&file, value.path());
        description.push_str(&format!("\n- `{}`: {}", value.name(), first_sentence(&comment)));
    }
    let names: Vec<String> = enumeration.values().map(|value| value.name().to_owned()).collect();
    json!({"title": enumeration.name(), "type": "string", "enum": names, "description": description.trim()})
}

/// The schema of a message that proto3 JSON writes in a form of its own.
fn well_known(message: &MessageDescriptor) -> Option<Value> {
    let nullable = |kind: &Kind| {
        let mut schema = scalar_schema(kind);
        let name = schema["type"].take();
        schema["type"] = json!([name, "null"]);
        schema
    };
    Some(match message.full_name().strip_prefix("google.protobuf.")? {
        "DoubleValue" => nullable(&Kind::Double),
        "FloatValue" => nullable(&Kind::Float),
        "Int64Value" => nullable(&Kind::Int64),
        "UInt64Value" => nullable(&Kind::Uint64),
        "Int32Value" => nullable(&Kind::Int32),
        "UInt32Value" => nullable(&Kind::Uint32),
        "BoolValue" => nullable(&Kind::Bool),
        "StringValue" => nullable(&Kind::String),
        "BytesValue" => nullable(&Kind::Bytes),
        "Timestamp" => json!({"type": "string", "format": "date-time"}),
        "Duration" => json!({"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,9})?s$"}),
        "FieldMask" => json!({"type": "string", "description": "Field paths with commas between them."}),
        "Struct" => json!({"type": "object", "additionalProperties": true}),
        "Value" => json!({}),
        "ListValue" => json!({"type": "array", "items": {}}),
        "Empty" => json!({"type": "object", "maxProperties": 0}),
        "Any" => json!({
            "type": "object",
            "required": ["@type"],
            "properties": {"@type": {"type": "string"}},
            "additionalProperties": true,
        }),
        _ => return None,
    })
}
