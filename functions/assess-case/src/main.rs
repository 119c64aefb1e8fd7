//! assess-case: weighs a case's findings and its investigation's indicators, keeps them with a report, and closes the case
//! quietly where nobody needs to hear of it.

mod answers;
mod app;
mod archive;
mod coverage;
mod error;
mod gather;
mod handler;
mod input;
mod record;
mod related;

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::clients;
use gumshoe_aws::detective::Detective;
use gumshoe_aws::events::Events;
use gumshoe_aws::evidence::Evidence;
use gumshoe_aws::guardduty::GuardDuty;
use gumshoe_aws::organization::Accounts;
use gumshoe_runtime::aws::{Aws, Retries};
use gumshoe_runtime::{Environment, Metrics, failure, now, refuse_to_start, settings};
use lambda_runtime::{LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gumshoe_runtime::tracing();
    let settings = settings::AssessCase::read(&Environment::of_process()).map_err(refuse_to_start)?;
    let shared = Aws::of_process();
    let aws = shared.configuration(Retries::InTheSdk);
    let unretried = shared.configuration(Retries::InTheStateMachine);
    let app = app::App {
        table: CaseTable::new(clients::DynamoDb::new(&aws), settings.table_name.clone()),
        detective: Detective::in_regions(&unretried, &settings.investigation_regions),
        guardduty: GuardDuty::in_regions(&aws, &settings.investigation_regions),
        accounts: Accounts::new(clients::Organizations::new(&aws)),
        evidence: Evidence::new(clients::S3::new(&aws), settings.evidence_bucket.clone(), settings.region.clone()),
        events: Events::new(clients::EventBridge::new(&aws)),
        metrics: Metrics::of_stack(settings.stack_name.clone()),
        settings,
    };
    let app = &app;
    run(service_fn(move |event: LambdaEvent<serde_json::Value>| async move {
        let input = input::Input::read(event.payload).map_err(failure)?;
        handler::handle(app, input, now()).await.map_err(failure)
    }))
    .await
}
