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
    let merged = merged.map_err(|error| located(&error, None))?;
    merged.clone().try_deserialize().map_err(|error| located(&error, Some(&merged)))
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
