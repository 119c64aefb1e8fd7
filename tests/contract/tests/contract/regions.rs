//! Investigation Regions: the parameter, the permissions by Region, and infra/case/forward.yaml.

use crate::policies::{statements, strings};
use crate::project;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The functions with the parameter: those that call Detective or GuardDuty for a case.
const INVESTIGATING_FUNCTIONS: [&str; 3] = ["StartInvestigation", "CheckInvestigation", "AssessCase"];

fn forward() -> Value {
    project::yaml("infra/case/forward.yaml")
}

#[test]
fn investigating_functions_receive_the_region_list() {
    let template = project::template();
    let resources = template["Resources"].as_object().unwrap();
    let given: BTreeSet<&str> = resources
        .iter()
        .filter(|(_, it)| !it["Properties"]["Environment"]["Variables"]["INVESTIGATION_REGIONS"].is_null())
        .map(|(id, _)| id.strip_suffix("Function").unwrap())
        .collect();
    assert_eq!(given, BTreeSet::from(INVESTIGATING_FUNCTIONS));
    assert_eq!(template["Parameters"]["InvestigationRegions"]["Default"], "", "the stack's own alone");
}

#[test]
fn permissions_are_limited_to_the_regions() {
    let template = project::template();
    let regions = json!({"StringEquals": {"aws:RequestedRegion": {"Fn::If": [
        "HasRegions", {"Fn::Split": [",", {"Ref": "InvestigationRegions"}]}, {"Ref": "AWS::Region"}]}}});
    for function in INVESTIGATING_FUNCTIONS {
        let asks: Vec<Value> = statements(&template["Resources"][format!("{function}FunctionRole")])
            .into_iter()
            .filter(|it| {
                let of_engines = |action: &String| action.starts_with("detective:") || action.starts_with("guardduty:");
                strings(&it["Action"]).iter().any(of_engines)
            })
            .collect();
        assert!(asks.len() >= 2, "{function}: {asks:?}");
        for statement in asks {
            assert_eq!(statement["Condition"], regions, "{function}: {statement}");
        }
    }
    assert_eq!(
        template["Conditions"]["HasRegions"],
        json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "InvestigationRegions"}, ""]}]})
    );
}

/// If only a graph is configured, it is the only one that may be called; if Regions are configured as well, the account's graphs may be, too.
#[test]
fn a_configured_graph_is_the_only_one_unless_regions_are_configured() {
    let template = project::template();
    for function in INVESTIGATING_FUNCTIONS {
        let of_graphs = statements(&template["Resources"][format!("{function}FunctionRole")]).into_iter();
        let of_graphs = of_graphs
            .filter(|it| it["Resource"] != "*")
            .filter(|it| strings(&it["Action"]).iter().any(|action| action.starts_with("detective:")));
        for statement in of_graphs {
            let resources = json!([
                {"Fn::If": ["HasGraph", {"Ref": "GraphArn"}, {"Ref": "AWS::NoValue"}]},
                {"Fn::If": ["OnlyGraphArn", {"Ref": "AWS::NoValue"},
                    {"Fn::Sub": "arn:${AWS::Partition}:detective:*:${AWS::AccountId}:graph:*"}]},
            ]);
            assert_eq!(statement["Resource"], resources, "{function}");
        }
    }
    let only = &template["Conditions"]["OnlyGraphArn"]["Fn::And"];
    assert_eq!(*only, json!([{"Fn::Condition": "HasGraph"}, {"Fn::Not": [{"Fn::Condition": "HasRegions"}]}]));
}

#[test]
fn the_parameter_accepts_what_the_functions_accept() {
    // infra/tests compares the parameter's pattern with the same list.
    let template = project::template();
    let rule = &template["Rules"]["DetectiveIsInTheRegion"]["Assertions"][0]["Assert"]["Fn::Contains"][0];
    let names: Vec<&str> = rule.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let all: gumshoe_domain::Regions = names.join(",").parse().unwrap();
    assert_eq!(all.names().collect::<BTreeSet<_>>(), names.iter().copied().collect());
    let of_graph = &project::graph_template()["Rules"]["DetectiveIsInTheRegion"];
    assert!(of_graph["RuleCondition"].is_null(), "it runs for its own Region only");
    assert_eq!(of_graph["Assertions"][0]["Assert"]["Fn::Contains"][0], *rule);
    for name in ["us-east-1", "us-gov-west-1", "ap-southeast-2"] {
        assert!(all.contains(name), "{name}");
    }
    assert_eq!(forward()["Parameters"]["StackRegion"]["AllowedPattern"], "^[a-z]{2,4}(-[a-z0-9]{1,9}){2,4}$");
}

#[test]
fn findings_of_other_regions_are_forwarded_to_the_bus_of_the_stacks_rule() {
    let (stack, forward) = (project::template(), forward());
    let taken = &stack["Resources"]["FindingsRule"]["Properties"];
    assert!(taken["EventBusName"].is_null(), "the default bus");
    assert!(taken["EventPattern"]["region"].is_null(), "of every Region");
    let rule = &forward["Resources"]["ForwardRule"]["Properties"];
    let sent = &rule["EventPattern"];
    assert_eq!(sent["source"], json!(["aws.guardduty"]));
    assert_eq!(sent["detail-type"], taken["EventPattern"]["detail-type"]);
    assert!(sent["detail"].is_null(), "open-case decides whether it is processed");
    let bus = json!({"Fn::Sub": "arn:${AWS::Partition}:events:${StackRegion}:${AWS::AccountId}:event-bus/default"});
    assert_eq!(rule["Targets"].as_array().unwrap().len(), 1);
    assert_eq!(rule["Targets"][0]["Arn"], bus);
    assert_eq!(rule["Targets"][0]["RoleArn"]["Fn::GetAtt"], "ForwardRole.Arn");
    let granted = statements(&forward["Resources"]["ForwardRole"]);
    assert_eq!(granted.len(), 1);
    assert_eq!((&granted[0]["Action"], &granted[0]["Resource"]), (&json!("events:PutEvents"), &bus));
}

/// An event that is forwarded to its own bus would match the rule again and again.
#[test]
fn no_finding_is_forwarded_in_a_loop() {
    let forward = forward();
    let rule = &forward["Resources"]["ForwardRule"]["Properties"];
    assert_eq!(rule["State"]["Fn::If"], json!(["IsElsewhere", "ENABLED", "DISABLED"]));
    assert_eq!(
        forward["Conditions"]["IsElsewhere"],
        json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::Region"}, {"Ref": "StackRegion"}]}]})
    );
    assert_eq!(rule["EventPattern"]["region"], json!([{"Ref": "AWS::Region"}]), "its own Region's findings alone");
}

#[test]
fn undeliverable_findings_go_to_a_dead_letter_queue_with_an_alarm() {
    let forward = forward();
    let resources = &forward["Resources"];
    let target = &resources["ForwardRule"]["Properties"]["Targets"][0];
    assert_eq!(target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"], "DeadLetterQueue.Arn");
    let of_stack = &project::template()["Resources"]["FindingsRule"]["Properties"]["Targets"][0];
    assert_eq!(target["RetryPolicy"], of_stack["RetryPolicy"]);
    let queue = &resources["DeadLetterQueue"]["Properties"];
    assert_eq!((&queue["SqsManagedSseEnabled"], &queue["MessageRetentionPeriod"]), (&json!(true), &json!(1_209_600)));
    let policy = resources["QueuePolicy"]["Properties"]["PolicyDocument"]["Statement"].as_array().unwrap();
    let allowed: Vec<&Value> = policy.iter().filter(|it| it["Effect"] == "Allow").collect();
    assert_eq!(allowed.len(), 1);
    assert_eq!(allowed[0]["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::GetAtt"], "ForwardRule.Arn");
    let denied = policy.iter().find(|it| it["Effect"] == "Deny").unwrap();
    assert_eq!(denied["Condition"]["Bool"], json!({"aws:SecureTransport": "false"}));
    let actions = json!({"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]});
    for (alarm, metric) in [
        ("DeadLettersAlarm", "ApproximateNumberOfMessagesVisible"),
        ("UndeliveredAlarm", "InvocationsFailedToBeSentToDlq"),
    ] {
        let alarm = &resources[alarm]["Properties"];
        assert_eq!((&alarm["MetricName"], &alarm["AlarmActions"]), (&json!(metric), &actions));
    }
}
