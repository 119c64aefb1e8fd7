//! What a case rests on, kept in the evidence bucket: what Detective and GuardDuty answered, and the report.

use crate::app::App;
use crate::gather::Gathered;
use gumshoe_alerts::Alert;
use gumshoe_alerts::report::{self, Exchange, Report};
use gumshoe_alerts::text::coverage::outside_graph;
use gumshoe_aws::evidence::{DocumentFormat, finding_key, report_key, results_key};
use gumshoe_domain::assessment::{Assessment, ReportPlace};
use gumshoe_domain::case::{CaseInputs, Decision, InvestigationResult, OpenInvestigation};
use gumshoe_domain::coverage::OutsideGraph;
use gumshoe_domain::error::with_causes;
use gumshoe_domain::guardduty::{self, Standing};
use gumshoe_domain::{CaseKey, CaseRecord, Finding, Indicator, Investigation, Principal};
use jiff::Timestamp;
use serde::Serialize;

/// Keeps the results and the report of this assessment, and gives where the report is; nothing where it could not be
/// kept. That holds back no alert: the alert then says that there is no report, and the metric counts it.
pub(crate) async fn keep(
    app: &App,
    gathered: &Gathered,
    decision: &Decision,
    assessment: &Assessment,
    now: Timestamp,
) -> Option<ReportPlace> {
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
    decision: &Decision,
    assessment: &Assessment,
    place: &ReportPlace,
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
        exchanges: &exchanges(gathered, decision),
        evidence: &evidence,
        quiet: assessment.alert_cause.is_none(),
    })
}

/// What was asked of Detective and of GuardDuty, and what they answered.
fn exchanges(gathered: &Gathered, decision: &Decision) -> Vec<Exchange> {
    let CaseInputs { case, results, .. } = &gathered.inputs;
    let mut exchanges = with_detective(case, results, decision.outside_graph.as_ref());
    if let Some(open) = case.guardduty.as_ref().and_then(Standing::asked) {
        exchanges.extend(with_guardduty(open, gathered.guardduty.as_ref()));
    }
    exchanges
}

fn exchange(operation: &str, asked: String, answered: String) -> Exchange {
    Exchange { operation: operation.to_owned(), asked, answered }
}

fn with_detective(case: &CaseRecord, results: &[InvestigationResult], outside: Option<&OutsideGraph>) -> Vec<Exchange> {
    let entity = case.principal.entity_arn().unwrap_or_default();
    let mut exchanges = Vec::new();
    for OpenInvestigation { id, graph_arn, scope, reused, .. } in case.investigations() {
        exchanges.push(if *reused {
            exchange(
                "ListInvestigations",
                format!("investigations of {entity} in {graph_arn}"),
                format!("investigation {id}, started earlier"),
            )
        } else {
            let asked = format!("{entity} in {graph_arn}, from {} to {}", scope.start, scope.end);
            exchange("StartInvestigation", asked, format!("investigation {id}"))
        });
        let of_it = results.iter().find(|it| it.open.id == *id);
        if let Some(InvestigationResult { investigation, answered, .. }) = of_it {
            let severity = investigation.severity.map(|severity| format!(", severity {severity}")).unwrap_or_default();
            let status = format!("{}{severity}", investigation.status);
            exchanges.push(exchange("GetInvestigation", format!("investigation {id}"), status));
            exchanges.push(exchange(
                "ListIndicators",
                format!("investigation {id}"),
                format!("{} indicators", answered.len()),
            ));
        }
    }
    let outside = outside.filter(|_| !exchanges.is_empty());
    exchanges.extend(outside.map(|it| exchange("GetMembers", format!("account {}", it.account_id), outside_graph(it))));
    exchanges
}

fn with_guardduty(open: &guardduty::OpenInvestigation, found: Option<&guardduty::Investigation>) -> Vec<Exchange> {
    let guardduty::OpenInvestigation { id, prompt, reused, .. } = open;
    let earlier = if *reused { ", asked for by another case" } else { "" };
    let mut exchanges =
        vec![exchange("CreateInvestigation (GuardDuty)", prompt.clone(), format!("investigation {id}{earlier}"))];
    if let Some(found) = found {
        let level = found.risk_level.map(|level| format!(", risk {level}")).unwrap_or_default();
        let sure = found.confidence.map(|confidence| format!(", confidence {confidence}")).unwrap_or_default();
        let answered = format!("{}{level}{sure}", found.status);
        exchanges.push(exchange("GetInvestigation (GuardDuty)", format!("investigation {id}"), answered));
    }
    exchanges
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
    asked: Option<&'a OpenInvestigation>,
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
    asked: &'a OpenInvestigation,
    investigation: Option<&'a Investigation>,
    indicators: Option<&'a [Indicator]>,
}

#[derive(Serialize)]
struct GuardDutyResults<'a> {
    asked: Option<&'a Standing>,
    investigation: Option<&'a guardduty::Investigation>,
}

/// The results as indented JSON. They are written by `serde_json::to_string`, as the table's items are, and then indented: an
/// indenting serializer of all these types would be a large part of the function.
fn results(gathered: &Gathered, assessment: &Assessment) -> serde_json::Result<Vec<u8>> {
    let Gathered { inputs: CaseInputs { case, results, .. }, records, guardduty, .. } = gathered;
    let of = |asked: &OpenInvestigation| {
        let answer = results.iter().find(|it| it.open.id == asked.id);
        (answer.map(|it| &it.investigation), answer.map(|it| it.answered.as_slice()))
    };
    let (investigation, indicators) = case.investigation.as_ref().map(of).unwrap_or_default();
    let elsewhere = case.elsewhere.iter().map(|asked| {
        let (investigation, indicators) = of(asked);
        InvestigationResults { asked, investigation, indicators }
    });
    let findings = records.iter().map(|it| FindingResult { finding: &it.finding, suppressed: it.suppressed });
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
