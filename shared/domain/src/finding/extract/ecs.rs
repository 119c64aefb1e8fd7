//! `resource.ecsClusterDetails`: a task, and the task role in its definition.

use super::iam_names::{candidate_with_lookup, other_account_or_partition};
use super::{Candidates, FindingOwner, uninvestigable};
use crate::finding::json_node::JsonNode;
use crate::principal::arn::Arn;
use crate::principal::{Lookup, NotInvestigableReason, PrincipalCandidate, RoleSource, TaskArn, UninvestigableKind};

/// Adds the role of the cluster's task.
pub(super) fn add(resource: JsonNode<'_>, owner: &FindingOwner<'_>, candidates: &mut Candidates) {
    let cluster = resource.get("ecsClusterDetails");
    let name = cluster.at("taskDetails.arn").text().or_else(|| cluster.get("name").text());
    match cluster.at("taskDetails.definitionArn").text() {
        Some(arn) => {
            let cluster_name = cluster.get("name").text().filter(|name| is_cluster_name(name));
            let task = cluster.at("taskDetails.arn").text().map(|task| (task, cluster_name));
            candidates.push(candidate_by_task_definition(arn, task, owner));
        }
        None if cluster.is_object() && !resource.at("instanceDetails.iamInstanceProfile.arn").exists() => {
            let reason = match name {
                Some(name) if owner.is_sample_name(name) => NotInvestigableReason::Placeholder,
                _ => NotInvestigableReason::Missing { part: RoleSource::TaskDefinition },
            };
            candidates.push(uninvestigable(UninvestigableKind::Task, owner.account_id, name, reason));
        }
        None => {}
    }
}

/// The task role of `arn:PARTITION:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION`.
///
/// `task`: the ARN of the task with that definition, and the name of its cluster.
pub(super) fn candidate_by_task_definition(
    text: &str,
    task: Option<(&str, Option<&str>)>,
    owner: &FindingOwner<'_>,
) -> PrincipalCandidate {
    let with_reason = |reason| uninvestigable(UninvestigableKind::Task, owner.account_id, Some(text), reason);
    if owner.is_sample_name(text) {
        return with_reason(NotInvestigableReason::Placeholder);
    }
    let Some((arn, family)) = definition(text) else {
        return with_reason(NotInvestigableReason::Malformed { part: RoleSource::TaskDefinition });
    };
    if let Some(elsewhere) = other_account_or_partition(arn.partition, arn.account_id, family, owner) {
        return elsewhere;
    }
    let lookup = Lookup::TaskDefinition {
        arn: text.to_owned(),
        partition: arn.partition.to_owned(),
        account_id: arn.account_id.to_owned(),
        region: arn.region.to_owned(),
        task: task.and_then(|(task, cluster)| of_task(task, cluster, &arn)),
    };
    candidate_with_lookup(lookup, UninvestigableKind::Task, family, None)
}

/// The task, if its ARN is in the account and Region of the definition.
fn of_task(text: &str, cluster: Option<&str>, definition: &Arn<'_>) -> Option<TaskArn> {
    let arn = Arn::parse(text)?;
    let is_same_account_and_region = (arn.partition, arn.service, arn.region, arn.account_id)
        == (definition.partition, "ecs", definition.region, definition.account_id);
    let (own, id) = match arn.resource.strip_prefix("task/")?.split_once('/') {
        Some((cluster, id)) => (Some(cluster), id),
        None => (cluster, arn.resource.strip_prefix("task/")?),
    };
    let is_valid = is_same_account_and_region
        && own.is_none_or(is_cluster_name)
        && (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_valid.then(|| TaskArn { arn: text.to_owned(), cluster: own.map(str::to_owned) })
}

/// ECS API Reference, CreateCluster: up to 255 letters, digits, `_` and `-`.
fn is_cluster_name(name: &str) -> bool {
    (1..=255).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// ECS API Reference, RegisterTaskDefinition: a family has up to 255 letters, digits, `_` and `-`.
fn definition(text: &str) -> Option<(Arn<'_>, &str)> {
    let arn = Arn::parse(text).filter(|arn| arn.service == "ecs" && !arn.region.is_empty())?;
    let definition = arn.resource.strip_prefix("task-definition/")?;
    let (family, revision) = definition.split_once(':').unwrap_or((definition, "1"));
    let is_valid = (1..=255).contains(&family.len())
        && family.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        && (1..=10).contains(&revision.len())
        && revision.bytes().all(|byte| byte.is_ascii_digit());
    is_valid.then_some((arn, definition))
}
