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
/// Clients are made of [`FakeAws::configuration`]. They are the SDK's own: what they send is recognized and carried out,
/// and what is answered they have to read, so that adapters are tested with everything that goes over the wire.
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

/// Something that is to happen with a call.
struct CallRule {
    matches: Box<dyn Fn(&AwsCall) -> bool + Send>,
    action: CallAction,
}

enum CallAction {
    Fail(CallFault),
    /// Something else happens, to its end.
    RunBefore(Box<dyn FnOnce() + Send>),
    /// The call never comes: whoever makes it aborted, once this is told.
    AbortCaller(oneshot::Sender<()>),
}

/// CallAction goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallFault {
    /// The service says that it is called too often, and does nothing.
    Throttled,
    /// The service says that the caller may not do this, and does nothing.
    Denied,
    /// The service answers 503 and does nothing.
    Unavailable,
    /// The connection breaks before the service hears of the call.
    DisconnectBefore,
    /// The service carries it out, and the connection breaks before its answer.
    DisconnectAfter,
}

/// A message that the topic took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Its subject.
    pub subject: String,
    /// Its bodies by protocol: `default`, `sqs`, …
    pub bodies: Value,
    /// Its attributes.
    pub attributes: BTreeMap<String, String>,
}

/// An event that the bus took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its `detail-type`.
    pub detail_type: String,
    /// Its detail.
    pub detail: Value,
}

impl fmt::Debug for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("State").field("calls", &self.calls).finish_non_exhaustive()
    }
}

impl FakeAws {
    /// A configuration of clients that call these services. Calls are not repeated, so that a fault makes one call fail;
    /// [`with_retries`](crate::with_retries) changes that.
    #[must_use]
    pub fn configuration(&self) -> SdkConfig {
        configuration(crate::findings::ACCOUNT, REGION, SharedHttpClient::new(self.clone()))
    }

    /// The next call of that operation, such as `Publish` or, of S3, `PUT`, goes wrong.
    pub fn fail_next(&self, operation: &'static str, fault: CallFault) {
        self.fail_next_where(move |call| call.operation == operation, fault);
    }

    /// The next call that fits goes wrong.
    pub fn fail_next_where(&self, matches: impl Fn(&AwsCall) -> bool + Send + 'static, fault: CallFault) {
        self.state().rules.push(CallRule { matches: Box::new(matches), action: CallAction::Fail(fault) });
    }

    /// The next write that sets that attribute of an item goes wrong.
    pub fn fail_next_write_of(&self, attribute: &'static str, fault: CallFault) {
        self.fail_next_where(move |call| sets_attribute(call, attribute), fault);
    }

    /// Before the next write that sets that attribute of an item is carried out, something else happens.
    pub fn before_next_write_of<F: Future<Output = ()>>(
        &self,
        attribute: &'static str,
        interlude: impl FnOnce() -> F + Send + 'static,
    ) {
        self.before_next(move |call| sets_attribute(call, attribute), interlude);
    }

    /// Before the next call that fits is carried out, something else happens, calls of these services among it.
    ///
    /// It has a thread and a runtime of its own, because not all futures of handlers can be sent between threads.
    pub fn before_next<F: Future<Output = ()>>(
        &self,
        matches: impl Fn(&AwsCall) -> bool + Send + 'static,
        interlude: impl FnOnce() -> F + Send + 'static,
    ) {
        let run = move || Builder::new_current_thread().enable_all().build().unwrap().block_on(interlude());
        self.state().rules.push(CallRule { matches: Box::new(matches), action: CallAction::RunBefore(Box::new(run)) });
    }

    /// Lets a function run until just before the next call that fits, where it aborted.
    ///
    /// # Panics
    ///
    /// When it ends without such a call.
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
            ended = function => panic!("it ended with {ended:?} before it could die"),
        }
    }

    /// How much of what was planned has not happened.
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

    /// Queries answer in pages of so many items, whatever limit they ask for.
    pub fn set_page_size(&self, items: usize) {
        self.state().table.page_size = Some(items);
    }

    /// CallAction the topic took, oldest first.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        self.state().published.clone()
    }

    /// CallAction the event bus took, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.state().events.clone()
    }

    /// CallAction the buckets hold, by key.
    #[must_use]
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        self.state().objects.clone()
    }

    /// An account gets a name in Organizations. Until one has, Organizations denies access.
    pub fn set_account_name(&self, id: &str, name: &str) {
        self.state().account_names.insert(id.to_owned(), name.to_owned());
    }

    /// All calls so far, oldest first, those that went wrong included.
    #[must_use]
    pub fn calls(&self) -> Vec<AwsCall> {
        self.state().calls.clone()
    }

    /// How many calls of that operation there were.
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
