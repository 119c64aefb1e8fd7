//! What the two engines make of each other, as an alert says it beside the verdict.

use crate::message::Alert;
use gumshoe_domain::guardduty::{Answer, Completed};
use gumshoe_domain::verdict::{Opinions, Reason, Verdict};

impl Alert {
    /// GuardDuty's result, where there is one. An AI wrote its texts.
    #[must_use]
    pub fn by_guardduty(&self) -> Option<&Completed> {
        self.guardduty.as_ref().and_then(Answer::completed)
    }

    /// Whether Detective and GuardDuty say the same, in a sentence; nothing where GuardDuty has no result. It is the reason
    /// that [`Verdict::beside`] adds, and there also where the reasons were shortened. No text from outside is in it.
    #[must_use]
    pub fn engines(&self) -> Option<String> {
        let opinions = Opinions {
            investigated: self.not_investigated.is_none(),
            severity: self.detective_severity,
            guardduty: self.by_guardduty(),
            ..Opinions::default()
        };
        let without = Verdict { level: self.verdict.level, score: self.verdict.score, reasons: Vec::new() };
        without.beside(&opinions).reasons.pop().map(|reason| reason.text)
    }

    /// The verdict's reasons, without what the engines make of each other: that stands beside the verdict.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        let engines = self.engines();
        self.verdict.reasons.iter().filter(move |reason| reason.points > 0 || Some(&reason.text) != engines.as_ref())
    }
}
