//! For which cases GuardDuty is asked.

use crate::results::says;
use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use crate::setup::{EnginesTest, TestPrincipal};
use findings::finding_without_principal;
use serde_json::{Value, json};
use simulator::{Confidence, EndsWhen, Outcome as Ended, RiskLevel, Scenario};

/// The same role with another finding: an attack sequence.
fn sequence_of(principal: &TestPrincipal, other: &TestPrincipal) -> TestPrincipal {
    let mut finding = principal.finding.clone();
    finding["id"] = other.finding["id"].clone();
    finding["arn"] = other.finding["arn"].clone();
    finding["type"] = json!("AttackSequence:IAM/CompromisedCredentials");
    finding["severity"] = json!(9.0);
    TestPrincipal { subject: principal.subject.clone(), finding }
}

pub(crate) async fn only_findings_of_the_policy_are_investigated(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    stage.set_detective_scenario_for_all("high");
    let mut number = 0;
    for (which, sequence, uninvestigable, high, medium) in [
        ("off", false, false, false, false),
        ("attack-sequences", true, false, false, false),
        ("uninvestigable", false, true, false, false),
        ("high", true, true, true, false),
    ] {
        stage.set_guardduty_policy(which).await?;
        let mut next = |severity| {
            number += 1;
            stage.principal(&format!("{number:x}"), severity)
        };
        let (other, of_high, of_medium, nobody) = (next(9.0), next(8.0), next(5.0), next(8.0));
        let of_sequence = sequence_of(&other, &other);
        let finding_without_principal: Value = finding_without_principal(nobody.id());
        let all = [of_sequence.clone(), of_high.clone(), of_medium.clone()];
        stage.send(&all).await?;
        stage.cloud.send(&[finding_without_principal]).await?;
        stage.wait_until_idle().await?;
        for (principal, asked) in
            [(&of_sequence, sequence), (&nobody, uninvestigable), (&of_high, high), (&of_medium, medium)]
        {
            let found = stage.investigations_of(principal).await?;
            assert_eq!(found.len(), usize::from(asked), "{which}: {}", principal.finding);
        }
    }
    Ok(())
}

/// GuardDuty is to be asked about attack sequences, and one joins while Detective looks at something else.
pub(crate) async fn a_finding_that_joins_later_is_investigated(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    stage.set_guardduty_policy("attack-sequences").await?;
    let first = stage.principal("a", 5.0);
    let sequence = sequence_of(&first, &stage.principal("b", 9.0));
    stage.set_detective_scenario(&first, Scenario { ends: EndsWhen::Manually, ..Scenario::named("high")? });
    stage.set_guardduty_scenario(&sequence, says(RiskLevel::High, Confidence::High));
    stage.send(std::slice::from_ref(&first)).await?;
    let begun = async || {
        let cases = stage.cloud.cases(&first.subject).await?;
        Ok(cases.first().and_then(|case| case.investigation["id"].as_str()).map(str::to_owned))
    };
    let id = stage.cloud.poll_until("Detective's investigation", WAIT_TIMEOUT, begun).await?;
    stage.send(std::slice::from_ref(&sequence)).await?;
    let joined = async || {
        let cases = stage.cloud.cases(&first.subject).await?;
        Ok(cases.first().is_some_and(|case| case.join_count == 2).then_some(()))
    };
    stage.cloud.poll_until("the sequence in the case", WAIT_TIMEOUT, joined).await?;
    assert_eq!(stage.investigations().await?.len(), 0, "there was nothing to ask about");
    stage.cloud.simulator().end_investigation(&id, Ended::Successful)?;
    let told = stage.wait_for_alerted_case(&first).await?;
    told.assert_detective_result();
    assert_eq!(told.alert.finding_count, 2);
    assert_eq!(told.guardduty_result().risk_level.to_string(), "High");
    assert_eq!(stage.investigations_of(&sequence).await?.len(), 1);
    assert_eq!(stage.calls_about("detective", "StartInvestigation", &first).len(), 1, "Detective has seen it all");
    Ok(())
}
