//! What a test of the engines begins with: nothing under way, both engines as they are by themselves, all slots free.

use crate::scene::{Scene, WAIT_TIMEOUT};
use findings::{ACCOUNT, role_finding};
use gumshoe_alerts::message::{Alert, CompletedInvestigation, GuardDutyInvestigation, NotRequestedReason};
use gumshoe_domain::VerdictLevel;
use gumshoe_domain::guardduty::QuotaBudget;
use local_cloud::{CaseItem, CloudError, ReceivedMessage, STACK_ACCOUNT};
use serde_json::{Value, json};
use simulator::{Entry, FindingScenario, Scenario};
use std::error::Error;
use std::ops::Deref;
use std::sync::Mutex;

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// The Region of the stack.
pub(crate) const REGION: &str = "us-east-1";

/// What prompts of people begin with.
pub(crate) const MANUAL_PROMPT_PREFIX: &str = "By hand: ";

/// What GuardDuty was asked by all tests before the one that runs.
static EARLIER_PROMPTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A test's scene, set anew.
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

    /// What GuardDuty is asked of it.
    pub(crate) fn prompt(&self) -> String {
        format!("Investigate finding {} in account {ACCOUNT}", self.id())
    }
}

/// What became of a case that people were told of.
pub(crate) struct AlertedCase {
    pub(crate) case: CaseItem,
    pub(crate) alert: Alert,
    pub(crate) text: ReceivedMessage,
    pub(crate) chat: Value,
}

impl AlertedCase {
    /// GuardDuty's result.
    pub(crate) fn guardduty_result(&self) -> &CompletedInvestigation {
        let answer = self.alert.guardduty.as_ref();
        answer
            .and_then(GuardDutyInvestigation::completed)
            .unwrap_or_else(|| panic!("no result of GuardDuty's: {answer:?}"))
    }

    /// Why GuardDuty was not asked.
    pub(crate) fn not_requested_reason(&self) -> &NotRequestedReason {
        match &self.alert.guardduty {
            Some(GuardDutyInvestigation::NotRequested(why)) => why,
            other => panic!("GuardDuty was asked: {other:?}"),
        }
    }

    /// What came of asking GuardDuty, in words.
    pub(crate) fn guardduty_text(&self) -> String {
        self.alert.guardduty.as_ref().unwrap().to_string()
    }

    /// That Detective's result is in the alert, as its scenario has it.
    pub(crate) fn assert_detective_result(&self) {
        assert_eq!(self.alert.not_investigated, None);
        assert!(self.alert.detective_severity.is_some() && !self.alert.indicators.is_empty(), "{:?}", self.alert);
        assert!(self.case.investigation["id"].is_string());
    }

    /// That the reason for which there is no result of GuardDuty's stands on one line for people.
    pub(crate) fn assert_reason_shown(&self) {
        let words = self.guardduty_text();
        assert!(!words.contains('\n'), "{words}");
        let words = gumshoe_domain::text::defang(&words, 200);
        let words = words.trim_end_matches('…');
        assert!(self.text.body.lines().any(|line| line.contains(words)), "{words} is missing in\n{}", self.text.body);
    }
}

impl<'a> EnginesTest<'a> {
    /// Sets the stage, with the feature that investigates turned on.
    pub(crate) async fn new(scene: &'a Scene<'a>) -> Result<Self, BoxError> {
        let stage = Self::new_without_analyst(scene).await?;
        stage.cloud.enable_analyst().await?;
        Ok(stage)
    }

    /// Sets the stage with that feature as accounts begin: turned off.
    pub(crate) async fn new_without_analyst(scene: &'a Scene<'a>) -> Result<Self, BoxError> {
        let cloud = scene.cloud;
        let stage = Self { scene };
        stage.wait_until_idle().await?;
        let prompts = stage.prompts().await?;
        EARLIER_PROMPTS.lock().unwrap().extend(prompts);
        cloud.simulator().reset();
        cloud.add_all_graph_members().await?;
        let delete = json!({"TableName": cloud.outputs().get("CasesTableName"), "Key": budget_key()});
        cloud.api().json("dynamodb", "DynamoDB_20120810.DeleteItem", &delete).await?;
        // It forgets what the account's detector can do, too.
        stage.set_guardduty_policy("all").await?;
        Ok(stage)
    }

    /// Waits until all that was sent is worked to its end.
    pub(crate) async fn wait_until_idle(&self) -> Result<(), CloudError> {
        self.cloud.wait_until_drained().await?;
        let over = async || Ok((self.cloud.running().await? == 0).then_some(()));
        self.cloud.poll_until("the end of all executions", WAIT_TIMEOUT, over).await
    }

    /// For which findings GuardDuty is asked: as the parameter `GuardDutyInvestigations`.
    pub(crate) async fn set_guardduty_policy(&self, which: &str) -> Result<(), CloudError> {
        for function in ["start-investigation", "assess-case"] {
            self.cloud.set_variable(function, "GUARD_DUTY_INVESTIGATIONS", which).await?;
        }
        Ok(())
    }

    /// A role of the test's own with a finding of that severity; `tag` of up to 8 hexadecimal digits tells it from others.
    pub(crate) fn principal(&self, tag: &str, severity: f64) -> TestPrincipal {
        let role = format!("{}-{tag}", self.role());
        let id = self.finding(tag)["id"].as_str().unwrap().to_owned();
        let mut finding = role_finding(&role, &id);
        finding["severity"] = json!(severity);
        TestPrincipal { subject: format!("arn:aws:iam::{ACCOUNT}:role/{role}"), finding }
    }

    /// So many of them.
    pub(crate) fn principals(&self, count: usize, severity: f64) -> Vec<TestPrincipal> {
        (0..count).map(|number| self.principal(&format!("{number:x}"), severity)).collect()
    }

    /// What Detective finds about a role.
    pub(crate) fn set_detective_scenario(&self, principal: &TestPrincipal, scenario: Scenario) {
        self.cloud.simulator().add_scenario(Scenario { entity_arn: principal.subject.clone(), ..scenario });
    }

    /// What Detective finds about all roles that nothing else was said of.
    pub(crate) fn set_detective_scenario_for_all(&self, name: &str) {
        self.cloud.simulator().add_scenario(Scenario::named(name).unwrap());
    }

    /// What GuardDuty makes of a finding.
    pub(crate) fn set_guardduty_scenario(&self, principal: &TestPrincipal, scenario: FindingScenario) {
        let finding_id = principal.id().to_owned();
        self.cloud.simulator().add_finding_scenario(FindingScenario { finding_id, ..scenario });
    }

    /// Sends the findings of roles.
    pub(crate) async fn send(&self, principals: &[TestPrincipal]) -> Result<(), CloudError> {
        self.cloud.send(&principals.iter().map(|principal| principal.finding.clone()).collect::<Vec<_>>()).await
    }

    /// What became of a case that people are told of, once, and whose execution has succeeded.
    pub(crate) async fn wait_for_alerted_case(&self, principal: &TestPrincipal) -> Result<AlertedCase, BoxError> {
        let (told, execution) = self.wait_for_alerted_case_any_status(&principal.subject).await?;
        assert_eq!(execution["status"], "SUCCEEDED", "{execution}");
        Ok(told)
    }

    /// The same however the execution has ended, and how.
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

    /// The case of a role that is closed without anybody being told.
    pub(crate) async fn wait_for_quiet_case(&self, principal: &TestPrincipal) -> Result<CaseItem, BoxError> {
        let (case, execution) = self.wait_for_closed_case(&principal.subject, 1).await?;
        assert_eq!(execution["status"], "SUCCEEDED", "{execution}");
        assert_eq!(case.published_revision, 0, "{}", case.assessment);
        assert!(case.assessment["alert_cause"].is_null(), "{}", case.assessment);
        self.wait_for_alerts(&case.case_id, 0).await?;
        Ok(case)
    }

    /// The case of a role while it is open, once an engine has begun with it: Detective's investigation, and GuardDuty's.
    pub(crate) async fn wait_until_running(&self, principal: &TestPrincipal) -> Result<(String, String), BoxError> {
        let poll = async || {
            let cases = self.cloud.cases(&principal.subject).await?;
            let detective = cases.first().and_then(|case| case.investigation["id"].as_str()).map(str::to_owned);
            let guardduty = self.investigations_of(principal).await?.first().map(|it| text(it, "investigation_id"));
            Ok(detective.zip(guardduty))
        };
        Ok(self.cloud.poll_until("both investigations", WAIT_TIMEOUT, poll).await?)
    }

    /// What was asked of one of the engines about a role or its finding.
    pub(crate) fn calls_about(&self, service: &str, operation: &str, principal: &TestPrincipal) -> Vec<Entry> {
        let about = |it: &Entry| match service {
            "guardduty" => it.finding_id.as_deref() == Some(principal.id()),
            _ => it.entity_arn.as_deref() == Some(&principal.subject),
        };
        let journal = self.cloud.simulator().journal().into_iter();
        journal.filter(|it| it.service == service && it.operation == operation && about(it)).collect()
    }

    /// The investigations that GuardDuty has.
    pub(crate) async fn investigations(&self) -> Result<Vec<Value>, CloudError> {
        let path = "/_control/guardduty/investigations";
        let told = self.cloud.simulator_api().get("guardduty", path).await?;
        Ok(serde_json::from_str(&told).unwrap())
    }

    /// Those of a role's finding.
    pub(crate) async fn investigations_of(&self, principal: &TestPrincipal) -> Result<Vec<Value>, CloudError> {
        let all = self.investigations().await?;
        Ok(all.into_iter().filter(|it| it["finding_id"] == principal.id()).collect())
    }

    /// What GuardDuty was asked since the stage was set.
    async fn prompts(&self) -> Result<Vec<String>, CloudError> {
        Ok(self.investigations().await?.iter().map(|it| text(it, "prompt")).collect())
    }

    /// What GuardDuty was asked by all tests so far, this one included.
    pub(crate) async fn all_prompts(&self) -> Result<Vec<String>, CloudError> {
        let now = self.prompts().await?;
        Ok(EARLIER_PROMPTS.lock().unwrap().iter().cloned().chain(now).collect())
    }

    /// Has a person ask GuardDuty, past Gumshoe.
    pub(crate) async fn request_manually(&self, number: usize) -> Result<(), CloudError> {
        let ask = json!({"triggerPrompt": format!("{MANUAL_PROMPT_PREFIX}what happened in account {ACCOUNT} on day {number}?")});
        let path = format!("/detector/{}/investigation", self.detector());
        self.cloud.simulator_api().post_as(STACK_ACCOUNT, "guardduty", &path, &ask).await.map(drop)
    }

    fn detector(&self) -> String {
        self.cloud.simulator().detector_id(STACK_ACCOUNT, REGION)
    }

    /// The budget that the table holds; an empty one where it holds none.
    pub(crate) async fn budget(&self) -> Result<QuotaBudget, CloudError> {
        let get = json!({"TableName": self.cloud.outputs().get("CasesTableName"), "Key": budget_key(),
            "ConsistentRead": true});
        let answer = self.cloud.api().json("dynamodb", "DynamoDB_20120810.GetItem", &get).await?;
        let budget = answer["Item"]["budget"]["S"].as_str();
        Ok(budget.map(|text| serde_json::from_str(text).unwrap()).unwrap_or_default())
    }

    /// Writes a budget into the table where there is none.
    pub(crate) async fn put_budget(&self, budget: &QuotaBudget) -> Result<(), CloudError> {
        let mut item = budget_key();
        item["version"] = json!({"N": "1"});
        item["budget"] = json!({"S": serde_json::to_string(budget).unwrap()});
        let put = json!({"TableName": self.cloud.outputs().get("CasesTableName"), "Item": item});
        self.cloud.api().json("dynamodb", "DynamoDB_20120810.PutItem", &put).await.map(drop)
    }
}

/// A member of JSON that is a text.
pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn budget_key() -> Value {
    json!({"subject": {"S": "guardduty"}, "item": {"S": "budget"}})
}

/// A level and a score, as alerts and the table tell them.
pub(crate) fn level_and_score(alert: &Alert) -> (VerdictLevel, u8) {
    (alert.verdict.level, alert.verdict.score)
}
