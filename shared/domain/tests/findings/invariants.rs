//! Invariants of parsed findings, checked independently of the parser.

use gumshoe_domain::admission::AdmissionRules;
use gumshoe_domain::explanation::Explanation;
use gumshoe_domain::principal::{Lookup, LookupAnswer, LookupError, PrincipalCandidate};
use gumshoe_domain::{Finding, ParsedFinding, Principal};
use serde_json::{Value, json};

/// Checks all invariants of the finding that was parsed from the document.
pub(crate) fn check(document: &Value, mut parsed: ParsedFinding) {
    let text = document.to_string();
    let explanation = Explanation::of(&parsed, &AdmissionRules::default());
    serde_json::to_string(&explanation.clone().map_reason(|_| "why")).unwrap();
    assert!(!explanation.principals.is_empty());

    if parsed.finding().is_sample || parsed.finding().has_sample_ids {
        let asked = explanation.principals.iter().flat_map(|it| [&it.entity_arn, &it.lookup]).flatten();
        asked.for_each(|text| assert!(!is_sample_name(text), "{text} is a sample name"));
    }
    let candidates = parsed.take_candidates();
    let owner = parsed.finding().owner().map(str::to_owned);
    for candidate in &candidates {
        check_principal(candidate.current_principal(), owner.as_deref(), &text);
        if let Some(asked) = candidate.lookup() {
            check_lookup(asked, owner.as_deref(), &text);
        }
        check_lookup_answers(candidate, owner.as_deref(), &text);
    }
    let findings =
        parsed.into_findings(candidates.into_iter().map(PrincipalCandidate::into_current_principal).collect());
    assert!(!findings.is_empty());
    for finding in &findings {
        check_finding(finding, &text, owner.as_deref());
    }
    let mut subjects: Vec<_> = findings.iter().map(|finding| finding.principal.entity_arn()).collect();
    subjects.sort_unstable();
    subjects.dedup();
    assert_eq!(subjects.len(), findings.len(), "more than one finding about a principal");
}

fn check_finding(finding: &Finding, text: &str, owner: Option<&str>) {
    check_principal(&finding.principal, owner, text);
    assert!(finding.others.len() <= 13);
    texts(&json!([finding.others, finding.account_id, finding.details]), &|text| {
        assert!(text.len() <= 800 && !text.contains(['\n', '\r', '\0', '\u{202e}']), "{text}");
    });
    assert!(serde_json::to_string(finding).unwrap().len() < 20_000, "too large for an item of the table");
}

fn texts(value: &Value, check: &impl Fn(&str)) {
    match value {
        Value::String(text) => check(text),
        Value::Array(values) => values.iter().for_each(|value| texts(value, check)),
        Value::Object(members) => members.values().for_each(|value| texts(value, check)),
        _ => {}
    }
}

/// Unexpected answers and failures of lookups do not break the invariants.
fn check_lookup_answers(candidate: &PrincipalCandidate, owner: Option<&str>, text: &str) {
    let answer = |arn: &str| Ok(LookupAnswer::Arn { arn: arn.to_owned(), unique_id: None });
    for wrong in ["", "arn:aws:iam::000011112222:role/elsewhere", "GeneratedFinding", "arn:aws:iam::111122223333:root"]
    {
        check_principal(&candidate.clone().resolve(answer(wrong)), owner, text);
    }
    for failed in [Ok(LookupAnswer::NoRole), Err(LookupError::Denied), Err(LookupError::Unavailable)] {
        let after = candidate.clone().resolve(failed);
        assert_eq!(after.entity_arn(), candidate.current_principal().entity_arn());
    }
}

fn check_principal(principal: &Principal, owner: Option<&str>, text: &str) {
    let Some(entity) = principal.entity() else { return };
    let kind = if matches!(principal, Principal::IamUser(_)) { "user" } else { "role" };
    let (partition, account, name) = parse_iam_arn(&entity.arn, kind);
    assert_eq!((account, name), (entity.account_id.as_str(), entity.name.as_str()));
    assert_eq!(entity.is_arn_certain, entity.uncertainties.is_empty());
    check_from_document(partition, account, name, owner, text);
}

fn check_lookup(lookup: &Lookup, owner: Option<&str>, text: &str) {
    let name = match lookup {
        Lookup::User { name, .. } | Lookup::Role { name, .. } | Lookup::InstanceProfile { name, .. } => name,
        Lookup::TaskDefinition { arn, .. } => arn,
        Lookup::PodIdentity { service_account, .. } => service_account,
    };
    check_from_document(lookup.partition(), lookup.account_id(), name, owner, text);
    if let Some(region) = lookup.region() {
        assert!(text.contains(region), "{region} is not in the document");
    }
}

/// Partition, account and name come from the document, and the account is the finding's.
fn check_from_document(partition: &str, account: &str, name: &str, owner: Option<&str>, text: &str) {
    assert!(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()), "{account}");
    assert!(owner.is_none_or(|own| own == account), "{account} is not the finding's account");
    for part in [partition, account, name] {
        assert!(!part.is_empty() && text.contains(part), "{part} is not in the document");
    }
}

/// Whether an ARN or a displayed lookup contains a sample name.
fn is_sample_name(text: &str) -> bool {
    text.split(['/', ':', ' ']).any(|part| part.starts_with("GeneratedFinding") || part == "i-99999999")
}

/// The parts of the ARN of an IAM user or role.
fn parse_iam_arn<'a>(arn: &'a str, kind: &str) -> (&'a str, &'a str, &'a str) {
    // A path can contain colons (IAM API reference, Path).
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts[..] else { panic!("{arn}") };
    // AWS adds partitions, such as aws-eusc.
    assert!(partition == "aws" || partition.starts_with("aws-"), "{arn}");
    let segments: Vec<&str> = resource.split('/').collect();
    assert_eq!(segments[0], kind, "{arn}");
    assert!(segments.len() >= 2 && segments.iter().all(|segment| !segment.is_empty()), "{arn}");
    assert!(arn.bytes().all(|byte| byte.is_ascii_graphic()), "{arn}");
    let name = segments[segments.len() - 1];
    assert!(name.len() <= 64 && name.bytes().all(|it| it.is_ascii_alphanumeric() || b"+=,.@_-".contains(&it)), "{arn}");
    (partition, account, name)
}
