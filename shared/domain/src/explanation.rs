//! What would become of a finding, and why: for people who tune the lists, and for tests. Nothing is looked up.

use crate::admission::{Admission, LeftAlone};
use crate::finding::{Concern, Finding, Reading, Severity, SeverityBand};
use crate::principal::{Certainty, Lead, Lookup, NotInvestigable, Principal};
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
    pub concern: Concern,
    /// What would become of its case if every investigation found nothing: nothing where none would be made.
    pub if_quiet: Option<IfQuiet>,
    /// Who stands behind it, in the order of the finding; at least one.
    pub principals: Vec<Explained>,
}

/// Why that would become of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It is left alone, whoever acted.
    LeftAlone(LeftAlone),
    /// It is left alone if a look-up confirms that the principal is a service-linked role.
    MaybeServiceLinked,
    /// There is no principal that Detective can investigate.
    NotInvestigable(NotInvestigable),
    /// These principals would be investigated.
    Investigated(Vec<Investigated>),
}

/// A principal that would be investigated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Investigated {
    /// As far as it is known without a look-up.
    pub principal: Principal,
    /// The look-up that may tell its role, as [`Lookup`] displays it; nothing where the user or role is known.
    pub lookup: Option<String>,
}

/// What would become of a case whose investigation found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IfQuiet {
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
pub struct Explained {
    /// Such as `iam-role`, `kubernetes-service-account`, `none`.
    pub kind: &'static str,
    /// The account that it belongs to.
    pub account: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// The ARN that Detective would be asked about; nothing where none is known before a look-up.
    pub entity_arn: Option<String>,
    /// Whether the ARN is known in full.
    pub entity_arn_is_certain: bool,
    /// Whether it is known to be who acted; nothing where there is no user or role before a look-up.
    pub certainty: Option<Certainty>,
    /// The look-up that would be made.
    pub lookup: Option<String>,
}

impl Explanation {
    /// Explains what becomes of the finding under these settings.
    #[must_use]
    pub fn of(reading: &Reading, admission: &Admission) -> Self {
        let finding = reading.known();
        let (decision, reason) = decide(reading, admission);
        let looks = admission.leaves_alone_whoever_acted(finding).is_none();
        Self {
            finding_id: finding.id.clone(),
            finding_type: one_line(&finding.finding_type, 200),
            severity: finding.severity.value(),
            band: finding.severity.band(),
            decision,
            reason,
            concern: finding.concern,
            if_quiet: (decision == Decision::Investigate).then(|| IfQuiet::of(finding)),
            principals: reading.leads().iter().map(|lead| Explained::of(lead, looks)).collect(),
        }
    }
}

impl<R> Explanation<R> {
    /// The same with the reason in another form.
    pub fn map_reason<T>(self, form: impl FnOnce(R) -> T) -> Explanation<T> {
        let Self { finding_id, finding_type, severity, band, decision, reason, concern, if_quiet, principals } = self;
        let reason = form(reason);
        Explanation { finding_id, finding_type, severity, band, decision, reason, concern, if_quiet, principals }
    }
}

impl IfQuiet {
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

impl Explained {
    fn of(lead: &Lead, looks: bool) -> Self {
        let principal = lead.so_far();
        Self {
            kind: principal.word(),
            account: principal.account_id().map(str::to_owned),
            name: principal.name().map(str::to_owned),
            entity_arn: principal.entity_arn().map(str::to_owned),
            entity_arn_is_certain: principal.entity().is_some_and(|entity| entity.arn_is_certain),
            certainty: principal.entity().map(|entity| entity.certainty),
            lookup: lead.lookup().filter(|_| looks).map(ToString::to_string),
        }
    }
}

impl Investigated {
    fn of(lead: &Lead) -> Self {
        let principal = lead.so_far().clone();
        let lookup = lead.lookup().filter(|_| principal.entity().is_none()).map(ToString::to_string);
        Self { principal, lookup }
    }
}

fn decide(reading: &Reading, admission: &Admission) -> (Decision, Reason) {
    let finding = reading.known();
    if let Some(why) = admission.leaves_alone_whoever_acted(finding) {
        return (Decision::Ignore, Reason::LeftAlone(why));
    }
    let investigated: Vec<&Lead> = reading
        .leads()
        .iter()
        .filter(|lead| lead.may_be_investigated() && !may_be_left_alone(lead, finding.severity))
        .collect();
    if !investigated.is_empty() {
        return (Decision::Investigate, Reason::Investigated(investigated.into_iter().map(Investigated::of).collect()));
    }
    let mut others = reading.leads().iter().filter_map(|lead| lead.so_far().reason());
    match finding.principal.reason().or_else(|| others.next()) {
        Some(reason) => (Decision::AlertOnly, Reason::NotInvestigable(reason.clone())),
        None => (Decision::Ignore, Reason::MaybeServiceLinked),
    }
}

/// Whether a look-up may show that nothing is to be done about whom it leads to.
fn may_be_left_alone(lead: &Lead, severity: Severity) -> bool {
    let is_looked_up = matches!(lead.lookup(), Some(Lookup::Role { .. }));
    is_looked_up && severity.band() < SeverityBand::High && lead.so_far().may_be_service_linked_role()
}
