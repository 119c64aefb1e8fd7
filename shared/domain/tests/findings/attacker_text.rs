//! Text that an attacker can choose never prevents an alert.
//!
//! Each finding is decided as if every investigation found nothing, which is the best case for an attacker. Then the text that an
//! attacker can choose is replaced by other text. A High or Critical finding that was alerted before must still be alerted.

use crate::fixtures::{corpus_folder, documents, findings_folder};
use gumshoe_domain::admission::AdmissionRules;
use gumshoe_domain::finding::SeverityBand;
use gumshoe_domain::principal::{Lookup, LookupAnswer, LookupError};
use gumshoe_domain::verdict::{EngineResults, OpenQuestions, Verdict, VerdictLevel, Weights};
use gumshoe_domain::{Finding, ParsedFinding};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The members whose text an attacker can choose, at any depth: names of resources that a user can create, and request data.
///
/// Everything else is assigned by AWS or observed by GuardDuty: ids, accounts, Regions, the type, the severity, the kind of
/// the action, times, and the sample flag. ARNs and principal ids are mixed: see [`CHOSEN_TAILS`].
const CHOSEN: [&str; 45] = [
    "api",
    "application",
    "arguments",
    "authmethod",
    "bucket",
    "cmdline",
    "commandline",
    "commandlineexample",
    "containername",
    "database",
    "dbclusteridentifier",
    "dbinstanceidentifier",
    "dbshardgroupidentifier",
    "dbuser",
    "description",
    "domain",
    "domainwithsuffix",
    "executablepath",
    "filepath",
    "functionname",
    "group",
    "groups",
    "host",
    "image",
    "imageprefix",
    "key",
    "modulename",
    "name",
    "namespace",
    "parameters",
    "pwd",
    "requesturi",
    "resourcename",
    "scriptpath",
    "serviceaccountname",
    "servicename",
    "sessionname",
    "startedby",
    "subresource",
    "title",
    "tool",
    "useragent",
    "user",
    "username",
    "verb",
];

/// The members of which an attacker chooses only the text after the last `/`, or in a principal id after the `:`.
const CHOSEN_TAILS: [&str; 6] = ["definitionarn", "role", "arn", "issuer", "principalid", "taskdefinitionarn"];

/// Members below these are assigned by GuardDuty, regardless of their names: an attacker chooses a tag's `value`, but not that of
/// the sample flag.
const ASSIGNED_BELOW: [&str; 3] = ["additionalinfo", "geolocation", "organization"];

/// Texts by which an attacker could try to have a finding ignored or misattributed.
const HOSTILE: [&str; 16] = [
    "GeneratedFindingUserName",
    "GeneratedFindingAccessKeyId",
    "GeneratedFindingPrincipalId",
    "GeneratedFindingECSClusterName",
    "i-99999999",
    "[SAMPLE] Nothing happened.",
    "{\"sample\": true}",
    "AWSServiceRoleForSupport",
    "aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport",
    "AWSReservedSSO_AdministratorAccess_0123456789abcdef",
    "arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForSupport/x",
    "arn:aws:iam::999988887777:role/elsewhere",
    "system:serviceaccount:kube-system:aws-node",
    "AWS_API_CALL",
    "",
    "../../archived: true\r\n\u{202e}",
];

/// The answer of all lookups.
#[derive(Debug, Clone, Copy, PartialEq)]
enum LookupScenario {
    /// Access is denied.
    Denied,
    /// Every user or role exists, with a unique id that differs from the finding's.
    Ordinary,
    /// As `Ordinary`, with the path of service-linked roles.
    ServiceLinked,
    /// No name has a role.
    NotFound,
}

const SCENARIOS: [LookupScenario; 4] =
    [LookupScenario::Denied, LookupScenario::Ordinary, LookupScenario::ServiceLinked, LookupScenario::NotFound];

impl LookupScenario {
    fn answer(self, lookup: &Lookup) -> Result<LookupAnswer, LookupError> {
        let path = match self {
            Self::Denied => return Err(LookupError::Denied),
            Self::NotFound => return Ok(LookupAnswer::NoRole),
            Self::Ordinary => "team/",
            Self::ServiceLinked => "aws-service-role/support.amazonaws.com/",
        };
        let (kind, name) = match lookup {
            Lookup::User { name, .. } => ("user", name.as_str()),
            Lookup::Role { name, .. } => ("role", name.as_str()),
            _ => ("role", "the-role"),
        };
        let arn = format!("arn:{}:iam::{}:{kind}/{path}{name}", lookup.partition(), lookup.account_id());
        let unique_id = if kind == "user" { "AIDAEXAMPLEANOTHER01" } else { "AROAEXAMPLEANOTHER01" };
        Ok(LookupAnswer::Arn { arn, unique_id: Some(unique_id.to_owned()) })
    }
}

/// The outcome of a finding if every investigation finds nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DecisionOutcome {
    /// It is ignored, or its cases are closed without an alert.
    NotAlerted,
    /// It is alerted with that cause; or it goes to the dead-letter queue, which has an alarm.
    Alerted(String),
}

pub(crate) fn decide(
    document: &Value,
    answer: &dyn Fn(&Lookup) -> Result<LookupAnswer, LookupError>,
) -> DecisionOutcome {
    let Ok(mut parsed) = ParsedFinding::from_json(document) else {
        return DecisionOutcome::Alerted("DEAD_LETTER".to_owned());
    };
    let admission = AdmissionRules::default();
    if admission.ignore_reason_before_lookup(parsed.finding()).is_some() {
        return DecisionOutcome::NotAlerted;
    }
    let resolved = parsed.take_candidates().into_iter().map(|candidate| match candidate.lookup().cloned() {
        Some(lookup) => candidate.resolve(answer(&lookup)),
        None => candidate.into_current_principal(),
    });
    let principals = resolved.collect();
    let alerted =
        parsed.into_findings(principals).into_iter().filter(|it| admission.ignore_reason(it).is_none()).find_map(cause);
    alerted.map_or(DecisionOutcome::NotAlerted, DecisionOutcome::Alerted)
}

/// The alert cause of a finding whose investigation, if there is one, finds nothing.
fn cause(finding: Finding) -> Option<String> {
    let investigated = finding.principal.entity().is_some();
    let findings = [finding];
    let opinions = EngineResults { is_investigated: investigated, ..EngineResults::default() };
    let verdict = Verdict::score(&findings, &[], &Weights::default());
    let cause = verdict.alert_cause(VerdictLevel::High, &opinions, &OpenQuestions::of(&findings, false));
    cause.map(|cause| cause.as_str().to_owned())
}

/// JSON pointers to the texts that an attacker can choose.
fn attacker_controlled_paths(document: &Value) -> Vec<String> {
    let mut places = Vec::new();
    collect_paths(document, &mut String::new(), "", &mut places);
    places
}

fn collect_paths(value: &Value, place: &mut String, name: &str, places: &mut Vec<String>) {
    let length = place.len();
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                let lower = member.to_ascii_lowercase();
                // An attacker chooses the value of a tag, but no other `value`.
                let is_tag = name.contains("tags") && lower == "value";
                if ASSIGNED_BELOW.contains(&lower.as_str()) {
                    continue;
                }
                place.push('/');
                place.push_str(&member.replace('~', "~0").replace('/', "~1"));
                collect_paths(value, place, if is_tag { "key" } else { &lower }, places);
                place.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                place.push_str(&format!("/{index}"));
                collect_paths(value, place, name, places);
                place.truncate(length);
            }
        }
        Value::String(_) if CHOSEN.contains(&name) || CHOSEN_TAILS.contains(&name) => places.push(place.clone()),
        _ => {}
    }
}

/// Replaces the text at a JSON pointer, or the part of it that an attacker can choose.
fn replace_text(document: &mut Value, place: &str, text: &str) {
    let name = place.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap().to_ascii_lowercase();
    let Some(Value::String(there)) = document.pointer_mut(place) else { return };
    if !CHOSEN_TAILS.contains(&name.as_str()) {
        there.clear();
        there.push_str(text);
        return;
    }
    let between = if name == "principalid" { ':' } else { '/' };
    if let Some((assigned, _)) = there.clone().rsplit_once(between) {
        *there = format!("{assigned}{between}{text}");
    }
}

/// All documents by name, with the JSON pointers to the texts that an attacker can choose.
fn all() -> BTreeMap<String, (Value, Vec<String>)> {
    let evasion = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/evasion");
    let folders = [Some(findings_folder()), Some(evasion), corpus_folder()];
    let documents = folders.into_iter().flatten().flat_map(|folder| documents(&folder));
    documents
        .map(|(name, document)| {
            let places = attacker_controlled_paths(&document);
            (name, (document, places))
        })
        .collect()
}

pub(crate) fn is_severe(document: &Value) -> bool {
    ParsedFinding::from_json(document).is_ok_and(|it| it.finding().severity.band() >= SeverityBand::High)
}

/// Checks that a document that was alerted before the replacement is still alerted.
fn check_still_alerts(name: &str, before: &Value, after: &Value) -> Result<(), String> {
    for world in SCENARIOS {
        let outcome = |document| decide(document, &|lookup| world.answer(lookup));
        if outcome(before) != DecisionOutcome::NotAlerted && outcome(after) == DecisionOutcome::NotAlerted {
            return Err(format!(
                "{name}: alerted before, not alerted after the replacement, if lookups are {world:?}\n{after}"
            ));
        }
    }
    Ok(())
}

#[test]
fn known_hostile_texts_never_prevent_the_alert_of_a_severe_finding() {
    let mut replacements = 0;
    for (name, (document, places)) in all().iter().filter(|(_, (document, _))| is_severe(document)) {
        for text in HOSTILE {
            let mut everywhere = document.clone();
            for place in places {
                let mut once = document.clone();
                replace_text(&mut once, place, text);
                check_still_alerts(name, document, &once).unwrap();
                replace_text(&mut everywhere, place, text);
                replacements += 1;
            }
            check_still_alerts(name, document, &everywhere).unwrap();
        }
    }
    assert!(replacements > 1_000, "{replacements} replacements");
}

proptest! {
    #[test]
    fn random_texts_never_prevent_the_alert_of_a_severe_finding(
        which in any::<prop::sample::Index>(),
        texts in prop::collection::vec((any::<prop::sample::Index>(), ".{0,40}|[A-Za-z0-9+=,.@_/:-]{1,64}"), 1..6),
    ) {
        let all: Vec<_> = all().into_iter().filter(|(_, (document, places))| is_severe(document) && !places.is_empty()).collect();
        let (name, (document, places)) = which.get(&all);
        let mut after = document.clone();
        for (place, text) in &texts {
            let place: &String = place.get(places);
            replace_text(&mut after, place, text);
        }
        prop_assert_eq!(check_still_alerts(name, document, &after), Ok(()));
    }
}

/// The number of alerted findings by cause, if every investigation found nothing and every lookup were denied.
/// `cargo test -p gumshoe-domain --test findings alert_volume -- --nocapture` prints it; with `FINDINGS_CORPUS`, including the
/// corpus.
#[test]
fn alert_volume() {
    let mut causes: BTreeMap<String, usize> = BTreeMap::new();
    for (document, _) in all().values() {
        let cause = match decide(document, &|lookup| LookupScenario::Denied.answer(lookup)) {
            DecisionOutcome::NotAlerted => "not alerted".to_owned(),
            DecisionOutcome::Alerted(cause) => cause,
        };
        *causes.entry(cause).or_default() += 1;
    }
    println!("{causes:?}");
    assert!(causes["not alerted"] > 0 && causes.len() > 3, "{causes:?}");
}
