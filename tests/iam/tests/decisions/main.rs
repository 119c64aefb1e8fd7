//! Evaluates the policies in infra/: every permission of every role, and every request that a resource policy allows or denies, by the
//! table in cases.yaml. The evaluator is iam-simulate, which is independent of the emulator.
//!
//! Its keys are those that AWS sends. A role's session has the role's ARN as aws:PrincipalArn; a service has none.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

#[allow(dead_code, reason = "the contract tests use all of it")]
#[allow(unused_imports, reason = "its unit test runs with the contract tests")]
#[path = "../../../contract/tests/contract/nested.rs"]
mod nested;
#[allow(dead_code, reason = "the contract tests use all of it")]
#[path = "../../../contract/tests/contract/project.rs"]
mod project;
mod stack;
mod table;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use requirements::Outcome;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use table::{Request, Table};

/// A request, and what the evaluator decided: see decide.cjs.
type Decision = (Request, Value);

fn main() {
    let trials = vec![
        Trial::test("every_permission_of_every_role_is_in_the_table", every_permission_is_in_the_table),
        Trial::ignorable_test("every_decision_matches_the_table", || with_tool(decisions_match_the_table)),
        Trial::ignorable_test("every_deny_statement_denies_a_request", || {
            with_tool(every_deny_statement_denies_a_request)
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Runs a test with all requests of the table and their decisions, if the evaluator is installed.
fn with_tool(test: fn(&Table, &[Decision]) -> Result<(), Failed>) -> Outcome {
    let Some(modules) = requirements::node_modules() else { return requirements::missing_node() };
    let table = Table::read();
    let requests = table.requests();
    let decisions = decide(&requests, modules)?;
    test(&table, &requests.into_iter().zip(decisions).collect::<Vec<_>>())?;
    Ok(Completion::Completed)
}

fn decide(requests: &[Request], modules: PathBuf) -> Result<Vec<Value>, Failed> {
    let simulations: Vec<&Value> = requests.iter().map(|it| &it.simulation).collect();
    let mut child = Command::new("node")
        .arg(project::path("tests/iam/decide.cjs"))
        .env("NODE_PATH", modules)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().ok_or("node has no standard input")?;
    input.write_all(&serde_json::to_vec(&simulations)?)?;
    drop(input);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("node decide.cjs ended with {}", output.status).into());
    }
    let decisions: Vec<Value> = serde_json::from_slice(&output.stdout)?;
    assert_eq!(decisions.len(), requests.len());
    Ok(decisions)
}

fn decisions_match_the_table(_: &Table, decided: &[Decision]) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for (request, decision) in decided {
        if let Some(errors) = decision["errors"].as_str() {
            wrong.push(format!("{}: {errors}", request.text));
        } else if decision["allowed"] != request.is_allowed {
            wrong.push(format!("{}: it is decided otherwise, {}", request.text, decision["denials"]));
        }
    }
    assert!(decided.len() > 300, "{}", decided.len());
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// A statement that denies nothing in the table may be misspelled, or shadowed by another.
fn every_deny_statement_denies_a_request(table: &Table, decided: &[Decision]) -> Result<(), Failed> {
    let mut decisive = BTreeSet::new();
    for (request, decision) in decided {
        for sid in decision["denials"].as_array().into_iter().flatten() {
            decisive.extend(
                request.resource.clone().map(|(stack, id)| (stack, id, sid.as_str().unwrap_or_default().to_owned())),
            );
        }
    }
    let mut idle = Vec::new();
    for stack in table.stacks.values().filter(|it| !it.is_variant) {
        for kind in ["AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::S3::Bucket"] {
            for id in stack.ids(kind) {
                let policy = stack.resource_policy(id).ok_or_else(|| format!("{} {id} has no policy", stack.name))?;
                let arn = stack.arn(id);
                for statement in policy["Statement"].as_array().into_iter().flatten() {
                    let of_it = statement["Resource"].to_string().contains(&arn);
                    let sid = statement["Sid"].as_str().unwrap_or_default();
                    let denied = (stack.name.clone(), id.to_owned(), sid.to_owned());
                    // The requirement of TLS is one statement for all queues of a policy.
                    if statement["Effect"] == "Deny"
                        && of_it
                        && sid != "NothingWithoutTls"
                        && !decisive.contains(&denied)
                    {
                        idle.push(format!("{} {id}: {sid}", stack.name));
                    }
                }
            }
        }
        let has_tls = decisive.iter().any(|(name, _, sid)| *name == stack.name && sid == "NothingWithoutTls");
        if !stack.ids("AWS::SQS::Queue").is_empty() && !has_tls {
            idle.push(format!("{}: NothingWithoutTls", stack.name));
        }
    }
    if idle.is_empty() { Ok(()) } else { Err(format!("these deny nothing in the table: {idle:#?}").into()) }
}

fn every_permission_is_in_the_table() -> Result<(), Failed> {
    let table = Table::read();
    let requests = table.requests();
    let mut missing = Vec::new();
    for stack in table.stacks.values().filter(|it| !it.is_variant) {
        for role in stack.ids("AWS::IAM::Role") {
            let who = format!("{}/{role}", stack.name);
            let of_role = |is_allowed: bool| -> BTreeSet<&str> {
                let of_role = requests.iter().filter(|it| it.who == who && it.is_allowed == is_allowed);
                of_role.map(|it| it.action.as_str()).collect()
            };
            let (allowed, denied) = (of_role(true), of_role(false));
            for policy in stack.identity_policies(role) {
                for statement in policy["Statement"].as_array().into_iter().flatten() {
                    let actions = match &statement["Action"] {
                        Value::Array(actions) => actions.clone(),
                        one => vec![one.clone()],
                    };
                    let actions = actions.iter().filter_map(Value::as_str).filter(|it| !allowed.contains(it));
                    missing.extend(actions.map(|action| format!("{who} may {action}")));
                }
            }
            if denied.is_empty() {
                missing.push(format!("{who} may not do something"));
            }
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(format!("the table lacks {missing:#?}").into()) }
}
