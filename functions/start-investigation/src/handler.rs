//! From a case to its investigations: Detective's of the principal, and GuardDuty's of a finding where that is criteria.

use crate::app::App;
use crate::error::StepError;
use crate::guardduty;
use gumshoe_aws::detective::{DetectiveError, ReuseCriteria};
use gumshoe_domain::Named;
use gumshoe_domain::case::{FindingRecord, Next, OpenInvestigation, Place, next_investigation};
use gumshoe_domain::coverage::{OutsideGraph, region_of};
use gumshoe_domain::error::with_causes;
use gumshoe_domain::guardduty::Standing;
use gumshoe_domain::investigation::{NotInvestigated, Scope};
use gumshoe_domain::{CaseKey, CaseRecord, Finding, InvestigationStatus, Principal};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
pub(crate) async fn handle(app: &App, input: Input, now: impl Fn() -> Timestamp) -> Result<Output, StepError> {
    let case = app.table.case(&input.case).await?;
    let findings = app.table.findings(&case).await?;
    let detective = ask_detective(app, &case, &findings, now()).await;
    let not_investigated = detective.as_ref().ok().and_then(|it| it.as_ref().err()).cloned();
    let nothing = not_investigated.as_ref().is_some_and(NotInvestigated::nothing_for_detective);
    let standing = guardduty::ask(app, &case, &findings, nothing, &now).await?;
    let noted = detective?.ok();
    let guardduty = standing.as_ref().and_then(Standing::asked);
    let runs = noted.is_some() || guardduty.is_some();
    Ok(Output {
        outcome: if runs { Outcome::Started } else { Outcome::NothingRuns },
        wait_seconds: app.settings.deadline_minutes.wait_before(1).unwrap_or_default().as_secs(),
        reused: noted.as_ref().map(|it| it.reused),
        investigation_id: noted.map(|it| it.id),
        not_investigated,
        guardduty_investigation_id: guardduty.map(|it| it.id.clone()),
    })
}

/// Detective's investigation, or why there is none and will be none.
async fn ask_detective(
    app: &App,
    case: &CaseRecord,
    findings: &[FindingRecord],
    now: Timestamp,
) -> Result<Result<OpenInvestigation, NotInvestigated>, StepError> {
    let entity = match &case.principal {
        Principal::IamUser(entity) | Principal::IamRole(entity) => entity,
        Principal::NotInvestigable(other) => return Ok(Err(NotInvestigated::nothing(&other.reason))),
    };
    let last = case.investigation.as_ref().filter(|noted| case.counts(noted));
    let status = match last {
        Some(noted) => status(app, noted).await?,
        None => None,
    };
    let findings: Vec<&Finding> = findings.iter().map(|record| &record.finding).collect();
    let next = next_investigation(case, findings.iter().copied(), &app.settings.investigation_regions);
    let region = last.and_then(|noted| region_of(&noted.graph_arn));
    let (place, after_failure) = match (next, last, region) {
        // It is started once more before people read that it failed.
        (_, Some(noted), Some(region)) if status == Some(InvestigationStatus::Failed) && !noted.after_failure => {
            (Place::of(region, case, &findings), true)
        }
        // A retry of this step goes on waiting for another Region's, as one is investigated after the other.
        (Next::In(place), Some(noted), Some(region))
            if status == Some(InvestigationStatus::Running) && region != place.region =>
        {
            return Ok(Ok(noted.clone()));
        }
        (Next::In(place), ..) => (place, false),
        (Next::Noted(noted), ..) => return Ok(Ok(noted.clone())),
        (Next::Nowhere(why), ..) => {
            tracing::warn!(case.id = %case.key.case_id, why = %why.error, "no Region of the case is investigated in");
            return Ok(Err(why));
        }
    };
    match find_or_start(app, case, &entity.arn, place, after_failure, now).await {
        Err(StepError::Detective(error)) if !error.may_pass() => {
            tracing::warn!(case.id = %case.key.case_id, region = place.region, error.name = error.name(),
                error.message = %with_causes(&error), "Detective does not investigate");
            let outside = outside_graph(app, case, &entity.account_id, &error, now).await;
            let why = || NotInvestigated::new(error.name(), with_causes(&error));
            let why = outside.as_ref().map_or_else(why, NotInvestigated::outside);
            Ok(Err(NotInvestigated { region: Some(place.region.to_owned()), ..why }))
        }
        other => other.map(Ok),
    }
}

/// How far the case's investigation has come. What Detective refuses to say for good, check-investigation tells.
async fn status(app: &App, noted: &OpenInvestigation) -> Result<Option<InvestigationStatus>, StepError> {
    match app.detective.investigation(&noted.graph_arn, &noted.id).await {
        Ok(found) => Ok(Some(found.status)),
        Err(error) if error.may_pass() => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// The principal's account, where it is the reason for which the graph does not know the principal; nothing where it is not,
/// or nobody can tell.
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
        Ok(coverage) => coverage.outside(),
        Err(error) => {
            tracing::warn!(case.id = %case.key.case_id, account.id = %account_id, error.name = error.name(),
                error.message = %with_causes(&error), "could not read the account's graph membership");
            None
        }
    }
}

/// Finds or starts an investigation in that Region.
///
/// A call whose answer was lost has started an investigation all the same: the retry finds it in the list.
async fn find_or_start(
    app: &App,
    case: &CaseRecord,
    entity_arn: &str,
    Place { region, first, last }: Place<'_>,
    after_failure: bool,
    now: Timestamp,
) -> Result<OpenInvestigation, StepError> {
    let begun = case.progress.second_look_at;
    let earliest = first.unwrap_or(last);
    let graph_arn = match &app.settings.graph_arn {
        Some(arn) if region_of(arn) == Some(region) => arn.clone(),
        // Asked each time: it is one call a case, and a graph may come and go while the function stays warm.
        _ => app.detective.graph_arn(region).await?,
    };
    let running_since = now.saturating_sub(app.settings.deadline_minutes.deadline()).unwrap_or(now);
    // The second look is one at what Detective knows by then: nothing that was started before it serves.
    let criteria = ReuseCriteria {
        entity_arn,
        activity_start: earliest,
        activity_end: last,
        running_since,
        created_since: begun,
        includes_archived: app.settings.archive_quiet_investigations,
    };
    let found = app.detective.find_reusable(&graph_arn, criteria).await?;
    let scope = || Scope::up_to(Scope::latest_end(now, found.server_time), app.settings.scope_hours, first);
    let second_look = begun.is_some();
    let investigation = match found.investigation {
        Some(found) => OpenInvestigation {
            id: found.id,
            graph_arn,
            scope: found.scope.unwrap_or_else(scope),
            reused: true,
            second_look,
            after_failure,
        },
        None => {
            let scope = scope();
            let id = app.detective.start(&graph_arn, entity_arn, scope).await?;
            OpenInvestigation { id, graph_arn, scope, reused: false, second_look, after_failure }
        }
    };
    let elsewhere = case.elsewhere_beside(&investigation.graph_arn);
    app.table.record_investigation(&case.key, &investigation, &elsewhere).await?;
    tracing::info!(case.id = %case.key.case_id, investigation.id = %investigation.id, region,
        reused = investigation.reused, second_look, after_failure, "the case has its investigation");
    Ok(investigation)
}

#[cfg(test)]
mod tests;
