//! GuardDuty's investigations in addition to Detective's, with the real function binaries, on a local cloud where they are turned
//! on.
//!
//! All tests share the account's quota, so they run one after the other, and each resets the state first.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod interrupted;
mod logs;
mod policy;
mod prompts;
mod quota;
mod refused;
mod results;
mod setup;
mod shared_finding;
mod texts;
mod two_engines;

#[path = "../common/connections.rs"]
mod connections;
#[path = "../common/runner.rs"]
mod runner;
#[allow(dead_code, reason = "end_to_end uses all of it")]
#[path = "../common/scene.rs"]
mod scene;
#[allow(dead_code, reason = "end_to_end uses all of it")]
#[path = "../common/secrets.rs"]
mod secrets;

use runner::{Test, tests};

/// Real seconds per second of the state machine. Shorter than in the other suites, because the tests run one after the other and
/// many of them wait for the deadline or for all retries of a call.
const WAIT_SCALE: f64 = runner::WAIT_SCALE / 5.0;

fn main() {
    let all = tests().into_iter().map(|(name, _, test)| (name, true, test));
    let parameters = [("GuardDutyInvestigations", "all"), ("GuardDutySlotsForCritical", "3")];
    runner::run(all.collect(), 1, WAIT_SCALE, runner::Stacks { case: &parameters, ..runner::Stacks::default() });
}

fn tests() -> Vec<Test> {
    tests![
        results::risk_level_and_confidence_are_shown_and_do_not_change_the_verdict,
        results::high_confidence_guardduty_risk_is_alerted_with_detectives_result,
        results::a_failed_guardduty_investigation_is_shown_and_releases_its_slot,
        results::a_finding_without_an_iam_principal_has_guarddutys_result,
        two_engines::a_case_waits_for_both_engines_whichever_ends_first,
        two_engines::an_engine_that_never_ends_does_not_affect_the_other,
        two_engines::detective_failing_leaves_guarddutys_result,
        two_engines::guardduty_failing_leaves_detectives_result,
        two_engines::the_second_engine_adds_no_state_transition,
        quota::thirty_concurrent_cases_get_ten_slots,
        quota::the_last_slots_of_a_day_are_for_critical_findings,
        quota::the_total_quota_is_a_hundred_investigations,
        quota::slots_of_deleted_investigations_are_free,
        quota::manually_requested_investigations_count,
        shared_finding::an_attack_sequence_is_investigated_once_for_all_its_cases,
        refused::detectives_result_is_kept_if_guardduty_cannot_investigate,
        refused::detectives_result_is_kept_if_a_guardduty_call_is_rejected,
        refused::a_finding_of_a_region_without_investigations_takes_no_slot,
        policy::only_findings_of_the_policy_are_investigated,
        policy::a_finding_that_joins_later_is_investigated,
        interrupted::a_lost_response_is_retried_with_the_same_token,
        interrupted::a_response_that_never_arrives_keeps_the_slot,
        interrupted::a_function_killed_during_the_request_requests_one_investigation_in_one_slot,
        texts::a_summary_that_is_not_json_is_shown_as_text,
        texts::a_hostile_summary_is_harmless_in_every_channel_and_marked,
        // Last: they check what all the other tests left.
        prompts::no_prompt_contains_text_of_a_finding,
        logs::no_log_contains_text_of_guardduty,
    ]
}
