//! check-investigation: looks once whether a case's investigations have ended.

mod app;
mod config;
mod error;
mod handler;

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::clients;
use gumshoe_aws::detective::Detective;
use gumshoe_aws::guardduty::GuardDuty;
use gumshoe_bootstrap::aws::{Aws, Retries};
use gumshoe_bootstrap::{Environment, failure, refuse_to_start};
use lambda_runtime::{LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gumshoe_bootstrap::tracing();
    let config = config::Config::from(&Environment::of_process()).map_err(refuse_to_start)?;
    let shared = Aws::of_process();
    let aws = shared.configuration(Retries::InTheSdk);
    let unretried = shared.configuration(Retries::InTheStateMachine);
    let app = app::App {
        table: CaseTable::new(clients::DynamoDb::new(&aws), config.table_name),
        detective: Detective::in_regions(&unretried, &config.regions),
        guardduty: GuardDuty::in_regions(&aws, &config.regions),
        schedule: config.schedule,
    };
    let app = &app;
    run(service_fn(move |event: LambdaEvent<handler::Input>| async move {
        handler::handle(app, event.payload).await.map_err(failure)
    }))
    .await
}
