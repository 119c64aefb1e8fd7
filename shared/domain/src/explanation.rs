//! What would become of a finding, and why: for people who tune the lists, and for tests. Nothing is looked up.

use crate::admission::{AdmissionRules, IgnoreReason};
use crate::finding::{ActivityKind, Finding, ParsedFinding, Severity, SeverityBand};
use crate::principal::{Certainty, Lookup, NotInvestigableReason, Principal, PrincipalCandidate};
use crate::text::one_line;
use crate::verdict::{AlertCause, Clearance, Verdict, VerdictLevel, Weights};
use serde::Serialize;

/// What would become of a finding. `R`: the reason, as data or in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation<R = Reason> {
    /// GuardDuty's id.
    pub finding_id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// Its severity, from 0 to 10.
    pub severity: f64,
    /// The band of its severity.
    pub band: SeverityBand,
    /// What would become of it.
    pub decision: Decision,
    /// Why.
    pub reason: R,
    /// What it is about.
    #[serde(rename = "concern")]
    pub activity_kind: ActivityKind,
    /// What would become of its case if every investigation found nothing: nothing where none would be made.
    pub if_quiet: Option<QuietOutcome>,
    /// Who stands behind it, in the order of the finding; at least one.
    pub principals: Vec<ExplainedPrincipal>,
}

/// Why that would become of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It is left alone, whoever acted.
    Ignored(IgnoreReason),
    /// It is left alone if a look-up confirms that the principal is a service-linked role.
    MaybeServiceLinked,
    /// There is no principal that Detective can investigate.
    NotInvestigable(NotInvestigableReason),
    /// These principals would be investigated.
    Investigated(Vec<InvestigatedPrincipal>),
}

/// A principal that would be investigated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvestigatedPrincipal {
    /// As far as it is known without a look-up.
    pub principal: Principal,
    /// The look-up that may tell its role, as [`Lookup`] displays it; nothing where the user or role is known.
    pub lookup: Option<String>,
}

/// What would become of a case whose investigation found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuietOutcome {
    /// It would close, and nobody would hear of it.
    Closes,
    /// People would hear that the workload is not cleared.
    WorkloadNotCleared,
    /// People would hear that another principal may have acted, unless a look-up settles it.
    PrincipalUncertain,
    /// People would hear of it, as the findings alone reach the alert threshold.
    Alerts,
}

/// What would become of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Detective is asked about a principal, or a look-up may turn one up.
    Investigate,
    /// People hear of it, without an investigation.
    AlertOnly,
    /// It is left alone.
    Ignore,
}

/// A principal behind a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedPrincipal {
    /// Such as `iam-role`, `kubernetes-service-account`, `none`.
    pub kind: &'static str,
    /// The account that it belongs to.
    pub account: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// The ARN that Detective would be asked about; nothing where none is known before a look-up.
    pub entity_arn: Option<String>,
    /// Whether the ARN is known in full.
    #[serde(rename = "entity_arn_is_certain")]
    pub is_entity_arn_certain: bool,
    /// Whether it is known to be who acted; nothing where there is no user or role before a look-up.
    pub certainty: Option<Certainty>,
    /// The look-up that would be made.
    pub lookup: Option<String>,
}

impl Explanation {
    /// Explains what becomes of the finding under these settings.
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
    /// The same with the reason in another form.
    pub fn map_reason<T>(self, form: impl FnOnce(R) -> T) -> Explanation<T> {
        let Self { finding_id, finding_type, severity, band, decision, reason, activity_kind, if_quiet, principals } =
            self;
        let reason = form(reason);
        Explanation { finding_id, finding_type, severity, band, decision, reason, activity_kind, if_quiet, principals }
    }
}

impl QuietOutcome {
    /// By the weights and the threshold that a stack has by itself, and without any look-up.
    fn of(finding: &Finding) -> Self {
        let findings = std::slice::from_ref(finding);
        if Verdict::weigh(findings, &[], &Weights::default()).level >= VerdictLevel::High {
            return Self::Alerts;
        }
        match Clearance::of(findings, false).alert_cause() {
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

/// Whether a look-up may show that nothing is to be done about whom it leads to.
fn may_be_ignored(candidate: &PrincipalCandidate, severity: Severity) -> bool {
    let is_looked_up = matches!(candidate.lookup(), Some(Lookup::Role { .. }));
    is_looked_up && severity.band() < SeverityBand::High && candidate.current_principal().may_be_service_linked_role()
}
