//! The fingerprint that identifies an issue of the graph, and counts of issues by kind.

use gumshoe_alerts::message::{IngestState, Issue, IssueKind, Package};
use gumshoe_domain::coverage::DisabledReason;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Identifies an issue: 12 hexadecimal digits of a digest of its kind's code and of what it concerns (accounts, packages, states),
/// never of a sentence. Fingerprints are stored, so they must not change.
#[must_use]
pub fn fingerprint(issue: &Issue) -> String {
    let package = |package: &Package, state: &Option<IngestState>| {
        [package.to_string(), state.map_or_else(String::new, |state| state.to_string())]
    };
    let concerns: Vec<String> = match issue {
        Issue::DocumentWrong { why: _, places } => places.clone(),
        Issue::NoGraph => Vec::new(),
        Issue::OtherAdministrator { account_id } => account_id.iter().cloned().collect(),
        Issue::AutoEnable { is } => vec![is.to_string()],
        Issue::NotReadable { what: _, part } => part.iter().map(|part| part.code().to_owned()).collect(),
        Issue::MemberDisabled { account_id, reason } => {
            let reason = reason.filter(|it| *it != DisabledReason::Unknown).map(|it| it.to_string());
            [account_id.clone()].into_iter().chain(reason).collect()
        }
        Issue::VerificationFailed { account_id }
        | Issue::InvitationOld { account_id }
        | Issue::AccountOutside { account_id } => vec![account_id.clone()],
        Issue::PackageStopped { package: of, state } => package(of, state).to_vec(),
        Issue::MemberPackageStopped { account_id, package: of, state } => {
            [account_id.clone()].into_iter().chain(package(of, state)).collect()
        }
        Issue::NearLimit { percent } => vec![percent.to_string()],
    };
    let concerns = concerns.iter().map(String::as_str);
    digest(&[issue.kind().code()].into_iter().chain(concerns).collect::<Vec<_>>().join("\n"))
}

/// The first 12 hexadecimal digits of a text's SHA-256.
pub(crate) fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The number of issues of each kind.
#[must_use]
pub fn counts_by_kind<'a>(issues: impl IntoIterator<Item = &'a Issue>) -> BTreeMap<IssueKind, usize> {
    let mut counts = BTreeMap::new();
    for issue in issues {
        *counts.entry(issue.kind()).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
pub(crate) mod tests;
