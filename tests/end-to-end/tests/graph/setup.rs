//! Helpers to configure and read the behavior graph of the stack's account.

use crate::scene::{Scene, WAIT_TIMEOUT};
use local_cloud::{CloudError, ReceivedMessage, STACK_ACCOUNT};
use serde_json::{Value, json};
use simulator::AccountRegionFilter;
use std::collections::BTreeMap;

/// The parameter with the document that the graph stack reads.
pub(crate) const DOCUMENT: &str = "/gumshoe/graph";
/// The external ID that the role in the management account requires.
pub(crate) const EXTERNAL_ID: &str = "graph-tests";
/// The name of the graph stack's function keep-graph.
pub(crate) const FUNCTION: &str = "gumshoe-graph-local-keep-graph";

/// Matches the graphs of the stack's account.
pub(crate) fn own_account() -> AccountRegionFilter {
    AccountRegionFilter { account: Some(STACK_ACCOUNT.to_owned()), region: None }
}

/// A document with these accounts as members, and the top-level members of `more`.
pub(crate) fn document_with(ids: &[&str], more: &Value) -> Value {
    let accounts: Vec<Value> =
        ids.iter().map(|id| json!({"account_id": id, "email": format!("{id}@example.com")})).collect();
    let mut document = json!({"graph": {"enabled": true}, "members": {"accounts": accounts}});
    for (name, value) in more.as_object().into_iter().flatten() {
        document[name] = value.clone();
    }
    document
}

impl Scene<'_> {
    /// Writes the document that describes the wanted graph.
    pub(crate) async fn write_document(&self, document: &Value) -> Result<(), CloudError> {
        self.cloud.write_parameter(DOCUMENT, &document.to_string()).await
    }

    /// Invokes keep-graph and returns its result, or Lambda's error object.
    pub(crate) async fn invoke_keep_graph(&self, input: &Value) -> Result<Value, CloudError> {
        self.cloud.invoke(FUNCTION, input).await
    }

    /// The graph's members with their statuses, as its administrator lists them.
    pub(crate) async fn members(&self) -> Result<BTreeMap<String, String>, CloudError> {
        let graph = self.cloud.simulator().graph_arn(STACK_ACCOUNT, "us-east-1");
        let list = json!({"GraphArn": graph});
        let answer =
            self.cloud.simulator_api().post_as(STACK_ACCOUNT, "detective", "/graph/members/list", &list).await?;
        let members = answer["MemberDetails"].as_array().into_iter().flatten();
        let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        Ok(members.map(|it| (text(&it["AccountId"]), text(&it["Status"]))).collect())
    }

    /// Waits until an account is a member of the graph.
    pub(crate) async fn wait_for_member(&self, account: &str) -> Result<(), CloudError> {
        let poll = async || Ok(self.members().await?.contains_key(account).then_some(()));
        self.cloud.poll_until(&format!("member {account}"), WAIT_TIMEOUT, poll).await
    }

    /// Waits until the subscribers of a protocol have received at least the expected number of messages that contain a text. Returns
    /// them.
    pub(crate) async fn wait_for_notices(
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

    /// The number of calls of an operation of Detective.
    pub(crate) fn call_count(&self, operation: &str) -> usize {
        self.cloud.simulator().journal().iter().filter(|it| it.operation == operation).count()
    }
}
