//! Conversion of member accounts from the SDK's types.

use crate::member::{InvitationType, Member};
use aws_sdk_detective::primitives::DateTime;
use aws_sdk_detective::types;
use gumshoe_alerts::message::{IngestState, Package};
use gumshoe_aws::detective::member_status::{disabled_reason, status};
use gumshoe_domain::coverage::MemberStatus;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A member; `None` if the response has no account id.
pub(super) fn member(detail: &types::MemberDetail) -> Option<Member> {
    Some(Member {
        account_id: detail.account_id()?.to_owned(),
        email: detail.email_address().map(str::to_owned),
        graph_arn: detail.graph_arn().unwrap_or_default().to_owned(),
        administrator_id: detail.administrator_id().map(str::to_owned),
        status: detail.status().map_or(MemberStatus::Unknown, status),
        disabled_reason: detail.disabled_reason().map(disabled_reason),
        invitation: match detail.invitation_type() {
            Some(types::InvitationType::Organization) => InvitationType::Organization,
            _ => InvitationType::Invitation,
        },
        invited_at: detail.invited_time().and_then(timestamp),
        updated_at: detail.updated_time().and_then(timestamp),
        packages: detail.datasource_package_ingest_states().map(package_states).unwrap_or_default(),
    })
}

pub(super) fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::from_second(time.secs()).ok()
}

/// `None` for a package that this version does not know: no document can name it.
pub(super) fn package(package: &types::DatasourcePackage) -> Option<Package> {
    match package {
        types::DatasourcePackage::DetectiveCore => Some(Package::DetectiveCore),
        types::DatasourcePackage::EksAudit => Some(Package::EksAudit),
        types::DatasourcePackage::AsffSecurityhubFinding => Some(Package::AsffSecurityhubFinding),
        _ => None,
    }
}

pub(super) fn ingest_state(state: &types::DatasourcePackageIngestState) -> Option<IngestState> {
    match state {
        types::DatasourcePackageIngestState::Started => Some(IngestState::Started),
        types::DatasourcePackageIngestState::Stopped => Some(IngestState::Stopped),
        types::DatasourcePackageIngestState::Disabled => Some(IngestState::Disabled),
        _ => None,
    }
}

fn package_states(
    states: &std::collections::HashMap<types::DatasourcePackage, types::DatasourcePackageIngestState>,
) -> BTreeMap<Package, IngestState> {
    states.iter().filter_map(|(name, state)| Some((package(name)?, ingest_state(state)?))).collect()
}
