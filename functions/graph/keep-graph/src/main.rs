//! keep-graph: compares the behavior graph with a document, notifies people of new issues and, if the stack allows it, changes the graph.

mod app;
mod apply;
mod error;
mod handler;
mod notify;
mod observe;
mod request;

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::topic::Topic;
use gumshoe_aws::{assume_role_config, clients};
use gumshoe_graph::aws::behavior_graph::BehaviorGraph;
use gumshoe_graph::aws::clients::Ssm;
use gumshoe_graph::aws::notified_state_table::NotifiedStateTable;
use gumshoe_graph::aws::organization::Organization;
use gumshoe_graph::aws::parameters::DocumentParameter;
use gumshoe_graph::settings;
use gumshoe_runtime::aws::{AwsConfig, RetryMode};
use gumshoe_runtime::{Environment, Metrics, log_failure, log_startup_error, now};
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    gumshoe_runtime::init_logging();
    let settings = settings::KeepGraph::read(&Environment::from_process()).map_err(log_startup_error)?;
    let shared = AwsConfig::from_process();
    let aws = shared.sdk_config(RetryMode::Sdk);
    let aws_without_retries = shared.sdk_config(RetryMode::StateMachine);
    let aws_with_long_timeouts = shared.sdk_config(RetryMode::SdkLongTimeouts);
    let (management_graph, management_organization) =
        match settings.management_role_arn.as_deref().zip(settings.management_role_external_id.as_deref()) {
            Some((arn, external_id)) => {
                let aws = assume_role_config(&aws_with_long_timeouts, arn, external_id);
                let organization = Organization::new(clients::Organizations::new(&aws));
                (Some(BehaviorGraph::new(clients::Detective::new(&aws))), Some(organization))
            }
            None => (None, None),
        };
    let table = |name| NotifiedStateTable::new(CaseTable::new(clients::DynamoDb::new(&aws), name));
    let app = app::App {
        graph: BehaviorGraph::new(clients::Detective::new(&aws_with_long_timeouts)),
        management_graph,
        management_organization,
        organization: Organization::new(clients::Organizations::new(&aws)),
        document: DocumentParameter::new(Ssm::new(&aws), settings.graph_document.clone()),
        notified_table: table(settings.table_name.clone()),
        earlier_table: settings.earlier_table.clone().map(table),
        topic: Topic::new(clients::Sns::new(&aws_without_retries), settings.topic_arn.clone()),
        metrics: Metrics::for_stack(settings.stack_name.clone()),
        settings,
    };
    let app = &app;
    run(service_fn(move |event: LambdaEvent<serde_json::Value>| async move {
        let deadline = Timestamp::try_from(event.context.deadline()).unwrap_or(Timestamp::MAX);
        handler::handle(app, event.payload, deadline, now).await.map_err(log_failure)
    }))
    .await
}
