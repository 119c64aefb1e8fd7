//! Principals of the stack's account with all rights on queues, topics and buckets. The resources' policies deny them what only the
//! stack's functions should do. Operators may send messages manually and move dead letters. The other tests show that the functions
//! themselves still have access, because they all use the same queues, topic and bucket. tests/iam checks the same policies with its
//! own evaluator.

use crate::permissions::{publish, s3, sqs};
use crate::runner::{OPERATOR, OPERATOR_PATH};
use crate::scene::{Outcome, Scene};
use local_cloud::{Method, REHEARSAL_SOURCE, SignedRequest};
use serde_json::json;

/// The actions that the sessions may call on all resources.
const RIGHTS: [&str; 3] = ["sqs:*", "sns:*", "s3:*"];

pub(crate) async fn an_insider_forges_no_finding_and_no_alert(scene: &Scene<'_>) -> Outcome {
    let insider = scene.cloud.create_role_session("/", &format!("insider-{}", scene.role()), &RIGHTS).await?;
    let outputs = scene.cloud.outputs();
    let findings = outputs.get("FindingsQueueUrl");
    let relay = scene.cloud.relay_queue_url().await?;
    let dead = [outputs.get("DeadLetterQueueUrl"), outputs.get("RelayDeadLetterQueueUrl")];
    let bucket = outputs.get("EvidenceBucketName");
    let object = format!("cases/none/{}", scene.role());

    let mut denied: Vec<(String, SignedRequest)> = Vec::new();
    for queue in [findings, relay.as_str(), dead[0], dead[1]] {
        for operation in ["SendMessage", "ReceiveMessage", "PurgeQueue"] {
            denied.push((format!("{operation} on {queue}"), sqs(operation, queue)));
        }
    }
    denied.push(("Publish".to_owned(), publish(outputs.get("AlertTopicArn"), "RESOLVED")));
    denied.push(("PutObject".to_owned(), s3(Method::PUT, bucket, &object)));
    denied.push(("DeleteObject".to_owned(), s3(Method::DELETE, bucket, &object)));
    for (what, call) in denied {
        let answer = scene.cloud.api().call_as(&insider, &call).await?;
        assert!(answer.is_denied(), "{what}: {answer:?}");
    }
    // The insider's own rights allow the calls that the resources' policies do not deny.
    for (what, call) in
        [("GetQueueAttributes", sqs("GetQueueAttributes", findings)), ("GetObject", s3(Method::GET, bucket, &object))]
    {
        let answer = scene.cloud.api().call_as(&insider, &call).await?;
        assert!(!answer.is_denied(), "{what}: {answer:?}");
    }
    Ok(())
}

/// A redrive needs the rights to receive from and delete in a dead-letter queue, and to send to the other queue.
pub(crate) async fn an_operator_can_send_manually_and_move_dead_letters(scene: &Scene<'_>) -> Outcome {
    let operator = scene.cloud.create_role_session(OPERATOR_PATH, OPERATOR, &RIGHTS).await?;
    let outputs = scene.cloud.outputs();
    let relay = scene.cloud.relay_queue_url().await?;
    for (is_allowed, operation, queue) in [
        (true, "ReceiveMessage", outputs.get("DeadLetterQueueUrl")),
        (true, "ReceiveMessage", outputs.get("RelayDeadLetterQueueUrl")),
        (false, "SendMessage", outputs.get("DeadLetterQueueUrl")),
        (false, "ReceiveMessage", outputs.get("FindingsQueueUrl")),
        (false, "ReceiveMessage", relay.as_str()),
    ] {
        let answer = scene.cloud.api().call_as(&operator, &sqs(operation, queue)).await?;
        assert_eq!(answer.is_denied(), !is_allowed, "{operation} on {queue}: {answer:?}");
    }
    let answer = scene.cloud.api().call_as(&operator, &publish(outputs.get("AlertTopicArn"), "RESOLVED")).await?;
    assert!(answer.is_denied(), "{answer:?}");

    scene.set_scenario("high");
    let event = json!({"source": REHEARSAL_SOURCE, "detail-type": "GuardDuty Finding", "detail": scene.finding("a")});
    let mut send = sqs("SendMessage", outputs.get("FindingsQueueUrl"));
    send.body =
        json!({"QueueUrl": outputs.get("FindingsQueueUrl"), "MessageBody": event.to_string()}).to_string().into_bytes();
    let answer = scene.cloud.api().call_as(&operator, &send).await?;
    assert_eq!(answer.status, 200, "{answer:?}");
    let (case, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(scene.wait_for_alerts(&case.case_id, 1).await?.json.len(), 1);
    Ok(())
}
