//! What `/openapi.json` must hold for anyone to use it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::Kitchen;

async fn document() -> Value {
    Kitchen::quiet().ask("GET", "/openapi.json", "").await.json()
}

/// Calls `visit` with every value and the way to it.
fn walk(value: &Value, way: &str, visit: &mut dyn FnMut(&str, &Value)) {
    visit(way, value);
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| walk(item, &format!("{way}/{index}"), visit))
        }
        Value::Object(entries) => {
            entries.iter().for_each(|(key, item)| walk(item, &format!("{way}/{key}"), visit))
        }
        _ => {}
    }
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((method.clone(), path.clone(), operation.clone()));
        }
    }
    operations
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_every_schema_is_wanted() {
    let document = document().await;
    let mut references = BTreeSet::new();
    walk(&document, "", &mut |_, value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            references.insert(reference.to_owned());
        }
    });
    assert!(!references.is_empty());
    for reference in &references {
        let target =
            reference.strip_prefix("#/").unwrap().split('/').fold(&document, |value, key| &value[key]);
        assert!(target.is_object(), "{reference}");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(references.contains(&format!("#/components/schemas/{name}")), "{name}");
    }
}

#[tokio::test]
async fn every_parameter_of_a_path_is_declared_once_and_no_other() {
    let document = document().await;
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let declared: Vec<(&str, &str)> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| (one["in"].as_str().unwrap(), one["name"].as_str().unwrap()))
            .collect();
        assert_eq!(declared.iter().collect::<BTreeSet<_>>().len(), declared.len(), "{method} {path}");
        let in_path: BTreeSet<&str> =
            declared.iter().filter(|(place, _)| *place == "path").map(|(_, name)| *name).collect();
        let in_template: BTreeSet<&str> =
            path.split('{').skip(1).map(|part| part.split('}').next().unwrap()).collect();
        assert_eq!(in_path, in_template, "{method} {path}");
        assert!(ids.insert(operation["operationId"].to_string()), "{method} {path}");
        assert!(operation["responses"]["default"].is_object() && operation["tags"] == json!(["Kitchen"]));
    }
}

#[tokio::test]
async fn paths_of_one_shape_have_one_set_of_names() {
    let document = document().await;
    let shape = |path: &str| {
        let mut parts: Vec<String> = path.split('{').map(str::to_owned).collect();
        parts.iter_mut().skip(1).for_each(|part| *part = part.split_once('}').unwrap().1.to_owned());
        parts.join("{}")
    };
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    let shapes: BTreeSet<String> = paths.iter().map(|path| shape(path)).collect();
    assert_eq!(shapes.len(), paths.len(), "{paths:?}");
    assert!(
        document["paths"]["/v1/kitchens/{kitchen}/dishes/{dish}"]["patch"].is_object(),
        "names of the resource's pattern"
    );
    assert!(document["paths"]["/v1/kitchens/{kitchen}/dishes/{dish}:cook"]["post"].is_object());
}

#[tokio::test]
async fn parameters_bodies_and_answers_are_those_of_the_binding() {
    let document = document().await;
    let parameters = |path: &str, method: &str| -> BTreeSet<String> {
        let parameters =
            document["paths"][path][method]["parameters"].as_array().cloned().unwrap_or_default();
        parameters
            .iter()
            .filter(|one| one["in"] == "query")
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let names = |names: &[&str]| -> BTreeSet<String> { names.iter().map(ToString::to_string).collect() };
    let list = parameters("/v1/kitchens/{kitchens_id}/dishes", "get");
    assert!(
        list.contains("pageSize") && list.contains("cook.teacher.fullName") && !list.contains("parent"),
        "{list:?}"
    );
    assert_eq!(parameters("/v1/kitchens/{kitchens_id}/dishes", "post"), names(&["dishId"]));
    assert_eq!(parameters("/v1/kitchens/{kitchen}/dishes/{dish}", "patch"), names(&["updateMask"]));
    assert_eq!(parameters("/v1/kitchens/{kitchen}/dishes/{dish}:cook", "post"), names(&[]));
    let body = |path: &str, method: &str| &document["paths"][path][method]["requestBody"]["content"];
    let cook = &body("/v1/kitchens/{kitchen}/dishes/{dish}:cook", "post")["application/json"]["schema"]["properties"];
    assert_eq!(cook.as_object().unwrap().keys().collect::<Vec<_>>(), ["heat"]);
    assert!(body("/v1/kitchens/{kitchens_id}/dishes:import", "post")["application/x-ndjson"].is_object());
    let answers = &document["paths"]["/v1/dishes:watch"]["get"]["responses"]["200"]["content"];
    assert!(answers["application/x-ndjson"].is_object() && answers["text/event-stream"].is_object());
    let names =
        &document["paths"]["/v1/kitchens/{kitchens_id}/dishes:names"]["get"]["responses"]["200"]["content"];
    assert_eq!(names["application/json"]["schema"], json!({"type": "array", "items": {"type": "string"}, }));
}

#[tokio::test]
async fn comments_and_behaviour_are_shown() {
    let document = document().await;
    assert_eq!(
        document["tags"][0],
        json!({"name": "Kitchen", "description": "Dishes, and how they are cooked."})
    );
    let dish = &document["components"]["schemas"]["kitchen.v1.Dish"];
    assert_eq!(dish["required"], json!(["displayName"]));
    assert_eq!(dish["properties"]["createTime"]["readOnly"], true);
    assert_eq!(dish["properties"]["secret"]["writeOnly"], true);
    assert_eq!(dish["properties"]["priceFen"]["type"], "string");
    let heat = document["components"]["schemas"]["kitchen.v1.Heat"]["description"].as_str().unwrap();
    assert!(heat.contains("`HEAT_HOT`: Very"), "{heat}");
}
