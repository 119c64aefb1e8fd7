//! The make targets and invocations that operators use for the graph stack.

use crate::scene::{BoxError, Outcome, Scene, WAIT_TIMEOUT};
use crate::setup::{FUNCTION, document_with, own_account};
use local_cloud::{GRAPH_STACK, MessageMoveProxy};
use serde_json::{Value, json};
use simulator::{ApiFault, FaultKind};

/// Whether a command succeeded, and what it printed.
pub(crate) type CommandResult = Result<(bool, String), BoxError>;

/// Runs a make target on the graph stack.
async fn make(scene: &Scene<'_>, target: &str) -> CommandResult {
    output_of(make_command(scene, &[target])).await
}

/// A make command for the graph stack. It must not install the tools, which are there already.
fn make_command(scene: &Scene<'_>, arguments: &[&str]) -> std::process::Command {
    let mut command = scene.cloud.command("make");
    command.args(["--no-print-directory", "--assume-old=.venv/installed", &format!("NAME={GRAPH_STACK}")]);
    command.args(arguments);
    command
}

/// Runs a command to its end.
pub(crate) async fn output_of(mut command: std::process::Command) -> CommandResult {
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn()?;
    let finished = tokio::task::spawn_blocking(move || {
        let pipe = child.stdin.take(); // closing it would end the command
        let result = child.wait_with_output();
        drop(pipe);
        result
    })
    .await??;
    let output = String::from_utf8_lossy(&finished.stdout).into_owned() + &String::from_utf8_lossy(&finished.stderr);
    Ok((finished.status.success(), output))
}

pub(crate) async fn make_graph_plan_changes_nothing_and_make_graph_apply_does(scene: &Scene<'_>) -> Outcome {
    let id = "610000000001";
    scene.write_document(&document_with(&[id], &Value::Null)).await?;
    let (is_success, output) = make(scene, "graph-plan").await?;
    assert!(is_success && output.contains("add-members") && output.contains(id), "{output}");
    assert!(!scene.members().await?.contains_key(id));
    let (is_success, output) = make(scene, "graph-apply").await?;
    assert!(is_success && output.contains(&format!("CreateMembers {id}")), "{output}");
    assert!(scene.members().await?.contains_key(id));
    let mut sam = scene.cloud.command("sam");
    sam.args(["remote", "invoke", "KeepGraphFunction", "--stack-name", GRAPH_STACK, "--event", "{}"]);
    let (is_success, output) = output_of(sam).await?;
    assert!(is_success && output.contains("\"mode\":\"plan\""), "{output}");
    Ok(())
}

pub(crate) async fn make_redrive_moves_the_graph_stacks_dead_letters_too(scene: &Scene<'_>) -> Outcome {
    let id = "610000000002";
    scene.write_document(&document_with(&[id], &Value::Null)).await?;
    let moves = MessageMoveProxy::start(scene.cloud.api()).await?;
    let outputs = scene.cloud.outputs_of(GRAPH_STACK).await?;
    let send = json!({"QueueUrl": outputs.get("DeadLetterQueueUrl"), "MessageBody": "{}"});
    scene.cloud.api().json("sqs", "AmazonSQS.SendMessage", &send).await?;
    let mut command = make_command(scene, &["redrive", "QUEUE=graph"]);
    command.env("AWS_ENDPOINT_URL", moves.url());
    let (is_success, output) = output_of(command).await?;
    assert!(is_success && output.contains("1 message(s) moved"), "{output}");
    scene.wait_for_member(id).await?;
    Ok(())
}

pub(crate) async fn concurrent_and_killed_runs_have_the_same_result(scene: &Scene<'_>) -> Outcome {
    let ids: Vec<String> = (0..120).map(|number| format!("62{number:010}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    scene.write_document(&document_with(&ids, &Value::Null)).await?;
    // Each response is delayed, so that a run is killed between its two batches. Setting a variable ends the function's processes.
    let slow = ApiFault::new("CreateMembers", FaultKind::Latency).milliseconds(1_500).times(2);
    scene.cloud.simulator().add_fault(slow);
    let before = scene.call_count("CreateMembers");
    let input = json!({"mode": "apply"});
    let killed = async {
        let begun = async || Ok((scene.call_count("CreateMembers") > before).then_some(()));
        scene.cloud.poll_until("the first batch", WAIT_TIMEOUT, begun).await?;
        scene.cloud.set_variable("keep-graph", "KILLED", "once").await
    };
    let (first, ended) = tokio::join!(scene.invoke_keep_graph(&input), killed);
    ended?;
    assert!(first.is_err() || first.is_ok_and(|it| !it["errorType"].is_null()), "the first run was not killed");
    let (one, two) = tokio::join!(scene.invoke_keep_graph(&input), scene.invoke_keep_graph(&input));
    for run in [one?, two?] {
        assert!(run["errorType"].is_null() && run["failed"] == json!([]), "{run}");
    }
    let members = scene.members().await?;
    assert!(ids.iter().all(|id| members.contains_key(*id)));
    assert_eq!(scene.invoke_keep_graph(&input).await?["plan"]["changes"], json!([]));
    Ok(())
}

pub(crate) async fn the_graph_is_deleted_only_with_its_arn(scene: &Scene<'_>) -> Outcome {
    let arn = scene.cloud.simulator().graph_arn(local_cloud::STACK_ACCOUNT, "us-east-1");
    scene.write_document(&json!({"graph": {"enabled": false}, "changes": "full"})).await?;
    let kept = scene.invoke_keep_graph(&json!({"mode": "apply"})).await?;
    assert!(kept["plan"]["withheld"][0]["why"].as_str().unwrap().contains("mode destroy"), "{kept}");
    for (input, error) in [
        (json!({"mode": "destroy"}), "GraphNotConfirmed"),
        (json!({"mode": "destroy", "confirm": arn.replace("us-east-1", "us-east-2")}), "GraphNotConfirmed"),
        (json!({"mode": "delete"}), "GraphRequestWrong"),
    ] {
        assert_eq!(scene.cloud.invoke(FUNCTION, &input).await?["errorType"], error, "{input}");
    }
    assert_eq!(scene.call_count("DeleteGraph"), 0);
    let deleted = scene.invoke_keep_graph(&json!({"mode": "destroy", "confirm": arn})).await?;
    assert_eq!(deleted["done"], json!([format!("DeleteGraph {arn}")]), "{deleted}");
    // Restore the graph for the tests that follow.
    scene.cloud.simulator().set_graph_exists_in(own_account(), true);
    Ok(())
}
