//! The functions that manage the behavior graph, with the real binaries: the graph stack next to a case stack, whose topic it publishes
//! to; the graph stack alone; and the stack in a member account.
//!
//! All tests share the account's graph, so they run one after the other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod make_targets;
mod membership;
mod organization;
mod permissions;
mod separate_stack;
mod setup;
mod triggers;

#[path = "../common/connections.rs"]
mod connections;
#[path = "../common/runner.rs"]
mod runner;
#[allow(dead_code, reason = "end_to_end uses all of it")]
#[path = "../common/scene.rs"]
mod scene;

use runner::{Test, tests};

fn main() {
    let all = tests().into_iter().map(|(name, _, test)| (name, true, test));
    let role = format!("arn:aws:iam::{}:role/gumshoe-management", local_cloud::STACK_ACCOUNT);
    let parameters = [
        ("KeepGraph", "destroy"),
        ("GraphDocument", setup::DOCUMENT),
        ("ManagementRoleArn", &role),
        ("ManagementRoleExternalId", setup::EXTERNAL_ID),
    ];
    runner::run(
        all.collect(),
        1,
        runner::WAIT_SCALE,
        runner::Stacks { graph: &parameters, ..runner::Stacks::default() },
    );
}

fn tests() -> Vec<Test> {
    tests![
        triggers::the_schedule_makes_the_graph_match_the_document,
        triggers::the_rules_match_only_changes_of_the_document_and_of_the_organization,
        triggers::new_issues_are_notified_once_in_all_channels,
        triggers::an_invalid_document_is_reported_with_the_path_and_changes_nothing,
        make_targets::make_graph_plan_changes_nothing_and_make_graph_apply_does,
        make_targets::make_redrive_moves_the_graph_stacks_dead_letters_too,
        make_targets::concurrent_and_killed_runs_have_the_same_result,
        make_targets::the_graph_is_deleted_only_with_its_arn,
        organization::the_organization_gets_its_administrator_and_its_accounts_become_members,
        separate_stack::issues_notified_before_the_split_are_not_notified_again,
        separate_stack::the_graph_stack_works_and_is_removed_independently,
        membership::an_invitation_is_accepted_by_the_schedule_and_left_on_request,
        permissions::keep_graph_has_only_the_required_permissions,
    ]
}
