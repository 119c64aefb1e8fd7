//! What the checks of the templates let pass: each exception carries its reason.

use crate::project;
use serde_json::json;

const TEMPLATES: [&str; 5] = [
    "infra/case/template.yaml",
    "infra/case/member-role.yaml",
    "infra/graph/member.yaml",
    "infra/graph/management-role.yaml",
    "infra/case/forward.yaml",
];

fn is_reason(text: &str) -> bool {
    text.split_whitespace().count() >= 5
}

#[test]
fn each_check_that_a_resource_skips_has_its_reason() {
    for file in TEMPLATES {
        let template = project::yaml(file);
        for (id, resource) in template["Resources"].as_object().unwrap() {
            for skip in resource["Metadata"]["checkov"]["skip"].as_array().into_iter().flatten() {
                assert!(skip["id"].as_str().unwrap().starts_with("CKV"), "{file}: {id}: {skip}");
                assert!(is_reason(skip["comment"].as_str().unwrap_or_default()), "{file}: {id}: {skip}");
            }
        }
        // The other ways to skip have no place for a reason, or none that is looked at here.
        let text = project::text(file);
        for other in ["checkov:skip", "bridgecrew", "cfn-lint", "ignore_checks"] {
            assert!(!text.contains(other), "{file}: {other}");
        }
    }
}

#[test]
fn each_check_that_all_skip_has_its_reason() {
    let config = project::yaml(".checkov.yaml");
    let text = project::text(".checkov.yaml");
    for check in config["skip-check"].as_array().unwrap() {
        let check = check.as_str().unwrap();
        let line = text.lines().find_map(|line| line.trim().strip_prefix(&format!("- {check} # ")));
        assert!(line.is_some_and(is_reason), ".checkov.yaml: {check}");
    }
    assert!(!text.contains("soft-fail"), "what fails, fails");
    assert_eq!(config["directory"], json!(["target/templates"]), "where make check puts every template");
}

/// CKV_AWS_27 counts only keys of one's own.
#[test]
fn every_queue_is_encrypted() {
    let template = project::template();
    let resources = template["Resources"].as_object().unwrap();
    let queues: Vec<_> = resources.iter().filter(|(_, it)| it["Type"] == "AWS::SQS::Queue").collect();
    assert!(queues.len() >= 4);
    for (id, queue) in queues {
        assert_eq!(queue["Properties"]["SqsManagedSseEnabled"], true, "{id}");
    }
}

/// CKV_AWS_116 asks for what only asynchronous calls use. A queue, and Step Functions, wait for the answer.
#[test]
fn no_function_is_called_without_somebody_who_waits() {
    let template = project::template();
    for (id, name) in project::functions() {
        let events = &template["Resources"][&id]["Properties"]["Events"];
        for event in events.as_object().into_iter().flat_map(|events| events.values()) {
            assert_eq!(event["Type"], "SQS", "{name}");
        }
    }
    let text = project::text("infra/case/template.yaml");
    for caller in ["AWS::Lambda::Permission", "AWS::Lambda::EventInvokeConfig", "Protocol: lambda"] {
        assert!(!text.contains(caller), "{caller}");
    }
    assert!(!project::text("infra/case/case.asl.json").contains("\"InvocationType\""));
}
