//! keep-graph with Detective simulated, a table and a topic in memory, and with a document and an organization that tests
//! set.

use super::super::*;
use aws_sdk_organizations::operation::describe_organization::DescribeOrganizationOutput;
use aws_sdk_organizations::operation::list_accounts::{ListAccountsError, ListAccountsOutput};
use aws_sdk_organizations::operation::list_delegated_administrators::ListDelegatedAdministratorsOutput;
use aws_sdk_organizations::types::error::AccessDeniedException;
use aws_sdk_ssm::operation::get_parameter::GetParameterOutput;
use aws_sdk_ssm::operation::get_parameters_by_path::GetParametersByPathOutput;
use aws_smithy_mocks::{MockResponse, RuleMode, mock, mock_client};
use aws_smithy_types::error::ErrorMetadata;
use gumshoe_aws::clients;
use gumshoe_aws::topic::Topic;
use gumshoe_graph::aws::behavior_graph::BehaviorGraph;
use gumshoe_graph::aws::clients::Ssm;
use gumshoe_graph::aws::notified_state_table::NotifiedStateTable;
use gumshoe_graph::aws::organization::Organization as Organizations;
use gumshoe_graph::aws::parameters::DocumentParameter;
use gumshoe_graph::settings;
use gumshoe_runtime::Metrics;
use simulator::{Organization, Simulator};
use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use testkit::{Cases, FakeAws, simulator_config, with_retries};

pub(super) const OWN_ACCOUNT: &str = "999999999999";
pub(super) const MANAGEMENT_ACCOUNT: &str = "888888888888";
pub(super) const REGION: &str = "us-east-1";

pub(super) fn id(number: usize) -> String {
    format!("{number:012}")
}

pub(super) fn email(number: usize) -> String {
    format!("root{number}@example.com")
}

pub(super) use testkit::now;

type Shared<T> = Arc<Mutex<T>>;

pub(super) struct Scene {
    pub(super) simulator: Arc<Simulator>,
    pub(super) app: App,
    /// The table and the topic, in memory.
    pub(super) aws: FakeAws,
    document: Shared<String>,
    organization: Shared<Option<Vec<usize>>>,
    /// Detective's delegated administrator in Organizations.
    pub(super) delegated: Shared<Option<String>>,
}

impl Scene {
    pub(super) fn new(document: &str) -> Self {
        let simulator = Simulator::start(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
        let document = Arc::new(Mutex::new(document.to_owned()));
        let aws = FakeAws::default();
        let organization: Shared<Option<Vec<usize>>> = Shared::default();
        let delegated: Shared<Option<String>> = Shared::default();
        let app = app(&simulator, &aws, &document, &organization, &delegated);
        Self { simulator: Arc::new(simulator), app, aws, document, organization, delegated }
    }

    /// The adapters of a second, concurrent invocation, with the same services.
    pub(super) fn second_app(&self) -> App {
        app(&self.simulator, &self.aws, &self.document, &self.organization, &self.delegated)
    }

    pub(super) fn set_document(&self, document: &str) {
        *self.document.lock().unwrap() = document.to_owned();
    }

    /// Sets the organization's accounts, in addition to the own account, in Organizations and in Detective.
    pub(super) fn set_organization(&self, numbers: impl IntoIterator<Item = usize>) {
        let numbers: Vec<usize> = numbers.into_iter().collect();
        let others = numbers.iter().map(|number| (id(*number), email(*number)));
        self.simulator
            .set_organization(Organization {
                management_account: MANAGEMENT_ACCOUNT.to_owned(),
                accounts: others.chain([(OWN_ACCOUNT.to_owned(), "own@example.com".to_owned())]).collect(),
                detective_administrator: None,
                guardduty_administrator: None,
            })
            .unwrap();
        *self.organization.lock().unwrap() = Some(numbers);
    }

    pub(super) async fn run(&self, input: Value) -> Result<RunReport, RunError> {
        handle(&self.app, input, Timestamp::MAX, now).await
    }

    pub(super) async fn plan(&self) -> RunReport {
        self.run(serde_json::json!({})).await.unwrap()
    }

    pub(super) async fn apply(&self) -> RunReport {
        self.run(serde_json::json!({"mode": "apply"})).await.unwrap()
    }

    pub(super) fn client(&self, account: &str) -> clients::Detective {
        client(&self.simulator, account)
    }

    pub(super) fn graph_arn(&self) -> String {
        self.simulator.graph_arn(OWN_ACCOUNT, REGION)
    }

    /// The messages that were published to the topic.
    pub(super) fn published(&self) -> Vec<String> {
        self.aws.published().iter().map(|message| message.bodies.to_string()).collect()
    }

    /// The number of calls of each operation of Detective.
    pub(super) fn call_counts(&self) -> HashMap<String, usize> {
        let mut calls = HashMap::new();
        for entry in self.simulator.journal() {
            *calls.entry(entry.operation.clone()).or_insert(0) += 1;
        }
        calls
    }
}

fn app(
    simulator: &Simulator,
    aws: &FakeAws,
    document: &Shared<String>,
    organization: &Shared<Option<Vec<usize>>>,
    delegated: &Shared<Option<String>>,
) -> App {
    let sns = clients::Sns::new(&aws.configuration());
    App {
        graph: BehaviorGraph::new(client(simulator, OWN_ACCOUNT)),
        management_graph: Some(BehaviorGraph::new(client(simulator, MANAGEMENT_ACCOUNT))),
        management_organization: Some(Organizations::new(management(delegated.clone()))),
        organization: Organizations::new(organizations(organization.clone())),
        document: DocumentParameter::new(ssm(document.clone()), "/gumshoe/graph".to_owned()),
        notified_table: NotifiedStateTable::new(Cases::of(aws).table()),
        earlier_table: None,
        topic: Topic::new(sns, "arn:aws:sns:us-east-1:999999999999:topic".to_owned()),
        metrics: Metrics::for_stack("gumshoe".to_owned()),
        settings: settings::KeepGraph {
            table_name: "cases".to_owned(),
            earlier_table: None,
            topic_arn: "arn:aws:sns:us-east-1:999999999999:topic".to_owned(),
            stack_name: "gumshoe".to_owned(),
            account_id: OWN_ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            keep_graph: Mode::Destroy,
            graph_document: "/gumshoe/graph".to_owned(),
            management_role_arn: None,
            management_role_external_id: None,
        },
    }
}

fn client(simulator: &Simulator, account: &str) -> clients::Detective {
    clients::Detective::new(&with_retries(&simulator_config(&simulator.url(), account, REGION)))
}

fn ssm(document: Shared<String>) -> Ssm {
    let text = mock!(Ssm::get_parameter).then_compute_output(move |_| {
        let parameter = aws_sdk_ssm::types::Parameter::builder().value(document.lock().unwrap().clone()).build();
        GetParameterOutput::builder().parameter(parameter).build()
    });
    let lists =
        mock!(Ssm::get_parameters_by_path).then_compute_output(|_| GetParametersByPathOutput::builder().build());
    mock_client!(aws_sdk_ssm, RuleMode::MatchAny, [&text, &lists])
}

/// Organizations as the management account reads it.
fn management(delegated: Shared<Option<String>>) -> clients::Organizations {
    let describe = mock!(clients::Organizations::describe_organization).then_output(|| {
        let organization =
            aws_sdk_organizations::types::Organization::builder().master_account_id(MANAGEMENT_ACCOUNT).build();
        DescribeOrganizationOutput::builder().organization(organization).build()
    });
    let list = mock!(clients::Organizations::list_delegated_administrators).then_compute_output(move |input| {
        assert_eq!(input.service_principal(), Some("detective.amazonaws.com"));
        let account = |id: String| aws_sdk_organizations::types::DelegatedAdministrator::builder().id(id).build();
        let all = delegated.lock().unwrap().clone().map(account);
        ListDelegatedAdministratorsOutput::builder()
            .set_delegated_administrators(Some(all.into_iter().collect()))
            .build()
    });
    mock_client!(aws_sdk_organizations, RuleMode::MatchAny, [&describe, &list])
}

fn organizations(organization: Shared<Option<Vec<usize>>>) -> clients::Organizations {
    let list = mock!(clients::Organizations::list_accounts).then_compute_response(move |_| {
        let Some(numbers) = organization.lock().unwrap().clone() else {
            let denied =
                AccessDeniedException::builder().meta(ErrorMetadata::builder().code("AccessDeniedException").build());
            return MockResponse::Error(ListAccountsError::AccessDeniedException(denied.build()));
        };
        let account = |number: usize| {
            let account = aws_sdk_organizations::types::Account::builder().id(id(number)).email(email(number));
            account.state(aws_sdk_organizations::types::AccountState::Active).build()
        };
        let own = aws_sdk_organizations::types::Account::builder().id(OWN_ACCOUNT).email("own@example.com");
        let own = own.status(aws_sdk_organizations::types::AccountStatus::Active).build();
        let accounts: Vec<_> = numbers.into_iter().map(account).chain([own]).collect();
        MockResponse::Output(ListAccountsOutput::builder().set_accounts(Some(accounts)).build())
    });
    mock_client!(aws_sdk_organizations, RuleMode::MatchAny, [&list])
}
