//! Cases in the table, written through the real adapter.

use crate::FakeAws;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::clients;
use gumshoe_domain::assessment::{Assessment, AssessmentSummary};
use gumshoe_domain::case::{
    AlertOutcome, CaseWrite, Change, Condition, FollowUpRule, IntakeRules, KnownFinding, case_subject, decide_intake,
    next_revision,
};
use gumshoe_domain::investigation::NotInvestigated;
use gumshoe_domain::verdict::{AlertCause, Weights};
use gumshoe_domain::{CaseKey, CaseRecord, Finding, Verdict};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// The default intervals of the stack's parameters.
const RULES: IntakeRules = IntakeRules {
    realert_after: SignedDuration::from_hours(24),
    follow_up: FollowUpRule::after(SignedDuration::from_hours(6)),
};

/// The cases in the table of a [`FakeAws`]. Clones share it. Methods panic on failure.
#[derive(Debug, Clone)]
pub struct Cases {
    table: CaseTable,
}

impl Cases {
    /// The cases in the table of these services.
    #[must_use]
    pub fn of(services: &FakeAws) -> Self {
        let client = clients::DynamoDb::new(&services.configuration());
        Self { table: CaseTable::new(client, "Cases".to_owned()) }
    }

    /// The adapter of the table.
    #[must_use]
    pub fn table(&self) -> CaseTable {
        self.table.clone()
    }

    /// Processes a finding at that time as open-case does, without starting an execution: the finding opens its subject's next case,
    /// joins the open case, or is suppressed. Returns the key of its case.
    pub async fn open_or_join(&self, finding: &Value, now: Timestamp) -> CaseKey {
        let finding = &self::finding(finding);
        let subject = case_subject(finding);
        let latest = self.table.latest_case(&subject).await.unwrap().map(|case| case.progress);
        let known = self.table.finding(&subject, &finding.id).await.unwrap().map(|record| record.progress());
        let its_case = match known {
            Some(known) => {
                self.table.case_by_sequence(&subject, known.case.sequence).await.unwrap().map(|case| case.progress)
            }
            None => None,
        };
        let its_case = its_case.filter(|case| known.is_some_and(|known| known.case == case.number));
        let intake = decide_intake(
            finding.state(),
            now,
            latest,
            known.map(|finding| KnownFinding { finding, case: its_case }),
            RULES,
        );
        if let Some(write) = intake.write(finding.state(), known) {
            self.table.write_finding(finding, &write, now).await.unwrap();
        }
        CaseKey::new(&subject, intake.case().unwrap_or_else(|| known.unwrap().case))
    }

    /// The case as it is now.
    pub async fn case(&self, key: &CaseKey) -> CaseRecord {
        self.table.case(key).await.unwrap()
    }

    /// Writes an assessment of the current case with that alert cause, or a quiet one if there is none. Returns its revision.
    pub async fn assess(&self, key: &CaseKey, cause: Option<AlertCause>) -> u32 {
        let case = self.case(key).await.progress;
        let revision = next_revision(&case);
        let assessed = AssessmentSummary {
            alert_cause: cause,
            ..AssessmentSummary::quiet(case.joined_count, case.renewed_count, revision)
        };
        let write = CaseWrite::new([Condition::IsActive], [Change::Assess(assessed)]);
        assert!(self.table.write(key, &write, Some(&assessment(assessed))).await.unwrap(), "the case has ended");
        revision
    }

    /// Publishes an alert for the current case and closes it. An alert with a transient cause has no result.
    pub async fn alert(&self, key: &CaseKey, outcome: AlertOutcome, now: Timestamp) {
        let case = self.case(key).await.progress;
        let AlertOutcome { cause, level, is_transient } = outcome;
        let quiet = AssessmentSummary::quiet(case.joined_count, case.renewed_count, next_revision(&case));
        let assessed =
            AssessmentSummary { alert_cause: Some(cause), level, is_transient, has_result: !is_transient, ..quiet };
        let changes = [Change::Assess(assessed), Change::Publish(assessed.revision, now), Change::Close(now)];
        self.apply(key, changes, Some(assessed)).await;
    }

    /// Assesses the current case as quiet and sets it to WATCHING, until the given time.
    pub async fn start_watching(&self, key: &CaseKey, until: Timestamp) {
        let case = self.case(key).await.progress;
        let quiet = AssessmentSummary::quiet(case.joined_count, case.renewed_count, next_revision(&case));
        let assessed = AssessmentSummary { watch_until: Some(until), ..quiet };
        self.apply(key, [Change::Assess(assessed), Change::Watch(until)], Some(assessed)).await;
    }

    /// Begins the follow-up investigation of a watched case, as open-case does.
    pub async fn begin_follow_up(&self, key: &CaseKey, now: Timestamp) {
        let next = Change::StartNewRun(self.case(key).await.progress.execution_attempt + 1);
        self.apply(key, [Change::BeginFollowUp(now), next, Change::RemoveFromDueList], None).await;
    }

    async fn apply(&self, key: &CaseKey, changes: impl Into<Vec<Change>>, assessed: Option<AssessmentSummary>) {
        let write = CaseWrite::new([], changes);
        assert!(self.table.write(key, &write, assessed.map(assessment).as_ref()).await.unwrap());
    }

    /// Closes the case, in whatever state it is.
    pub async fn close(&self, key: &CaseKey, now: Timestamp) {
        self.apply(key, [Change::Close(now)], None).await;
    }
}

/// An assessment with this summary. All members that no decision reads are empty.
#[must_use]
pub fn assessment(assessed: AssessmentSummary) -> Assessment {
    Assessment {
        guardduty: None,
        at: Timestamp::UNIX_EPOCH,
        joined_count: assessed.joined_count,
        renewed_count: assessed.renewed_count,
        revision: assessed.revision,
        verdict: Verdict { level: assessed.level, ..Verdict::score(&[], &[], &Weights::default()) },
        alert_cause: assessed.alert_cause,
        detective_severity: None,
        indicators: Vec::new(),
        not_investigated: (!assessed.has_result).then(|| NotInvestigated::new("E", "")),
        techniques: Vec::new(),
        next_steps: Vec::new(),
        account_names: BTreeMap::new(),
        principal_inference: None,
        outside_graph: None,
        report: None,
        is_follow_up: assessed.is_follow_up,
        watch_until: assessed.watch_until,
        is_already_notified: assessed.is_already_notified,
    }
}

/// Parses a finding as Gumshoe does.
///
/// # Panics
///
/// If it is not a finding.
#[must_use]
pub fn finding(finding: &Value) -> Finding {
    Finding::from_json(finding).unwrap()
}
