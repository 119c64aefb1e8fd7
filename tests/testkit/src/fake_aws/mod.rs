//! The AWS services that handlers call besides Detective and GuardDuty, in memory.

mod connector;
mod responses;
mod table;

use crate::simulator_config::{REGION, configuration};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use table::Table;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use wire::AwsCall;

/// DynamoDB with one table, SNS, EventBridge, S3 and Organizations. Clones are the same services.
///
/// [`FakeAws::configuration`] configures the SDK's own clients. Their requests are parsed and executed, and they parse the responses, so
/// that adapters are tested with the real wire format.
#[derive(Clone, Debug, Default)]
pub struct FakeAws(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    table: Table,
    published: Vec<Published>,
    events: Vec<Event>,
    objects: BTreeMap<String, Vec<u8>>,
    account_names: BTreeMap<String, String>,
    calls: Vec<AwsCall>,
    rules: Vec<CallRule>,
}

/// An action for the next call that matches.
struct CallRule {
    matches: Box<dyn Fn(&AwsCall) -> bool + Send>,
    action: CallAction,
}

enum CallAction {
    Fail(CallFault),
    /// Run other work to its end before the call.
    RunBefore(Box<dyn FnOnce() + Send>),
    /// The call never returns. Sending on this channel aborts the caller.
    AbortCaller(oneshot::Sender<()>),
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallFault {
    /// The service returns a throttling error without effect.
    Throttled,
    /// The service denies access, without effect.
    Denied,
    /// The service returns 503, without effect.
    Unavailable,
    /// The connection breaks before the service receives the call.
    DisconnectBefore,
    /// The service executes the call, and the connection breaks before its response.
    DisconnectAfter,
}

/// A message that was published to the topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The subject of its e-mail.
    pub subject: String,
    /// The bodies by protocol: `default`, `sqs`, …
    pub bodies: Value,
    /// The message attributes.
    pub attributes: BTreeMap<String, String>,
}

/// An event that was put on the event bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The event's `detail-type`.
    pub detail_type: String,
    /// The event's `detail`.
    pub detail: Value,
}

impl fmt::Debug for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("State").field("calls", &self.calls).finish_non_exhaustive()
    }
}

impl FakeAws {
    /// The configuration of clients that call these services. The SDK does not retry, so that one fault makes one call fail;
    /// [`with_retries`](crate::with_retries) changes that.
    #[must_use]
    pub fn configuration(&self) -> SdkConfig {
        configuration(crate::findings::ACCOUNT, REGION, SharedHttpClient::new(self.clone()))
    }

    /// Makes the next call of that operation fail, such as `Publish` or, for S3, `PUT`.
    pub fn fail_next(&self, operation: &'static str, fault: CallFault) {
        self.fail_next_where(move |call| call.operation == operation, fault);
    }

    /// Makes the next call that matches fail.
    pub fn fail_next_where(&self, matches: impl Fn(&AwsCall) -> bool + Send + 'static, fault: CallFault) {
        self.state().rules.push(CallRule { matches: Box::new(matches), action: CallAction::Fail(fault) });
    }

    /// Makes the next write that sets that attribute of an item fail.
    pub fn fail_next_write_of(&self, attribute: &'static str, fault: CallFault) {
        self.fail_next_where(move |call| sets_attribute(call, attribute), fault);
    }

    /// Runs other work before the next write that sets that attribute of an item.
    pub fn before_next_write_of<F: Future<Output = ()>>(
        &self,
        attribute: &'static str,
        interlude: impl FnOnce() -> F + Send + 'static,
    ) {
        self.before_next(move |call| sets_attribute(call, attribute), interlude);
    }

    /// Runs other work before the next call that matches. It may call these services.
    ///
    /// The work has its own thread and runtime, because not all futures of handlers are `Send`.
    pub fn before_next<F: Future<Output = ()>>(
        &self,
        matches: impl Fn(&AwsCall) -> bool + Send + 'static,
        interlude: impl FnOnce() -> F + Send + 'static,
    ) {
        let run = move || Builder::new_current_thread().enable_all().build().unwrap().block_on(interlude());
        self.state().rules.push(CallRule { matches: Box::new(matches), action: CallAction::RunBefore(Box::new(run)) });
    }

    /// Runs a function until just before its next call that matches, and drops it there, as if it was killed.
    ///
    /// # Panics
    ///
    /// If the function ends without such a call.
    pub async fn abort_before<T: fmt::Debug>(
        &self,
        matches: impl Fn(&AwsCall) -> bool + Send + 'static,
        function: impl Future<Output = T>,
    ) {
        let (aborted, reached) = oneshot::channel();
        self.state().rules.push(CallRule { matches: Box::new(matches), action: CallAction::AbortCaller(aborted) });
        tokio::select! {
            biased;
            _ = reached => {}
            ended = function => panic!("the function ended with {ended:?} before a call that matches"),
        }
    }

    /// The number of planned faults and actions that no call has used.
    #[must_use]
    pub fn unused_rule_count(&self) -> usize {
        self.state().rules.len()
    }

    /// Puts an item into the table as it is, in DynamoDB's JSON.
    pub fn put_item(&self, item: Map<String, Value>) {
        self.state().table.put(item);
    }

    /// The item under that key, in DynamoDB's JSON.
    #[must_use]
    pub fn item(&self, subject: &str, item: &str) -> Option<Map<String, Value>> {
        self.state().table.get(subject, item).cloned()
    }

    /// Limits the pages of queries to that many items, also if a query has a higher limit.
    pub fn set_page_size(&self, items: usize) {
        self.state().table.page_size = Some(items);
    }

    /// The messages that were published to the topic, oldest first.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        self.state().published.clone()
    }

    /// The events that were put on the bus, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.state().events.clone()
    }

    /// The objects in the buckets, by key.
    #[must_use]
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        self.state().objects.clone()
    }

    /// Gives an account a name in Organizations. Organizations denies access until an account has a name.
    pub fn set_account_name(&self, id: &str, name: &str) {
        self.state().account_names.insert(id.to_owned(), name.to_owned());
    }

    /// All calls so far, oldest first, including those that failed.
    #[must_use]
    pub fn calls(&self) -> Vec<AwsCall> {
        self.state().calls.clone()
    }

    /// The number of calls of an operation.
    #[must_use]
    pub fn count(&self, operation: &str) -> usize {
        self.state().calls.iter().filter(|call| call.operation == operation).count()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a call is an update of an item that sets the attribute.
#[must_use]
pub fn sets_attribute(call: &AwsCall, attribute: &str) -> bool {
    let body = call.json();
    let update = body["UpdateExpression"].as_str().unwrap_or_default();
    call.operation == "UpdateItem"
        && update.split([' ', ',']).zip(update.split([' ', ',']).skip(1)).any(|(name, sign)| {
            let name = body["ExpressionAttributeNames"][name].as_str().unwrap_or(name);
            name == attribute && sign == "="
        })
}
