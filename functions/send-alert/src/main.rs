//! send-alert: claims a case's next revision, publishes it, records that it did, closes the case, and tells EventBridge.

mod app;
mod error;
mod handler;

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::clients;
use gumshoe_aws::events::Events;
use gumshoe_aws::topic::Topic;
use gumshoe_runtime::aws::{Aws, Retries};
use gumshoe_runtime::{Environment, failure, now, refuse_to_start, settings};
use lambda_runtime::{LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gumshoe_runtime::tracing();
    let settings = settings::SendAlert::read(&Environment::of_process()).map_err(refuse_to_start)?;
    let shared = Aws::of_process();
    let aws = shared.configuration(Retries::InTheSdk);
    // A publish that the SDK repeats by itself could not be marked as a repeat.
    let unretried = shared.configuration(Retries::InTheStateMachine);
    let app = app::App {
        table: CaseTable::new(clients::DynamoDb::new(&aws), settings.table_name),
        topic: Topic::new(clients::Sns::new(&unretried), settings.topic_arn),
        events: Events::new(clients::EventBridge::new(&aws)),
    };
    let app = &app;
    run(service_fn(move |event: LambdaEvent<handler::Input>| async move {
        handler::handle(app, event.payload, now).await.map_err(failure)
    }))
    .await
}
