//! Which cases the parameter `GuardDutyInvestigations` selects for a GuardDuty investigation.

use crate::results::rated;
use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use crate::setup::{EnginesTest, TestPrincipal};
use findings::finding_without_principal;
use serde_json::{Value, json};
use simulator::{Confidence, EndsWhen, Outcome as Ended, RiskLevel, Scenario};

/// The same role with the other principal's finding, which becomes an attack sequence.
fn sequence_of(principal: &TestPrincipal, other: &TestPrincipal) -> TestPrincipal {
    let mut finding = principal.finding.clone();
    finding["id"] = other.finding["id"].clone();
    finding["arn"] = other.finding["arn"].clone();
    finding["type"] = json!("AttackSequence:IAM/CompromisedCredentials");
    finding["severity"] = json!(9.0);
    TestPrincipal { subject: principal.subject.clone(), finding }
}

pub(crate) async fn only_findings_of_the_policy_are_investigated(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    test.set_detective_scenario_for_all("high");
    let mut number = 0;
    for (which, sequence, uninvestigable, high, medium) in [
        ("off", false, false, false, false),
        ("attack-sequences", true, false, false, false),
        ("uninvestigable", false, true, false, false),
        ("high", true, true, true, false),
    ] {
        test.set_guardduty_policy(which).await?;
        let mut next = |severity| {
            number += 1;
            test.principal(&format!("{number:x}"), severity)
        };
        let (other, of_high, of_medium, without_principal) = (next(9.0), next(8.0), next(5.0), next(8.0));
        let of_sequence = sequence_of(&other, &other);
        let finding_without_principal: Value = finding_without_principal(without_principal.id());
        let all = [of_sequence.clone(), of_high.clone(), of_medium.clone()];
        test.send(&all).await?;
        test.cloud.send(&[finding_without_principal]).await?;
        test.wait_until_idle().await?;
        for (principal, requested) in
            [(&of_sequence, sequence), (&without_principal, uninvestigable), (&of_high, high), (&of_medium, medium)]
        {
            let found = test.investigations_of(principal).await?;
            assert_eq!(found.len(), usize::from(requested), "{which}: {}", principal.finding);
        }
    }
    Ok(())
}

/// The policy selects attack sequences, and one joins the case while Detective investigates another finding.
pub(crate) async fn a_finding_that_joins_later_is_investigated(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    test.set_guardduty_policy("attack-sequences").await?;
    let first = test.principal("a", 5.0);
    let sequence = sequence_of(&first, &test.principal("b", 9.0));
    test.set_detective_scenario(&first, Scenario { ends: EndsWhen::Manually, ..Scenario::named("high")? });
    test.set_guardduty_scenario(&sequence, rated(RiskLevel::High, Confidence::High));
    test.send(std::slice::from_ref(&first)).await?;
    let begun = async || {
        let cases = test.cloud.cases(&first.subject).await?;
        Ok(cases.first().and_then(|case| case.investigation["id"].as_str()).map(str::to_owned))
    };
    let id = test.cloud.poll_until("Detective's investigation", WAIT_TIMEOUT, begun).await?;
    test.send(std::slice::from_ref(&sequence)).await?;
    let joined = async || {
        let cases = test.cloud.cases(&first.subject).await?;
        Ok(cases.first().is_some_and(|case| case.join_count == 2).then_some(()))
    };
    test.cloud.poll_until("the attack sequence to join the case", WAIT_TIMEOUT, joined).await?;
    assert_eq!(test.investigations().await?.len(), 0, "no finding of the policy was in the case");
    test.cloud.simulator().end_investigation(&id, Ended::Successful)?;
    let alerted = test.wait_for_alerted_case(&first).await?;
    alerted.assert_detective_result();
    assert_eq!(alerted.alert.finding_count, 2);
    assert_eq!(alerted.guardduty_result().risk_level.to_string(), "High");
    assert_eq!(test.investigations_of(&sequence).await?.len(), 1);
    assert_eq!(
        test.calls_about("detective", "StartInvestigation", &first).len(),
        1,
        "the scope of Detective's investigation covers both findings"
    );
    Ok(())
}
