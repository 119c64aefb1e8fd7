//! The state of GuardDuty's investigation of a case, in sentences. Texts from outside are in them, still to be escaped for the channel.

use crate::message::{Answer, Completed, Full, NotAsked};
use gumshoe_domain::text::one_line;

impl Answer {
    /// What came of it, on one line.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Completed(Completed { risk_level, confidence, risk, .. }) => {
                let because = risk.as_deref().map(|risk| format!(": {}", one_line(risk, 300))).unwrap_or_default();
                format!("GuardDuty's AI says risk {risk_level}, confidence {confidence}{because}")
            }
            Self::Failed { error, .. } => format!("GuardDuty's investigation FAILED: {}", one_line(error, 300)),
            Self::StillRunning { investigation_id } => {
                format!("GuardDuty's investigation {investigation_id} was still RUNNING when the case had to be told")
            }
            Self::NotRead { investigation_id, why } => {
                format!("GuardDuty's investigation {investigation_id} could not be read: {}", one_line(why, 300))
            }
            Self::NotAsked(why) => format!("GuardDuty did not investigate: {}", not_asked(why)),
        }
    }
}

/// Why GuardDuty was not asked, on one line, with what to do.
fn not_asked(why: &NotAsked) -> String {
    let region = |region: &str| one_line(region, 40);
    match why {
        NotAsked::OtherRegion { region: its, own } => {
            format!("the finding is of {}, and this stack asks GuardDuty in {} only", region(its), one_line(own, 120))
        }
        NotAsked::UnsupportedRegion { region: its } => format!("GuardDuty has no investigations in {}", region(its)),
        NotAsked::NoSuchName => "the finding's id or account is not one that GuardDuty could be asked about".to_owned(),
        NotAsked::NoDetector => "this account has no GuardDuty detector in this Region".to_owned(),
        NotAsked::DetectorDisabled => "the account's GuardDuty detector is suspended".to_owned(),
        NotAsked::FeatureOff => {
            "the feature AI_ANALYST is not enabled on the account's GuardDuty detector; enable it there, or set \
             GuardDutyInvestigations to off"
                .to_owned()
        }
        NotAsked::NoSlot { full } => no_slot(full),
        NotAsked::Refused { said } => format!(
            "GuardDuty refused; only its administrator account may ask, with the function's right to ({})",
            one_line(said, 300)
        ),
        NotAsked::Failed { what } => format!("GuardDuty could not be asked ({})", one_line(what, 300)),
    }
}

fn no_slot(full: &Full) -> String {
    match full {
        Full::Day { limit } => format!("the {limit} investigations that GuardDuty allows in a day are used"),
        Full::Kept { kept, limit } => format!(
            "of the {limit} investigations that GuardDuty allows in a day, the last {kept} are kept for Critical findings"
        ),
        Full::InAll { limit } => {
            format!("the {limit} investigations that GuardDuty allows an account in all are used")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_one_line() {
        let long = "x\n".repeat(5_000);
        for reason in [
            NotAsked::OtherRegion { region: "eu-west-1".into(), own: "us-east-1".into() },
            NotAsked::UnsupportedRegion { region: "sa-east-1".into() },
            NotAsked::NoSuchName,
            NotAsked::NoDetector,
            NotAsked::DetectorDisabled,
            NotAsked::FeatureOff,
            NotAsked::NoSlot { full: Full::Day { limit: 10 } },
            NotAsked::NoSlot { full: Full::Kept { kept: 3, limit: 10 } },
            NotAsked::NoSlot { full: Full::InAll { limit: 100 } },
            NotAsked::Refused { said: long.clone() },
            NotAsked::Failed { what: long.clone() },
        ] {
            let words = not_asked(&reason);
            assert!(!words.contains('\n') && (20..=420).contains(&words.chars().count()), "{words}");
        }
    }
}
