//! The time from a document and the current graph to a plan and the graph's health, for the maximum number of members.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use gumshoe_domain::coverage::MemberStatus;
use gumshoe_graph::{
    Account, CurrentGraph, CurrentState, DeletionConfirmation, DesiredState, DocumentError, Health, IngestState,
    InvitationType, MAX_MEMBERS, Member, Observation, Package, Plan,
};

use crate::figure::Figure;

const ROUNDS: usize = 15;
const TIMES: u32 = 20;

/// Measures a graph that matches its document.
pub(crate) fn measure() -> Result<Vec<Figure>, DocumentError> {
    let (document, actual) = (document(), actual());
    let mut measured = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for _ in 0..TIMES {
            black_box(plan(black_box(&document), black_box(&actual))?);
        }
        measured.push(begun.elapsed().as_secs_f64() * 1e3 / f64::from(TIMES));
    }
    Ok(vec![Figure::new("A document of 1,200 members, parsed, planned and checked", "ms", measured).at_most(20.0)])
}

/// The number of changes and issues, so that the compiler cannot remove the work.
pub(crate) fn plan(document: &str, actual: &CurrentState) -> Result<usize, DocumentError> {
    let desired = DesiredState::from_json(document, &[])?;
    let plan = Plan::of(&desired, actual, &DeletionConfirmation::default());
    let health = Health::of(&desired, actual, jiff::Timestamp::UNIX_EPOCH);
    Ok(plan.changes.len() + health.issues.len())
}

fn account(number: usize) -> Account {
    Account { account_id: format!("{number:012}"), email: format!("root{number}@example.com") }
}

pub(crate) fn document() -> String {
    let accounts: Vec<Account> = (0..MAX_MEMBERS).map(account).collect();
    serde_json::json!({"graph": {"enabled": true}, "members": {"accounts": accounts}}).to_string()
}

pub(crate) fn actual() -> CurrentState {
    let member = |number| {
        let Account { account_id, email } = account(number);
        let member = Member {
            account_id: account_id.clone(),
            email: Some(email),
            graph_arn: "arn:aws:detective:us-east-1:999999999999:graph:0123456789abcdef0123456789abcdef".to_owned(),
            administrator_id: Some("999999999999".to_owned()),
            status: MemberStatus::Enabled,
            disabled_reason: None,
            invitation: InvitationType::Invitation,
            invited_at: None,
            updated_at: None,
            packages: BTreeMap::from([(Package::DetectiveCore, IngestState::Started)]),
        };
        (account_id, member)
    };
    let graph = CurrentGraph {
        arn: "arn:aws:detective:us-east-1:999999999999:graph:0123456789abcdef0123456789abcdef".to_owned(),
        tags: BTreeMap::new(),
        members: (0..MAX_MEMBERS).map(member).collect(),
        packages: BTreeMap::from([(Package::DetectiveCore, IngestState::Started)]),
        auto_enable: Observation::NotRequested,
        package_state_since: BTreeMap::new(),
    };
    let account_id = "999999999999".to_owned();
    CurrentState {
        account_id,
        graph: Some(graph),
        administrator: Observation::NotRequested,
        candidates: Observation::NotRequested,
        organization: Observation::NotRequested,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_issue_of_the_graph_is_that_it_is_full() {
        assert_eq!(plan(&document(), &actual()).unwrap(), 1);
    }
}
