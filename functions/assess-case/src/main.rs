//! assess-case: weighs a case's findings and its investigation's indicators, keeps them with a report, and closes the case
//! quietly where nobody needs to hear of it.

mod answers;
mod app;
mod archive;
mod config;
mod coverage;
mod error;
mod handler;
mod input;
mod record;
mod related;
mod weighing;

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::clients;
use gumshoe_aws::detective::Detective;
use gumshoe_aws::events::Events;
use gumshoe_aws::evidence::Evidence;
use gumshoe_aws::guardduty::GuardDuty;
use gumshoe_aws::organization::Accounts;
use gumshoe_bootstrap::aws::{Aws, Retries};
use gumshoe_bootstrap::{Environment, Metrics, failure, now, refuse_to_start};
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
        regions: config.regions,
        when: config.guardduty_when,
        accounts: Accounts::new(clients::Organizations::new(&aws)),
        evidence: Evidence::new(clients::S3::new(&aws), config.evidence_bucket, config.region),
        events: Events::new(clients::EventBridge::new(&aws)),
        metrics: Metrics::of_stack(config.stack_name),
        threshold: config.threshold,
        weights: config.weights,
        archives_quiet: config.archives_quiet,
        second_look: config.second_look,
    };
    let app = &app;
    run(service_fn(move |event: LambdaEvent<input::Input>| async move {
        handler::handle(app, event.payload, now()).await.map_err(failure)
    }))
    .await
}
