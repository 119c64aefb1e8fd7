//! The account from which a call came, and the IAM principal of a mapped Kubernetes user.

use crate::finding::json_node::JsonNode;
use crate::principal::arn::is_account_id;
use crate::text::one_line;
use serde::{Deserialize, Serialize};

const MAX_NAME_CHARS: usize = 80;
/// The prefixes of the unique id in `kubernetesUserDetails.uid`: the current name of EKS's authenticator, and its former name.
const AUTHENTICATORS: [&str; 2] = ["aws-iam-authenticator:", "heptio-authenticator-aws:"];

/// The account that used the credentials (`awsApiCallAction.remoteAccountDetails`).
///
/// Source: GuardDuty API Reference, RemoteAccountDetails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteAccount {
    /// An account id, or other text as GuardDuty sent it.
    pub account_id: String,
    /// Whether GuardDuty reports the account as affiliated with the finding's.
    #[serde(rename = "affiliated", default, skip_serializing_if = "Option::is_none")]
    pub is_affiliated: Option<bool>,
    /// The AWS service that made the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// The IAM principal that EKS authenticated a Kubernetes user as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KubernetesCaller {
    /// The unique id of the IAM user or role (`AIDA…`, `AROA…`), which IAM assigns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_id: Option<String>,
    /// Its account: 12 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The name of the role's session. The caller that assumed the role chose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

pub(super) fn remote_account(service: JsonNode<'_>) -> Option<RemoteAccount> {
    let account = service.at("action.awsApiCallAction.remoteAccountDetails");
    Some(RemoteAccount {
        account_id: one_line(&account.get("accountId").text_or_number()?, MAX_NAME_CHARS),
        is_affiliated: account.get("affiliated").boolean(),
        service: account.get("awsServiceName").text().map(|name| one_line(name, MAX_NAME_CHARS)),
    })
}

/// `None` for a user that is not mapped from IAM: it has a uid of another form and no session.
pub(super) fn kubernetes_caller(resource: JsonNode<'_>) -> Option<KubernetesCaller> {
    let usual = resource.at("kubernetesDetails.kubernetesUserDetails");
    let user = if usual.exists() { usual } else { resource.get("kubernetesUserDetails") };
    let authenticated = user.get("uid").text().and_then(authenticated);
    let names = user.get("sessionName");
    let session =
        names.items().find_map(JsonNode::text).or_else(|| names.text()).map(|name| one_line(name, MAX_NAME_CHARS));
    let caller = KubernetesCaller {
        unique_id: authenticated.map(|(_, id)| id.to_owned()),
        account_id: authenticated.map(|(account, _)| account.to_owned()),
        session: session.filter(|name| !name.is_empty()),
    };
    (caller.unique_id.is_some() || caller.session.is_some()).then_some(caller)
}

/// The account and the unique id in `PREFIX:ACCOUNT:UNIQUE-ID`.
fn authenticated(uid: &str) -> Option<(&str, &str)> {
    let rest = AUTHENTICATORS.iter().find_map(|prefix| uid.strip_prefix(prefix))?;
    let (account, id) = rest.split_once(':')?;
    let is_unique_id =
        (8..=128).contains(&id.len()) && id.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit());
    (is_account_id(account) && is_unique_id).then_some((account, id))
}
