//! The state of GuardDuty's investigation of a case, in sentences. They contain text from outside: escape them for the channel.

use crate::message::{CompletedInvestigation, GuardDutyInvestigation, NotRequestedReason, QuotaExhausted};
use gumshoe_domain::text::one_line;
use std::fmt;

/// The outcome, on one line. Escape it for the channel.
impl fmt::Display for GuardDutyInvestigation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = match self {
            Self::Completed(CompletedInvestigation { risk_level, confidence, risk, .. }) => {
                let because = risk.as_deref().map(|risk| format!(": {}", one_line(risk, 300))).unwrap_or_default();
                format!("GuardDuty AI rates the risk {risk_level}, confidence {confidence}{because}")
            }
            Self::Failed { error, .. } => format!("GuardDuty's investigation FAILED: {}", one_line(error, 300)),
            Self::StillRunning { investigation_id } => {
                format!("GuardDuty's investigation {investigation_id} was still RUNNING at the case deadline")
            }
            Self::ReadFailed { investigation_id, why } => {
                format!("GuardDuty's investigation {investigation_id} could not be read: {}", one_line(why, 300))
            }
            Self::NotRequested(why) => format!("GuardDuty did not investigate: {}", not_requested(why)),
        };
        formatter.write_str(&sentence)
    }
}

/// Why no investigation was requested or GuardDuty rejected the request, on one line, with what to do.
fn not_requested(why: &NotRequestedReason) -> String {
    let region = |region: &str| one_line(region, 40);
    match why {
        NotRequestedReason::OtherRegion { region: its, stack_regions: own } => {
            format!(
                "the finding is from {}, but this stack requests GuardDuty investigations only in {}",
                region(its),
                one_line(own, 120)
            )
        }
        NotRequestedReason::UnsupportedRegion { region: its } => {
            format!("GuardDuty does not offer investigations in {}", region(its))
        }
        NotRequestedReason::UnusableId => {
            "the finding's id or account id is not valid in a request to GuardDuty".to_owned()
        }
        NotRequestedReason::NoDetector => "this account has no GuardDuty detector in this Region".to_owned(),
        NotRequestedReason::DetectorDisabled => "the account's GuardDuty detector is suspended".to_owned(),
        NotRequestedReason::FeatureDisabled => {
            "the feature AI_ANALYST is not enabled on the account's GuardDuty detector; enable it there, or set \
             GuardDutyInvestigations to off"
                .to_owned()
        }
        NotRequestedReason::NoSlot { full } => quota_exhausted(full),
        NotRequestedReason::Refused { message: said } => format!(
            "GuardDuty rejected the request: use its administrator account and allow CreateInvestigation for the function ({})",
            one_line(said, 300)
        ),
        NotRequestedReason::Failed { message: what } => {
            format!("the request to GuardDuty failed ({})", one_line(what, 300))
        }
    }
}

fn quota_exhausted(full: &QuotaExhausted) -> String {
    match full {
        QuotaExhausted::Daily { limit } => format!("the quota of {limit} investigations a day is used up"),
        QuotaExhausted::ReservedForCritical { reserved: kept, limit } => {
            format!("the last {kept} of {limit} investigations a day are reserved for Critical findings")
        }
        QuotaExhausted::Total { limit } => {
            format!("the quota of {limit} investigations that an account can have is used up")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_on_one_line() {
        let long = "x\n".repeat(5_000);
        for reason in [
            NotRequestedReason::OtherRegion { region: "eu-west-1".into(), stack_regions: "us-east-1".into() },
            NotRequestedReason::UnsupportedRegion { region: "sa-east-1".into() },
            NotRequestedReason::UnusableId,
            NotRequestedReason::NoDetector,
            NotRequestedReason::DetectorDisabled,
            NotRequestedReason::FeatureDisabled,
            NotRequestedReason::NoSlot { full: QuotaExhausted::Daily { limit: 10 } },
            NotRequestedReason::NoSlot { full: QuotaExhausted::ReservedForCritical { reserved: 3, limit: 10 } },
            NotRequestedReason::NoSlot { full: QuotaExhausted::Total { limit: 100 } },
            NotRequestedReason::Refused { message: long.clone() },
            NotRequestedReason::Failed { message: long.clone() },
        ] {
            let words = not_requested(&reason);
            assert!(!words.contains('\n') && (20..=420).contains(&words.chars().count()), "{words}");
        }
    }
}
