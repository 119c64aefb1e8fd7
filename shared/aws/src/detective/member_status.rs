//! Conversion of a member account's status to the domain's types.

use aws_sdk_detective::types;
use gumshoe_domain::coverage::{DisabledReason, MemberStatus};

/// The status of the member account.
#[must_use]
pub fn status(status: &types::MemberStatus) -> MemberStatus {
    match status {
        types::MemberStatus::Invited => MemberStatus::Invited,
        types::MemberStatus::VerificationInProgress => MemberStatus::VerificationInProgress,
        types::MemberStatus::VerificationFailed => MemberStatus::VerificationFailed,
        types::MemberStatus::Enabled => MemberStatus::Enabled,
        types::MemberStatus::AcceptedButDisabled => MemberStatus::AcceptedButDisabled,
        _ => MemberStatus::Unknown,
    }
}

/// Why the member account is accepted but disabled.
#[must_use]
pub fn disabled_reason(reason: &types::MemberDisabledReason) -> DisabledReason {
    match reason {
        types::MemberDisabledReason::VolumeTooHigh => DisabledReason::VolumeTooHigh,
        types::MemberDisabledReason::VolumeUnknown => DisabledReason::VolumeUnknown,
        _ => DisabledReason::Unknown,
    }
}
