//! The second engine: GuardDuty's own investigation of a case, where one is wanted and a slot is left.

use crate::app::App;
use crate::error::StepError;
use gumshoe_domain::case::FindingRecord;
use gumshoe_domain::error::with_causes;
use gumshoe_domain::guardduty::{
    Asked, Asking, AskingStep, Limits, Listed, NotAsked, OpenInvestigation, Request, Standing,
};
use gumshoe_domain::{CaseRecord, Finding};
use jiff::Timestamp;

/// How GuardDuty's side of the case stands, once it was asked where it should be; nothing where it should not. Doing it
/// again finds the same. Whatever GuardDuty does, it is an answer and no failure.
pub(crate) async fn ask(
    app: &App,
    case: &CaseRecord,
    findings: &[FindingRecord],
    nothing_for_detective: bool,
    now: &impl Fn() -> Timestamp,
) -> Result<Option<Standing>, StepError> {
    if let Some(standing @ Standing::Asked(_)) = &case.guardduty {
        return Ok(Some(standing.clone()));
    }
    let findings = findings.iter().map(|record| &record.finding);
    let Some(finding) = app.settings.guard_duty_investigations.choose(findings, nothing_for_detective) else {
        return Ok(case.guardduty.clone());
    };
    let standing = match investigation(app, case, finding, now).await? {
        Ok(open) => Standing::Asked(open),
        Err(why) => Standing::NotAsked(why),
    };
    app.table.record_guardduty_request(&case.key, &standing).await?;
    match &standing {
        Standing::Asked(open) => tracing::info!(case.id = %case.key.case_id, investigation.id = %open.id,
            reused = open.reused, "GuardDuty was asked to investigate"),
        Standing::NotAsked(why) => {
            tracing::warn!(case.id = %case.key.case_id, why = ?why, "GuardDuty was not asked");
        }
    }
    Ok(Some(standing))
}

async fn investigation(
    app: &App,
    case: &CaseRecord,
    finding: &Finding,
    now: &impl Fn() -> Timestamp,
) -> Result<Result<OpenInvestigation, NotAsked>, StepError> {
    let request = match Request::new(&case.key.case_id, finding, &app.settings.investigation_regions) {
        Ok(request) => request,
        Err(why) => return Ok(Err(why)),
    };
    let guardduty = app.guardduty.for_region(Some(&finding.region));
    let detector_id = match guardduty.investigation_detector().await {
        Ok(id) => id,
        Err(why) => return Ok(Err(why)),
    };
    let prompt = request.prompt.clone();
    let mut asking = Asking::begin(request, Limits::keeping(app.settings.guard_duty_slots_for_critical));
    let mut refusal = None;
    let asked = loop {
        asking = match asking.step() {
            AskingStep::Read => asking.read(app.table.budget().await?, now()),
            AskingStep::List => {
                let before = now();
                let listed = all_investigations(app).await;
                if let Err(why) = &listed {
                    tracing::warn!(case.id = %case.key.case_id, why = ?why,
                        "GuardDuty's investigations could not be counted");
                    refusal = Some(why.clone());
                }
                asking.listed(listed.ok().as_deref(), before)
            }
            AskingStep::Write(write) => asking.wrote(app.table.write_budget(&write).await?),
            AskingStep::Create { token, prompt } => {
                let (created, why) = guardduty.create(&detector_id, &prompt, &token).await;
                refusal = why;
                asking.created(created)
            }
            AskingStep::Done(asked) => break asked,
        };
    };
    let failed = |what: &str| NotAsked::Failed { what: what.to_owned() };
    Ok(match asked {
        Asked::Yes { id, reused } => {
            let region = Some(finding.region.clone());
            Ok(OpenInvestigation { id, detector_id, prompt, asked_at: now(), reused, region })
        }
        Asked::Full(full) => Err(NotAsked::NoSlot { full }),
        Asked::Refused | Asked::Unknown | Asked::NotListed => Err(refusal.unwrap_or_else(|| failed("no answer"))),
        Asked::Hurried => Err(failed("too many cases asked at the same time")),
    })
}

/// All investigations of the account in all Regions that are asked: whether its quota is one for all of them, AWS does not
/// say. A Region whose detector does not investigate has none.
async fn all_investigations(app: &App) -> Result<Vec<Listed>, NotAsked> {
    let mut all = Vec::new();
    for guardduty in app.guardduty.all_regions() {
        match guardduty.investigation_detector().await {
            Ok(detector_id) => {
                let listed = guardduty.list(&detector_id).await;
                all.extend(listed.map_err(|error| NotAsked::Failed { what: with_causes(&error) })?);
            }
            Err(NotAsked::NoDetector | NotAsked::DetectorDisabled | NotAsked::FeatureOff) => {}
            Err(why) => return Err(why),
        }
    }
    Ok(all)
}
