//! relay-alert: takes what the topic publishes to Slack, PagerDuty and a webhook, each revision once.

mod address;
mod addresses;
mod app;
mod channels;
mod handler;
mod post;
mod relay;
mod secret;
mod signature;

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::clients;
use gumshoe_aws::dead_letters::DeadLetters;
use gumshoe_aws::secret::Secret;
use gumshoe_runtime::aws::{Aws, Retries};
use gumshoe_runtime::batch::SqsEvent;
use gumshoe_runtime::{Environment, now, refuse_to_start, settings};
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, run, service_fn};
use std::convert::Infallible;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gumshoe_runtime::tracing();
    let settings = settings::RelayAlert::read(&Environment::of_process()).map_err(refuse_to_start)?;
    let aws = Aws::of_process().configuration(Retries::InTheSdk);
    let allowed = address::Allowed::new(settings.local_cloud);
    let app = app::App {
        table: CaseTable::new(clients::DynamoDb::new(&aws), settings.table_name),
        dead_letters: DeadLetters::new(clients::Sqs::new(&aws), settings.dead_letter_queue_url, settings.tries),
        addresses: addresses::Addresses::new(
            Secret::new(clients::SecretsManager::new(&aws), settings.relay_secret_arn),
            allowed.clone(),
        ),
        poster: post::Poster::new(allowed, post::Timing::default(), now),
    };
    let app = &app;
    run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
        let deadline = Timestamp::try_from(event.context.deadline()).unwrap_or(Timestamp::MAX);
        Ok::<_, Infallible>(handler::handle(app, event.payload, deadline, now).await)
    }))
    .await
}
