//! For which cases GuardDuty is asked.

use crate::results::says;
use crate::scene::{Outcome, SOON, Scene};
use crate::stage::{Actor, Stage};
use findings::finding_without_principal;
use serde_json::{Value, json};
use simulator::{Confidence, EndsWhen, Outcome as Ended, RiskLevel, Scenario};

/// The same role with another finding: an attack sequence.
fn sequence_of(actor: &Actor, other: &Actor) -> Actor {
    let mut finding = actor.finding.clone();
    finding["id"] = other.finding["id"].clone();
    finding["arn"] = other.finding["arn"].clone();
    finding["type"] = json!("AttackSequence:IAM/CompromisedCredentials");
    finding["severity"] = json!(9.0);
    Actor { subject: actor.subject.clone(), finding }
}

pub(crate) async fn only_what_was_chosen_is_asked_about(scene: &Scene<'_>) -> Outcome {
    let stage = Stage::set(scene).await?;
    stage.detective_finds_of_all("high");
    let mut number = 0;
    for (which, sequence, uninvestigable, high, medium) in [
        ("off", false, false, false, false),
        ("attack-sequences", true, false, false, false),
        ("uninvestigable", false, true, false, false),
        ("high", true, true, true, false),
    ] {
        stage.ask_about(which).await?;
        let mut next = |severity| {
            number += 1;
            stage.actor(&format!("{number:x}"), severity)
        };
        let (other, of_high, of_medium, nobody) = (next(9.0), next(8.0), next(5.0), next(8.0));
        let of_sequence = sequence_of(&other, &other);
        let finding_without_principal: Value = finding_without_principal(nobody.id());
        let all = [of_sequence.clone(), of_high.clone(), of_medium.clone()];
        stage.send(&all).await?;
        stage.cloud.send(&[finding_without_principal]).await?;
        stage.settled().await?;
        for (actor, asked) in
            [(&of_sequence, sequence), (&nobody, uninvestigable), (&of_high, high), (&of_medium, medium)]
        {
            let found = stage.investigations_of(actor).await?;
            assert_eq!(found.len(), usize::from(asked), "{which}: {}", actor.finding);
        }
    }
    Ok(())
}

/// GuardDuty is to be asked about attack sequences, and one joins while Detective looks at something else.
pub(crate) async fn a_finding_that_joins_later_is_asked_about(scene: &Scene<'_>) -> Outcome {
    let stage = Stage::set(scene).await?;
    stage.ask_about("attack-sequences").await?;
    let first = stage.actor("a", 5.0);
    let sequence = sequence_of(&first, &stage.actor("b", 9.0));
    stage.detective_finds(&first, Scenario { ends: EndsWhen::Manually, ..Scenario::named("high")? });
    stage.guardduty_says(&sequence, says(RiskLevel::High, Confidence::High));
    stage.send(std::slice::from_ref(&first)).await?;
    let begun = async || {
        let cases = stage.cloud.cases(&first.subject).await?;
        Ok(cases.first().and_then(|case| case.investigation["id"].as_str()).map(str::to_owned))
    };
    let id = stage.cloud.poll_until("Detective's investigation", SOON, begun).await?;
    stage.send(std::slice::from_ref(&sequence)).await?;
    let joined = async || {
        let cases = stage.cloud.cases(&first.subject).await?;
        Ok(cases.first().is_some_and(|case| case.join_count == 2).then_some(()))
    };
    stage.cloud.poll_until("the sequence in the case", SOON, joined).await?;
    assert_eq!(stage.investigations().await?.len(), 0, "there was nothing to ask about");
    stage.cloud.simulator().end_investigation(&id, Ended::Successful)?;
    let told = stage.told(&first).await?;
    told.has_detectives_result();
    assert_eq!(told.alert.finding_count, 2);
    assert_eq!(told.completed().risk_level.to_string(), "High");
    assert_eq!(stage.investigations_of(&sequence).await?.len(), 1);
    assert_eq!(stage.asked_of("detective", "StartInvestigation", &first).len(), 1, "Detective has seen it all");
    Ok(())
}
