//! Exceptions from the checks of the templates: each has its reason.

use crate::project;
use serde_json::json;
use std::collections::BTreeSet;

fn is_reason(text: &str) -> bool {
    text.split_whitespace().count() >= 5
}

/// A template that is not listed here would not be checked.
#[test]
fn every_template_is_listed() {
    let folders = ["case", "graph"].map(|name| project::path(&format!("infra/{name}")));
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()));
    let names = files.map(|it| {
        let folder = it.parent().unwrap().file_name().unwrap().to_str().unwrap();
        format!("infra/{folder}/{}", it.file_name().unwrap().to_str().unwrap())
    });
    let found: BTreeSet<String> = names.filter(|it| it.ends_with(".yaml") && !it.ends_with(".asl.yaml")).collect();
    let files: Vec<&str> = project::TEMPLATES.into_iter().chain(project::PARTS).collect();
    assert_eq!(found, files.iter().map(|it| (*it).to_owned()).collect());
    let makefile = project::text("Makefile");
    let lint = makefile.lines().find(|line| line.contains("bin/cfn-lint") && line.contains(project::CASE)).unwrap();
    for file in files {
        assert!(lint.split(' ').any(|it| it == file), "make check: {file}");
    }
    for file in project::STACKS {
        assert!(makefile.contains(&format!("validate --template {file} --lint")), "make check: {file}");
    }
}

#[test]
fn every_skipped_check_of_a_resource_has_a_reason() {
    for file in project::TEMPLATES {
        let template = project::yaml(file);
        for (id, resource) in template["Resources"].as_object().unwrap() {
            for skip in resource["Metadata"]["checkov"]["skip"].as_array().into_iter().flatten() {
                assert!(skip["id"].as_str().unwrap().starts_with("CKV"), "{file}: {id}: {skip}");
                assert!(is_reason(skip["comment"].as_str().unwrap_or_default()), "{file}: {id}: {skip}");
            }
        }
    }
    // The other forms of skipping a check have no field for a reason, or none that this test reads.
    for file in project::TEMPLATES.into_iter().chain(project::PARTS) {
        let text = project::text(file);
        for other in ["checkov:skip", "bridgecrew", "cfn-lint", "ignore_checks"] {
            assert!(!text.contains(other), "{file}: {other}");
        }
    }
}

#[test]
fn every_globally_skipped_check_has_a_reason() {
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

/// CKV_AWS_27 accepts customer-managed keys only.
#[test]
fn every_queue_is_encrypted() {
    let mut count = 0;
    for file in project::TEMPLATES {
        let template = project::yaml(file);
        let resources = template["Resources"].as_object().unwrap();
        for (id, queue) in resources.iter().filter(|(_, it)| it["Type"] == "AWS::SQS::Queue") {
            assert_eq!(queue["Properties"]["SqsManagedSseEnabled"], true, "{file}: {id}");
            count += 1;
        }
    }
    assert!(count >= 9, "{count}");
}

/// CKV_AWS_116 requires a dead-letter queue that only asynchronous invocations use. SQS and Step Functions invoke synchronously.
#[test]
fn every_function_is_invoked_synchronously() {
    for file in project::STACKS {
        let template = project::yaml(file);
        for (id, name) in project::functions_of(&template) {
            let events = &template["Resources"][&id]["Properties"]["Events"];
            for event in events.as_object().into_iter().flat_map(|events| events.values()) {
                assert_eq!(event["Type"], "SQS", "{name}");
            }
        }
    }
    for file in project::STACKS.into_iter().chain(project::PARTS) {
        let text = project::text(file);
        for caller in ["AWS::Lambda::Permission", "AWS::Lambda::EventInvokeConfig", "Protocol: lambda"] {
            assert!(!text.contains(caller), "{file}: {caller}");
        }
    }
    assert!(!project::text("infra/case/case.asl.json").contains("\"InvocationType\""));
}
