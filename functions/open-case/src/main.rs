//! open-case: receives GuardDuty findings from the queue, adds each to its principal's case, and starts the case's execution.

mod app;
mod error;
mod follow_up_sweep;
mod handler;
mod intake;

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::clients;
use gumshoe_aws::dead_letters::DeadLetters;
use gumshoe_aws::evidence::EvidenceBucket;
use gumshoe_aws::executions::Executions;
use gumshoe_aws::principals::{MemberRole, Principals};
use gumshoe_aws::queue::FindingsQueue;
use gumshoe_domain::admission::{AdmissionRules, PatternFilter};
use gumshoe_domain::case::IntakeRules;
use gumshoe_runtime::aws::{AwsConfig, RetryMode};
use gumshoe_runtime::batch::SqsEvent;
use gumshoe_runtime::{Environment, Metrics, log_startup_error, now, settings};
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, run, service_fn};
use std::convert::Infallible;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gumshoe_runtime::init_logging();
    let settings = settings::OpenCase::read(&Environment::from_process()).map_err(log_startup_error)?;
    let aws = AwsConfig::from_process().sdk_config(RetryMode::Sdk);
    let member_role = settings.member_role_name.zip(settings.member_role_external_id);
    let member_role = member_role.map(|(name, external_id)| MemberRole { name, external_id });
    let app = app::App {
        intake: intake::Intake {
            table: CaseTable::new(clients::DynamoDb::new(&aws), settings.table_name),
            executions: Executions::new(clients::StepFunctions::new(&aws), settings.state_machine_arn),
            rules: IntakeRules { realert_after: settings.realert_hours, follow_up: settings.follow_up_hours },
        },
        queue: FindingsQueue::new(clients::Sqs::new(&aws), settings.findings_queue_url),
        dead_letters: DeadLetters::new(
            clients::Sqs::new(&aws),
            settings.dead_letter_queue_url,
            settings.max_receive_count,
        ),
        principals: Principals::new(&aws, settings.account_id, member_role),
        evidence: EvidenceBucket::new(clients::S3::new(&aws), settings.evidence_bucket, settings.region),
        admission: AdmissionRules {
            minimum_severity: settings.minimum_severity,
            is_rehearsal: settings.rehearsal,
            finding_types: PatternFilter::new(&settings.include_finding_types, &settings.exclude_finding_types),
            accounts: PatternFilter::new(&settings.include_accounts, &settings.exclude_accounts),
        },
        metrics: Metrics::for_stack(settings.stack_name),
    };
    handler::warn_about_unknown_finding_types(&app.admission, &app.metrics, now());
    let app = &app;
    run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
        let deadline = Timestamp::try_from(event.context.deadline()).unwrap_or(Timestamp::MAX);
        Ok::<_, Infallible>(handler::handle(app, event.payload, deadline, now).await)
    }))
    .await
}
