//! CreateMembers: invites accounts to a behavior graph, or enables accounts of the organization.

use serde::Deserialize;
use serde_json::json;

use super::unprocessed;
use crate::detective::member::{Member, MemberStatus};
use crate::protocol::{Call, OperationResult};
use crate::world::World;

/// Message and DisableEmailNotification are checked and have no effect: no e-mail is sent.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    graph_arn: String,
    accounts: Vec<Account>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    account_id: String,
    email_address: String,
}

// assumed: when there is no room for all accounts that are not members yet, none is processed. An account whose
// verification failed can be invited again, with another address.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { graph_arn, accounts } = call.request()?;
    let World { detective, organizations, scenarios, .. } = world;
    let organization = organizations.of(&call.place.account);
    let graph = detective.administered_graph(call.place, &graph_arn, call.now)?;

    let mut chosen: Vec<&Account> = Vec::new();
    let mut rejected = Vec::new();
    for account in &accounts {
        let id = account.account_id.as_str();
        let status = graph.members.get(id).map(|member| member.status(call.now));
        if id == graph.administrator {
            rejected.push(unprocessed(id, "The administrator account cannot be a member of its own behavior graph."));
        } else if chosen.iter().any(|other| other.account_id == id) {
            rejected.push(unprocessed(id, "The account is in the request more than once."));
        } else if status.is_some_and(|status| status != MemberStatus::VerificationFailed) {
            rejected.push(unprocessed(id, "The account is already a member of the behavior graph, or invited to it."));
        } else {
            chosen.push(account);
        }
    }
    graph
        .check_member_limit(chosen.iter().filter(|account| !graph.members.contains_key(&account.account_id)).count())?;

    let mut details = Vec::new();
    for Account { account_id, email_address } in chosen {
        let scenario = scenarios.of_account(call.place, account_id);
        let by_organization =
            graph.auto_enable.is_some() && organization.is_some_and(|organization| organization.contains(account_id));
        let member = match by_organization {
            true => Member::of_organization(account_id, email_address, call.now),
            false => Member::invited(account_id, email_address, &scenario, call.now),
        };
        let mut detail = member.detail(&graph.arn, &graph.administrator, call.now);
        graph.members.insert(account_id.clone(), member);
        if by_organization {
            graph.enable(account_id, scenario.volume_bytes, call.now);
            let member = &graph.members[account_id];
            detail = member.detail(&graph.arn, &graph.administrator, call.now);
        } else {
            // However soon the verification ends, this answer comes before.
            detail["Status"] = json!(MemberStatus::VerificationInProgress);
        }
        details.push(detail);
    }
    Ok(Some(json!({ "Members": details, "UnprocessedAccounts": rejected })))
}
