//! check-investigation: looks once whether a case's investigations have ended.

mod app;
mod error;
mod handler;

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::clients;
use gumshoe_aws::detective::Detective;
use gumshoe_aws::guardduty::GuardDuty;
use gumshoe_runtime::aws::{Aws, Retries};
use gumshoe_runtime::{Environment, failure, refuse_to_start, settings};
use lambda_runtime::{LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gumshoe_runtime::tracing();
    let settings = settings::CheckInvestigation::read(&Environment::of_process()).map_err(refuse_to_start)?;
    let shared = Aws::of_process();
    let aws = shared.configuration(Retries::InTheSdk);
    let unretried = shared.configuration(Retries::InTheStateMachine);
    let app = app::App {
        table: CaseTable::new(clients::DynamoDb::new(&aws), settings.table_name.clone()),
        detective: Detective::in_regions(&unretried, &settings.investigation_regions),
        guardduty: GuardDuty::in_regions(&aws, &settings.investigation_regions),
        settings,
    };
    let app = &app;
    run(service_fn(move |event: LambdaEvent<handler::Input>| async move {
        handler::handle(app, event.payload).await.map_err(failure)
    }))
    .await
}
