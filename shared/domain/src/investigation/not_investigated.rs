//! Why Detective has no result for a case.

mod kind;

pub use kind::NotInvestigatedKind;

use crate::coverage::{OutsideGraph, graph_region};
use crate::principal::NotInvestigableReason;
use crate::regions::Regions;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why a case's principal was not investigated, or why its investigation has no result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotInvestigated {
    /// The error's name in the state machine. Decisions use this field only.
    pub error: NotInvestigatedKind,
    /// The message of the service or function that failed. It is shown and never compared. Empty if `detail` has the information;
    /// earlier releases stored a sentence instead.
    pub cause: String,
    /// The reason as data, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<NotInvestigatedDetail>,
    /// The account that is not in the graph, if that is the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_graph: Option<OutsideGraph>,
    /// The Region of the investigation, if it differs from the Region of the case's last stored investigation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// The reason why a principal was not investigated, as data. Texts for people are rendered from it.
///
/// The serialized forms are stored and never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", rename_all_fields = "snake_case")]
pub enum NotInvestigatedDetail {
    /// Why Detective cannot investigate the principal.
    Principal(NotInvestigableReason),
    /// The account sends no data to the graph.
    OutsideGraph(OutsideGraph),
    /// Findings are of Regions in which the stack does not investigate.
    RegionsNotListed {
        /// The findings' Regions.
        #[serde(rename = "of")]
        regions: Vec<String>,
        /// The Regions in which it investigates.
        listed: Vec<String>,
    },
    /// Findings are of Regions in which no investigation has a result.
    RegionsNotInvestigated {
        /// The findings' Regions.
        #[serde(rename = "of")]
        regions: Vec<String>,
    },
    /// Findings have activity after the end of the investigation.
    ActivityAfter {
        /// The number of findings.
        findings: usize,
        /// The end of the investigation.
        end: Timestamp,
    },
    /// The investigation is still running, and the execution does not wait for it any longer.
    StillRunning {
        /// The investigation's id.
        id: String,
    },
    /// The investigation ended with status `FAILED`.
    Failed {
        /// The investigation's id.
        id: String,
    },
}

impl NotInvestigated {
    /// A reason with the error's name and message.
    #[must_use]
    pub fn new(error: impl Into<NotInvestigatedKind>, cause: impl Into<String>) -> Self {
        Self { error: error.into(), cause: cause.into(), detail: None, outside_graph: None, region: None }
    }

    /// A reason as data.
    fn with(error: NotInvestigatedKind, detail: NotInvestigatedDetail) -> Self {
        Self { detail: Some(detail), ..Self::new(error, "") }
    }

    /// The finding has no principal that Detective can investigate.
    #[must_use]
    pub fn no_principal(reason: &NotInvestigableReason) -> Self {
        Self::with(NotInvestigatedKind::NothingToInvestigate, NotInvestigatedDetail::Principal(reason.clone()))
    }

    /// Detective has no data of the principal's account.
    #[must_use]
    pub fn outside_graph(outside: &OutsideGraph) -> Self {
        let detail = NotInvestigatedDetail::OutsideGraph(outside.clone());
        Self { outside_graph: Some(outside.clone()), ..Self::with(NotInvestigatedKind::AccountNotInGraph, detail) }
    }

    /// The graph membership of the principal's account could not be read.
    #[must_use]
    pub fn membership_unknown(cause: impl Into<String>) -> Self {
        Self::new(NotInvestigatedKind::MembershipUnknown, cause)
    }

    /// Findings are of these Regions, and the stack does not investigate there.
    #[must_use]
    pub fn region_not_listed<'a>(of: impl IntoIterator<Item = &'a str>, regions: &Regions) -> Self {
        let [of, listed] = [of.into_iter().map(str::to_owned).collect(), regions.names().map(str::to_owned).collect()];
        Self::with(
            NotInvestigatedKind::RegionNotListed,
            NotInvestigatedDetail::RegionsNotListed { regions: of, listed },
        )
    }

    /// Findings are of these Regions, and no investigation there has a result.
    #[must_use]
    pub fn region_not_investigated<'a>(of: impl IntoIterator<Item = &'a str>) -> Self {
        let of = of.into_iter().map(str::to_owned).collect();
        Self::with(
            NotInvestigatedKind::RegionNotInvestigated,
            NotInvestigatedDetail::RegionsNotInvestigated { regions: of },
        )
    }

    /// This number of findings has activity after the end of the investigation.
    #[must_use]
    pub fn activity_after(findings: usize, end: Timestamp) -> Self {
        Self::with(
            NotInvestigatedKind::ActivityAfterInvestigation,
            NotInvestigatedDetail::ActivityAfter { findings, end },
        )
    }

    /// The investigation is still running, and the execution does not wait for it any longer.
    #[must_use]
    pub fn still_running(id: &str) -> Self {
        Self::with(
            NotInvestigatedKind::InvestigationDeadline,
            NotInvestigatedDetail::StillRunning { id: id.to_owned() },
        )
    }

    /// The investigation ended with status `FAILED`.
    #[must_use]
    pub fn failed(id: &str) -> Self {
        Self::with(NotInvestigatedKind::InvestigationFailed, NotInvestigatedDetail::Failed { id: id.to_owned() })
    }

    /// The same, with a readable cause: the cause of a failed function is JSON, of which only the message is kept.
    #[must_use]
    pub fn with_readable_cause(self) -> Self {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct LambdaFailure {
            error_message: String,
        }
        match serde_json::from_str::<LambdaFailure>(&self.cause) {
            Ok(failure) => Self { cause: failure.error_message, ..self },
            Err(_) => self,
        }
    }

    /// Whether it is about another Region than that of this graph.
    #[must_use]
    pub fn is_about_other_region(&self, graph_arn: &str) -> bool {
        self.region.as_deref().is_some_and(|region| graph_region(graph_arn) != Some(region))
    }

    /// Whether the reason is that Detective has no data of the principal's account.
    #[must_use]
    pub fn is_outside_graph(&self) -> bool {
        self.error == NotInvestigatedKind::AccountNotInGraph
    }

    /// Whether Detective has nothing to investigate: no principal, no data about it, or no behavior graph.
    #[must_use]
    pub fn has_nothing_to_investigate(&self) -> bool {
        self.error.has_nothing_to_investigate()
    }

    /// Whether Detective's investigation ended without a result. It is started once more before people are notified.
    #[must_use]
    pub fn is_failed_investigation(&self) -> bool {
        self.error == NotInvestigatedKind::InvestigationFailed
    }

    /// Whether a later investigation may have a result. Not if the finding has no principal that Detective can investigate (root, a
    /// database, a workload without a role), and not in a Region that is not in InvestigationRegions.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.error.is_transient()
    }

    /// Whether an operator must fix something before the next case can be investigated.
    #[must_use]
    pub fn needs_operator(&self) -> bool {
        self.error.needs_operator()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_cause_of_a_failed_function_is_its_message() {
        let cause = |cause: &str| NotInvestigated::new("DetectiveAccessDenied", cause).with_readable_cause().cause;
        let json = r#"{"errorType":"DetectiveAccessDenied","errorMessage":"ListGraphs was denied"}"#;
        assert_eq!(cause(json), "ListGraphs was denied");
        assert_eq!(cause("plain"), "plain");
    }

    #[test]
    fn the_cause_does_not_affect_decisions() {
        for error in NotInvestigatedKind::KNOWN {
            let decisions = |cause: &str| {
                let why = NotInvestigated::new(error.clone(), cause);
                (why.is_transient(), why.needs_operator(), why.has_nothing_to_investigate(), why.is_outside_graph())
            };
            assert_eq!(decisions("AccountNotInGraph"), decisions("another"), "{error}");
        }
    }

    #[test]
    fn a_refusal_is_reported_and_needs_no_operator() {
        let refused =
            NotInvestigated::new("InvestigationRefused", "StartInvestigation was rejected (ValidationException)");
        assert!(!refused.needs_operator() && refused.has_nothing_to_investigate() && refused.is_transient());
        assert!(NotInvestigated::new("DetectiveRejected", "").needs_operator(), "such as a wrong graph");
    }

    #[test]
    fn fixable_errors_need_an_operator() {
        assert!(NotInvestigated::new("DetectiveAccessDenied", "no").needs_operator());
        let failed = NotInvestigated::new("InvestigationFailed", "");
        assert!(!failed.needs_operator());
    }

    #[test]
    fn what_can_never_be_investigated_is_not_transient() {
        let is_transient = |error: &str| NotInvestigated::new(error, "").is_transient();
        for passing in ["InvestigationFailed", "InvestigationDeadline", "DetectiveThrottled", "EntityNotInGraph"] {
            assert!(is_transient(passing), "{passing}");
        }
        assert!(!NotInvestigated::no_principal(&NotInvestigableReason::NoName).is_transient());
        assert!(NotInvestigated::new(NotInvestigatedKind::InvestigationFailed, "").is_failed_investigation());
    }

    #[test]
    fn an_account_outside_the_graph_is_reported_and_survives_the_state_machine() {
        let outside = OutsideGraph { account_id: "111122223333".to_owned(), status: None, disabled_reason: None };
        let why = NotInvestigated::outside_graph(&outside);
        assert!(why.is_outside_graph() && why.has_nothing_to_investigate() && !why.needs_operator());
        let sent = serde_json::to_string(&why).unwrap();
        assert_eq!(serde_json::from_str::<NotInvestigated>(&sent).unwrap(), why);
        let old = r#"{"error": "InvestigationFailed", "cause": ""}"#;
        assert_eq!(serde_json::from_str::<NotInvestigated>(old).unwrap().outside_graph, None);
    }

    #[test]
    fn serialized_details_are_stable() {
        for stored in [
            json!({"principal": "anonymous"}),
            json!({"principal": {"no_principal": {"resource_type": "S3Object"}}}),
            json!({"outside_graph": {"account_id": "111122223333", "status": "INVITED"}}),
            json!({"regions_not_listed": {"of": ["sa-east-1"], "listed": ["us-east-1"]}}),
            json!({"regions_not_investigated": {"of": ["eu-west-1"]}}),
            json!({"activity_after": {"findings": 2, "end": "2026-01-15T12:45:00Z"}}),
            json!({"still_running": {"id": "012345678901234567890"}}),
            json!({"failed": {"id": "012345678901234567890"}}),
        ] {
            let why = json!({"error": "NothingToInvestigate", "cause": "", "detail": stored});
            let read: NotInvestigated = serde_json::from_value(why.clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), why);
        }
    }

    #[test]
    fn a_reason_of_another_region_is_distinguished_from_one_of_the_investigation() {
        let graph =
            |region: &str| format!("arn:aws:detective:{region}:111122223333:graph:0123456789abcdef0123456789abcdef");
        let somewhere = NotInvestigated::new("NoBehaviorGraph", "");
        assert!(!somewhere.is_about_other_region(&graph("us-east-1")), "it is about the last investigation");
        let there = NotInvestigated { region: Some("eu-west-1".to_owned()), ..somewhere };
        assert!(there.is_about_other_region(&graph("us-east-1")) && !there.is_about_other_region(&graph("eu-west-1")));
        let sent = serde_json::to_string(&there).unwrap();
        assert_eq!(serde_json::from_str::<NotInvestigated>(&sent).unwrap(), there);
    }

    #[test]
    fn a_region_outside_the_parameter_leaves_nothing_to_investigate() {
        let why = NotInvestigated::region_not_listed(["sa-east-1"], &Regions::only("us-east-1"));
        assert!(why.has_nothing_to_investigate() && !why.needs_operator());
        let why = NotInvestigated::region_not_investigated(["eu-west-1"]);
        assert!(!why.has_nothing_to_investigate() && !why.needs_operator());
        let unknown = NotInvestigated::membership_unknown("GetMembers was denied");
        assert!(unknown.needs_operator());
    }
}
