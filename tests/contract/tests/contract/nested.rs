//! Merges nested templates into their parent, so that a test of a stack does not depend on the number of its files.

use super::project;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// The template with the resources of its nested stacks in place of the stacks. Parameters become the values that the stack
/// passes; the documents of nested policies become policies of the role that names them.
pub(crate) fn merge_nested(file: &str, mut template: Value) -> Value {
    let stacks: Vec<(String, Value)> = match template["Resources"].as_object() {
        Some(resources) => resources
            .iter()
            .filter(|(_, it)| it["Type"] == "AWS::CloudFormation::Stack")
            .map(|(id, it)| (id.clone(), it["Properties"].clone()))
            .collect(),
        None => return template,
    };
    for (id, stack) in stacks {
        let file = Path::new(file).with_file_name(stack["TemplateURL"].as_str().unwrap());
        let nested = project::yaml(file.to_str().unwrap());
        merge_one(&mut template, &id, &nested, &passed(&nested, &stack["Parameters"]));
    }
    template
}

/// The values that the stack passes: exactly one for each parameter of the nested template.
fn passed(nested: &Value, parameters: &Value) -> Map<String, Value> {
    let given = parameters.as_object().unwrap();
    let names = |members: &Map<String, Value>| members.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(nested["Parameters"].as_object().unwrap()), names(given));
    given.clone()
}

fn merge_one(template: &mut Value, id: &str, nested: &Value, passed: &Map<String, Value>) {
    for (name, condition) in nested["Conditions"].as_object().unwrap() {
        let condition = replaced(condition, passed, None);
        let conditions = template["Conditions"].as_object_mut().unwrap();
        let known = conditions.entry(name.clone()).or_insert_with(|| condition.clone());
        assert_eq!(*known, condition, "condition {name} of {id} means something else in the stack");
    }
    template["Resources"].as_object_mut().unwrap().remove(id);
    for (name, resource) in nested["Resources"].as_object().unwrap() {
        if resource["Type"] == "AWS::IAM::ManagedPolicy" {
            let document = &resource["Properties"]["PolicyDocument"];
            give_to_role(template, &format!("{id}.Outputs.{name}"), (name, document), passed);
        } else {
            let resource = replaced(resource, passed, resource["Condition"].as_str());
            let before = template["Resources"].as_object_mut().unwrap().insert(name.clone(), resource);
            assert_eq!(before, None, "{name} is in {id} and in the stack");
        }
    }
}

/// Puts the document among the policies of the one role that names the policy.
fn give_to_role(template: &mut Value, output: &str, (name, document): (&str, &Value), passed: &Map<String, Value>) {
    let named = json!({"Fn::GetAtt": output});
    let resources = template["Resources"].as_object_mut().unwrap();
    let mut roles = resources.values_mut().filter(|it| it["Properties"]["ManagedPolicyArns"] == json!([named]));
    let role = roles.next().unwrap_or_else(|| panic!("no role has {output}"));
    let document = replaced(document, passed, role["Condition"].as_str());
    let role = role["Properties"].as_object_mut().unwrap();
    role.remove("ManagedPolicyArns");
    role.insert("Policies".to_owned(), json!([{"PolicyName": name, "PolicyDocument": document}]));
    assert!(roles.next().is_none(), "two roles have {output}");
}

/// The value with the passed values in place of the parameters. `condition` is that of the resource: an `Fn::If` with it in a
/// passed value takes the first branch.
fn replaced(value: &Value, passed: &Map<String, Value>, condition: Option<&str>) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|it| replaced(it, passed, condition)).collect(),
        Value::Object(members) if members.len() == 1 => {
            let (function, argument) = members.iter().next().unwrap();
            match (function.as_str(), argument.as_str()) {
                ("Ref", Some(name)) => match passed.get(name) {
                    Some(given) => branch_taken(given, condition),
                    None => value.clone(),
                },
                ("Fn::Sub", Some(text)) => json!({"Fn::Sub": substituted(text, passed)}),
                _ => json!({function: replaced(argument, passed, condition)}),
            }
        }
        Value::Object(members) => {
            members.iter().map(|(name, it)| (name.clone(), replaced(it, passed, condition))).collect()
        }
        other => other.clone(),
    }
}

fn branch_taken(given: &Value, condition: Option<&str>) -> Value {
    match given["Fn::If"].as_array() {
        Some(choice) if choice[0].as_str() == condition => choice[1].clone(),
        _ => given.clone(),
    }
}

fn substituted(text: &str, passed: &Map<String, Value>) -> String {
    passed.iter().fold(text.to_owned(), |text, (name, given)| {
        let of = |function: &str| given[function].as_str();
        let place = match (of("Ref"), of("Fn::GetAtt"), of("Fn::Sub")) {
            (Some(name), ..) | (_, Some(name), _) => format!("${{{name}}}"),
            (.., Some(text)) => text.to_owned(),
            _ => return text,
        };
        text.replace(&format!("${{{name}}}"), &place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nested_resource_reads_as_one_of_the_stack() {
        let mut template = json!({
            "Conditions": {"Has": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Secret"}, ""]}]}},
            "Resources": {
                "Nested": {"Type": "AWS::CloudFormation::Stack"},
                "Role": {"Properties": {"ManagedPolicyArns": [{"Fn::GetAtt": "Nested.Outputs.Policy"}]}},
            },
        });
        let nested = json!({
            "Parameters": {"BucketArn": {}, "QueueName": {}, "GivenSecret": {}},
            "Conditions": {"Has": {"Fn::Not": [{"Fn::Equals": [{"Ref": "GivenSecret"}, ""]}]}},
            "Resources": {
                "Alarm": {"Condition": "Has", "Properties": {"Queue": {"Ref": "QueueName"}}},
                "Policy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": [{"Fn::Sub": "${BucketArn}/*"}]}},
            },
        });
        let given = json!({
            "BucketArn": {"Fn::GetAtt": "Bucket.Arn"},
            "QueueName": {"Fn::If": ["Has", {"Fn::GetAtt": "Queue.Name"}, ""]},
            "GivenSecret": {"Ref": "Secret"},
        });
        merge_one(&mut template, "Nested", &nested, &passed(&nested, &given));
        let alarm = json!({"Condition": "Has", "Properties": {"Queue": {"Fn::GetAtt": "Queue.Name"}}});
        let policies = json!([{"PolicyName": "Policy", "PolicyDocument": [{"Fn::Sub": "${Bucket.Arn}/*"}]}]);
        assert_eq!(template["Resources"], json!({"Alarm": alarm, "Role": {"Properties": {"Policies": policies}}}));
    }
}
