//! From a case to an investigation.

use gumshoe_aws::StepError;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::detective::Detective;
use gumshoe_domain::case::{FindingRecord, OpenInvestigation};
use gumshoe_domain::investigation::{NotInvestigated, Scope};
use gumshoe_domain::schedule::Schedule;
use gumshoe_domain::{CaseKey, CaseRecord, Principal};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Everything that start-investigation works with.
pub(crate) struct StartInvestigation {
    pub(crate) table: CaseTable,
    pub(crate) detective: Detective,
    pub(crate) graph_arn: Option<String>,
    pub(crate) scope: SignedDuration,
    pub(crate) schedule: Schedule,
}

/// What the state machine sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    case: CaseKey,
}

/// What the state machine gets.
#[derive(Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub(crate) enum Output {
    /// An investigation runs, or has run already.
    Started {
        /// Seconds until the first look.
        wait_seconds: u64,
        investigation_id: String,
        reused: bool,
    },
    /// No IAM principal stands behind the case.
    NothingToInvestigate { not_investigated: NotInvestigated },
}

/// Starts or finds the case's investigation. Doing it again finds the same.
pub(crate) async fn handle(app: &StartInvestigation, input: Input, now: Timestamp) -> Result<Output, StepError> {
    let case = app.table.case(&input.case).await?;
    let entity_arn = match &case.principal {
        Principal::IamUser(entity) | Principal::IamRole(entity) => &entity.arn,
        Principal::NotInvestigable(other) => {
            let not_investigated =
                NotInvestigated { error: "NothingToInvestigate".to_owned(), cause: other.reason.to_string() };
            return Ok(Output::NothingToInvestigate { not_investigated });
        }
    };
    let findings = app.table.findings(&case).await?;
    let activity = Activity::of(&case, &findings);
    let investigation = match &case.investigation {
        Some(noted) if noted.scope.covers(activity.first.unwrap_or(activity.last), activity.last) => noted.clone(),
        _ => find_or_start(app, &case, entity_arn, activity, now).await?,
    };
    let wait = app.schedule.wait_before(1).unwrap_or_default();
    Ok(Output::Started {
        wait_seconds: wait.as_secs(),
        investigation_id: investigation.id,
        reused: investigation.reused,
    })
}

/// From when to when the case's findings saw activity.
#[derive(Clone, Copy)]
struct Activity {
    first: Option<Timestamp>,
    last: Timestamp,
}

impl Activity {
    fn of(case: &CaseRecord, findings: &[FindingRecord]) -> Self {
        let findings = || findings.iter().map(|record| &record.finding);
        Self {
            first: findings().filter_map(|finding| finding.first_seen).min(),
            // Scopes end at whole seconds.
            last: findings().filter_map(|finding| finding.last_seen).max().unwrap_or_else(|| {
                Timestamp::from_second(case.progress.number.opened_at.as_second())
                    .unwrap_or(case.progress.number.opened_at)
            }),
        }
    }
}

/// A call whose answer was lost has started an investigation all the same: the retry finds it in the list.
async fn find_or_start(
    app: &StartInvestigation,
    case: &CaseRecord,
    entity_arn: &str,
    Activity { first, last }: Activity,
    now: Timestamp,
) -> Result<OpenInvestigation, StepError> {
    let graph_arn = match &app.graph_arn {
        Some(arn) => arn.clone(),
        // Asked each time: it is one call a case, and a graph may come and go while the function stays warm.
        None => app.detective.graph_arn().await?,
    };
    let running_since = now.saturating_sub(app.schedule.deadline()).unwrap_or(now);
    let found = app.detective.reusable(&graph_arn, entity_arn, first.unwrap_or(last), last, running_since).await?;
    let investigation = match found {
        Some(found) => OpenInvestigation {
            id: found.id,
            graph_arn,
            scope: found.scope.unwrap_or_else(|| Scope::up_to(now, app.scope, first)),
            reused: true,
        },
        None => {
            let scope = Scope::up_to(now, app.scope, first);
            let id = app.detective.start(&graph_arn, entity_arn, scope).await?;
            OpenInvestigation { id, graph_arn, scope, reused: false }
        }
    };
    app.table.note_investigation(&case.key, &investigation).await?;
    tracing::info!(case.id = %case.key.case_id, investigation.id = %investigation.id,
        reused = investigation.reused, "the case has its investigation");
    Ok(investigation)
}
