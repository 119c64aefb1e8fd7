//! open-case: takes GuardDuty findings from the queue, joins each to its principal's case, and starts the case's
//! execution.

mod app;
mod config;
mod error;
mod handler;
mod intake;
mod second_looks;

use aws_lambda_events::event::sqs::SqsEvent;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::clients;
use gumshoe_aws::dead_letters::DeadLetters;
use gumshoe_aws::evidence::Evidence;
use gumshoe_aws::executions::Executions;
use gumshoe_aws::principals::Principals;
use gumshoe_aws::queue::Queue;
use gumshoe_bootstrap::aws::{Aws, Retries};
use gumshoe_bootstrap::{Environment, Metrics, now, refuse_to_start};
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, run, service_fn};
use std::convert::Infallible;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gumshoe_bootstrap::tracing();
    let config = config::Config::from(&Environment::of_process()).map_err(refuse_to_start)?;
    let aws = Aws::of_process().configuration(Retries::InTheSdk);
    let app = app::App {
        intake: intake::Intake {
            table: CaseTable::new(clients::DynamoDb::new(&aws), config.table_name),
            executions: Executions::new(clients::StepFunctions::new(&aws), config.state_machine_arn),
            rules: config.rules,
        },
        queue: Queue::new(clients::Sqs::new(&aws), config.findings_queue_url),
        dead_letters: DeadLetters::new(clients::Sqs::new(&aws), config.dead_letter_queue_url, config.tries),
        principals: Principals::new(&aws, config.account_id, config.member_role),
        evidence: Evidence::new(clients::S3::new(&aws), config.evidence_bucket, config.evidence_region),
        admission: config.admission,
        metrics: Metrics::of_stack(config.stack_name),
    };
    handler::warn_of_unknown_types(&app.admission, &app.metrics, now());
    let app = &app;
    run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
        let deadline = Timestamp::try_from(event.context.deadline()).unwrap_or(Timestamp::MAX);
        Ok::<_, Infallible>(handler::handle(app, event.payload, deadline, now).await)
    }))
    .await
}
