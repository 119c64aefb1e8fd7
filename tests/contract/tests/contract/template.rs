//! Properties of the template that the emulator does not implement.

use crate::project;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn the_table_has_encryption_recovery_ttl_and_a_retain_policy() {
    let table = &project::template()["Resources"]["Cases"];
    assert_eq!(table["DeletionPolicy"], "RetainExceptOnCreate");
    let properties = &table["Properties"];
    assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(properties["SSESpecification"]["SSEEnabled"], true);
    assert_eq!(properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(properties["TimeToLiveSpecification"], json!({"AttributeName": "expires_at", "Enabled": true}));
    assert!(project::text("shared/aws/src/case_table/items.rs").contains("\"expires_at\""));
}

/// Users of the case stack read the whole template; everything else is in other stacks.
#[test]
fn the_case_template_has_fewer_than_900_lines() {
    let lines = project::text(project::CASE).lines().count();
    assert!(lines < 900, "{lines}");
}

/// The rule sends the request that open-case accepts, and the index has the keys of its query.
#[test]
fn the_sweep_rule_and_the_index_match_the_code() {
    let resources = &project::template()["Resources"];
    let target = &resources["FollowUpsRule"]["Properties"]["Targets"][0];
    assert_eq!(target["Arn"]["Fn::GetAtt"], "FindingsQueue.Arn");
    assert_eq!(target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"], "DeadLetterQueue.Arn");
    let asked: Value = serde_json::from_str(target["Input"].as_str().unwrap()).unwrap();
    assert_eq!(asked, json!({"second_looks": "due"}));
    assert!(
        project::text("functions/open-case/src/follow_up_sweep.rs").contains(r#"document["second_looks"] == "due""#)
    );
    let index = &resources["Cases"]["Properties"]["GlobalSecondaryIndexes"][0];
    let keys: Vec<&str> =
        index["KeySchema"].as_array().unwrap().iter().map(|key| key["AttributeName"].as_str().unwrap()).collect();
    assert_eq!((index["IndexName"].as_str(), keys), (Some("second-looks"), vec!["listed", "watch_until"]));
    assert_eq!(index["Projection"]["ProjectionType"], "KEYS_ONLY");
    let query = project::text("shared/aws/src/case_table/follow_ups.rs");
    assert!(query.contains(r#"FOLLOW_UP_INDEX: &str = "second-looks""#));
    assert!(query.contains("listed = :listed AND watch_until <= :now"));
}

/// The index has the keys and the attributes that the listing reads.
#[test]
fn the_index_of_cases_matches_the_listing() {
    let index = &project::template()["Resources"]["Cases"]["Properties"]["GlobalSecondaryIndexes"][1];
    let keys: Vec<&str> =
        index["KeySchema"].as_array().unwrap().iter().map(|key| key["AttributeName"].as_str().unwrap()).collect();
    assert_eq!((index["IndexName"].as_str(), keys), (Some("cases-by-status"), vec!["status", "opened_at"]));
    let query = project::text("shared/aws/src/case_table/listing.rs");
    assert!(query.contains(r#"INDEX: &str = "cases-by-status""#));
    let projected = index["Projection"]["NonKeyAttributes"].as_array().unwrap();
    for attribute in ["case_id", "principal", "published_revision", "alerted_at", "closed_at", "summary"] {
        assert!(query.contains(&format!("\"{attribute}\"")), "{attribute} is not read");
        assert!(projected.iter().any(|it| it == attribute), "{attribute} is not projected");
    }
}

#[test]
fn undeliverable_and_unprocessable_findings_go_to_a_dead_letter_queue() {
    let resources = &project::template()["Resources"];
    let target = &resources["FindingsRule"]["Properties"]["Targets"][0];
    assert_eq!(target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"], "DeadLetterQueue.Arn");
    let queue = &resources["FindingsQueue"]["Properties"];
    assert_eq!(queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"], "DeadLetterQueue.Arn");
    let timeout = resources["OpenCaseFunction"]["Properties"]["Timeout"].as_u64().unwrap();
    assert!(queue["VisibilityTimeout"].as_u64().unwrap() >= 6 * timeout, "as AWS advises");
    let trigger = &resources["OpenCaseFunction"]["Properties"]["Events"]["Findings"]["Properties"];
    assert_eq!(trigger["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
}

/// In the last delivery the function itself sends a failed message there, with the cause, before SQS moves it without one.
#[test]
fn functions_have_the_max_receive_count_of_their_queue() {
    let resources = project::template()["Resources"].clone();
    for (function, queue) in [("OpenCaseFunction", "FindingsQueue"), ("RelayAlertFunction", "RelayQueue")] {
        let tries = &resources[function]["Properties"]["Environment"]["Variables"]["MAX_RECEIVE_COUNT"];
        let received = &resources[queue]["Properties"]["RedrivePolicy"]["maxReceiveCount"];
        assert_eq!(tries.as_str().unwrap(), received.to_string(), "{function}");
    }
}

#[test]
fn the_evidence_bucket_is_encrypted_versioned_private_and_has_expiry_and_a_retain_policy() {
    let bucket = &project::template()["Resources"]["EvidenceBucket"];
    assert_eq!(bucket["DeletionPolicy"], "RetainExceptOnCreate");
    let properties = &bucket["Properties"];
    assert_eq!(properties["VersioningConfiguration"]["Status"], "Enabled");
    let encryption = &properties["BucketEncryption"]["ServerSideEncryptionConfiguration"][0];
    assert_eq!(encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256");
    let public = properties["PublicAccessBlockConfiguration"].as_object().unwrap();
    assert!(public.len() == 4 && public.values().all(|blocked| *blocked == true), "{public:?}");
    let rule = &properties["LifecycleConfiguration"]["Rules"][0];
    assert_eq!(rule["ExpirationInDays"]["Ref"], "EvidenceDays");
    assert_eq!(rule["NoncurrentVersionExpiration"]["NoncurrentDays"], 30);
    // Keys begin with what the functions may write.
    let policies = project::template().to_string();
    assert_eq!(policies.matches("${EvidenceBucket.Arn}/cases/*").count(), 2);
    assert!(project::text("shared/aws/src/evidence.rs").matches("format!(\"cases/").count() == 4);
}

#[test]
fn the_relay_exists_only_with_a_secret_and_loses_no_messages() {
    let template = project::template();
    let resources = template["Resources"].as_object().unwrap();
    let relay: Vec<&String> = resources.keys().filter(|id| id.starts_with("Relay")).collect();
    assert!(relay.len() >= 8, "{relay:?}");
    for id in relay {
        assert_eq!(resources[id]["Condition"], "HasRelay", "{id}");
    }
    let queue = &resources["RelayQueue"]["Properties"];
    assert_eq!(queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"], "RelayDeadLetterQueue.Arn");
    let timeout = template["Globals"]["Function"]["Timeout"].as_u64().unwrap();
    assert!(queue["VisibilityTimeout"].as_u64().unwrap() >= 6 * timeout, "as AWS advises");
    let subscription = &resources["RelaySubscription"]["Properties"];
    assert_eq!(subscription["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"], "RelayDeadLetterQueue.Arn");
}

#[test]
fn every_alarm_has_the_topic_as_action_and_may_publish() {
    let of_graph = json!({"Fn::If": ["HasOwnTopic", {"Ref": "AlertTopic"}, {"Ref": "AlertTopicArn"}]});
    for (template, topic) in
        [(project::template(), json!({"Ref": "AlertTopic"})), (project::graph_template(), of_graph)]
    {
        let resources = template["Resources"].as_object().unwrap();
        let alarms: Vec<&Value> = resources.values().filter(|it| it["Type"] == "AWS::CloudWatch::Alarm").collect();
        assert!(alarms.len() >= 2);
        for alarm in &alarms {
            assert_eq!(alarm["Properties"]["AlarmActions"], json!([topic]));
        }
        // Topic and key both let CloudWatch publish: with the key that AWS manages, alarms would be lost without an error.
        assert_eq!(resources["AlertTopic"]["Properties"]["KmsMasterKeyId"]["Fn::GetAtt"], "TopicKey.Arn");
        for statements in [
            &resources["AlertTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"],
            &resources["TopicKey"]["Properties"]["KeyPolicy"]["Statement"],
        ] {
            let lets = |it: &Value| it["Principal"]["Service"] == "cloudwatch.amazonaws.com" && it["Effect"] == "Allow";
            assert!(statements.as_array().unwrap().iter().any(lets), "{statements}");
        }
    }
}

#[test]
fn every_failure_of_a_case_has_an_alarm() {
    let template = project::template();
    let resources = template["Resources"].as_object().unwrap();
    let alarms: Vec<&Value> = resources.values().filter(|it| it["Type"] == "AWS::CloudWatch::Alarm").collect();
    let watched: BTreeSet<&str> =
        alarms.iter().filter_map(|alarm| alarm["Properties"]["MetricName"].as_str()).collect();
    for metric in [
        "ApproximateNumberOfMessagesVisible",
        "ExecutionsFailed",
        "ExecutionsTimedOut",
        "ExecutionsAborted",
        "InvocationsFailedToBeSentToDlq",
        "SevereFindingsIgnored",
    ] {
        assert!(watched.contains(metric), "{metric}");
    }
}

#[test]
fn logs_have_the_configured_retention_and_everything_is_traced() {
    for file in project::STACKS {
        let template = project::yaml(file);
        assert_eq!(template["Globals"]["Function"]["Tracing"], "Active", "{file}");
        for (id, name) in project::functions_of(&template) {
            let logs = &template["Resources"][format!("{id}Logs")]["Properties"];
            assert_eq!(logs["RetentionInDays"]["Ref"], "LogRetentionDays", "{name}");
            let logging = &template["Resources"][&id]["Properties"]["LoggingConfig"];
            assert_eq!(logging["LogGroup"]["Ref"], format!("{id}Logs"), "{name}");
        }
    }
    let machine = &project::template()["Resources"]["CaseStateMachine"]["Properties"];
    assert_eq!(machine["Tracing"]["Enabled"], true);
    assert_eq!(machine["Logging"]["Level"], "ALL");
    assert_eq!(machine["Logging"]["IncludeExecutionData"], false);
}

#[test]
fn rehearsals_are_off_by_default() {
    let template = project::template();
    assert_eq!(template["Parameters"]["Rehearsal"]["Default"], "false");
    let source = &template["Resources"]["FindingsRule"]["Properties"]["EventPattern"]["source"]["Fn::If"];
    assert_eq!(*source, json!(["IsRehearsal", ["aws.guardduty", "gumshoe.rehearsal"], ["aws.guardduty"]]));
}
