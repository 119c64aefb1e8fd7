//! Compares the state machine with the functions.

use crate::project::{self, states};
use gumshoe_domain::error::{ErrorName, Fault, MissingPrerequisite, Service};
use gumshoe_domain::investigation::NotInvestigatedKind;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The transient errors of each function: a task that invokes it retries them.
const TRANSIENT_ERRORS: [(&str, &[&str]); 4] = [
    (
        "${StartInvestigationFunctionArn}",
        &["DetectiveThrottled", "DetectiveUnavailable", "TableUnavailable", "TableChanged"],
    ),
    (
        "${CheckInvestigationFunctionArn}",
        &["DetectiveThrottled", "DetectiveUnavailable", "TableUnavailable", "TableChanged"],
    ),
    (
        "${AssessCaseFunctionArn}",
        &["DetectiveThrottled", "DetectiveUnavailable", "TableUnavailable", "TableChanged", "EventsUnavailable"],
    ),
    ("${SendAlertFunctionArn}", &["TableUnavailable", "TableChanged", "TopicUnavailable", "EventsUnavailable"]),
];

/// The transient errors of Lambda.
const LAMBDA_ERRORS: [&str; 9] = [
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "States.Timeout",
];

/// Errors of functions that are not about Detective.
const SERVICE_ERRORS: [&str; 11] = [
    "AlertInFlight",
    "EventsRefused",
    "EventsUnavailable",
    "NoSuchCase",
    "OutOfTurn",
    "TableChanged",
    "TableRefused",
    "TableUnavailable",
    "TableUnreadable",
    "TopicRefused",
    "TopicUnavailable",
];

/// The task that polls investigations.
const POLL_STATE: &str = "Poll investigations";

/// The error names of the functions that the state machine invokes: those of faults of services, and the texts in `fn error_name` of
/// their errors and of these services' adapters.
fn error_names() -> Vec<String> {
    const FUNCTIONS: [&str; 4] = ["start-investigation", "check-investigation", "assess-case", "send-alert"];
    const ADAPTERS: [&str; 4] = ["case_table/mod", "detective/mod", "events", "topic"];
    const SERVICES: [Service; 4] = [Service::Detective, Service::Events, Service::Table, Service::Topic];
    const FAULTS: [Fault; 6] =
        [Fault::Throttled, Fault::Unavailable, Fault::AccessDenied, Fault::NotFound, Fault::Conflict, Fault::Rejected];
    let faults = SERVICES.iter().flat_map(|service| FAULTS.map(|fault| fault.name(*service).to_owned()));
    let mut names: Vec<String> = faults.collect();
    let functions = FUNCTIONS.map(|name| format!("functions/{name}/src/error.rs"));
    let adapters = ADAPTERS.map(|name| format!("shared/aws/src/{name}.rs"));
    names.push(MissingPrerequisite { case_id: String::new(), missing: "" }.error_name().to_owned());
    for file in functions.iter().chain(&adapters) {
        let text = project::text(file);
        let body = text
            .split("fn error_name(&self) -> &'static str {")
            .nth(1)
            .unwrap_or_else(|| panic!("{file} has no error names"));
        let body = body.split("\n    }").next().unwrap();
        names.extend(body.split("=> \"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    names
}

fn matched_errors(state: &Value) -> Vec<&str> {
    let clauses = ["Retry", "Catch"].iter().flat_map(|clause| state[clause].as_array().into_iter().flatten());
    let names = clauses.flat_map(|clause| clause["ErrorEquals"].as_array().into_iter().flatten());
    names.map(|name| name.as_str().unwrap()).collect()
}

fn successors(state: &Value) -> Vec<&str> {
    let mut next: Vec<&str> = ["Next", "Default"].iter().filter_map(|name| state[name].as_str()).collect();
    for clause in ["Choices", "Catch"] {
        next.extend(state[clause].as_array().into_iter().flatten().filter_map(|it| it["Next"].as_str()));
    }
    next
}

#[test]
fn every_error_that_a_state_matches_is_one_that_a_function_returns() {
    let known: BTreeSet<String> = error_names().into_iter().collect();
    assert!(known.len() >= 15, "{known:?}");
    for (name, state) in states() {
        for error in matched_errors(&state) {
            let services_own = ["States.", "Lambda.", "Runtime.", "Sandbox."].iter().any(|it| error.starts_with(it));
            assert!(services_own || known.contains(error), "{name} matches {error}, which nothing returns");
        }
    }
}

/// Any error of a task may become the reason for which a case was not investigated.
#[test]
fn every_error_has_a_not_investigated_kind_or_is_not_about_detective() {
    let names = error_names();
    for name in names.iter().map(String::as_str).chain(LAMBDA_ERRORS) {
        let kind = NotInvestigatedKind::from(name);
        assert_eq!(kind.as_str(), name);
        let is_known = !matches!(kind, NotInvestigatedKind::Other(_));
        assert_eq!(is_known, !SERVICE_ERRORS.contains(&name) && !LAMBDA_ERRORS.contains(&name), "{name}");
    }
    for kind in NotInvestigatedKind::KNOWN.iter().filter(|kind| kind.as_str().starts_with("Detective")) {
        assert!(names.iter().any(|name| name == kind.as_str()), "nothing fails with {kind}");
    }
    let machine = project::state_machine().to_string();
    let literals: BTreeSet<&str> =
        machine.split("{'error': '").skip(1).map(|rest| rest.split('\'').next().unwrap()).collect();
    assert_eq!(literals, BTreeSet::from([NotInvestigatedKind::InvestigationDeadline.as_str()]));
}

#[test]
fn every_task_has_a_timeout_transient_retries_and_a_catch_all() {
    for (name, state) in states().iter().filter(|(_, state)| state["Type"] == "Task") {
        assert!(state["TimeoutSeconds"].is_u64(), "{name}");
        if name.starts_with("Retry ") {
            continue; // see below
        }
        let catches = state["Catch"].as_array().unwrap_or_else(|| panic!("{name} catches nothing"));
        assert!(catches.iter().any(|it| it["ErrorEquals"][0] == "States.ALL"), "{name}");
        let function = state["Arguments"]["FunctionName"].as_str();
        let Some((_, passing)) = TRANSIENT_ERRORS.iter().find(|(it, _)| function == Some(it)) else {
            assert_eq!(retried_errors(state), ["States.ALL"], "{name}");
            continue;
        };
        for error in passing.iter().chain(&LAMBDA_ERRORS) {
            let times = retried_errors(state).iter().filter(|it| it == &error).count();
            assert_eq!(times, 1, "{name} has {times} retriers for {error}");
        }
    }
}

fn retried_errors(state: &Value) -> Vec<&str> {
    let retriers = state["Retry"].as_array().into_iter().flatten();
    retriers.flat_map(|it| it["ErrorEquals"].as_array().unwrap()).map(|it| it.as_str().unwrap()).collect()
}

/// Each kind of error has one retry policy in all states, except the poll, which has its own.

#[test]
fn every_kind_of_error_has_one_retry_policy() {
    let mut policies: BTreeMap<String, Value> = BTreeMap::new();
    for (name, state) in states().iter().filter(|(name, _)| name.as_str() != POLL_STATE) {
        for retrier in state["Retry"].as_array().into_iter().flatten() {
            for error in retrier["ErrorEquals"].as_array().unwrap() {
                let known = policies.entry(error.as_str().unwrap().to_owned()).or_insert_with(|| retrier.clone());
                assert_eq!(known, retrier, "{name}: {error}");
            }
        }
    }
    assert_eq!(longest_wait(&policies["AlertInFlight"]) / 60, 2, "a claim expires after 30 seconds");
    assert_eq!(longest_wait(&policies["DetectiveThrottled"]) / 60, 20, "a burst of 1,000 cases takes some minutes");
    assert_eq!(longest_wait(&policies["Lambda.TooManyRequestsException"]) / 60, 40);
    assert_eq!(longest_wait(&policies["TableUnavailable"]) / 60, 7);
    // Detective may throttle five times in a row, and calls that compete need jitter.
    for (error, retrier) in policies.iter().filter(|(error, _)| error.as_str() != "AlertInFlight") {
        assert!(retrier["MaxAttempts"].as_u64().unwrap() > 5, "{error}");
        assert_eq!(retrier["JitterStrategy"], "FULL", "{error}");
    }
}

/// The largest total delay of a retry policy, in seconds.
fn longest_wait(retrier: &Value) -> u64 {
    let (mut delay, rate) = (retrier["IntervalSeconds"].as_f64().unwrap(), retrier["BackoffRate"].as_f64().unwrap());
    let longest = retrier["MaxDelaySeconds"].as_f64().unwrap();
    let mut waited = 0.0;
    for _ in 0..retrier["MaxAttempts"].as_u64().unwrap() {
        waited += delay.min(longest);
        delay *= rate;
    }
    waited as u64
}

/// A poll is retried a few times. If it keeps failing, another poll follows.

#[test]
fn a_failed_poll_is_followed_by_another() {
    let states = states();
    let poll = &states[POLL_STATE];
    let retriers = poll["Retry"].as_array().unwrap();
    assert_eq!(retriers.len(), 1, "one policy for all transient errors");
    assert!(retriers[0]["MaxAttempts"].as_u64().unwrap() <= 3);
    let choice = "Poll, stop or assess?";
    assert_eq!(poll["Next"], choice);
    let onward = poll["Catch"].as_array().unwrap().iter().filter(|catch| catch["Next"] == choice);
    let caught: Vec<&Value> = onward.flat_map(|catch| catch["ErrorEquals"].as_array().unwrap()).collect();
    let retried = retriers[0]["ErrorEquals"].as_array().unwrap();
    let as_set = |names: &[&Value]| names.iter().map(|name| name.to_string()).collect::<BTreeSet<String>>();
    assert_eq!(as_set(&caught), as_set(&retried.iter().collect::<Vec<_>>()));
}

/// No state depends on an undefined expression, and no Catch treats the resulting error as a result.
#[test]
fn an_evaluation_error_is_treated_like_other_errors() {
    for (name, state) in states() {
        assert!(!matched_errors(&state).contains(&"States.QueryEvaluationError"), "{name}");
        assert!(state["Output"].is_null(), "{name}: state is in variables, not in outputs");
    }
}

#[test]
fn every_state_is_reachable_and_every_transition_has_a_target() {
    let states = states();
    let machine = project::state_machine();
    let mut reached = BTreeSet::new();
    let mut next = vec![machine["StartAt"].as_str().unwrap().to_owned()];
    while let Some(name) = next.pop() {
        let state = states.get(&name).unwrap_or_else(|| panic!("there is no state {name}"));
        if reached.insert(name) {
            next.extend(successors(state).into_iter().map(str::to_owned));
        }
    }
    assert_eq!(reached, states.keys().cloned().collect());
    for (name, state) in &states {
        let ends = matches!(state["Type"].as_str(), Some("Succeed" | "Fail"));
        assert!(ends || !successors(state).is_empty(), "{name} has no successor");
    }
}

#[test]
fn the_poll_limit_is_above_the_longest_schedule() {
    let day = gumshoe_domain::schedule::Schedule::new(std::time::Duration::from_secs(1440 * 60));
    let longest = day.intervals().count();
    let condition = states()["Poll, stop or assess?"]["Choices"][0]["Condition"].as_str().unwrap().to_owned();
    let bound: usize = condition.split("$polls < ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(longest < bound, "a deadline of a day takes {longest} polls, the machine allows {bound}");
}

#[test]
fn every_invoked_function_exists_and_every_substitution_is_used() {
    let text = project::text("infra/case/case.asl.json");
    let template = project::template();
    let given = template["Resources"]["CaseStateMachine"]["Properties"]["DefinitionSubstitutions"].as_object().unwrap();
    let used: BTreeSet<&str> = text.split("${").skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
    assert_eq!(used, given.keys().map(String::as_str).collect());
    for (name, value) in given.iter().filter(|(name, _)| name.ends_with("FunctionArn")) {
        let resource = value["Fn::GetAtt"].as_str().unwrap().strip_suffix(".Arn").unwrap();
        assert_eq!(format!("{resource}Arn"), *name);
        assert_eq!(template["Resources"][resource]["Type"], "AWS::Serverless::Function", "{resource}");
    }
}

/// An execution that ends in a Fail state fails again when it is redriven; one that ends in a task continues with that task
/// (Step Functions Developer Guide, "Redrive behavior of individual states".)
#[test]
fn a_failed_execution_can_be_redriven_from_its_failed_task() {
    let states = states();
    for (name, state) in states.iter().filter(|(name, _)| name.starts_with("Retry ")) {
        let first = &states[&original_of(name)];
        for same in ["Type", "Resource", "Arguments", "Assign", "TimeoutSeconds"] {
            assert_eq!(state[same], first[same], "{name}");
        }
        assert!(state["Catch"].is_null() && state["Retry"].is_null(), "{name} has to fail the execution");
        let original = original_of(name);
        let failed_step = format!("'{}'", original.split(' ').next().unwrap().to_uppercase());
        let branches = states["Which step failed?"]["Choices"].as_array().unwrap();
        let branch = branches.iter().find(|it| it["Next"] == name.as_str()).unwrap();
        assert!(branch["Condition"].as_str().unwrap().contains(&failed_step), "{name}");
    }
}

/// The task that a state such as `Retry send alert` repeats without a catch: `Send alert`.
fn original_of(retry: &str) -> String {
    let task = retry.strip_prefix("Retry ").unwrap();
    task[..1].to_uppercase() + &task[1..]
}

#[test]
fn executions_fail_only_if_an_operator_must_act() {
    let states = states();
    let failing: Vec<&String> =
        states.iter().filter(|(_, state)| state["Type"] == "Fail").map(|(name, _)| name).collect();
    assert_eq!(failing, ["Fail case", "Fail for operator action"]);
    // People are notified once, before anything fails.
    assert_eq!(states["Already notified?"]["Choices"][0]["Next"], "Notify of failure");
    assert_eq!(states["Notify of failure"]["Assign"]["notified"], true);
    let before: Vec<&String> = states
        .iter()
        .filter(|(_, state)| successors(state).contains(&"Which step failed?"))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(before, ["Already notified?", "Notify of failure"]);

    // Events are published only after the case is closed: the alert was sent before, and is not sent again.

    for name in ["Assess case", "Send alert"] {
        let catch = &states[name]["Catch"][0];
        assert_eq!(catch["ErrorEquals"], serde_json::json!(["EventsUnavailable", "EventsRefused"]), "{name}");
        assert_eq!(original_of(catch["Next"].as_str().unwrap()), *name);
    }
}
