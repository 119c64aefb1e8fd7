//! keep-membership: in a member account, answers invitations to behavior graphs, leaves a graph on request, and tells what
//! the account sends.

mod app;
mod handler;
mod report;
mod request;

use gumshoe_aws::clients;
use gumshoe_graph::aws::memberships::Memberships;
use gumshoe_graph::settings;
use gumshoe_runtime::aws::{Aws, Retries};
use gumshoe_runtime::{Environment, failure, refuse_to_start};
use lambda_runtime::{LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gumshoe_runtime::tracing();
    let settings = settings::KeepMembership::read(&Environment::of_process()).map_err(refuse_to_start)?;
    let aws = Aws::of_process().configuration(Retries::InTheSdkPatiently);
    let app = app::App { memberships: Memberships::new(clients::Detective::new(&aws)), settings };
    let app = &app;
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        handler::handle(app, event.payload).await.map_err(failure)
    }))
    .await
}
