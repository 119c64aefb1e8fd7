//! From a case to its investigations: Detective's of the principal, and GuardDuty's of a finding where that is wanted.

use crate::guardduty::SecondEngine;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::detective::{Detective, DetectiveError};
use gumshoe_aws::error::with_causes;
use gumshoe_aws::{Named, StepError};
use gumshoe_domain::case::{FindingRecord, OpenInvestigation};
use gumshoe_domain::graph::OutsideGraph;
use gumshoe_domain::guardduty::Standing;
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
    pub(crate) second: SecondEngine,
}

/// What the state machine sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    case: CaseKey,
}

/// What the state machine gets.
#[derive(Debug, Serialize)]
pub(crate) struct Output {
    outcome: Outcome,
    /// Seconds until the first look.
    wait_seconds: u64,
    /// Detective's investigation.
    #[serde(skip_serializing_if = "Option::is_none")]
    investigation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reused: Option<bool>,
    /// Why there is no investigation of Detective's.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_investigated: Option<NotInvestigated>,
    /// GuardDuty's investigation.
    #[serde(skip_serializing_if = "Option::is_none")]
    guardduty_investigation_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Outcome {
    /// An investigation runs, or has run already.
    Started,
    /// None does.
    NothingRuns,
}

/// Starts or finds the case's investigations. Doing it again finds the same.
///
/// Each engine is asked whatever the other answers. Only what may pass is an error: the state machine tries again, and what
/// was started is noted.
pub(crate) async fn handle(
    app: &StartInvestigation,
    input: Input,
    now: impl Fn() -> Timestamp,
) -> Result<Output, StepError> {
    let case = app.table.case(&input.case).await?;
    let findings = app.table.findings(&case).await?;
    let detective = ask_detective(app, &case, &findings, now()).await;
    let not_investigated = detective.as_ref().ok().and_then(|it| it.as_ref().err()).cloned();
    let nothing = not_investigated.as_ref().is_some_and(NotInvestigated::nothing_for_detective);
    let standing = app.second.ask(&app.table, &case, &findings, nothing, &now).await?;
    let noted = detective?.ok();
    let guardduty = standing.as_ref().and_then(Standing::asked);
    let runs = noted.is_some() || guardduty.is_some();
    Ok(Output {
        outcome: if runs { Outcome::Started } else { Outcome::NothingRuns },
        wait_seconds: app.schedule.wait_before(1).unwrap_or_default().as_secs(),
        reused: noted.as_ref().map(|it| it.reused),
        investigation_id: noted.map(|it| it.id),
        not_investigated,
        guardduty_investigation_id: guardduty.map(|it| it.id.clone()),
    })
}

/// Detective's investigation, or why there is none and will be none.
async fn ask_detective(
    app: &StartInvestigation,
    case: &CaseRecord,
    findings: &[FindingRecord],
    now: Timestamp,
) -> Result<Result<OpenInvestigation, NotInvestigated>, StepError> {
    let entity = match &case.principal {
        Principal::IamUser(entity) | Principal::IamRole(entity) => entity,
        Principal::NotInvestigable(other) => return Ok(Err(NotInvestigated::nothing(&other.reason))),
    };
    let activity = Activity::of(case, findings);
    match &case.investigation {
        Some(noted) if noted.scope.covers(activity.first.unwrap_or(activity.last), activity.last) => {
            Ok(Ok(noted.clone()))
        }
        _ => match find_or_start(app, case, &entity.arn, activity, now).await {
            Err(StepError::Detective(error)) if !error.may_pass() => {
                tracing::warn!(case.id = %case.key.case_id, error.name = error.name(),
                    error.message = %with_causes(&error), "Detective does not investigate");
                let outside = outside_graph(app, case, &entity.account_id, &error, now).await;
                let why = || NotInvestigated::new(error.name(), with_causes(&error));
                Ok(Err(outside.as_ref().map_or_else(why, NotInvestigated::outside)))
            }
            other => other.map(Ok),
        },
    }
}

/// The principal's account, where it is the reason for which the graph does not know the principal; nothing where it is not,
/// or nobody can tell.
async fn outside_graph(
    app: &StartInvestigation,
    case: &CaseRecord,
    account_id: &str,
    error: &DetectiveError,
    now: Timestamp,
) -> Option<OutsideGraph> {
    let DetectiveError::EntityNotInGraph { graph_arn, .. } = error else { return None };
    match app.detective.membership(graph_arn, account_id, now).await {
        Ok(coverage) => coverage.outside(),
        Err(error) => {
            tracing::warn!(case.id = %case.key.case_id, account.id = %account_id, error.name = error.name(),
                error.message = %with_causes(&error), "nobody knows whether the account is in the behavior graph");
            None
        }
    }
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

#[cfg(test)]
mod tests;
