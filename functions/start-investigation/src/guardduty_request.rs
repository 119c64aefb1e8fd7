//! Requests GuardDuty's own investigation of a case, if the configuration asks for it and the budget has a free slot.

use crate::app::App;
use crate::error::StepError;
use gumshoe_domain::case::FindingRecord;
use gumshoe_domain::error::with_causes;
use gumshoe_domain::guardduty::{
    GuardDutyRequestState, InvestigationRequest, ListedInvestigation, NotRequestedReason, QuotaLimits, RequestFlow,
    RequestOutcome, RequestStep, RequestedInvestigation,
};
use gumshoe_domain::{CaseRecord, Finding};
use jiff::Timestamp;

/// Requests an investigation, or finds the one that was requested before, and records the result. `None` if the case needs none. Idempotent.
/// A failure of GuardDuty is a result and no error: it does not delay the case.
pub(crate) async fn request_investigation(
    app: &App,
    case: &CaseRecord,
    findings: &[FindingRecord],
    detective_not_applicable: bool,
    now: &impl Fn() -> Timestamp,
) -> Result<Option<GuardDutyRequestState>, StepError> {
    if let Some(state @ GuardDutyRequestState::Requested(_)) = &case.guardduty {
        return Ok(Some(state.clone()));
    }
    let findings = findings.iter().map(|record| &record.finding);
    let Some(finding) = app.settings.guard_duty_investigations.select_finding(findings, detective_not_applicable)
    else {
        return Ok(case.guardduty.clone());
    };
    let state = match create_or_reuse(app, case, finding, now).await? {
        Ok(open) => GuardDutyRequestState::Requested(open),
        Err(why) => GuardDutyRequestState::NotRequested(why),
    };
    app.table.record_guardduty_request(&case.key, &state).await?;
    match &state {
        GuardDutyRequestState::Requested(open) => {
            tracing::info!(case.id = %case.key.case_id, investigation.id = %open.id, reused = open.is_reused,
                "requested a GuardDuty investigation of the case");
        }
        GuardDutyRequestState::NotRequested(why) => {
            tracing::warn!(case.id = %case.key.case_id, finding.id = %finding.id, error.message = ?why,
                "requested no GuardDuty investigation; the alert gives the reason");
        }
    }
    Ok(Some(state))
}

async fn create_or_reuse(
    app: &App,
    case: &CaseRecord,
    finding: &Finding,
    now: &impl Fn() -> Timestamp,
) -> Result<Result<RequestedInvestigation, NotRequestedReason>, StepError> {
    let request = match InvestigationRequest::new(&case.key.case_id, finding, &app.settings.investigation_regions) {
        Ok(request) => request,
        Err(why) => return Ok(Err(why)),
    };
    let guardduty = app.guardduty.for_region(Some(&finding.region));
    let detector_id = match guardduty.investigation_detector().await {
        Ok(id) => id,
        Err(why) => return Ok(Err(why)),
    };
    let prompt = request.prompt.clone();
    let mut flow = RequestFlow::begin(request, QuotaLimits::with_reserve(app.settings.guard_duty_slots_for_critical));
    let mut last_error = None;
    let result = loop {
        flow = match flow.step() {
            RequestStep::Read => flow.read(app.table.budget().await?, now()),
            RequestStep::List => {
                let before = now();
                let listed = list_all_regions(app).await;
                if let Err(why) = &listed {
                    tracing::warn!(case.id = %case.key.case_id, error.message = ?why,
                        "could not list GuardDuty's investigations, so the quota is unknown and none is requested");
                    last_error = Some(why.clone());
                }
                flow.listed(listed.ok().as_deref(), before)
            }
            RequestStep::Write(write) => flow.wrote(app.table.write_budget(&write).await?),
            RequestStep::Create { token, prompt } => {
                let (created, why) = guardduty.create(&detector_id, &prompt, &token).await;
                last_error = why;
                flow.created(created)
            }
            RequestStep::Done(outcome) => break outcome,
        };
    };
    let failed = |what: &str| NotRequestedReason::Failed { message: what.to_owned() };
    Ok(match result {
        RequestOutcome::Requested { id, is_reused: reused } => {
            let region = Some(finding.region.clone());
            Ok(RequestedInvestigation { id, detector_id, prompt, requested_at: now(), is_reused: reused, region })
        }
        RequestOutcome::QuotaExhausted(full) => Err(NotRequestedReason::NoSlot { full }),
        RequestOutcome::Refused | RequestOutcome::Unknown | RequestOutcome::NotListed => {
            Err(last_error.unwrap_or_else(|| failed("no answer")))
        }
        RequestOutcome::ContentionExhausted => {
            Err(failed("too many cases requested an investigation at the same time"))
        }
    })
}

/// The account's investigations in all configured Regions: AWS does not document whether the quota is one for each Region or one for all
/// of them. A Region whose detector cannot investigate has none.
async fn list_all_regions(app: &App) -> Result<Vec<ListedInvestigation>, NotRequestedReason> {
    let mut all = Vec::new();
    for guardduty in app.guardduty.all_regions() {
        match guardduty.investigation_detector().await {
            Ok(detector_id) => {
                let listed = guardduty.list(&detector_id).await;
                all.extend(listed.map_err(|error| NotRequestedReason::Failed { message: with_causes(&error) })?);
            }
            Err(
                NotRequestedReason::NoDetector
                | NotRequestedReason::DetectorDisabled
                | NotRequestedReason::FeatureDisabled,
            ) => {}
            Err(why) => return Err(why),
        }
    }
    Ok(all)
}
