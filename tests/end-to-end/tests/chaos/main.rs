//! A campaign against the whole stack: hundreds of findings while services throttle and fail, answers are lost, functions
//! are killed, messages are delivered again and the emulator is restarted. Beside it the behavior graph is kept and
//! invitations are answered. After each run a ledger is balanced: every finding has come to one end, every alert was heard
//! once, and the graph is as its document says.
//!
//! `make chaos RUNS=20 SEED=1 FINDINGS=500`. The environment: CHAOS_SEED (a random one when left out; run n takes seed +
//! n), CHAOS_FINDINGS, CHAOS_RUNS, and CHAOS_PEACE=1 for no faults at all. The seed decides what is sent, in which order,
//! and the plan of faults. It does not decide how processes interleave: see `faults`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod campaign;
mod faults;
mod graph;
mod ledger;
mod relay;
mod report;
mod settle;
mod stock;
mod traffic;
mod witness;

#[path = "../common/connections.rs"]
mod connections;

use campaign::Campaign;
use libtest_mimic::{Arguments, Trial};
use local_cloud::{LocalCloud, Profile, Tools};
use std::io::Write;
use std::str::FromStr;
use std::time::Instant;

/// How many findings a run has in `make test`.
const FINDINGS: usize = 60;

/// The test's name.
const NAME: &str = "every_finding_comes_to_one_end_whatever_goes_wrong";

fn main() {
    let arguments = Arguments::from_args();
    let isolation = connections::prepare(&arguments, [NAME]);
    let trial = Trial::test(NAME, || {
        every_finding_comes_to_one_end_whatever_goes_wrong();
        Ok(())
    });
    let conclusion = libtest_mimic::run(&arguments, vec![trial]);
    let connections = connections::check(&arguments, isolation);
    conclusion.exit_if_failed();
    connections.exit();
}

fn every_finding_comes_to_one_end_whatever_goes_wrong() {
    let seed = setting("CHAOS_SEED").unwrap_or_else(|| fastrand::u64(..1_000_000));
    let findings = setting("CHAOS_FINDINGS").unwrap_or(FINDINGS);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut unbalanced = Vec::new();
    for run in 0..setting("CHAOS_RUNS").unwrap_or(1) {
        let seed = seed + run;
        say(&format!("chaos: seed {seed}, {findings} findings"));
        let wrong = runtime.block_on(run_once(seed, findings));
        if !wrong.is_empty() {
            unbalanced.push(format!("seed {seed}:\n    {}", wrong.join("\n    ")));
        }
        say(&format!("chaos: that was seed {seed}; CHAOS_SEED={seed} CHAOS_FINDINGS={findings} sends the same again"));
    }
    if unbalanced.is_empty()
        && let Ok(tools) = Tools::find(Profile::Local)
    {
        tools.remove_scratch_folder(); // otherwise the logs tell more
    }
    assert!(unbalanced.is_empty(), "the ledger does not balance\n  {}", unbalanced.join("\n  "));
}

/// One run on a cloud of its own; gives what is wrong.
async fn run_once(seed: u64, findings: usize) -> Vec<String> {
    let started = Instant::now();
    let cloud = match LocalCloud::start_built(&campaign::options(&|_| ())).await {
        Ok(cloud) => cloud,
        Err(error) => return vec![format!("the local cloud cannot be started: {}", simulator::error_chain(&error))],
    };
    let campaign = Campaign::of(seed, findings);
    let campaign = if setting::<u8>("CHAOS_PEACE").is_some() { campaign.in_peace() } else { campaign };
    let wrong = match campaign.run(&cloud).await {
        Ok((campaign, aftermath)) => {
            let balance = ledger::balance(&aftermath.books);
            say(&report::table(seed, &campaign, &aftermath, &balance, started.elapsed()));
            balance.wrong
        }
        Err(error) => vec![format!("the run came to no end: {}", simulator::error_chain(&error))],
    };
    if !wrong.is_empty() {
        keep(&cloud, seed, &wrong).await;
    }
    wrong
}

/// Keeps what is known of what is wrong.
async fn keep(cloud: &LocalCloud, seed: u64, wrong: &[String]) {
    let (Ok(logs), Ok(file)) = (cloud.logs().await, cloud.write_logs().await) else { return };
    let of_seed = file.with_file_name(format!("functions-{seed}.log"));
    let known = file.with_file_name(format!("wrong-{seed}.txt"));
    let _ = std::fs::rename(&file, &of_seed);
    let _ = std::fs::write(&known, report::known(wrong, &logs).join("\n"));
    say(&format!("what the functions logged is in {}, of it what is wrong in {}", of_seed.display(), known.display()));
}

fn setting<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// Past the test harness, which shows nothing of a test that passes.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
