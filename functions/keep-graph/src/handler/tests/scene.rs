//! keep-graph with Detective simulated, and with a document, a table, a topic and an organization that tests hold in hand.

use super::super::*;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::error::ConditionalCheckFailedException;
use aws_sdk_organizations::operation::describe_organization::DescribeOrganizationOutput;
use aws_sdk_organizations::operation::list_accounts::{ListAccountsError, ListAccountsOutput};
use aws_sdk_organizations::operation::list_delegated_administrators::ListDelegatedAdministratorsOutput;
use aws_sdk_organizations::types::error::AccessDeniedException;
use aws_sdk_sns::operation::publish::{PublishError, PublishOutput};
use aws_sdk_ssm::operation::get_parameter::GetParameterOutput;
use aws_sdk_ssm::operation::get_parameters_by_path::GetParametersByPathOutput;
use aws_smithy_mocks::{MockResponse, RuleMode, mock, mock_client};
use aws_smithy_types::error::ErrorMetadata;
use gumshoe_aws::clients;
use simulator::{Organization, Simulator};
use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

pub(super) const OWN: &str = "999999999999";
pub(super) const MANAGEMENT: &str = "888888888888";
pub(super) const REGION: &str = "us-east-1";

pub(super) fn id(number: usize) -> String {
    format!("{number:012}")
}

pub(super) fn email(number: usize) -> String {
    format!("root{number}@example.com")
}

#[expect(clippy::disallowed_methods, reason = "the simulator goes by this clock")]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

type Shared<T> = Arc<Mutex<T>>;

pub(super) struct Scene {
    pub(super) simulator: Simulator,
    pub(super) app: KeepGraph,
    document: Shared<String>,
    published: Shared<Vec<String>>,
    /// How many of the next publications fail.
    pub(super) deaf: Shared<usize>,
    organization: Shared<Option<Vec<usize>>>,
    /// Detective's delegated administrator in Organizations.
    pub(super) delegated: Shared<Option<String>>,
}

impl Scene {
    pub(super) fn new(document: &str) -> Self {
        let simulator = Simulator::start(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
        let document = Arc::new(Mutex::new(document.to_owned()));
        let published: Shared<Vec<String>> = Shared::default();
        let deaf: Shared<usize> = Shared::default();
        let organization: Shared<Option<Vec<usize>>> = Shared::default();
        let delegated: Shared<Option<String>> = Shared::default();
        let app = KeepGraph {
            behavior: BehaviorGraph::new(client(&simulator, OWN)),
            management: Some(BehaviorGraph::new(client(&simulator, MANAGEMENT))),
            organization: Some(Accounts::new(management(delegated.clone()))),
            accounts: Accounts::new(organizations(organization.clone())),
            document: Parameter::new(ssm(document.clone()), "/gumshoe/graph".to_owned()),
            table: CaseTable::new(dynamodb(), "Cases".to_owned()),
            topic: Topic::new(
                sns(published.clone(), deaf.clone()),
                "arn:aws:sns:us-east-1:999999999999:topic".to_owned(),
            ),
            metrics: Metrics::of_stack("gumshoe".to_owned()),
            most: Mode::Destroy,
            account_id: OWN.to_owned(),
            region: REGION.to_owned(),
        };
        Self { simulator, app, document, published, deaf, organization, delegated }
    }

    pub(super) fn write(&self, document: &str) {
        *self.document.lock().unwrap() = document.to_owned();
    }

    /// An organization of those accounts, with the own one, in Organizations and in Detective.
    pub(super) fn organize(&self, numbers: impl IntoIterator<Item = usize>) {
        let numbers: Vec<usize> = numbers.into_iter().collect();
        let others = numbers.iter().map(|number| (id(*number), email(*number)));
        self.simulator
            .set_organization(Organization {
                management_account: MANAGEMENT.to_owned(),
                accounts: others.chain([(OWN.to_owned(), "own@example.com".to_owned())]).collect(),
                detective_administrator: None,
                guardduty_administrator: None,
            })
            .unwrap();
        *self.organization.lock().unwrap() = Some(numbers);
    }

    pub(super) async fn run(&self, input: Value) -> Result<Output, RunError> {
        handle(&self.app, input, Timestamp::MAX, now).await
    }

    pub(super) async fn plan(&self) -> Output {
        self.run(serde_json::json!({})).await.unwrap()
    }

    pub(super) async fn apply(&self) -> Output {
        self.run(serde_json::json!({"mode": "apply"})).await.unwrap()
    }

    pub(super) fn client(&self, account: &str) -> clients::Detective {
        client(&self.simulator, account)
    }

    pub(super) fn graph_arn(&self) -> String {
        self.simulator.graph_arn(OWN, REGION)
    }

    /// The messages that the topic took.
    pub(super) fn told(&self) -> Vec<String> {
        self.published.lock().unwrap().clone()
    }

    /// The operations that Detective was asked for since the last time, in order.
    pub(super) fn calls(&self) -> HashMap<String, usize> {
        let mut calls = HashMap::new();
        for entry in self.simulator.journal() {
            *calls.entry(entry.operation.clone()).or_insert(0) += 1;
        }
        calls
    }
}

fn client(simulator: &Simulator, account: &str) -> clients::Detective {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_sdk_detective::Config::builder()
        .behavior_version(aws_sdk_detective::config::BehaviorVersion::latest())
        .endpoint_url(simulator.url())
        .region(aws_sdk_detective::config::Region::new(REGION))
        .credentials_provider(aws_sdk_detective::config::Credentials::new(account, "x", None, None, "test"))
        .http_client(http)
        .build();
    clients::Detective::from_conf(config)
}

fn ssm(document: Shared<String>) -> clients::Ssm {
    let text = mock!(clients::Ssm::get_parameter).then_compute_output(move |_| {
        let parameter = aws_sdk_ssm::types::Parameter::builder().value(document.lock().unwrap().clone()).build();
        GetParameterOutput::builder().parameter(parameter).build()
    });
    let lists = mock!(clients::Ssm::get_parameters_by_path)
        .then_compute_output(|_| GetParametersByPathOutput::builder().build());
    mock_client!(aws_sdk_ssm, RuleMode::MatchAny, [&text, &lists])
}

/// One item, with its condition.
fn dynamodb() -> clients::DynamoDb {
    let item: Shared<Option<HashMap<String, AttributeValue>>> = Shared::default();
    let read = item.clone();
    let get = mock!(clients::DynamoDb::get_item)
        .then_compute_output(move |_| GetItemOutput::builder().set_item(read.lock().unwrap().clone()).build());
    let update = mock!(clients::DynamoDb::update_item).then_compute_response(move |input| {
        let values = input.expression_attribute_values().unwrap();
        let mut item = item.lock().unwrap();
        let is = item.as_ref().map(|item| item["version"].clone());
        if is.as_ref() != values.get(":expected") {
            let meta = ErrorMetadata::builder().code("ConditionalCheckFailedException").build();
            let failed = ConditionalCheckFailedException::builder().meta(meta).build();
            return MockResponse::Error(UpdateItemError::ConditionalCheckFailedException(failed));
        }
        let kept =
            [("version", ":next"), ("told", ":value")].map(|(name, value)| (name.to_owned(), values[value].clone()));
        let key = [("subject", "graph"), ("item", "health")]
            .map(|(name, it)| (name.to_owned(), AttributeValue::S(it.to_owned())));
        *item = Some(kept.into_iter().chain(key).collect());
        MockResponse::Output(UpdateItemOutput::builder().build())
    });
    mock_client!(aws_sdk_dynamodb, RuleMode::MatchAny, [&get, &update])
}

fn sns(published: Shared<Vec<String>>, deaf: Shared<usize>) -> clients::Sns {
    let publish = mock!(clients::Sns::publish).then_compute_response(move |input| {
        let mut deaf = deaf.lock().unwrap();
        if *deaf > 0 {
            *deaf -= 1;
            return MockResponse::Error(PublishError::generic(ErrorMetadata::builder().code("InternalError").build()));
        }
        published.lock().unwrap().push(input.message().unwrap().to_owned());
        MockResponse::Output(PublishOutput::builder().message_id("1").build())
    });
    mock_client!(aws_sdk_sns, RuleMode::MatchAny, [&publish])
}

/// Organizations, as the management account sees it.
fn management(delegated: Shared<Option<String>>) -> clients::Organizations {
    let describe = mock!(clients::Organizations::describe_organization).then_output(|| {
        let organization = aws_sdk_organizations::types::Organization::builder().master_account_id(MANAGEMENT).build();
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
        let own = aws_sdk_organizations::types::Account::builder().id(OWN).email("own@example.com");
        let own = own.status(aws_sdk_organizations::types::AccountStatus::Active).build();
        let accounts: Vec<_> = numbers.into_iter().map(account).chain([own]).collect();
        MockResponse::Output(ListAccountsOutput::builder().set_accounts(Some(accounts)).build())
    });
    mock_client!(aws_sdk_organizations, RuleMode::MatchAny, [&list])
}
