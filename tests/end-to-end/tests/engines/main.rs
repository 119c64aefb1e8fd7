//! GuardDuty's own investigations beside Detective's, with the real function binaries, on a local cloud that asks for them.
//!
//! All share the one quota of the account, so the tests run one after the other, and each sets its stage anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod both;
mod chosen;
mod interrupted;
mod logs;
mod prompts;
mod quota;
mod refused;
mod results;
mod shared;
mod stage;
mod texts;

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

/// How long a second of the state machine is, in seconds: shorter than elsewhere, as the tests run one after the other and
/// many of them wait for the deadline, or for all repeats of a call.
const WAIT_SCALE: f64 = runner::WAIT_SCALE / 5.0;

fn main() {
    let all = tests().into_iter().map(|(name, _, test)| (name, true, test));
    let parameters = [("GuardDutyInvestigations", "all"), ("GuardDutySlotsForCritical", "3")];
    runner::run(all.collect(), 1, WAIT_SCALE, runner::Stacks { case: &parameters, ..runner::Stacks::default() });
}

fn tests() -> Vec<Test> {
    tests![
        results::every_risk_level_and_confidence_stands_beside_the_verdict_and_changes_nothing_in_it,
        results::a_sure_high_risk_beside_what_detective_found_is_told,
        results::a_failed_investigation_is_told_and_gives_its_slot_back,
        results::a_finding_without_an_iam_principal_has_guarddutys_result,
        both::a_case_waits_for_both_engines_whichever_ends_first,
        both::an_engine_that_never_ends_takes_nothing_from_the_other,
        both::detective_failing_leaves_guarddutys_result,
        both::guardduty_failing_leaves_detectives_result,
        both::the_second_engine_adds_no_state_transition,
        quota::thirty_cases_at_once_get_ten_slots,
        quota::the_last_slots_of_a_day_are_for_critical_findings,
        quota::a_hundred_investigations_are_all_there_are,
        quota::slots_of_investigations_that_are_gone_are_free,
        quota::what_people_asked_by_hand_counts,
        shared::an_attack_sequence_is_investigated_once_for_all_its_cases,
        refused::where_the_account_cannot_investigate_detectives_result_stands,
        refused::where_a_call_is_refused_detectives_result_stands,
        refused::a_finding_of_a_region_without_investigations_takes_no_slot,
        chosen::only_what_was_chosen_is_asked_about,
        chosen::a_finding_that_joins_later_is_asked_about,
        interrupted::a_lost_answer_is_asked_for_under_the_same_token,
        interrupted::an_answer_that_never_comes_keeps_the_slot,
        interrupted::a_function_killed_while_asking_asks_for_one_investigation_in_one_slot,
        texts::a_summary_that_is_not_json_is_shown_as_text,
        texts::a_hostile_summary_is_harmless_in_every_channel_and_marked,
        // Last: they look at what all the others have done.
        prompts::no_prompt_carries_a_text_of_a_finding,
        logs::nothing_of_guarddutys_answers_is_in_any_log,
    ]
}
