//! The project's files.

use super::nested;
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The stack that processes cases.
pub(crate) const CASE: &str = "infra/case/template.yaml";
/// The stack that administers the behavior graph.
pub(crate) const GRAPH: &str = "infra/graph/template.yaml";
/// The stack in member accounts that are invited.
pub(crate) const MEMBER: &str = "infra/graph/member.yaml";

/// The templates that have functions.
pub(crate) const STACKS: [&str; 3] = [CASE, GRAPH, MEMBER];

/// All templates of infra/.
pub(crate) const TEMPLATES: [&str; 6] =
    [CASE, "infra/case/member-role.yaml", GRAPH, MEMBER, "infra/graph/management-role.yaml", "infra/case/forward.yaml"];

/// Nested templates of the case stack. [`yaml`] merges them into their parent.
pub(crate) const PARTS: [&str; 2] = ["infra/case/rights.yaml", "infra/case/alarms.yaml"];

pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

pub(crate) fn text(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The template of the case stack as JSON. CloudFormation's short forms become the long ones: `!Ref X` is `{"Ref": "X"}`,
/// `!GetAtt A.B` is `{"Fn::GetAtt": "A.B"}`.
pub(crate) fn template() -> Value {
    yaml(CASE)
}

/// The template of the graph stack.
pub(crate) fn graph_template() -> Value {
    yaml(GRAPH)
}

pub(crate) fn yaml(file: &str) -> Value {
    nested::merge_nested(file, as_json(&Yaml::load_from_str(&text(file)).unwrap()[0]))
}

pub(crate) fn state_machine() -> Value {
    serde_json::from_str(&text("infra/case/case.asl.json")).unwrap()
}

/// The states of the state machine, by name.
pub(crate) fn states() -> BTreeMap<String, Value> {
    state_machine()["States"].as_object().unwrap().iter().map(|(name, state)| (name.clone(), state.clone())).collect()
}

/// The logical ids of a template's functions with the name of each one's folder.
pub(crate) fn functions_of(template: &Value) -> Vec<(String, String)> {
    let resources = template["Resources"].as_object().unwrap();
    let functions = resources.iter().filter(|(_, it)| it["Type"] == "AWS::Serverless::Function");
    functions
        .map(|(id, it)| (id.clone(), it["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap().to_owned()))
        .collect()
}

/// The folders of the functions' packages: those in functions/, and those of one kind in a folder there.
pub(crate) fn function_folders() -> Vec<PathBuf> {
    let entries = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect::<Vec<_>>();
    let (packages, kinds): (Vec<_>, Vec<_>) =
        entries(&path("functions")).into_iter().partition(|it| it.join("Cargo.toml").is_file());
    packages.into_iter().chain(kinds.iter().flat_map(|kind| entries(kind))).collect()
}

/// The folder of a function's package.
pub(crate) fn function_folder(name: &str) -> PathBuf {
    let folder = function_folders().into_iter().find(|it| it.file_name().is_some_and(|folder| folder == name));
    folder.unwrap_or_else(|| panic!("functions/ has no {name}"))
}

pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => rust_files(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

fn as_json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::String(text)) => json!(text),
        Yaml::Value(Scalar::Integer(number)) => json!(number),
        Yaml::Value(Scalar::FloatingPoint(number)) => json!(number.into_inner()),
        Yaml::Value(Scalar::Boolean(flag)) => json!(flag),
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Representation(text, ..) => json!(text),
        Yaml::Sequence(items) => items.iter().map(as_json).collect(),
        Yaml::Mapping(members) => {
            let members = members.iter().map(|(name, value)| (as_json(name), as_json(value)));
            Value::Object(merged(members.map(|(name, value)| (name.as_str().unwrap().to_owned(), value)).collect()))
        }
        Yaml::Tagged(tag, inner) => {
            let name = match tag.suffix.as_str() {
                "Ref" => "Ref".to_owned(),
                other => format!("Fn::{other}"),
            };
            json!({name: as_json(inner)})
        }
        other => panic!("{other:?} in the template"),
    }
}

/// The members with those of `<<`, the merge key: the mapping's own members take precedence.
fn merged(mut members: Map<String, Value>) -> Map<String, Value> {
    if let Some(Value::Object(more)) = members.remove("<<") {
        for (name, value) in more {
            members.entry(name).or_insert(value);
        }
    }
    members
}
