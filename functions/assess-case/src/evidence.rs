//! Stores the evidence of an assessment: the results of Detective and GuardDuty, and the report.

use crate::app::App;
use crate::gather::GatheredInputs;
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

/// Stores the results and the report of this assessment, and returns the report's location; `None` if it could not be stored. The alert is not
/// delayed by that: it says that there is no report, and a metric counts it.
pub(crate) async fn store_evidence(
    app: &App,
    gathered: &GatheredInputs,
    decision: &CaseEvaluation,
    assessment: &Assessment,
    now: Timestamp,
) -> Option<ReportLocation> {
    let case = &gathered.inputs.case;
    let (case_id, revision) = (&case.key.case_id, assessment.revision);
    let location = app.evidence.report_location(report_key(case_id, revision));
    let page = render_report(gathered, decision, assessment, &location);
    let results = results_document(gathered, assessment);
    let results_key = results_key(case_id, revision);
    let store_page = async {
        match page {
            Ok(page) => app
                .evidence
                .store(&location.key, DocumentFormat::Html, page.into_bytes())
                .await
                .map_err(|it| with_causes(&it)),
            Err(error) => Err(with_causes(&error)),
        }
    };
    let store_results = async {
        let results = results.map_err(|it| with_causes(&it))?;
        app.evidence.store(&results_key, DocumentFormat::Json, results).await.map_err(|it| with_causes(&it))
    };
    let (page_stored, results_stored) = futures_util::join!(store_page, store_results);
    for (key, stored) in [(&location.key, &page_stored), (&results_key, &results_stored)] {
        if let Err(error) = stored {
            tracing::error!(case.id = %case_id, object.key = key, error.message = %error,
                "could not store a document in the evidence bucket; the alert is sent without it; \
                 check the bucket's policy and its KMS key");
            app.metrics.count("EvidenceNotKept", "Kind", "Report", now);
        }
    }
    page_stored.is_ok().then_some(location)
}

fn render_report(
    gathered: &GatheredInputs,
    decision: &CaseEvaluation,
    assessment: &Assessment,
    location: &ReportLocation,
) -> Result<String, report::ReportError> {
    let GatheredInputs { inputs: CaseInputs { case, findings, .. }, finding_records, .. } = gathered;
    let assessment = Assessment { report: Some(location.clone()), ..assessment.clone() };
    let alert = Alert::new(case, &assessment, finding_records, false);
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

/// The requests to Detective and GuardDuty, with their responses, for the report.
fn api_calls(gathered: &GatheredInputs, decision: &CaseEvaluation) -> Vec<ApiCall> {
    let CaseInputs { case, results, .. } = &gathered.inputs;
    let mut api_calls = detective_calls(case, results, decision.outside_graph.as_ref());
    if let Some(open) = case.guardduty.as_ref().and_then(GuardDutyRequestState::investigation) {
        api_calls.extend(guardduty_calls(open, gathered.guardduty_response.as_ref()));
    }
    api_calls
}

fn api_call(operation: &str, request: String, response: String) -> ApiCall {
    ApiCall { operation: operation.to_owned(), request, response }
}

fn detective_calls(case: &CaseRecord, results: &[InvestigationResult], outside: Option<&OutsideGraph>) -> Vec<ApiCall> {
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
            let request = format!("{entity} in {graph_arn}, from {} to {}", scope.start, scope.end);
            api_call("StartInvestigation", request, format!("investigation {id}"))
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

fn guardduty_calls(
    open: &guardduty::RequestedInvestigation,
    found: Option<&guardduty::GuardDutyInvestigation>,
) -> Vec<ApiCall> {
    let guardduty::RequestedInvestigation { id, prompt, is_reused: reused, .. } = open;
    let earlier = if *reused { ", requested by another case" } else { "" };
    let mut api_calls =
        vec![api_call("CreateInvestigation (GuardDuty)", prompt.clone(), format!("investigation {id}{earlier}"))];
    if let Some(found) = found {
        let level = found.risk_level.map(|level| format!(", risk {level}")).unwrap_or_default();
        let confidence = found.confidence.map(|confidence| format!(", confidence {confidence}")).unwrap_or_default();
        let response = format!("{}{level}{confidence}", found.status);
        api_calls.push(api_call("GetInvestigation (GuardDuty)", format!("investigation {id}"), response));
    }
    api_calls
}

/// All inputs of the verdict, for programs, and for people who verify it.
#[derive(Serialize)]
struct ResultsDocument<'a> {
    version: u32,
    case: &'a CaseKey,
    opened_at: Timestamp,
    principal: &'a Principal,
    assessment: &'a Assessment,
    findings: Vec<FindingEntry<'a>>,
    #[serde(rename = "asked")]
    started: Option<&'a StartedInvestigation>,
    investigation: Option<&'a Investigation>,
    indicators: Option<&'a [Indicator]>,
    elsewhere: Vec<InvestigationEntry<'a>>,
    guardduty: GuardDutyEntry<'a>,
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    finding: &'a Finding,
    suppressed: u64,
}

#[derive(Serialize)]
struct InvestigationEntry<'a> {
    #[serde(rename = "asked")]
    started: &'a StartedInvestigation,
    investigation: Option<&'a Investigation>,
    indicators: Option<&'a [Indicator]>,
}

#[derive(Serialize)]
struct GuardDutyEntry<'a> {
    #[serde(rename = "asked")]
    requested: Option<&'a GuardDutyRequestState>,
    investigation: Option<&'a guardduty::GuardDutyInvestigation>,
}

/// The results as indented JSON. `serde_json::to_string`, which the table's items use as well, serializes them, and the text is indented
/// afterwards: a second serializer for all these types would be a large part of the function.
fn results_document(gathered: &GatheredInputs, assessment: &Assessment) -> serde_json::Result<Vec<u8>> {
    let GatheredInputs { inputs: CaseInputs { case, results, .. }, finding_records, guardduty_response, .. } = gathered;
    let of = |started: &StartedInvestigation| {
        let answer = results.iter().find(|it| it.open.id == started.id);
        (answer.map(|it| &it.investigation), answer.map(|it| it.all_indicators.as_slice()))
    };
    let (investigation, indicators) = case.investigation.as_ref().map(of).unwrap_or_default();
    let elsewhere = case.other_region_investigations.iter().map(|started| {
        let (investigation, indicators) = of(started);
        InvestigationEntry { started, investigation, indicators }
    });
    let findings =
        finding_records.iter().map(|it| FindingEntry { finding: &it.finding, suppressed: it.suppressed_count });
    let document = ResultsDocument {
        version: 1,
        case: &case.key,
        opened_at: case.progress.number.opened_at,
        principal: &case.principal,
        assessment,
        findings: findings.collect(),
        started: case.investigation.as_ref(),
        investigation,
        indicators,
        elsewhere: elsewhere.collect(),
        guardduty: GuardDutyEntry { requested: case.guardduty.as_ref(), investigation: guardduty_response.as_ref() },
    };
    let value: serde_json::Value = serde_json::from_str(&serde_json::to_string(&document)?)?;
    serde_json::to_vec_pretty(&value)
}
