//! Dead letters, from the alarm to the way through again: `infra/redrive.py` as `make redrive` runs it. The emulator cannot
//! move a queue's messages, so [`MessageMoveProxy`] stands before it and does.

use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use local_cloud::{CloudError, DeadLetter, FaultInjector, MessageMoveProxy, ProxiedCall, ProxyFault, REHEARSAL_SOURCE};
use serde_json::{Value, json};
use std::error::Error;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

type BoxError = Box<dyn Error + Send + Sync>;

/// How often a message is tried: the queue's maxReceiveCount.
const TRIES: usize = 5;

/// Makes every write about one role go wrong for as long as this lives.
struct Refusal(Arc<Refused>);

struct Refused {
    role: String,
    mishap: Mutex<Option<ProxyFault>>,
    count: AtomicUsize,
}

impl Refusal {
    fn of_writes(scene: &Scene<'_>, mishap: ProxyFault) -> Self {
        let refused = Refused { role: scene.role(), mishap: Mutex::new(Some(mishap)), count: AtomicUsize::new(0) };
        let refused = Arc::new(refused);
        scene.cloud.proxy().set_fault_injector(refused.clone());
        Self(refused)
    }

    fn count(&self) -> usize {
        self.0.count.load(Ordering::Relaxed)
    }
}

impl Drop for Refusal {
    fn drop(&mut self) {
        *self.0.mishap.lock().unwrap() = None;
    }
}

impl FaultInjector for Refused {
    fn fault_for(&self, call: &ProxiedCall) -> Option<ProxyFault> {
        let ours = call.operation == "TransactWriteItems" && String::from_utf8_lossy(&call.body).contains(&self.role);
        let mishap = ours.then(|| *self.mishap.lock().unwrap()).flatten();
        self.count.fetch_add(usize::from(mishap.is_some()), Ordering::Relaxed);
        mishap
    }

    fn observe(&self, _call: &ProxiedCall, _mishap: Option<ProxyFault>, _status: Option<u16>) {}
}

/// Findings that failed are delivered again after a second, not after twelve minutes.
struct Impatient<'a>(&'a Scene<'a>);

impl<'a> Impatient<'a> {
    async fn queue(scene: &'a Scene<'a>) -> Result<Self, CloudError> {
        scene.cloud.set_visibility_timeout(1).await?;
        Ok(Self(scene))
    }

    async fn no_more(self) -> Result<(), CloudError> {
        self.0.cloud.set_visibility_timeout(720).await
    }
}

/// Puts a message into the findings queue, and gives its id.
async fn enqueue(scene: &Scene<'_>, body: &str) -> Result<String, BoxError> {
    let send = json!({"QueueUrl": scene.cloud.outputs().get("FindingsQueueUrl"), "MessageBody": body});
    let answer = scene.cloud.api().json("sqs", "AmazonSQS.SendMessage", &send).await?;
    Ok(answer["MessageId"].as_str().unwrap().to_owned())
}

fn message(scene: &Scene<'_>, tag: &str) -> String {
    json!({"source": REHEARSAL_SOURCE, "detail-type": "GuardDuty Finding", "detail": scene.finding(tag)}).to_string()
}

/// Waits until that body is in the dead-letter queue; it is there once.
async fn dead_letter(scene: &Scene<'_>, body: &str) -> Result<DeadLetter, BoxError> {
    let there =
        async || Ok(Some(scene.cloud.find_dead_letters(|it| it == body).await?).filter(|letters| !letters.is_empty()));
    let mut letters = scene.cloud.poll_until("the dead letter", WAIT_TIMEOUT, there).await?;
    assert_eq!(letters.len(), 1);
    Ok(letters.remove(0))
}

/// Runs the tool on the local stack; `settings` are variables of its environment.
async fn redrive(moves: &MessageMoveProxy, scene: &Scene<'_>, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let tools = scene.cloud.tools();
    let mut command = Command::new(tools.program_path("python"));
    command
        // Neither the settings nor the credentials of whoever runs the tests, and no files left behind.
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

const ROOT: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

async fn redriven(scene: &Scene<'_>, expected: &str) -> Result<(), BoxError> {
    let moves = MessageMoveProxy::start(scene.cloud.api()).await?;
    let output = redrive(&moves, scene, &[], &ROOT).await;
    let said = said(&output);
    assert!(output.status.success() && said.contains(expected), "{said}");
    Ok(())
}

/// What the logs say of a message, beginning with the words.
async fn logged(scene: &Scene<'_>, message_id: &str, words: &str) -> Result<usize, CloudError> {
    let logs = scene.cloud.logs().await?;
    Ok(logs.iter().filter(|line| line.contains(message_id) && line.contains(words)).count())
}

/// A finding that the table goes on refusing is tried five times, waits in the dead-letter queue, and is alerted once when
/// it is sent through again.
pub(crate) async fn a_dead_lettered_finding_is_alerted_once_after_a_redrive(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    let impatient = Impatient::queue(scene).await?;
    let refused = Refusal::of_writes(scene, ProxyFault::Denied);
    let body = message(scene, "a");
    let id = enqueue(scene, &body).await?;
    let letter = dead_letter(scene, &body).await?;
    assert_eq!(letter.attributes["error"], "TableRefused");
    assert!(letter.attributes["cause"].contains("TransactWriteItems"), "{letter:?}");
    let last =
        async || Ok(Some(logged(scene, &id, "processing failed in the last delivery").await?).filter(|it| *it == 1));
    scene.cloud.poll_until("the last try", WAIT_TIMEOUT, last).await?;
    assert_eq!(logged(scene, &id, "processing failed; SQS delivers the message again").await?, TRIES - 1);
    assert!(scene.cloud.cases(&scene.subject()).await?.is_empty());

    drop(refused);
    impatient.no_more().await?;
    redriven(scene, "moved; what fails again comes back").await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!((&execution["status"], case.join_count), (&json!("SUCCEEDED"), 1));
    scene.cloud.wait_until_drained().await?;
    assert_eq!(scene.wait_for_alerts(&case.case_id, 1).await?.json[0].finding_count, 1);
    assert_eq!(scene.cloud.cases(&scene.subject()).await?.len(), 1);
    assert!(scene.cloud.find_dead_letters(|it| it == body).await?.is_empty());
    Ok(())
}

/// A message on which open-case dies each time is tried five times, no more, and waits in the dead-letter queue. Sent through
/// again, with the cause mended, it is worked.
pub(crate) async fn a_message_that_kills_the_function_is_delivered_five_times(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    let impatient = Impatient::queue(scene).await?;
    let deadly = Refusal::of_writes(scene, ProxyFault::KillBefore);
    let body = message(scene, "a");
    enqueue(scene, &body).await?;
    let letter = dead_letter(scene, &body).await?;
    assert_eq!(deadly.count(), TRIES, "so often the function died");
    assert_eq!(usize::try_from(letter.deliveries)?, TRIES + 1, "this look counts as well");
    drop(deadly);
    impatient.no_more().await?;
    redriven(scene, "moved").await?;
    let (case, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    scene.wait_for_alerts(&case.case_id, 1).await?;
    Ok(())
}

/// What is no finding comes back from a redrive, once, with its cause; what it bears from the first time does no harm.
pub(crate) async fn an_invalid_message_is_dead_lettered_again_once_with_its_cause(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("quiet");
    let body = json!({"nonsense": scene.role()}).to_string();
    let first = enqueue(scene, &body).await?;
    let before = dead_letter(scene, &body).await?;
    assert_eq!(before.attributes["error"], "NotAFinding");
    // A finding that bears such attributes, from a time when a bug kept it from being understood, is worked.
    let finding = message(scene, "a");
    let attribute = |text: &str| json!({"DataType": "String", "StringValue": text});
    let send = json!({"QueueUrl": scene.cloud.outputs().get("DeadLetterQueueUrl"), "MessageBody": finding,
        "MessageAttributes": {"error": attribute("NotAFinding"), "cause": attribute("detail.id is missing")}});
    scene.cloud.api().json("sqs", "AmazonSQS.SendMessage", &send).await?;

    redriven(scene, "moved").await?;
    scene.wait_for_closed_case(&scene.subject(), 1).await?;
    scene.cloud.wait_until_drained().await?;
    let after = dead_letter(scene, &body).await?;
    assert_eq!(after.attributes, before.attributes);
    assert!(scene.cloud.find_dead_letters(|it| it == finding).await?.is_empty());
    assert_eq!(logged(scene, &first, "the message is not a GuardDuty finding").await?, 1);
    let marked = scene.cloud.find_dead_letters(|it| it.contains(&scene.role())).await?;
    assert_eq!(marked.len(), 1, "once, not in a loop: {marked:?}");
    scene.cloud.delete_dead_letters(|it| it == body).await?;
    Ok(())
}

/// What an operation is answered: its name, the status and the body.
type Scripted = (&'static str, u16, Value);

/// The queues are called `dead`, whichever is asked about.
fn queue(seen: u32, held: u32) -> Scripted {
    let attributes = json!({"QueueArn": "arn:aws:sqs:us-east-1:000000000000:dead",
        "ApproximateNumberOfMessages": seen.to_string(), "ApproximateNumberOfMessagesNotVisible": held.to_string()});
    ("GetQueueAttributes", 200, json!({ "Attributes": attributes }))
}

/// A task, by when it was started and how many of three messages it has moved.
fn task(status: &str, started: u32, moved: u32) -> Scripted {
    let task = json!({"Status": status, "StartedTimestamp": started, "TaskHandle": "handle", "FailureReason": "AccessDenied",
        "ApproximateNumberOfMessagesMoved": moved, "ApproximateNumberOfMessagesToMove": 3});
    ("ListMessageMoveTasks", 200, json!({"Results": [task]}))
}

fn no_task() -> Scripted {
    ("ListMessageMoveTasks", 200, json!({}))
}

fn started() -> Scripted {
    ("StartMessageMoveTask", 200, json!({"TaskHandle": "handle"}))
}

fn not_started(code: &str, message: &str) -> Scripted {
    ("StartMessageMoveTask", 400, json!({"__type": code, "message": message}))
}

/// What the tool says when something is in its way, and whether it succeeds all the same.
pub(crate) async fn the_redrive_tool_reports_blocking_conditions(scene: &Scene<'_>) -> Outcome {
    let with_three = |then: Vec<Scripted>| [vec![queue(3, 0), queue(3, 0)], then].concat();
    let moving = |then: Scripted| with_three(vec![no_task(), started(), then]);
    let active = not_started("com.amazonaws.sqs#UnsupportedOperation", "There is already an active task");
    let denied = not_started("AccessDeniedException", "User is not authorized");
    let former = vec![task("FAILED", 1, 0), started(), task("FAILED", 1, 0), task("COMPLETED", 2, 3)];
    let expired =
        json!("<ErrorResponse><Error><Code>ExpiredToken</Code><Message>old</Message></Error></ErrorResponse>");
    let obstacles = [
        ("nothing there", true, vec![queue(0, 0), queue(0, 0)], "nothing to do: dead is empty"),
        ("held by somebody", false, vec![queue(0, 2), queue(0, 2)], "2 message(s) in dead are in flight"),
        ("a task runs", false, with_three(vec![task("RUNNING", 1, 0)]), "already in progress"),
        ("another was faster", false, with_three(vec![no_task(), active]), "already in progress"),
        ("denied", false, with_three(vec![no_task(), denied]), "access is denied to StartMessageMoveTask"),
        ("denied on the way", false, moving(task("FAILED", 2, 1)), "failed after 1 message(s): AccessDenied"),
        ("cancelled", false, moving(task("CANCELLED", 2, 2)), "the move was cancelled after 2"),
        ("round and round", false, moving(task("RUNNING", 2, 17)), "return to dead right after the move"),
        ("a former one is still listed", true, with_three(former), "3 message(s) moved"),
        ("an expired session", false, vec![("DescribeStackResource", 403, expired)], "sign in again"),
    ];
    for (what, succeeds, answers, words) in obstacles {
        let moves = MessageMoveProxy::start(scene.cloud.api()).await?;
        for (operation, status, body) in answers {
            moves.respond_next_with(operation, status, body);
        }
        says(what, &redrive(&moves, scene, &[], &ROOT).await, succeeds, words);
        let cancelled = moves.requested_operations().iter().any(|operation| operation == "CancelMessageMoveTask");
        assert_eq!(cancelled, what == "round and round", "{what}");
    }
    Ok(())
}

fn says(what: &str, output: &Output, succeeds: bool, words: &str) {
    let said = said(output);
    assert_eq!(output.status.success(), succeeds, "{what}: {said}");
    assert!(said.contains(words) && !said.contains("Traceback"), "{what}: {said}");
}

/// Wrong names, and credentials that are missing or may not.
pub(crate) async fn the_redrive_tool_reports_invalid_arguments(scene: &Scene<'_>) -> Outcome {
    let moves = MessageMoveProxy::start(scene.cloud.api()).await?;
    says("no credentials", &redrive(&moves, scene, &[], &[]).await, false, "no AWS credentials");
    let no_stack = redrive(&moves, scene, &["--name", "gumshoe-elsewhere"], &ROOT).await;
    says("no stack", &no_stack, false, "no stack gumshoe-elsewhere in us-east-1");
    let no_environment = redrive(&moves, scene, &["--environment", "test"], &ROOT).await;
    says("no environment", &no_environment, false, "no environment test; expected one of local, dev, prod");
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
    says("no rights", &no_rights, false, "access is denied to DescribeStackResource");
    Ok(())
}

/// The relay's dead letters go to the relay's queue, by `make redrive` itself.
pub(crate) async fn make_redrive_moves_the_relays_dead_letters_too(scene: &Scene<'_>) -> Outcome {
    let moves = MessageMoveProxy::start(scene.cloud.api()).await?;
    let dead = scene.cloud.outputs().get("RelayDeadLetterQueueUrl");
    let send = json!({"QueueUrl": dead, "MessageBody": json!({"nonsense": scene.role()}).to_string()});
    scene.cloud.api().json("sqs", "AmazonSQS.SendMessage", &send).await?;
    let mut command = Command::new("make");
    command
        // The tools are there, or this would not run: they are not to be installed in the middle of it.
        .args(["--silent", "--assume-old=.venv/installed", "redrive", "ENVIRONMENT=local", "QUEUE=relay"])
        .current_dir(scene.cloud.tools().root())
        .env_clear()
        .env("PATH", scene.cloud.tools().path())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_ENDPOINT_URL", moves.url())
        .envs(ROOT);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await?;
    let said = said(&output);
    assert!(output.status.success() && said.contains("moved; what fails again comes back"), "{said}");
    // It is none of Gumshoe's, and comes back with its cause.
    let look =
        json!({"QueueUrl": dead, "MaxNumberOfMessages": 10, "VisibilityTimeout": 0, "MessageAttributeNames": ["All"]});
    let back = async || {
        let answer = scene.cloud.api().json("sqs", "AmazonSQS.ReceiveMessage", &look).await?;
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        let ours = messages.into_iter().find(|it| it["Body"].as_str().unwrap_or_default().contains(&scene.role()));
        Ok(ours.filter(|it| it["MessageAttributes"]["error"]["StringValue"] == "NotANotification"))
    };
    scene.cloud.poll_until("the letter's return", WAIT_TIMEOUT, back).await?;
    Ok(())
}

/// The emulator has no metrics of queues, so a number stands for one here. That it is the right metric, of the right queue,
/// is what the deployed alarm says.
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
    assert_eq!(put(0).await?, "OK", "an empty queue is in order");
    assert_eq!(put(1).await?, "ALARM", "the first message is too many");
    let name = alarm["AlarmName"].as_str().unwrap();
    let told = async || {
        let received = scene.cloud.inbox().received().into_iter();
        Ok(received.clone().find(|it| it.protocol == "sqs" && it.body.contains(name) && it.body.contains("ALARM")))
    };
    scene.cloud.poll_until("the alarm's message", WAIT_TIMEOUT, told).await?;
    Ok(())
}
