//! An OCSF Detection Finding (class 2004) for consumers of EventBridge, such as a SIEM or a data lake.
//!
//! Source: the Open Cybersecurity Schema Framework, version 1.6.0, as Security Hub uses it: class `detection_finding` with
//! the profile `cloud`. `metadata.uid` identifies case and revision: consumers drop an event with a known `metadata.uid`.

mod evidences;
mod unmapped;

pub(crate) use unmapped::Unmapped;

use crate::message::{Alert, AlertFinding, Principal, Technique};
use crate::text::guardduty_summary::{self, AI_NOTICE, EntryLimit, INVESTIGATION_TITLE, RenderedAnswer};
use crate::text::shorten::join_sentences;
use gumshoe_domain::VerdictLevel;
use gumshoe_domain::mitre;
use gumshoe_domain::text::{defang, defang_finding_type, one_line};
use gumshoe_domain::verdict::AlertCause;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Longest event, in bytes. EventBridge accepts entries of up to 256 KB.
pub const MAX_BYTES: usize = 64 * 1024;
/// The version of OCSF.
const VERSION: &str = "1.6.0";
/// Limit of GuardDuty's investigation.
const GUARDDUTY_LIMIT: EntryLimit = EntryLimit { entries: 5, chars: 300 };

/// The event of the case that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseEvent {
    /// A revision of its alert was published.
    Alerted,
    /// The case was closed after an alert.
    Closed,
    /// The case was closed without an alert.
    ClosedQuietly,
}

impl CaseEvent {
    /// EventBridge's `detail-type`.
    #[must_use]
    pub fn detail_type(self) -> &'static str {
        match self {
            Self::Alerted => "Case Alerted",
            Self::Closed | Self::ClosedQuietly => "Case Closed",
        }
    }

    /// The suffix of `metadata.uid`.
    fn uid_suffix(self) -> &'static str {
        match self {
            Self::Alerted => "alerted",
            Self::Closed | Self::ClosedQuietly => "closed",
        }
    }
}

/// The detail of the event.
#[must_use]
pub fn detail(alert: &Alert, event: CaseEvent) -> Value {
    // A case that Gumshoe closes after an alert stays open for people.
    let is_resolved = event == CaseEvent::ClosedQuietly || alert.cause == AlertCause::Resolved;
    let (activity_id, activity) = match (event, alert.revision) {
        (CaseEvent::Closed | CaseEvent::ClosedQuietly, _) if is_resolved => (3, "Close"),
        (CaseEvent::Alerted, 1) => (1, "Create"),
        _ => (2, "Update"),
    };
    let (severity_id, severity) = severity(alert);
    let (status_id, status) = if is_resolved { (4, "Resolved") } else { (1, "New") };
    let summary = alert.summary_lines();
    let mut detail = json!({
        "activity_id": activity_id, "activity_name": activity,
        "category_uid": 2, "category_name": "Findings",
        "class_uid": 2004, "class_name": "Detection Finding",
        "type_uid": 200_400 + activity_id, "type_name": format!("Detection Finding: {activity}"),
        "time": alert.assessed_at.as_millisecond(),
        "severity_id": severity_id, "severity": severity,
        "status_id": status_id, "status": status,
        "risk_score": alert.verdict.score,
        "message": join_sentences([summary.headline.as_str(), &summary.why, &summary.what]),
        "is_alert": event == CaseEvent::Alerted && alert.cause != AlertCause::Resolved,
        "count": alert.finding_count,
        "metadata": {
            "version": VERSION,
            "uid": format!("{}-{}-{}", alert.case_id, alert.revision, event.uid_suffix()),
            "correlation_uid": alert.case_id,
            "profiles": ["cloud"],
            "product": {"name": "Gumshoe", "vendor_name": "Gumshoe", "version": env!("CARGO_PKG_VERSION")}
        },
        "finding_info": finding_info(alert),
        "cloud": cloud(alert),
        "resources": resources(alert),
        "unmapped": serde_json::to_value(Unmapped::of(alert, event)).unwrap_or_default()
    });
    if !alert.next_steps.is_empty() {
        let steps = alert.next_steps.iter().take(8).map(|step| defang(&step.text, 420)).collect::<Vec<_>>();
        detail["remediation"] = json!({"desc": steps.join("\n")});
    }
    let evidences = evidences::evidences(alert);
    if !evidences.is_empty() {
        detail["evidences"] = evidences.into();
    }
    if let Some(enrichment) = enrichment(alert) {
        detail["enrichments"] = json!([enrichment]);
    }
    let times = alert.findings.iter();
    let first = times.clone().filter_map(|finding| finding.first_seen).min();
    let last = times.filter_map(|finding| finding.last_seen).max();
    put_time(&mut detail, "start_time", first);
    put_time(&mut detail, "end_time", last);
    shorten(&mut detail);
    detail
}

/// Lists whose last entries are omitted if an event would be longer than [`MAX_BYTES`], in this order. Only texts in characters of
/// three or four bytes make an event that long.
const TRUNCATED_LISTS: [&str; 4] =
    ["/evidences", "/unmapped/indicators", "/finding_info/related_events", "/unmapped/reasons"];

fn shorten(detail: &mut Value) {
    let mut length = detail.to_string().len();
    for path in TRUNCATED_LISTS {
        while length > MAX_BYTES
            && let Some(omitted) = detail.pointer_mut(path).and_then(Value::as_array_mut).and_then(Vec::pop)
        {
            length -= omitted.to_string().len();
            detail["unmapped"]["shortened"] = true.into();
        }
    }
}

fn severity(alert: &Alert) -> (u8, &'static str) {
    match alert.verdict.level {
        VerdictLevel::Informational => (1, "Informational"),
        VerdictLevel::Low => (2, "Low"),
        VerdictLevel::Medium => (3, "Medium"),
        VerdictLevel::High => (4, "High"),
        VerdictLevel::Critical => (5, "Critical"),
    }
}

fn finding_info(alert: &Alert) -> Value {
    let mut types: Vec<String> = alert.findings.iter().map(|it| defang_finding_type(&it.finding_type, 120)).collect();
    types.sort();
    types.dedup();
    let related: Vec<Value> = alert.findings.iter().take(20).map(related_event).collect();
    let mut info = json!({
        "uid": alert.case_id,
        "title": alert.summary_lines().headline,
        "desc": alert.strongest_reasons(3).map(|it| defang(&it.text, 300)).collect::<Vec<_>>().join("; "),
        "types": types,
        "created_time": alert.opened_at.as_millisecond(),
        "modified_time": alert.assessed_at.as_millisecond(),
        "analytic": {"type_id": 1, "type": "Rule", "uid": "gumshoe-verdict", "name": "Gumshoe's verdict"},
        "data_sources": ["Amazon GuardDuty", "Amazon Detective"],
        "related_events": related,
        "related_events_count": alert.finding_count
    });
    let attacks: Vec<Value> = alert.techniques.iter().filter_map(attack).collect();
    if !attacks.is_empty() {
        info["attacks"] = attacks.into();
    }
    if let Some(link) = alert.links.first() {
        info["src_url"] = link.url.clone().into();
    }
    put_time(&mut info, "first_seen_time", alert.findings.iter().filter_map(|it| it.first_seen).min());
    put_time(&mut info, "last_seen_time", alert.findings.iter().filter_map(|it| it.last_seen).max());
    info
}

/// A technique as OCSF's object `attack`; `None` if ATT&CK has no technique of that name, because consumers expect its id.
fn attack(observed: &Technique) -> Option<Value> {
    let id = observed.technique_id.as_deref()?;
    let named = |id: &str, name: &str| json!({"uid": id, "name": defang(name, 80)});
    let mut attack = json!({"version": mitre::ATTACK_VERSION});
    match id.split_once('.') {
        None => attack["technique"] = named(id, &observed.technique),
        Some((parent, _)) => {
            attack["technique"] = named(parent, mitre::name_by_id(parent)?);
            attack["sub_technique"] = named(id, &observed.technique);
        }
    }
    if let Some(id) = &observed.tactic_id {
        attack["tactic"] = named(id, &observed.tactic);
    }
    Some(attack)
}

/// Whether ATT&CK has no id for the technique or the tactic, so that [`attack`] omits it.
fn lacks_attack_id(observed: &Technique) -> bool {
    observed.technique_id.is_none() || observed.tactic_id.is_none()
}

/// A GuardDuty finding, also of class 2004.
fn related_event(finding: &AlertFinding) -> Value {
    let mut event = json!({
        "uid": finding.id,
        "type_uid": 200_401,
        "type_name": "Detection Finding: Create",
        "title": defang(&finding.title, 200),
        "count": finding.count,
        "product": {"name": "GuardDuty", "vendor_name": "AWS"},
        "desc": format!("{} {}", defang_finding_type(&finding.finding_type, 120), finding.severity)
    });
    put_time(&mut event, "first_seen_time", finding.first_seen);
    put_time(&mut event, "last_seen_time", finding.last_seen);
    event
}

fn cloud(alert: &Alert) -> Value {
    let mut cloud = Map::from_iter([("provider".to_owned(), "AWS".into())]);
    if let Some(region) = alert.regions.first() {
        cloud.insert("region".to_owned(), region.clone().into());
    }
    if let Some(id) = alert.principal.account_id().map(str::to_owned).or_else(|| alert.accounts.first().cloned()) {
        let mut account = json!({"uid": id, "type_id": 10, "type": "AWS Account"});
        if let Some(name) = alert.account_names.get(&id) {
            account["name"] = defang(name, 128).into();
        }
        cloud.insert("account".to_owned(), account);
    }
    cloud.into()
}

/// The principal, or the subject of the case if there is no IAM principal.
fn resources(alert: &Alert) -> Value {
    let (uid, kind) = match &alert.principal {
        Principal::IamUser(entity) => (entity.arn.clone(), "AWS::IAM::User"),
        Principal::IamRole(entity) => (entity.arn.clone(), "AWS::IAM::Role"),
        Principal::NotInvestigable(_) => (alert.subject.clone(), "Other"),
    };
    let name = alert.principal.name().map_or_else(|| one_line(&uid, 200), |name| defang(name, 128));
    json!([{"uid": one_line(&uid, 700), "name": name, "type": kind}])
}

/// The result of GuardDuty's investigation, as data of another provider about `finding_info.uid`.
fn enrichment(alert: &Alert) -> Option<Value> {
    let completed = alert.guardduty_result()?;
    let Some(RenderedAnswer::Result(shown)) = guardduty_summary::render(alert, GUARDDUTY_LIMIT, defang) else {
        return None;
    };
    let mut data = json!({
        "about": AI_NOTICE,
        "investigation_id": defang(&completed.investigation_id, 80),
        "risk_level": completed.risk_level,
        "confidence": completed.confidence,
        "reused": completed.is_reused
    });
    for part in &shown.parts {
        data[part.key] = part.lines().collect::<Vec<_>>().into();
    }
    put_time(&mut data, "start_time", completed.start_time);
    put_time(&mut data, "end_time", completed.end_time);
    Some(json!({
        "name": "finding_info.uid", "value": alert.case_id, "provider": "Amazon GuardDuty",
        "type": format!("{INVESTIGATION_TITLE} ({AI_NOTICE})"), "data": data
    }))
}

/// OCSF's `timestamp_t`: milliseconds since 1970.
fn put_time(object: &mut Value, name: &str, time: Option<Timestamp>) {
    if let Some(time) = time {
        object[name] = time.as_millisecond().into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use gumshoe_domain::indicator::Example;

    #[test]
    fn details_match_snapshots() {
        for (name, case) in fixtures::all() {
            let mut detail = detail(&case.alert(), CaseEvent::Alerted);
            assert!(detail.to_string().len() <= MAX_BYTES, "{name}");
            detail["metadata"]["product"]["version"] = "(version)".into();
            assert_json!(name, detail);
        }
    }

    #[test]
    fn longest_event_is_truncated_and_keeps_required_members() {
        let mut case = fixtures::many();
        let long = "\u{1F9ED}".repeat(500);
        let mut reason = case.assessment.verdict.reasons[0].clone();
        reason.code = gumshoe_domain::verdict::ReasonCode::LegacyText { text: long.clone() };
        case.assessment.verdict.reasons.resize(40, reason);
        let mut group = case.assessment.indicators[0].clone();
        group.examples = vec![Example::LegacyText(long.clone()); 3];
        case.assessment.indicators.resize(40, group);
        for finding in &mut case.findings {
            finding.title.clone_from(&long);
        }
        let alert = case.alert();
        let detail = detail(&alert, CaseEvent::Alerted);
        assert!(detail.to_string().len() <= MAX_BYTES, "{}", detail.to_string().len());
        assert_eq!(detail["unmapped"]["shortened"], true);
        assert!(detail["unmapped"]["indicators"].as_array().unwrap().len() < 20);
        assert_eq!(detail["finding_info"]["related_events_count"], alert.finding_count);
        assert_eq!(detail["unmapped"]["reasons"].as_array().unwrap().len(), 12, "reasons are kept longest");
    }

    /// The members that the schema requires for the class.
    #[test]
    fn required_members_are_present_and_ids_agree() {
        for (name, case) in fixtures::all() {
            for event in [CaseEvent::Alerted, CaseEvent::Closed, CaseEvent::ClosedQuietly] {
                let detail = detail(&case.alert(), event);
                for path in [
                    "/activity_id",
                    "/category_uid",
                    "/class_uid",
                    "/type_uid",
                    "/time",
                    "/severity_id",
                    "/metadata/product/name",
                    "/metadata/version",
                    "/finding_info/uid",
                    "/cloud/provider",
                ] {
                    assert!(detail.pointer(path).is_some_and(|value| !value.is_null()), "{name}: {path}");
                }
                let number = |name: &str| detail[name].as_u64().unwrap();
                assert_eq!(number("type_uid"), number("class_uid") * 100 + number("activity_id"));
                assert_eq!(number("class_uid"), 2004);
            }
        }
    }
}
