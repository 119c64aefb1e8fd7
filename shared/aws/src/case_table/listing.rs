//! The index `cases-by-status`: all cases, by the time when they were opened. For operators; no decision is based on it.
//!
//! Partition key `status`, sort key `opened_at`. An index is eventually consistent: a case appears within seconds.

use super::items::{self, ItemReader, text};
use super::{CaseTable, Item, QUERY_PAGE_LIMIT, TableError};
use crate::error::ApiCallError;
use crate::pagination::{Page, collect_first};
use aws_sdk_dynamodb::types::AttributeValue;
use gumshoe_domain::assessment::Assessment;
use gumshoe_domain::verdict::AlertCause;
use gumshoe_domain::{CaseKey, CaseStatus, Principal, VerdictLevel};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The index's name in infra/case/template.yaml.
const INDEX: &str = "cases-by-status";

/// The part of an assessment that the index has. Stored; fields are only added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseSummary {
    /// The verdict's level.
    pub level: VerdictLevel,
    /// The verdict's score, 0 to 100.
    pub score: u8,
    /// Why people are notified; `None` if the case ends without an alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_cause: Option<AlertCause>,
    /// Whether Detective has a result.
    pub has_result: bool,
}

impl CaseSummary {
    /// The summary of an assessment.
    #[must_use]
    pub fn of(assessment: &Assessment) -> Self {
        Self {
            level: assessment.verdict.level,
            score: assessment.verdict.score,
            alert_cause: assessment.alert_cause,
            has_result: assessment.not_investigated.is_none(),
        }
    }
}

/// A case in the listing.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseListEntry {
    /// The case's key.
    pub key: CaseKey,
    /// The principal.
    pub principal: Principal,
    /// The status.
    pub status: CaseStatus,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The last revision that was published; 0 without an alert.
    pub published_revision: u32,
    /// When the last revision was published.
    pub alerted_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// The last assessment; `None` if the case is not assessed yet, or was assessed by a version without this attribute.
    pub summary: Option<CaseSummary>,
}

impl CaseListEntry {
    fn read(item: &Item) -> Result<Self, TableError> {
        let read = ItemReader(item);
        Ok(Self {
            key: CaseKey {
                subject: read.text("subject")?.to_owned(),
                sequence: read.case_sequence()?,
                case_id: read.text("case_id")?.to_owned(),
            },
            principal: read.json("principal")?,
            status: read.status()?,
            opened_at: read.parsed("opened_at")?,
            published_revision: read.number("published_revision")?,
            alerted_at: read.optional("alerted_at", ItemReader::parsed)?,
            closed_at: read.optional("closed_at", ItemReader::parsed)?,
            summary: read.optional("summary", ItemReader::json)?,
        })
    }
}

impl CaseTable {
    /// The cases of that status that were opened at `since` or later, the latest first: those that `keep` selects, at most `limit`.
    ///
    /// # Errors
    ///
    /// A failed Query, or an invalid item.
    pub async fn list_cases(
        &self,
        status: CaseStatus,
        since: Timestamp,
        limit: usize,
        keep: impl Fn(&CaseListEntry) -> bool,
    ) -> Result<Vec<CaseListEntry>, TableError> {
        // Times are stored with as many digits as they need, so the text of a whole second sorts after its fractions. The second
        // without a zone sorts before both.
        let since_second = since.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let keep = &keep;
        collect_first(limit, QUERY_PAGE_LIMIT, |start| {
            let value = text(&since_second);
            async move {
                let page = self.query_index(status, "opened_at >= :opened", value, start).await?;
                let entries = page.items.iter().map(CaseListEntry::read).collect::<Result<Vec<_>, _>>()?;
                let items = entries.into_iter().filter(|entry| entry.opened_at >= since && keep(entry)).collect();
                Ok(Page { items, next: page.next })
            }
        })
        .await
    }

    /// The key of the case with that id; `None` if there is none. The id contains the time at which the case was opened.
    ///
    /// # Errors
    ///
    /// A failed Query, or an invalid item.
    pub async fn find_case(&self, case_id: &str) -> Result<Option<CaseKey>, TableError> {
        let Some(second) = opening_second(case_id) else { return Ok(None) };
        for status in items::STATUSES {
            let value = text(&second);
            let found = collect_first(1, QUERY_PAGE_LIMIT, |start| {
                let value = value.clone();
                async move {
                    let page = self.query_index(status, "begins_with(opened_at, :opened)", value, start).await?;
                    let entries = page.items.iter().map(CaseListEntry::read).collect::<Result<Vec<_>, _>>()?;
                    let items = entries.into_iter().filter(|entry| entry.key.case_id == case_id).collect();
                    Ok::<_, TableError>(Page { items, next: page.next })
                }
            })
            .await?;
            if let Some(entry) = found.into_iter().next() {
                return Ok(Some(entry.key));
            }
        }
        Ok(None)
    }

    /// A page of the index, the latest case first.
    async fn query_index(
        &self,
        status: CaseStatus,
        opened: &str,
        value: AttributeValue,
        start: Option<Item>,
    ) -> Result<Page<Item, Item>, TableError> {
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(INDEX)
            .key_condition_expression(format!("#status = :status AND {opened}"))
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", text(items::status(status)))
            .expression_attribute_values(":opened", value)
            .scan_index_forward(false)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| ApiCallError::new("Query", error))?;
        Ok(Page { items: page.items.unwrap_or_default(), next: page.last_evaluated_key })
    }
}

/// The second in which a case was opened, as the beginning of the stored time, from the case's id, such as `20260115T124000123Z` in its
/// middle; `None` if the text is no case's id.
fn opening_second(case_id: &str) -> Option<String> {
    let time = case_id.split('-').nth(1)?;
    let is_digit = |index: usize| time.as_bytes().get(index).is_some_and(u8::is_ascii_digit);
    let is_time = time.len() == 19 && time.as_bytes()[8] == b'T' && (0..8).chain(9..18).all(is_digit);
    is_time.then(|| {
        format!("{}-{}-{}T{}:{}:{}", &time[..4], &time[4..6], &time[6..8], &time[9..11], &time[11..13], &time[13..15])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::case::{CaseWrite, Change};
    use jiff::SignedDuration;
    use testkit::{Cases, FakeAws, findings, now};

    #[test]
    fn the_opening_time_is_read_from_the_id() {
        assert_eq!(opening_second("0a1b2c3d4e5f-20260115T124000123Z-1").as_deref(), Some("2026-01-15T12:40:00"));
        for text in
            ["", "a", "a-b-c", "0a1b-20260115T1240001Z-1", "0a1b-20260115T12400012éZ-1", "0a1b-2026011500000000000-1"]
        {
            assert_eq!(opening_second(text), None, "{text}");
        }
    }

    #[test]
    fn the_stored_form_of_a_summary_never_changes() {
        let summary = CaseSummary {
            level: VerdictLevel::High,
            score: 70,
            alert_cause: Some(AlertCause::NotInvestigated),
            has_result: false,
        };
        let stored = r#"{"level":"HIGH","score":70,"alert_cause":"NOT_INVESTIGATED","has_result":false}"#;
        assert_eq!(serde_json::to_string(&summary).unwrap(), stored);
        assert_eq!(serde_json::from_str::<CaseSummary>(stored).unwrap(), summary);
    }

    #[tokio::test]
    async fn cases_are_listed_by_status_from_the_latest_and_found_by_their_id() {
        let services = FakeAws::default();
        services.set_page_size(2);
        let cases = Cases::of(&services);
        let table = cases.table();
        let (start, mut keys) = (now(), Vec::new());
        for number in 0..5 {
            let opened = start + SignedDuration::from_millis(number * 700);
            let name = format!("user-{number}");
            let finding = findings::user_finding(&name, &format!("f{number}"));
            keys.push(cases.open_or_join(&finding, opened).await);
        }
        table.write(&keys[3], &CaseWrite::new([], [Change::Close(start)]), None).await.unwrap();
        // testkit has a copy of this crate of its own, so the entry's type is not named here.
        macro_rules! ids {
            ($listed:expr) => {
                $listed.await.unwrap().into_iter().map(|entry| entry.key.case_id).collect::<Vec<String>>()
            };
        }
        let open = CaseStatus::Open;
        let expected: Vec<String> = [4, 2, 1, 0].map(|index: usize| keys[index].case_id.clone()).to_vec();
        assert_eq!(ids!(table.list_cases(open, start, 10, |_| true)), expected);
        let later = start + SignedDuration::from_millis(700);
        assert_eq!(ids!(table.list_cases(open, later, 10, |_| true)), expected[..3]);
        assert_eq!(ids!(table.list_cases(open, start, 2, |entry| entry.key != keys[4])), expected[1..3]);
        for key in &keys {
            assert_eq!(table.find_case(&key.case_id).await.unwrap().as_ref(), Some(key));
        }
        assert_eq!(table.find_case("0a1b2c3d4e5f-20260115T124000123Z-1").await.unwrap(), None);
        let queries = services.calls();
        assert!(queries.iter().all(|call| call.operation != "Scan"));
    }
}
