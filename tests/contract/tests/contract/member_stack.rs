//! infra/graph/member.yaml, the stack in member accounts, against keep-membership.

use crate::policies::{COMMON_ACTIONS, QUEUE_TRIGGER_ACTIONS, statements, strings};
use crate::project;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NAME: &str = "keep-membership";

/// The operation that each of the adapter's methods calls, by its names in the SDK and in IAM.
const METHODS: [(&str, &str, &str); 5] = [
    (".memberships.invitations()", ".list_invitations()", "detective:ListInvitations"),
    ("memberships.accept(", ".accept_invitation()", "detective:AcceptInvitation"),
    ("memberships.reject(", ".reject_invitation()", "detective:RejectInvitation"),
    ("memberships.leave(", ".disassociate_membership()", "detective:DisassociateMembership"),
    (".memberships.data_sources(", ".batch_get_membership_datasources()", "detective:BatchGetMembershipDatasources"),
];

/// Actions without a resource type in the Service Authorization Reference. The resource of the others is a graph.
const WITHOUT_RESOURCE: [&str; 2] = ["detective:ListInvitations", "detective:BatchGetMembershipDatasources"];

fn template() -> Value {
    project::yaml(project::MEMBER)
}

fn resources() -> Value {
    template()["Resources"].clone()
}

#[test]
fn the_function_accepts_no_invitation_by_default() {
    let template = template();
    assert_eq!(project::functions_of(&template), [("KeepMembershipFunction".to_owned(), NAME.to_owned())]);
    let properties = &template["Resources"]["KeepMembershipFunction"]["Properties"];
    assert_eq!(properties["FunctionName"]["Fn::Sub"], format!("${{AWS::StackName}}-{NAME}"));
    assert_eq!(template["Parameters"]["RejectOthers"]["Default"], "false", "nothing is rejected unasked");
    assert!(
        template["Parameters"]["Administrators"]["Default"].is_null(),
        "the trusted administrators have to be given"
    );
}

#[test]
fn the_function_has_the_permissions_that_it_needs_and_no_others() {
    let role = &resources()["KeepMembershipFunctionRole"];
    assert_eq!(
        resources()["KeepMembershipFunction"]["Properties"]["Role"]["Fn::GetAtt"],
        "KeepMembershipFunctionRole.Arn"
    );
    assert!(role["Properties"]["ManagedPolicyArns"].is_null());
    let handler = project::text(&format!("functions/graph/{NAME}/src/handler.rs"));
    let adapter: String = project::text("shared/graph/src/aws/memberships.rs").split_whitespace().collect();
    let mut expected: BTreeSet<String> =
        COMMON_ACTIONS.iter().chain(&QUEUE_TRIGGER_ACTIONS).map(|it| (*it).to_owned()).collect();
    for (method, call, action) in METHODS {
        assert!(handler.contains(method), "{NAME} does not call {method}");
        assert!(adapter.contains(call), "{action}: nothing calls {call}");
        expected.insert(action.to_owned());
    }
    assert_eq!(adapter.matches(".send()").count(), METHODS.len(), "a call is missing above");
    let granted: BTreeSet<String> = statements(role).iter().flat_map(|it| strings(&it["Action"])).collect();
    assert_eq!(granted, expected);
}

#[test]
fn only_actions_without_a_resource_are_granted_on_all_resources() {
    let statements = statements(&resources()["KeepMembershipFunctionRole"]);
    for statement in &statements {
        let actions = strings(&statement["Action"]);
        assert!(actions.iter().all(|action| !action.contains('*')), "{statement}");
        let on_all = statement["Resource"] == "*";
        for action in actions.iter().filter(|action| action.starts_with("detective:")) {
            assert_eq!(on_all, WITHOUT_RESOURCE.contains(&action.as_str()), "{action}");
        }
        if on_all {
            assert!(statement["Sid"].as_str().unwrap().ends_with("TakesNoResource"), "{statement}");
        }
    }
    // Graphs belong to other accounts, and may be in any Region.
    let graphs = json!({"Fn::Sub": "arn:${AWS::Partition}:detective:*:*:graph:*"});
    assert!(statements.iter().any(|it| it["Resource"] == graphs));
}

#[test]
fn a_failed_run_is_retried_and_then_dead_lettered_with_an_alarm() {
    let resources = resources();
    let target = &resources["ScheduleRule"]["Properties"]["Targets"][0];
    assert_eq!(target["Arn"]["Fn::GetAtt"], "MembershipQueue.Arn");
    assert_eq!(target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"], "DeadLetterQueue.Arn");
    let queue = &resources["MembershipQueue"]["Properties"];
    assert_eq!(queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"], "DeadLetterQueue.Arn");
    assert_eq!(queue["RedrivePolicy"]["maxReceiveCount"], 5);
    let timeout = template()["Globals"]["Function"]["Timeout"].as_u64().unwrap();
    assert!(queue["VisibilityTimeout"].as_u64().unwrap() >= 6 * timeout, "as AWS advises");
    // One run for each batch; a failed batch is retried as a whole.
    let events = resources["KeepMembershipFunction"]["Properties"]["Events"].as_object().unwrap();
    for event in events.values() {
        assert_eq!(event["Type"], "SQS", "SQS waits for the result");
        assert!(event["Properties"]["FunctionResponseTypes"].is_null());
    }
    let alarm = &resources["DeadLettersAlarm"]["Properties"];
    assert_eq!(alarm["MetricName"], "ApproximateNumberOfMessagesVisible");
    assert_eq!(alarm["Dimensions"][0]["Value"]["Fn::GetAtt"], "DeadLetterQueue.QueueName");
    assert_eq!(
        alarm["AlarmActions"]["Fn::If"],
        json!(["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}])
    );
}

#[test]
fn queues_are_encrypted_and_accept_only_the_schedules_messages_over_tls() {
    let resources = resources();
    let all = resources.as_object().unwrap();
    let queues: Vec<_> = all.iter().filter(|(_, it)| it["Type"] == "AWS::SQS::Queue").collect();
    assert_eq!(queues.len(), 2);
    let policy = &resources["QueuePolicy"]["Properties"];
    for (id, queue) in queues {
        assert_eq!(queue["Properties"]["SqsManagedSseEnabled"], true, "{id}");
        assert!(policy["Queues"].as_array().unwrap().contains(&json!({"Ref": id})), "{id}");
    }
    let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    let allowed: Vec<&Value> = statements.iter().filter(|it| it["Effect"] == "Allow").collect();
    assert_eq!(allowed.len(), 1);
    assert_eq!(allowed[0]["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::GetAtt"], "ScheduleRule.Arn");
    let denied = statements.iter().find(|it| it["Effect"] == "Deny").unwrap();
    assert_eq!(denied["Condition"]["Bool"], json!({"aws:SecureTransport": "false"}));
    assert_eq!(denied["Condition"].as_object().unwrap().len(), 1);
}

/// Build properties that have to be the same in all templates.
#[test]
fn the_function_has_the_build_properties_of_the_other_stacks() {
    let here = template();
    for file in project::STACKS {
        let there = project::yaml(file);
        for property in ["Runtime", "Handler", "Architectures", "MemorySize", "Tracing"] {
            let (ours, theirs) = (&here["Globals"]["Function"][property], &there["Globals"]["Function"][property]);
            assert_eq!(ours, theirs, "{file}: {property}");
        }
        for parameter in ["LogRetentionDays", "Architecture"] {
            let allowed = &there["Parameters"][parameter]["AllowedValues"];
            assert_eq!(here["Parameters"][parameter]["AllowedValues"], *allowed, "{file}: {parameter}");
        }
    }
}
