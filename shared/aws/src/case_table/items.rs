//! Conversion between the table's items and the domain's records.

use super::{Item, TableError};
use aws_sdk_dynamodb::types::AttributeValue;
use gumshoe_domain::assessment::Assessment;
use gumshoe_domain::case::{CaseNumber, CaseProgress, ClaimedRevisions, FindingRecord};
use gumshoe_domain::verdict::AlertCause;
use gumshoe_domain::{CaseKey, CaseRecord, CaseStatus, Principal};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// How long an item is retained after its case has ended: longer than the 90 days for which GuardDuty retains findings and Step Functions
/// the names of executions, so that neither is taken for a new one.
const RETENTION_AFTER_END: SignedDuration = SignedDuration::from_hours(100 * 24);

/// The value of the attribute `listed`, the partition key of the index, for cases that wait for their follow-up investigation.
pub(super) const FOLLOW_UP_PARTITION: &str = "SECOND_LOOK";

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn json(value: &(impl Serialize + ?Sized)) -> Result<AttributeValue, TableError> {
    serde_json::to_string(value).map(text).map_err(TableError::Serialize)
}

pub(super) fn case_sort_key(sequence: u32) -> String {
    format!("case#{sequence:010}")
}

pub(super) fn finding_sort_key(id: &str) -> String {
    format!("finding#{id}")
}

pub(super) fn key(subject: &str, item: String) -> Item {
    Item::from([("subject".to_owned(), text(subject)), ("item".to_owned(), text(item))])
}

/// All statuses.
pub(super) const STATUSES: [CaseStatus; 4] =
    [CaseStatus::Open, CaseStatus::Sealed, CaseStatus::Watching, CaseStatus::Closed];

pub(super) fn status(status: CaseStatus) -> &'static str {
    match status {
        CaseStatus::Open => "OPEN",
        CaseStatus::Sealed => "SEALED",
        CaseStatus::Watching => "WATCHING",
        CaseStatus::Closed => "CLOSED",
    }
}

/// The TTL value (seconds since 1970) of an item whose case ended at `ended`.
pub(super) fn expiry(ended: Timestamp) -> i64 {
    ended.saturating_add(RETENTION_AFTER_END).map_or(i64::MAX, |time: Timestamp| time.as_second())
}

/// The item of a new case.
pub(super) fn new_case(subject: &str, principal: &Principal, case: &CaseProgress) -> Result<Item, TableError> {
    let number = case.number;
    let mut item = key(subject, case_sort_key(number.sequence));
    item.extend([
        ("case_id".to_owned(), text(CaseKey::new(subject, number).case_id)),
        ("case_sequence".to_owned(), self::number(number.sequence)),
        ("opened_at".to_owned(), text(number.opened_at.to_string())),
        ("status".to_owned(), text(status(case.status))),
        ("principal".to_owned(), json(principal)?),
        ("joined".to_owned(), self::number(case.joined_count)),
        ("renewed".to_owned(), self::number(case.renewed_count)),
        ("execution_attempt".to_owned(), self::number(case.execution_attempt)),
        ("assessments".to_owned(), self::number(case.assessment_count)),
        ("claimed_revision".to_owned(), self::number(case.claimed_revision)),
        ("published_revision".to_owned(), self::number(case.published_revision)),
    ]);
    if let Some(notified) = case.previous_notification {
        item.insert("notified_before".to_owned(), json(&notified)?);
    }
    Ok(item)
}

pub(super) fn finding_item(subject: &str, record: &FindingRecord, now: Timestamp) -> Result<Item, TableError> {
    let mut item = key(subject, finding_sort_key(&record.finding.id));
    item.extend([
        ("finding".to_owned(), json(&record.finding)?),
        ("case_sequence".to_owned(), number(record.case.sequence)),
        ("case_opened_at".to_owned(), text(record.case.opened_at.to_string())),
        ("suppressed".to_owned(), number(record.suppressed_count)),
        ("version".to_owned(), number(record.version)),
        ("expires_at".to_owned(), number(expiry(now))),
    ]);
    Ok(item)
}

pub(super) fn case(item: &Item) -> Result<CaseRecord, TableError> {
    let read = ItemReader(item);
    let number = CaseNumber { sequence: read.number("case_sequence")?, opened_at: read.parsed("opened_at")? };
    let assessment: Option<Assessment> = read.optional("assessment", ItemReader::json)?;
    Ok(CaseRecord {
        key: CaseKey {
            subject: read.text("subject")?.to_owned(),
            sequence: number.sequence,
            case_id: read.text("case_id")?.to_owned(),
        },
        principal: read.json("principal")?,
        investigation: read.optional("investigation", ItemReader::json)?,
        other_region_investigations: read.optional("elsewhere", ItemReader::json)?.unwrap_or_default(),
        guardduty: read.optional("guardduty", ItemReader::json)?,
        progress: CaseProgress {
            number,
            status: read.status()?,
            joined_count: read.number("joined")?,
            renewed_count: read.number("renewed")?,
            execution_attempt: read.number("execution_attempt")?,

            // Cases that were opened before this attribute existed have one run.
            first_attempt_of_run: read.optional("first_attempt", ItemReader::number)?.unwrap_or(1),
            assessment_count: read.number("assessments")?,
            last_assessment: assessment.as_ref().map(Assessment::summary),
            claimed_revision: read.number("claimed_revision")?,
            publishing_until: read.optional("publishing_until", ItemReader::parsed)?,
            published_revision: read.number("published_revision")?,
            alerted_at: read.optional("alerted_at", ItemReader::parsed)?,
            closed_at: read.optional("closed_at", ItemReader::parsed)?,
            watch_until: read.optional("watch_until", ItemReader::parsed)?,
            follow_up_at: read.optional("second_look_at", ItemReader::parsed)?,
            previous_notification: read.optional("notified_before", ItemReader::json)?,
        },
        assessment,
    })
}

/// The part of an assessment that relay-alert reads.
#[derive(Deserialize)]
struct AssessmentCause {
    revision: u32,
    alert_cause: Option<AlertCause>,
}

/// A case's id and its claimed revisions, from an item with these attributes only.
pub(super) fn claims(item: &Item) -> Result<(&str, ClaimedRevisions), TableError> {
    let read = ItemReader(item);
    let assessed: Option<AssessmentCause> = read.optional("assessment", ItemReader::json)?;
    let (claimed, published): (u32, u32) = (read.number("claimed_revision")?, read.number("published_revision")?);
    let claims = ClaimedRevisions {
        last_revision: claimed.max(published),
        last_assessed: assessed.map(|it| (it.revision, it.alert_cause)),
    };
    Ok((read.text("case_id")?, claims))
}

pub(super) fn finding(item: &Item) -> Result<FindingRecord, TableError> {
    let read = ItemReader(item);
    Ok(FindingRecord {
        finding: read.json("finding")?,
        case: CaseNumber { sequence: read.number("case_sequence")?, opened_at: read.parsed("case_opened_at")? },
        suppressed_count: read.number("suppressed")?,
        version: read.number("version")?,
    })
}

/// Reads an item's attributes. Its errors name the item and the attribute.
pub(super) struct ItemReader<'a>(pub(super) &'a Item);

impl<'a> ItemReader<'a> {
    /// The case's number, from the sort key: an index entry has no other attributes.
    pub(super) fn case_sequence(&self) -> Result<u32, TableError> {
        let number = self.text("item")?.strip_prefix("case#").and_then(|number| number.parse().ok());
        number.ok_or_else(|| self.invalid_attribute("item"))
    }

    pub(super) fn status(&self) -> Result<CaseStatus, TableError> {
        let stored = self.text("status")?;
        STATUSES.into_iter().find(|it| status(*it) == stored).ok_or_else(|| self.invalid_attribute("status"))
    }

    pub(super) fn text(&self, attribute: &'static str) -> Result<&'a str, TableError> {
        let value = self.0.get(attribute).and_then(|value| value.as_s().ok());
        value.map(String::as_str).ok_or_else(|| self.invalid_attribute(attribute))
    }

    pub(super) fn number<N: FromStr>(&self, attribute: &'static str) -> Result<N, TableError> {
        let value = self.0.get(attribute).and_then(|value| value.as_n().ok());
        value.and_then(|value| value.parse().ok()).ok_or_else(|| self.invalid_attribute(attribute))
    }

    pub(super) fn parsed<T: FromStr>(&self, attribute: &'static str) -> Result<T, TableError> {
        self.text(attribute)?.parse().map_err(|_| self.invalid_attribute(attribute))
    }

    pub(super) fn json<T: DeserializeOwned>(&self, attribute: &'static str) -> Result<T, TableError> {
        serde_json::from_str(self.text(attribute)?).map_err(|_| self.invalid_attribute(attribute))
    }

    pub(super) fn optional<T>(
        &self,
        attribute: &'static str,
        read: impl FnOnce(&Self, &'static str) -> Result<T, TableError>,
    ) -> Result<Option<T>, TableError> {
        self.0.contains_key(attribute).then(|| read(self, attribute)).transpose()
    }

    pub(super) fn invalid_attribute(&self, attribute: &'static str) -> TableError {
        let key = |name: &str| {
            let value = self.0.get(name).and_then(|value| value.as_s().ok());
            value.cloned().unwrap_or_else(|| "?".to_owned())
        };
        TableError::InvalidItem { subject: key("subject"), item: key("item"), attribute }
    }
}
