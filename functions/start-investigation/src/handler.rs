//! Starts or finds the investigations of a case: Detective's of its principal, and GuardDuty's of one of its findings.

use crate::app::App;
use crate::error::StepError;
use crate::guardduty_request::request_investigation;
use gumshoe_aws::detective::{DetectiveError, ReuseCriteria};
use gumshoe_domain::ErrorName;
use gumshoe_domain::case::{
    FindingRecord, NextInvestigation, RegionActivity, StartedInvestigation, next_investigation,
};
use gumshoe_domain::coverage::{OutsideGraph, graph_region};
use gumshoe_domain::error::with_causes;
use gumshoe_domain::guardduty::GuardDutyRequestState;
use gumshoe_domain::investigation::{NotInvestigated, Scope};
use gumshoe_domain::{CaseKey, CaseRecord, Finding, InvestigationStatus, Principal};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The input from the state machine.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    case: CaseKey,
}

/// The result for the state machine.
#[derive(Debug, Serialize)]
pub(crate) struct Output {
    outcome: Outcome,
    /// Seconds until the first poll.
    wait_seconds: u64,
    /// The id of Detective's investigation.
    #[serde(skip_serializing_if = "Option::is_none")]
    investigation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reused: Option<bool>,
    /// Why there is no Detective investigation.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_investigated: Option<NotInvestigated>,
    /// The id of GuardDuty's investigation.
    #[serde(skip_serializing_if = "Option::is_none")]
    guardduty_investigation_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Outcome {
    /// At least one investigation is running, or has ended.
    Started,
    /// There is none.
    #[serde(rename = "NOTHING_RUNS")]
    NothingStarted,
}

/// Starts or finds the investigations of the case. Idempotent.
///
/// The two requests are independent: the outcome of one never prevents the other. Only a transient failure of Detective, or of the table, is an error: the
/// state machine retries the step, which finds the investigations that were already started.
pub(crate) async fn handle(app: &App, input: Input, now: impl Fn() -> Timestamp) -> Result<Output, StepError> {
    let case = app.table.case(&input.case).await?;
    let findings = app.table.findings(&case).await?;
    let detective = start_detective_investigation(app, &case, &findings, now()).await;
    let not_investigated = detective.as_ref().ok().and_then(|it| it.as_ref().err()).cloned();
    let detective_not_applicable = not_investigated.as_ref().is_some_and(NotInvestigated::has_nothing_to_investigate);
    let guardduty_state = request_investigation(app, &case, &findings, detective_not_applicable, &now).await?;
    let investigation = detective?.ok();
    let guardduty = guardduty_state.as_ref().and_then(GuardDutyRequestState::investigation);
    let is_started = investigation.is_some() || guardduty.is_some();
    Ok(Output {
        outcome: if is_started { Outcome::Started } else { Outcome::NothingStarted },
        wait_seconds: app.settings.deadline_minutes.wait_before(1).unwrap_or_default().as_secs(),
        reused: investigation.as_ref().map(|it| it.is_reused),
        investigation_id: investigation.map(|it| it.id),
        not_investigated,
        guardduty_investigation_id: guardduty.map(|it| it.id.clone()),
    })
}

/// Starts or finds Detective's investigation. The inner error: the permanent reason why there is no
/// investigation.
async fn start_detective_investigation(
    app: &App,
    case: &CaseRecord,
    findings: &[FindingRecord],
    now: Timestamp,
) -> Result<Result<StartedInvestigation, NotInvestigated>, StepError> {
    let entity = match &case.principal {
        Principal::IamUser(entity) | Principal::IamRole(entity) => entity,
        Principal::NotInvestigable(other) => return Ok(Err(NotInvestigated::no_principal(&other.reason))),
    };
    let previous = case.investigation.as_ref().filter(|it| case.is_current(it));
    let status = match previous {
        Some(recorded) => investigation_status(app, recorded).await?,
        None => None,
    };
    let findings: Vec<&Finding> = findings.iter().map(|record| &record.finding).collect();
    let next = next_investigation(case, findings.iter().copied(), &app.settings.investigation_regions);
    let region = previous.and_then(|it| graph_region(&it.graph_arn));
    let (target, after_failure) = match (next, previous, region) {
        // A failed investigation is started once more before the alert reports the failure.
        (_, Some(recorded), Some(region))
            if status == Some(InvestigationStatus::Failed) && !recorded.is_retry_after_failure =>
        {
            (RegionActivity::for_region(region, case, &findings), true)
        }
        // Regions are investigated one after the other: a retry of this step waits for the running investigation of another Region.
        (NextInvestigation::Start(target), Some(recorded), Some(region))
            if status == Some(InvestigationStatus::Running) && region != target.region =>
        {
            return Ok(Ok(recorded.clone()));
        }
        (NextInvestigation::Start(target), ..) => (target, false),
        (NextInvestigation::Existing(noted), ..) => return Ok(Ok(noted.clone())),
        (NextInvestigation::None(why), ..) => {
            tracing::warn!(case.id = %case.key.case_id, error.name = %why.error, regions = %app.settings.investigation_regions,
                "the findings of the case are in no configured Region; the case is alerted without an investigation");
            return Ok(Err(why));
        }
    };
    let target_region = target.region;
    match find_or_start(app, case, &entity.arn, target, after_failure, now).await {
        Err(StepError::Detective(error)) if !error.is_transient() => {
            tracing::warn!(case.id = %case.key.case_id, aws.region = target_region, error.name = error.error_name(),
                error.message = %with_causes(&error), "Detective rejected the investigation; the case is alerted without one");
            let outside = outside_graph(app, case, &entity.account_id, &error, now).await;
            let why = || NotInvestigated::new(error.error_name(), with_causes(&error));
            let why = outside.as_ref().map_or_else(why, NotInvestigated::outside_graph);
            Ok(Err(NotInvestigated { region: Some(target_region.to_owned()), ..why }))
        }
        other => other.map(Ok),
    }
}

/// The status of a recorded investigation; `None` if the read fails permanently; check-investigation reports why.
async fn investigation_status(
    app: &App,
    recorded: &StartedInvestigation,
) -> Result<Option<InvestigationStatus>, StepError> {
    match app.detective.investigation(&recorded.graph_arn, &recorded.id).await {
        Ok(found) => Ok(Some(found.status)),
        Err(error) if error.is_transient() => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// The principal's account, if Detective lacks the principal because the account is not in the graph; `None` if it is in the graph, or
/// GetMembers failed.
async fn outside_graph(
    app: &App,
    case: &CaseRecord,
    account_id: &str,
    error: &DetectiveError,
    now: Timestamp,
) -> Option<OutsideGraph> {
    let (DetectiveError::EntityNotInGraph { graph_arn, .. } | DetectiveError::InvestigationRefused { graph_arn, .. }) =
        error
    else {
        return None;
    };
    match app.detective.membership(graph_arn, account_id, now).await {
        Ok(coverage) => coverage.into_outside_graph(),
        Err(error) => {
            tracing::warn!(case.id = %case.key.case_id, account.id = %account_id, error.name = error.error_name(),
                error.message = %with_causes(&error), "could not read the account's graph membership; the alert gives Detective's error instead");
            None
        }
    }
}

/// Finds a reusable investigation in that Region, or starts one.
///
/// If the response of StartInvestigation is lost, the investigation may have been started: a retry finds it in the listing.
async fn find_or_start(
    app: &App,
    case: &CaseRecord,
    entity_arn: &str,
    RegionActivity { region, first_seen: first, last_seen: last }: RegionActivity<'_>,
    after_failure: bool,
    now: Timestamp,
) -> Result<StartedInvestigation, StepError> {
    let follow_up_started_at = case.progress.follow_up_at;
    let earliest = first.unwrap_or(last);
    let graph_arn = match &app.settings.graph_arn {
        Some(arn) if graph_region(arn) == Some(region) => arn.clone(),
        // Not cached: it is one call for each case, and a graph may be created or deleted in the life of the function.
        _ => app.detective.graph_arn(region).await?,
    };
    let running_since = now.saturating_sub(app.settings.deadline_minutes.deadline()).unwrap_or(now);
    // A follow-up investigation has to see the data that arrived late: it reuses nothing that was started before it.
    let criteria = ReuseCriteria {
        entity_arn,
        activity_start: earliest,
        activity_end: last,
        running_since,
        created_since: follow_up_started_at,
        includes_archived: app.settings.archive_quiet_investigations,
    };
    let found = app.detective.find_reusable(&graph_arn, criteria).await?;
    let scope = || Scope::up_to(Scope::latest_end(now, found.server_time), app.settings.scope_hours, first);
    let is_follow_up = follow_up_started_at.is_some();
    let investigation = match found.investigation {
        Some(found) => StartedInvestigation {
            id: found.id,
            graph_arn,
            scope: found.scope.unwrap_or_else(scope),
            is_reused: true,
            is_for_follow_up: is_follow_up,
            is_retry_after_failure: after_failure,
        },
        None => {
            let scope = scope();
            let id = app.detective.start(&graph_arn, entity_arn, scope).await?;
            StartedInvestigation {
                id,
                graph_arn,
                scope,
                is_reused: false,
                is_for_follow_up: is_follow_up,
                is_retry_after_failure: after_failure,
            }
        }
    };
    let other_regions = case.investigations_in_other_regions(&investigation.graph_arn);
    app.table.record_investigation(&case.key, &investigation, &other_regions).await?;
    tracing::info!(case.id = %case.key.case_id, investigation.id = %investigation.id,
        aws.region = region, reused = investigation.is_reused, follow_up = is_follow_up, after_failure,
        "{}", if investigation.is_reused { "reused a Detective investigation" } else { "started a Detective investigation" });
    Ok(investigation)
}

#[cfg(test)]
mod tests;
