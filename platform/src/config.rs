//! Configuration: defaults in the program, then a TOML file, then `MINQING_…` environment variables.
//!
//! A struct of options derives `Deserialize` with `#[serde(default, deny_unknown_fields)]` and implements `Default`; its
//! figures are bounded by [`between`]. A wrong key or value is refused with its full name and the place that it came from.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;

use config::{ConfigError, Map, Source, Value};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

/// What the names of our environment variables start with.
pub const PREFIX: &str = "MINQING_";

/// Variables that begin like ours and are none: those of the tests.
const FOREIGN_PREFIXES: [&str; 1] = ["MINQING_TEST_"];

/// Configuration that is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file cannot be read, or is not TOML.
    #[error("configuration file {file}: {reason}")]
    File {
        /// The path as it was given.
        file: String,
        /// What is wrong with it, with the line where there is one.
        reason: String,
    },
    /// There is no such key.
    #[error("unknown configuration key `{key}` (from {origin}); expected {expected}")]
    UnknownKey {
        /// The full key, levels separated by dots.
        key: String,
        /// The file or the variable that holds it.
        origin: String,
        /// The keys that there are.
        expected: String,
    },
    /// The value does not suit its key.
    #[error("configuration key `{key}` (from {origin}): {reason}")]
    Value {
        /// The full key, levels separated by dots.
        key: String,
        /// The file or the variable that holds it.
        origin: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Loads the configuration from the defaults of `T`, the file if one is given, and the process's environment.
pub fn load<T: DeserializeOwned>(file: Option<&Path>) -> Result<T, Error> {
    load_from(file, std::env::vars_os())
}

/// Loads the configuration with the environment as an argument. Variables that are not ours are passed over.
pub fn load_from<T: DeserializeOwned>(
    file: Option<&Path>,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<T, Error> {
    let mut builder = config::Config::builder();
    if let Some(file) = file {
        builder = builder.add_source(read_file(file)?);
    }
    let merged = builder.add_source(Environment(read_variables(variables)?)).build();
    let merged = merged.map_err(|error| located(&error, None, file))?;
    merged.clone().try_deserialize().map_err(|error| located(&error, Some(&merged), file))
}

fn read_file(file: &Path) -> Result<config::File<config::FileSourceString, config::FileFormat>, Error> {
    let refused = |reason: String| Error::File { file: file.display().to_string(), reason };
    let text = std::fs::read_to_string(file).map_err(|error| refused(error.to_string()))?;
    Ok(config::File::from_str(&text, config::FileFormat::Toml))
}

/// Our variables as (dotted key, name of the variable, value).
fn read_variables(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Vec<(String, String, String)>, Error> {
    let mut ours = Vec::new();
    for (name, value) in variables {
        let name = name.to_string_lossy().into_owned();
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        if FOREIGN_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        let key = rest.to_lowercase().replace("__", ".");
        let refused = |reason: &str| Error::Value {
            key: key.clone(),
            origin: format!("environment variable {name}"),
            reason: reason.to_owned(),
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if !key.split('.').all(|level| !level.is_empty() && level.bytes().all(plain)) {
            return Err(refused("levels are letters, digits and underscores, separated by two underscores"));
        }
        let value = value.into_string().map_err(|_| refused("the value is not UTF-8"))?;
        ours.push((key, name, value));
    }
    Ok(ours)
}

/// Our environment variables. Every value stays the text that it is until its key asks for a number, so that a password
/// of digits keeps its zeros; and each remembers its variable's name.
#[derive(Debug, Clone)]
struct Environment(Vec<(String, String, String)>);

impl Source for Environment {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        let value = |(key, name, text): &(String, String, String)| {
            (key.clone(), Value::new(Some(&format!("environment variable {name}")), text.clone()))
        };
        Ok(self.0.iter().map(value).collect())
    }
}

/// Says which key, from where, and why. Values from the environment name their variable; all others are the file's.
fn located(error: &ConfigError, merged: Option<&config::Config>, file: Option<&Path>) -> Error {
    let in_file =
        || file.map_or_else(|| "the defaults".to_owned(), |file| format!("file {}", file.display()));
    let (key, origin, reason) = match error {
        ConfigError::FileParse { cause, .. } => {
            let file = file.map_or_else(String::new, |file| file.display().to_string());
            return Error::File { file, reason: cause.to_string() };
        }
        ConfigError::At { error, origin, key } => (key.clone(), origin.clone(), error.to_string()),
        ConfigError::Type { origin, unexpected, expected, key } => {
            (key.clone(), origin.clone(), format!("found {unexpected}, expected {expected}"))
        }
        other => (None, None, other.to_string()),
    };
    let origin_of = |key: &str| origin_below(value_at(merged?.collect().ok()?, key)?);
    if let Some((unknown, expected)) = unknown_field(&reason) {
        let key = key.map_or_else(|| unknown.to_owned(), |parent| format!("{parent}.{unknown}"));
        let origin = origin_of(&key).unwrap_or_else(in_file);
        return Error::UnknownKey { origin, key, expected: expected.to_owned() };
    }
    let key = key.unwrap_or_default();
    let origin = origin.or_else(|| origin_of(&key)).unwrap_or_else(in_file);
    Error::Value { key, origin, reason }
}

/// The value of a dotted key. The crate's own look-up would copy it without its origin.
fn value_at(mut table: Map<String, Value>, key: &str) -> Option<Value> {
    let (parents, last) = key.rsplit_once('.').map_or((None, key), |(parents, last)| (Some(parents), last));
    for level in parents.into_iter().flat_map(|parents| parents.split('.')) {
        table = table.remove(level)?.into_table().ok()?;
    }
    table.remove(last)
}

/// The origin of a value, or of the first value within it: a table made of variables has no origin of its own.
fn origin_below(value: Value) -> Option<String> {
    if let Some(origin) = value.origin() {
        return Some(origin.to_owned());
    }
    match value.kind {
        config::ValueKind::Table(table) => table.into_values().find_map(origin_below),
        config::ValueKind::Array(values) => values.into_iter().find_map(origin_below),
        _ => None,
    }
}

/// Takes serde's message on an unknown field apart: the field, and what would have been known.
fn unknown_field(reason: &str) -> Option<(&str, &str)> {
    let (field, rest) = reason.strip_prefix("unknown field `")?.split_once('`')?;
    let expected = rest.trim_start_matches(", ").trim_start_matches("expected ");
    Some((field, expected))
}

/// Reads a figure that lies between two bounds, both included: `#[serde(deserialize_with = "between::<1, 60_000, _, _>")]`.
pub fn between<'de, const MIN: u64, const MAX: u64, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: TryFrom<u64>,
    D: Deserializer<'de>,
{
    let figure = u64::deserialize(deserializer)?;
    let within = Some(figure)
        .filter(|figure| (MIN..=MAX).contains(figure))
        .and_then(|figure| T::try_from(figure).ok());
    within.ok_or_else(|| D::Error::custom(format!("{figure} is not between {MIN} and {MAX}")))
}

/// Reads a list of texts: an array in a file, or one text with commas in an environment variable, which has no arrays.
pub fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct List;

    impl<'de> serde::de::Visitor<'de> for List {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of texts, or one text with commas")
        }

        fn visit_str<E>(self, text: &str) -> Result<Vec<String>, E> {
            Ok(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Vec<String>, A::Error> {
            let mut list = Vec::new();
            while let Some(item) = items.next_element()? {
                list.push(item);
            }
            Ok(list)
        }
    }

    deserializer.deserialize_any(List)
}

/// A value that is never shown: not in logs, not in errors, not in a dump of the configuration.
///
/// Our own, since the suite needs no more of the crate for it than these lines.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret<T = String>(T);

impl<T> Secret<T> {
    /// Hides a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the one place that needs it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests;
