//! Operations: parameters, body and answers of one binding.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Value, json};

use crate::annotation;
use crate::bind::{Binding, Body};
use crate::openapi::comments::{Comments, first_sentence};
use crate::openapi::path::Path;
use crate::openapi::schema::{Schemas, field_comment};
use crate::query::path_of;
use crate::read;

/// How deep messages are opened into query parameters. Requests nest little, and a message may hold itself.
const QUERY_DEPTH_MAX: usize = 4;

/// Writes an operation.
pub(crate) fn operation(
    binding: &Binding,
    path: &Path,
    tag: &str,
    schemas: &mut Schemas,
    comments: &mut Comments,
) -> Value {
    let descriptor = &binding.rpc.descriptor;
    let comment = comments.of(&descriptor.parent_service().parent_file(), descriptor.path());
    let mut id = format!("{tag}_{}", descriptor.name()).replace('.', "_");
    if binding.index > 0 {
        id.push_str(&format!("_{}", binding.index));
    }
    let mut parameters = path_parameters(path, schemas, comments);
    let mut walk = Walk { binding, schemas, comments, parameters: &mut parameters };
    walk.query(&binding.rpc.input, &mut Vec::new());
    let mut operation = json!({
        "operationId": id,
        "tags": [tag],
        "summary": first_sentence(&comment),
        "description": comment,
        "responses": {
            "200": answer(binding, schemas, comments),
            "4XX": {"$ref": "#/components/responses/Error"},
            "default": {"$ref": "#/components/responses/Error"},
        },
    });
    if descriptor.is_server_streaming() && binding.rpc.cursor_in.is_some() {
        parameters.push(json!({
            "name": "Last-Event-ID",
            "in": "header",
            "description": "The id of the last event that was dealt with; browsers send it when they reconnect. It \
                            takes the place of `cursor`.",
            "schema": {"type": "string"},
        }));
    }
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    if let Some(body) = request_body(binding, schemas, comments) {
        operation["requestBody"] = body;
    }
    if descriptor.method_descriptor_proto().options.as_ref().is_some_and(|options| options.deprecated()) {
        operation["deprecated"] = true.into();
    }
    operation
}

fn path_parameters(path: &Path, schemas: &mut Schemas, comments: &mut Comments) -> Vec<Value> {
    let mut parameters = Vec::new();
    for parameter in &path.parameters {
        let whole = parameter.field.as_ref().filter(|_| parameter.is_whole_field());
        let schema = match whole {
            Some(field) if field.kind() != Kind::String => schemas.field(field),
            _ => parameter.schema(),
        };
        let comment =
            parameter.field.as_ref().map(|field| field_comment(field, comments)).unwrap_or_default();
        let description = format!("{}\n\n{comment}", parameter.note());
        let mut written = json!({
            "name": parameter.name,
            "in": "path",
            "required": true,
            "description": description.trim(),
            "schema": schema,
        });
        if parameter.multi {
            // OpenAPI has no word for it; our own page reads this one.
            written["x-multi-segment"] = true.into();
        }
        parameters.push(written);
    }
    parameters
}

struct Walk<'w> {
    binding: &'w Binding,
    schemas: &'w mut Schemas,
    comments: &'w mut Comments,
    parameters: &'w mut Vec<Value>,
}

impl Walk<'_> {
    /// The parameters that [`crate::query`] would take.
    fn query(&mut self, message: &MessageDescriptor, way: &mut Vec<FieldDescriptor>) {
        for field in message.fields() {
            let held = match &self.binding.body {
                Body::Whole => true,
                Body::Field(body) => way.is_empty() && field == *body,
                Body::None => false,
            };
            way.push(field.clone());
            let bound = self.binding.variables.iter().any(|variable| variable.fields == *way);
            if !held && !bound && !annotation::behavior(&field).output_only {
                self.parameter(&field, way);
            }
            way.pop();
        }
    }

    fn parameter(&mut self, field: &FieldDescriptor, way: &mut Vec<FieldDescriptor>) {
        let kind = field.kind();
        let message = kind.as_message().filter(|message| !as_text(message));
        match message {
            None => self.push(field, way),
            // Maps, and lists of messages, have no form in a query.
            Some(_) if field.is_list() || field.is_map() => {}
            Some(inner) if way.len() < QUERY_DEPTH_MAX && read::well_known(inner).is_none() => {
                self.query(inner, way)
            }
            Some(_) => {}
        }
    }

    fn push(&mut self, field: &FieldDescriptor, way: &[FieldDescriptor]) {
        let name = way.iter().map(FieldDescriptor::json_name).collect::<Vec<_>>().join(".");
        let description = field_comment(field, self.comments);
        let mut parameter = json!({
            "name": name,
            "in": "query",
            "description": description,
            "schema": self.schemas.field(field),
        });
        // A required field inside an optional message is only required with it, which a query cannot say.
        if way.len() == 1 && annotation::behavior(field).required {
            parameter["required"] = true.into();
        }
        self.parameters.push(parameter);
    }
}

/// Whether a message can be written as the text of a parameter.
fn as_text(message: &MessageDescriptor) -> bool {
    use read::WellKnown;
    matches!(read::well_known(message), Some(WellKnown::Wrapper | WellKnown::Time | WellKnown::FieldMask))
}

/// Bytes as they are, of any type.
fn raw_content() -> Value {
    json!({"*/*": {"schema": {"type": "string", "format": "binary"}}})
}

fn request_body(binding: &Binding, schemas: &mut Schemas, comments: &mut Comments) -> Option<Value> {
    let input = &binding.rpc.input;
    if binding.raw_request {
        let comment = match &binding.body {
            Body::Field(field) => field_comment(field, comments),
            Body::Whole | Body::None => String::new(),
        };
        let description = format!("{comment}\n\nThe bytes as they are, with their own `Content-Type`.");
        return Some(
            json!({"description": description.trim(), "required": binding.body_required, "content": raw_content()}),
        );
    }
    let (schema, comment) = match &binding.body {
        Body::None => return None,
        Body::Field(field) => (schemas.field(field), field_comment(field, comments)),
        Body::Whole => {
            let in_path = |field: &FieldDescriptor| {
                binding.variables.iter().any(|variable| path_of(&variable.fields) == field.name())
            };
            let comment = comments.of(&input.parent_file(), input.path());
            let schema = if input.fields().any(|field| in_path(&field)) {
                schemas.object(input, comments, &|field| !in_path(field))
            } else {
                schemas.message(input)
            };
            (schema, comment)
        }
    };
    let streams = binding.rpc.descriptor.is_client_streaming();
    let (media_type, note) = if streams {
        ("application/x-ndjson", "One JSON value a line. The path and the query belong to the first.")
    } else {
        ("application/json", "")
    };
    let content = json!({media_type: {"schema": schema}});
    let description = format!("{comment}\n\n{note}");
    let required = binding.body_required || streams;
    Some(json!({"description": description.trim(), "required": required, "content": content}))
}

fn answer(binding: &Binding, schemas: &mut Schemas, comments: &mut Comments) -> Value {
    let output = &binding.rpc.output;
    if binding.raw_answer {
        let description = "The bytes as they are, with their own `Content-Type`, to be saved as a file.";
        return json!({"description": description, "content": raw_content()});
    }
    let (schema, comment) = match &binding.response_body {
        Some(field) => (schemas.field(field), field_comment(field, comments)),
        None => (schemas.message(output), comments.of(&output.parent_file(), output.path())),
    };
    let comment = if comment.is_empty() || output.package_name() == "google.protobuf" {
        "Done.".to_owned()
    } else {
        comment
    };
    if !binding.rpc.descriptor.is_server_streaming() {
        return json!({"description": comment, "content": {"application/json": {"schema": schema}}});
    }
    let status = json!({"$ref": format!("#/components/schemas/{}", crate::openapi::STATUS)});
    let line = json!({
        "description": "One line of the stream.",
        "type": "object",
        "properties": {"result": schema, "error": status},
    });
    let event = json!({
        "description": "Each event's `data` is the JSON of one answer, its `id` the cursor where there is one; an event \
                        `error`, whose data is a Status, comes last if the stream fails.",
        "type": "string",
    });
    json!({
        "description": comment,
        "content": {"application/x-ndjson": {"schema": line}, "text/event-stream": {"schema": event}},
    })
}
