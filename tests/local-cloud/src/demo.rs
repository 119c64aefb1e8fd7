//! `make demo`: sends one finding and shows each step from there to the alert.

use crate::artifacts::Artifacts;
use crate::cases::CaseItem;
use crate::error::CloudError;
use crate::findings;
use crate::narrate::{Ending, Narrator};
use crate::profile::Profile;
use crate::stack::{LocalCloud, Options, STACK_ACCOUNT};
use gumshoe_alerts::text::explanation::admission_reason;
use gumshoe_alerts::text::principal::principal_label;
use gumshoe_domain::admission::AdmissionRules;
use gumshoe_domain::explanation::Decision;
use gumshoe_domain::guardduty::When;
use gumshoe_domain::principal::{Principal, UninvestigableKind};
use gumshoe_domain::{Explanation, ParsedFinding};
use jiff::Timestamp;
use serde_json::Value;
use simulator::{Scenario, Scenarios};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the demo waits for each thing to happen.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(120);
/// The finding that is sent when none is named.
const FINDING: &str = include_str!("../../fixtures/findings/role-credentials-from-listed-address.json");

/// The result of GuardDuty's own investigation.
const GUARDDUTY: &str = include_str!("../../fixtures/scenarios/guardduty.json");

/// The path of the role in the demo's own finding. A finding does not contain it, so open-case looks it up.
const PATH: &str = "/reporting/";
/// The external id that the role in the finding's account requires.
const EXTERNAL_ID: &str = "demo";

/// The result of Detective's investigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DemoScenario {
    /// High risk.
    High,
    /// Nothing of note.
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
    /// The result of Detective's investigation.
    pub scenario: DemoScenario,
    /// A file with a finding: an EventBridge envelope, or the finding itself in either spelling.
    pub finding: Option<PathBuf>,
    /// The emulator's port; a free one if it is not given.
    pub port: Option<u16>,
    /// For which findings GuardDuty is asked to investigate as well.
    pub guardduty: When,
}

/// Runs the demo.
///
/// # Errors
///
/// A [`CloudError`] that says what to do about it.
pub async fn run(demo: &Demo, progress: &(dyn Fn(&str) + Sync)) -> Result<(), CloudError> {
    // A finding that cannot be sent is reported before anything is built.
    let mut document = read(demo.finding.as_deref())?;
    if demo.finding.is_none() {
        move_to_now(&mut document["detail"]);
    }
    let parsed = ParsedFinding::from_json(&document).map_err(|error| crate::api::call_failed("the finding", error))?;
    // The finding is investigated in its own Region, wherever that is.
    let region = parsed.finding().region.clone();
    let options = Options {
        port: demo.port,
        profile: Profile::of_environment()?,
        // A second of the state machine takes 50 ms.
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
    cloud.simulator().add_scenario(scenario.map_err(|source| crate::api::call_failed("the scenario", source))?);
    if demo.guardduty != When::Off {
        let scenarios = Scenarios::from_json(GUARDDUTY);
        cloud.simulator().add_scenarios(scenarios.map_err(|source| crate::api::call_failed("the scenario", source))?);
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
        let id = cloud.create_role(&role.account_id, PATH, &role.name).await?;
        let session = role.session_name.as_deref().unwrap_or_default();
        document["detail"]["resource"]["accessKeyDetails"]["principalId"] = format!("{id}:{session}").into();
    }
    show(&cloud, &document, &parsed, progress).await?;
    progress("\nStopping everything that was started.");
    let tools = cloud.tools().clone();
    drop(cloud);
    tools.remove_scratch_folder();
    Ok(())
}

async fn show(
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
        let lookup = candidate.lookup().map(|lookup| format!(", looked up with {lookup}")).unwrap_or_default();
        let principal = match candidate.current_principal() {
            Principal::NotInvestigable(other) if other.kind == UninvestigableKind::None => {
                "not in the finding".to_owned()
            }
            principal => principal_label(principal),
        };
        progress(&format!("Acting principal: {principal}{lookup}"));
    }
    cloud.send(std::slice::from_ref(findings::detail_of(document))).await?;
    let case = cloud
        .poll_until("the finding's case", TIMEOUT, async || Ok(cloud.all_cases().await?.into_iter().next()))
        .await?;
    progress(&format!("Case {} about {}", case.case_id, in_words(&case.subject)));
    let ending = follow(cloud, &case.case_id, progress).await?;
    let case = cloud.cases(&case.subject).await?.pop().unwrap_or(case);
    let mut artifacts = Artifacts::in_folder_of(cloud.tools());
    artifacts.keep_evidence(cloud, &case).await?;
    artifacts.keep_history(cloud, &case.case_id).await?;
    if is_closed_quietly(&case, ending) {
        progress("\nThe case was closed quietly: no alert was sent. Its record is in the table.");
    } else {
        let alert = cloud
            .poll_until("the alert", TIMEOUT, async || {
                let mut received = cloud.inbox().received().into_iter();
                Ok(received.find(|message| message.protocol == "email" && message.body.contains(&case.case_id)))
            })
            .await?;
        progress("\nThe alert, as an e-mail subscriber received it:\n");
        progress(&format!("Subject: {}\n", alert.subject.unwrap_or_default()));
        alert.body.lines().for_each(|line| progress(&format!("  {line}")));
        artifacts.keep_slack_message(cloud, &case.case_id).await?;
    }
    artifacts.list(progress);
    Ok(())
}

/// Narrates the case's execution until it ends.
async fn follow(cloud: &LocalCloud, case_id: &str, progress: &(dyn Fn(&str) + Sync)) -> Result<Ending, CloudError> {
    let mut narrator = Narrator::default();
    let mut seen = 0;
    let look = async || {
        // The emulator answers with an error until the execution exists.
        let Ok(history) = cloud.history(case_id).await else { return Ok(None) };
        for event in history.iter().skip(seen) {
            narrator.event(event).iter().for_each(|line| progress(line));
        }
        seen = history.len();
        Ok(narrator.ended())
    };
    cloud.poll_until("the end of the case", TIMEOUT, look).await
}

fn is_closed_quietly(case: &CaseItem, ending: Ending) -> bool {
    case.published_revision == 0 && case.status == "CLOSED" && ending == Ending::Succeeded
}

/// A case without a principal is about its finding.
fn in_words(subject: &str) -> String {
    if subject.starts_with("arn:") { subject.to_owned() } else { format!("the finding itself ({subject})") }
}

/// Moves the finding to the last minutes, as GuardDuty would raise it: an investigation does not look at what lies long
/// before it or in the future.
#[expect(clippy::disallowed_methods, reason = "the demo takes place now")]
pub(crate) fn move_to_now(detail: &mut Value) {
    let now = Timestamp::now().as_second();
    let before = |minutes: i64| Timestamp::from_second(now - minutes * 60).unwrap_or_default().to_string().into();
    detail["service"]["eventFirstSeen"] = before(20);
    detail["service"]["eventLastSeen"] = before(8);
    detail["createdAt"] = before(5);
    detail["updatedAt"] = before(5);
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
    let parsed = ParsedFinding::from_json(&document).map_err(|error| wrong(error.to_string()))?;
    let explanation = Explanation::of(&parsed, &AdmissionRules { is_rehearsal: true, ..AdmissionRules::default() });
    if explanation.decision == Decision::Ignore {
        return Err(wrong(format!("it opens no case: {}", admission_reason(&explanation.reason))));
    }
    Ok(document)
}
