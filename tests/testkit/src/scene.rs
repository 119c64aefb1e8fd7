//! An in-memory AWS, cases in its table, and a simulator of Detective and GuardDuty, in one account that administers the
//! behavior graph.

use crate::findings::ACCOUNT;
use crate::simulator_config::REGION;
use crate::{Cases, FakeAws, now, simulator_config, with_retries};
use aws_sdk_guardduty::types::{DetectorFeature, DetectorFeatureConfiguration, FeatureStatus};
use gumshoe_aws::clients;
use gumshoe_aws::detective::Detective;
use gumshoe_aws::guardduty::GuardDuty;
use gumshoe_domain::case::StartedInvestigation;
use gumshoe_domain::guardduty::{self, CreateResult, GuardDutyRequestState};
use gumshoe_domain::investigation::Scope;
use gumshoe_domain::{CaseKey, Regions};
use jiff::SignedDuration;
use serde_json::Value;
use simulator::{Scenario, Simulator};
use std::net::TcpListener;

/// The length of an investigation's scope, unless the activity needs a longer one.
const SCOPE: SignedDuration = SignedDuration::from_hours(24);

/// All services that the functions call. Methods panic on failure.
#[derive(Debug)]
pub struct Scene {
    /// Detective and GuardDuty.
    pub simulator: Simulator,
    /// All other services.
    pub aws: FakeAws,
    /// The cases in the table.
    pub cases: Cases,
}

impl Scene {
    /// Creates an empty table and starts a simulator. It has to be called within a tokio runtime.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it starts a server")]
    pub fn new() -> Self {
        let simulator = Simulator::start(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
        let aws = FakeAws::default();
        let cases = Cases::of(&aws);
        Self { simulator, aws, cases }
    }

    /// The adapter of Detective, without retries of the SDK, as in the functions.
    #[must_use]
    pub fn detective(&self) -> Detective {
        self.detective_in(&Regions::only(REGION))
    }

    /// The adapter of Detective in these Regions.
    #[must_use]
    pub fn detective_in(&self, regions: &Regions) -> Detective {
        Detective::for_regions(&simulator_config(&self.simulator.url(), ACCOUNT, REGION), regions)
    }

    /// The adapter of GuardDuty in these Regions.
    #[must_use]
    pub fn guardduty_in(&self, regions: &Regions) -> GuardDuty {
        GuardDuty::for_regions(&with_retries(&simulator_config(&self.simulator.url(), ACCOUNT, REGION)), regions)
    }

    /// The adapter of GuardDuty, with retries of the SDK, as in the functions.
    #[must_use]
    pub fn guardduty(&self) -> GuardDuty {
        GuardDuty::new(self.guardduty_client(REGION))
    }

    fn guardduty_client(&self, region: &str) -> clients::GuardDuty {
        clients::GuardDuty::new(&with_retries(&simulator_config(&self.simulator.url(), ACCOUNT, region)))
    }

    /// The ARN of the behavior graph.
    #[must_use]
    pub fn graph_arn(&self) -> String {
        self.graph_arn_in(REGION)
    }

    /// The ARN of the behavior graph of a Region.
    #[must_use]
    pub fn graph_arn_in(&self, region: &str) -> String {
        self.simulator.graph_arn(ACCOUNT, region)
    }

    /// Sets a named scenario (see [`Scenario::named`]) for all investigations that start from now on.
    pub fn set_scenario(&self, name: &str) {
        self.simulator.add_scenario(Scenario::named(name).unwrap());
    }

    /// Processes a finding now; see [`Cases::open_or_join`].
    pub async fn open_or_join(&self, finding: &Value) -> CaseKey {
        self.cases.open_or_join(finding, now()).await
    }

    /// Starts Detective's investigation of a case's principal and records it in the case.
    pub async fn investigate(&self, key: &CaseKey) -> StartedInvestigation {
        self.investigate_in(REGION, key).await
    }

    /// Starts Detective's investigation in a Region and records it in the case.
    pub async fn investigate_in(&self, region: &str, key: &CaseKey) -> StartedInvestigation {
        let case = self.cases.case(key).await;
        let scope = Scope::up_to(now(), SCOPE, None);
        let graph_arn = self.graph_arn_in(region);
        let detective = self.detective_in(&Regions::only(region));
        let id = detective.start(&graph_arn, case.principal.entity_arn().unwrap(), scope).await.unwrap();
        let open = StartedInvestigation {
            id,
            graph_arn,
            scope,
            is_reused: false,
            is_for_follow_up: false,
            is_retry_after_failure: false,
        };
        self.record_investigation(key, &open).await;
        open
    }

    /// Records an investigation in the case.
    pub async fn record_investigation(&self, key: &CaseKey, open: &StartedInvestigation) {
        let elsewhere = self.cases.case(key).await.investigations_in_other_regions(&open.graph_arn);
        self.cases.table().record_investigation(key, open, &elsewhere).await.unwrap();
    }

    /// Enables GuardDuty's feature AI_ANALYST, which its investigations require. Returns the detector's ID.
    pub async fn enable_analyst(&self) -> String {
        self.enable_analyst_in(REGION).await
    }

    /// Enables AI_ANALYST in a Region. Returns the detector's ID.
    pub async fn enable_analyst_in(&self, region: &str) -> String {
        let client = self.guardduty_client(region);
        let id = client.list_detectors().send().await.unwrap().detector_ids()[0].clone();
        let feature = DetectorFeatureConfiguration::builder();
        let feature = feature.name(DetectorFeature::AiAnalyst).status(FeatureStatus::Enabled).build();
        client.update_detector().detector_id(&id).features(feature).send().await.unwrap();
        id
    }

    /// Requests GuardDuty's investigation of a finding of a case and records it in the case. The quota budget does not change.
    pub async fn request_guardduty(&self, key: &CaseKey, finding_id: &str) -> guardduty::RequestedInvestigation {
        let detector_id = self.enable_analyst().await;
        let prompt = format!("Investigate finding {finding_id} in account {ACCOUNT}");
        let (created, reason) = self.guardduty().create(&detector_id, &prompt, &format!("token-{finding_id}")).await;
        let CreateResult::Created(id) = created else {
            panic!("GuardDuty did not create the investigation: {reason:?}")
        };
        let open = guardduty::RequestedInvestigation {
            id,
            detector_id,
            prompt,
            requested_at: now(),
            is_reused: false,
            region: None,
        };
        self.cases
            .table()
            .record_guardduty_request(key, &GuardDutyRequestState::Requested(open.clone()))
            .await
            .unwrap();
        open
    }

    /// The number of calls of an operation of Detective or GuardDuty.
    #[must_use]
    pub fn count(&self, operation: &str) -> usize {
        self.simulator.journal().iter().filter(|entry| entry.operation == operation).count()
    }
}
