//! Scalars as proto3 JSON writes them, from text (a path, a query, a JSON string) or from JSON.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use prost_reflect::{EnumDescriptor, Kind, Value};

use crate::json::Json;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// Reads a scalar from text. The error says what is wrong, without the place. Messages are not scalars.
pub(crate) fn from_text(kind: &Kind, text: &str) -> Result<Value, String> {
    match kind {
        Kind::String => Ok(Value::String(text.to_owned())),
        Kind::Bool => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err("must be `true` or `false`".to_owned()),
        },
        Kind::Bytes => bytes(text),
        Kind::Double => float(text).map(Value::F64),
        Kind::Float => float(text).and_then(narrow),
        Kind::Enum(enumeration) => enumerator(enumeration, text),
        Kind::Message(_) => Err("must be an object".to_owned()),
        _ if !begins_a_number(text) => Err(integer_wanted(kind)),
        _ => match text.parse::<i128>() {
            Ok(number) => integer(kind, number),
            // Proto3 JSON also takes an integer in exponent form.
            Err(_) => {
                text.parse::<f64>().map_err(|_| integer_wanted(kind)).and_then(|number| whole(kind, number))
            }
        },
    }
}

/// Reads a scalar from JSON. The error says what is wrong, without the place.
pub(crate) fn from_json(kind: &Kind, json: &Json<'_>) -> Result<Value, String> {
    match (kind, json) {
        (Kind::Bool, Json::Bool(value)) => Ok(Value::Bool(*value)),
        (Kind::Bool, _) => Err(format!("must be a boolean, not {}", json.kind())),
        (_, Json::String(text)) => from_text(kind, text),
        (Kind::String | Kind::Bytes, _) => Err(format!("must be a string, not {}", json.kind())),
        (Kind::Enum(enumeration), Json::Unsigned(_) | Json::Signed(_)) => {
            let number = match json {
                Json::Unsigned(number) => i32::try_from(*number).ok(),
                Json::Signed(number) => i32::try_from(*number).ok(),
                _ => None,
            };
            number.map(Value::EnumNumber).ok_or_else(|| format!("is no number of {}", enumeration.name()))
        }
        (Kind::Enum(enumeration), _) => {
            Err(format!("must be a name of {}, not {}", enumeration.name(), json.kind()))
        }
        (Kind::Double | Kind::Float, _) => {
            let number = match json {
                Json::Unsigned(number) => *number as f64,
                Json::Signed(number) => *number as f64,
                Json::Float(number) => *number,
                _ => return Err(format!("must be a number, not {}", json.kind())),
            };
            if matches!(kind, Kind::Double) { Ok(Value::F64(number)) } else { narrow(number) }
        }
        (_, Json::Unsigned(number)) => integer(kind, i128::from(*number)),
        (_, Json::Signed(number)) => integer(kind, i128::from(*number)),
        (_, Json::Float(number)) => whole(kind, *number),
        _ => Err(format!("must be an integer, not {}", json.kind())),
    }
}

fn integer(kind: &Kind, number: i128) -> Result<Value, String> {
    let value = match kind {
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => i32::try_from(number).map(Value::I32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => i64::try_from(number).map(Value::I64),
        Kind::Uint32 | Kind::Fixed32 => u32::try_from(number).map(Value::U32),
        _ => u64::try_from(number).map(Value::U64),
    };
    value.map_err(|_| integer_wanted(kind))
}

/// An integer written with a fraction or an exponent: taken when it is exactly whole.
fn whole(kind: &Kind, number: f64) -> Result<Value, String> {
    // Beyond this an f64 no longer tells neighbours apart, so the client cannot have meant what was read.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    if number.fract() != 0.0 || number.abs() > EXACT_MAX || !number.is_finite() {
        return Err(integer_wanted(kind));
    }
    integer(kind, number as i128)
}

fn integer_wanted(kind: &Kind) -> String {
    let bits = if matches!(kind, Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 | Kind::Uint32 | Kind::Fixed32) {
        32
    } else {
        64
    };
    let unsigned = matches!(kind, Kind::Uint32 | Kind::Uint64 | Kind::Fixed32 | Kind::Fixed64);
    format!("must be an integer of {bits} bits{}", if unsigned { ", not negative" } else { "" })
}

/// Rust reads more than JSON does: a plus sign, and words like `inf`.
fn begins_a_number(text: &str) -> bool {
    text.strip_prefix('-').unwrap_or(text).starts_with(|c: char| c.is_ascii_digit())
}

fn float(text: &str) -> Result<f64, String> {
    match text {
        "NaN" => Ok(f64::NAN),
        "Infinity" => Ok(f64::INFINITY),
        "-Infinity" => Ok(f64::NEG_INFINITY),
        _ if !begins_a_number(text) => Err("must be a number".to_owned()),
        _ => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err("must be a number".to_owned()),
        },
    }
}

fn narrow(number: f64) -> Result<Value, String> {
    let narrowed = number as f32;
    if narrowed.is_infinite() && number.is_finite() {
        return Err("is beyond a number of 32 bits".to_owned());
    }
    Ok(Value::F32(narrowed))
}

fn bytes(text: &str) -> Result<Value, String> {
    let engine = if text.contains(['-', '_']) { &BASE64_URL } else { &BASE64 };
    match engine.decode(text) {
        Ok(bytes) => Ok(Value::Bytes(bytes.into())),
        Err(_) => Err("must be base64".to_owned()),
    }
}

/// A value of an enum by its name, or by its number.
fn enumerator(enumeration: &EnumDescriptor, text: &str) -> Result<Value, String> {
    if let Some(value) = enumeration.get_value_by_name(text) {
        return Ok(Value::EnumNumber(value.number()));
    }
    if let Ok(number) = text.parse::<i32>() {
        return Ok(Value::EnumNumber(number));
    }
    const NAMES_MAX: usize = 12;
    let names: Vec<String> =
        enumeration.values().take(NAMES_MAX).map(|value| value.name().to_owned()).collect();
    let more = if enumeration.values().len() > NAMES_MAX { ", …" } else { "" };
    Err(format!("is no {}; one of {}{more}", enumeration.name(), names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_from_numbers_and_strings_within_their_bits() {
        assert_eq!(from_text(&Kind::Int64, "-9223372036854775808"), Ok(Value::I64(i64::MIN)));
        assert_eq!(from_json(&Kind::Uint64, &Json::Unsigned(u64::MAX)), Ok(Value::U64(u64::MAX)));
        assert_eq!(from_json(&Kind::Int32, &Json::Float(1e3)), Ok(Value::I32(1000)));
        assert_eq!(from_text(&Kind::Int32, "1e3"), Ok(Value::I32(1000)));
        for text in ["2147483648", "", "+1", "1.5", "x", "1 ", "NaN", "inf"] {
            assert!(from_text(&Kind::Int32, text).is_err(), "{text}");
        }
        assert!(from_text(&Kind::Uint32, "-1").is_err());
    }

    #[test]
    fn floats_take_the_three_words_and_no_others() {
        assert_eq!(from_text(&Kind::Double, "-Infinity"), Ok(Value::F64(f64::NEG_INFINITY)));
        assert_eq!(from_text(&Kind::Double, "1e-3"), Ok(Value::F64(0.001)));
        for text in ["inf", "nan", "infinity", "", "1e999", "0x10"] {
            assert!(from_text(&Kind::Double, text).is_err(), "{text}");
        }
        assert!(from_text(&Kind::Float, "1e39").is_err());
    }

    #[test]
    fn bytes_take_both_alphabets_padded_or_not() {
        let expected = Ok(Value::Bytes(vec![0xfb, 0xff].into()));
        for text in ["+/8=", "-_8=", "+/8", "-_8"] {
            assert_eq!(from_text(&Kind::Bytes, text), expected, "{text}");
        }
        assert!(from_text(&Kind::Bytes, "+_8=").is_err());
    }
}
