//! What each role may do: exactly what its function calls.

use crate::project;
use serde_json::Value;
use std::collections::BTreeSet;

/// What each function calls, by its adapters' methods. A function that calls something else fails its end-to-end tests,
/// which run with IAM enforced; what stands here and is not called is caught by the second test below.
const CALLS: [(&str, &[&str]); 5] = [
    (
        "open-case",
        &[
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
            "states:DescribeExecution",
            "states:StartExecution",
        ],
    ),
    (
        "start-investigation",
        &[
            "detective:GetInvestigation",
            "detective:ListGraphs",
            "detective:ListInvestigations",
            "detective:StartInvestigation",
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        ],
    ),
    ("check-investigation", &["detective:GetInvestigation", "dynamodb:GetItem"]),
    (
        "assess-case",
        &[
            "detective:GetInvestigation",
            "detective:ListIndicators",
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        ],
    ),
    (
        "send-alert",
        &[
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
            "kms:Decrypt",
            "kms:GenerateDataKey",
            "sns:Publish",
        ],
    ),
];

/// What every function needs to log and to be traced.
const EVERY: [&str; 4] =
    ["logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"];

fn statements(role: &Value) -> Vec<Value> {
    let policies = role["Properties"]["Policies"].as_array().unwrap().iter();
    policies.flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap().clone()).collect()
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap().to_owned()).collect(),
        one => vec![one.as_str().unwrap().to_owned()],
    }
}

#[test]
fn each_function_may_do_what_it_calls_and_no_more() {
    let template = project::template();
    for (id, name) in project::functions() {
        let role = &template["Resources"][format!("{id}Role")];
        assert_eq!(template["Resources"][&id]["Properties"]["Role"]["Fn::GetAtt"], format!("{id}Role.Arn"));
        assert!(role["Properties"]["ManagedPolicyArns"].is_null(), "{name} has a managed policy");
        let granted: BTreeSet<String> = statements(role).iter().flat_map(|it| strings(&it["Action"])).collect();
        let calls = CALLS.iter().find(|(function, _)| *function == name).unwrap_or_else(|| panic!("{name}")).1;
        let expected: BTreeSet<String> = calls.iter().chain(&EVERY).map(|it| (*it).to_owned()).collect();
        assert_eq!(granted, expected, "{name}");
    }
}

/// Each action of the table is one that the adapters really call. TransactWriteItems is granted by the actions it holds,
/// the queue's trigger calls for itself, and KMS is called by SNS.
#[test]
fn each_action_is_called_somewhere() {
    let sources: String = ["case_table/mod.rs", "detective/mod.rs", "executions.rs", "topic.rs", "dead_letters.rs"]
        .iter()
        .map(|file| project::text(&format!("shared/aws/src/{file}")))
        .collect();
    for action in CALLS.iter().flat_map(|(_, actions)| *actions) {
        let (service, operation) = action.split_once(':').unwrap();
        let by_others = service == "kms"
            || matches!(operation, "PutItem" | "DeleteMessage" | "GetQueueAttributes" | "ReceiveMessage");
        let mut method = String::new();
        for letter in operation.chars() {
            if letter.is_uppercase() && !method.is_empty() {
                method.push('_');
            }
            method.extend(letter.to_lowercase());
        }
        assert!(by_others || sources.contains(&format!(".{method}()")), "{action}: nothing calls {method}");
    }
    assert!(sources.contains("Put::builder()"));
}

#[test]
fn no_policy_has_a_wildcard_but_where_the_action_takes_no_resource() {
    let template = project::template();
    let resources = template["Resources"].as_object().unwrap();
    for (id, role) in resources.iter().filter(|(_, it)| it["Type"] == "AWS::IAM::Role") {
        for statement in statements(role) {
            for action in strings(&statement["Action"]) {
                assert!(!action.contains('*'), "{id}: {action}");
            }
            if statement["Resource"] == "*" {
                let says_so = statement["Sid"].as_str().unwrap_or_default();
                assert!(
                    says_so.ends_with("TakesNoResource") || says_so.ends_with("TakeNoResource"),
                    "{id}: {statement}"
                );
            }
        }
    }
}

#[test]
fn the_state_machine_may_invoke_its_functions_and_publish_to_its_topic() {
    let template = project::template();
    let statements = statements(&template["Resources"]["CaseStateMachineRole"]);
    let invoke = statements.iter().find(|it| it["Action"] == "lambda:InvokeFunction").unwrap();
    let invoked: BTreeSet<&str> =
        invoke["Resource"].as_array().unwrap().iter().map(|it| it["Fn::GetAtt"].as_str().unwrap()).collect();
    let given = &template["Resources"]["CaseStateMachine"]["Properties"]["DefinitionSubstitutions"];
    let named: BTreeSet<&str> =
        given.as_object().unwrap().values().filter_map(|it| it["Fn::GetAtt"].as_str()).collect();
    assert_eq!(invoked, named);
    assert!(statements.iter().any(|it| it["Action"] == "sns:Publish" && it["Resource"]["Ref"] == "AlertTopic"));
}
