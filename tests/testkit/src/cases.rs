//! Cases in the table, written by the real adapter.

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

/// The intervals, as deployed unless somebody says otherwise.
const RULES: IntakeRules = IntakeRules {
    realert_after: SignedDuration::from_hours(24),
    follow_up: FollowUpRule::after(SignedDuration::from_hours(6)),
};

/// The cases in the table of some services. Clones are the same. What does not work as it should panics.
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

    /// Takes a finding in at that moment as open-case does, without an execution: it opens its subject's next case, joins
    /// the one that is open, or is suppressed. Gives the key of its case.
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

    /// Writes an assessment of the case as it is now, for that cause or, without one, a quiet one; gives its revision.
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

    /// People are alerted of the case as it is now, and it is closed. What may pass is told without a result.
    pub async fn alert(&self, key: &CaseKey, outcome: AlertOutcome, now: Timestamp) {
        let case = self.case(key).await.progress;
        let AlertOutcome { cause, level, is_transient } = outcome;
        let quiet = AssessmentSummary::quiet(case.joined_count, case.renewed_count, next_revision(&case));
        let assessed =
            AssessmentSummary { alert_cause: Some(cause), level, is_transient, has_result: !is_transient, ..quiet };
        let changes = [Change::Assess(assessed), Change::Publish(assessed.revision, now), Change::Close(now)];
        self.apply(key, changes, Some(assessed)).await;
    }

    /// The case is watched from that moment on, after a quiet assessment as it is now.
    pub async fn start_watching(&self, key: &CaseKey, until: Timestamp) {
        let case = self.case(key).await.progress;
        let quiet = AssessmentSummary::quiet(case.joined_count, case.renewed_count, next_revision(&case));
        let assessed = AssessmentSummary { watch_until: Some(until), ..quiet };
        self.apply(key, [Change::Assess(assessed), Change::Watch(until)], Some(assessed)).await;
    }

    /// The second look of a case that is watched begins, as open-case has it.
    pub async fn begin_second_look(&self, key: &CaseKey, now: Timestamp) {
        let next = Change::StartNewRun(self.case(key).await.progress.execution_attempt + 1);
        self.apply(key, [Change::BeginFollowUp(now), next, Change::RemoveFromDueList], None).await;
    }

    async fn apply(&self, key: &CaseKey, changes: impl Into<Vec<Change>>, assessed: Option<AssessmentSummary>) {
        let write = CaseWrite::new([], changes);
        assert!(self.table.write(key, &write, assessed.map(assessment).as_ref()).await.unwrap());
    }

    /// Closes the case, whatever has become of it.
    pub async fn close(&self, key: &CaseKey, now: Timestamp) {
        self.apply(key, [Change::Close(now)], None).await;
    }
}

/// An assessment that decisions see as that one, with nothing else in it.
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

/// A finding as Gumshoe reads it. What is none panics.
#[must_use]
pub fn finding(finding: &Value) -> Finding {
    Finding::from_json(finding).unwrap()
}
