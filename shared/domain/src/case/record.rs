//! The table's record of a case.

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

/// The subject of a case: the IAM user or role, as an ARN without its path, or the finding itself if it has none.
///
/// Names of users and of roles are unique in an account, regardless of their paths. So a finding joins the same case whether or not
/// the path could be looked up.
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

/// The key of a case. It is the only thing that the state machine passes from step to step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseKey {
    /// As [`case_subject`] returns it.
    pub subject: String,
    /// Counts the subject's cases, from 1.
    pub sequence: u32,
    /// Unique, also after the case has expired. It is the name of the case's first execution.
    pub case_id: String,
}

impl CaseKey {
    /// The key of the subject's case of that number.
    ///
    /// The id consists of a digest of the subject, the time and the sequence: closed cases expire and the sequence starts again at 1,
    /// but Step Functions reserves the names of executions for 90 days; and two clocks may show the same time for two cases of a
    /// subject.
    #[must_use]
    pub fn new(subject: &str, CaseNumber { sequence, opened_at }: CaseNumber) -> Self {
        let mut case_id = String::with_capacity(48);
        for byte in Sha256::digest(subject.as_bytes()).iter().take(6) {
            let _ = write!(case_id, "{byte:02x}"); // writing to a String cannot fail
        }
        let _ = write!(case_id, "-{}-{sequence}", opened_at.strftime("%Y%m%dT%H%M%S%3fZ"));
        Self { subject: subject.to_owned(), sequence, case_id }
    }

    /// The key of the subject's case with this id; `None` if the text is not the id of a case.
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

    /// The attempt of an execution with this name; `None` if it was started manually under another name.
    #[must_use]
    pub fn attempt_of(&self, execution_name: &str) -> Option<u32> {
        match execution_name.strip_prefix(&self.case_id)? {
            "" => Some(1),
            rest => rest.strip_prefix('-')?.parse().ok().filter(|attempt| *attempt > 1),
        }
    }
}

/// An investigation that a case waits for, or whose result it uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartedInvestigation {
    /// 21 digits.
    pub id: String,
    /// The behavior graph that it was started in.
    pub graph_arn: String,
    /// The period that it covers.
    pub scope: Scope,
    /// Whether a recent investigation of the principal was reused instead of starting one.
    #[serde(rename = "reused")]
    pub is_reused: bool,
    /// Whether it was started for the case's follow-up.
    #[serde(default, rename = "second_look", skip_serializing_if = "is_false")]
    pub is_for_follow_up: bool,
    /// Whether it was started because the previous one ended with status FAILED. A second failure starts no other.
    #[serde(default, rename = "after_failure", skip_serializing_if = "is_false")]
    pub is_retry_after_failure: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A case's record in the table.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseRecord {
    /// The case's key.
    pub key: CaseKey,
    /// The principal that the case is about.
    pub principal: Principal,
    /// The last investigation.
    pub investigation: Option<StartedInvestigation>,
    /// The last investigation of each other Region.
    pub other_region_investigations: Vec<StartedInvestigation>,
    /// The state of the request to GuardDuty; `None` if none is required or none was made yet.
    pub guardduty: Option<guardduty::GuardDutyRequestState>,
    /// The last assessment.
    pub assessment: Option<Assessment>,
    /// The state that decisions use.
    pub progress: CaseProgress,
}

impl CaseRecord {
    /// A new case.
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

    /// The case's investigations, one for each Region, the last first.
    pub fn investigations(&self) -> impl Iterator<Item = &StartedInvestigation> {
        self.investigation.iter().chain(&self.other_region_investigations)
    }

    /// Whether the investigation counts: after the follow-up began, only those that were started for it.
    #[must_use]
    pub fn is_current(&self, investigation: &StartedInvestigation) -> bool {
        self.progress.follow_up_at.is_none() || investigation.is_for_follow_up
    }

    /// The investigations in other Regions than that of this graph.
    #[must_use]
    pub fn investigations_in_other_regions(&self, graph_arn: &str) -> Vec<StartedInvestigation> {
        let region = graph_region(graph_arn);
        self.investigations().filter(|it| graph_region(&it.graph_arn) != region).cloned().collect()
    }

    /// The name of its current execution.
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
    fn the_subject_does_not_depend_on_the_path() {
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
    fn an_id_is_a_valid_execution_name_and_depends_on_time_subject_and_sequence() {
        let time: Timestamp = "2026-01-15T12:40:00.123Z".parse().unwrap();
        let later: Timestamp = "2026-01-15T12:40:00.124Z".parse().unwrap();
        let id = |role: &str, sequence, opened_at| {
            CaseKey::new(&format!("arn:aws:iam::123456789012:role/{role}"), CaseNumber { sequence, opened_at }).case_id
        };
        let first = id("a", 1, time);
        assert_eq!(first.split_once('-').unwrap().1, "20260115T124000123Z-1");
        let longest = id("a", u32::MAX, time);
        // Step Functions API Reference, StartExecution: up to 80 characters, no white space or special characters.
        assert!(longest.len() <= 60 && longest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        assert_ne!(first, id("a", 1, later));
        assert_ne!(first, id("b", 1, time));
        assert_ne!(first, id("a", 2, time), "two clocks may show the same time");
    }

    #[test]
    fn a_key_is_parsed_from_its_id() {
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
    fn an_attempt_is_parsed_from_the_execution_name() {
        let key = CaseKey::new("s", CaseNumber { sequence: 1, opened_at: Timestamp::UNIX_EPOCH });
        for attempt in [1, 2, 3, 12] {
            assert_eq!(key.attempt_of(&key.execution_name(attempt)), Some(attempt));
        }
        for name in
            ["manual", &format!("{}-1", key.case_id), &format!("{}0", key.case_id), &format!("{}-x", key.case_id)]
        {
            assert_eq!(key.attempt_of(name), None, "{name}");
        }
    }
}
