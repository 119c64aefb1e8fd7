//! The graph of the stack's account, as the tests set it and see it.

use crate::scene::{Scene, WAIT_TIMEOUT};
use local_cloud::{CloudError, ReceivedMessage, STACK_ACCOUNT};
use serde_json::{Value, json};
use simulator::AccountRegionFilter;
use std::collections::BTreeMap;

/// The parameter that the stack reads.
pub(crate) const DOCUMENT: &str = "/gumshoe/graph";
/// What the role in the management account asks for.
pub(crate) const EXTERNAL_ID: &str = "graph-tests";
/// The graph stack's keep-graph.
pub(crate) const FUNCTION: &str = "gumshoe-graph-local-keep-graph";

pub(crate) fn own() -> AccountRegionFilter {
    AccountRegionFilter { account: Some(STACK_ACCOUNT.to_owned()), region: None }
}

/// A document that adds those accounts, and what else it says.
pub(crate) fn adding(ids: &[&str], more: &Value) -> Value {
    let accounts: Vec<Value> =
        ids.iter().map(|id| json!({"account_id": id, "email": format!("{id}@example.com")})).collect();
    let mut document = json!({"graph": {"enabled": true}, "members": {"accounts": accounts}});
    for (name, value) in more.as_object().into_iter().flatten() {
        document[name] = value.clone();
    }
    document
}

impl Scene<'_> {
    /// Says what the graph should be.
    pub(crate) async fn document(&self, document: &Value) -> Result<(), CloudError> {
        self.cloud.write_parameter(DOCUMENT, &document.to_string()).await
    }

    /// A run by hand.
    pub(crate) async fn keep(&self, input: &Value) -> Result<Value, CloudError> {
        self.cloud.invoke(FUNCTION, input).await
    }

    /// The graph's members with their statuses, as an administrator lists them.
    pub(crate) async fn members(&self) -> Result<BTreeMap<String, String>, CloudError> {
        let graph = self.cloud.simulator().graph_arn(STACK_ACCOUNT, "us-east-1");
        let list = json!({"GraphArn": graph});
        let answer =
            self.cloud.simulator_api().post_as(STACK_ACCOUNT, "detective", "/graph/members/list", &list).await?;
        let members = answer["MemberDetails"].as_array().into_iter().flatten();
        let word = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        Ok(members.map(|it| (word(&it["AccountId"]), word(&it["Status"]))).collect())
    }

    /// Waits until an account is a member.
    pub(crate) async fn joined(&self, account: &str) -> Result<(), CloudError> {
        let poll = async || Ok(self.members().await?.contains_key(account).then_some(()));
        self.cloud.poll_until(&format!("member {account}"), WAIT_TIMEOUT, poll).await
    }

    /// What the topic's subscribers have received about the graph that holds a text, by protocol, once it is there.
    pub(crate) async fn notices(
        &self,
        protocol: &str,
        text: &str,
        expected: usize,
    ) -> Result<Vec<ReceivedMessage>, CloudError> {
        let of = || -> Vec<ReceivedMessage> {
            let received = self.cloud.inbox().received().into_iter();
            received.filter(|it| it.protocol == protocol && it.body.contains(text)).collect()
        };
        let what = format!("{expected} notices by {protocol} with {text}");
        self.cloud.poll_until(&what, WAIT_TIMEOUT, async || Ok((of().len() >= expected).then_some(()))).await?;
        Ok(of())
    }

    /// How often an operation was asked of Detective.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.cloud.simulator().journal().iter().filter(|it| it.operation == operation).count()
    }
}
