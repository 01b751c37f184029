//! JSON values as protobuf's `Struct`, and back.

use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value as ProtoValue};
use serde_json::{Map, Number, Value};

/// A JSON object as a `Struct`; `None` for anything but an object.
pub fn to_struct(value: Value) -> Option<Struct> {
    match value {
        Value::Object(fields) => {
            Some(Struct { fields: fields.into_iter().map(|(name, value)| (name, to_proto(value))).collect() })
        }
        _ => None,
    }
}

fn to_proto(value: Value) -> ProtoValue {
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(value) => Kind::BoolValue(value),
        Value::Number(value) => Kind::NumberValue(value.as_f64().unwrap_or(f64::NAN)),
        Value::String(value) => Kind::StringValue(value),
        Value::Array(values) => {
            Kind::ListValue(ListValue { values: values.into_iter().map(to_proto).collect() })
        }
        object @ Value::Object(_) => Kind::StructValue(to_struct(object).unwrap_or_default()),
    };
    ProtoValue { kind: Some(kind) }
}

/// A `Struct` as a JSON object. A number that JSON cannot say (NaN, infinity) becomes null.
pub fn from_struct(fields: Struct) -> Value {
    Value::Object(
        fields.fields.into_iter().map(|(name, value)| (name, from_proto(value))).collect::<Map<_, _>>(),
    )
}

fn from_proto(value: ProtoValue) -> Value {
    match value.kind {
        None | Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::BoolValue(value)) => Value::Bool(value),
        Some(Kind::NumberValue(value)) => Number::from_f64(value).map_or(Value::Null, Value::Number),
        Some(Kind::StringValue(value)) => Value::String(value),
        Some(Kind::ListValue(list)) => Value::Array(list.values.into_iter().map(from_proto).collect()),
        Some(Kind::StructValue(fields)) => from_struct(fields),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_survives_the_way_there_and_back() {
        let value = serde_json::json!({"a": [1.5, null, true, {"b": "c"}], "d": {}});
        assert_eq!(from_struct(to_struct(value.clone()).unwrap()), value);
    }
}
