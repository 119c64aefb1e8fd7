//! The calls themselves, one a look-up.

use super::account::Clients;
use crate::error::{CallFailed, Fault};
use gumshoe_domain::principal::{Found, Lookup};

/// What the service has on it.
pub(super) async fn ask(clients: &Clients, lookup: &Lookup) -> Result<Found, CallFailed> {
    match lookup {
        Lookup::User { name, .. } => user(clients, name).await,
        Lookup::Role { name, .. } => role(clients, name).await,
        Lookup::InstanceProfile { name, .. } => instance_profile(clients, name).await,
        Lookup::TaskDefinition { arn, region, .. } => task_definition(clients, region, arn).await,
        Lookup::PodIdentity { region, cluster, namespace, service_account, .. } => {
            pod_identity(clients, region, cluster, namespace, service_account).await
        }
    }
}

/// IAM API reference, GetUser: a user's ARN with its path, and its unique id.
async fn user(clients: &Clients, name: &str) -> Result<Found, CallFailed> {
    let answer = clients.iam.get_user().user_name(name).send().await;
    let answer = answer.map_err(|error| CallFailed::new("GetUser", error))?;
    let user = answer.user().ok_or_else(|| CallFailed::incomplete("GetUser", "the user"))?;
    Ok(Found::Arn { arn: user.arn().to_owned(), unique_id: Some(user.user_id().to_owned()) })
}

/// IAM API reference, GetRole: a role's ARN with its path, and its unique id.
async fn role(clients: &Clients, name: &str) -> Result<Found, CallFailed> {
    let answer = clients.iam.get_role().role_name(name).send().await;
    let answer = answer.map_err(|error| CallFailed::new("GetRole", error))?;
    let role = answer.role().ok_or_else(|| CallFailed::incomplete("GetRole", "the role"))?;
    Ok(Found::Arn { arn: role.arn().to_owned(), unique_id: Some(role.role_id().to_owned()) })
}

/// IAM API reference, GetInstanceProfile: a profile holds one role at most, whose name need not be the profile's.
async fn instance_profile(clients: &Clients, name: &str) -> Result<Found, CallFailed> {
    let answer = clients.iam.get_instance_profile().instance_profile_name(name).send().await;
    let answer = answer.map_err(|error| CallFailed::new("GetInstanceProfile", error))?;
    let roles = answer.instance_profile().map(|profile| profile.roles()).unwrap_or_default();
    Ok(roles.first().map_or(Found::Nothing, |role| Found::Arn {
        arn: role.arn().to_owned(),
        unique_id: Some(role.role_id().to_owned()),
    }))
}

/// ECS API reference, DescribeTaskDefinition: `taskRoleArn` is the full ARN of the role that the containers act as, or
/// missing where the task has none.
async fn task_definition(clients: &Clients, region: &str, arn: &str) -> Result<Found, CallFailed> {
    let answer = clients.ecs(region).describe_task_definition().task_definition(arn).send().await;
    // ECS has no error of its own for a definition that is not there.
    let answer = answer.map_err(|error| {
        let failed = CallFailed::new("DescribeTaskDefinition", error);
        let gone = failed.code.as_deref() == Some("ClientException");
        if gone { failed.of_kind(Fault::NotFound) } else { failed }
    })?;
    let role = answer.task_definition().and_then(|definition| definition.task_role_arn());
    Ok(role
        .filter(|arn| !arn.is_empty())
        .map_or(Found::Nothing, |arn| Found::Arn { arn: arn.to_owned(), unique_id: None }))
}

/// EKS API reference, ListPodIdentityAssociations and DescribePodIdentityAssociation: the role that EKS Pod Identity
/// gives a service account. A role by annotation (IRSA) is in the cluster only, where nobody looks from here.
async fn pod_identity(
    clients: &Clients,
    region: &str,
    cluster: &str,
    namespace: &str,
    service_account: &str,
) -> Result<Found, CallFailed> {
    let eks = clients.eks(region);
    let list = eks.list_pod_identity_associations().cluster_name(cluster).namespace(namespace);
    let answer = list.service_account(service_account).max_results(1).send().await;
    let answer = answer.map_err(|error| CallFailed::new("ListPodIdentityAssociations", error))?;
    let Some(id) = answer.associations().iter().find_map(|association| association.association_id()) else {
        return Ok(Found::Nothing);
    };
    let describe = eks.describe_pod_identity_association().cluster_name(cluster).association_id(id);
    let answer = describe.send().await.map_err(|error| CallFailed::new("DescribePodIdentityAssociation", error))?;
    // With a target role the pod gets that role's credentials, by way of the other's.
    let arn = answer.association().and_then(|association| association.target_role_arn().or(association.role_arn()));
    Ok(arn.map_or(Found::Nothing, |arn| Found::Arn { arn: arn.to_owned(), unique_id: None }))
}
