//! The JSON Schemas of the messages to subscribers, compared with docs/schemas.

mod domain_codes;

pub(crate) use domain_codes::*;

use super::{Alert, GraphHealthNotice, VERSION};
use crate::channels::ocsf::Unmapped;
use crate::notification::CaseFailure;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;
use std::path::Path;

/// The paths of members and of enum values without a description. A tag needs none, because its values are described; nor does a
/// member that is a variant, because the variant is described.
fn undescribed(schema: &Value, path: &str) -> Vec<String> {
    let lacks = |it: &Value| it.get("description").is_none() && it.get("const").is_none();
    match schema {
        Value::Object(parts) => {
            // schemars renders a variant with data this way.
            let is_variant = parts.contains_key("description") && schema["additionalProperties"] == false;
            let of_part = |(name, part): (&String, &Value)| {
                let path = format!("{path}/{name}");
                let lacking_here: Vec<String> = match (name.as_str(), part) {
                    ("properties" | "$defs", Value::Object(members)) if !is_variant => members
                        .iter()
                        .filter(|(_, it)| lacks(it))
                        .map(|(member, _)| format!("{path}/{member}"))
                        .collect(),
                    ("oneOf", Value::Array(values)) => {
                        let lacking = values.iter().filter(|it| it.get("description").is_none());
                        lacking.map(|it| format!("{path}: {it}")).collect()
                    }
                    _ => Vec::new(),
                };
                lacking_here.into_iter().chain(undescribed(part, &path)).collect::<Vec<_>>()
            };
            parts.iter().flat_map(of_part).collect()
        }
        Value::Array(parts) => parts.iter().flat_map(|part| undescribed(part, path)).collect(),
        _ => Vec::new(),
    }
}

/// Compares a schema in docs/schemas with the type; writes it first if `UPDATE_SCHEMAS` is set.
///
/// `notification`: the value of the member `notification`, which is not a member of the type.
fn assert_schema_is_current<T: JsonSchema>(name: &str, title: &str, notification: Option<&str>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/schemas/{name}.schema.json"));
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    if let (Some(code), Some(properties)) = (notification, schema.get_mut("properties")) {
        let about = "The type of the message. Missing in messages of earlier releases.";
        properties["notification"] = serde_json::json!({"const": code, "description": about});
    }
    schema.insert("title".to_owned(), title.into());
    schema.insert("$id".to_owned(), format!("urn:gumshoe:{name}:{VERSION}").into());
    let schema: Value = schema.into();
    assert_eq!(
        undescribed(&schema, name),
        Vec::<String>::new(),
        "docs/ALERT-JSON.md promises that the schema describes every member and code"
    );
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&schema).unwrap() + "\n").unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert!(kept == schema, "{name}: UPDATE_SCHEMAS=1 cargo test -p gumshoe-alerts schema updates the file");
}

#[test]
fn schemas_in_docs_match_the_types() {
    assert_schema_is_current::<Alert>("alert", "An alert of Gumshoe, version 1", Some("alert"));
    assert_schema_is_current::<GraphHealthNotice>(
        "graph-health",
        "A notice of Gumshoe about new issues of the behavior graph, version 1",
        Some("graph-health"),
    );
    assert_schema_is_current::<CaseFailure>(
        "not-worked",
        "A case that Gumshoe could not process, version 1",
        Some("not-worked"),
    );
    assert_schema_is_current::<Unmapped>(
        "ocsf-unmapped",
        "The member unmapped of Gumshoe's OCSF events, version 1",
        None,
    );
}

#[test]
fn missing_descriptions_are_found() {
    let codes = serde_json::json!({"oneOf": [{"const": "a", "description": "A."}, {"enum": ["b", "c"]}], "description": "Codes."});
    let schema = serde_json::json!({
        "properties": {"known": {"description": "It.", "properties": {"new": {"type": "string"}}}, "tag": {"const": "t"}},
        "$defs": {"Codes": codes},
    });
    let mut found = undescribed(&schema, "");
    found.sort();
    assert_eq!(found, ["/$defs/Codes/oneOf: {\"enum\":[\"b\",\"c\"]}", "/properties/known/properties/new"]);
}
