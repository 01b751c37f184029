use std::io::Write;

use super::*;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
struct Options {
    name: String,
    server: Server,
    origins: Origins,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
struct Origins {
    #[serde(deserialize_with = "list")]
    allowed: Vec<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
struct Server {
    #[serde(deserialize_with = "between::<1, 100, _, _>")]
    streams_max: u16,
    tls: bool,
    mode: Mode,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Plain,
    Fancy,
}

impl Default for Options {
    fn default() -> Self {
        Self { name: "danyang".into(), server: Server::default(), origins: Origins::default() }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self { streams_max: 10, tls: false, mode: Mode::Plain }
    }
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn load(text: &str, variables: &[(&str, &str)]) -> Result<Options, Error> {
    let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let file = file(text);
    load_from((!text.is_empty()).then(|| file.path()), variables)
}

#[test]
fn without_file_and_variables_the_defaults_hold() {
    assert_eq!(load("", &[("PATH", "/bin"), ("MINQING", "x")]), Ok(Options::default()));
}

#[test]
fn variables_win_over_the_file_and_the_file_over_the_defaults() {
    let text = "name = \"zhenjiang\"\n[server]\nstreams_max = 20\ntls = true\n";
    let loaded =
        load(text, &[("MINQING_SERVER__STREAMS_MAX", "30"), ("MINQING_SERVER__MODE", "fancy")]).unwrap();
    assert_eq!(loaded.name, "zhenjiang");
    assert_eq!(loaded.server, Server { streams_max: 30, tls: true, mode: Mode::Fancy });
}

#[test]
fn a_text_of_digits_in_a_variable_keeps_its_zeros() {
    assert_eq!(load("", &[("MINQING_NAME", "00123")]).unwrap().name, "00123");
}

#[test]
fn a_list_is_an_array_in_a_file_and_has_commas_in_a_variable() {
    let from_file = load("[origins]\nallowed = [\"a\", \"b\"]", &[]).unwrap();
    let from_variable = load("", &[("MINQING_ORIGINS__ALLOWED", "a, b")]).unwrap();
    assert_eq!(from_file.origins.allowed, ["a", "b"]);
    assert_eq!(from_variable, from_file);
}

#[test]
fn an_unknown_key_is_refused_with_its_full_name_and_its_file() {
    let file = file("[server]\nstream_max = 3\n");
    let error = load_from::<Options>(Some(file.path()), []).unwrap_err();
    let origin = format!("file {}", file.path().display());
    assert!(
        matches!(&error, Error::UnknownKey { key, origin: from, expected } if key == "server.stream_max"
            && *from == origin && expected.contains("streams_max")),
        "{error}"
    );
}

#[test]
fn an_unknown_variable_is_refused_by_its_name() {
    for (name, key) in [
        ("MINQING_SERVER__STREAM_MAX", "server.stream_max"),
        ("MINQING_PORT", "port"),
        ("MINQING_X__Y__Z", "x"),
    ] {
        let error = load("name = \"a\"", &[(name, "1")]).unwrap_err();
        assert!(matches!(&error, Error::UnknownKey { key: k, .. } if k == key), "{error}");
        assert!(error.to_string().contains(&format!("environment variable {name}")), "{error}");
    }
    assert_eq!(load("", &[("MINQING_TEST_POSTGRES_URL", "x")]), Ok(Options::default()));
}

#[test]
fn a_wrong_value_is_refused_with_its_key_its_origin_and_what_is_wrong() {
    for (name, value, key, reason) in [
        ("MINQING_SERVER__STREAMS_MAX", "101", "server.streams_max", "101 is not between 1 and 100"),
        ("MINQING_SERVER__STREAMS_MAX", "-1", "server.streams_max", "-1"),
        ("MINQING_SERVER__STREAMS_MAX", "many", "server.streams_max", "many"),
        ("MINQING_SERVER__TLS", "perhaps", "server.tls", "perhaps"),
        ("MINQING_SERVER__MODE", "wild", "server.mode", "wild"),
        ("MINQING_SERVER", "5", "server", "5"),
        ("MINQING_SERVER____TLS", "true", "server..tls", "levels"),
    ] {
        let error = load("", &[(name, value)]).unwrap_err();
        let Error::Value { key: k, origin, reason: r } = &error else { panic!("{error:?}") };
        assert_eq!(k, key, "{error}");
        assert_eq!(*origin, format!("environment variable {name}"), "{error}");
        assert!(r.contains(reason), "{error}");
    }
}

#[test]
fn a_wrong_value_in_the_file_names_the_file() {
    let error = load("[server]\nstreams_max = 0\n", &[]).unwrap_err();
    assert!(
        matches!(&error, Error::Value { key, origin, .. } if key == "server.streams_max" && origin.starts_with("file /"))
    );
}

#[test]
fn a_file_that_is_absent_or_no_toml_is_refused() {
    let error = load_from::<Options>(Some(Path::new("/nowhere/minqing.toml")), []).unwrap_err();
    assert!(matches!(&error, Error::File { file, .. } if file == "/nowhere/minqing.toml"), "{error}");
    let error = load("name = \"a\"\n[server\n", &[]).unwrap_err();
    assert!(matches!(&error, Error::File { reason, .. } if reason.contains('2')), "{error}");
}

#[test]
fn a_secret_is_never_shown() {
    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Keys {
        key: Secret,
    }
    let variables = [(OsString::from("MINQING_KEY"), OsString::from("0xyz"))];
    let keys: Keys = load_from(None, variables).unwrap();
    assert_eq!(keys.key.expose(), "0xyz");
    assert!(!format!("{keys:?} {}", keys.key).contains("xyz"));
}
