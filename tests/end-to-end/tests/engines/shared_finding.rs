//! One investigation of GuardDuty shared by several cases.

use crate::results::rated;
use crate::scene::{Outcome, Scene};
use crate::setup::{EnginesTest, text};
use findings::ACCOUNT;
use serde_json::json;
use simulator::{Confidence, RiskLevel};

pub(crate) async fn an_attack_sequence_is_investigated_once_for_all_its_cases(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    test.set_detective_scenario_for_all("high");
    let roles = ["one", "two", "three"].map(|name| format!("{}-{name}", test.role()));
    let principal = |name: &String| {
        json!({"id": name, "user": {"name": name, "uid": "AROAEXAMPLE000000001", "type": "AssumedRole",
            "account": {"uid": ACCOUNT}}})
    };
    let mut sequence = test.principal("a", 9.0);
    sequence.finding["type"] = json!("AttackSequence:IAM/CompromisedCredentials");
    sequence.finding["resource"] = json!({"resourceType": "AttackSequence"});
    sequence.finding["service"]["detection"] = json!({"sequence": {"uid": "s", "description": "a sequence",
        "actors": roles.iter().map(principal).collect::<Vec<_>>(), "signals": []}});
    test.set_guardduty_scenario(&sequence, rated(RiskLevel::High, Confidence::High));
    test.send(std::slice::from_ref(&sequence)).await?;

    let mut reused = Vec::new();
    let mut ids = Vec::new();
    for role in &roles {
        let (alerted, execution) =
            test.wait_for_alerted_case_any_status(&format!("arn:aws:iam::{ACCOUNT}:role/{role}")).await?;
        assert_eq!(execution["status"], "SUCCEEDED");
        alerted.assert_detective_result();
        reused.push(alerted.guardduty_result().is_reused);
        ids.push(alerted.guardduty_result().investigation_id.clone());
    }
    reused.sort_unstable();
    assert_eq!(reused, [false, true, true], "one case requested the investigation, the others reuse it");
    let there = test.investigations().await?;
    assert_eq!(there.len(), 1, "{there:?}");
    assert!(ids.iter().all(|id| *id == text(&there[0], "investigation_id")), "{ids:?}");
    let slots = test.budget().await?.slots;
    assert_eq!(slots.len(), 1, "{slots:?}");
    assert_eq!(slots[0].prompt.as_deref(), Some(sequence.prompt().as_str()));
    Ok(())
}
