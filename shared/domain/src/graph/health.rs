//! What is wrong with the graph, and whether it is worse than people know.

use super::actual::{Actual, ActualGraph, Read};
use super::document::Desired;
use super::member::{IngestState, InvitationType, Package};
use super::plan::{MOST_MEMBERS, elsewhere, wanted_members};
use crate::coverage::{DisabledReason, MemberStatus};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// From how many hundredths of the most members on it is told how near the limit is.
const NEAR: [u8; 3] = [90, 95, 100];

const WRONG: &str = "document wrong";
const OUTSIDE: &str = "accounts outside the graph";
/// All kinds of ailments.
const KINDS: [&str; 12] = [
    WRONG,
    "no behavior graph",
    "another administrator",
    "auto-enable",
    "not readable",
    "members disabled",
    "verifications failed",
    "invitations not accepted",
    "data sources stopped",
    "members' data sources stopped",
    OUTSIDE,
    "near the limit",
];

/// Something that keeps Detective from seeing what it should.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "ailment", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields are what they are called")]
pub enum Ailment {
    /// What the graph should be cannot be read.
    DocumentWrong { why: String },
    /// There is no behavior graph, and there should be.
    NoGraph,
    /// Another account is Detective's administrator of the organization than should be, or none.
    OtherAdministrator { account_id: Option<String> },
    /// Whether accounts that join the organization become members by themselves is not as it should be.
    AutoEnable { is: bool },
    /// Something could not be read, so nobody knows.
    NotReadable { what: String },
    /// A member's data is not taken in.
    MemberDisabled { account_id: String, reason: Option<DisabledReason> },
    /// A member's id and e-mail address do not belong together.
    VerificationFailed { account_id: String },
    /// A member has not accepted for longer than is usual.
    InvitationOld { account_id: String },
    /// The graph does not take in a package that it should.
    PackageStopped { package: Package, state: Option<IngestState> },
    /// A member does not send a package that it should.
    MemberPackageStopped { account_id: String, package: Package, state: Option<IngestState> },
    /// An account that should be a member is none.
    AccountOutside { account_id: String },
    /// The graph has nearly as many members as it may have: so many hundredths of them at least.
    NearLimit { percent: u8 },
}

impl Ailment {
    /// Its kind in few words, for a count of them.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::DocumentWrong { .. } => WRONG,
            Self::NoGraph => "no behavior graph",
            Self::OtherAdministrator { .. } => "another administrator",
            Self::AutoEnable { .. } => "auto-enable",
            Self::NotReadable { .. } => "not readable",
            Self::MemberDisabled { .. } => "members disabled",
            Self::VerificationFailed { .. } => "verifications failed",
            Self::InvitationOld { .. } => "invitations not accepted",
            Self::PackageStopped { .. } => "data sources stopped",
            Self::MemberPackageStopped { .. } => "members' data sources stopped",
            Self::AccountOutside { .. } => OUTSIDE,
            Self::NearLimit { .. } => "near the limit",
        }
    }
}

impl Ailment {
    /// What tells it from others of its kind: 12 hexadecimal digits of a digest.
    #[must_use]
    pub fn mark(&self) -> String {
        let digest = Sha256::digest(self.to_string());
        digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for Ailment {
    /// A sentence with what to do.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DocumentWrong { why } => write!(formatter, "What the graph should be cannot be used: {why}"),
            Self::NoGraph => formatter.write_str("There is no behavior graph: no principal can be investigated"),
            Self::OtherAdministrator { account_id: Some(id) } => {
                write!(formatter, "{id} is Detective's administrator of the organization, and another should be")
            }
            Self::OtherAdministrator { account_id: None } => {
                formatter.write_str("The organization has no Detective administrator in this Region")
            }
            Self::AutoEnable { is } => write!(formatter, "Auto-enable for accounts that join the organization is {is}"),
            Self::NotReadable { what } => write!(formatter, "Not known: {what}"),
            Self::MemberDisabled { account_id, reason } => {
                let why = match reason {
                    Some(DisabledReason::VolumeUnknown) => "VOLUME_UNKNOWN: turn GuardDuty on in it",
                    Some(DisabledReason::VolumeTooHigh) => "VOLUME_TOO_HIGH: the graph takes in too much with it",
                    Some(DisabledReason::Unknown) | None => "Detective does not say why",
                };
                write!(formatter, "{account_id} is a member and sends nothing ({why})")
            }
            Self::VerificationFailed { account_id } => {
                write!(formatter, "{account_id} cannot be invited: its e-mail address is not its root user's")
            }
            Self::InvitationOld { account_id } => {
                write!(formatter, "{account_id} has not accepted its invitation: deploy infra/member.yaml to it")
            }
            Self::PackageStopped { package, state } => {
                write!(formatter, "The graph does not take in {package} ({})", in_words(*state))
            }
            Self::MemberPackageStopped { account_id, package, state } => {
                write!(formatter, "{account_id} does not send {package} ({})", in_words(*state))
            }
            Self::AccountOutside { account_id } => {
                write!(formatter, "{account_id} should be a member of the graph and is none")
            }
            Self::NearLimit { percent } => {
                write!(formatter, "The graph has {percent} % or more of the {MOST_MEMBERS} members that it may have")
            }
        }
    }
}

fn in_words(state: Option<IngestState>) -> String {
    state.map_or_else(|| "never started".to_owned(), |state| state.to_string())
}

/// The graph's health.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Health {
    /// What is wrong.
    pub ailments: BTreeSet<Ailment>,
    /// Since when, of what Detective tells that of.
    #[serde(skip)]
    pub since: BTreeMap<Ailment, Timestamp>,
    /// Kinds of ailments that could not be looked for: what is known of them still holds.
    #[serde(skip)]
    pub unjudged: BTreeSet<&'static str>,
    /// Members of any status.
    pub members: usize,
    /// Those that send their data.
    pub members_enabled: usize,
}

impl Health {
    /// How the graph is.
    #[must_use]
    pub fn of(desired: &Desired, actual: &Actual, now: Timestamp) -> Self {
        let mut health = Self::default();
        health.administrator(desired, actual);
        if elsewhere(desired, actual).is_some() || !desired.graph.enabled {
            return health;
        }
        if desired.asks_for_the_organization()
            && let Read::Refused(why) = &actual.organization
        {
            health.found(Ailment::NotReadable { what: format!("the organization's accounts ({why})") }, None);
            health.unjudged.insert(OUTSIDE);
        }
        match &actual.graph {
            None => health.found(Ailment::NoGraph, None),
            Some(graph) => health.graph(desired, actual, graph, now),
        }
        health
    }

    /// A health with nothing but a document that cannot be used.
    #[must_use]
    pub fn of_wrong_document(why: &str) -> Self {
        let mut health = Self::default();
        health.found(Ailment::DocumentWrong { why: crate::text::one_line(why, 500) }, None);
        health.unjudged = KINDS.into_iter().filter(|kind| *kind != WRONG).collect();
        health
    }

    /// How many there are of each kind, in words.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        counts(&self.ailments)
    }

    fn found(&mut self, ailment: Ailment, since: Option<Timestamp>) {
        if let Some(since) = since {
            self.since.insert(ailment.clone(), since);
        }
        self.ailments.insert(ailment);
    }

    fn administrator(&mut self, desired: &Desired, actual: &Actual) {
        let Some(wanted) = desired.organization.as_ref().and_then(|it| it.administrator.as_ref()) else { return };
        match &actual.administrator {
            Read::Known(current) if current.as_ref() != Some(wanted) => {
                self.found(Ailment::OtherAdministrator { account_id: current.clone() }, None);
            }
            Read::Refused(why) => {
                self.found(Ailment::NotReadable { what: format!("Detective's administrator ({why})") }, None);
                self.unjudged.insert("another administrator");
            }
            Read::Known(_) | Read::NotAsked => {}
        }
    }

    fn graph(&mut self, desired: &Desired, actual: &Actual, graph: &ActualGraph, now: Timestamp) {
        self.members = graph.members.len();
        self.members_enabled = graph.members.values().filter(|it| it.status == MemberStatus::Enabled).count();
        let percent = self.members.saturating_mul(100) / MOST_MEMBERS;
        if let Some(percent) = NEAR.into_iter().rev().find(|near| percent >= usize::from(*near)) {
            self.found(Ailment::NearLimit { percent }, None);
        }
        let wanted_packages = desired.packages.iter().copied().chain([Package::DetectiveCore]).collect::<BTreeSet<_>>();
        for package in &wanted_packages {
            let state = graph.packages.get(package).copied();
            if state != Some(IngestState::Started) {
                self.found(Ailment::PackageStopped { package: *package, state }, None);
            }
        }
        if let Some(auto_enable) = desired.organization.as_ref().and_then(|it| it.auto_enable) {
            match &graph.auto_enable {
                Read::Known(is) if *is != auto_enable => self.found(Ailment::AutoEnable { is: *is }, None),
                Read::Refused(why) => {
                    self.found(Ailment::NotReadable { what: format!("auto-enable ({why})") }, None);
                    self.unjudged.insert("auto-enable");
                }
                Read::Known(_) | Read::NotAsked => {}
            }
        }
        let wanted = desired.members.as_ref().map(|members| wanted_members(members, actual)).unwrap_or_default();
        for id in wanted.keys().filter(|id| !graph.members.contains_key(**id)) {
            self.found(Ailment::AccountOutside { account_id: (*id).to_owned() }, None);
        }
        let patience = SignedDuration::from_hours(24 * i64::from(desired.invitation_days));
        for member in graph.members.values() {
            let account_id = member.account_id.clone();
            match member.status {
                MemberStatus::AcceptedButDisabled => {
                    self.found(
                        Ailment::MemberDisabled { account_id, reason: member.disabled_reason },
                        member.updated_at,
                    );
                }
                MemberStatus::VerificationFailed => {
                    self.found(Ailment::VerificationFailed { account_id }, member.updated_at);
                }
                MemberStatus::Invited | MemberStatus::VerificationInProgress => {
                    let old = member.invited_at.is_some_and(|at| now.duration_since(at) > patience);
                    if old && member.invitation == InvitationType::Invitation {
                        self.found(Ailment::InvitationOld { account_id }, member.invited_at);
                    }
                }
                // Detective has told nothing of its packages yet.
                MemberStatus::Enabled if member.packages.is_empty() => {}
                MemberStatus::Enabled => {
                    // What the graph itself does not take in is told of once, not of every member.
                    let taken =
                        wanted_packages.iter().filter(|it| graph.packages.get(it) == Some(&IngestState::Started));
                    for package in taken.copied() {
                        let state = member.packages.get(&package).copied();
                        if state != Some(IngestState::Started) {
                            let since = graph.since.get(&(account_id.clone(), package)).copied();
                            let account_id = account_id.clone();
                            self.found(Ailment::MemberPackageStopped { account_id, package, state }, since);
                        }
                    }
                }
                MemberStatus::Unknown => {}
            }
        }
    }
}

/// How many there are of each kind.
#[must_use]
pub fn counts<'a>(ailments: impl IntoIterator<Item = &'a Ailment>) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for ailment in ailments {
        *counts.entry(ailment.kind()).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests;
