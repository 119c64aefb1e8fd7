//! The API calls of each kind of lookup.

use super::account::Clients;
use crate::error::ApiCallError;
use gumshoe_domain::error::{Fault, with_causes};
use gumshoe_domain::principal::{Lookup, LookupAnswer, TaskArn};

/// Calls the service that knows the principal.
pub(super) async fn fetch(clients: &Clients, lookup: &Lookup) -> Result<LookupAnswer, ApiCallError> {
    match lookup {
        Lookup::User { name, .. } => user(clients, name).await,
        Lookup::Role { name, .. } => role(clients, name).await,
        Lookup::InstanceProfile { name, .. } => instance_profile(clients, name).await,
        Lookup::TaskDefinition { arn, region, task, .. } => task_role(clients, region, arn, task.as_ref()).await,
        Lookup::PodIdentity { region, cluster, namespace, service_account, .. } => {
            pod_identity(clients, region, cluster, namespace, service_account).await
        }
    }
}

/// IAM API reference, GetUser: a user's ARN with its path, and its unique id.
async fn user(clients: &Clients, name: &str) -> Result<LookupAnswer, ApiCallError> {
    let answer = clients.iam.get_user().user_name(name).send().await;
    let answer = answer.map_err(|error| ApiCallError::new("GetUser", error))?;
    let user = answer.user().ok_or_else(|| ApiCallError::missing_field("GetUser", "the user"))?;
    Ok(LookupAnswer::Arn { arn: user.arn().to_owned(), unique_id: Some(user.user_id().to_owned()) })
}

/// IAM API reference, GetRole: a role's ARN with its path, and its unique id.
async fn role(clients: &Clients, name: &str) -> Result<LookupAnswer, ApiCallError> {
    let answer = clients.iam.get_role().role_name(name).send().await;
    let answer = answer.map_err(|error| ApiCallError::new("GetRole", error))?;
    let role = answer.role().ok_or_else(|| ApiCallError::missing_field("GetRole", "the role"))?;
    Ok(LookupAnswer::Arn { arn: role.arn().to_owned(), unique_id: Some(role.role_id().to_owned()) })
}

/// IAM API reference, GetInstanceProfile: a profile holds one role at most, whose name need not be the profile's.
async fn instance_profile(clients: &Clients, name: &str) -> Result<LookupAnswer, ApiCallError> {
    let answer = clients.iam.get_instance_profile().instance_profile_name(name).send().await;
    let answer = answer.map_err(|error| ApiCallError::new("GetInstanceProfile", error))?;
    let roles = answer.instance_profile().map(|profile| profile.roles()).unwrap_or_default();
    Ok(roles.first().map_or(LookupAnswer::NoRole, |role| LookupAnswer::Arn {
        arn: role.arn().to_owned(),
        unique_id: Some(role.role_id().to_owned()),
    }))
}

/// The role that the task was started with. If ECS no longer has the task, or denies the call, the role of its task definition.
async fn task_role(
    clients: &Clients,
    region: &str,
    definition: &str,
    task: Option<&TaskArn>,
) -> Result<LookupAnswer, ApiCallError> {
    if let Some(task) = task {
        match running_task(clients, region, task).await {
            Ok(Some(running)) => return Ok(running),
            Ok(None) => {}
            Err(failed) if matches!(failed.fault, Fault::Throttled | Fault::Unavailable) => return Err(failed),
            Err(failed) => {
                tracing::warn!(task.arn = %task.arn, error.message = %with_causes(&failed),
                    "could not describe the ECS task; the role of its task definition is used");
            }
        }
    }
    task_definition(clients, region, definition).await
}

/// ECS API reference, DescribeTasks: `overrides.taskRoleArn` is the role that the task was given instead of its definition's. ECS
/// describes stopped tasks for at least an hour. `None` if ECS does not have the task.
async fn running_task(clients: &Clients, region: &str, task: &TaskArn) -> Result<Option<LookupAnswer>, ApiCallError> {
    let call = clients.ecs(region).describe_tasks().tasks(&task.arn).set_cluster(task.cluster.clone()).send();
    let answer = call.await.map_err(|error| ApiCallError::new("DescribeTasks", error))?;
    let Some(running) = answer.tasks().iter().find(|it| it.task_arn() == Some(&task.arn)) else { return Ok(None) };
    let of_task = |arn: &str| LookupAnswer::TaskRole { arn: arn.to_owned() };
    if let Some(arn) = running.overrides().and_then(|it| it.task_role_arn()).filter(|arn| !arn.is_empty()) {
        return Ok(Some(of_task(arn)));
    }
    let Some(definition) = running.task_definition_arn() else { return Ok(None) };
    Ok(Some(match task_definition(clients, region, definition).await? {
        LookupAnswer::Arn { arn, .. } => of_task(&arn),
        other => other,
    }))
}

/// ECS API reference, DescribeTaskDefinition: `taskRoleArn` is the full ARN of the role that the containers use; it is missing if the
/// task has no role.
async fn task_definition(clients: &Clients, region: &str, arn: &str) -> Result<LookupAnswer, ApiCallError> {
    let answer = clients.ecs(region).describe_task_definition().task_definition(arn).send().await;
    // ECS has no specific error for a definition that does not exist.
    let answer = answer.map_err(|error| {
        let failed = ApiCallError::new("DescribeTaskDefinition", error);
        let gone = failed.code.as_deref() == Some("ClientException");
        if gone { failed.with_fault(Fault::NotFound) } else { failed }
    })?;
    let role = answer.task_definition().and_then(|definition| definition.task_role_arn());
    Ok(role
        .filter(|arn| !arn.is_empty())
        .map_or(LookupAnswer::NoRole, |arn| LookupAnswer::Arn { arn: arn.to_owned(), unique_id: None }))
}

/// EKS API reference, ListPodIdentityAssociations and DescribePodIdentityAssociation: the role that EKS Pod Identity assigns to a service
/// account. A role that is assigned by an annotation (IRSA) is recorded in the cluster only, which Gumshoe does not read.
async fn pod_identity(
    clients: &Clients,
    region: &str,
    cluster: &str,
    namespace: &str,
    service_account: &str,
) -> Result<LookupAnswer, ApiCallError> {
    let eks = clients.eks(region);
    let list = eks.list_pod_identity_associations().cluster_name(cluster).namespace(namespace);
    let answer = list.service_account(service_account).max_results(1).send().await;
    let answer = answer.map_err(|error| ApiCallError::new("ListPodIdentityAssociations", error))?;
    let Some(id) = answer.associations().iter().find_map(|association| association.association_id()) else {
        return Ok(LookupAnswer::NoRole);
    };
    let describe = eks.describe_pod_identity_association().cluster_name(cluster).association_id(id);
    let answer = describe.send().await.map_err(|error| ApiCallError::new("DescribePodIdentityAssociation", error))?;
    // With a target role, the pod's credentials are those of the target role, which the first role assumes.
    let arn = answer.association().and_then(|association| association.target_role_arn().or(association.role_arn()));
    Ok(arn.map_or(LookupAnswer::NoRole, |arn| LookupAnswer::Arn { arn: arn.to_owned(), unique_id: None }))
}
