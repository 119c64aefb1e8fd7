//! What a case rests on, kept in the evidence bucket: what Detective and GuardDuty answered, and the report.

use crate::app::App;
use crate::gather::Gathered;
use gumshoe_alerts::Alert;
use gumshoe_alerts::report::{self, ApiCall, Report};
use gumshoe_alerts::text::coverage::outside_graph_sentence;
use gumshoe_aws::evidence::{DocumentFormat, finding_key, report_key, results_key};
use gumshoe_domain::assessment::{Assessment, ReportLocation};
use gumshoe_domain::case::{CaseEvaluation, CaseInputs, InvestigationResult, StartedInvestigation};
use gumshoe_domain::coverage::OutsideGraph;
use gumshoe_domain::error::with_causes;
use gumshoe_domain::guardduty::{self, GuardDutyRequestState};
use gumshoe_domain::{CaseKey, CaseRecord, Finding, Indicator, Investigation, Principal};
use jiff::Timestamp;
use serde::Serialize;

/// Keeps the results and the report of this assessment, and gives where the report is; nothing where it could not be
/// kept. That holds back no alert: the alert then says that there is no report, and the metric counts it.
pub(crate) async fn keep(
    app: &App,
    gathered: &Gathered,
    decision: &CaseEvaluation,
    assessment: &Assessment,
    now: Timestamp,
) -> Option<ReportLocation> {
    let case = &gathered.inputs.case;
    let (case_id, revision) = (&case.key.case_id, assessment.revision);
    let place = app.evidence.report_location(report_key(case_id, revision));
    let page = page(gathered, decision, assessment, &place);
    let results = results(gathered, assessment);
    let results_key = results_key(case_id, revision);
    let keep_page = async {
        match page {
            Ok(page) => app
                .evidence
                .store(&place.key, DocumentFormat::Html, page.into_bytes())
                .await
                .map_err(|it| with_causes(&it)),
            Err(error) => Err(with_causes(&error)),
        }
    };
    let keep_results = async {
        let results = results.map_err(|it| with_causes(&it))?;
        app.evidence.store(&results_key, DocumentFormat::Json, results).await.map_err(|it| with_causes(&it))
    };
    let (kept_page, kept_results) = futures_util::join!(keep_page, keep_results);
    for (key, kept) in [(&place.key, &kept_page), (&results_key, &kept_results)] {
        if let Err(error) = kept {
            tracing::error!(case.id = %case_id, key, error.message = %error, "evidence could not be kept");
            app.metrics.count("EvidenceNotKept", "Kind", "Report", now);
        }
    }
    kept_page.is_ok().then_some(place)
}

fn page(
    gathered: &Gathered,
    decision: &CaseEvaluation,
    assessment: &Assessment,
    place: &ReportLocation,
) -> Result<String, report::ReportError> {
    let Gathered { inputs: CaseInputs { case, findings, .. }, records, .. } = gathered;
    let assessment = Assessment { report: Some(place.clone()), ..assessment.clone() };
    let alert = Alert::new(case, &assessment, records, false);
    let mut evidence = vec![results_key(&case.key.case_id, assessment.revision)];
    evidence.extend(findings.iter().map(|finding| finding_key(&case.key.case_id, finding)));
    report::page(&Report {
        alert: &alert,
        findings,
        indicators: &decision.indicators,
        api_calls: &api_calls(gathered, decision),
        evidence_keys: &evidence,
        is_quiet: assessment.alert_cause.is_none(),
    })
}

/// What was asked of Detective and of GuardDuty, and what they answered.
fn api_calls(gathered: &Gathered, decision: &CaseEvaluation) -> Vec<ApiCall> {
    let CaseInputs { case, results, .. } = &gathered.inputs;
    let mut api_calls = with_detective(case, results, decision.outside_graph.as_ref());
    if let Some(open) = case.guardduty.as_ref().and_then(GuardDutyRequestState::investigation) {
        api_calls.extend(with_guardduty(open, gathered.guardduty.as_ref()));
    }
    api_calls
}

fn api_call(operation: &str, request: String, response: String) -> ApiCall {
    ApiCall { operation: operation.to_owned(), request, response }
}

fn with_detective(case: &CaseRecord, results: &[InvestigationResult], outside: Option<&OutsideGraph>) -> Vec<ApiCall> {
    let entity = case.principal.entity_arn().unwrap_or_default();
    let mut api_calls = Vec::new();
    for StartedInvestigation { id, graph_arn, scope, is_reused: reused, .. } in case.investigations() {
        api_calls.push(if *reused {
            api_call(
                "ListInvestigations",
                format!("investigations of {entity} in {graph_arn}"),
                format!("investigation {id}, started earlier"),
            )
        } else {
            let asked = format!("{entity} in {graph_arn}, from {} to {}", scope.start, scope.end);
            api_call("StartInvestigation", asked, format!("investigation {id}"))
        });
        let of_it = results.iter().find(|it| it.open.id == *id);
        if let Some(InvestigationResult { investigation, all_indicators: answered, .. }) = of_it {
            let severity = investigation.severity.map(|severity| format!(", severity {severity}")).unwrap_or_default();
            let status = format!("{}{severity}", investigation.status);
            api_calls.push(api_call("GetInvestigation", format!("investigation {id}"), status));
            api_calls.push(api_call(
                "ListIndicators",
                format!("investigation {id}"),
                format!("{} indicators", answered.len()),
            ));
        }
    }
    let outside = outside.filter(|_| !api_calls.is_empty());
    api_calls.extend(
        outside.map(|it| api_call("GetMembers", format!("account {}", it.account_id), outside_graph_sentence(it))),
    );
    api_calls
}

fn with_guardduty(
    open: &guardduty::RequestedInvestigation,
    found: Option<&guardduty::GuardDutyInvestigation>,
) -> Vec<ApiCall> {
    let guardduty::RequestedInvestigation { id, prompt, is_reused: reused, .. } = open;
    let earlier = if *reused { ", asked for by another case" } else { "" };
    let mut api_calls =
        vec![api_call("CreateInvestigation (GuardDuty)", prompt.clone(), format!("investigation {id}{earlier}"))];
    if let Some(found) = found {
        let level = found.risk_level.map(|level| format!(", risk {level}")).unwrap_or_default();
        let sure = found.confidence.map(|confidence| format!(", confidence {confidence}")).unwrap_or_default();
        let answered = format!("{}{level}{sure}", found.status);
        api_calls.push(api_call("GetInvestigation (GuardDuty)", format!("investigation {id}"), answered));
    }
    api_calls
}

/// Everything that went into the verdict, for programs and for people who check it.
#[derive(Serialize)]
struct Results<'a> {
    version: u32,
    case: &'a CaseKey,
    opened_at: Timestamp,
    principal: &'a Principal,
    assessment: &'a Assessment,
    findings: Vec<FindingResult<'a>>,
    asked: Option<&'a StartedInvestigation>,
    investigation: Option<&'a Investigation>,
    indicators: Option<&'a [Indicator]>,
    elsewhere: Vec<InvestigationResults<'a>>,
    guardduty: GuardDutyResults<'a>,
}

#[derive(Serialize)]
struct FindingResult<'a> {
    finding: &'a Finding,
    suppressed: u64,
}

#[derive(Serialize)]
struct InvestigationResults<'a> {
    asked: &'a StartedInvestigation,
    investigation: Option<&'a Investigation>,
    indicators: Option<&'a [Indicator]>,
}

#[derive(Serialize)]
struct GuardDutyResults<'a> {
    asked: Option<&'a GuardDutyRequestState>,
    investigation: Option<&'a guardduty::GuardDutyInvestigation>,
}

/// The results as indented JSON. They are written by `serde_json::to_string`, as the table's items are, and then indented: an
/// indenting serializer of all these types would be a large part of the function.
fn results(gathered: &Gathered, assessment: &Assessment) -> serde_json::Result<Vec<u8>> {
    let Gathered { inputs: CaseInputs { case, results, .. }, records, guardduty, .. } = gathered;
    let of = |asked: &StartedInvestigation| {
        let answer = results.iter().find(|it| it.open.id == asked.id);
        (answer.map(|it| &it.investigation), answer.map(|it| it.all_indicators.as_slice()))
    };
    let (investigation, indicators) = case.investigation.as_ref().map(of).unwrap_or_default();
    let elsewhere = case.other_region_investigations.iter().map(|asked| {
        let (investigation, indicators) = of(asked);
        InvestigationResults { asked, investigation, indicators }
    });
    let findings = records.iter().map(|it| FindingResult { finding: &it.finding, suppressed: it.suppressed_count });
    let results = Results {
        version: 1,
        case: &case.key,
        opened_at: case.progress.number.opened_at,
        principal: &case.principal,
        assessment,
        findings: findings.collect(),
        asked: case.investigation.as_ref(),
        investigation,
        indicators,
        elsewhere: elsewhere.collect(),
        guardduty: GuardDutyResults { asked: case.guardduty.as_ref(), investigation: guardduty.as_ref() },
    };
    let value: serde_json::Value = serde_json::from_str(&serde_json::to_string(&results)?)?;
    serde_json::to_vec_pretty(&value)
}
