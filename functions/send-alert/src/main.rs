//! send-alert: claims the next revision of a case's alert, publishes it, records that, closes the case, and publishes its events.

mod app;
mod error;
mod handler;

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::clients;
use gumshoe_aws::events::Events;
use gumshoe_aws::topic::Topic;
use gumshoe_runtime::aws::{AwsConfig, RetryMode};
use gumshoe_runtime::{Environment, log_failure, log_startup_error, now, settings};
use lambda_runtime::{LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gumshoe_runtime::init_logging();
    let settings = settings::SendAlert::read(&Environment::from_process()).map_err(log_startup_error)?;
    let shared = AwsConfig::from_process();
    let aws = shared.sdk_config(RetryMode::Sdk);
    // The SDK must not retry a publish: the second message would not be marked as repeated.
    let unretried = shared.sdk_config(RetryMode::StateMachine);
    let app = app::App {
        table: CaseTable::new(clients::DynamoDb::new(&aws), settings.table_name),
        topic: Topic::new(clients::Sns::new(&unretried), settings.topic_arn),
        events: Events::new(clients::EventBridge::new(&aws)),
    };
    let app = &app;
    run(service_fn(move |event: LambdaEvent<handler::Input>| async move {
        handler::handle(app, event.payload, now).await.map_err(log_failure)
    }))
    .await
}
