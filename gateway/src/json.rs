//! A strict reader of JSON text: no key twice, no bottomless nesting, no bytes that are not UTF-8.
//!
//! The text becomes a tree that borrows from it; [`crate::read`] turns the tree into a message. The tree is needed
//! because a key can only be judged against its siblings, and an update mask is read from it as well.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::status::{Failure, Reason};

/// How deep arrays and objects may nest. Well below what a thread's stack holds, and deeper than any real request.
pub(crate) const DEPTH_MAX: usize = 64;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    String(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl Json<'_> {
    /// What it is, for error messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Unsigned(_) | Self::Signed(_) | Self::Float(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// The same value for readers that want serde_json's type.
    pub(crate) fn to_value(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Unsigned(value) => (*value).into(),
            Self::Signed(value) => (*value).into(),
            Self::Float(value) => (*value).into(),
            Self::String(value) => value.as_ref().into(),
            Self::Array(items) => items.iter().map(Self::to_value).collect(),
            Self::Object(entries) => {
                entries.iter().map(|(key, value)| (key.to_string(), value.to_value())).collect()
            }
        }
    }
}

/// Reads one JSON text.
pub(crate) fn parse(bytes: &[u8]) -> Result<Json<'_>, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Failure::new(Reason::JsonInvalid, format!("the body is not UTF-8 at byte {}", error.valid_up_to()))
    })?;
    let too_deep = Cell::new(false);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let tree = Reader { depth: 0, too_deep: &too_deep }.deserialize(&mut deserializer);
    let tree = tree.and_then(|tree| deserializer.end().map(|()| tree)).map_err(|error| {
        if too_deep.get() {
            return Failure::new(
                Reason::JsonTooDeep,
                format!("the body nests deeper than {DEPTH_MAX} levels"),
            );
        }
        Failure::new(Reason::JsonInvalid, format!("the body is not JSON: {error}"))
    })?;
    let mut place = String::new();
    if find_duplicate(&tree, &mut place) {
        return Err(Failure::field(Reason::FieldDuplicated, place, "the key is there twice"));
    }
    Ok(tree)
}

/// Looks for a key that an object has twice, and leaves the way to it in `place`.
fn find_duplicate(json: &Json<'_>, place: &mut String) -> bool {
    let length = place.len();
    match json {
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                place.push_str(&format!("[{index}]"));
                if find_duplicate(item, place) {
                    return true;
                }
                place.truncate(length);
            }
        }
        Json::Object(entries) => {
            let mut seen = HashSet::with_capacity(entries.len());
            for (key, value) in entries {
                if length > 0 {
                    place.push('.');
                }
                place.push_str(key);
                if !seen.insert(key.as_ref()) || find_duplicate(value, place) {
                    return true;
                }
                place.truncate(length);
            }
        }
        _ => {}
    }
    false
}

#[derive(Clone, Copy)]
struct Reader<'c> {
    depth: usize,
    too_deep: &'c Cell<bool>,
}

impl Reader<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == DEPTH_MAX {
            self.too_deep.set(true);
            return Err(E::custom("nested too deep"));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Json<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Signed(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::String(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::String(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json<'de>, A::Error> {
        let inner = self.deeper()?;
        let mut object = Vec::new();
        while let Some(key) = entries.next_key_seed(inner)? {
            let Json::String(key) = key else { return Err(A::Error::custom("a key must be a string")) };
            object.push((key, entries.next_value_seed(inner)?));
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> String {
        parse(bytes).unwrap_err().to_json().to_string()
    }

    #[test]
    fn a_key_that_comes_twice_is_refused_with_its_place() {
        let text = refusal(br#"{"a": [{"b": 1}, {"c": {"d": 1, "e": 2, "d": 3}}]}"#);
        assert!(text.contains("FIELD_DUPLICATED") && text.contains("a[1].c.d"), "{text}");
        assert!(refusal(br#"{"a": 1, "\u0061": 2}"#).contains("FIELD_DUPLICATED"));
    }

    #[test]
    fn depth_is_bounded_and_a_bomb_does_not_overflow_the_stack() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(DEPTH_MAX).as_bytes()).is_ok());
        for bomb in
            [nested(DEPTH_MAX + 1), nested(1_000_000), "[".repeat(1_000_000), "{\"a\":".repeat(1_000_000)]
        {
            assert!(refusal(bomb.as_bytes()).contains("JSON_TOO_DEEP"));
        }
    }

    #[test]
    fn text_that_is_not_json_is_refused() {
        for bytes in
            [&b""[..], b"{", b"{} {}", b"{\"a\":01}", b"\"\xff\"", b"[1,]", b"NaN", b"\"\\ud800\"", b"'a'"]
        {
            assert!(refusal(bytes).contains("JSON_INVALID"), "{bytes:?}");
        }
    }
}
