//! relay-alert: relays notifications from the topic to Slack, PagerDuty and a webhook, each revision once.

mod app;
mod channel_config;
mod channels;
mod egress;
mod handler;
mod post;
mod relay;
mod secret;
mod signature;

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::clients;
use gumshoe_aws::dead_letters::DeadLetters;
use gumshoe_aws::secret::Secret;
use gumshoe_runtime::aws::{AwsConfig, RetryMode};
use gumshoe_runtime::batch::SqsEvent;
use gumshoe_runtime::{Environment, log_startup_error, now, settings};
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, run, service_fn};
use std::convert::Infallible;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gumshoe_runtime::init_logging();
    let settings = settings::RelayAlert::read(&Environment::from_process()).map_err(log_startup_error)?;
    let aws = AwsConfig::from_process().sdk_config(RetryMode::Sdk);
    let egress = egress::EgressPolicy::new(settings.local_cloud);
    let app = app::App {
        table: CaseTable::new(clients::DynamoDb::new(&aws), settings.table_name),
        dead_letters: DeadLetters::new(
            clients::Sqs::new(&aws),
            settings.dead_letter_queue_url,
            settings.max_receive_count,
        ),
        channel_config: channel_config::ChannelConfigCache::new(
            Secret::new(clients::SecretsManager::new(&aws), settings.relay_secret_arn),
            egress.clone(),
        ),
        poster: post::Poster::new(egress, post::RetryTiming::default(), now),
    };
    let app = &app;
    run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
        let deadline = Timestamp::try_from(event.context.deadline()).unwrap_or(Timestamp::MAX);
        Ok::<_, Infallible>(handler::handle(app, event.payload, deadline, now).await)
    }))
    .await
}
