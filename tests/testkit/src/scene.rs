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

/// How long the scopes of investigations are unless their activity needs more.
const SCOPE: SignedDuration = SignedDuration::from_hours(24);

/// Everything that the steps of a case call. What does not work as it should panics.
#[derive(Debug)]
pub struct Scene {
    /// Detective and GuardDuty.
    pub simulator: Simulator,
    /// Everything else.
    pub aws: FakeAws,
    /// The cases in the table.
    pub cases: Cases,
}

impl Scene {
    /// An empty table and a simulator that has seen nothing. It has to be made within a tokio runtime.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it starts a server")]
    pub fn new() -> Self {
        let simulator = Simulator::start(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
        let aws = FakeAws::default();
        let cases = Cases::of(&aws);
        Self { simulator, aws, cases }
    }

    /// The adapter of Detective, whose calls the SDK does not repeat, as the functions have it.
    #[must_use]
    pub fn detective(&self) -> Detective {
        self.detective_in(&Regions::only(REGION))
    }

    /// The same in these Regions.
    #[must_use]
    pub fn detective_in(&self, regions: &Regions) -> Detective {
        Detective::for_regions(&simulator_config(&self.simulator.url(), ACCOUNT, REGION), regions)
    }

    /// The adapter of GuardDuty in these Regions.
    #[must_use]
    pub fn guardduty_in(&self, regions: &Regions) -> GuardDuty {
        GuardDuty::for_regions(&with_retries(&simulator_config(&self.simulator.url(), ACCOUNT, REGION)), regions)
    }

    /// The adapter of GuardDuty, whose calls the SDK repeats, as the functions have it.
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

    /// Investigations that are started from now on come to a named scenario (see [`Scenario::named`]).
    pub fn set_scenario(&self, name: &str) {
        self.simulator.add_scenario(Scenario::named(name).unwrap());
    }

    /// A finding arrives now, as [`Cases::open_or_join`] has it.
    pub async fn open_or_join(&self, finding: &Value) -> CaseKey {
        self.cases.open_or_join(finding, now()).await
    }

    /// Starts Detective's investigation of a case's principal, and notes it.
    pub async fn investigate(&self, key: &CaseKey) -> StartedInvestigation {
        self.investigate_in(REGION, key).await
    }

    /// The same in a Region.
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

    /// Notes an investigation as the case's.
    pub async fn record_investigation(&self, key: &CaseKey, open: &StartedInvestigation) {
        let elsewhere = self.cases.case(key).await.investigations_in_other_regions(&open.graph_arn);
        self.cases.table().record_investigation(key, open, &elsewhere).await.unwrap();
    }

    /// Enables GuardDuty's feature AI_ANALYST, without which it has no investigations, and gives the detector's id.
    pub async fn enable_analyst(&self) -> String {
        self.enable_analyst_in(REGION).await
    }

    /// The same in a Region.
    pub async fn enable_analyst_in(&self, region: &str) -> String {
        let client = self.guardduty_client(region);
        let id = client.list_detectors().send().await.unwrap().detector_ids()[0].clone();
        let feature = DetectorFeatureConfiguration::builder();
        let feature = feature.name(DetectorFeature::AiAnalyst).status(FeatureStatus::Enabled).build();
        client.update_detector().detector_id(&id).features(feature).send().await.unwrap();
        id
    }

    /// Asks GuardDuty to investigate a finding of a case, and notes it. Its budget is not touched.
    pub async fn ask_guardduty(&self, key: &CaseKey, finding_id: &str) -> guardduty::RequestedInvestigation {
        let detector_id = self.enable_analyst().await;
        let prompt = format!("Investigate finding {finding_id} in account {ACCOUNT}");
        let (created, why) = self.guardduty().create(&detector_id, &prompt, &format!("token-{finding_id}")).await;
        let CreateResult::Created(id) = created else { panic!("{why:?}") };
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

    /// How often Detective or GuardDuty was called with that operation.
    #[must_use]
    pub fn count(&self, operation: &str) -> usize {
        self.simulator.journal().iter().filter(|entry| entry.operation == operation).count()
    }
}
