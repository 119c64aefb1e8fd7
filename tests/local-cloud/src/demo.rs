//! `make demo`: sends one finding and prints each step until the alert.

use crate::artifacts::Artifacts;
use crate::cases::CaseItem;
use crate::error::CloudError;
use crate::findings;
use crate::narrate::{ExecutionOutcome, Narrator};
use crate::profile::Profile;
use crate::stack::{LocalCloud, Options, STACK_ACCOUNT};
use gumshoe_alerts::text::explanation::admission_reason;
use gumshoe_alerts::text::principal::principal_label;
use gumshoe_domain::admission::AdmissionRules;
use gumshoe_domain::explanation::Decision;
use gumshoe_domain::guardduty::InvestigationPolicy;
use gumshoe_domain::principal::{Principal, UninvestigableKind};
use gumshoe_domain::{Explanation, ParsedFinding};
use jiff::Timestamp;
use serde_json::Value;
use simulator::{Scenario, Scenarios};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Timeout of each wait of the demo.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(120);
/// The default finding.
const FINDING: &str = include_str!("../../fixtures/findings/role-credentials-from-listed-address.json");

/// The simulated result of GuardDuty's investigation.
const GUARDDUTY: &str = include_str!("../../fixtures/scenarios/guardduty.json");

/// The path of the role in the default finding. A finding does not contain the path, so open-case reads it from IAM.
const ROLE_PATH: &str = "/reporting/";
/// The external ID that the lookup role in the finding's account requires.
const EXTERNAL_ID: &str = "demo";

/// The simulated result of Detective's investigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DemoScenario {
    /// High risk.
    High,
    /// No indicators of compromise.
    Quiet,
    /// The investigation ends with status FAILED.
    Failed,
    /// The investigation does not end before the deadline.
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

/// The demo's options.
pub struct Demo {
    /// The simulated result of Detective's investigation.
    pub scenario: DemoScenario,
    /// A file with a finding: an EventBridge envelope, or a bare finding in camelCase or PascalCase.
    pub finding: Option<PathBuf>,
    /// The emulator's port; `None` for a free one.
    pub port: Option<u16>,
    /// The findings that GuardDuty also investigates.
    pub guardduty: InvestigationPolicy,
}

/// Runs the demo.
///
/// # Errors
///
/// A [`CloudError`] with the remedy.
pub async fn run(demo: &Demo, progress: &(dyn Fn(&str) + Sync)) -> Result<(), CloudError> {
    // Validate the finding before the long build.
    let mut document = read_finding(demo.finding.as_deref())?;
    if demo.finding.is_none() {
        shift_to_now(&mut document["detail"]);
    }
    let parsed =
        ParsedFinding::from_json(&document).map_err(|error| crate::api::call_failed("parse the finding", error))?;
    // The finding is investigated in its own Region.
    let region = parsed.finding().region.clone();
    let options = Options {
        port: demo.port,
        profile: Profile::of_environment()?,
        // A second of the state machine's waits takes 50 ms.
        wait_scale: 0.05,
        parameters: [
            ("GuardDutyInvestigations", demo.guardduty.to_string().as_str()),
            ("MinimumSeverity", "0"),
            ("DeadlineMinutes", "5"),
            ("LogRetentionDays", "1"),
            ("MemberRoleName", "gumshoe-principals"),
            ("MemberRoleExternalId", EXTERNAL_ID),
            ("InvestigationRegions", region.as_str()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        durable: false,
        progress,
    };
    let cloud = LocalCloud::start(&options).await?;
    let scenario = Scenario::named(demo.scenario.name());
    cloud.simulator().add_scenario(scenario.map_err(|source| crate::api::call_failed("load the scenario", source))?);
    if demo.guardduty != InvestigationPolicy::Off {
        let scenarios = Scenarios::from_json(GUARDDUTY);
        cloud
            .simulator()
            .add_scenarios(scenarios.map_err(|source| crate::api::call_failed("load the scenario", source))?);
        cloud.enable_analyst().await?;
    }
    let entity = parsed.finding().principal.entity();
    let accounts = [parsed.finding().owner(), entity.map(|entity| entity.account_id.as_str())];
    for account in accounts.into_iter().flatten().filter(|account| *account != STACK_ACCOUNT) {
        cloud.add_graph_member_in(&region, account).await?;
    }
    if let Some(owner) = parsed.finding().owner().filter(|owner| *owner != STACK_ACCOUNT) {
        cloud.deploy_member_role(owner, EXTERNAL_ID).await?;
    }
    if let (None, Principal::IamRole(role)) = (&demo.finding, &parsed.finding().principal) {
        let id = cloud.create_role(&role.account_id, ROLE_PATH, &role.name).await?;
        let session = role.session_name.as_deref().unwrap_or_default();
        document["detail"]["resource"]["accessKeyDetails"]["principalId"] = format!("{id}:{session}").into();
    }
    run_scenario(&cloud, &document, &parsed, progress).await?;
    progress("\nStopping the emulator, the simulator and the functions.");
    let tools = cloud.tools().clone();
    drop(cloud);
    tools.remove_scratch_folder();
    Ok(())
}

async fn run_scenario(
    cloud: &LocalCloud,
    document: &Value,
    parsed: &ParsedFinding,
    progress: &(dyn Fn(&str) + Sync),
) -> Result<(), CloudError> {
    let finding = parsed.finding();
    progress(&format!(
        "\nSending finding {} ({}, severity {}) through EventBridge",
        finding.id, finding.finding_type, finding.severity
    ));
    for candidate in parsed.candidates() {
        let lookup = candidate.lookup().map(|lookup| format!(" (lookup: {lookup})")).unwrap_or_default();
        let principal = match candidate.current_principal() {
            Principal::NotInvestigable(other) if other.kind == UninvestigableKind::None => {
                "none in the finding".to_owned()
            }
            principal => principal_label(principal),
        };
        progress(&format!("Candidate principal: {principal}{lookup}"));
    }
    cloud.send(std::slice::from_ref(findings::detail_of(document))).await?;
    let case = cloud
        .poll_until("the case of the finding", TIMEOUT, async || Ok(cloud.all_cases().await?.into_iter().next()))
        .await?;
    progress(&format!("Case {}, subject: {}", case.case_id, subject_label(&case.subject)));
    let outcome = narrate_execution(cloud, &case.case_id, progress).await?;
    let case = cloud.cases(&case.subject).await?.pop().unwrap_or(case);
    let mut artifacts = Artifacts::new(cloud.tools());
    artifacts.write_evidence(cloud, &case).await?;
    artifacts.write_history(cloud, &case.case_id).await?;
    if is_closed_quietly(&case, outcome) {
        progress("\nCase closed without an alert. The record is in the DynamoDB table.");
    } else {
        let alert = cloud
            .poll_until(&format!("the alert e-mail of case {}", case.case_id), TIMEOUT, async || {
                let mut received = cloud.inbox().received().into_iter();
                Ok(received.find(|message| message.protocol == "email" && message.body.contains(&case.case_id)))
            })
            .await?;
        progress("\nAlert e-mail:\n");
        progress(&format!("Subject: {}\n", alert.subject.unwrap_or_default()));
        alert.body.lines().for_each(|line| progress(&format!("  {line}")));
        artifacts.write_slack_message(cloud, &case.case_id).await?;
    }
    artifacts.list(progress);
    Ok(())
}

/// Prints the steps of the case's execution until it ends.
async fn narrate_execution(
    cloud: &LocalCloud,
    case_id: &str,
    progress: &(dyn Fn(&str) + Sync),
) -> Result<ExecutionOutcome, CloudError> {
    let mut narrator = Narrator::default();
    let mut seen = 0;
    let poll = async || {
        // The emulator returns an error until the execution exists.
        let Ok(history) = cloud.history(case_id).await else { return Ok(None) };
        for event in history.iter().skip(seen) {
            narrator.event(event).iter().for_each(|line| progress(line));
        }
        seen = history.len();
        Ok(narrator.outcome())
    };
    cloud.poll_until(&format!("the end of execution {case_id}"), TIMEOUT, poll).await
}

fn is_closed_quietly(case: &CaseItem, outcome: ExecutionOutcome) -> bool {
    case.published_revision == 0 && case.status == "CLOSED" && outcome == ExecutionOutcome::Succeeded
}

/// The text for a case's subject. A case without a principal has its finding as subject.
fn subject_label(subject: &str) -> String {
    if subject.starts_with("arn:") { subject.to_owned() } else { format!("finding {subject}") }
}

/// Moves the finding's times to the last minutes, as if GuardDuty had just raised it: an investigation does not cover activity
/// long before its start or in the future.
#[expect(clippy::disallowed_methods, reason = "the demo uses the current time")]
pub(crate) fn shift_to_now(detail: &mut Value) {
    let now = Timestamp::now().as_second();
    let ago = |minutes: i64| Timestamp::from_second(now - minutes * 60).unwrap_or_default().to_string().into();
    detail["service"]["eventFirstSeen"] = ago(20);
    detail["service"]["eventLastSeen"] = ago(8);
    detail["createdAt"] = ago(5);
    detail["updatedAt"] = ago(5);
}

fn read_finding(path: Option<&Path>) -> Result<Value, CloudError> {
    let (text, path) = match path {
        None => (FINDING.to_owned(), PathBuf::from("the default finding")),
        Some(path) => {
            let text = std::fs::read_to_string(path);
            (text.map_err(CloudError::io(format!("could not read {}", path.display())))?, path.to_owned())
        }
    };
    let invalid = |reason: String| CloudError::Finding { path: path.clone(), reason };
    let document: Value =
        serde_json::from_str(&text).map_err(|error| invalid(format!("it is not valid JSON: {error}")))?;
    let parsed = ParsedFinding::from_json(&document).map_err(|error| invalid(error.to_string()))?;
    let explanation = Explanation::of(&parsed, &AdmissionRules { is_rehearsal: true, ..AdmissionRules::default() });
    if explanation.decision == Decision::Ignore {
        return Err(invalid(format!("it opens no case: {}", admission_reason(&explanation.reason))));
    }
    Ok(document)
}
