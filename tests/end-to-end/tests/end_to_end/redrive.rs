//! Dead letters: the alarm, and the redrive by `infra/redrive.py` as `make redrive` runs it. The emulator cannot move messages between
//! queues, so [`MessageMoveProxy`] implements that operation in front of it.

use crate::scene::{BoxError, Outcome, Scene, WAIT_TIMEOUT};
use local_cloud::{CloudError, DeadLetter, FaultInjector, MessageMoveProxy, ProxiedCall, ProxyFault, REHEARSAL_SOURCE};
use serde_json::{Value, json};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// How often a message is delivered: the queue's maxReceiveCount.
const MAX_RECEIVE_COUNT: usize = 5;

/// Makes every write about the test's role fail until this is dropped.
struct WriteFault(Arc<WriteFaultInjector>);

struct WriteFaultInjector {
    role: String,
    fault: Mutex<Option<ProxyFault>>,
    count: AtomicUsize,
}

impl WriteFault {
    fn start(scene: &Scene<'_>, fault: ProxyFault) -> Self {
        let refused =
            WriteFaultInjector { role: scene.role(), fault: Mutex::new(Some(fault)), count: AtomicUsize::new(0) };
        let refused = Arc::new(refused);
        scene.cloud.proxy().set_fault_injector(refused.clone());
        Self(refused)
    }

    fn count(&self) -> usize {
        self.0.count.load(Ordering::Relaxed)
    }
}

impl Drop for WriteFault {
    fn drop(&mut self) {
        *self.0.fault.lock().unwrap() = None;
    }
}

impl FaultInjector for WriteFaultInjector {
    fn fault_for(&self, call: &ProxiedCall) -> Option<ProxyFault> {
        let ours = call.operation == "TransactWriteItems" && String::from_utf8_lossy(&call.body).contains(&self.role);
        let fault = ours.then(|| *self.fault.lock().unwrap()).flatten();
        self.count.fetch_add(usize::from(fault.is_some()), Ordering::Relaxed);
        fault
    }

    fn observe(&self, _call: &ProxiedCall, _fault: Option<ProxyFault>, _status: Option<u16>) {}
}

/// A visibility timeout of 1 second instead of 12 minutes, so that failed findings are redelivered soon.
struct FastRedelivery<'a>(&'a Scene<'a>);

impl<'a> FastRedelivery<'a> {
    async fn start(scene: &'a Scene<'a>) -> Result<Self, CloudError> {
        scene.cloud.set_visibility_timeout(1).await?;
        Ok(Self(scene))
    }

    async fn restore(self) -> Result<(), CloudError> {
        self.0.cloud.set_visibility_timeout(720).await
    }
}

/// Sends a message to the findings queue and returns its ID.
async fn enqueue(scene: &Scene<'_>, body: &str) -> Result<String, BoxError> {
    let send = json!({"QueueUrl": scene.cloud.outputs().get("FindingsQueueUrl"), "MessageBody": body});
    let answer = scene.cloud.api().json("sqs", "AmazonSQS.SendMessage", &send).await?;
    Ok(answer["MessageId"].as_str().unwrap().to_owned())
}

fn message(scene: &Scene<'_>, tag: &str) -> String {
    json!({"source": REHEARSAL_SOURCE, "detail-type": "GuardDuty Finding", "detail": scene.finding(tag)}).to_string()
}

/// Waits until a message with that body is in the dead-letter queue, and checks that there is only one.
async fn dead_letter(scene: &Scene<'_>, body: &str) -> Result<DeadLetter, BoxError> {
    let there =
        async || Ok(Some(scene.cloud.find_dead_letters(|it| it == body).await?).filter(|letters| !letters.is_empty()));
    let mut letters = scene.cloud.poll_until("the dead letter", WAIT_TIMEOUT, there).await?;
    assert_eq!(letters.len(), 1);
    Ok(letters.remove(0))
}

/// Runs the tool on the local stack with these environment variables in addition to the usual ones.
async fn redrive(moves: &MessageMoveProxy, scene: &Scene<'_>, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let tools = scene.cloud.tools();
    let mut command = Command::new(tools.program_path("python"));
    command
        // Without the settings and credentials of the user who runs the tests, and without writing files.
        .env_clear()
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", moves.url())
        .envs(settings.iter().copied())
        .arg(tools.root().join("infra/redrive.py"))
        .args(["--environment", "local"])
        .args(arguments);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

const ROOT_CREDENTIALS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];

/// What the tool printed.
fn text_of(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

/// Moves the dead letters of the findings queue, and checks the tool's output.
async fn assert_redriven(scene: &Scene<'_>, expected: &str) -> Result<(), BoxError> {
    let moves = MessageMoveProxy::start(scene.cloud.api()).await?;
    let output = redrive(&moves, scene, &[], &ROOT_CREDENTIALS).await;
    let text = text_of(&output);
    assert!(output.status.success() && text.contains(expected), "{text}");
    Ok(())
}

/// The number of log lines about a message that contain a text.
async fn count_log_lines(scene: &Scene<'_>, message_id: &str, words: &str) -> Result<usize, CloudError> {
    let logs = scene.cloud.logs().await?;
    Ok(logs.iter().filter(|line| line.contains(message_id) && line.contains(words)).count())
}

/// The table keeps rejecting a finding's write. The finding is delivered five times, goes to the dead-letter queue, and is alerted once
/// after a redrive.
pub(crate) async fn a_dead_lettered_finding_is_alerted_once_after_a_redrive(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    let redelivery = FastRedelivery::start(scene).await?;
    let refused = WriteFault::start(scene, ProxyFault::Denied);
    let body = message(scene, "a");
    let id = enqueue(scene, &body).await?;
    let letter = dead_letter(scene, &body).await?;
    assert_eq!(letter.attributes["error"], "TableRefused");
    assert!(letter.attributes["cause"].contains("TransactWriteItems"), "{letter:?}");
    let last = async || {
        Ok(Some(count_log_lines(scene, &id, "processing failed in the last delivery").await?).filter(|it| *it == 1))
    };
    scene.cloud.poll_until("the log line of the last delivery", WAIT_TIMEOUT, last).await?;
    assert_eq!(
        count_log_lines(scene, &id, "processing failed; SQS delivers the message again").await?,
        MAX_RECEIVE_COUNT - 1
    );
    assert!(scene.cloud.cases(&scene.subject()).await?.is_empty());

    drop(refused);
    redelivery.restore().await?;
    assert_redriven(scene, "moved; those that fail again return to").await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!((&execution["status"], case.join_count), (&json!("SUCCEEDED"), 1));
    scene.cloud.wait_until_drained().await?;
    assert_eq!(scene.wait_for_alerts(&case.case_id, 1).await?.json[0].finding_count, 1);
    assert_eq!(scene.cloud.cases(&scene.subject()).await?.len(), 1);
    assert!(scene.cloud.find_dead_letters(|it| it == body).await?.is_empty());
    Ok(())
}

/// A message that kills open-case each time is delivered five times, and then goes to the dead-letter queue. After the cause is fixed, a
/// redrive processes it.
pub(crate) async fn a_message_that_kills_the_function_is_delivered_five_times(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    let redelivery = FastRedelivery::start(scene).await?;
    let deadly = WriteFault::start(scene, ProxyFault::KillBefore);
    let body = message(scene, "a");
    enqueue(scene, &body).await?;
    let letter = dead_letter(scene, &body).await?;
    assert_eq!(deadly.count(), MAX_RECEIVE_COUNT, "the function must be killed in each delivery");
    assert_eq!(
        usize::try_from(letter.deliveries)?,
        MAX_RECEIVE_COUNT + 1,
        "the read of the dead-letter queue counts as a delivery too"
    );
    drop(deadly);
    redelivery.restore().await?;
    assert_redriven(scene, "moved").await?;
    let (case, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    scene.wait_for_alerts(&case.case_id, 1).await?;
    Ok(())
}

/// After a redrive, an invalid message returns to the dead-letter queue once, with its cause. Its attributes from the first time have no
/// effect.
pub(crate) async fn an_invalid_message_is_dead_lettered_again_once_with_its_cause(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("quiet");
    let body = json!({"invalid": scene.role()}).to_string();
    let first = enqueue(scene, &body).await?;
    let before = dead_letter(scene, &body).await?;
    assert_eq!(before.attributes["error"], "NotAFinding");
    // A finding with such attributes is processed: a bug, fixed since, may have rejected it before.
    let finding = message(scene, "a");
    let attribute = |text: &str| json!({"DataType": "String", "StringValue": text});
    let send = json!({"QueueUrl": scene.cloud.outputs().get("DeadLetterQueueUrl"), "MessageBody": finding,
        "MessageAttributes": {"error": attribute("NotAFinding"), "cause": attribute("detail.id is missing")}});
    scene.cloud.api().json("sqs", "AmazonSQS.SendMessage", &send).await?;

    assert_redriven(scene, "moved").await?;
    scene.wait_for_closed_case(&scene.subject(), 1).await?;
    scene.cloud.wait_until_drained().await?;
    let after = dead_letter(scene, &body).await?;
    assert_eq!(after.attributes, before.attributes);
    assert!(scene.cloud.find_dead_letters(|it| it == finding).await?.is_empty());
    assert_eq!(count_log_lines(scene, &first, "the message is not a GuardDuty finding").await?, 1);
    let marked = scene.cloud.find_dead_letters(|it| it.contains(&scene.role())).await?;
    assert_eq!(marked.len(), 1, "expected one dead letter, not a loop: {marked:?}");
    scene.cloud.delete_dead_letters(|it| it == body).await?;
    Ok(())
}

/// A scripted response: the operation's name, the status and the body.
type ScriptedResponse = (&'static str, u16, Value);

/// The attributes of a queue `dead`, with its numbers of visible messages and of messages in flight.
fn queue(visible: u32, in_flight: u32) -> ScriptedResponse {
    let attributes = json!({"QueueArn": "arn:aws:sqs:us-east-1:000000000000:dead",
        "ApproximateNumberOfMessages": visible.to_string(), "ApproximateNumberOfMessagesNotVisible": in_flight.to_string()});
    ("GetQueueAttributes", 200, json!({ "Attributes": attributes }))
}

/// A move task of three messages, with its start time and the number of messages that it has moved.
fn task(status: &str, started: u32, moved: u32) -> ScriptedResponse {
    let task = json!({"Status": status, "StartedTimestamp": started, "TaskHandle": "handle", "FailureReason": "AccessDenied",
        "ApproximateNumberOfMessagesMoved": moved, "ApproximateNumberOfMessagesToMove": 3});
    ("ListMessageMoveTasks", 200, json!({"Results": [task]}))
}

fn no_task() -> ScriptedResponse {
    ("ListMessageMoveTasks", 200, json!({}))
}

fn started() -> ScriptedResponse {
    ("StartMessageMoveTask", 200, json!({"TaskHandle": "handle"}))
}

fn not_started(code: &str, message: &str) -> ScriptedResponse {
    ("StartMessageMoveTask", 400, json!({"__type": code, "message": message}))
}

/// The tool's output and success for each condition that can block or end a move.
pub(crate) async fn the_redrive_tool_reports_blocking_conditions(scene: &Scene<'_>) -> Outcome {
    let with_three = |then: Vec<ScriptedResponse>| [vec![queue(3, 0), queue(3, 0)], then].concat();
    let moving = |then: ScriptedResponse| with_three(vec![no_task(), started(), then]);
    let active = not_started("com.amazonaws.sqs#UnsupportedOperation", "There is already an active task");
    let denied = not_started("AccessDeniedException", "User is not authorized");
    let earlier = vec![task("FAILED", 1, 0), started(), task("FAILED", 1, 0), task("COMPLETED", 2, 3)];
    let expired =
        json!("<ErrorResponse><Error><Code>ExpiredToken</Code><Message>old</Message></Error></ErrorResponse>");
    let conditions = [
        ("empty", true, vec![queue(0, 0), queue(0, 0)], "nothing to do: dead is empty"),
        ("in flight", false, vec![queue(0, 2), queue(0, 2)], "2 message(s) in dead are in flight"),
        ("another move is in progress", false, with_three(vec![task("RUNNING", 1, 0)]), "already in progress"),
        ("another move was started concurrently", false, with_three(vec![no_task(), active]), "already in progress"),
        ("denied", false, with_three(vec![no_task(), denied]), "access is denied to StartMessageMoveTask"),
        ("denied during the move", false, moving(task("FAILED", 2, 1)), "failed after 1 message(s): AccessDenied"),
        ("cancelled", false, moving(task("CANCELLED", 2, 2)), "the move was cancelled after 2"),
        ("messages return", false, moving(task("RUNNING", 2, 17)), "return to dead right after the move"),
        ("the earlier move is still listed", true, with_three(earlier), "3 message(s) moved"),
        ("an expired session", false, vec![("DescribeStackResource", 403, expired)], "sign in again"),
    ];
    for (what, succeeds, answers, words) in conditions {
        let moves = MessageMoveProxy::start(scene.cloud.api()).await?;
        for (operation, status, body) in answers {
            moves.respond_next_with(operation, status, body);
        }
        assert_output(what, &redrive(&moves, scene, &[], &ROOT_CREDENTIALS).await, succeeds, words);
        let cancelled = moves.requested_operations().iter().any(|operation| operation == "CancelMessageMoveTask");
        assert_eq!(cancelled, what == "messages return", "{what}");
    }
    Ok(())
}

fn assert_output(what: &str, output: &Output, succeeds: bool, words: &str) {
    let text = text_of(output);
    assert_eq!(output.status.success(), succeeds, "{what}: {text}");
    assert!(text.contains(words) && !text.contains("Traceback"), "{what}: {text}");
}

/// Unknown names, and credentials that are missing or lack permissions.
pub(crate) async fn the_redrive_tool_reports_invalid_arguments(scene: &Scene<'_>) -> Outcome {
    let moves = MessageMoveProxy::start(scene.cloud.api()).await?;
    assert_output("no credentials", &redrive(&moves, scene, &[], &[]).await, false, "no AWS credentials");
    let no_stack = redrive(&moves, scene, &["--name", "gumshoe-elsewhere"], &ROOT_CREDENTIALS).await;
    assert_output("no stack", &no_stack, false, "no stack gumshoe-elsewhere in us-east-1");
    let no_environment = redrive(&moves, scene, &["--environment", "test"], &ROOT_CREDENTIALS).await;
    assert_output("no environment", &no_environment, false, "no environment test; expected one of local, dev, prod");
    scene.set_scenario("quiet");
    scene.cloud.send(&[scene.finding("a")]).await?;
    scene.wait_for_closed_case(&scene.subject(), 1).await?;
    let role = scene.cloud.session_of("open-case").unwrap();
    let session = [
        ("AWS_ACCESS_KEY_ID", role.access_key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", &role.secret_access_key),
        ("AWS_SESSION_TOKEN", &role.session_token),
    ];
    let no_rights = redrive(&moves, scene, &[], &session).await;
    assert_output("no rights", &no_rights, false, "access is denied to DescribeStackResource");
    Ok(())
}

/// The relay's dead letters go to the relay's queue, by `make redrive` itself.
pub(crate) async fn make_redrive_moves_the_relays_dead_letters_too(scene: &Scene<'_>) -> Outcome {
    let moves = MessageMoveProxy::start(scene.cloud.api()).await?;
    let dead = scene.cloud.outputs().get("RelayDeadLetterQueueUrl");
    let send = json!({"QueueUrl": dead, "MessageBody": json!({"invalid": scene.role()}).to_string()});
    scene.cloud.api().json("sqs", "AmazonSQS.SendMessage", &send).await?;
    let mut command = Command::new("make");
    command
        // It must not install the tools, which are there already.
        .args(["--silent", "--assume-old=.venv/installed", "redrive", "ENVIRONMENT=local", "QUEUE=relay"])
        .current_dir(scene.cloud.tools().root())
        .env_clear()
        .env("PATH", scene.cloud.tools().path())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_ENDPOINT_URL", moves.url())
        .envs(ROOT_CREDENTIALS);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await?;
    let text = text_of(&output);
    assert!(output.status.success() && text.contains("moved; those that fail again return to"), "{text}");
    // The message is not a notification of Gumshoe, so it returns with its cause.
    let receive =
        json!({"QueueUrl": dead, "MaxNumberOfMessages": 10, "VisibilityTimeout": 0, "MessageAttributeNames": ["All"]});
    let back = async || {
        let answer = scene.cloud.api().json("sqs", "AmazonSQS.ReceiveMessage", &receive).await?;
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        let ours = messages.into_iter().find(|it| it["Body"].as_str().unwrap_or_default().contains(&scene.role()));
        Ok(ours.filter(|it| it["MessageAttributes"]["error"]["StringValue"] == "NotANotification"))
    };
    scene.cloud.poll_until("the message's return to the dead-letter queue", WAIT_TIMEOUT, back).await?;
    Ok(())
}

/// The emulator has no metrics of queues, so the test writes the metric's values itself. It checks the deployed alarm for the right
/// metric of the right queue.
pub(crate) async fn the_alarm_triggers_on_the_first_dead_letter(scene: &Scene<'_>) -> Outcome {
    let api = scene.cloud.api();
    let alarms = api.json("monitoring", "GraniteServiceVersion20100801.DescribeAlarms", &json!({})).await?;
    let queue = scene.cloud.outputs().get("DeadLetterQueueUrl").rsplit('/').next().unwrap();
    let of = |alarms: &Value| {
        let mut all = alarms["MetricAlarms"].as_array().cloned().unwrap_or_default().into_iter();
        all.find(|it| it["Dimensions"] == json!([{"Name": "QueueName", "Value": queue}])).unwrap()
    };
    let alarm = of(&alarms);
    for (name, value) in [
        ("Namespace", json!("AWS/SQS")),
        ("MetricName", json!("ApproximateNumberOfMessagesVisible")),
        ("Statistic", json!("Maximum")),
        ("ComparisonOperator", json!("GreaterThanOrEqualToThreshold")),
        ("TreatMissingData", json!("notBreaching")),
        ("ActionsEnabled", json!(true)),
        ("AlarmActions", json!([scene.cloud.outputs().get("AlertTopicArn")])),
    ] {
        assert_eq!(alarm[name], value, "{name}");
    }
    for (name, value) in [("Threshold", 1.0), ("EvaluationPeriods", 1.0), ("Period", 60.0)] {
        assert_eq!(alarm[name].as_f64(), Some(value), "{name}");
    }
    let put = async |number: u32| {
        let datum = json!({"MetricName": alarm["MetricName"], "Dimensions": alarm["Dimensions"], "Value": number});
        let put = json!({"Namespace": "AWS/SQS", "MetricData": [datum]});
        api.json("monitoring", "GraniteServiceVersion20100801.PutMetricData", &put).await?;
        let alarms = api.json("monitoring", "GraniteServiceVersion20100801.DescribeAlarms", &json!({})).await?;
        Ok::<_, CloudError>(of(&alarms)["StateValue"].clone())
    };
    assert_eq!(put(0).await?, "OK", "an empty queue must not trigger the alarm");
    assert_eq!(put(1).await?, "ALARM", "the first message must trigger the alarm");
    let name = alarm["AlarmName"].as_str().unwrap();
    let notified = async || {
        let received = scene.cloud.inbox().received().into_iter();
        Ok(received.clone().find(|it| it.protocol == "sqs" && it.body.contains(name) && it.body.contains("ALARM")))
    };
    scene.cloud.poll_until("the alarm's message", WAIT_TIMEOUT, notified).await?;
    Ok(())
}
