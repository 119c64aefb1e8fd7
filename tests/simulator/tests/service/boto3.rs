//! Tests of the simulator with boto3, an independent client with its own API models. The programs are in `tests/boto3`;
//! each test here runs one of their sections against its own simulator.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use simulator::Simulator;

/// Runs a program of `tests/boto3` and fails with what it printed when it fails.
async fn run(program: &'static str, arguments: &'static [&'static str]) {
    let simulator = Simulator::start(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
    let url = simulator.url();
    // The simulator continues to serve on the runtime's other threads while this one waits for the program.
    let output = tokio::task::spawn_blocking(move || output_of(program, &url, arguments)).await.unwrap();
    simulator.shutdown().await;
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{program} {}: {}\n{printed}", arguments.join(" "), output.status);
}

fn output_of(program: &str, url: &str, arguments: &[&str]) -> Output {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = here.join("../../.venv/bin/python");
    assert!(python.exists(), "{} is not there; run `make tools`", python.display());
    Command::new(python)
        // Uses neither settings nor credentials of the user, and leaves no files.
        .env_clear()
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .arg(here.join("tests/boto3").join(program))
        .arg(url)
        .args(arguments)
        .output()
        .unwrap()
}

macro_rules! tests {
    ($($name:ident: $program:literal $($argument:literal)*;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                run($program, &[$($argument),*]).await;
            }
        )*
    };
}

tests! {
    checks_find_what_is_wrong_in_detectives_answers: "checks.py" "detective";
    checks_find_what_is_wrong_in_guarddutys_answers: "checks.py" "guardduty";
    detective_is_described_as_in_the_model: "model.py" "detective";
    detective_sections_call_all_operations: "detective.py" "sections";
    detective_graphs: "detective.py" "graphs";
    detective_invitations: "detective.py" "invitations";
    detective_members: "detective.py" "members";
    detective_datasources: "detective.py" "datasources";
    detective_organizations: "detective.py" "organizations";
    detective_investigations: "detective.py" "investigations";
    detective_listing: "detective.py" "listing";
    detective_errors: "detective.py" "errors";
    guardduty_is_described_as_in_the_model: "model.py" "guardduty";
    guardduty_sections_call_all_operations: "guardduty.py" "sections";
    guardduty_detectors: "guardduty.py" "detectors";
    guardduty_findings: "guardduty.py" "findings";
    guardduty_listing: "guardduty.py" "listing";
    guardduty_investigations: "guardduty.py" "investigations";
    guardduty_errors: "guardduty.py" "errors";
}
