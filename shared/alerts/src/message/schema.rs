//! The JSON Schemas of what subscribers receive, held against docs/schemas.

mod domain_codes;

pub(crate) use domain_codes::*;

use super::{Alert, GraphHealthNotice, VERSION};
use crate::channels::ocsf::Unmapped;
use crate::notification::CaseFailure;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;
use std::path::Path;

/// The places of members and of values to choose from that have no description. A member that says which of the values it is
/// needs none, nor does one that is a value and is described as such.
fn undescribed(schema: &Value, place: &str) -> Vec<String> {
    let lacks = |it: &Value| it.get("description").is_none() && it.get("const").is_none();
    match schema {
        Value::Object(parts) => {
            // How schemars writes a variant with data.
            let is_value = parts.contains_key("description") && schema["additionalProperties"] == false;
            let of_part = |(name, part): (&String, &Value)| {
                let place = format!("{place}/{name}");
                let here: Vec<String> = match (name.as_str(), part) {
                    ("properties" | "$defs", Value::Object(members)) if !is_value => members
                        .iter()
                        .filter(|(_, it)| lacks(it))
                        .map(|(member, _)| format!("{place}/{member}"))
                        .collect(),
                    ("oneOf", Value::Array(values)) => {
                        let lacking = values.iter().filter(|it| it.get("description").is_none());
                        lacking.map(|it| format!("{place}: {it}")).collect()
                    }
                    _ => Vec::new(),
                };
                here.into_iter().chain(undescribed(part, &place)).collect::<Vec<_>>()
            };
            parts.iter().flat_map(of_part).collect()
        }
        Value::Array(parts) => parts.iter().flat_map(|part| undescribed(part, place)).collect(),
        _ => Vec::new(),
    }
}

/// Holds a schema in docs/schemas against the types; writes it where `UPDATE_SCHEMAS` is set.
///
/// `notification`: what the message says that it is, beside the members of its type.
fn hold<T: JsonSchema>(name: &str, title: &str, notification: Option<&str>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/schemas/{name}.schema.json"));
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    if let (Some(code), Some(properties)) = (notification, schema.get_mut("properties")) {
        let about = "What the message is. Missing in messages of earlier releases.";
        properties["notification"] = serde_json::json!({"const": code, "description": about});
    }
    schema.insert("title".to_owned(), title.into());
    schema.insert("$id".to_owned(), format!("urn:gumshoe:{name}:{VERSION}").into());
    let schema: Value = schema.into();
    assert_eq!(
        undescribed(&schema, name),
        Vec::<String>::new(),
        "docs/ALERT-JSON.md says that the schema has what each means"
    );
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&schema).unwrap() + "\n").unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert!(kept == schema, "{name}: UPDATE_SCHEMAS=1 cargo test -p gumshoe-alerts schema writes it anew");
}

#[test]
fn the_schemas_in_docs_are_those_of_the_types() {
    hold::<Alert>("alert", "An alert of Gumshoe, version 1", Some("alert"));
    hold::<GraphHealthNotice>(
        "graph-health",
        "A notice of Gumshoe that the behavior graph got worse, version 1",
        Some("graph-health"),
    );
    hold::<CaseFailure>("not-worked", "A case that Gumshoe could not bring to its end, version 1", Some("not-worked"));
    hold::<Unmapped>("ocsf-unmapped", "The member unmapped of Gumshoe's OCSF events, version 1", None);
}

#[test]
fn what_has_no_description_is_found() {
    let words = serde_json::json!({"oneOf": [{"const": "a", "description": "A."}, {"enum": ["b", "c"]}], "description": "Words."});
    let schema = serde_json::json!({
        "properties": {"known": {"description": "It.", "properties": {"new": {"type": "string"}}}, "tag": {"const": "t"}},
        "$defs": {"Words": words},
    });
    let mut found = undescribed(&schema, "");
    found.sort();
    assert_eq!(found, ["/$defs/Words/oneOf: {\"enum\":[\"b\",\"c\"]}", "/properties/known/properties/new"]);
}
