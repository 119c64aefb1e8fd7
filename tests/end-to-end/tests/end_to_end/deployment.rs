//! The checks and rules of a deployment, and what the logs may contain.

use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use serde_json::json;

/// `make deploy` continues only if this check of its build succeeds.
pub(crate) async fn what_sam_built_passes_the_check_before_a_deployment(scene: &Scene<'_>) -> Outcome {
    let tools = scene.cloud.tools();
    let mut check = std::process::Command::new(tools.program_path("python"));
    check
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(tools.root().join("infra/binaries.py"))
        .arg(tools.built())
        .arg("x86_64");
    let output = tokio::task::spawn_blocking(move || check.output()).await??;
    let output_text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success() && output_text.contains("all functions are built for x86_64"), "{output_text}");
    Ok(())
}

pub(crate) async fn the_rule_matches_only_the_intended_events(scene: &Scene<'_>) -> Outcome {
    let api = scene.cloud.api();
    let name = scene.cloud.outputs().get("FindingsRuleName");
    let rule = api.json("events", "AWSEvents.DescribeRule", &json!({"Name": name})).await?;
    let finding = scene.finding("a");
    let mut archived = finding.clone();
    archived["service"]["archived"] = json!(true);
    let mut without_service = finding.clone();
    without_service.as_object_mut().unwrap().remove("service");
    for (source, kind, detail, expected) in [
        ("aws.guardduty", "GuardDuty Finding", &finding, true),
        ("gumshoe.rehearsal", "GuardDuty Finding", &finding, true),
        ("aws.guardduty", "GuardDuty Finding", &without_service, true),
        ("aws.guardduty", "GuardDuty Finding", &archived, true),
        ("aws.guardduty", "GuardDuty Malware Protection Object Scan Result", &finding, false),
        ("aws.detective", "GuardDuty Finding", &finding, false),
        ("other.source", "GuardDuty Finding", &finding, false),
    ] {
        let event = json!({"id": "1", "account": "000000000000", "source": source, "time": "2026-01-15T12:40:00Z",
            "region": "us-east-1", "resources": [], "detail-type": kind, "detail": detail});
        let test = json!({"EventPattern": rule["EventPattern"], "Event": event.to_string()});
        let answer = api.json("events", "AWSEvents.TestEventPattern", &test).await?;
        assert_eq!(answer["Result"], expected, "{source}, {kind}");
    }
    Ok(())
}

pub(crate) async fn no_text_of_a_finding_is_in_any_log(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    let canary = format!("canary-{}-in-the-title", scene.role());
    let mut finding = scene.finding("a");
    finding["title"] = json!(canary);
    finding["resource"]["accessKeyDetails"]["principalId"] = json!(format!("AROAEXAMPLE000000001:{canary}"));
    finding["service"]["userAgent"] = json!(canary);
    let invalid = json!({"id": canary, "accountId": canary, "title": canary});
    scene.cloud.send(&[finding.clone(), invalid]).await?;
    let (case, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    scene.wait_for_alerts(&case.case_id, 1).await?;
    // The log of the last function is written when its invocation has ended.
    let logs = scene
        .cloud
        .poll_until("the case's last log line", WAIT_TIMEOUT, async || {
            let logs = scene.cloud.logs().await?;
            let sent = |line: &&String| line.contains("sent the alert") && line.contains(&case.case_id);
            Ok(logs.iter().find(sent).is_some().then_some(logs))
        })
        .await?;
    assert!(logs.iter().any(|line| line.contains(finding["id"].as_str().unwrap())), "no log line has the finding's ID");
    assert!(
        logs.iter().any(|line| line.contains("NotAFinding")),
        "no log line has the error name of the invalid message"
    );
    let leaking: Vec<&String> = logs.iter().filter(|line| line.contains("canary-")).collect();
    assert!(leaking.is_empty(), "lines with text of a finding: {leaking:?}");
    Ok(())
}

pub(crate) async fn an_invalid_parameter_is_rejected_by_name(scene: &Scene<'_>) -> Outcome {
    for (parameter, wrong) in [
        ("ScopeHours", "2"),
        ("ScopeHours", "721"),
        ("DeadlineMinutes", "0"),
        ("MinimumSeverity", "11"),
        ("AlertThreshold", "Severe"),
        ("GraphArn", "arn:aws:detective:us-east-1:1:graph:x"),
        ("InvestigationRegions", "us-east-1;eu-west-1"),
        ("AlertEmail", "not-an-address"),
        ("RealertHours", "0"),
        ("FollowUpHours", "25"),
        ("LogRetentionDays", "2"),
        ("Rehearsal", "maybe"),
        ("EvidenceDays", "0"),
        ("RelaySecretArn", "https://hooks.slack.com/services/x"),
    ] {
        let form = [
            ("Action", "UpdateStack"),
            ("Version", "2010-05-15"),
            ("StackName", "gumshoe-local"),
            ("UsePreviousTemplate", "true"),
            ("Capabilities.member.1", "CAPABILITY_NAMED_IAM"),
            ("Capabilities.member.2", "CAPABILITY_AUTO_EXPAND"),
            ("Parameters.member.1.ParameterKey", parameter),
            ("Parameters.member.1.ParameterValue", wrong),
        ];
        let answer = scene.cloud.api().query("cloudformation", &form).await;
        let output_text = answer.unwrap_or_else(|error| error.to_string());
        assert!(output_text.contains("400") && output_text.contains(parameter), "{parameter}={wrong}: {output_text}");
    }
    Ok(())
}
