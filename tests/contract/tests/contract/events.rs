//! The events that each function may put.

use crate::policies::statements;
use crate::project;
use serde_json::{Value, json};

/// A function puts events of Gumshoe's source alone, and no findings among them. On AWS `events:source` is a list.
#[test]
fn each_function_may_put_its_own_events_only() {
    let templates = project::STACKS.map(project::yaml);
    let resources = templates.iter().flat_map(|it| it["Resources"].as_object().unwrap());
    let mut found: Vec<(&str, Value, Value)> = Vec::new();
    for (id, role) in resources.filter(|(_, it)| it["Type"] == "AWS::IAM::Role") {
        for statement in statements(role) {
            if statement.to_string().contains("events:PutEvents") {
                found.push((id, statement["Action"].clone(), statement["Condition"].clone()));
            }
        }
    }
    let condition = |types: Value| {
        json!({
            "Null": {"events:source": "false"},
            "ForAllValues:StringEquals": {"events:source": "gumshoe", "events:detail-type": types},
        })
    };
    found.sort_by_key(|(id, ..)| *id);
    let expected = [
        ("AssessCaseFunctionRole", json!("events:PutEvents"), condition(json!("Case Closed"))),
        ("SendAlertFunctionRole", json!("events:PutEvents"), condition(json!(["Case Alerted", "Case Closed"]))),
    ];
    assert_eq!(found, expected);
}
