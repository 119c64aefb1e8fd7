//! `make demo`: one finding, all the way, shown as it goes.

use crate::error::CloudError;
use crate::papers::Papers;
use crate::profile::Profile;
use crate::stack::{LocalCloud, OWN_ACCOUNT, Options};
use crate::{findings, narrate};
use gumshoe_domain::admission::Admission;
use gumshoe_domain::explanation::Decision;
use gumshoe_domain::guardduty::When;
use gumshoe_domain::principal::Principal;
use gumshoe_domain::{Explanation, Reading};
use serde_json::Value;
use simulator::{Scenario, Scenarios};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the demo waits for each thing to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
/// The finding that is sent when none is named.
const FINDING: &str = include_str!("../../fixtures/findings/role-credentials-from-listed-address.json");

/// What GuardDuty's own investigation comes to.
const GUARDDUTY: &str = include_str!("../../fixtures/scenarios/guardduty.json");

/// The path of the role that the demo's own finding is about: findings do not carry it, so it is looked up.
const PATH: &str = "/reporting/";
/// What the role in the finding's account asks for.
const EXTERNAL_ID: &str = "demo";

/// What the investigation is to come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DemoScenario {
    /// High risk.
    High,
    /// Nothing of note.
    Quiet,
    /// The investigation ends with status FAILED.
    Failed,
    /// It never ends; the deadline does.
    Stuck,
}

impl DemoScenario {
    fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Quiet => "quiet",
            Self::Failed => "failed",
            Self::Stuck => "stuck",
        }
    }
}

/// What is to be shown.
pub struct Demo {
    /// What the investigation is to come to.
    pub scenario: DemoScenario,
    /// A file with a finding: an EventBridge envelope, or the finding itself in either spelling.
    pub finding: Option<PathBuf>,
    /// The emulator's port; nothing for a free one.
    pub port: Option<u16>,
    /// For which findings GuardDuty is asked to investigate as well.
    pub guardduty: When,
}

/// Runs the demo.
///
/// # Errors
///
/// [`CloudError`] with its mend.
pub async fn run(demo: &Demo, say: &(dyn Fn(&str) + Sync)) -> Result<(), CloudError> {
    // What cannot be sent is told before anything is built.
    let mut document = read(demo.finding.as_deref())?;
    let options = Options {
        port: demo.port,
        profile: Profile::of_environment()?,
        // The demo's seconds are twenty times shorter, and of the deadline less is shown.
        wait_scale: 0.05,
        parameters: [
            ("GuardDutyInvestigations", demo.guardduty.to_string().as_str()),
            ("MinimumSeverity", "0"),
            ("DeadlineMinutes", "5"),
            ("LogRetentionDays", "1"),
            ("MemberRoleName", "gumshoe-principals"),
            ("MemberRoleExternalId", EXTERNAL_ID),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        durable: false,
        say,
    };
    let cloud = LocalCloud::start(&options).await?;
    let scenario = Scenario::named(demo.scenario.name());
    cloud.simulator().add_scenario(scenario.map_err(|source| crate::api::call_failed("the scenario", source))?);
    if demo.guardduty != When::Off {
        let scenarios = Scenarios::from_json(GUARDDUTY);
        cloud.simulator().add_scenarios(scenarios.map_err(|source| crate::api::call_failed("the scenario", source))?);
        cloud.enable_analyst().await?;
    }
    let reading = Reading::from_json(&document).map_err(|error| crate::api::call_failed("the finding", error))?;
    let entity = reading.known().principal.entity();
    let accounts = [reading.known().owner(), entity.map(|entity| entity.account_id.as_str())];
    for account in accounts.into_iter().flatten().filter(|account| *account != OWN_ACCOUNT) {
        cloud.enrol(account).await?;
    }
    if let Some(owner) = reading.known().owner().filter(|owner| *owner != OWN_ACCOUNT) {
        cloud.add_member(owner, EXTERNAL_ID).await?;
    }
    if let (None, Principal::IamRole(role)) = (&demo.finding, &reading.known().principal) {
        let id = cloud.make_role(&role.account_id, PATH, &role.name).await?;
        let session = role.session_name.as_deref().unwrap_or_default();
        document["detail"]["resource"]["accessKeyDetails"]["principalId"] = format!("{id}:{session}").into();
    }
    show(&cloud, &document, &reading, say).await?;
    say("\nStopping everything that was started.");
    let tools = cloud.tools().clone();
    drop(cloud);
    tools.tidy();
    Ok(())
}

async fn show(
    cloud: &LocalCloud,
    document: &Value,
    reading: &Reading,
    say: &(dyn Fn(&str) + Sync),
) -> Result<(), CloudError> {
    let finding = reading.known();
    say(&format!(
        "\nSending finding {} ({}, severity {}) through EventBridge",
        finding.id, finding.finding_type, finding.severity
    ));
    for lead in reading.leads() {
        let lookup = lead.lookup().map(|lookup| format!(", to be looked up by {lookup}")).unwrap_or_default();
        say(&format!("It leads to {}{lookup}", lead.so_far().in_words()));
    }
    cloud.send(std::slice::from_ref(findings::detail_of(document))).await?;
    let case = cloud
        .eventually("the finding's case", PATIENCE, async || Ok(cloud.all_cases().await?.into_iter().next()))
        .await?;
    let subject = case.subject.clone();
    say(&format!("Case {} about {}", case.case_id, case_subject(&subject)));
    let mut told = 0;
    let ended = cloud
        .eventually("the end of the case", PATIENCE, async || {
            // Before the execution is there, the emulator answers with an error: look again.
            let Ok(history) = cloud.history(&case.case_id).await else { return Ok(None) };
            for event in history.iter().skip(told) {
                narrate::line(event).iter().for_each(|line| say(line));
            }
            told = history.len();
            let execution = cloud.execution(&case.case_id).await?;
            Ok((execution["status"] != "RUNNING").then_some(execution))
        })
        .await?;
    let status = ended["status"].as_str().unwrap_or_default();
    if let Some(error) = ended["error"].as_str() {
        say(&format!("The execution ended as {status}: {error}: {}", ended["cause"].as_str().unwrap_or_default()));
    }
    let case = cloud.cases(&subject).await?.pop().unwrap_or(case);
    let papers = Papers::of(cloud, &case).await?;
    if case.published_revision == 0 && case.status == "CLOSED" && status == "SUCCEEDED" {
        say("\nThe case was closed quietly: nobody is woken. Its record is in the table.");
        papers.say(say);
        return Ok(());
    }
    let alert = cloud
        .eventually("the alert", PATIENCE, async || {
            let received = cloud.inbox().received().into_iter();
            Ok(received.clone().find(|message| message.protocol == "email" && message.body.contains(&case.case_id)))
        })
        .await?;
    say(&format!("\nThe alert, as its subscriber received it (execution {status}):\n"));
    say(&format!("Subject: {}\n", alert.subject.unwrap_or_default()));
    alert.body.lines().for_each(|line| say(&format!("  {line}")));
    papers.with_slack(cloud, &case.case_id).await?.say(say);
    Ok(())
}

fn case_subject(subject: &str) -> String {
    if subject.starts_with("arn:") { subject.to_owned() } else { format!("the finding itself ({subject})") }
}

fn read(path: Option<&Path>) -> Result<Value, CloudError> {
    let (text, path) = match path {
        None => (FINDING.to_owned(), PathBuf::from("the demo's own finding")),
        Some(path) => {
            let text = std::fs::read_to_string(path);
            (text.map_err(CloudError::io(format!("{} cannot be read", path.display())))?, path.to_owned())
        }
    };
    let wrong = |why: String| CloudError::Finding { path: path.clone(), why };
    let document: Value = serde_json::from_str(&text).map_err(|error| wrong(format!("it is not JSON: {error}")))?;
    let reading = Reading::from_json(&document).map_err(|error| wrong(error.to_string()))?;
    let explanation = Explanation::of(&reading, &Admission { rehearsal: true, ..Admission::default() });
    if explanation.decision == Decision::Ignore {
        return Err(wrong(format!("it opens no case: {}", explanation.reason)));
    }
    Ok(document)
}
