//! The function with services in memory.

use super::super::*;
use gumshoe_aws::account_names::AccountNames;
use gumshoe_aws::clients;
use gumshoe_aws::events::Events;
use gumshoe_aws::evidence::EvidenceBucket;
use gumshoe_domain::Regions;
use gumshoe_domain::case::FollowUpRule;
use gumshoe_domain::guardduty::InvestigationPolicy;
use gumshoe_domain::verdict::AlertCause;
use gumshoe_domain::verdict::Weights;
use gumshoe_runtime::{Metrics, settings};
use serde_json::Value;
use simulator::{EndsWhen, Scenario};
use testkit::{Scene, now};

pub(super) struct Fixture {
    pub(super) scene: Scene,
    pub(super) app: App,
    /// The time of the assessment.
    pub(super) moment: Timestamp,
}

pub(super) fn input(key: &CaseKey) -> Input {
    Input { case: key.clone(), not_investigated: None, is_last_round: false, is_last_investigation: false }
}

impl Fixture {
    pub(super) fn new() -> Self {
        Self::with_policy(InvestigationPolicy::Off)
    }

    /// A deployment with that policy for GuardDuty investigations.
    pub(super) fn with_policy(when: InvestigationPolicy) -> Self {
        let scene = Scene::new();
        let configuration = scene.aws.configuration();
        let app = App {
            table: scene.cases.table(),
            detective: scene.detective(),
            guardduty: scene.guardduty(),
            account_names: AccountNames::new(clients::Organizations::new(&configuration)),
            evidence: EvidenceBucket::new(
                clients::S3::new(&configuration),
                "evidence".to_owned(),
                "us-east-1".to_owned(),
            ),
            events: Events::new(clients::EventBridge::new(&configuration)),
            metrics: Metrics::for_stack("gumshoe".to_owned()),
            settings: settings::AssessCase {
                table_name: "cases".to_owned(),
                evidence_bucket: "evidence".to_owned(),
                region: "us-east-1".to_owned(),
                stack_name: "gumshoe".to_owned(),
                investigation_regions: Regions::only("us-east-1"),
                alert_threshold: VerdictLevel::High,
                verdict_weights: Weights::default(),
                guard_duty_investigations: when,
                archive_quiet_investigations: false,
                follow_up_hours: FollowUpRule::OFF,
            },
        };
        Self { scene, app, moment: now() }
    }

    /// A case with that finding, and a finished investigation with that scenario as its result.
    pub(super) async fn investigated(&self, finding: &Value, scenario: &str) -> CaseKey {
        let scenario = Scenario::named(scenario).unwrap().with_end(EndsWhen::AfterChecks(0));
        self.scene.simulator.add_scenario(scenario);
        let key = self.scene.open_or_join(finding).await;
        self.scene.investigate(&key).await;
        key
    }

    pub(super) async fn assess(&self, input: Input) -> Result<Output, StepError> {
        handle(&self.app, input, self.moment).await
    }

    /// The cause of the alert.
    pub(super) async fn cause(&self, key: &CaseKey) -> Option<AlertCause> {
        self.scene.cases.case(key).await.assessment.unwrap().alert_cause
    }
}
