//! The whole case stack, with the real function binaries, on the local cloud.
//!
//! Tests share the cloud, each with its own principals, and run concurrently. The few that change the cloud for all tests run alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod alerting;
mod archiving;
mod channels;
mod coverage;
mod deployment;
mod detective_faults;
mod evasion;
mod follow_up;
mod forged_messages;
mod inputs;
mod insider_access;
mod intake;
mod interrupted;
mod logs;
mod permissions;
mod principals;
mod publishing;
mod recovery;
mod redrive;
mod regions;

#[path = "../common/connections.rs"]
mod connections;
#[path = "../common/runner.rs"]
mod runner;
#[path = "../common/scene.rs"]
mod scene;
#[path = "../common/secrets.rs"]
mod secrets;

use runner::{Test, tests};

/// How many tests run at the same time: more than there are cores, because they mostly wait.
const CONCURRENCY: usize = 8;

fn main() {
    let excluded = [("ExcludeFindingTypes", principals::EXCLUDED_TYPE)];
    let stacks = runner::Stacks { case: &excluded, ..runner::Stacks::default() };
    runner::run(tests(), CONCURRENCY, runner::WAIT_SCALE, stacks);
}

fn tests() -> Vec<Test> {
    tests![
        alerting::high_risk_is_alerted_once_with_all_details,
        alerting::a_quiet_case_is_closed_and_recorded_without_an_alert,
        alerting::a_failed_investigation_is_alerted,
        alerting::an_investigation_that_never_ends_is_alerted_at_the_deadline,
        alerting::a_finding_without_an_iam_principal_is_alerted_without_an_investigation,
        alerting::a_recent_investigation_is_reused,
        alerting::activity_after_the_investigation_is_investigated_again,
        alerting::activity_outside_every_scope_is_alerted,
        archiving::a_quiet_investigation_is_archived_and_restored_for_an_alert alone,
        coverage::a_quiet_result_of_a_disabled_member_is_alerted,
        coverage::earlier_data_of_a_disabled_member_counts_and_the_alert_names_the_gap,
        coverage::a_principal_whose_account_is_not_a_member_is_alerted,
        coverage::a_quiet_result_of_an_enabled_member_closes_quietly,
        evasion::a_task_with_an_overridden_role_resolves_to_that_role,
        evasion::names_like_those_of_samples_have_no_effect,
        evasion::a_recreated_role_does_not_close_a_case_quietly,
        evasion::an_unconfirmed_name_does_not_close_a_case_quietly,
        evasion::a_name_in_a_kubernetes_certificate_does_not_close_a_case_quietly,
        evasion::an_idle_role_does_not_close_a_case_of_its_instance_quietly,
        evasion::an_idle_role_does_not_close_a_case_of_its_pod_quietly,
        evasion::api_calls_of_a_confirmed_role_close_quietly,
        coverage::a_denied_lookup_prevents_a_quiet_close alone,
        coverage::few_indicators_of_a_disabled_member_prevent_a_quiet_close,
        regions::a_finding_of_another_region_is_investigated_in_its_graph,
        regions::a_case_of_two_regions_is_investigated_in_both_before_a_quiet_close,
        regions::a_finding_of_a_region_outside_the_parameter_is_alerted,
        channels::chat_receives_a_thread_with_next_steps,
        channels::slack_pagerduty_and_the_webhook_are_notified_once,
        channels::a_failing_channel_is_retried_and_does_not_delay_the_others,
        channels::eventbridge_receives_the_alert_and_the_close,
        channels::report_results_and_findings_are_in_the_bucket,
        channels::a_quiet_case_has_a_report_and_an_event_and_no_alert,
        channels::an_alert_has_the_name_of_the_account,
        channels::fallback_alerts_are_relayed_too,
        detective_faults::five_throttled_calls_in_a_row_are_retried,
        detective_faults::server_errors_are_retried,
        detective_faults::lost_responses_start_no_second_investigation,
        detective_faults::denied_access_is_alerted_and_the_execution_fails,
        detective_faults::unreadable_indicators_are_alerted,
        detective_faults::a_principal_unknown_to_the_graph_is_alerted,
        detective_faults::a_region_without_a_graph_is_alerted alone,
        detective_faults::a_principal_that_detective_rejects_is_alerted,
        detective_faults::errors_after_a_freeze_are_retried,
        forged_messages::forged_messages_are_dead_lettered_and_the_real_ones_are_relayed alone,
        forged_messages::a_finding_with_impossible_numbers_is_processed_and_hides_no_later_update,
        forged_messages::each_version_of_a_finding_is_stored_in_the_bucket,
        intake::the_same_event_twice_is_one_case_and_one_alert,
        intake::a_repeat_is_suppressed_and_a_higher_band_is_alerted_again,
        intake::fifty_findings_about_one_principal_are_one_investigation_and_one_alert,
        intake::an_invalid_message_is_dead_lettered_with_its_cause,
        intake::a_finding_of_240_kilobytes_is_processed,
        intake::a_finding_in_pascal_case_is_processed,
        intake::a_finding_after_a_failed_execution_starts_another,
        inputs::an_invalid_message_in_a_batch_is_dead_lettered_and_the_others_are_processed,
        inputs::an_invalid_message_through_eventbridge_is_dead_lettered_and_the_others_are_processed,
        inputs::the_last_of_duplicate_json_members_counts,
        inputs::a_finding_of_a_mebibyte_is_processed,
        inputs::characters_that_sqs_rejects_are_not_accepted,
        inputs::inputs_larger_than_a_message_do_not_harm_the_function,
        publishing::a_failed_publish_is_retried_and_alerts_once,
        publishing::a_function_killed_before_publishing_loses_no_alert,
        publishing::a_function_killed_after_publishing_repeats_the_same_revision,
        publishing::a_finding_that_joins_during_the_publish_is_in_the_next_revision,
        publishing::an_alert_that_cannot_be_sent_ends_in_a_fallback_notification,
        recovery::an_alerted_case_that_is_still_open_is_only_closed,
        recovery::an_unacknowledged_alert_is_repeated_under_its_revision,
        recovery::an_outdated_alert_is_resolved_in_all_channels,
        recovery::a_failed_execution_is_restarted_automatically,
        recovery::a_sealed_case_takes_no_more_findings_and_ends,
        interrupted::the_next_execution_is_started_after_the_function_is_killed alone,
        interrupted::an_update_during_a_quiet_close_is_assessed alone,
        follow_up::a_quiet_case_is_investigated_twice_before_it_is_closed alone,
        follow_up::results_of_the_follow_up_and_findings_before_it_are_alerted alone,
        redrive::a_dead_lettered_finding_is_alerted_once_after_a_redrive alone,
        redrive::a_message_that_kills_the_function_is_delivered_five_times alone,
        redrive::an_invalid_message_is_dead_lettered_again_once_with_its_cause alone,
        redrive::the_redrive_tool_reports_blocking_conditions,
        redrive::the_redrive_tool_reports_invalid_arguments,
        redrive::make_redrive_moves_the_relays_dead_letters_too,
        redrive::the_alarm_triggers_on_the_first_dead_letter,
        principals::a_role_under_a_path_is_investigated_by_its_true_arn,
        principals::a_user_under_a_path_is_investigated_by_its_true_arn,
        principals::an_instance_profile_resolves_to_a_role_of_another_name,
        principals::a_task_definition_resolves_to_its_task_role,
        principals::a_service_account_resolves_to_its_role,
        principals::the_stacks_own_account_needs_no_role,
        principals::a_principal_without_lookup_is_investigated_by_the_best_known_arn,
        principals::an_account_that_denies_the_lookup_is_named_in_the_alert,
        principals::a_throttled_lookup_delays_a_case_by_half_a_minute,
        principals::an_attack_sequence_opens_a_case_for_each_principal,
        principals::ignored_findings_are_counted_and_open_no_case,
        insider_access::an_insider_forges_no_finding_and_no_alert,
        insider_access::an_operator_can_send_manually_and_move_dead_letters,
        permissions::open_case_has_only_the_required_permissions,
        permissions::start_investigation_has_only_the_required_permissions,
        permissions::check_investigation_has_only_the_required_permissions,
        permissions::assess_case_has_only_the_required_permissions,
        permissions::send_alert_has_only_the_required_permissions,
        permissions::relay_alert_has_only_the_required_permissions,
        deployment::what_sam_built_passes_the_check_before_a_deployment,
        deployment::the_rule_matches_only_the_intended_events,
        deployment::no_text_of_a_finding_is_in_any_log,
        deployment::an_invalid_parameter_is_rejected_by_name,
        logs::each_forbidden_text_is_detected_in_a_log_line,
        // Last: it reads what the functions have logged in all the others.
        logs::no_log_contains_secrets_or_findings alone,
    ]
}
