//! Fields that come from the path and from the query.

use std::collections::HashMap;

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};

use crate::bind::{Binding, Body};
use crate::json::{DEPTH_MAX, Json};
use crate::percent::{self, Mode};
use crate::read::{self, Place, WellKnown};
use crate::scalar;
use crate::status::{Failure, Reason};

/// A value for a field, perhaps deep inside the request. It has no `Debug`, here as elsewhere: that of prost-reflect does
/// not end for a type that holds itself.
#[derive(Clone)]
pub(crate) struct Assignment {
    pub(crate) fields: Vec<FieldDescriptor>,
    pub(crate) value: Value,
}

impl Assignment {
    /// The path of the field, by proto names.
    fn path(&self) -> String {
        path_of(&self.fields)
    }

    /// Puts the value into a request, making the messages on the way.
    pub(crate) fn apply(&self, request: &mut DynamicMessage) -> Result<(), Failure> {
        let Some((last, parents)) = self.fields.split_last() else { return Ok(()) };
        let mut message = request;
        for field in parents {
            self.refuse_rival(message, field)?;
            let Some(inner) = message.get_field_mut(field).as_message_mut() else { return Ok(()) };
            message = inner;
        }
        self.refuse_rival(message, last)?;
        message.set_field(last, self.value.clone());
        Ok(())
    }

    fn refuse_rival(&self, message: &DynamicMessage, field: &FieldDescriptor) -> Result<(), Failure> {
        let Some(rival) = read::oneof_rival(message, field) else { return Ok(()) };
        let why = format!("`{rival}` is set already, and only one of the two can be");
        Err(Failure::field(Reason::OneofConflict, self.path(), why))
    }
}

/// The path of a field, by proto names.
pub(crate) fn path_of(fields: &[FieldDescriptor]) -> String {
    fields.iter().map(FieldDescriptor::name).collect::<Vec<_>>().join(".")
}

/// Reads the variables of a path, given as its raw segments without the verb.
pub(crate) fn from_path(binding: &Binding, segments: &[&str]) -> Result<Vec<Assignment>, Failure> {
    let mut assignments = Vec::with_capacity(binding.variables.len());
    for variable in &binding.variables {
        let end = variable.end.unwrap_or(segments.len()).min(segments.len());
        let raw = segments.get(variable.start..end).unwrap_or_default().join("/");
        let mode = if variable.several { Mode::Segments } else { Mode::Segment };
        let path = path_of(&variable.fields);
        let Some(text) = percent::decode(&raw, mode) else {
            return Err(Failure::field(Reason::PathInvalid, path, "is not percent-encoded UTF-8"));
        };
        let Some(field) = variable.fields.last() else { continue };
        let value =
            single(&field.kind(), &text).map_err(|why| Failure::field(Reason::FieldInvalid, path, why))?;
        assignments.push(Assignment { fields: variable.fields.clone(), value });
    }
    Ok(assignments)
}

/// Reads the query. Each parameter is a field by its path, under either of its names; a repeated field may come several
/// times, any other once; fields that the path or the body holds are refused, and so is what is no field at all.
pub(crate) fn from_query(binding: &Binding, query: &str) -> Result<Vec<Assignment>, Failure> {
    let mut assignments: Vec<Assignment> = Vec::new();
    let mut places: HashMap<Vec<u32>, usize> = HashMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
        let Some(name) = percent::decode(name, Mode::Query) else {
            return Err(Failure::field(Reason::PathInvalid, name, "the name is not percent-encoded UTF-8"));
        };
        let Some(text) = percent::decode(text, Mode::Query) else {
            return Err(Failure::field(Reason::PathInvalid, name, "the value is not percent-encoded UTF-8"));
        };
        let fields = resolve(&binding.rpc.input, &name)?;
        refuse_bound(binding, &fields, &name)?;
        let Some(last) = fields.last() else { continue };
        let value = single(&last.kind(), &text)
            .map_err(|why| Failure::field(Reason::FieldInvalid, name.as_ref(), why))?;
        let numbers: Vec<u32> = fields.iter().map(FieldDescriptor::number).collect();
        let list = last.is_list();
        match places.get(&numbers) {
            None => {
                places.insert(numbers, assignments.len());
                let value = if list { Value::List(vec![value]) } else { value };
                assignments.push(Assignment { fields, value });
            }
            Some(&index) => match assignments[index].value.as_list_mut() {
                Some(values) if list => values.push(value),
                _ => {
                    let why = "is there twice, and the field holds one value";
                    return Err(Failure::field(Reason::ParameterRepeated, name, why));
                }
            },
        }
    }
    Ok(assignments)
}

/// The fields on the way to a parameter.
fn resolve(request: &MessageDescriptor, name: &str) -> Result<Vec<FieldDescriptor>, Failure> {
    let unknown = |why: &str| Failure::field(Reason::ParameterUnknown, name, why);
    let mut fields: Vec<FieldDescriptor> = Vec::new();
    let mut message = Some(request.clone());
    for part in name.split('.') {
        if let Some(parent) = fields.last().filter(|field| field.is_list() || field.is_map()) {
            let why = format!("`{}` is repeated; send it in a body", parent.name());
            return Err(unknown(&why));
        }
        let field = message.as_ref().and_then(|message| read::field_by_any_name(message, part));
        let Some(field) = field.filter(|_| fields.len() < DEPTH_MAX) else {
            return Err(unknown("there is no such parameter"));
        };
        // The inside of a message that is written as text is not part of the API.
        message = field.kind().as_message().filter(|inner| read::well_known(inner).is_none()).cloned();
        fields.push(field);
    }
    let Some(last) = fields.last().filter(|last| !last.is_map() && message.is_none()) else {
        return Err(unknown("is a message; name one of its fields"));
    };
    let kind = last.kind();
    match kind.as_message().and_then(read::well_known) {
        Some(WellKnown::Value | WellKnown::Other) => Err(unknown("is free JSON; send it in a body")),
        Some(WellKnown::Wrapper | WellKnown::FieldMask | WellKnown::Time) | None => Ok(fields),
    }
}

fn refuse_bound(binding: &Binding, fields: &[FieldDescriptor], name: &str) -> Result<(), Failure> {
    let refuse = |by: &str| {
        let why = format!("the {by} of this request holds it, so it cannot be a parameter");
        Err(Failure::field(Reason::ParameterBound, name, why))
    };
    if binding.variables.iter().any(|variable| variable.fields == fields) {
        return refuse("path");
    }
    match &binding.body {
        Body::Whole => refuse("body"),
        Body::Field(field) if fields.first() == Some(field) => refuse("body"),
        Body::Field(_) | Body::None => Ok(()),
    }
}

/// One value from text.
fn single(kind: &Kind, text: &str) -> Result<Value, String> {
    match kind {
        Kind::Message(message) => read::special_from_text(message, text).map(Value::Message),
        _ => scalar::from_text(kind, text),
    }
}

/// The fields that a PATCH changes: the leaves of its body (AIP-134). What cannot be changed is left out, so that a
/// client may read a resource, alter it and send all of it back: fields that the path holds, those the service alone
/// writes, and the etag, which is a condition and not a change (AIP-154).
pub(crate) fn mask_of_body(binding: &Binding, body: &FieldDescriptor, json: &Json<'_>) -> Vec<String> {
    let mut paths = Vec::new();
    if let Kind::Message(message) = body.kind() {
        let bound = binding.variables.iter().filter(|variable| variable.fields.first() == Some(body));
        let bound: Vec<String> = bound.map(|variable| path_of(&variable.fields[1..])).collect();
        leaves(&message, json, Place::Top, &mut paths);
        paths.retain(|path| !bound.contains(path));
    }
    paths
}

fn leaves(message: &MessageDescriptor, json: &Json<'_>, place: Place<'_>, paths: &mut Vec<String>) {
    let Json::Object(entries) = json else { return };
    for (key, value) in entries {
        let Some(field) = read::field_by_any_name(message, key) else { continue };
        let name = field.name();
        if crate::bind::is_written_by_service(&field) || (name == "etag" && matches!(place, Place::Top)) {
            continue;
        }
        let place = Place::Field(&place, name);
        match (field.kind(), value) {
            (Kind::Message(inner), Json::Object(entries))
                if !field.is_map() && !entries.is_empty() && read::well_known(&inner).is_none() =>
            {
                leaves(&inner, value, place, paths);
            }
            _ => paths.push(place.to_string()),
        }
    }
}
