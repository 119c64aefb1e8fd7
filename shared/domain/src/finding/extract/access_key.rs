//! `resource.accessKeyDetails`: the owner of the credential that was used, with CloudTrail's user types.

use super::iam_names::{NamedIamPrincipal, candidate_by_name};
use super::{Candidates, FindingOwner, uninvestigable};
use crate::finding::json_node::JsonNode;
use crate::principal::arn::is_account_id;
use crate::principal::{NotInvestigableReason, PrincipalCandidate, UninvestigableKind};
use crate::text::one_line;

/// Adds the key's owner. Returns whether the finding contains a key; an object of nulls is not one.
pub(super) fn add(detail: JsonNode<'_>, owner: &FindingOwner<'_>, candidates: &mut Candidates) -> bool {
    let key = detail.at("resource.accessKeyDetails");
    let remote = detail.at("service.action.awsApiCallAction.remoteAccountDetails.accountId");
    let caller = Caller {
        user_type: key.get("userType").text(),
        user_name: key.get("userName").text(),
        principal_id: key.get("principalId").text(),
        account_id: owner.account_id,
        remote_account_id: remote.text().filter(|id| is_account_id(id)),
    };
    let is_present = caller.is_present() || key.get("accessKeyId").text().is_some();
    if is_present {
        candidates.push(caller.candidate(owner));
    }
    is_present
}

/// The caller: the owner of an access key, or an actor of an attack sequence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller<'a> {
    /// As in CloudTrail's `userIdentity`. AWS adds types, so this is not an enum.
    pub(super) user_type: Option<&'a str>,
    pub(super) user_name: Option<&'a str>,
    pub(super) principal_id: Option<&'a str>,
    /// The account of an IAM user or role: 12 digits.
    pub(super) account_id: Option<&'a str>,
    /// The account from which the call came, if the finding contains it: 12 digits.
    pub(super) remote_account_id: Option<&'a str>,
}

impl Caller<'_> {
    pub(super) fn is_present(&self) -> bool {
        self.user_type.or(self.user_name).or(self.principal_id).is_some()
    }

    /// The types and their meaning: CloudTrail User Guide, "CloudTrail userIdentity element".
    pub(super) fn candidate(&self, owner: &FindingOwner<'_>) -> PrincipalCandidate {
        let user_type = self.user_type.unwrap_or("Unknown");
        let of_kind = |kind| {
            let reason = NotInvestigableReason::UserType { user_type: one_line(user_type, 60) };
            uninvestigable(kind, self.account_id, self.user_name, reason)
        };
        match user_type {
            "IAMUser" => self.iam(false, owner),
            "AssumedRole" | "Role" => self.iam(true, owner),
            "Root" => {
                let reason = NotInvestigableReason::UserType { user_type: user_type.to_owned() };
                uninvestigable(UninvestigableKind::Root, self.account_id, None, reason)
            }
            "FederatedUser" => of_kind(UninvestigableKind::FederatedUser),
            "SAMLUser" => of_kind(UninvestigableKind::SamlUser),
            "IdentityCenterUser" => of_kind(UninvestigableKind::IdentityCenterUser),
            "WebIdentityUser" => of_kind(UninvestigableKind::WebIdentityUser),
            "Directory" => of_kind(UninvestigableKind::DirectoryUser),
            "AWSService" => {
                let reason = NotInvestigableReason::UserType { user_type: user_type.to_owned() };
                uninvestigable(UninvestigableKind::AwsService, None, self.user_name, reason)
            }
            "AWSAccount" => self.another_account(owner),
            _ => of_kind(UninvestigableKind::Unknown),
        }
    }

    fn iam(&self, is_role: bool, owner: &FindingOwner<'_>) -> PrincipalCandidate {
        let named = NamedIamPrincipal {
            is_role,
            name: self.user_name,
            account_id: self.account_id,
            principal_id: self.principal_id,
            session_name: None,
            is_unverified: false,
        };
        candidate_by_name(&named, owner)
    }

    /// A principal of another account, for which CloudTrail records at most the unique id. Anonymous requests to S3 also have
    /// this type.
    fn another_account(&self, owner: &FindingOwner<'_>) -> PrincipalCandidate {
        let names = [self.user_name, self.principal_id];
        if names.iter().flatten().any(|name| name.eq_ignore_ascii_case("ANONYMOUS_PRINCIPAL")) {
            return uninvestigable(UninvestigableKind::Anonymous, None, None, NotInvestigableReason::Anonymous);
        }
        let named = || names.into_iter().flatten().find(|name| is_account_id(name));
        let account_id = self.remote_account_id.or_else(named).filter(|id| owner.is_other_account(id));
        let reason = NotInvestigableReason::UserType { user_type: "AWSAccount".to_owned() };
        uninvestigable(UninvestigableKind::AwsAccount, account_id, self.user_name.or(self.principal_id), reason)
    }
}
