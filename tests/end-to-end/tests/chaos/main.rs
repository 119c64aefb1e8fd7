//! A campaign against the whole stack: hundreds of findings while services throttle and fail, responses are lost, functions are
//! killed, messages are redelivered and the emulator is restarted. At the same time the behavior graph is managed and invitations
//! are answered. After each run the ledger checks: each finding has exactly one outcome, each alert was delivered once, and the
//! graph matches its document.
//!
//! `make chaos RUNS=20 SEED=1 FINDINGS=500`. Environment variables: CHAOS_SEED (default: random; run n uses seed + n),
//! CHAOS_FINDINGS, CHAOS_RUNS, and CHAOS_WITHOUT_FAULTS=1 for a run without faults. The seed determines the messages, their order and the
//! fault plan. It does not determine how processes interleave; see `faults`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod campaign;
mod collect;
mod faults;
mod graph;
mod injector;
mod ledger;
mod quiesce;
mod relay;
mod report;
mod traffic;

#[path = "../common/connections.rs"]
mod connections;

use campaign::Campaign;
use libtest_mimic::{Arguments, Trial};
use local_cloud::{LocalCloud, Profile, Tools};
use std::io::Write;
use std::str::FromStr;
use std::time::Instant;

/// The number of findings in a run of `make test`.
const FINDINGS: usize = 60;

/// The name of the test.
const NAME: &str = "each_finding_has_exactly_one_outcome_despite_faults";

fn main() {
    let arguments = Arguments::from_args();
    let isolation = connections::prepare(&arguments, [NAME]);
    let trial = Trial::test(NAME, || {
        each_finding_has_exactly_one_outcome_despite_faults();
        Ok(())
    });
    let conclusion = libtest_mimic::run(&arguments, vec![trial]);
    let connections = connections::check(&arguments, isolation);
    conclusion.exit_if_failed();
    connections.exit();
}

fn each_finding_has_exactly_one_outcome_despite_faults() {
    let seed = setting("CHAOS_SEED").unwrap_or_else(|| fastrand::u64(..1_000_000));
    let findings = setting("CHAOS_FINDINGS").unwrap_or(FINDINGS);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut failed_seeds = Vec::new();
    for run in 0..setting("CHAOS_RUNS").unwrap_or(1) {
        let seed = seed + run;
        print(&format!("chaos: seed {seed}, {findings} findings"));
        let violations = runtime.block_on(run_once(seed, findings));
        if !violations.is_empty() {
            failed_seeds.push(format!("seed {seed}:\n    {}", violations.join("\n    ")));
        }
        print(&format!("chaos: seed {seed} done; rerun with CHAOS_SEED={seed} CHAOS_FINDINGS={findings}"));
    }
    if failed_seeds.is_empty()
        && let Ok(tools) = Tools::find(Profile::Local)
    {
        tools.remove_scratch_folder(); // the logs are kept only after a failure
    }
    assert!(failed_seeds.is_empty(), "invariant violations\n  {}", failed_seeds.join("\n  "));
}

/// Runs one campaign on its own local cloud; returns the violations.
async fn run_once(seed: u64, findings: usize) -> Vec<String> {
    let started = Instant::now();
    let cloud = match LocalCloud::start_built(&campaign::options(&|_| ())).await {
        Ok(cloud) => cloud,
        Err(error) => return vec![format!("could not start the local cloud: {}", simulator::error_chain(&error))],
    };
    let campaign = Campaign::of(seed, findings);
    let campaign = if setting::<u8>("CHAOS_WITHOUT_FAULTS").is_some() { campaign.without_faults() } else { campaign };
    let violations = match campaign.run(&cloud).await {
        Ok((campaign, run_result)) => {
            let reconciliation = ledger::reconcile(&run_result.record);
            print(&report::table(seed, &campaign, &run_result, &reconciliation, started.elapsed()));
            reconciliation.violations
        }
        Err(error) => vec![format!("run did not finish: {}", simulator::error_chain(&error))],
    };
    if !violations.is_empty() {
        write_failure_logs(&cloud, seed, &violations).await;
    }
    violations
}

/// Writes the functions' logs and the log lines about the violations to files.
async fn write_failure_logs(cloud: &LocalCloud, seed: u64, violations: &[String]) {
    let (Ok(logs), Ok(file)) = (cloud.logs().await, cloud.write_logs().await) else { return };
    let of_seed = file.with_file_name(format!("functions-{seed}.log"));
    let excerpt = file.with_file_name(format!("violations-{seed}.txt"));
    let _ = std::fs::rename(&file, &of_seed);
    let _ = std::fs::write(&excerpt, report::log_excerpt(violations, &logs).join("\n"));
    print(&format!("function logs: {}; log lines about the violations: {}", of_seed.display(), excerpt.display()));
}

fn setting<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// Writes to stderr directly, because the test harness hides the output of passed tests.
fn print(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
