//! What the table holds of a case and of a finding.

use super::progress::{CaseNumber, CaseProgress};
use crate::assessment::Assessment;
use crate::coverage::graph_region;
use crate::finding::Finding;
use crate::guardduty;
use crate::investigation::Scope;
use crate::principal::{Entity, Principal};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Who or what a case is about: the IAM user or role, as an ARN without its path, or the finding itself when there is none.
///
/// Names of users and of roles are unique in an account, whatever their paths. So whether a path could be looked up makes
/// no difference to which case a finding belongs to.
#[must_use]
pub fn case_subject(finding: &Finding) -> String {
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
    /// The key of the subject's case of that number.
    ///
    /// The id is made of a digest of the subject, the moment and the sequence: the table forgets closed cases after a while
    /// and counts anew, but Step Functions remembers the names of executions for 90 days; and clocks that differ may show
    /// the same moment for two cases of a subject.
    #[must_use]
    pub fn new(subject: &str, CaseNumber { sequence, opened_at }: CaseNumber) -> Self {
        let mut case_id = String::with_capacity(48);
        for byte in Sha256::digest(subject.as_bytes()).iter().take(6) {
            let _ = write!(case_id, "{byte:02x}"); // writing to a String cannot fail
        }
        let _ = write!(case_id, "-{}-{sequence}", opened_at.strftime("%Y%m%dT%H%M%S%3fZ"));
        Self { subject: subject.to_owned(), sequence, case_id }
    }

    /// The key of the subject's case of that id; nothing where the text is no id of a case.
    #[must_use]
    pub fn from_id(subject: &str, case_id: &str) -> Option<Self> {
        let sequence = case_id.rsplit_once('-')?.1.parse().ok()?;
        Some(Self { subject: subject.to_owned(), sequence, case_id: case_id.to_owned() })
    }

    /// The name of the case's execution: its id, with the number of the attempt from the second on.
    #[must_use]
    pub fn execution_name(&self, attempt: u32) -> String {
        match attempt {
            0 | 1 => self.case_id.clone(),
            attempt => format!("{}-{attempt}", self.case_id),
        }
    }

    /// Which attempt an execution of that name is; nothing when somebody chose the name.
    #[must_use]
    pub fn attempt_of(&self, execution_name: &str) -> Option<u32> {
        match execution_name.strip_prefix(&self.case_id)? {
            "" => Some(1),
            rest => rest.strip_prefix('-')?.parse().ok().filter(|attempt| *attempt > 1),
        }
    }
}

/// The investigation that a case waits for, or rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartedInvestigation {
    /// 21 digits.
    pub id: String,
    /// The behavior graph that it was started in.
    pub graph_arn: String,
    /// The time that it looks at.
    pub scope: Scope,
    /// Whether a recent investigation of the principal was found and used, instead of starting another.
    #[serde(rename = "reused")]
    pub is_reused: bool,
    /// Whether it was started for the case's second look.
    #[serde(default, rename = "second_look", skip_serializing_if = "is_false")]
    pub is_for_follow_up: bool,
    /// Whether it was started because the one before it ended FAILED: no third is.
    #[serde(default, rename = "after_failure", skip_serializing_if = "is_false")]
    pub is_retry_after_failure: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A case as the table holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseRecord {
    /// What names it.
    pub key: CaseKey,
    /// Who it is about.
    pub principal: Principal,
    /// What was asked of Detective last.
    pub investigation: Option<StartedInvestigation>,
    /// What was asked of it before in other Regions: the last investigation of each.
    pub other_region_investigations: Vec<StartedInvestigation>,
    /// How GuardDuty's side stands; nothing where GuardDuty is not to be asked, or has not been yet.
    pub guardduty: Option<guardduty::GuardDutyRequestState>,
    /// What the last assessment came to.
    pub assessment: Option<Assessment>,
    /// How far it has come.
    pub progress: CaseProgress,
}

impl CaseRecord {
    /// A case that has just been opened.
    #[must_use]
    pub fn opened(subject: &str, principal: Principal, number: CaseNumber) -> Self {
        Self {
            key: CaseKey::new(subject, number),
            principal,
            investigation: None,
            other_region_investigations: Vec::new(),
            guardduty: None,
            assessment: None,
            progress: CaseProgress::opened(number),
        }
    }

    /// The investigations that it rests on, one a Region, the last first.
    pub fn investigations(&self) -> impl Iterator<Item = &StartedInvestigation> {
        self.investigation.iter().chain(&self.other_region_investigations)
    }

    /// Whether one of them counts: once the second look has begun, only what was started for it.
    #[must_use]
    pub fn is_current(&self, investigation: &StartedInvestigation) -> bool {
        self.progress.follow_up_at.is_none() || investigation.is_for_follow_up
    }

    /// Those of other Regions than that of a graph: what stands beside an investigation in it.
    #[must_use]
    pub fn investigations_in_other_regions(&self, graph_arn: &str) -> Vec<StartedInvestigation> {
        let region = graph_region(graph_arn);
        self.investigations().filter(|it| graph_region(&it.graph_arn) != region).cloned().collect()
    }

    /// The name of the execution that works it.
    #[must_use]
    pub fn execution_name(&self) -> String {
        self.key.execution_name(self.progress.execution_attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn a_subject_is_the_same_whether_the_path_is_known_or_not() {
        let mut finding = Finding::from_json(&serde_json::json!({
            "id": "f", "accountId": "123456789012", "region": "cn-north-1", "partition": "aws-cn", "type": "T",
            "severity": 8, "resource": {"accessKeyDetails": {"userType": "AssumedRole", "userName": "web"}}
        }))
        .unwrap();
        let before = case_subject(&finding);
        assert_eq!(before, "arn:aws-cn:iam::123456789012:role/web");
        if let Principal::IamRole(role) = &mut finding.principal {
            role.arn = "arn:aws-cn:iam::123456789012:role/service/web".to_owned();
        }
        assert_eq!(case_subject(&finding), before);
        finding.principal = Principal::none(crate::principal::NotInvestigableReason::NoName);
        assert_eq!(case_subject(&finding), "finding/123456789012/cn-north-1/f");
    }

    #[test]
    fn an_id_is_a_valid_name_of_an_execution_and_differs_by_moment_subject_and_sequence() {
        let moment: Timestamp = "2026-01-15T12:40:00.123Z".parse().unwrap();
        let later: Timestamp = "2026-01-15T12:40:00.124Z".parse().unwrap();
        let id = |role: &str, sequence, opened_at| {
            CaseKey::new(&format!("arn:aws:iam::123456789012:role/{role}"), CaseNumber { sequence, opened_at }).case_id
        };
        let first = id("a", 1, moment);
        assert_eq!(first.split_once('-').unwrap().1, "20260115T124000123Z-1");
        let longest = id("a", u32::MAX, moment);
        // Step Functions API Reference, StartExecution: up to 80 characters, no white space or special characters.
        assert!(longest.len() <= 60 && longest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        assert_ne!(first, id("a", 1, later));
        assert_ne!(first, id("b", 1, moment));
        assert_ne!(first, id("a", 2, moment), "clocks that differ");
    }

    #[test]
    fn a_key_is_read_from_its_id() {
        for (sequence, second) in [(1, 0), (u32::MAX, 1_800_000_000)] {
            let number = CaseNumber { sequence, opened_at: Timestamp::from_second(second).unwrap() };
            let key = CaseKey::new("s", number);
            assert_eq!(CaseKey::from_id("s", &key.case_id), Some(key));
        }
        for text in ["", "case", "case-", "case-x", "case-4294967296"] {
            assert_eq!(CaseKey::from_id("s", text), None, "{text}");
        }
    }

    #[test]
    fn an_attempt_is_read_from_its_name() {
        let key = CaseKey::new("s", CaseNumber { sequence: 1, opened_at: Timestamp::UNIX_EPOCH });
        for attempt in [1, 2, 3, 12] {
            assert_eq!(key.attempt_of(&key.execution_name(attempt)), Some(attempt));
        }
        for name in
            ["by-hand", &format!("{}-1", key.case_id), &format!("{}0", key.case_id), &format!("{}-x", key.case_id)]
        {
            assert_eq!(key.attempt_of(name), None, "{name}");
        }
    }
}
