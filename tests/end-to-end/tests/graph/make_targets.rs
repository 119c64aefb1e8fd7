//! What a person asks for.

use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use crate::setup::{FUNCTION, adding, own};
use local_cloud::{GRAPH_STACK, MessageMoveProxy};
use serde_json::{Value, json};
use simulator::{ApiFault, FaultKind};

pub(crate) type Said = Result<(bool, String), Box<dyn std::error::Error + Send + Sync>>;

/// What a make target prints, and whether it was content.
async fn make(scene: &Scene<'_>, target: &str) -> Said {
    output_of(make_command(scene, &[target])).await
}

/// The tools are there, or this would not run: they are not to be installed in the middle of it.
fn make_command(scene: &Scene<'_>, arguments: &[&str]) -> std::process::Command {
    let mut command = scene.cloud.command("make");
    command.args(["--no-print-directory", "--assume-old=.venv/installed", &format!("NAME={GRAPH_STACK}")]);
    command.args(arguments);
    command
}

/// What a command prints, and whether it was content.
pub(crate) async fn output_of(mut command: std::process::Command) -> Said {
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn()?;
    let output = tokio::task::spawn_blocking(move || {
        let pipe = child.stdin.take(); // closing it would end the command
        let output = child.wait_with_output();
        drop(pipe);
        output
    })
    .await??;
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Ok((output.status.success(), said))
}

pub(crate) async fn make_graph_plan_changes_nothing_and_make_graph_apply_does(scene: &Scene<'_>) -> Outcome {
    let id = "610000000001";
    scene.document(&adding(&[id], &Value::Null)).await?;
    let (content, said) = make(scene, "graph-plan").await?;
    assert!(content && said.contains("add-members") && said.contains(id), "{said}");
    assert!(!scene.members().await?.contains_key(id));
    let (content, said) = make(scene, "graph-apply").await?;
    assert!(content && said.contains(&format!("CreateMembers {id}")), "{said}");
    assert!(scene.members().await?.contains_key(id));
    let mut sam = scene.cloud.command("sam");
    sam.args(["remote", "invoke", "KeepGraphFunction", "--stack-name", GRAPH_STACK, "--event", "{}"]);
    let (content, said) = output_of(sam).await?;
    assert!(content && said.contains("\"mode\":\"plan\""), "{said}");
    Ok(())
}

pub(crate) async fn make_redrive_moves_the_graph_stacks_dead_letters_too(scene: &Scene<'_>) -> Outcome {
    let id = "610000000002";
    scene.document(&adding(&[id], &Value::Null)).await?;
    let moves = MessageMoveProxy::start(scene.cloud.api()).await?;
    let outputs = scene.cloud.outputs_of(GRAPH_STACK).await?;
    let send = json!({"QueueUrl": outputs.get("DeadLetterQueueUrl"), "MessageBody": "{}"});
    scene.cloud.api().json("sqs", "AmazonSQS.SendMessage", &send).await?;
    let mut command = make_command(scene, &["redrive", "QUEUE=graph"]);
    command.env("AWS_ENDPOINT_URL", moves.url());
    let (content, said) = output_of(command).await?;
    assert!(content && said.contains("1 message(s) moved"), "{said}");
    scene.joined(id).await?;
    Ok(())
}

pub(crate) async fn concurrent_and_killed_runs_have_the_same_result(scene: &Scene<'_>) -> Outcome {
    let ids: Vec<String> = (0..120).map(|number| format!("62{number:010}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    scene.document(&adding(&ids, &Value::Null)).await?;
    // Each answer comes late, so that both are in the middle; then the function's processes are ended.
    let slow = ApiFault::new("CreateMembers", FaultKind::Latency).milliseconds(1_500).times(2);
    scene.cloud.simulator().add_fault(slow);
    let before = scene.count("CreateMembers");
    let input = json!({"mode": "apply"});
    let killed = async {
        let begun = async || Ok((scene.count("CreateMembers") > before).then_some(()));
        scene.cloud.poll_until("the first batch", WAIT_TIMEOUT, begun).await?;
        scene.cloud.set_variable("keep-graph", "KILLED", "once").await
    };
    let (first, ended) = tokio::join!(scene.keep(&input), killed);
    ended?;
    assert!(first.is_err() || first.is_ok_and(|it| !it["errorType"].is_null()), "it was killed");
    let (one, two) = tokio::join!(scene.keep(&input), scene.keep(&input));
    for run in [one?, two?] {
        assert!(run["errorType"].is_null() && run["failed"] == json!([]), "{run}");
    }
    let members = scene.members().await?;
    assert!(ids.iter().all(|id| members.contains_key(*id)));
    assert_eq!(scene.keep(&input).await?["plan"]["changes"], json!([]));
    Ok(())
}

pub(crate) async fn the_graph_is_deleted_only_with_its_arn(scene: &Scene<'_>) -> Outcome {
    let arn = scene.cloud.simulator().graph_arn(local_cloud::STACK_ACCOUNT, "us-east-1");
    scene.document(&json!({"graph": {"enabled": false}, "changes": "full"})).await?;
    let kept = scene.keep(&json!({"mode": "apply"})).await?;
    assert!(kept["plan"]["withheld"][0]["why"].as_str().unwrap().contains("mode destroy"), "{kept}");
    for (input, error) in [
        (json!({"mode": "destroy"}), "GraphNotConfirmed"),
        (json!({"mode": "destroy", "confirm": arn.replace("us-east-1", "us-east-2")}), "GraphNotConfirmed"),
        (json!({"mode": "delete"}), "GraphRequestWrong"),
    ] {
        assert_eq!(scene.cloud.invoke(FUNCTION, &input).await?["errorType"], error, "{input}");
    }
    assert_eq!(scene.count("DeleteGraph"), 0);
    let deleted = scene.keep(&json!({"mode": "destroy", "confirm": arn})).await?;
    assert_eq!(deleted["done"], json!([format!("DeleteGraph {arn}")]), "{deleted}");
    // The tests that follow find it as it was.
    scene.cloud.simulator().set_graph_exists_in(own(), true);
    Ok(())
}
