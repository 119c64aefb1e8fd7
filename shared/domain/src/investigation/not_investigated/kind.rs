//! The kinds of reasons why Detective has no result for a case.

use crate::code::open_codes;

open_codes! {
    /// Why a principal was not investigated, or why its investigation has no result. The code is the error's name in the state machine.
    ///
    /// Other errors of functions and of the state machine are `Other`, such as `TableUnavailable` or `States.Timeout`.
    pub enum NotInvestigatedKind {
        /// The finding has no principal that Detective can investigate.
        NothingToInvestigate = "NothingToInvestigate",
        /// The principal's account is not in the behavior graph.
        AccountNotInGraph = "AccountNotInGraph",
        /// It could not be read whether the principal's account is in the behavior graph.
        MembershipUnknown = "MembershipUnknown",
        /// The findings are of a Region in which the stack does not investigate.
        RegionNotListed = "RegionNotListed",
        /// Findings are of a Region in which no investigation has a result.
        RegionNotInvestigated = "RegionNotInvestigated",
        /// Findings have activity after the end of the investigation.
        ActivityAfterInvestigation = "ActivityAfterInvestigation",
        /// Detective's investigation ended with status FAILED.
        InvestigationFailed = "InvestigationFailed",
        /// Detective's investigation was still running at the deadline.
        InvestigationDeadline = "InvestigationDeadline",
        /// The behavior graph does not know the principal.
        EntityNotInGraph = "EntityNotInGraph",
        /// Detective refuses to investigate the principal or this period.
        InvestigationRefused = "InvestigationRefused",
        /// The account administers no behavior graph in the finding's Region.
        NoBehaviorGraph = "NoBehaviorGraph",
        /// Detective denied access.
        DetectiveAccessDenied = "DetectiveAccessDenied",
        /// The behavior graph or the investigation does not exist.
        DetectiveNotFound = "DetectiveNotFound",
        /// Detective rejected the request as invalid.
        DetectiveRejected = "DetectiveRejected",
        /// Detective throttled every attempt.
        DetectiveThrottled = "DetectiveThrottled",
        /// Detective failed at every attempt.
        DetectiveUnavailable = "DetectiveUnavailable",
    }
}

impl NotInvestigatedKind {
    /// Whether Detective has nothing to investigate: no principal, no data about it, or no behavior graph.
    #[must_use]
    pub fn has_nothing_to_investigate(&self) -> bool {
        match self {
            Self::NothingToInvestigate
            | Self::EntityNotInGraph
            | Self::InvestigationRefused
            | Self::AccountNotInGraph
            | Self::RegionNotListed
            | Self::NoBehaviorGraph => true,
            Self::MembershipUnknown
            | Self::RegionNotInvestigated
            | Self::ActivityAfterInvestigation
            | Self::InvestigationFailed
            | Self::InvestigationDeadline
            | Self::DetectiveAccessDenied
            | Self::DetectiveNotFound
            | Self::DetectiveRejected
            | Self::DetectiveThrottled
            | Self::DetectiveUnavailable
            | Self::Other(_) => false,
        }
    }

    /// Whether a later investigation may have a result. Not if the finding has no principal that Detective can investigate (root, a
    /// database, a workload without a role), and not in a Region that is not in InvestigationRegions.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::NothingToInvestigate | Self::RegionNotListed => false,
            Self::AccountNotInGraph
            | Self::MembershipUnknown
            | Self::RegionNotInvestigated
            | Self::ActivityAfterInvestigation
            | Self::InvestigationFailed
            | Self::InvestigationDeadline
            | Self::EntityNotInGraph
            | Self::InvestigationRefused
            | Self::NoBehaviorGraph
            | Self::DetectiveAccessDenied
            | Self::DetectiveNotFound
            | Self::DetectiveRejected
            | Self::DetectiveThrottled
            | Self::DetectiveUnavailable
            | Self::Other(_) => true,
        }
    }

    /// Whether an operator must fix something before the next case can be investigated.
    #[must_use]
    pub fn needs_operator(&self) -> bool {
        match self {
            Self::NothingToInvestigate
            | Self::AccountNotInGraph
            | Self::RegionNotListed
            | Self::RegionNotInvestigated
            | Self::ActivityAfterInvestigation
            | Self::InvestigationFailed
            | Self::InvestigationDeadline
            | Self::EntityNotInGraph
            | Self::InvestigationRefused => false,
            Self::MembershipUnknown
            | Self::NoBehaviorGraph
            | Self::DetectiveAccessDenied
            | Self::DetectiveNotFound
            | Self::DetectiveRejected
            | Self::DetectiveThrottled
            | Self::DetectiveUnavailable
            | Self::Other(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigation::NotInvestigated;
    use serde_json::json;

    /// The codes are stored, in the state machine's variables, and in messages to subscribers.
    #[test]
    fn serialized_codes_are_stable() {
        let codes: Vec<&str> = NotInvestigatedKind::KNOWN.iter().map(NotInvestigatedKind::as_str).collect();
        let pinned = [
            "NothingToInvestigate",
            "AccountNotInGraph",
            "MembershipUnknown",
            "RegionNotListed",
            "RegionNotInvestigated",
            "ActivityAfterInvestigation",
            "InvestigationFailed",
            "InvestigationDeadline",
            "EntityNotInGraph",
            "InvestigationRefused",
            "NoBehaviorGraph",
            "DetectiveAccessDenied",
            "DetectiveNotFound",
            "DetectiveRejected",
            "DetectiveThrottled",
            "DetectiveUnavailable",
        ];
        assert_eq!(codes, pinned);
        for code in pinned.into_iter().chain(["States.Timeout", "TableUnavailable", ""]) {
            let stored = json!({"error": code, "cause": "c"});
            let read: NotInvestigated = serde_json::from_value(stored.clone()).unwrap();
            assert_eq!(matches!(read.error, NotInvestigatedKind::Other(_)), !pinned.contains(&code), "{code}");
            assert_eq!(serde_json::to_value(read).unwrap(), stored);
        }
    }
}
