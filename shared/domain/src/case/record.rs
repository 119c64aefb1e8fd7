//! What the table holds of a case and of a finding.

use crate::alert::NextStep;
use crate::finding::Finding;
use crate::indicator::{IndicatorGroup, Technique};
use crate::investigation::{InvestigationSeverity, NotInvestigated, Scope};
use crate::principal::{Entity, Principal};
use crate::verdict::{AlertCause, Verdict};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Who or what a case is about: the IAM user or role, as an ARN without its path, or the finding itself when there is none.
///
/// Names of users and of roles are unique in an account, whatever their paths. So whether a path could be looked up makes
/// no difference to which case a finding belongs to.
#[must_use]
pub fn subject_of(finding: &Finding) -> String {
    let named = |entity: &Entity, kind: &str| {
        let partition = entity.arn.split(':').nth(1).unwrap_or("aws");
        format!("arn:{partition}:iam::{}:{kind}/{}", entity.account_id, entity.name)
    };
    match &finding.principal {
        Principal::IamUser(user) => named(user, "user"),
        Principal::IamRole(role) => named(role, "role"),
        Principal::NotInvestigable(_) => format!("finding/{}/{}/{}", finding.account_id, finding.region, finding.id),
    }
}

/// What names one case. The state machine carries it, and nothing else, from step to step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseKey {
    /// As [`subject_of`] gives it.
    pub subject: String,
    /// Counts the subject's cases, from 1.
    pub sequence: u32,
    /// Unique for ever, also after the table has forgotten the case; the name of its execution.
    pub case_id: String,
}

impl CaseKey {
    /// The key of the subject's case of that number, opened at that moment.
    ///
    /// The id is made of a digest of the subject and of the moment: the table forgets closed cases after a while and
    /// counts anew, but Step Functions remembers the names of executions for 90 days.
    #[must_use]
    pub fn new(subject: &str, sequence: u32, opened_at: Timestamp) -> Self {
        let mut case_id = String::with_capacity(32);
        for byte in Sha256::digest(subject.as_bytes()).iter().take(6) {
            let _ = write!(case_id, "{byte:02x}"); // writing to a String cannot fail
        }
        let _ = write!(case_id, "-{}", opened_at.strftime("%Y%m%dT%H%M%S%3fZ"));
        Self { subject: subject.to_owned(), sequence, case_id }
    }
}

/// Whether findings may still join a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CaseStatus {
    /// Findings about the subject join it.
    Open,
    /// It is being brought to its end and takes no more findings: the subject's next one opens the next case. This is
    /// how a case ends although findings never stop coming.
    Sealed,
    /// It has ended.
    Closed,
}

/// The investigation that a case waits for, or rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenInvestigation {
    /// 21 digits.
    pub id: String,
    /// The behavior graph that it was started in.
    pub graph_arn: String,
    /// The time that it looks at.
    pub scope: Scope,
    /// Whether a recent investigation of the principal was found and used, instead of starting another.
    pub reused: bool,
}

/// What the last assessment came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// When.
    pub at: Timestamp,
    /// The value of [`CaseRecord::joined`] that it saw.
    pub joined: u64,
    /// The revision under which it is to be published.
    pub revision: u32,
    /// Level, score and reasons.
    pub verdict: Verdict,
    /// Why people hear of it; nothing when the case closes quietly.
    pub alert_cause: Option<AlertCause>,
    /// What Detective thinks of it.
    pub detective_severity: Option<InvestigationSeverity>,
    /// The indicators, counted.
    pub indicators: Vec<IndicatorGroup>,
    /// Why there is no result of Detective's.
    pub not_investigated: Option<NotInvestigated>,
    /// The techniques among them.
    #[serde(default)]
    pub techniques: Vec<Technique>,
    /// What to do next.
    #[serde(default)]
    pub next_steps: Vec<NextStep>,
    /// The names of the accounts, where Organizations could be read. Whoever owns an account chose its name.
    #[serde(default)]
    pub account_names: BTreeMap<String, String>,
    /// Where the report and the evidence are kept; nothing where they could not be written.
    #[serde(default)]
    pub report: Option<ReportPlace>,
}

/// Where a report is kept: an object in the evidence bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportPlace {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key.
    pub key: String,
    /// The Region that the bucket is in.
    pub region: String,
}

/// A case as the table holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseRecord {
    /// What names it.
    pub key: CaseKey,
    /// Whether findings may still join.
    pub status: CaseStatus,
    /// Who it is about.
    pub principal: Principal,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// How often something joined: a finding, or a finding's climb into a higher band. What an assessment saw, it
    /// names by this number.
    pub joined: u64,
    /// How often its execution had to be started under another name, and once.
    pub execution_attempt: u32,
    /// What was asked of Detective.
    pub investigation: Option<OpenInvestigation>,
    /// What the last assessment came to.
    pub assessment: Option<Assessment>,
    /// The last revision that send-alert set out to publish.
    pub claimed_revision: u32,
    /// The last revision that is known to be published.
    pub published_revision: u32,
    /// When that was.
    pub alerted_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

impl CaseRecord {
    /// The name of the execution that works it: the case's id, with the number of the attempt from the second on.
    #[must_use]
    pub fn execution_name(&self) -> String {
        match self.execution_attempt {
            0 | 1 => self.key.case_id.clone(),
            attempt => format!("{}-{attempt}", self.key.case_id),
        }
    }
}

/// A finding as the table holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingRecord {
    /// Its latest state.
    pub finding: Finding,
    /// The number of the subject's case that it is part of.
    pub case_sequence: u32,
    /// How many of its re-publications were suppressed.
    pub suppressed: u64,
    /// Counts the writes of this record, for optimistic locking.
    pub version: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_the_same_whether_the_path_is_known_or_not() {
        let mut finding = Finding::from_json(&serde_json::json!({
            "id": "f", "accountId": "123456789012", "region": "cn-north-1", "partition": "aws-cn", "type": "T",
            "severity": 8, "resource": {"accessKeyDetails": {"userType": "AssumedRole", "userName": "web"}}
        }))
        .unwrap();
        let before = subject_of(&finding);
        assert_eq!(before, "arn:aws-cn:iam::123456789012:role/web");
        if let Principal::IamRole(role) = &mut finding.principal {
            role.arn = "arn:aws-cn:iam::123456789012:role/service/web".to_owned();
        }
        assert_eq!(subject_of(&finding), before);
        finding.principal = Principal::nobody(crate::principal::NotInvestigable::NoName);
        assert_eq!(subject_of(&finding), "finding/123456789012/cn-north-1/f");
    }

    #[test]
    fn an_id_is_a_valid_name_of_an_execution_and_differs_by_moment_and_subject() {
        let moment: Timestamp = "2026-01-15T12:40:00.123Z".parse().unwrap();
        let later: Timestamp = "2026-01-15T12:40:00.124Z".parse().unwrap();
        let key = CaseKey::new("arn:aws:iam::123456789012:role/a", 1, moment);
        assert_eq!(key.case_id.split_once('-').unwrap().1, "20260115T124000123Z");
        // Step Functions API Reference, StartExecution: up to 80 characters, no white space or special characters.
        assert!(
            key.case_id.len() <= 60 && key.case_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        );
        assert_ne!(key.case_id, CaseKey::new("arn:aws:iam::123456789012:role/a", 1, later).case_id);
        assert_ne!(key.case_id, CaseKey::new("arn:aws:iam::123456789012:role/b", 1, moment).case_id);
    }
}
