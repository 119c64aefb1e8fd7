mod distrust;

use super::*;
use crate::address::Allowed;
use crate::addresses::Addresses;
use crate::post::Poster;
use crate::post::Timing;
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
/// How long one try may take, by the tests' clock.
const ATTEMPT: Duration = Duration::from_secs(1);

/// The attributes of an item.
type Item = HashMap<String, AttributeValue>;

/// The relay, with a table of one item of its own beside the cases, and services on loopback.
struct Scene {
    app: App,
    services: Receivers,
    dead: Rule,
    /// The attribute `error` of each dead letter, and its `cause`.
    letters: Arc<Mutex<Vec<(String, String)>>>,
    secret: Rule,
    item: Arc<watch::Sender<Item>>,
    /// The last revision that was claimed of every case; 0: the table holds no case.
    claimed: Arc<AtomicU32>,
    _clock: StoppedClock,
}

/// While this lives, the clock of a test that has paused it stands still, so that no time-out ends however slow the machine
/// is: a blocking task keeps tokio from advancing the clock by itself.
struct StoppedClock(#[expect(dead_code, reason = "the task ends when it is dropped")] mpsc::Sender<()>);

impl StoppedClock {
    /// A test that hangs gets its clock back after this time, and its time-outs with it.
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

/// The row of the fixtures' case, as far as the relay's role lets it be read. It is closed, and was assessed with nothing to
/// tell.
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

/// A table with the cases and one item of the relay's, as DynamoDB keeps it, as far as the relay's calls go.
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
    let letters = Arc::<Mutex<Vec<(String, String)>>>::default();
    let kept = Arc::clone(&letters);
    let dead = mock!(Sqs::send_message).match_requests(|_| true).then_compute_output(move |request| {
        let attribute = |name: &str| {
            let attributes = request.message_attributes().unwrap();
            attributes[name].string_value().unwrap().to_owned()
        };
        kept.lock().unwrap().push((attribute("error"), attribute("cause")));
        SendMessageOutput::builder().build()
    });
    let queue = mock_client!(aws_sdk_sqs, RuleMode::MatchAny, [&dead]);
    let allowed = Allowed::new(true);
    let timing = Timing { attempt: ATTEMPT, pause: Duration::ZERO };
    let item = Arc::<watch::Sender<Item>>::default();
    let claimed = Arc::new(AtomicU32::new(3));
    let app = App {
        table: table(&item, &claimed),
        dead_letters: DeadLetters::new(queue, "queue".to_owned(), 6),
        addresses: Addresses::new(Secret::new(secrets, "arn".to_owned()), allowed.clone()),
        poster: Poster::new(allowed, timing, now),
    };
    Scene { app, services, dead, letters, secret, item, claimed, _clock: StoppedClock::new() }
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
    async fn relayed_at(&self, body: &str, now: Timestamp) -> bool {
        let mut message = SqsMessage::default();
        message.message_id = Some("m".to_owned());
        message.body = Some(body.to_owned());
        let mut event = SqsEvent::default();
        event.records = vec![message];
        let deadline = now + SignedDuration::from_secs(60);
        handle(&self.app, event, deadline, || now).await.batch_item_failures.is_empty()
    }

    async fn relayed(&self, body: &str) -> bool {
        self.relayed_at(body, now()).await
    }

    /// Waits until the channels are noted as having a message.
    async fn noted(&self, channels: &[&str]) {
        let all = |item: &Item| channels.iter().all(|channel| item.contains_key(&format!("delivered_{channel}")));
        let mut item = self.item.subscribe();
        let noted = tokio::time::timeout(StoppedClock::LONGEST, item.wait_for(all)).await;
        assert!(noted.is_ok(), "{channels:?} should be noted: {:?}", self.item.borrow());
    }

    /// How many messages Slack, PagerDuty and the webhook have taken.
    fn taken(&self) -> [usize; 3] {
        [Channel::Slack, Channel::PagerDuty, Channel::Webhook].map(|channel| self.services.accepted(channel).len())
    }
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_message_is_taken_by_every_channel() {
    for (name, case) in fixtures::all() {
        let scene = scene();
        assert!(scene.relayed(&alert(&case, 2)).await, "{name}: {:?}", scene.services.received());
        assert_eq!(scene.taken(), [1, 1, 1], "{name}");
        let slack: Value = serde_json::from_str(&scene.services.accepted(Channel::Slack)[0].body).unwrap();
        for (is_markdown, text) in receivers::slack_texts(&slack) {
            let mentions = receivers::slack_mentions(&text);
            let strange = mentions.iter().find(|it| !it.starts_with("<https://console.aws.amazon.com/"));
            assert!(!is_markdown || strange.is_none(), "{name}: {strange:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_revision_goes_out_once_and_an_older_one_not_after_it() {
    let (scene, case) = (scene(), fixtures::high_risk());
    for revision in [1, 1, 3, 2, 3] {
        assert!(scene.relayed(&alert(&case, revision)).await);
    }
    assert_eq!(scene.taken(), [2, 2, 2], "revisions 1 and 3");
    assert_eq!(scene.secret.num_calls(), 1, "the secret is remembered");
    assert!(scene.relayed_at(&alert(&case, 3), now() + SignedDuration::from_mins(6)).await);
    assert_eq!(scene.secret.num_calls(), 2, "and read again from time to time");
}

#[tokio::test(start_paused = true)]
async fn a_failing_channel_neither_holds_back_nor_repeats_the_others() {
    let (scene, case) = (scene(), fixtures::high_risk());
    for _ in 0..3 {
        scene.services.fail_next(Channel::Slack, "", ReceiverFault::Status(500));
    }
    assert!(!scene.relayed(&alert(&case, 1)).await);
    assert_eq!(scene.taken(), [0, 1, 1]);
    assert!(scene.relayed(&alert(&case, 1)).await, "the queue delivers it again");
    assert_eq!(scene.taken(), [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_tried_again_within_the_invocation() {
    let (scene, case) = (scene(), fixtures::high_risk());
    scene.services.fail_next(Channel::Slack, "", ReceiverFault::RateLimited { retry_after: Some("0".to_owned()) });
    scene.services.fail_next(Channel::PagerDuty, "", ReceiverFault::Status(503));
    scene.services.fail_next(Channel::PagerDuty, "", ReceiverFault::Disconnect);
    scene.services.fail_next(Channel::Webhook, "", ReceiverFault::RateLimited { retry_after: None });
    assert!(scene.relayed(&alert(&case, 1)).await);
    assert_eq!(scene.taken(), [1, 1, 1]);
    assert_eq!(scene.services.received().len(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_does_not_answer_in_time_is_tried_again() {
    let (scene, case) = (scene(), fixtures::high_risk());
    scene.services.fail_next(Channel::Slack, "", ReceiverFault::Stall);
    scene.services.fail_next(Channel::Webhook, "", ReceiverFault::PartialResponse);
    let body = alert(&case, 1);
    let time_passes = async {
        // The others are through by then: of the webhook's answer nothing but the head is waited for.
        scene.noted(&["pagerduty", "webhook"]).await;
        let hangs = scene.services.wait_until(|all| all.iter().any(|it| it.channel == Channel::Slack));
        assert!(tokio::time::timeout(StoppedClock::LONGEST, hangs).await.is_ok(), "nothing was posted to Slack");
        assert!(scene.services.accepted(Channel::Slack).is_empty());
        tokio::time::advance(ATTEMPT).await;
    };
    let (relayed, ()) = tokio::join!(scene.relayed(&body), time_passes);
    assert!(relayed);
    assert_eq!(scene.taken(), [1, 1, 1]);
    assert_eq!(scene.services.received().len(), 4, "to Slack twice");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_is_not_tried_again_and_a_long_wait_is_the_queues() {
    let (scene, case) = (scene(), fixtures::high_risk());
    scene.services.fail_next(Channel::Slack, "", ReceiverFault::Status(410));
    scene.services.fail_next(
        Channel::PagerDuty,
        "",
        ReceiverFault::RateLimited { retry_after: Some("3600".to_owned()) },
    );
    scene.services.fail_next(Channel::Webhook, "", ReceiverFault::Redirect(scene.services.slack_url()));
    assert!(!scene.relayed(&alert(&case, 1)).await);
    assert_eq!((scene.taken(), scene.services.received().len()), ([0, 0, 0], 3), "a redirect is not followed either");
    assert!(scene.relayed(&alert(&case, 1)).await);
    assert_eq!(scene.secret.num_calls(), 2, "after a refusal the secret is read again");
}

#[tokio::test(start_paused = true)]
async fn a_missing_part_is_off() {
    let scene = scene_with(|services| json!({"webhook": {"url": services.webhook_url(), "key": KEY}}));
    assert!(scene.relayed(&alert(&fixtures::high_risk(), 1)).await);
    assert_eq!(scene.taken(), [0, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn the_webhook_can_check_who_sent_it() {
    let scene = scene();
    let body = alert(&fixtures::high_risk(), 1);
    assert!(scene.relayed(&body).await);
    let hook = scene.services.accepted(Channel::Webhook).remove(0);
    assert_eq!(hook.body, body);
    let delivery = &hook.headers[crate::signature::DELIVERY];
    assert!(delivery.ends_with("/1"), "{delivery}");
    assert_eq!(hook.headers[crate::signature::HEADER], crate::signature::signature(KEY, delivery, &body, now()));
}

#[tokio::test(start_paused = true)]
async fn an_alert_that_no_longer_stands_resolves_its_incident() {
    let scene = scene();
    let raised = fixtures::high_risk();
    let mut taken_back = raised.clone();
    taken_back.assessment.alert_cause = Some(gumshoe_domain::verdict::AlertCause::Resolved);
    assert!(scene.relayed(&alert(&raised, 1)).await && scene.relayed(&alert(&taken_back, 2)).await);
    assert!(scene.relayed(&alert(&raised, 1)).await, "a late first revision raises nothing again");
    let incidents = scene.services.incidents();
    assert_eq!(incidents.len(), 1);
    assert!(matches!(incidents[0].state, IncidentState::Resolved), "{incidents:?}");
}

#[tokio::test(start_paused = true)]
async fn two_invocations_with_one_message_post_it_once() {
    let (scene, case) = (scene(), fixtures::high_risk());
    let body = alert(&case, 1);
    let both = tokio::join!(scene.relayed(&body), scene.relayed(&body));
    assert!(both.0 != both.1 || scene.taken() == [1, 1, 1], "{both:?}");
    assert!(scene.relayed(&body).await);
    assert_eq!(scene.taken(), [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_message_of_gumshoes_is_dead_lettered_and_alarms_are_relayed() {
    let scene = scene();
    assert!(scene.relayed("hello").await && scene.relayed("").await);
    assert_eq!((scene.dead.num_calls(), scene.taken()), (2, [0, 0, 0]));
    let alarm =
        json!({"AlarmName": "DeadLetters", "NewStateValue": "ALARM", "StateChangeTime": "2026-01-15T12:50:00Z"});
    assert!(scene.relayed(&alarm.to_string()).await);
    assert_eq!(scene.taken(), [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_part_of_the_secret_holds_back_no_other_channel() {
    let scene = scene_with(
        |services| json!({"slack": {"webhook_url": "http://hooks.slack.com/"}, "webhook": {"url": services.webhook_url(), "key": KEY}}),
    );
    let body = alert(&fixtures::high_risk(), 1);
    assert!(!scene.relayed(&body).await && !scene.relayed(&body).await, "it comes back for Slack");
    assert_eq!(scene.taken(), [0, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_secret_loses_nothing() {
    let scene = scene_with(|_| json!({"slack": {"webhook_url": "http://hooks.slack.com/"}}));
    assert!(!scene.relayed(&alert(&fixtures::high_risk(), 1)).await);
    assert_eq!(scene.dead.num_calls(), 0, "the queue delivers it again, and then keeps it");
}
