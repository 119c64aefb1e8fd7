//! Explains how a finding would be processed, and why: for operators who tune the filters, and for tests. Makes no lookups.

use crate::admission::{AdmissionRules, IgnoreReason};
use crate::finding::{ActivityKind, Finding, ParsedFinding, Severity, SeverityBand};
use crate::principal::{Certainty, Lookup, NotInvestigableReason, Principal, PrincipalCandidate};
use crate::text::one_line;
use crate::verdict::{AlertCause, OpenQuestions, Verdict, VerdictLevel, Weights};
use serde::Serialize;

/// How a finding would be processed. `R`: the reason, as data or as text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation<R = Reason> {
    /// GuardDuty's id.
    pub finding_id: String,
    /// Its type, on one line.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// From 0 to 10.
    pub severity: f64,
    /// The band of its severity.
    pub band: SeverityBand,
    /// Investigate, alert without an investigation, or ignore.
    pub decision: Decision,
    /// The reason for the decision.
    pub reason: R,
    /// Whether an investigation of the principal covers the activity.
    #[serde(rename = "concern")]
    pub activity_kind: ActivityKind,
    /// The outcome of its case if every investigation found nothing; `None` if there would be no investigation.
    pub if_quiet: Option<QuietOutcome>,
    /// The principals that the finding names, in its order; at least one.
    pub principals: Vec<ExplainedPrincipal>,
}

/// The reason for a [`Decision`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It is ignored, regardless of its principal.
    Ignored(IgnoreReason),
    /// It is ignored if a lookup confirms that the principal is a service-linked role.
    MaybeServiceLinked,
    /// There is no principal that Detective can investigate.
    NotInvestigable(NotInvestigableReason),
    /// These principals would be investigated.
    Investigated(Vec<InvestigatedPrincipal>),
}

/// A principal that would be investigated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvestigatedPrincipal {
    /// The principal as known without lookups.
    pub principal: Principal,
    /// The lookup that may find its role, as [`Lookup`] displays it; `None` if the user or role is known.
    pub lookup: Option<String>,
}

/// The outcome of a case whose investigation found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuietOutcome {
    /// It would be closed without an alert.
    Closes,
    /// It would be alerted, because the workload is not cleared.
    WorkloadNotCleared,
    /// It would be alerted, because another principal may have acted, unless a lookup confirms the principal.
    PrincipalUncertain,
    /// It would be alerted, because the findings alone reach the alert threshold.
    Alerts,
}

/// How a finding would be processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Detective investigates a principal, or a lookup may find one.
    Investigate,
    /// It is alerted without an investigation.
    AlertOnly,
    /// It opens no case.
    Ignore,
}

/// A principal that a finding names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedPrincipal {
    /// Such as `iam-role`, `kubernetes-service-account`, `none`.
    pub kind: &'static str,
    /// The account that owns it; `None` if unknown.
    pub account: Option<String>,
    /// `None` if it has no name.
    pub name: Option<String>,
    /// The ARN that Detective would investigate; `None` if none is known before a lookup.
    pub entity_arn: Option<String>,
    /// Whether the full ARN is known.
    #[serde(rename = "entity_arn_is_certain")]
    pub is_entity_arn_certain: bool,
    /// Whether it is confirmed to have acted; `None` if no user or role is known before a lookup.
    pub certainty: Option<Certainty>,
    /// The lookup that would be made.
    pub lookup: Option<String>,
}

impl Explanation {
    /// Explains how the finding is processed with these admission rules.
    #[must_use]
    pub fn of(parsed: &ParsedFinding, admission: &AdmissionRules) -> Self {
        let finding = parsed.finding();
        let (decision, reason) = decide(parsed, admission);
        let may_look_up = admission.ignore_reason_before_lookup(finding).is_none();
        Self {
            finding_id: finding.id.clone(),
            finding_type: one_line(&finding.finding_type, 200),
            severity: finding.severity.value(),
            band: finding.severity.band(),
            decision,
            reason,
            activity_kind: finding.activity_kind,
            if_quiet: (decision == Decision::Investigate).then(|| QuietOutcome::of(finding)),
            principals: parsed
                .candidates()
                .iter()
                .map(|candidate| ExplainedPrincipal::of(candidate, may_look_up))
                .collect(),
        }
    }
}

impl<R> Explanation<R> {
    /// Converts the reason, for example to text.
    pub fn map_reason<T>(self, form: impl FnOnce(R) -> T) -> Explanation<T> {
        let Self { finding_id, finding_type, severity, band, decision, reason, activity_kind, if_quiet, principals } =
            self;
        let reason = form(reason);
        Explanation { finding_id, finding_type, severity, band, decision, reason, activity_kind, if_quiet, principals }
    }
}

impl QuietOutcome {
    /// With the default weights and threshold, and without lookups.
    fn of(finding: &Finding) -> Self {
        let findings = std::slice::from_ref(finding);
        if Verdict::score(findings, &[], &Weights::default()).level >= VerdictLevel::High {
            return Self::Alerts;
        }
        match OpenQuestions::of(findings, false).alert_cause() {
            Some(AlertCause::WorkloadNotCleared) => Self::WorkloadNotCleared,
            Some(_) => Self::PrincipalUncertain,
            None => Self::Closes,
        }
    }
}

impl ExplainedPrincipal {
    fn of(candidate: &PrincipalCandidate, may_look_up: bool) -> Self {
        let principal = candidate.current_principal();
        Self {
            kind: principal.as_str(),
            account: principal.account_id().map(str::to_owned),
            name: principal.name().map(str::to_owned),
            entity_arn: principal.entity_arn().map(str::to_owned),
            is_entity_arn_certain: principal.entity().is_some_and(|entity| entity.is_arn_certain),
            certainty: principal.entity().map(|entity| entity.certainty),
            lookup: candidate.lookup().filter(|_| may_look_up).map(ToString::to_string),
        }
    }
}

impl InvestigatedPrincipal {
    fn of(candidate: &PrincipalCandidate) -> Self {
        let principal = candidate.current_principal().clone();
        let lookup = candidate.lookup().filter(|_| principal.entity().is_none()).map(ToString::to_string);
        Self { principal, lookup }
    }
}

fn decide(parsed: &ParsedFinding, admission: &AdmissionRules) -> (Decision, Reason) {
    let finding = parsed.finding();
    if let Some(why) = admission.ignore_reason_before_lookup(finding) {
        return (Decision::Ignore, Reason::Ignored(why));
    }
    let investigated: Vec<&PrincipalCandidate> = parsed
        .candidates()
        .iter()
        .filter(|candidate| candidate.may_be_investigable() && !may_be_ignored(candidate, finding.severity))
        .collect();
    if !investigated.is_empty() {
        return (
            Decision::Investigate,
            Reason::Investigated(investigated.into_iter().map(InvestigatedPrincipal::of).collect()),
        );
    }
    let mut others = parsed.candidates().iter().filter_map(|candidate| candidate.current_principal().reason());
    match finding.principal.reason().or_else(|| others.next()) {
        Some(reason) => (Decision::AlertOnly, Reason::NotInvestigable(reason.clone())),
        None => (Decision::Ignore, Reason::MaybeServiceLinked),
    }
}

/// Whether a lookup may confirm a service-linked role that is ignored.
fn may_be_ignored(candidate: &PrincipalCandidate, severity: Severity) -> bool {
    let is_looked_up = matches!(candidate.lookup(), Some(Lookup::Role { .. }));
    is_looked_up && severity.band() < SeverityBand::High && candidate.current_principal().may_be_service_linked_role()
}
