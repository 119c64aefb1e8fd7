//! What attackers write never turns an alert into silence.
//!
//! A finding is decided as if every investigation found nothing, which is what an attacker hopes for. Then the text in it
//! that an attacker can choose is exchanged for other text, and a High or Critical finding that was told must be told
//! still.

use crate::stored::{corpus, documents, fixtures};
use gumshoe_domain::admission::AdmissionRules;
use gumshoe_domain::finding::SeverityBand;
use gumshoe_domain::principal::{Lookup, LookupAnswer, LookupError};
use gumshoe_domain::verdict::{Clearance, Opinions, Verdict, VerdictLevel, Weights};
use gumshoe_domain::{Finding, ParsedFinding};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The members whose text an attacker can choose, wherever they stand: names of what one can create, and what one sends.
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

/// The members of which an attacker chooses what follows the last `/`, or in a principal id what follows the `:`.
const CHOSEN_TAILS: [&str; 6] = ["definitionarn", "role", "arn", "issuer", "principalid", "taskdefinitionarn"];

/// Members below these are GuardDuty's, whatever their names: a tag's `value` is chosen, the flag's is not.
const ASSIGNED_BELOW: [&str; 3] = ["additionalinfo", "geolocation", "organization"];

/// What attackers have tried, or might.
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

/// How look-ups answer in a world.
#[derive(Debug, Clone, Copy, PartialEq)]
enum World {
    /// Every look-up is denied.
    Closed,
    /// Whatever is asked for exists and is somebody else's: it has an ordinary role, with a unique id of its own.
    Ordinary,
    /// The same, with the path of service-linked roles.
    ServiceLinked,
    /// There is nothing behind any name.
    Empty,
}

const WORLDS: [World; 4] = [World::Closed, World::Ordinary, World::ServiceLinked, World::Empty];

impl World {
    fn answer(self, lookup: &Lookup) -> Result<LookupAnswer, LookupError> {
        let path = match self {
            Self::Closed => return Err(LookupError::Denied),
            Self::Empty => return Ok(LookupAnswer::NoRole),
            Self::Ordinary => "team/",
            Self::ServiceLinked => "aws-service-role/support.amazonaws.com/",
        };
        let (kind, name) = match lookup {
            Lookup::User { name, .. } => ("user", name.as_str()),
            Lookup::Role { name, .. } => ("role", name.as_str()),
            _ => ("role", "behind-it"),
        };
        let arn = format!("arn:{}:iam::{}:{kind}/{path}{name}", lookup.partition(), lookup.account_id());
        let unique_id = if kind == "user" { "AIDAEXAMPLEANOTHER01" } else { "AROAEXAMPLEANOTHER01" };
        Ok(LookupAnswer::Arn { arn, unique_id: Some(unique_id.to_owned()) })
    }
}

/// What becomes of a finding about whom every investigation finds nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// It is left alone, or its cases close: nobody hears of it.
    Silence,
    /// People hear of it, with that cause; or it goes to the dead-letter queue, which has an alarm.
    Told(String),
}

pub(crate) fn end(document: &Value, answer: &dyn Fn(&Lookup) -> Result<LookupAnswer, LookupError>) -> End {
    let Ok(mut parsed) = ParsedFinding::from_json(document) else { return End::Told("DEAD_LETTER".to_owned()) };
    let admission = AdmissionRules::default();
    if admission.ignore_reason_before_lookup(parsed.finding()).is_some() {
        return End::Silence;
    }
    let resolved = parsed.take_candidates().into_iter().map(|candidate| match candidate.lookup().cloned() {
        Some(lookup) => candidate.resolve(answer(&lookup)),
        None => candidate.into_current_principal(),
    });
    let principals = resolved.collect();
    let told =
        parsed.into_findings(principals).into_iter().filter(|it| admission.ignore_reason(it).is_none()).find_map(cause);
    told.map_or(End::Silence, End::Told)
}

/// Why people hear of a finding whose investigation, where there can be one, finds nothing.
fn cause(finding: Finding) -> Option<String> {
    let investigated = finding.principal.entity().is_some();
    let findings = [finding];
    let opinions = Opinions { investigated, ..Opinions::default() };
    let verdict = Verdict::weigh(&findings, &[], &Weights::default());
    let cause = verdict.alert_cause(VerdictLevel::High, &opinions, &Clearance::of(&findings, false));
    cause.map(|cause| cause.word().to_owned())
}

/// Where an attacker's text stands, as JSON pointers.
fn chosen(document: &Value) -> Vec<String> {
    let mut places = Vec::new();
    gather(document, &mut String::new(), "", &mut places);
    places
}

fn gather(value: &Value, place: &mut String, name: &str, places: &mut Vec<String>) {
    let length = place.len();
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                let lower = member.to_ascii_lowercase();
                // A tag's value is chosen; no other `value` is.
                let is_tag = name.contains("tags") && lower == "value";
                if ASSIGNED_BELOW.contains(&lower.as_str()) {
                    continue;
                }
                place.push('/');
                place.push_str(&member.replace('~', "~0").replace('/', "~1"));
                gather(value, place, if is_tag { "key" } else { &lower }, places);
                place.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                place.push_str(&format!("/{index}"));
                gather(value, place, name, places);
                place.truncate(length);
            }
        }
        Value::String(_) if CHOSEN.contains(&name) || CHOSEN_TAILS.contains(&name) => places.push(place.clone()),
        _ => {}
    }
}

/// Exchanges the text at a place, as far as an attacker can choose it.
fn exchange(document: &mut Value, place: &str, text: &str) {
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

/// All documents there are, by name, with the places of an attacker's text.
fn all() -> BTreeMap<String, (Value, Vec<String>)> {
    let evasion = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/evasion");
    let folders = [Some(fixtures()), Some(evasion), corpus()];
    let documents = folders.into_iter().flatten().flat_map(|folder| documents(&folder));
    documents
        .map(|(name, document)| {
            let places = chosen(&document);
            (name, (document, places))
        })
        .collect()
}

pub(crate) fn is_severe(document: &Value) -> bool {
    ParsedFinding::from_json(document).is_ok_and(|it| it.finding().severity.band() >= SeverityBand::High)
}

/// Checks that a document that was told is told still.
fn still_told(name: &str, before: &Value, after: &Value) -> Result<(), String> {
    for world in WORLDS {
        let end = |document| end(document, &|lookup| world.answer(lookup));
        if end(before) != End::Silence && end(after) == End::Silence {
            return Err(format!("{name}: told before, silence now, if look-ups are {world:?}\n{after}"));
        }
    }
    Ok(())
}

#[test]
fn no_text_that_attackers_are_known_to_choose_silences_a_severe_finding() {
    let mut exchanged = 0;
    for (name, (document, places)) in all().iter().filter(|(_, (document, _))| is_severe(document)) {
        for text in HOSTILE {
            let mut everywhere = document.clone();
            for place in places {
                let mut once = document.clone();
                exchange(&mut once, place, text);
                still_told(name, document, &once).unwrap();
                exchange(&mut everywhere, place, text);
                exchanged += 1;
            }
            still_told(name, document, &everywhere).unwrap();
        }
    }
    assert!(exchanged > 1_000, "{exchanged} texts were exchanged");
}

proptest! {
    #[test]
    fn no_text_at_all_silences_a_severe_finding(
        which in any::<prop::sample::Index>(),
        texts in prop::collection::vec((any::<prop::sample::Index>(), ".{0,40}|[A-Za-z0-9+=,.@_/:-]{1,64}"), 1..6),
    ) {
        let all: Vec<_> = all().into_iter().filter(|(_, (document, places))| is_severe(document) && !places.is_empty()).collect();
        let (name, (document, places)) = which.get(&all);
        let mut after = document.clone();
        for (place, text) in &texts {
            let place: &String = place.get(places);
            exchange(&mut after, place, text);
        }
        prop_assert_eq!(still_told(name, document, &after), Ok(()));
    }
}

/// How many findings people would hear of if every investigation found nothing and every look-up were denied, by cause.
/// `cargo test -p gumshoe-domain --test findings noise -- --nocapture` prints it; with `FINDINGS_CORPUS`, the corpus too.
#[test]
fn noise() {
    let mut causes: BTreeMap<String, usize> = BTreeMap::new();
    for (document, _) in all().values() {
        let word = match end(document, &|lookup| World::Closed.answer(lookup)) {
            End::Silence => "silence".to_owned(),
            End::Told(cause) => cause,
        };
        *causes.entry(word).or_default() += 1;
    }
    println!("{causes:?}");
    assert!(causes["silence"] > 0 && causes.len() > 3, "{causes:?}");
}
