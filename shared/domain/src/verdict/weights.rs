//! What weighs how much: the one table.
//!
//! 60 points are high risk. Points are those for the first of a kind, for each further one, and the most that the kind
//! can add up to.

use crate::finding::SeverityBand;

/// The points of one kind of evidence.
pub(super) struct Weight {
    pub(super) first: u8,
    pub(super) further: u8,
    pub(super) most: u8,
}

impl Weight {
    pub(super) fn points(&self, count: usize) -> u8 {
        let Some(further) = count.checked_sub(1) else { return 0 };
        let further = u8::try_from(further).unwrap_or(u8::MAX).saturating_mul(self.further);
        self.first.saturating_add(further).min(self.most)
    }
}

/// Threat intelligence names the address: whoever calls from it is known for abuse. Enough by itself.
pub(super) const FLAGGED_ADDRESS: Weight = Weight { first: 60, further: 10, most: 80 };
/// Nobody is in two places at once; a shared credential or a proxy is the innocent exception. Enough by itself.
pub(super) const IMPOSSIBLE_TRAVEL: Weight = Weight { first: 60, further: 5, most: 70 };
/// The technique worked: something was changed or taken. Two of them, or one beside a High finding, are enough.
pub(super) const TECHNIQUE_SUCCEEDED: Weight = Weight { first: 40, further: 20, most: 80 };
/// The technique was tried and refused: intent, not damage.
pub(super) const TECHNIQUE_FAILED: Weight = Weight { first: 10, further: 5, most: 20 };
/// New for the entire account: rarer than new for one principal, but people do travel and change tools.
pub(super) const NEW_FOR_ACCOUNT: Weight = Weight { first: 10, further: 5, most: 20 };
/// New for this principal only: colleagues were seen doing the same.
pub(super) const NEW_FOR_PRINCIPAL: Weight = Weight { first: 4, further: 2, most: 10 };
/// GuardDuty saw something else about the same principal.
pub(super) const RELATED_FINDING: Weight = Weight { first: 10, further: 5, most: 25 };
/// Detective takes several findings for one event.
pub(super) const RELATED_FINDING_GROUP: Weight = Weight { first: 10, further: 5, most: 15 };

/// The worst finding's own severity. Critical findings (attack sequences among them) reach people whatever Detective
/// finds; with a High one and novelty alone the sum stays under 60.
pub(super) fn severity(band: SeverityBand) -> u8 {
    match band {
        SeverityBand::Low => 0,
        SeverityBand::Medium => 10,
        SeverityBand::High => 25,
        SeverityBand::Critical => 60,
    }
}
