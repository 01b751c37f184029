//! `/openapi.json`: an OpenAPI 3.1 document of every route, written once at start from the descriptors.
//!
//! The comments of the protos are its text, `field_behavior` tells what is required, read-only or write-only. The
//! parameters and bodies follow the very bindings that requests are read with, so the two cannot drift apart.

mod comments;
mod operation;
mod path;
mod schema;

use std::collections::BTreeSet;
use std::sync::Arc;

use prost_reflect::ServiceDescriptor;
use serde_json::{Map, Value, json};

use crate::bind::Binding;
use crate::options::Options;
use comments::Comments;
use path::Paths;
use schema::Schemas;

/// Writes the document.
pub(crate) fn document(bindings: &[Arc<Binding>], options: &Options) -> Value {
    let mut comments = Comments::default();
    let mut schemas = Schemas::default();
    let mut names = Paths::new(bindings);
    let mut paths: Map<String, Value> = Map::new();
    let tag_names = TagNames::new(bindings);
    for binding in bindings {
        // OpenAPI has no place for other methods; the routes exist all the same.
        let Some(method) = method_key(&binding.method) else { continue };
        let path = names.path(binding);
        let tag = tag_names.of(&binding.rpc.descriptor.parent_service().clone());
        let operation = operation::operation(binding, &path, &tag, &mut schemas, &mut comments);
        let item = paths.entry(path.text).or_insert_with(|| json!({}));
        item[method] = operation;
    }
    let tags = tags(bindings, &tag_names, &mut comments);
    let mut components = schemas.finish(&mut comments);
    components.insert(STATUS.to_owned(), status_schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": options.title,
            "version": options.version,
            "description": format!("{}\n\n{CONVENTIONS}", options.description),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This host"}],
        "security": [{"bearer": []}, {}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {"Error": error_response()},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token of one of the configured issuers.",
                },
            },
        },
    })
}

/// The name of the schema of errors.
pub(crate) const STATUS: &str = "google.rpc.Status";

const CONVENTIONS: &str = "Fields that hold their default (zero, empty, false) are left out of answers. Integers of 64 bits \
are strings. Names are lowerCamelCase; the names of the protos are taken as well. Unknown fields and parameters are refused. \
A PATCH without `updateMask` changes the fields that its body holds. Every failure is a `google.rpc.Status` with a stable `reason` in its `ErrorInfo`. A call ends after \
`X-Request-Timeout-Ms` (or `Grpc-Timeout`) at the latest; `X-Request-Id` is echoed. Streams are lines of JSON \
(`{\"result\": …}`, and `{\"error\": …}` last if they fail), or server-sent events when `Accept` is `text/event-stream`. Files are bodies and answers of their own type.";

fn method_key(method: &http::Method) -> Option<&'static str> {
    ["get", "put", "post", "delete", "patch", "head", "options", "trace"]
        .into_iter()
        .find(|name| method.as_str().eq_ignore_ascii_case(name))
}

/// Tags are the short names of services, and the full names where two services share one.
struct TagNames(BTreeSet<String>);

impl TagNames {
    fn new(bindings: &[Arc<Binding>]) -> Self {
        let services: BTreeSet<(String, String)> = bindings
            .iter()
            .map(|binding| binding.rpc.descriptor.parent_service())
            .map(|service| (service.name().to_owned(), service.full_name().to_owned()))
            .collect();
        let names: Vec<&String> = services.iter().map(|(name, _)| name).collect();
        Self(names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect())
    }

    fn of(&self, service: &ServiceDescriptor) -> String {
        let shared = self.0.contains(service.name());
        if shared { service.full_name().to_owned() } else { service.name().to_owned() }
    }
}

fn tags(bindings: &[Arc<Binding>], names: &TagNames, comments: &mut Comments) -> Vec<Value> {
    let mut tags: Vec<Value> = Vec::new();
    for binding in bindings {
        let service = binding.rpc.descriptor.parent_service();
        let name = names.of(service);
        if tags.iter().all(|tag| tag["name"] != name.as_str()) {
            let comment = comments.of(&service.parent_file(), service.path());
            tags.push(json!({"name": name, "description": comment}));
        }
    }
    tags
}

fn error_response() -> Value {
    let schema = json!({"$ref": format!("#/components/schemas/{STATUS}")});
    json!({
        "description": "Anything that failed.",
        "headers": {
            "X-Request-Id": {"description": "The id of the request.", "schema": {"type": "string"}},
            "Retry-After": {"description": "Seconds to wait, where waiting helps.", "schema": {"type": "integer"}},
        },
        "content": {"application/json": {"schema": schema}},
    })
}

fn status_schema() -> Value {
    json!({
        "title": "Status",
        "description": "Why a call failed (AIP-193).",
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": {"type": "integer", "format": "int32", "description": "The canonical gRPC code."},
            "message": {"type": "string", "description": "For developers, in English."},
            "details": {
                "type": "array",
                "description": "The first is an `ErrorInfo` with a stable `reason`; bad input has a `BadRequest` with \
                                the path of each field.",
                "items": {
                    "type": "object",
                    "required": ["@type"],
                    "properties": {"@type": {"type": "string", "description": "The kind of detail."}},
                    "additionalProperties": true,
                },
            },
        },
    })
}
