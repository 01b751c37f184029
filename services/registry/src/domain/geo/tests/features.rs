use serde_json::{Value, json};

use super::{polygon, rectangle};
use crate::domain::geo::{FaultyFile, features};

fn file(features: &[Value]) -> String {
    json!({"type": "FeatureCollection", "features": features}).to_string()
}

fn feature(code: Value, name: &str) -> Value {
    let geometry = polygon(&[&rectangle(0.0, 0.0, 1.0, 1.0)]);
    json!({"type": "Feature", "properties": {"code": code, "name": name, "colour": "red"}, "geometry": geometry})
}

#[test]
fn a_file_gives_its_features_in_order() {
    let mut second = feature(json!(321181100201002_u64), "二组");
    second["geometry"] = Value::Null;
    let text = format!("\u{feff}{}", file(&[feature(json!("321181100201001"), " 一组 "), second]));
    let found = features(text.as_bytes()).unwrap();
    assert_eq!((found[0].code.as_str(), found[0].name.as_str()), ("321181100201001", "一组"));
    assert!(found[0].boundary.is_some());
    assert_eq!(found[1].code, "321181100201002");
    assert!(found[1].boundary.is_none());
}

#[test]
fn every_wrong_feature_is_told_with_its_path() {
    let mut bowtie = feature(json!("b"), "乙");
    bowtie["geometry"] = polygon(&[&[(0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0), (0.0, 0.0)]]);
    let mut nameless = feature(json!("c"), "丙");
    nameless["properties"] = json!({"code": "c"});
    let text = file(&[
        feature(json!("a"), "甲"),
        bowtie,
        nameless,
        feature(json!("a"), "丁"),
        json!({"type": "Grid"}),
    ]);
    let FaultyFile::Features(faults) = features(text.as_bytes()).unwrap_err() else {
        panic!("not of the features")
    };
    let paths: Vec<String> = faults.iter().map(|fault| fault.path()).collect();
    assert_eq!(
        paths,
        [
            "features[1].geometry.coordinates[0][0]",
            "features[2].properties.name",
            "features[3].properties.code",
            "features[4].type"
        ]
    );
    assert!(faults[2].to_string().contains("features[0]"));
}

#[test]
fn a_file_that_is_cut_off_or_says_a_thing_twice_is_refused_where() {
    let whole = file(&[feature(json!("a"), "甲")]);
    let cut: String = whole.chars().take(whole.chars().count() / 2).collect();
    assert!(matches!(features(cut.as_bytes()).unwrap_err(), FaultyFile::Malformed { line: 1, .. }));
    let twice = "{\"type\": \"FeatureCollection\",\n \"features\": [{\"type\": \"Feature\",\n \"properties\": {\"code\": \"a\", \"code\": \"b\"}}]}";
    let FaultyFile::Malformed { line, message, .. } = features(twice.as_bytes()).unwrap_err() else {
        panic!("accepted")
    };
    assert_eq!(line, 3);
    assert!(message.contains("duplicate"), "{message}");
}

#[test]
fn other_encodings_other_geojson_and_other_systems_are_refused() {
    assert_eq!(
        features(b"{\"type\": \"\xb5\xa4\xd1\xf4\"}").unwrap_err(),
        FaultyFile::NotUtf8 { offset: 10 }
    );
    let point = r#"{"type": "Point", "coordinates": [1, 2]}"#;
    assert_eq!(features(point.as_bytes()).unwrap_err(), FaultyFile::NotACollection("Point".into()));
    let mercator = r#"{"type": "FeatureCollection", "crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}, "features": []}"#;
    assert!(matches!(features(mercator.as_bytes()).unwrap_err(), FaultyFile::ForeignSystem(_)));
    let gdal = r#"{"type": "FeatureCollection", "crs": {"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}, "features": []}"#;
    assert_eq!(features(gdal.as_bytes()), Ok(vec![]));
}

#[test]
fn a_file_nested_too_deep_is_refused_without_harm() {
    let deep = format!("{{\"type\": \"FeatureCollection\", \"features\": {}", "[".repeat(100_000));
    assert!(matches!(features(deep.as_bytes()).unwrap_err(), FaultyFile::Malformed { .. }));
}
