//! The request of an investigation: its prompt contains the ids of a finding and an account, and no text that others wrote.

use super::request_state::NotRequestedReason;
use crate::finding::Finding;
use crate::regions::Regions;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The Regions that have investigations (GuardDuty API Reference, CreateInvestigation).
const REGIONS: [&str; 10] = [
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "ap-northeast-1",
];

/// Whether GuardDuty has investigations in this Region.
#[must_use]
pub fn supports_investigations(region: &str) -> bool {
    REGIONS.contains(&region)
}

/// A request of an investigation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InvestigationRequest {
    /// `triggerPrompt`: up to 2,048 characters. It names exactly one finding; otherwise GuardDuty would investigate the organization.
    pub prompt: String,
    /// `clientToken`, up to 64 characters: a digest of the case and the prompt, so that a repeated request returns the same
    /// investigation.
    pub token: String,
    /// Whether the finding is Critical: the last slots of a day are reserved for these.
    pub is_critical: bool,
}

impl InvestigationRequest {
    /// The request of a case for one of its findings, in the finding's Region.
    ///
    /// # Errors
    ///
    /// [`NotRequestedReason`] if the stack does not investigate in the finding's Region, the Region has no investigations, or an id is
    /// malformed and could contain text that others wrote.
    pub fn new(case_id: &str, finding: &Finding, regions: &Regions) -> Result<Self, NotRequestedReason> {
        let region = &finding.region;
        if !regions.contains(region) {
            return Err(NotRequestedReason::OtherRegion { region: region.clone(), stack_regions: regions.to_string() });
        }
        if !supports_investigations(region) {
            return Err(NotRequestedReason::UnsupportedRegion { region: region.clone() });
        }
        let id = Some(&finding.id).filter(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let (Some(id), Some(account)) = (id, finding.owner()) else { return Err(NotRequestedReason::UnusableId) };
        let prompt = format!("Investigate finding {id} in account {account}");
        let mut token = String::with_capacity(56);
        token.push_str("gumshoe-");
        for byte in Sha256::digest(format!("{case_id}\n{prompt}")).iter().take(24) {
            let _ = write!(token, "{byte:02x}"); // a write to a String cannot fail
        }
        let critical = finding.severity.band() == crate::finding::SeverityBand::Critical;
        Ok(Self { prompt, token, is_critical: critical })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const ID: &str = "1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6";

    fn here() -> Regions {
        Regions::only("us-east-1")
    }

    fn finding(id: &str) -> Finding {
        Finding::from_json(&json!({
            "id": id, "accountId": "123456789012", "region": "us-east-1", "type": "T", "severity": 9.1, "resource": {}
        }))
        .unwrap()
    }

    #[test]
    fn a_request_names_the_finding_and_the_account_and_nothing_else() {
        let request = InvestigationRequest::new("case-1", &finding(ID), &here()).unwrap();
        assert_eq!(request.prompt, format!("Investigate finding {ID} in account 123456789012"));
        assert!(request.is_critical && request.token.len() <= 64);
        assert_eq!(
            InvestigationRequest::new("case-1", &finding(ID), &here()).unwrap(),
            request,
            "asking again is the same"
        );
        assert_ne!(InvestigationRequest::new("case-2", &finding(ID), &here()).unwrap().token, request.token);
    }

    #[test]
    fn malformed_ids_and_other_regions_are_not_requested() {
        let refused =
            |finding: &Finding, own| InvestigationRequest::new("c", finding, &Regions::only(own)).unwrap_err();
        assert!(matches!(refused(&finding(ID), "us-west-2"), NotRequestedReason::OtherRegion { .. }));
        let elsewhere = Finding { region: "sa-east-1".into(), ..finding(ID) };
        assert!(matches!(refused(&elsewhere, "sa-east-1"), NotRequestedReason::UnsupportedRegion { .. }));
        for id in ["abc", &ID[1..], &format!("{ID}0"), "zab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6"] {
            assert_eq!(
                refused(&Finding { id: id.into(), ..finding(ID) }, "us-east-1"),
                NotRequestedReason::UnusableId,
                "{id}"
            );
        }
        let invalid_account = Finding { account_id: "12345678901".into(), ..finding(ID) };
        assert_eq!(refused(&invalid_account, "us-east-1"), NotRequestedReason::UnusableId);
    }

    proptest! {
        #[test]
        fn no_text_of_a_finding_reaches_a_prompt(
            id in "\\PC{0,40}", account in "\\PC{0,20}", text in "\\PC{0,80}", case in "\\PC{0,80}",
        ) {
            let hostile = Finding {
                id, account_id: account, title: text.clone(), finding_type: text, ..finding(ID)
            };
            if let Ok(request) = InvestigationRequest::new(&case, &hostile, &here()) {
                let words: Vec<&str> = request.prompt.split(' ').collect();
                prop_assert_eq!((words[0], words[1], words[3], words[4]), ("Investigate", "finding", "in", "account"));
                prop_assert_eq!(words.len(), 6);
                prop_assert!(words[2].len() == 32 && words[2].bytes().all(|it| it.is_ascii_hexdigit()));
                prop_assert!(words[5].len() == 12 && words[5].bytes().all(|it| it.is_ascii_digit()));
                prop_assert!(request.token.len() <= 64 && request.token.is_ascii());
            }
        }
    }
}
