//! keep-membership: in a member account, accepts or rejects invitations to behavior graphs, leaves a graph on request, and reports
//! the data sources that the account sends.

mod app;
mod handler;
mod report;
mod request;

use gumshoe_aws::clients;
use gumshoe_graph::aws::memberships::Memberships;
use gumshoe_graph::settings;
use gumshoe_runtime::aws::{AwsConfig, RetryMode};
use gumshoe_runtime::{Environment, log_failure, log_startup_error};
use lambda_runtime::{LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gumshoe_runtime::init_logging();
    let settings = settings::KeepMembership::read(&Environment::from_process()).map_err(log_startup_error)?;
    let aws = AwsConfig::from_process().sdk_config(RetryMode::SdkLongTimeouts);
    let app = app::App { memberships: Memberships::new(clients::Detective::new(&aws)), settings };
    let app = &app;
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        handler::handle(app, event.payload).await.map_err(log_failure)
    }))
    .await
}
