//! A case with an assessment that is to be sent, and what was called.

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

/// The function, with clients that call the fake AWS.
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

/// What a call is to the promise; nothing for what only reads.
fn kind(call: &AwsCall) -> Option<&'static str> {
    let writes = [("claimed_revision", "claim"), ("published_revision", "record"), ("closed_at", "close")];
    match call.operation.as_str() {
        "Publish" => Some("publish"),
        "PutEvents" => Some("events"),
        _ => writes.into_iter().find(|(attribute, _)| sets_attribute(call, attribute)).map(|(_, kind)| kind),
    }
}

/// Whether a call is of that kind.
pub(super) fn is(what: &'static str) -> impl Fn(&AwsCall) -> bool + Send {
    move |call| kind(call) == Some(what)
}

/// The word of an outcome and its revision.
pub(super) fn outcome(result: Result<Output, StepError>) -> (String, u32) {
    let output = result.unwrap();
    let word = serde_json::to_value(&output.outcome).unwrap();
    (word.as_str().unwrap().to_owned(), output.revision)
}

/// The name that the state machine knows an error by.
pub(super) fn name_of(result: Result<Output, StepError>) -> &'static str {
    result.unwrap_err().error_name()
}

impl Scene {
    pub(super) fn new() -> Self {
        let aws = FakeAws::default();
        Self { cases: Cases::of(&aws), app: app(&aws), aws }
    }

    /// A case with one finding, assessed for that cause.
    pub(super) async fn assessed(&self, cause: Option<AlertCause>) -> CaseKey {
        let key = self.cases.open_or_join(&role_finding("web", "f1"), at(-600)).await;
        assert_eq!(self.cases.assess(&key, cause).await, 1);
        key
    }

    /// A case whose alert no longer stands, and which is to be watched until that moment.
    pub(super) async fn taken_back(&self, until: Timestamp) -> CaseKey {
        let key = self.cases.open_or_join(&role_finding("web", "f1"), at(-600)).await;
        let quiet = AssessmentSummary::quiet(1, 0, 1);
        let assessed = AssessmentSummary { alert_cause: Some(AlertCause::Resolved), watch_until: Some(until), ..quiet };
        let write = CaseWrite::new([], [Change::Assess(assessed)]);
        assert!(self.app.table.write(&key, &write, Some(&testkit::assessment(assessed))).await.unwrap());
        key
    }

    /// Sends, at that second.
    pub(super) async fn send(&self, key: &CaseKey, second: i64) -> Result<Output, StepError> {
        self.handle(Input { case: key.clone(), published: None }, second).await
    }

    pub(super) async fn handle(&self, input: Input, second: i64) -> Result<Output, StepError> {
        handle(&self.app, input, || at(second)).await
    }

    /// Sends, and dies just before a call.
    pub(super) async fn dies_before(
        &self,
        call: impl Fn(&AwsCall) -> bool + Send + 'static,
        key: &CaseKey,
        second: i64,
    ) {
        self.aws.abort_before(call, self.send(key, second)).await;
    }

    /// The calls that change something, in their order.
    pub(super) fn writes(&self) -> Vec<&'static str> {
        self.aws.calls().iter().filter_map(kind).collect()
    }

    /// The messages that the topic took: the revision, and whether it is marked as a repeat.
    pub(super) fn revisions(&self) -> Vec<(u32, bool)> {
        let published = self.aws.published();
        published
            .iter()
            .map(|it| (it.attributes["revision"].parse().unwrap(), it.attributes["repeated"] == "true"))
            .collect()
    }

    /// The types of the events that EventBridge took.
    pub(super) fn events(&self) -> Vec<String> {
        self.aws.events().into_iter().map(|event| event.detail_type).collect()
    }
}
