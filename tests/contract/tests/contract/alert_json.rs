//! The lists of codes in docs/ALERT-JSON.md are complete, and contain no others.

use crate::project;
use gumshoe_alerts::fixtures;
use gumshoe_domain::next_steps::NextStep;
use gumshoe_domain::verdict::ReasonCode;
use serde::Serialize;
use std::collections::BTreeSet;

/// The codes of an enum of the domain, as serde writes them there. The compiler names a variant that is missing in the list.
macro_rules! codes {
    ($domain:ident: $($(#[$rename:meta])* $variant:ident),+ $(,)?) => {{
        let _ = |value: &$domain| match value {
            $($domain::$variant { .. } => (),)+
            $domain::LegacyText { .. } => (),
        };
        #[derive(Serialize)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        enum Code { $($(#[$rename])* $variant),+ }
        [$(serde_json::to_value(Code::$variant).unwrap().as_str().unwrap().to_owned()),+].into()
    }};
}

/// The codes in the paragraph of a document that begins with these words.
fn listed(document: &str, beginning: &str) -> BTreeSet<String> {
    let paragraphs: Vec<&str> = document.split("\n\n").filter(|it| it.starts_with(beginning)).collect();
    let [paragraph] = paragraphs[..] else { panic!("{beginning}: {paragraphs:?}") };
    let codes: Vec<String> = paragraph.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let distinct: BTreeSet<String> = codes.iter().cloned().collect();
    assert_eq!(distinct.len(), codes.len(), "{beginning}: a code is there twice");
    distinct
}

#[test]
fn the_document_lists_all_codes() {
    let page = project::text("docs/ALERT-JSON.md");
    let reasons: BTreeSet<String> = codes!(ReasonCode:
        FlaggedAddresses, TechniquesFailed, TechniquesSucceeded, WorstFinding, ImpossibleTravels, UnknownIndicators,
        NewForAccount, NewForPrincipal, RelatedFindingGroups, RelatedFindings, EnginesAgree, EnginesDisagree,
        #[serde(rename = "ONLY_GUARDDUTY")] OnlyGuardDuty,
    );
    assert_eq!(listed(&page, "Codes of reasons:"), reasons);
    let steps: BTreeSet<String> = codes!(NextStep:
        #[serde(rename = "INVESTIGATE_BY_HAND")] InvestigateManually,
        #[serde(rename = "ENTER_GRAPH")] AddAccountToGraph, ConfirmPrincipal, InspectWorkload, DeactivateKey, DenyEarlierSessions, ListCredentials,
        InspectLinkedService, EndIdentityCenterSessions, IsolateInstance, TraceSession, RevokeSessions, ContainPrincipal,
        UndoCalls, SearchAddresses,
    );
    assert_eq!(listed(&page, "Codes of next steps:"), steps);
    let alerts: Vec<_> = fixtures::all().into_iter().map(|(_, case)| case.alert()).collect();
    let links: BTreeSet<String> =
        alerts.iter().flat_map(|it| &it.links).map(|link| link.code.clone().unwrap()).collect();
    assert_eq!(listed(&page, "Codes of links:"), links);
    let sent: BTreeSet<&String> =
        alerts.iter().flat_map(|it| &it.verdict.reasons).filter_map(|it| it.code.as_ref()).collect();
    assert!(sent.len() > 8 && sent.iter().all(|code| reasons.contains(*code)), "{sent:?}");
    let sent: BTreeSet<&String> =
        alerts.iter().flat_map(|it| &it.next_steps).filter_map(|it| it.code.as_ref()).collect();
    assert!(sent.len() > 8 && sent.iter().all(|code| steps.contains(*code)), "{sent:?}");
}

/// A subscriber that selects a link by its code has to expect several.
#[test]
fn a_link_code_can_occur_twice_as_documented() {
    let codes: Vec<Option<String>> = fixtures::many().alert().links.into_iter().map(|link| link.code).collect();
    let twice = codes.iter().filter(|code| codes.iter().filter(|it| it == code).count() == 2);
    let twice: BTreeSet<&str> = twice.filter_map(|code| code.as_deref()).collect();
    assert_eq!(twice, ["FINDING_IN_GUARDDUTY", "INVESTIGATIONS_IN_DETECTIVE"].into());
}
