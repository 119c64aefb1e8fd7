mod forged_messages;

use super::*;
use crate::channel_config::ChannelConfigCache;
use crate::egress::EgressPolicy;
use crate::post::Poster;
use crate::post::RetryTiming;
use aws_lambda_events::event::sqs::SqsMessage;
use aws_sdk_dynamodb::Client as DynamoDb;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::error::ConditionalCheckFailedException;
use aws_sdk_secretsmanager::Client as SecretsManager;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;
use aws_sdk_sqs::Client as Sqs;
use aws_sdk_sqs::operation::send_message::SendMessageOutput;
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use aws_smithy_types::error::ErrorMetadata;
use gumshoe_alerts::channels::json;
use gumshoe_alerts::fixtures;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::dead_letters::DeadLetters;
use gumshoe_aws::secret::Secret;
use gumshoe_domain::CaseKey;
use gumshoe_domain::case::CaseNumber;
use jiff::SignedDuration;
use receivers::{Channel, IncidentState, ReceiverFault, Receivers};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use tokio::sync::watch;

const KEY: &str = receivers::WEBHOOK_SIGNING_KEY;
/// Timeout of an attempt, by the tests' clock.
const ATTEMPT: Duration = Duration::from_secs(1);

/// The attributes of an item.
type Item = HashMap<String, AttributeValue>;

/// The relay with a table that has the cases and one delivery item, and with receivers on loopback.
struct Scene {
    app: App,
    services: Receivers,
    dead_letter_rule: Rule,
    /// The attributes `error` and `cause` of each dead-letter message.
    dead_letters: Arc<Mutex<Vec<(String, String)>>>,
    secret: Rule,
    item: Arc<watch::Sender<Item>>,
    /// The last revision that was claimed of every case; 0: the table holds no case.
    claimed: Arc<AtomicU32>,
    _clock: PausedClock,
}

/// While this value exists, tokio does not advance a paused clock automatically, because a blocking task is running. So no timeout
/// elapses, however slow the machine is.
struct PausedClock(#[expect(dead_code, reason = "the task ends when it is dropped")] mpsc::Sender<()>);

impl PausedClock {
    /// After this time the clock advances again, so that a test that hangs ends with a timeout.
    const LONGEST: Duration = Duration::from_secs(60);

    fn new() -> Self {
        let (end, ended) = mpsc::channel();
        tokio::task::spawn_blocking(move || ended.recv_timeout(Self::LONGEST));
        Self(end)
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_768_481_100).unwrap()
}

/// The item of the fixtures' case, with the attributes that the relay's role may read. The case is closed, and its last assessment
/// needed no alert.
fn case_row(request: &Item, claimed: u32) -> Option<Item> {
    let subject = request["subject"].as_s().unwrap();
    let number = CaseNumber { sequence: 1, opened_at: "2026-01-15T12:41:00Z".parse().unwrap() };
    let number_of = |value: u32| AttributeValue::N(value.to_string());
    let row = [
        ("case_id", AttributeValue::S(CaseKey::new(subject, number).case_id)),
        ("claimed_revision", number_of(claimed)),
        ("published_revision", number_of(claimed)),
    ];
    (claimed > 0).then(|| row.map(|(name, value)| (name.to_owned(), value)).into())
}

/// A table with the cases and one delivery item, as far as the relay's requests need it.
fn table(item: &Arc<watch::Sender<Item>>, claimed: &Arc<AtomicU32>) -> CaseTable {
    let claimed = Arc::clone(claimed);
    let read = mock!(DynamoDb::get_item).match_requests(|_| true).then_compute_output(move |request| {
        assert!(request.consistent_read() == Some(true) && request.projection_expression().is_some());
        let row = case_row(request.key().unwrap(), claimed.load(Ordering::SeqCst));
        GetItemOutput::builder().set_item(row).build()
    });
    let held = |item: &Item, now: &AttributeValue| {
        let number = |value: &AttributeValue| value.as_n().unwrap().parse::<i64>().unwrap();
        item.get("held_until").is_some_and(|until| number(until) >= number(now))
    };
    let (for_refusal, item) = (Arc::clone(item), Arc::clone(item));
    let refused = mock!(DynamoDb::update_item)
        .match_requests(move |request| {
            let values = request.expression_attribute_values().cloned().unwrap_or_default();
            values.contains_key(":until") && held(&for_refusal.borrow(), &values[":now"])
        })
        .then_error(|| {
            let meta = ErrorMetadata::builder().code("ConditionalCheckFailedException").build();
            UpdateItemError::ConditionalCheckFailedException(
                ConditionalCheckFailedException::builder().meta(meta).build(),
            )
        });
    let written = mock!(DynamoDb::update_item).match_requests(|_| true).then_compute_output(move |request| {
        let values = request.expression_attribute_values().cloned().unwrap_or_default();
        item.send_modify(|item| {
            if let Some(until) = values.get(":until") {
                item.insert("held_until".to_owned(), until.clone());
            } else if let Some(revision) = values.get(":revision") {
                let name = request.expression_attribute_names().unwrap()["#channel"].clone();
                item.insert(name, revision.clone());
            } else {
                item.remove("held_until");
            }
        });
        UpdateItemOutput::builder().set_attributes(Some(item.borrow().clone())).build()
    });
    CaseTable::new(mock_client!(aws_sdk_dynamodb, RuleMode::MatchAny, [&read, &refused, &written]), "Cases".to_owned())
}

fn scene_with(secret_of: impl Fn(&Receivers) -> Value) -> Scene {
    let services = Receivers::start(std::net::TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
    let text = secret_of(&services).to_string();
    let secret = mock!(SecretsManager::get_secret_value)
        .then_output(move || GetSecretValueOutput::builder().secret_string(text.clone()).build());
    let secrets = mock_client!(aws_sdk_secretsmanager, RuleMode::MatchAny, [&secret]);
    let dead_letters = Arc::<Mutex<Vec<(String, String)>>>::default();
    let kept = Arc::clone(&dead_letters);
    let dead_letter_rule = mock!(Sqs::send_message).match_requests(|_| true).then_compute_output(move |request| {
        let attribute = |name: &str| {
            let attributes = request.message_attributes().unwrap();
            attributes[name].string_value().unwrap().to_owned()
        };
        kept.lock().unwrap().push((attribute("error"), attribute("cause")));
        SendMessageOutput::builder().build()
    });
    let queue = mock_client!(aws_sdk_sqs, RuleMode::MatchAny, [&dead_letter_rule]);
    let egress = EgressPolicy::new(true);
    let timing = RetryTiming { attempt_timeout: ATTEMPT, initial_backoff: Duration::ZERO };
    let item = Arc::<watch::Sender<Item>>::default();
    let claimed = Arc::new(AtomicU32::new(3));
    let app = App {
        table: table(&item, &claimed),
        dead_letters: DeadLetters::new(queue, "queue".to_owned(), 6),
        channel_config: ChannelConfigCache::new(Secret::new(secrets, "arn".to_owned()), egress.clone()),
        poster: Poster::new(egress, timing, now),
    };
    Scene { app, services, dead_letter_rule, dead_letters, secret, item, claimed, _clock: PausedClock::new() }
}

fn scene() -> Scene {
    scene_with(|services| {
        json!({
            "slack": {"webhook_url": services.slack_url()},
            "pagerduty": {"routing_key": KEY, "url": services.pagerduty_url()},
            "webhook": {"url": services.webhook_url(), "key": KEY},
        })
    })
}

fn alert(case: &fixtures::Case, revision: u32) -> String {
    let mut alert = case.alert();
    alert.revision = revision;
    json::body(&alert).unwrap()
}

impl Scene {
    /// Whether the message was relayed to all, at that moment.
    async fn relay_at(&self, body: &str, now: Timestamp) -> bool {
        let mut message = SqsMessage::default();
        message.message_id = Some("m".to_owned());
        message.body = Some(body.to_owned());
        let mut event = SqsEvent::default();
        event.records = vec![message];
        let deadline = now + SignedDuration::from_secs(60);
        handle(&self.app, event, deadline, || now).await.batch_item_failures.is_empty()
    }

    async fn relay(&self, body: &str) -> bool {
        self.relay_at(body, now()).await
    }

    /// Waits until the channels are recorded as having received a message.
    async fn wait_until_recorded(&self, channels: &[&str]) {
        let all = |item: &Item| channels.iter().all(|channel| item.contains_key(&format!("delivered_{channel}")));
        let mut item = self.item.subscribe();
        let recorded = tokio::time::timeout(PausedClock::LONGEST, item.wait_for(all)).await;
        assert!(recorded.is_ok(), "{channels:?} should be recorded: {:?}", self.item.borrow());
    }

    /// Number of messages that Slack, PagerDuty and the webhook accepted.
    fn accepted_counts(&self) -> [usize; 3] {
        [Channel::Slack, Channel::PagerDuty, Channel::Webhook].map(|channel| self.services.accepted(channel).len())
    }
}

#[tokio::test(start_paused = true)]
async fn every_channel_accepts_every_kind_of_message() {
    for (name, case) in fixtures::all() {
        let scene = scene();
        assert!(scene.relay(&alert(&case, 2)).await, "{name}: {:?}", scene.services.received());
        assert_eq!(scene.accepted_counts(), [1, 1, 1], "{name}");
        let slack: Value = serde_json::from_str(&scene.services.accepted(Channel::Slack)[0].body).unwrap();
        for (is_markdown, text) in receivers::slack_texts(&slack) {
            let mentions = receivers::slack_mentions(&text);
            let strange = mentions.iter().find(|it| !it.starts_with("<https://console.aws.amazon.com/"));
            assert!(!is_markdown || strange.is_none(), "{name}: {strange:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn revision_is_delivered_once_and_never_after_a_later_one() {
    let (scene, case) = (scene(), fixtures::high_risk());
    for revision in [1, 1, 3, 2, 3] {
        assert!(scene.relay(&alert(&case, revision)).await);
    }
    assert_eq!(scene.accepted_counts(), [2, 2, 2], "revisions 1 and 3");
    assert_eq!(scene.secret.num_calls(), 1, "the secret is cached");
    assert!(scene.relay_at(&alert(&case, 3), now() + SignedDuration::from_mins(6)).await);
    assert_eq!(scene.secret.num_calls(), 2, "and read again after its cache time");
}

#[tokio::test(start_paused = true)]
async fn failing_channel_does_not_affect_other_channels() {
    let (scene, case) = (scene(), fixtures::high_risk());
    for _ in 0..3 {
        scene.services.fail_next(Channel::Slack, "", ReceiverFault::Status(500));
    }
    assert!(!scene.relay(&alert(&case, 1)).await);
    assert_eq!(scene.accepted_counts(), [0, 1, 1]);
    assert!(scene.relay(&alert(&case, 1)).await, "SQS redelivers it");
    assert_eq!(scene.accepted_counts(), [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn transient_errors_are_retried_within_the_invocation() {
    let (scene, case) = (scene(), fixtures::high_risk());
    scene.services.fail_next(Channel::Slack, "", ReceiverFault::RateLimited { retry_after: Some("0".to_owned()) });
    scene.services.fail_next(Channel::PagerDuty, "", ReceiverFault::Status(503));
    scene.services.fail_next(Channel::PagerDuty, "", ReceiverFault::Disconnect);
    scene.services.fail_next(Channel::Webhook, "", ReceiverFault::RateLimited { retry_after: None });
    assert!(scene.relay(&alert(&case, 1)).await);
    assert_eq!(scene.accepted_counts(), [1, 1, 1]);
    assert_eq!(scene.services.received().len(), 7);
}

#[tokio::test(start_paused = true)]
async fn timeouts_are_retried() {
    let (scene, case) = (scene(), fixtures::high_risk());
    scene.services.fail_next(Channel::Slack, "", ReceiverFault::Stall);
    scene.services.fail_next(Channel::Webhook, "", ReceiverFault::PartialResponse);
    let body = alert(&case, 1);
    let time_passes = async {
        // By then the other channels have received it: the relay waits only for the head of the webhook's response.
        scene.wait_until_recorded(&["pagerduty", "webhook"]).await;
        let hangs = scene.services.wait_until(|all| all.iter().any(|it| it.channel == Channel::Slack));
        assert!(tokio::time::timeout(PausedClock::LONGEST, hangs).await.is_ok(), "nothing was posted to Slack");
        assert!(scene.services.accepted(Channel::Slack).is_empty());
        tokio::time::advance(ATTEMPT).await;
    };
    let (relayed, ()) = tokio::join!(scene.relay(&body), time_passes);
    assert!(relayed);
    assert_eq!(scene.accepted_counts(), [1, 1, 1]);
    assert_eq!(scene.services.received().len(), 4, "to Slack twice");
}

#[tokio::test(start_paused = true)]
async fn permanent_errors_and_long_retry_after_are_left_to_sqs() {
    let (scene, case) = (scene(), fixtures::high_risk());
    scene.services.fail_next(Channel::Slack, "", ReceiverFault::Status(410));
    scene.services.fail_next(
        Channel::PagerDuty,
        "",
        ReceiverFault::RateLimited { retry_after: Some("3600".to_owned()) },
    );
    scene.services.fail_next(Channel::Webhook, "", ReceiverFault::Redirect(scene.services.slack_url()));
    assert!(!scene.relay(&alert(&case, 1)).await);
    assert_eq!(
        (scene.accepted_counts(), scene.services.received().len()),
        ([0, 0, 0], 3),
        "a redirect is not followed either"
    );
    assert!(scene.relay(&alert(&case, 1)).await);
    assert_eq!(scene.secret.num_calls(), 2, "after a rejection the secret is read again");
}

#[tokio::test(start_paused = true)]
async fn channel_without_a_section_is_off() {
    let scene = scene_with(|services| json!({"webhook": {"url": services.webhook_url(), "key": KEY}}));
    assert!(scene.relay(&alert(&fixtures::high_risk(), 1)).await);
    assert_eq!(scene.accepted_counts(), [0, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn webhook_delivery_is_signed() {
    let scene = scene();
    let body = alert(&fixtures::high_risk(), 1);
    assert!(scene.relay(&body).await);
    let hook = scene.services.accepted(Channel::Webhook).remove(0);
    assert_eq!(hook.body, body);
    let delivery = &hook.headers[crate::signature::DELIVERY_HEADER];
    assert!(delivery.ends_with("/1"), "{delivery}");
    assert_eq!(
        hook.headers[crate::signature::SIGNATURE_HEADER],
        crate::signature::signature(KEY, delivery, &body, now())
    );
}

#[tokio::test(start_paused = true)]
async fn resolved_alert_resolves_its_incident() {
    let scene = scene();
    let raised = fixtures::high_risk();
    let mut resolved = raised.clone();
    resolved.assessment.alert_cause = Some(gumshoe_domain::verdict::AlertCause::Resolved);
    assert!(scene.relay(&alert(&raised, 1)).await && scene.relay(&alert(&resolved, 2)).await);
    assert!(scene.relay(&alert(&raised, 1)).await, "a late first revision raises nothing again");
    let incidents = scene.services.incidents();
    assert_eq!(incidents.len(), 1);
    assert!(matches!(incidents[0].state, IncidentState::Resolved), "{incidents:?}");
}

#[tokio::test(start_paused = true)]
async fn concurrent_invocations_post_a_message_once() {
    let (scene, case) = (scene(), fixtures::high_risk());
    let body = alert(&case, 1);
    let both = tokio::join!(scene.relay(&body), scene.relay(&body));
    assert!(both.0 != both.1 || scene.accepted_counts() == [1, 1, 1], "{both:?}");
    assert!(scene.relay(&body).await);
    assert_eq!(scene.accepted_counts(), [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn unknown_message_is_dead_lettered() {
    let scene = scene();
    assert!(scene.relay("hello").await && scene.relay("").await);
    assert_eq!((scene.dead_letter_rule.num_calls(), scene.accepted_counts()), (2, [0, 0, 0]));
}

#[tokio::test(start_paused = true)]
async fn alarm_is_relayed() {
    let scene = scene();
    let alarm =
        json!({"AlarmName": "DeadLetters", "NewStateValue": "ALARM", "StateChangeTime": "2026-01-15T12:50:00Z"});
    assert!(scene.relay(&alarm.to_string()).await);
    assert_eq!(scene.accepted_counts(), [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn invalid_section_does_not_affect_other_channels() {
    let scene = scene_with(
        |services| json!({"slack": {"webhook_url": "http://hooks.slack.com/"}, "webhook": {"url": services.webhook_url(), "key": KEY}}),
    );
    let body = alert(&fixtures::high_risk(), 1);
    assert!(!scene.relay(&body).await && !scene.relay(&body).await, "SQS redelivers it for Slack");
    assert_eq!(scene.accepted_counts(), [0, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn invalid_secret_loses_no_message() {
    let scene = scene_with(|_| json!({"slack": {"webhook_url": "http://hooks.slack.com/"}}));
    assert!(!scene.relay(&alert(&fixtures::high_risk(), 1)).await);
    assert_eq!(scene.dead_letter_rule.num_calls(), 0, "SQS redelivers it");
}
