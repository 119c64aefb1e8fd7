//! For which cases GuardDuty's investigation is requested.

use crate::finding::{Finding, SeverityBand, worst_first};
use std::fmt;
use std::str::FromStr;

/// The prefix of the finding types of attack sequences (GuardDuty User Guide, "Extended Threat Detection").
const ATTACK_SEQUENCE: &str = "AttackSequence:";

/// For which cases GuardDuty's investigation is requested: parameter `GuardDutyInvestigations`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InvestigationPolicy {
    /// For no case.
    #[default]
    Off,
    /// For cases with an attack sequence.
    AttackSequences,
    /// For cases with a finding of High or Critical severity that Detective cannot investigate.
    Uninvestigable,
    /// For cases with a finding of High or Critical severity.
    High,
    /// For all cases.
    All,
}

/// The text is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid GuardDuty policy; use off, attack-sequences, uninvestigable, high or all")]
pub struct InvalidPolicy;

impl fmt::Display for InvestigationPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Off => "off",
            Self::AttackSequences => "attack-sequences",
            Self::Uninvestigable => "uninvestigable",
            Self::High => "high",
            Self::All => "all",
        })
    }
}

impl FromStr for InvestigationPolicy {
    type Err = InvalidPolicy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Off, Self::AttackSequences, Self::Uninvestigable, Self::High, Self::All];
        all.into_iter().find(|choice| choice.to_string() == text).ok_or(InvalidPolicy)
    }
}

impl InvestigationPolicy {
    /// The finding of a case that GuardDuty should investigate; `None` if there is none.
    ///
    /// Attack sequences are first, because GuardDuty investigates every one of them and only some other findings; then the most severe.
    #[must_use]
    pub fn select_finding<'a>(
        self,
        findings: impl IntoIterator<Item = &'a Finding>,
        has_nothing_to_investigate: bool,
    ) -> Option<&'a Finding> {
        let is_sequence = |finding: &Finding| finding.finding_type.starts_with(ATTACK_SEQUENCE);
        let is_high = |finding: &Finding| finding.severity.band() >= SeverityBand::High;
        let fits = |finding: &&Finding| match self {
            Self::Off => false,
            Self::AttackSequences => is_sequence(finding),
            Self::Uninvestigable => has_nothing_to_investigate && is_high(finding),
            Self::High => is_high(finding),
            Self::All => true,
        };
        let sorted = worst_first(findings.into_iter().filter(fits));
        sorted.iter().find(|finding| is_sequence(finding)).or(sorted.first()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn finding(id: &str, finding_type: &str, severity: f64) -> Finding {
        Finding::from_json(&json!({
            "id": id, "accountId": "123456789012", "region": "us-east-1", "type": finding_type, "severity": severity,
            "resource": {}
        }))
        .unwrap()
    }

    #[test]
    fn each_policy_selects_its_findings() {
        let findings = [
            finding("low", "Recon:IAMUser/A", 2.0),
            finding("high", "Recon:EC2/A", 8.0),
            finding("sequence", "AttackSequence:IAM/CompromisedCredentials", 9.0),
        ];
        let choose = |when: InvestigationPolicy, findings: &[Finding], nothing| {
            when.select_finding(findings, nothing).map(|finding| finding.id.clone()).unwrap_or_default()
        };
        for (when, all, without_sequence, only_low) in [
            (InvestigationPolicy::Off, "", "", ""),
            (InvestigationPolicy::AttackSequences, "sequence", "", ""),
            (InvestigationPolicy::Uninvestigable, "", "", ""),
            (InvestigationPolicy::High, "sequence", "high", ""),
            (InvestigationPolicy::All, "sequence", "high", "low"),
        ] {
            assert_eq!(choose(when, &findings, false), all, "{when}");
            assert_eq!(choose(when, &findings[..2], false), without_sequence, "{when}");
            assert_eq!(choose(when, &findings[..1], false), only_low, "{when}");
        }
        assert_eq!(choose(InvestigationPolicy::Uninvestigable, &findings[..2], true), "high");
        assert_eq!(
            choose(InvestigationPolicy::Uninvestigable, &findings[..1], true),
            "",
            "only what is of high severity"
        );
    }

    #[test]
    fn an_attack_sequence_is_selected_before_more_severe_findings() {
        let findings = [finding("worse", "T", 9.5), finding("sequence", "AttackSequence:S3/CompromisedData", 9.0)];
        assert_eq!(InvestigationPolicy::All.select_finding(&findings, false).unwrap().id, "sequence");
    }

    #[test]
    fn policies_are_parsed_from_their_texts() {
        for when in [
            InvestigationPolicy::Off,
            InvestigationPolicy::AttackSequences,
            InvestigationPolicy::Uninvestigable,
            InvestigationPolicy::High,
            InvestigationPolicy::All,
        ] {
            assert_eq!(when.to_string().parse(), Ok(when));
        }
        assert!("High".parse::<InvestigationPolicy>().is_err());
    }
}
