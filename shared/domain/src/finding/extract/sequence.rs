//! `service.detection.sequence`: an attack sequence, with up to 400 actors and 400 resources.

use super::access_key::Caller;
use super::ecs::candidate_by_task_definition;
use super::iam_names::{candidate_by_arn, candidate_by_profile, candidate_by_profile_name};
use super::{Candidates, FindingOwner};
use crate::finding::json_node::JsonNode;
use crate::principal::arn::{is_account_id, is_partition};
use crate::principal::names::is_iam_name;

/// Adds the sequence's actors, then its resources. Returns the number of processes among the actors; `None` if there is no
/// sequence.
pub(super) fn add(sequence: JsonNode<'_>, owner: &FindingOwner<'_>, candidates: &mut Candidates) -> Option<usize> {
    if !sequence.is_object() {
        return None;
    }
    let mut processes = 0;
    for actor in sequence.get("actors").items() {
        if actor.get("process").is_object() {
            processes += 1;
        }
        add_actor(actor, owner, candidates);
    }
    for resource in sequence.get("resources").items() {
        add_resource(resource, owner, candidates);
    }
    Some(processes)
}

/// If the session's issuer is the ARN of an IAM user or role, that is the actor; also for a federated user's session.
fn add_actor(actor: JsonNode<'_>, owner: &FindingOwner<'_>, candidates: &mut Candidates) {
    let user = actor.get("user");
    let principal_id = user.get("uid").text();
    let issuer = actor.at("session.issuer").text();
    if let Some(candidate) = issuer.and_then(|issuer| candidate_by_arn(issuer, principal_id, owner)) {
        candidates.push(candidate);
        return;
    }
    let account = user.at("account.uid");
    let caller = Caller {
        user_type: user.get("type").text(),
        user_name: user.get("name").text(),
        principal_id,
        account_id: account_of(account, owner),
        remote_account_id: account.text().filter(|id| is_account_id(id)),
    };
    if caller.is_present() {
        candidates.push(caller.candidate(owner));
    }
}

/// Access keys, instance profiles, instances with a profile, and tasks. Recognized by the members that are present, because
/// GuardDuty adds resource types.
fn add_resource(resource: JsonNode<'_>, owner: &FindingOwner<'_>, candidates: &mut Candidates) {
    let data = resource.get("data");
    let account_id = account_of(resource.get("accountId"), owner);
    let key = data.get("accessKey");
    let caller = Caller {
        user_type: key.get("userType").text(),
        user_name: key.get("userName").text(),
        principal_id: key.get("principalId").text(),
        account_id,
        remote_account_id: account_id,
    };
    if caller.is_present() {
        candidates.push(caller.candidate(owner));
    }
    let uid = resource.get("uid").text();
    if let Some(arn) = data.at("ec2Instance.iamInstanceProfile.arn").text() {
        // Several instances can share a profile, so no instance id is used as the session name.
        candidates.push(candidate_by_profile(arn, uid.filter(|uid| owner.is_sample_name(uid)), owner));
    }
    if let Some(arn) = data.at("ecsTask.taskDefinitionArn").text() {
        candidates.push(candidate_by_task_definition(arn, uid.map(|task| (task, None)), owner));
    }
    if resource.get("resourceType").text() == Some("IAM_INSTANCE_PROFILE") || data.get("iamInstanceProfile").exists() {
        add_profile(resource, uid, account_id, owner, candidates);
    }
}

/// The account in the member, if valid; the finding's account if there is no such member.
fn account_of<'a>(account: JsonNode<'a>, owner: &FindingOwner<'a>) -> Option<&'a str> {
    if account.exists() { account.text().filter(|id| is_account_id(id)) } else { owner.account_id }
}

/// By the ARN if `uid` is one, otherwise by the name.
fn add_profile(
    resource: JsonNode<'_>,
    uid: Option<&str>,
    account_id: Option<&str>,
    owner: &FindingOwner<'_>,
    candidates: &mut Candidates,
) {
    if let Some(arn) = uid.filter(|uid| uid.starts_with("arn:")) {
        candidates.push(candidate_by_profile(arn, None, owner));
        return;
    }
    let name = resource.get("name").text().filter(|name| is_iam_name(name, 128) && !owner.is_sample_name(name));
    let partition = resource.get("cloudPartition").text().filter(|it| is_partition(it)).or(owner.partition);
    if let (Some(name), Some(account_id), Some(partition)) = (name, account_id, partition) {
        candidates.push(candidate_by_profile_name(partition, account_id, name, None, owner));
    }
}
