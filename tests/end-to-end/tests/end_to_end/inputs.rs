//! Invalid messages, each in a batch with nine findings: the nine are processed, and the invalid message goes to the dead-letter queue
//! unchanged, with its cause.

use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use local_cloud::{CloudError, DeadLetter, Method, REHEARSAL_SOURCE};
use serde_json::{Value, json};
use simulator::Outcome as Ended;

/// An invalid message: a description, its body, and the dead letter's error and a part of its cause.
type InvalidMessage = (&'static str, String, &'static str, &'static str);

fn invalid_messages(scene: &Scene<'_>) -> Vec<InvalidMessage> {
    let mark = scene.role();
    let finding = envelope(&scene.finding("bad"));
    let whole = finding.to_string();
    let with = |member: &str, value: Value| {
        let mut changed = finding.clone();
        changed["detail"][member] = value;
        changed.to_string()
    };
    let filler = "x".repeat(256 * 1024 - json!({"invalid": mark, "filler": ""}).to_string().len());
    let deep = format!(
        r#"{{"detail-type": "GuardDuty Finding", "mark": "{mark}", "detail": {}{}}}"#,
        r#"{"a":"#.repeat(10_000) + "1",
        "}".repeat(10_000)
    );
    vec![
        ("not JSON", format!("{{ not JSON {mark}"), "NotJson", "not JSON"),
        ("cut short", whole[..whole.len() - 40].to_owned(), "NotJson", "EOF"),
        ("two documents", format!("{whole}{whole}"), "NotOneFinding", "found 2 JSON documents"),
        ("ten thousand levels deep", deep, "NotJson", "recursion limit"),
        (
            "a number beyond all numbers",
            whole.replace("\"severity\":8", "\"severity\":1e999"),
            "NotJson",
            "out of range",
        ),
        ("text", format!("\"{mark}\""), "NotOneFinding", "found a JSON string"),
        ("a list", json!([finding]).to_string(), "NotOneFinding", "found a list of 1 item"),
        ("256 KB", json!({"invalid": mark, "filler": filler}).to_string(), "NotAFinding", "id is missing"),
        (
            "a list for a finding",
            json!({"detail-type": "GuardDuty Finding", "detail": [mark]}).to_string(),
            "NotAFinding",
            "detail is missing or is not an object",
        ),
        ("an object for an id", with("id", json!({"id": mark})), "NotAFinding", "detail.id"),
        ("a list for a type", with("type", json!([mark])), "NotAFinding", "detail.type"),
        ("an object for a severity", with("severity", json!({"value": 8})), "NotAFinding", "detail.severity"),
        ("a severity beyond the scale", with("severity", json!(11)), "NotAFinding", "detail.severity"),
        (
            "not GuardDuty's",
            json!({"source": "aws.s3", "detail-type": "Object Created",
            "detail": {"object": {"key": mark}}})
            .to_string(),
            "OtherEvent",
            "detail-type",
        ),
    ]
}

fn envelope(detail: &Value) -> Value {
    json!({"source": REHEARSAL_SOURCE, "detail-type": "GuardDuty Finding", "detail": detail})
}

/// Waits until each message is in the dead-letter queue, and checks that each is there once, unchanged, with its error and its cause.
async fn assert_dead_lettered(scene: &Scene<'_>, bad: &[InvalidMessage]) -> Result<(), CloudError> {
    let ours = |body: &str| bad.iter().any(|(_, it, ..)| it == body);
    let there = async || {
        let letters = scene.cloud.find_dead_letters(ours).await?;
        let all = bad.iter().all(|(_, body, ..)| letters.iter().any(|it| it.body == *body));
        Ok(all.then_some(letters))
    };
    let letters = scene.cloud.poll_until("all dead letters", WAIT_TIMEOUT, there).await?;
    for (what, body, error, cause) in bad {
        let of: Vec<&DeadLetter> = letters.iter().filter(|it| it.body == *body).collect();
        assert_eq!(of.len(), 1, "{what}: expected one dead letter");
        let attributes = &of[0].attributes;
        assert_eq!(attributes["error"], *error, "{what}: {attributes:?}");
        assert!(attributes["cause"].contains(cause), "{what}: {attributes:?}");
        assert!(!attributes["cause"].contains(&scene.role()), "{what}: the cause repeats text of the message");
    }
    scene.cloud.delete_dead_letters(ours).await
}

pub(crate) async fn an_invalid_message_in_a_batch_is_dead_lettered_and_the_others_are_processed(
    scene: &Scene<'_>,
) -> Outcome {
    scene.set_manual_scenario("quiet");
    let bad = invalid_messages(scene);
    let mut good = Vec::new();
    for (number, (what, body, ..)) in bad.iter().enumerate() {
        let findings: Vec<Value> = (0..9).map(|other| scene.finding(&format!("{number:x}{other}"))).collect();
        let mut batch: Vec<String> = findings.iter().map(|finding| envelope(finding).to_string()).collect();
        batch.insert(number % 10, body.clone());
        let answer = scene.cloud.enqueue_batch(&batch).await?;
        assert_eq!(answer["Successful"].as_array().map(Vec::len), Some(10), "{what}: {answer}");
        good.extend(findings);
    }
    assert_dead_lettered(scene, &bad).await?;
    assert_all_in_one_case(scene, &good).await
}

/// EventBridge accepts only JSON objects.
pub(crate) async fn an_invalid_message_through_eventbridge_is_dead_lettered_and_the_others_are_processed(
    scene: &Scene<'_>,
) -> Outcome {
    scene.set_manual_scenario("quiet");
    let mut good: Vec<Value> = (0..7).map(|number| scene.finding(&format!("{number:x}"))).collect();
    let changed = |member: &str, value: Value| {
        let mut finding = scene.finding("bad");
        finding[member] = value;
        finding
    };
    let mut batch = good.clone();
    batch.insert(0, changed("id", json!([])));
    batch.insert(4, json!({"invalid": scene.role(), "filler": "x".repeat(200 * 1024)}));
    batch.push(changed("severity", json!("very")));
    scene.cloud.send(&batch).await?;
    let mark = scene.role();
    let ours = |body: &str| body.contains(&format!("\"{mark}\""));
    let three = async || Ok(Some(scene.cloud.find_dead_letters(ours).await?).filter(|letters| letters.len() >= 3));
    let letters = scene.cloud.poll_until("three dead letters", WAIT_TIMEOUT, three).await?;
    let mut causes: Vec<&str> = letters.iter().map(|it| it.attributes["cause"].as_str()).collect();
    causes.sort_unstable();
    assert_eq!(causes.len(), 3);
    assert!(causes[0].contains("detail.id") && causes[1].contains("detail.id"), "{causes:?}");
    assert!(causes[2].contains("detail.severity"), "{causes:?}");
    assert!(letters.iter().all(|it| it.attributes["error"] == "NotAFinding"));
    scene.cloud.delete_dead_letters(ours).await?;
    good.sort_by_key(|finding| finding["id"].to_string());
    assert_all_in_one_case(scene, &good).await
}

async fn assert_all_in_one_case(scene: &Scene<'_>, good: &[Value]) -> Outcome {
    let count = u64::try_from(good.len())?;
    let case = scene.wait_for_investigation(|case| case.join_count == count).await?;
    for finding in good {
        let known = scene.cloud.suppressed_count(&scene.subject(), finding["id"].as_str().unwrap()).await?;
        assert!(known.is_some(), "{}", finding["id"]);
    }
    assert_eq!(scene.cloud.cases(&scene.subject()).await?.len(), 1);
    scene.cloud.simulator().end_investigation(case.investigation["id"].as_str().unwrap(), Ended::Successful)?;
    scene.wait_for_closed_case(&scene.subject(), 1).await?;
    Ok(())
}

/// JSON does not define the meaning of duplicate names (RFC 8259, section 4). Gumshoe uses the last one, as most parsers do, and
/// processes the finding: a sender of such a document could send any other too. The stored evidence has both.
pub(crate) async fn the_last_of_duplicate_json_members_counts(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("quiet");
    let finding = scene.finding("a");
    let (first, last) = (finding["id"].as_str().unwrap(), scene.finding("b")["id"].as_str().unwrap().to_owned());
    let twice = format!("\"id\":\"{first}\",\"id\":\"{last}\"");
    let body = envelope(&finding).to_string().replace(&format!("\"id\":\"{first}\""), &twice);
    scene.cloud.enqueue(&body).await?;
    let (case, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert!(scene.cloud.suppressed_count(&scene.subject(), &last).await?.is_some());
    assert!(scene.cloud.suppressed_count(&scene.subject(), first).await?.is_none());
    let kept = scene.cloud.evidence(&scene.evidence_key(&case.case_id, &scene.finding("b"))).await?;
    assert_eq!(kept.as_deref(), Some(body.as_str()), "the stored event must be unchanged");
    Ok(())
}

/// The largest message that a queue accepts is 1 MiB (256 KiB until August 2025).
pub(crate) async fn a_finding_of_a_mebibyte_is_processed(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("quiet");
    let mut finding = scene.finding("a");
    finding["service"]["additionalInfo"] = json!("");
    let missing = 1024 * 1024 - envelope(&finding).to_string().len();
    finding["service"]["additionalInfo"] = json!("x".repeat(missing));
    scene.cloud.enqueue(&envelope(&finding).to_string()).await?;
    scene.wait_for_closed_case(&scene.subject(), 1).await?;
    finding["service"]["additionalInfo"] = json!("x".repeat(missing + 1));
    let refused = scene.cloud.enqueue(&envelope(&finding).to_string()).await;
    assert!(matches!(refused, Err(CloudError::Answer { status: 400, .. })), "{refused:?}");
    Ok(())
}

/// SQS rejects messages with characters that XML does not allow. It accepts the others of the batch.
pub(crate) async fn characters_that_sqs_rejects_are_not_accepted(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("quiet");
    let mark = scene.role();
    let good = envelope(&scene.finding("a")).to_string();
    let bad = ["\u{0}", "\u{b}", "\u{1f}", "\u{fffe}"].map(|character| format!("{character}{mark}"));
    let mut batch = bad.to_vec();
    batch.push(good);
    let answer = scene.cloud.enqueue_batch(&batch).await?;
    assert_eq!(answer["Successful"].as_array().map(Vec::len), Some(1), "{answer}");
    let refused = answer["Failed"].as_array().unwrap();
    assert!(refused.len() == 4 && refused.iter().all(|it| it["Code"] == "InvalidMessageContents"), "{answer}");
    scene.wait_for_closed_case(&scene.subject(), 1).await?;
    Ok(())
}

/// Invokes the function with messages that a queue would not accept. A message that cannot be dead-lettered either is returned to the
/// queue, and does not affect the others.
pub(crate) async fn inputs_larger_than_a_message_do_not_harm_the_function(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("quiet");
    let mark = scene.role();
    let record =
        |id: &str, body: &Value| json!({"messageId": id, "body": body, "attributes": {}, "messageAttributes": {}});
    let good = json!(envelope(&scene.finding("a")).to_string());
    let event = json!({"Records": [
        record("control", &json!(format!("\u{0}{mark}"))),
        record("good", &good),
        record("empty", &json!("")),
        record("none", &Value::Null),
    ]});
    let answer = invoke(scene, event.to_string().into_bytes()).await?;
    let failed: Value = serde_json::from_str(&answer)?;
    assert_eq!(failed["batchItemFailures"], json!([{"itemIdentifier": "control"}]), "{answer}");
    scene.wait_for_closed_case(&scene.subject(), 1).await?;

    // Bytes that are not UTF-8 are not JSON, and Lambda does not invoke a function with such an event.
    let mut bytes = json!({"Records": [record("bytes", &json!("?"))]}).to_string().into_bytes();
    let place = bytes.iter().position(|byte| *byte == b'?').unwrap();
    bytes[place] = 0xff;
    let refused = invoke(scene, bytes).await;
    assert!(matches!(refused, Err(CloudError::Answer { .. })), "{refused:?}");
    let event = json!({"Records": [record("good", &json!(envelope(&scene.finding("b")).to_string()))]});
    let answer: Value = serde_json::from_str(&invoke(scene, event.to_string().into_bytes()).await?)?;
    assert_eq!(answer["batchItemFailures"], json!([]));
    Ok(())
}

async fn invoke(scene: &Scene<'_>, payload: Vec<u8>) -> Result<String, CloudError> {
    let path = "/2015-03-31/functions/gumshoe-local-open-case/invocations";
    scene.cloud.api().send(Method::POST, "lambda", path, payload).await
}
