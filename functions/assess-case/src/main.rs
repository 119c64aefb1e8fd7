//! assess-case: scores a case's findings and the indicators of its investigations, stores the evidence and a report, and closes the case
//! without an alert if the verdict is below the threshold.

mod app;
mod coverage;
mod error;
mod evidence;
mod gather;
mod handler;
mod input;
mod investigation_results;
mod investigation_state;
mod related_findings;

use gumshoe_aws::account_names::AccountNames;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::clients;
use gumshoe_aws::detective::Detective;
use gumshoe_aws::events::Events;
use gumshoe_aws::evidence::EvidenceBucket;
use gumshoe_aws::guardduty::GuardDuty;
use gumshoe_runtime::aws::{AwsConfig, RetryMode};
use gumshoe_runtime::{Environment, Metrics, log_failure, log_startup_error, now, settings};
use lambda_runtime::{LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gumshoe_runtime::init_logging();
    let settings = settings::AssessCase::read(&Environment::from_process()).map_err(log_startup_error)?;
    let shared = AwsConfig::from_process();
    let aws = shared.sdk_config(RetryMode::Sdk);
    let unretried = shared.sdk_config(RetryMode::StateMachine);
    let app = app::App {
        table: CaseTable::new(clients::DynamoDb::new(&aws), settings.table_name.clone()),
        detective: Detective::for_regions(&unretried, &settings.investigation_regions),
        guardduty: GuardDuty::for_regions(&aws, &settings.investigation_regions),
        account_names: AccountNames::new(clients::Organizations::new(&aws)),
        evidence: EvidenceBucket::new(
            clients::S3::new(&aws),
            settings.evidence_bucket.clone(),
            settings.region.clone(),
        ),
        events: Events::new(clients::EventBridge::new(&aws)),
        metrics: Metrics::for_stack(settings.stack_name.clone()),
        settings,
    };
    let app = &app;
    run(service_fn(move |event: LambdaEvent<serde_json::Value>| async move {
        let input = input::Input::read(event.payload).map_err(log_failure)?;
        handler::handle(app, input, now()).await.map_err(log_failure)
    }))
    .await
}
