//! `resource.kubernetesDetails`: the caller of the Kubernetes API, and the service account of a workload.

use super::iam_names::{NamedIamPrincipal, candidate_by_name, candidate_with_lookup, other_account_or_partition};
use super::{Candidates, FindingOwner, uninvestigable};
use crate::finding::json_node::JsonNode;
use crate::principal::arn::{Arn, IamArn, IamKind, StsArn};
use crate::principal::names::{is_cluster_name, is_kubernetes_name};
use crate::principal::{Lookup, NotInvestigableReason, PrincipalCandidate, RoleSource, UninvestigableKind};

/// Adds the caller of the Kubernetes API.
pub(super) fn add_user(resource: JsonNode<'_>, owner: &FindingOwner<'_>, candidates: &mut Candidates) {
    let user = user_of(resource);
    if let Some(name) = user.get("username").text() {
        let session = user.get("sessionName").items().find_map(JsonNode::text);
        candidates.push(candidate_by_username(name, user.get("uid").text(), session, resource, owner));
    }
}

/// Adds the workload's service account, unless the finding names a caller: then the workload was the target.
pub(super) fn add_workload(resource: JsonNode<'_>, owner: &FindingOwner<'_>, candidates: &mut Candidates) {
    let workload = resource.at("kubernetesDetails.kubernetesWorkloadDetails");
    let account = workload.get("serviceAccountName").text();
    if let (Some(account), Some(namespace)) = (account, workload.get("namespace").text())
        && !user_of(resource).get("username").exists()
    {
        candidates.push(service_account(namespace, account, resource, owner));
    }
}

/// The user details are in one of two members.
fn user_of(resource: JsonNode<'_>) -> JsonNode<'_> {
    let usual = resource.at("kubernetesDetails.kubernetesUserDetails");
    if usual.exists() { usual } else { resource.get("kubernetesUserDetails") }
}

/// EKS User Guide, "Set a custom username for EKS access entries": by default the username of a role's session is its STS ARN,
/// which does not contain the role's path, and that of an IAM user is the user's ARN. Any other text can be chosen freely.
fn candidate_by_username(
    text: &str,
    uid: Option<&str>,
    session: Option<&str>,
    resource: JsonNode<'_>,
    owner: &FindingOwner<'_>,
) -> PrincipalCandidate {
    let user = |reason| uninvestigable(UninvestigableKind::KubernetesUser, None, Some(text), reason);
    if owner.is_sample_name(text) {
        return user(NotInvestigableReason::Placeholder);
    }
    if let Some(rest) = text.strip_prefix("system:") {
        return match rest.split_once(':') {
            None if rest == "anonymous" => {
                uninvestigable(UninvestigableKind::Anonymous, None, None, NotInvestigableReason::Anonymous)
            }
            Some(("serviceaccount", account)) => match account.split_once(':') {
                Some((namespace, account)) => service_account(namespace, account, resource, owner),
                None => user(NotInvestigableReason::Malformed { part: RoleSource::Cluster }),
            },
            Some(("node", _)) => user(NotInvestigableReason::KubernetesNode),
            _ => user(NotInvestigableReason::KubernetesComponent),
        };
    }
    match StsArn::parse(text) {
        Some(StsArn::AssumedRole { partition, account_id, role, session: own }) => {
            let session = Some(own).filter(|own| !own.is_empty()).or(session);
            return named(true, partition, account_id, role, uid, session, owner);
        }
        Some(StsArn::FederatedUser { account_id, name }) => {
            let reason = NotInvestigableReason::UserType { user_type: "FederatedUser".to_owned() };
            return uninvestigable(UninvestigableKind::FederatedUser, Some(account_id), Some(name), reason);
        }
        None => {}
    }
    match IamArn::parse(text) {
        // A certificate or a mapping can contain any text, and the ARN of a role has to be mapped without its path (EKS User
        // Guide, "aws-auth ConfigMap"). So the ARN is not trusted; the user or role is looked up by its name.
        Some(arn) if arn.kind != IamKind::InstanceProfile => {
            let is_role = arn.kind == IamKind::Role;
            named(is_role, arn.partition, arn.account_id, arn.name, uid, session, owner)
        }
        Some(_) => user(NotInvestigableReason::KubernetesUser),
        None => match Arn::parse(text) {
            Some(arn) if arn.service == "iam" && arn.resource == "root" => {
                let reason = NotInvestigableReason::UserType { user_type: "Root".to_owned() };
                uninvestigable(UninvestigableKind::Root, Some(arn.account_id), None, reason)
            }
            _ => user(NotInvestigableReason::KubernetesUser),
        },
    }
}

/// A user or role that an ARN names, with or without its path.
fn named(
    is_role: bool,
    partition: &str,
    account_id: &str,
    name: &str,
    uid: Option<&str>,
    session_name: Option<&str>,
    owner: &FindingOwner<'_>,
) -> PrincipalCandidate {
    if let Some(candidate) = other_account_or_partition(partition, account_id, name, owner) {
        return candidate;
    }
    let principal_id = unique_id(uid, account_id);
    let named = NamedIamPrincipal {
        is_role,
        name: Some(name),
        account_id: Some(account_id),
        principal_id,
        session_name,
        is_unverified: principal_id.is_none(),
    };
    // The partition of the ARN, because the finding's may be missing.
    candidate_by_name(&named, &FindingOwner { partition: Some(partition), ..*owner })
}

/// EKS writes the caller's unique id as `aws-iam-authenticator:ACCOUNT:UNIQUE-ID`; the authenticator was formerly called
/// `heptio-authenticator-aws`.
fn unique_id<'a>(uid: Option<&'a str>, account_id: &str) -> Option<&'a str> {
    let (authenticator, rest) = uid?.split_once(':')?;
    let (account, id) = rest.split_once(':')?;
    let is_known = ["aws-iam-authenticator", "heptio-authenticator-aws"].contains(&authenticator);
    (is_known && account == account_id).then_some(id)
}

/// The role that EKS Pod Identity associates with the service account.
fn service_account(
    namespace: &str,
    account: &str,
    resource: JsonNode<'_>,
    owner: &FindingOwner<'_>,
) -> PrincipalCandidate {
    let name = format!("system:serviceaccount:{namespace}:{account}");
    let cluster = resource.get("eksClusterDetails");
    let arn_text = cluster.get("arn").text();
    let with_reason =
        |reason| uninvestigable(UninvestigableKind::KubernetesServiceAccount, owner.account_id, Some(&name), reason);
    let names = [arn_text, cluster.get("name").text(), Some(namespace), Some(account)];
    if names.into_iter().flatten().any(|name| owner.is_sample_name(name)) {
        return with_reason(NotInvestigableReason::Placeholder);
    }
    if !is_kubernetes_name(namespace) || !is_kubernetes_name(account) {
        return with_reason(NotInvestigableReason::Malformed { part: RoleSource::Cluster });
    }
    let from_arn = arn_text.and_then(Arn::parse).filter(|arn| arn.service == "eks" && !arn.region.is_empty());
    let (partition, account_id, region, cluster_name) = match (from_arn, owner) {
        (Some(arn), _) => (arn.partition, arn.account_id, arn.region, arn.resource.strip_prefix("cluster/")),
        (None, FindingOwner { partition: Some(partition), account_id: Some(account_id), region, .. })
            if arn_text.is_none() =>
        {
            (*partition, *account_id, *region, cluster.get("name").text())
        }
        (None, _) => return with_reason(NotInvestigableReason::Missing { part: RoleSource::Cluster }),
    };
    let Some(cluster_name) = cluster_name.filter(|name| is_cluster_name(name)) else {
        return with_reason(NotInvestigableReason::Missing { part: RoleSource::Cluster });
    };
    if let Some(elsewhere) = other_account_or_partition(partition, account_id, &name, owner) {
        return elsewhere;
    }
    let lookup = Lookup::PodIdentity {
        partition: partition.to_owned(),
        account_id: account_id.to_owned(),
        region: region.to_owned(),
        cluster: cluster_name.to_owned(),
        namespace: namespace.to_owned(),
        service_account: account.to_owned(),
    };
    candidate_with_lookup(lookup, UninvestigableKind::KubernetesServiceAccount, &name, None)
}
