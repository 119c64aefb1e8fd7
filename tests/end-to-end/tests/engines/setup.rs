//! The initial state of each test: no execution in progress, both engines with their default scenarios, all slots free.

pub(crate) use crate::scene::BoxError;
use crate::scene::{Scene, WAIT_TIMEOUT};
use findings::{ACCOUNT, role_finding};
use gumshoe_alerts::message::{Alert, CompletedInvestigation, GuardDutyInvestigation, NotRequestedReason};
use gumshoe_domain::VerdictLevel;
use gumshoe_domain::guardduty::QuotaBudget;
use local_cloud::{CaseItem, CloudError, ReceivedMessage, STACK_ACCOUNT};
use serde_json::{Value, json};
use simulator::{Entry, FindingScenario, Scenario};
use std::ops::Deref;
use std::sync::Mutex;

/// The Region of the stack.
pub(crate) const REGION: &str = "us-east-1";

/// The beginning of prompts that were not written by Gumshoe.
pub(crate) const MANUAL_PROMPT_PREFIX: &str = "Manual: ";

/// The prompts that GuardDuty received in all tests before the current one. Resetting the simulator deletes them there.
static EARLIER_PROMPTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A [`Scene`] whose cloud is in the initial state.
pub(crate) struct EnginesTest<'a> {
    scene: &'a Scene<'a>,
}

impl<'a> Deref for EnginesTest<'a> {
    type Target = Scene<'a>;

    fn deref(&self) -> &Scene<'a> {
        self.scene
    }
}

/// A role that no other test uses, with a finding about it that opens a case.
#[derive(Debug, Clone)]
pub(crate) struct TestPrincipal {
    pub(crate) subject: String,
    pub(crate) finding: Value,
}

impl TestPrincipal {
    /// The finding's id.
    pub(crate) fn id(&self) -> &str {
        self.finding["id"].as_str().unwrap()
    }

    /// The prompt with which Gumshoe requests GuardDuty's investigation of the finding.
    pub(crate) fn prompt(&self) -> String {
        format!("Investigate finding {} in account {ACCOUNT}", self.id())
    }
}

/// A closed case with its one alert, as the table and the channels have it.
pub(crate) struct AlertedCase {
    pub(crate) case: CaseItem,
    pub(crate) alert: Alert,
    pub(crate) text: ReceivedMessage,
    pub(crate) chat: Value,
}

impl AlertedCase {
    /// GuardDuty's result. Panics if the alert has none.
    pub(crate) fn guardduty_result(&self) -> &CompletedInvestigation {
        let guardduty = self.alert.guardduty.as_ref();
        guardduty
            .and_then(GuardDutyInvestigation::completed)
            .unwrap_or_else(|| panic!("the alert has no result of GuardDuty: {guardduty:?}"))
    }

    /// Why GuardDuty was not requested to investigate. Panics if it was.
    pub(crate) fn not_requested_reason(&self) -> &NotRequestedReason {
        match &self.alert.guardduty {
            Some(GuardDutyInvestigation::NotRequested(reason)) => reason,
            other => panic!("an investigation of GuardDuty was requested: {other:?}"),
        }
    }

    /// The alert's text for GuardDuty's result, or for the reason why there is none.
    pub(crate) fn guardduty_text(&self) -> String {
        self.alert.guardduty.as_ref().unwrap().to_string()
    }

    /// Checks that the alert has Detective's result.
    pub(crate) fn assert_detective_result(&self) {
        assert_eq!(self.alert.not_investigated, None);
        assert!(self.alert.detective_severity.is_some() && !self.alert.indicators.is_empty(), "{:?}", self.alert);
        assert!(self.case.investigation["id"].is_string());
    }

    /// Checks that the e-mail gives the reason for GuardDuty's missing result on one line.
    pub(crate) fn assert_reason_shown(&self) {
        let reason = self.guardduty_text();
        assert!(!reason.contains('\n'), "{reason}");
        let reason = gumshoe_domain::text::defang(&reason, 200);
        let reason = reason.trim_end_matches('…');
        assert!(self.text.body.lines().any(|line| line.contains(reason)), "{reason} is missing in\n{}", self.text.body);
    }
}

impl<'a> EnginesTest<'a> {
    /// Resets the state, with GuardDuty's feature AI_ANALYST enabled.
    pub(crate) async fn new(scene: &'a Scene<'a>) -> Result<Self, BoxError> {
        let test = Self::new_without_analyst(scene).await?;
        test.cloud.enable_analyst().await?;
        Ok(test)
    }

    /// Resets the state, with that feature turned off, as in a new account.
    pub(crate) async fn new_without_analyst(scene: &'a Scene<'a>) -> Result<Self, BoxError> {
        let cloud = scene.cloud;
        let test = Self { scene };
        test.wait_until_idle().await?;
        let prompts = test.prompts().await?;
        EARLIER_PROMPTS.lock().unwrap().extend(prompts);
        cloud.simulator().reset();
        cloud.add_all_graph_members().await?;
        let delete = json!({"TableName": cloud.outputs().get("CasesTableName"), "Key": budget_key()});
        cloud.api().json("dynamodb", "DynamoDB_20120810.DeleteItem", &delete).await?;
        // New variables restart the functions, so they also discard what they cached about the account's detector.
        test.set_guardduty_policy("all").await?;
        Ok(test)
    }

    /// Waits until the queues are empty and no execution runs.
    pub(crate) async fn wait_until_idle(&self) -> Result<(), CloudError> {
        self.cloud.wait_until_drained().await?;
        let over = async || Ok((self.cloud.running().await? == 0).then_some(()));
        self.cloud.poll_until("the end of all executions", WAIT_TIMEOUT, over).await
    }

    /// Sets which findings GuardDuty investigates, with a value of the parameter `GuardDutyInvestigations`.
    pub(crate) async fn set_guardduty_policy(&self, which: &str) -> Result<(), CloudError> {
        for function in ["start-investigation", "assess-case"] {
            self.cloud.set_variable(function, "GUARD_DUTY_INVESTIGATIONS", which).await?;
        }
        Ok(())
    }

    /// A role that no other test uses, with a finding of that severity. `tag`, of up to 8 hexadecimal digits, distinguishes the roles
    /// of one test.
    pub(crate) fn principal(&self, tag: &str, severity: f64) -> TestPrincipal {
        let role = format!("{}-{tag}", self.role());
        let id = self.finding(tag)["id"].as_str().unwrap().to_owned();
        let mut finding = role_finding(&role, &id);
        finding["severity"] = json!(severity);
        TestPrincipal { subject: format!("arn:aws:iam::{ACCOUNT}:role/{role}"), finding }
    }

    /// That many roles, each with a finding of that severity.
    pub(crate) fn principals(&self, count: usize, severity: f64) -> Vec<TestPrincipal> {
        (0..count).map(|number| self.principal(&format!("{number:x}"), severity)).collect()
    }

    /// Sets the result of Detective's investigations of a role.
    pub(crate) fn set_detective_scenario(&self, principal: &TestPrincipal, scenario: Scenario) {
        self.cloud.simulator().add_scenario(Scenario { entity_arn: principal.subject.clone(), ..scenario });
    }

    /// Sets the result of Detective's investigations of all roles without a scenario of their own.
    pub(crate) fn set_detective_scenario_for_all(&self, name: &str) {
        self.cloud.simulator().add_scenario(Scenario::named(name).unwrap());
    }

    /// Sets the result of GuardDuty's investigation of the principal's finding.
    pub(crate) fn set_guardduty_scenario(&self, principal: &TestPrincipal, scenario: FindingScenario) {
        let finding_id = principal.id().to_owned();
        self.cloud.simulator().add_finding_scenario(FindingScenario { finding_id, ..scenario });
    }

    /// Sends the findings of these roles.
    pub(crate) async fn send(&self, principals: &[TestPrincipal]) -> Result<(), CloudError> {
        self.cloud.send(&principals.iter().map(|principal| principal.finding.clone()).collect::<Vec<_>>()).await
    }

    /// Waits until the role's case is closed with one alert, and checks that its execution succeeded.
    pub(crate) async fn wait_for_alerted_case(&self, principal: &TestPrincipal) -> Result<AlertedCase, BoxError> {
        let (alerted, execution) = self.wait_for_alerted_case_any_status(&principal.subject).await?;
        assert_eq!(execution["status"], "SUCCEEDED", "{execution}");
        Ok(alerted)
    }

    /// Waits until the subject's case is closed with one alert. Also returns the execution, in any status.
    pub(crate) async fn wait_for_alerted_case_any_status(
        &self,
        subject: &str,
    ) -> Result<(AlertedCase, Value), BoxError> {
        let (case, execution) = self.wait_for_closed_case(subject, 1).await?;
        let mut alerts = self.wait_for_alerts(&case.case_id, 1).await?;
        let (alert, text, chat) = (alerts.json.remove(0), alerts.texts.remove(0), alerts.chats.remove(0));
        assert_eq!((alert.revision, alert.repeated), (1, false));
        Ok((AlertedCase { case, alert, text, chat }, execution))
    }

    /// Waits until the role's case is closed, and checks that there was no alert.
    pub(crate) async fn wait_for_quiet_case(&self, principal: &TestPrincipal) -> Result<CaseItem, BoxError> {
        let (case, execution) = self.wait_for_closed_case(&principal.subject, 1).await?;
        assert_eq!(execution["status"], "SUCCEEDED", "{execution}");
        assert_eq!(case.published_revision, 0, "{}", case.assessment);
        assert!(case.assessment["alert_cause"].is_null(), "{}", case.assessment);
        self.wait_for_alerts(&case.case_id, 0).await?;
        Ok(case)
    }

    /// Waits until both engines have started an investigation. Returns the ID of Detective's, then of GuardDuty's.
    pub(crate) async fn wait_until_running(&self, principal: &TestPrincipal) -> Result<(String, String), BoxError> {
        let poll = async || {
            let cases = self.cloud.cases(&principal.subject).await?;
            let detective = cases.first().and_then(|case| case.investigation["id"].as_str()).map(str::to_owned);
            let guardduty = self.investigations_of(principal).await?.first().map(|it| text(it, "investigation_id"));
            Ok(detective.zip(guardduty))
        };
        Ok(self.cloud.poll_until("both investigations", WAIT_TIMEOUT, poll).await?)
    }

    /// The calls of an operation of one service about a role or its finding.
    pub(crate) fn calls_about(&self, service: &str, operation: &str, principal: &TestPrincipal) -> Vec<Entry> {
        let about = |it: &Entry| match service {
            "guardduty" => it.finding_id.as_deref() == Some(principal.id()),
            _ => it.entity_arn.as_deref() == Some(&principal.subject),
        };
        let journal = self.cloud.simulator().journal().into_iter();
        journal.filter(|it| it.service == service && it.operation == operation && about(it)).collect()
    }

    /// All investigations that GuardDuty has.
    pub(crate) async fn investigations(&self) -> Result<Vec<Value>, CloudError> {
        let path = "/_control/guardduty/investigations";
        let body = self.cloud.simulator_api().get("guardduty", path).await?;
        Ok(serde_json::from_str(&body).unwrap())
    }

    /// GuardDuty's investigations of a role's finding.
    pub(crate) async fn investigations_of(&self, principal: &TestPrincipal) -> Result<Vec<Value>, CloudError> {
        let all = self.investigations().await?;
        Ok(all.into_iter().filter(|it| it["finding_id"] == principal.id()).collect())
    }

    /// The prompts that GuardDuty received since the state was reset.
    async fn prompts(&self) -> Result<Vec<String>, CloudError> {
        Ok(self.investigations().await?.iter().map(|it| text(it, "prompt")).collect())
    }

    /// The prompts that GuardDuty received in all tests so far, including this one.
    pub(crate) async fn all_prompts(&self) -> Result<Vec<String>, CloudError> {
        let now = self.prompts().await?;
        Ok(EARLIER_PROMPTS.lock().unwrap().iter().cloned().chain(now).collect())
    }

    /// Requests an investigation from GuardDuty directly, as a person would.
    pub(crate) async fn request_manually(&self, number: usize) -> Result<(), CloudError> {
        let request = json!({"triggerPrompt": format!("{MANUAL_PROMPT_PREFIX}what happened in account {ACCOUNT} on day {number}?")});
        let path = format!("/detector/{}/investigation", self.detector());
        self.cloud.simulator_api().post_as(STACK_ACCOUNT, "guardduty", &path, &request).await.map(drop)
    }

    fn detector(&self) -> String {
        self.cloud.simulator().detector_id(STACK_ACCOUNT, REGION)
    }

    /// The budget in the table; the empty budget if the table has none.
    pub(crate) async fn budget(&self) -> Result<QuotaBudget, CloudError> {
        let get = json!({"TableName": self.cloud.outputs().get("CasesTableName"), "Key": budget_key(),
            "ConsistentRead": true});
        let answer = self.cloud.api().json("dynamodb", "DynamoDB_20120810.GetItem", &get).await?;
        let budget = answer["Item"]["budget"]["S"].as_str();
        Ok(budget.map(|text| serde_json::from_str(text).unwrap()).unwrap_or_default())
    }

    /// Writes a budget into the table, which must have none.
    pub(crate) async fn put_budget(&self, budget: &QuotaBudget) -> Result<(), CloudError> {
        let mut item = budget_key();
        item["version"] = json!({"N": "1"});
        item["budget"] = json!({"S": serde_json::to_string(budget).unwrap()});
        let put = json!({"TableName": self.cloud.outputs().get("CasesTableName"), "Item": item});
        self.cloud.api().json("dynamodb", "DynamoDB_20120810.PutItem", &put).await.map(drop)
    }
}

/// A string member of a JSON object; empty if it is missing.
pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn budget_key() -> Value {
    json!({"subject": {"S": "guardduty"}, "item": {"S": "budget"}})
}

/// Level and score of an alert's verdict.
pub(crate) fn level_and_score(alert: &Alert) -> (VerdictLevel, u8) {
    (alert.verdict.level, alert.verdict.score)
}
