//! The whole stack, with the real function binaries, on the local cloud.
//!
//! Tests share the cloud, each with principals of its own, and run side by side; the few that change something for all have
//! it to themselves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod alerting;
mod archiving;
mod channels;
mod coverage;
mod detective_faults;
mod distrust;
mod evasion;
mod inputs;
mod insiders;
mod intake;
mod interrupted;
mod logs;
mod operation;
mod permissions;
mod principals;
mod publishing;
mod recovery;
mod redrive;
mod regions;
mod second_look;

#[path = "../common/connections.rs"]
mod connections;
#[path = "../common/runner.rs"]
mod runner;
#[path = "../common/scene.rs"]
mod scene;
#[path = "../common/secrets.rs"]
mod secrets;

use runner::{Test, tests};

/// They mostly wait, so more run side by side than there are cores.
const SIDE_BY_SIDE: usize = 8;

fn main() {
    let excluded = [("ExcludeFindingTypes", principals::EXCLUDED_TYPE)];
    let stacks = runner::Stacks { case: &excluded, ..runner::Stacks::default() };
    runner::run(tests(), SIDE_BY_SIDE, runner::WAIT_SCALE, stacks);
}

fn tests() -> Vec<Test> {
    tests![
        alerting::high_risk_is_alerted_once_with_everything_in_it,
        alerting::a_quiet_case_is_closed_with_its_record_and_nobody_is_woken,
        alerting::a_failed_investigation_is_told,
        alerting::an_investigation_that_never_ends_is_told_at_the_deadline,
        alerting::a_finding_without_an_iam_principal_is_alerted_without_an_investigation,
        alerting::a_recent_investigation_is_reused,
        alerting::activity_after_the_investigation_is_investigated_again,
        alerting::activity_that_no_investigation_can_see_is_told,
        archiving::a_quiet_investigation_is_archived_and_taken_out_again_for_an_alert alone,
        coverage::a_quiet_result_of_a_disabled_member_is_told,
        coverage::what_a_disabled_member_sent_before_still_counts_and_the_alert_says_so,
        coverage::a_principal_whose_account_is_no_member_is_told,
        coverage::an_enabled_member_stays_quiet,
        evasion::a_task_that_was_given_another_role_leads_to_that_role,
        evasion::names_like_those_of_samples_change_nothing,
        evasion::a_role_created_again_under_its_name_clears_nobody,
        evasion::a_name_that_nobody_looked_up_clears_nobody,
        evasion::a_name_in_a_kubernetes_certificate_clears_nobody,
        evasion::an_idle_role_does_not_clear_the_instance_that_has_it,
        evasion::a_pods_idle_role_does_not_clear_the_pod,
        evasion::api_calls_of_a_confirmed_role_close_quietly,
        coverage::a_look_up_that_is_denied_is_no_quiet_end alone,
        coverage::few_indicators_of_a_disabled_member_are_no_quiet_end,
        regions::a_finding_of_another_region_is_investigated_in_its_graph,
        regions::a_case_of_two_regions_is_investigated_in_both_before_it_ends_quietly,
        regions::a_finding_of_a_region_outside_the_parameter_is_told,
        channels::chat_receives_a_thread_with_next_steps,
        channels::slack_pagerduty_and_the_webhook_are_told_once,
        channels::a_channel_that_fails_is_tried_again_and_holds_back_no_other,
        channels::eventbridge_is_told_of_the_alert_and_of_the_end,
        channels::report_results_and_findings_are_in_the_bucket,
        channels::a_quiet_case_has_a_report_and_an_event_and_wakes_nobody,
        channels::an_account_goes_by_its_name,
        channels::what_could_not_be_worked_is_relayed_too,
        detective_faults::throttling_five_times_in_a_row_is_waited_out,
        detective_faults::server_errors_are_waited_out,
        detective_faults::lost_answers_start_no_second_investigation,
        detective_faults::denied_access_is_told_and_the_execution_fails,
        detective_faults::indicators_that_cannot_be_read_are_told,
        detective_faults::a_principal_unknown_to_the_graph_is_told,
        detective_faults::a_region_without_a_graph_is_told alone,
        detective_faults::a_principal_that_detective_refuses_is_told,
        detective_faults::errors_after_a_freeze_are_waited_out,
        distrust::forged_messages_are_dead_lettered_and_the_real_ones_are_relayed alone,
        distrust::a_finding_with_impossible_numbers_is_worked_and_hides_no_later_state,
        distrust::each_state_of_a_finding_remains_in_the_bucket,
        intake::the_same_event_twice_is_one_case_and_one_alert,
        intake::a_repeat_is_suppressed_and_a_higher_band_is_alerted_again,
        intake::fifty_findings_about_one_principal_are_one_investigation_and_one_alert,
        intake::what_is_no_finding_is_dead_lettered_with_its_cause_and_disturbs_nothing,
        intake::a_finding_of_240_kilobytes_goes_through,
        intake::a_finding_in_the_apis_spelling_goes_through,
        intake::a_finding_after_a_dead_execution_starts_another,
        inputs::a_bad_message_among_ten_is_dead_lettered_and_the_nine_are_worked,
        inputs::a_bad_message_through_eventbridge_is_dead_lettered_and_the_others_are_worked,
        inputs::of_a_name_that_comes_twice_the_last_counts,
        inputs::a_finding_of_a_mebibyte_goes_through,
        inputs::characters_that_sqs_refuses_do_not_come_in,
        inputs::what_no_queue_holds_does_no_harm_to_the_function,
        publishing::sns_failing_once_means_one_alert_in_the_end,
        publishing::a_function_killed_before_publishing_loses_no_alert,
        publishing::a_function_killed_after_publishing_repeats_the_same_revision,
        publishing::a_finding_that_joins_while_the_alert_goes_out_is_told_in_the_next_revision,
        publishing::an_alert_that_cannot_be_sent_ends_in_a_last_resort,
        recovery::a_case_that_was_told_but_not_closed_is_only_closed,
        recovery::an_alert_that_may_not_have_arrived_is_repeated_under_its_revision,
        recovery::an_alert_that_no_longer_stands_is_taken_back_everywhere,
        recovery::a_case_whose_execution_failed_is_taken_up_again_by_itself,
        recovery::a_sealed_case_takes_no_more_findings_and_ends,
        interrupted::the_next_execution_is_started_although_the_function_dies_before_it alone,
        interrupted::a_newer_state_that_meets_a_quiet_end_is_looked_at alone,
        second_look::a_quiet_case_is_investigated_twice_before_it_is_closed alone,
        second_look::what_the_second_look_finds_or_what_joins_before_it_is_alerted alone,
        redrive::a_finding_that_could_not_be_worked_is_alerted_once_after_a_redrive alone,
        redrive::a_message_that_kills_the_function_is_tried_five_times alone,
        redrive::what_is_no_finding_comes_back_once_with_its_cause alone,
        redrive::the_tool_says_what_is_in_its_way,
        redrive::the_tool_says_what_is_wrong_with_how_it_is_called,
        redrive::make_redrive_takes_the_relays_letters_too,
        redrive::the_alarm_goes_off_on_the_first_dead_letter,
        principals::a_role_under_a_path_is_investigated_by_its_true_arn,
        principals::a_user_under_a_path_is_investigated_by_its_true_arn,
        principals::an_instance_profile_leads_to_a_role_of_another_name,
        principals::a_task_definition_leads_to_its_task_role,
        principals::a_service_account_leads_to_its_role,
        principals::the_stacks_own_account_needs_no_role,
        principals::a_principal_that_cannot_be_looked_up_is_asked_about_by_the_best_arn_known,
        principals::an_account_that_lets_nobody_in_is_told,
        principals::a_throttled_look_up_holds_a_case_back_for_half_a_minute,
        principals::an_attack_sequence_is_a_case_for_each_principal,
        principals::what_is_left_alone_is_counted_and_opens_no_case,
        insiders::an_insider_forges_no_finding_and_no_alert,
        insiders::an_operator_sends_by_hand_and_moves_dead_letters,
        permissions::open_case_may_do_its_work_and_no_more,
        permissions::start_investigation_may_do_its_work_and_no_more,
        permissions::check_investigation_may_do_its_work_and_no_more,
        permissions::assess_case_may_do_its_work_and_no_more,
        permissions::send_alert_may_do_its_work_and_no_more,
        permissions::relay_alert_may_do_its_work_and_no_more,
        operation::what_sam_built_passes_the_check_before_a_deployment,
        operation::the_rule_takes_what_it_should_and_nothing_else,
        operation::no_text_of_a_finding_is_in_any_log,
        operation::a_wrong_parameter_is_refused_by_name,
        logs::whatever_is_forbidden_is_found_in_a_line,
        // Last: it reads what the functions have logged in all the others.
        logs::nothing_secret_and_no_finding_is_in_any_log alone,
    ]
}
