//! A case whose assessment is to be sent, and the calls of the function.

use super::super::*;
use gumshoe_aws::clients;
use gumshoe_aws::events::Events;
use gumshoe_aws::topic::Topic;
use gumshoe_domain::ErrorName;
use gumshoe_domain::assessment::AssessmentSummary;
use gumshoe_domain::case::{CaseWrite, Change};
use gumshoe_domain::verdict::AlertCause;
use testkit::findings::role_finding;
use testkit::{AwsCall, Cases, FakeAws, sets_attribute};

pub(super) struct Scene {
    pub(super) aws: FakeAws,
    pub(super) cases: Cases,
    pub(super) app: App,
}

/// The function with clients of the fake AWS.
pub(super) fn app(aws: &FakeAws) -> App {
    let configuration = aws.configuration();
    App {
        table: Cases::of(aws).table(),
        topic: Topic::new(clients::Sns::new(&configuration), "arn:aws:sns:us-east-1:111122223333:alerts".to_owned()),
        events: Events::new(clients::EventBridge::new(&configuration)),
    }
}

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

/// The kind of a write, for checks of the order; `None` for a read.
fn write_kind(call: &AwsCall) -> Option<&'static str> {
    let writes = [("claimed_revision", "claim"), ("published_revision", "record"), ("closed_at", "close")];
    match call.operation.as_str() {
        "Publish" => Some("publish"),
        "PutEvents" => Some("events"),
        _ => writes.into_iter().find(|(attribute, _)| sets_attribute(call, attribute)).map(|(_, kind)| kind),
    }
}

/// A predicate for writes of that kind.
pub(super) fn is_write(what: &'static str) -> impl Fn(&AwsCall) -> bool + Send {
    move |call| write_kind(call) == Some(what)
}

/// The serialized outcome, and the revision.
pub(super) fn outcome(result: Result<Output, StepError>) -> (String, u32) {
    let output = result.unwrap();
    let word = serde_json::to_value(&output.outcome).unwrap();
    (word.as_str().unwrap().to_owned(), output.revision)
}

/// The name of the error, which the state machine matches.
pub(super) fn error_name(result: Result<Output, StepError>) -> &'static str {
    result.unwrap_err().error_name()
}

impl Scene {
    pub(super) fn new() -> Self {
        let aws = FakeAws::default();
        Self { cases: Cases::of(&aws), app: app(&aws), aws }
    }

    /// A case with one finding, and an assessment with that alert cause.
    pub(super) async fn assessed(&self, cause: Option<AlertCause>) -> CaseKey {
        let key = self.cases.open_or_join(&role_finding("web", "f1"), at(-600)).await;
        assert_eq!(self.cases.assess(&key, cause).await, 1);
        key
    }

    /// A case whose alert is resolved, and which is watched until `until`.
    pub(super) async fn resolved(&self, until: Timestamp) -> CaseKey {
        let key = self.cases.open_or_join(&role_finding("web", "f1"), at(-600)).await;
        let quiet = AssessmentSummary::quiet(1, 0, 1);
        let assessed = AssessmentSummary { alert_cause: Some(AlertCause::Resolved), watch_until: Some(until), ..quiet };
        let write = CaseWrite::new([], [Change::Assess(assessed)]);
        assert!(self.app.table.write(&key, &write, Some(&testkit::assessment(assessed))).await.unwrap());
        key
    }

    /// Calls the function at that second.
    pub(super) async fn send(&self, key: &CaseKey, second: i64) -> Result<Output, StepError> {
        self.handle(Input { case: key.clone(), published_revision: None }, second).await
    }

    pub(super) async fn handle(&self, input: Input, second: i64) -> Result<Output, StepError> {
        handle(&self.app, input, || at(second)).await
    }

    /// Calls the function, which crashes before the first call that fits.
    pub(super) async fn crash_before(
        &self,
        call: impl Fn(&AwsCall) -> bool + Send + 'static,
        key: &CaseKey,
        second: i64,
    ) {
        self.aws.abort_before(call, self.send(key, second)).await;
    }

    /// The kinds of the writes, in order.
    pub(super) fn writes(&self) -> Vec<&'static str> {
        self.aws.calls().iter().filter_map(write_kind).collect()
    }

    /// The published messages: the revision, and whether it is marked as repeated.
    pub(super) fn revisions(&self) -> Vec<(u32, bool)> {
        let published = self.aws.published();
        published
            .iter()
            .map(|it| (it.attributes["revision"].parse().unwrap(), it.attributes["repeated"] == "true"))
            .collect()
    }

    /// The detail types of the published events.
    pub(super) fn events(&self) -> Vec<String> {
        self.aws.events().into_iter().map(|event| event.detail_type).collect()
    }
}
