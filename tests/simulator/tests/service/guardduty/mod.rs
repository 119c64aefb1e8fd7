//! GuardDuty through its unmodified SDK.

mod control;
mod detectors;
mod errors;
mod findings;
mod investigations;
mod limits;
mod listing;
mod organization;
mod samples;

use std::collections::BTreeMap;
use std::ops::Deref;

use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::config::retry::RetryConfig;
use aws_sdk_guardduty::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_guardduty::types::{DetectorFeature, DetectorFeatureConfiguration, FeatureStatus, Finding, Investigation};
use serde_json::{Value, json};
use simulator::{Organization, Simulator};

use crate::support::{ACCOUNT, REGION, RawResponse, TestServer};

const MEMBER: &str = "444455556666";
const OTHER_MEMBER: &str = "777788889999";
const STRANGER: &str = "123412341234";
const FINDING: &str = "1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6";
/// A well-formed id that does not exist.
const NO_ID: &str = "00000000-0000-4000-a000-0000000000ff";

/// A client in the Region of the tests, and its account's detector.
struct Account {
    client: Client,
    detector: String,
}

/// A running simulator with the client of one account.
struct Guard {
    server: TestServer,
    account: Account,
}

impl Deref for Guard {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.account
    }
}

fn client(simulator: &Simulator, account: &str, region: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(Credentials::new(account, "secret", None, None, "test"))
        .endpoint_url(simulator.url())
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

/// A finding that has what every finding must have.
fn finding(id: &str) -> Value {
    json!({
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": REGION,
        "id": id,
        "arn": format!("arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/d/finding/{id}"),
        "type": "Recon:EC2/Portscan",
        "resource": { "resourceType": "Instance", "instanceDetails": { "instanceId": "i-1" } },
        "severity": 5.0,
        "createdAt": "2026-11-20T02:13:31.120Z",
        "updatedAt": "2026-11-20T02:13:31.120Z",
    })
}

/// The same finding with a member set, which a pointer such as `/resource/resourceType` names.
fn with(mut finding: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    finding.pointer_mut(parent).unwrap()[name] = value;
    finding
}

fn feature(name: DetectorFeature, status: FeatureStatus) -> DetectorFeatureConfiguration {
    DetectorFeatureConfiguration::builder().name(name).status(status).build()
}

/// An organization whose GuardDuty administrator is [`ACCOUNT`].
fn organization(administrator: Option<&str>) -> Organization {
    let mail = |id: &str| (id.to_owned(), format!("{id}@example.com"));
    Organization {
        management_account: ACCOUNT.into(),
        accounts: BTreeMap::from([mail(MEMBER), mail(OTHER_MEMBER)]),
        detective_administrator: None,
        guardduty_administrator: administrator.map(String::from),
    }
}

impl Account {
    fn of(simulator: &Simulator, account: &str, region: &str) -> Self {
        Self { client: client(simulator, account, region), detector: simulator.detector_id(account, region) }
    }

    /// Enables investigations.
    async fn enable_analyst(&self) {
        let analyst = feature(DetectorFeature::AiAnalyst, FeatureStatus::Enabled);
        self.client.update_detector().detector_id(&self.detector).features(analyst).send().await.unwrap();
    }

    async fn create(&self, prompt: &str) -> String {
        let create = self.client.create_investigation().detector_id(&self.detector).trigger_prompt(prompt);
        create.send().await.unwrap().investigation_id.unwrap()
    }

    async fn investigation(&self, id: &str) -> Investigation {
        let get = self.client.get_investigation().detector_id(&self.detector).investigation_id(id);
        get.send().await.unwrap().investigation.unwrap()
    }

    async fn sample(&self, types: &[&str]) {
        let types = types.iter().map(|name| (*name).to_owned()).collect();
        let create = self.client.create_sample_findings().detector_id(&self.detector).set_finding_types(Some(types));
        create.send().await.unwrap();
    }

    /// The ids of all findings, newest first.
    async fn ids(&self) -> Vec<String> {
        let list = self.client.list_findings().detector_id(&self.detector);
        list.into_paginator().items().send().try_collect().await.unwrap()
    }

    async fn get(&self, ids: &[&str]) -> Vec<Finding> {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        let get = self.client.get_findings().detector_id(&self.detector).set_finding_ids(Some(ids));
        get.send().await.unwrap().findings.unwrap()
    }
}

impl Guard {
    fn new() -> Self {
        let server = TestServer::new();
        let account = Account::of(&server.simulator, ACCOUNT, REGION);
        Self { server, account }
    }

    /// As [`Guard::new`], with investigations enabled.
    async fn with_analyst() -> Self {
        let guard = Self::new();
        guard.enable_analyst().await;
        guard
    }

    fn simulator(&self) -> &Simulator {
        &self.server.simulator
    }

    /// Another account in the same Region.
    fn other(&self, account: &str) -> Account {
        Account::of(self.simulator(), account, REGION)
    }

    fn add(&self, finding: Value) {
        self.simulator().add_finding(finding).unwrap();
    }

    /// Posts a body to a path behind the detector's.
    async fn post(&self, path: &str, body: &Value) -> RawResponse {
        self.server.post(&format!("/detector/{}{path}", self.detector), body).await
    }
}
