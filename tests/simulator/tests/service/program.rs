//! The program: its first line, its scenarios, its errors and its end.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// Kills the program when the test ends, also after a failure.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str]) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simulator"));
    Program(command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
}

#[tokio::test]
async fn program_prints_its_address_serves_and_ends_on_a_signal() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/scenarios/stuck.json");
    for signal in ["-TERM", "-INT"] {
        let mut program = start(&["--scenarios", file]);
        let mut lines = BufReader::new(program.0.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let url = first.strip_prefix("listening on ").unwrap().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        let answer = reqwest::get(format!("{url}/_control/health")).await.unwrap();
        assert_eq!(answer.status(), 200);
        let answer = crate::support::http().post(format!("{url}/graphs/list")).body("{}").send().await.unwrap();
        assert_eq!(answer.status(), 200);

        let sent = Command::new("sh")
            .args(["-c", "kill \"$@\"", "kill", signal, &program.0.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        assert!(program.0.wait().unwrap().success());
        let mut log = String::new();
        program.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(log.contains("ListGraphs"), "{log}");
    }
}

#[test]
fn program_reports_invalid_arguments_and_exits() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for (arguments, text) in [
        (["--scenarios", "/nowhere.json"], "/nowhere.json"),
        (["--scenarios", manifest], "cannot be read"),
        (["--listen", "198.51.100.1:1"], "198.51.100.1:1"),
        (["--listen", "somewhere"], "somewhere"),
    ] {
        let mut program = start(&arguments);
        assert!(!program.0.wait().unwrap().success());
        let mut log = String::new();
        program.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(log.contains(text), "{log}");
    }
}

/// Starts the program, lets `work` use it, and ends it with SIGTERM.
async fn with_program<T, F: Future<Output = T>>(arguments: &[&str], work: impl FnOnce(String) -> F) -> T {
    let mut program = start(arguments);
    let mut lines = BufReader::new(program.0.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let done = work(first.strip_prefix("listening on ").unwrap().to_owned()).await;
    assert!(
        Command::new("sh")
            .args(["-c", "kill \"$@\"", "kill", "-TERM", &program.0.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    assert!(program.0.wait().unwrap().success());
    done
}

async fn post(url: &str, path: &str, body: &str) -> serde_json::Value {
    let answer = crate::support::http().post(format!("{url}{path}")).body(body.to_owned()).send().await.unwrap();
    answer.json().await.unwrap()
}

#[tokio::test]
async fn program_continues_from_its_snapshot() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("snapshot-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("world.json");
    let arguments = ["--snapshot", file.to_str().unwrap(), "--without-graphs"];
    let arn = with_program(&arguments, |url| async move {
        assert_eq!(post(&url, "/graphs/list", "{}").await["GraphList"], serde_json::json!([]));
        post(&url, "/graph", r#"{"Tags":{"team":"blue"}}"#).await["GraphArn"].as_str().unwrap().to_owned()
    })
    .await;
    let listed = with_program(&arguments, |url| async move { post(&url, "/graphs/list", "{}").await }).await;
    assert_eq!(listed["GraphList"][0]["Arn"], arn);

    std::fs::write(&file, "{").unwrap();
    let mut program = start(&arguments);
    assert!(!program.0.wait().unwrap().success());
    let mut log = String::new();
    program.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(log.contains("world.json"), "{log}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{", "what cannot be read is not overwritten");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn unread_log_does_not_delay_responses() {
    // More than a pipe holds; with_program reads nothing of it and ends the program by SIGTERM.
    with_program(&[], |url| async move {
        for _ in 0..2000 {
            post(&url, "/graphs/list", "{}").await;
        }
    })
    .await;
}

#[test]
fn help_describes_all_options() {
    let output = Command::new(env!("CARGO_BIN_EXE_simulator")).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for word in ["--listen", "--scenarios", "--snapshot", "--without-graphs", "AWS_ENDPOINT_URL_GUARDDUTY", "_control"]
    {
        assert!(help.contains(word), "{help}");
    }
}
