//! Cases in the table, written by the real adapter.

use crate::FakeAws;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::clients;
use gumshoe_domain::assessment::{Assessed, Assessment};
use gumshoe_domain::case::{
    AlertOutcome, CaseWrite, Change, Condition, IntakeRules, Known, SecondLook, assessed_revision, receive, subject_of,
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
    second_look: SecondLook::after(SignedDuration::from_hours(6)),
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
        let subject = subject_of(finding);
        let latest = self.table.latest_case(&subject).await.unwrap().map(|case| case.progress);
        let known = self.table.finding(&subject, &finding.id).await.unwrap().map(|record| record.progress());
        let its_case = match known {
            Some(known) => {
                self.table.case_by_sequence(&subject, known.case.sequence).await.unwrap().map(|case| case.progress)
            }
            None => None,
        };
        let its_case = its_case.filter(|case| known.is_some_and(|known| known.case == case.number));
        let intake =
            receive(finding.state(), now, latest, known.map(|finding| Known { finding, case: its_case }), RULES);
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
        let revision = assessed_revision(&case);
        let assessed = Assessed { cause, ..Assessed::quiet(case.joined, case.renewed, revision) };
        let write = CaseWrite::new([Condition::IsUnderWay], [Change::Assess(assessed)]);
        assert!(self.table.write(key, &write, Some(&assessment(assessed))).await.unwrap(), "the case has ended");
        revision
    }

    /// People are alerted of the case as it is now, and it is closed. What may pass is told without a result.
    pub async fn alert(&self, key: &CaseKey, outcome: AlertOutcome, now: Timestamp) {
        let case = self.case(key).await.progress;
        let AlertOutcome { cause, level, may_pass } = outcome;
        let quiet = Assessed::quiet(case.joined, case.renewed, assessed_revision(&case));
        let assessed = Assessed { cause: Some(cause), level, may_pass, has_result: !may_pass, ..quiet };
        let changes = [Change::Assess(assessed), Change::Publish(assessed.revision, now), Change::Close(now)];
        self.apply(key, changes, Some(assessed)).await;
    }

    /// The case is watched from that moment on, after a quiet assessment as it is now.
    pub async fn start_watching(&self, key: &CaseKey, until: Timestamp) {
        let case = self.case(key).await.progress;
        let quiet = Assessed::quiet(case.joined, case.renewed, assessed_revision(&case));
        let assessed = Assessed { watch_until: Some(until), ..quiet };
        self.apply(key, [Change::Assess(assessed), Change::Watch(until)], Some(assessed)).await;
    }

    /// The second look of a case that is watched begins, as open-case has it.
    pub async fn begin_second_look(&self, key: &CaseKey, now: Timestamp) {
        let next = Change::NextRun(self.case(key).await.progress.execution_attempt + 1);
        self.apply(key, [Change::BeginSecondLook(now), next, Change::Unlist], None).await;
    }

    async fn apply(&self, key: &CaseKey, changes: impl Into<Vec<Change>>, assessed: Option<Assessed>) {
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
pub fn assessment(assessed: Assessed) -> Assessment {
    Assessment {
        guardduty: None,
        at: Timestamp::UNIX_EPOCH,
        joined: assessed.joined,
        renewed: assessed.renewed,
        revision: assessed.revision,
        verdict: Verdict { level: assessed.level, ..Verdict::weigh(&[], &[], &Weights::default()) },
        alert_cause: assessed.cause,
        detective_severity: None,
        indicators: Vec::new(),
        not_investigated: (!assessed.has_result).then(|| NotInvestigated::new("E", "")),
        techniques: Vec::new(),
        next_steps: Vec::new(),
        account_names: BTreeMap::new(),
        uncertain: None,
        outside_graph: None,
        report: None,
        second_look: assessed.second_look,
        watch_until: assessed.watch_until,
        already_notified: assessed.already_notified,
    }
}

/// A finding as Gumshoe reads it. What is none panics.
#[must_use]
pub fn finding(finding: &Value) -> Finding {
    Finding::from_json(finding).unwrap()
}
