//! start-investigation: starts a Detective investigation of a case's principal, or reuses a recent one that is suitable, and requests a
//! GuardDuty investigation of one of the case's findings if the configuration asks for it.

mod app;
mod error;
mod guardduty_request;
mod handler;

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::clients;
use gumshoe_aws::detective::Detective;
use gumshoe_aws::guardduty::GuardDuty;
use gumshoe_runtime::aws::{AwsConfig, RetryMode};
use gumshoe_runtime::{Environment, log_failure, log_startup_error, now, settings};
use lambda_runtime::{LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gumshoe_runtime::init_logging();
    let settings = settings::StartInvestigation::read(&Environment::from_process()).map_err(log_startup_error)?;
    let shared = AwsConfig::from_process();
    let aws = shared.sdk_config(RetryMode::Sdk);
    let unretried = shared.sdk_config(RetryMode::StateMachine);
    let app = app::App {
        table: CaseTable::new(clients::DynamoDb::new(&aws), settings.table_name.clone()),
        detective: Detective::for_regions(&unretried, &settings.investigation_regions),
        guardduty: GuardDuty::for_regions(&aws, &settings.investigation_regions),
        settings,
    };
    let app = &app;
    run(service_fn(move |event: LambdaEvent<handler::Input>| async move {
        handler::handle(app, event.payload, now).await.map_err(log_failure)
    }))
    .await
}
