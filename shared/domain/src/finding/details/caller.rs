//! Who called: the account that a call came from, and the IAM principal behind a mapped Kubernetes user.

use crate::finding::json_node::JsonNode;
use crate::principal::arn::is_account_id;
use crate::text::one_line;
use serde::{Deserialize, Serialize};

/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 80;
/// The prefixes of the unique id in `kubernetesUserDetails.uid`: that of today's authenticator, and its older name.
const AUTHENTICATORS: [&str; 2] = ["aws-iam-authenticator:", "heptio-authenticator-aws:"];

/// The account that used the credentials (`awsApiCallAction.remoteAccountDetails`).
///
/// Source: GuardDuty API Reference, RemoteAccountDetails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteAccount {
    /// Its id. Text that is no account id is kept as it came.
    pub account_id: String,
    /// Whether GuardDuty says that the account is affiliated with the finding's.
    #[serde(rename = "affiliated", default, skip_serializing_if = "Option::is_none")]
    pub is_affiliated: Option<bool>,
    /// The AWS service through which the call came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// The IAM principal that EKS authenticated a Kubernetes user as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KubernetesCaller {
    /// The unique id of the IAM user or role (`AIDA…`, `AROA…`), which IAM assigns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_id: Option<String>,
    /// The account in which it is: 12 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The name of the role's session. Whoever assumed the role chose it.
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

/// A user of Kubernetes' own has a uid of another form and no session: nothing is told of it here.
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

/// Account and unique id of `PREFIX:ACCOUNT:UNIQUE-ID`.
fn authenticated(uid: &str) -> Option<(&str, &str)> {
    let rest = AUTHENTICATORS.iter().find_map(|prefix| uid.strip_prefix(prefix))?;
    let (account, id) = rest.split_once(':')?;
    let is_unique_id =
        (8..=128).contains(&id.len()) && id.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit());
    (is_account_id(account) && is_unique_id).then_some((account, id))
}
