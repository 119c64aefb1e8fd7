//! What keeps the behavior graph, with the real function binaries: the graph stack beside the case stack, whose topic it
//! publishes to; by itself; and the stack in a member account.
//!
//! All share the one graph of the account, so the tests run one after the other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod apart;
mod by_hand;
mod membership;
mod organization;
mod rights;
mod stage;
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
        ("GraphDocument", stage::DOCUMENT),
        ("ManagementRoleArn", &role),
        ("ManagementRoleExternalId", stage::EXTERNAL_ID),
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
        triggers::the_schedule_brings_the_graph_to_what_the_document_says,
        triggers::its_rules_take_changes_of_the_document_and_of_the_organization_and_nothing_else,
        triggers::what_got_worse_is_told_everywhere_once,
        triggers::a_wrong_document_is_told_with_its_path_and_nothing_is_changed,
        by_hand::make_graph_plan_changes_nothing_and_make_graph_apply_does,
        by_hand::make_redrive_takes_the_graph_stacks_letters_too,
        by_hand::two_runs_at_once_and_one_that_is_killed_come_to_the_same,
        by_hand::the_graph_is_deleted_only_with_its_arn,
        organization::the_organization_gets_its_administrator_and_its_accounts_become_members,
        apart::what_was_told_before_the_split_is_not_told_again,
        apart::the_stack_works_without_another_and_is_removed_by_itself,
        membership::an_invitation_is_accepted_by_the_schedule_and_left_on_request,
        rights::keep_graph_may_do_its_work_and_no_more,
    ]
}
