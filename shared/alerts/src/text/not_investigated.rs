//! Why a case has no result of Detective's, in sentences.

use gumshoe_domain::investigation::{NotInvestigated, NotInvestigatedKind};
use gumshoe_domain::text::one_line;

/// The reason in words that an analyst understands, with what to do. Still to be escaped for the channel.
pub(crate) fn explanation(why: &NotInvestigated) -> String {
    let NotInvestigated { error, cause, .. } = why;
    let known = match error {
        NotInvestigatedKind::NothingToInvestigate
        | NotInvestigatedKind::AccountNotInGraph
        | NotInvestigatedKind::RegionNotInvestigated => return one_line(cause, 300),
        NotInvestigatedKind::RegionNotListed => {
            return format!("{}; add the Region to InvestigationRegions", one_line(cause, 240));
        }
        NotInvestigatedKind::MembershipUnknown => {
            "it could not be read whether the account is in the behavior graph, so an investigation that found little \
             proves nothing"
        }
        NotInvestigatedKind::InvestigationFailed => "Detective's investigation ended with status FAILED",
        NotInvestigatedKind::InvestigationDeadline => {
            "Detective's investigation was still RUNNING when the case had to be assessed; look at it in the console"
        }
        NotInvestigatedKind::ActivityAfterInvestigation => {
            "part of the activity is later than what Detective has looked at"
        }
        NotInvestigatedKind::DetectiveAccessDenied => {
            "Detective refused access; check the function's role and service control policies"
        }
        NotInvestigatedKind::EntityNotInGraph => {
            "Detective's behavior graph does not know the principal; it may lie under a path, be new, or be in an account \
             that is not a member of the graph"
        }
        NotInvestigatedKind::InvestigationRefused => {
            "Detective refuses to investigate this principal, or this period; the activity has to be looked at by hand"
        }
        NotInvestigatedKind::NoBehaviorGraph => {
            "this account administers no Detective behavior graph in the finding's Region; enable Detective there"
        }
        NotInvestigatedKind::DetectiveThrottled => "Detective went on throttling after every retry",
        NotInvestigatedKind::DetectiveUnavailable => "Detective went on failing after every retry",
        NotInvestigatedKind::DetectiveRejected => "Detective rejected the request",
        NotInvestigatedKind::DetectiveNotFound => {
            "Detective does not know the behavior graph or the investigation; check GraphArn, and that Detective is \
             enabled in the finding's Region"
        }
        NotInvestigatedKind::Other(_) => "the investigation could not be carried out",
    };
    let name = one_line(error.as_str(), 80);
    match one_line(cause, 300) {
        cause if cause.is_empty() => format!("{known} ({name})"),
        cause => format!("{known} ({name}: {cause})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::Regions;
    use gumshoe_domain::coverage::OutsideGraph;

    fn of(error: &str, cause: &str) -> String {
        explanation(&NotInvestigated::new(error, cause))
    }

    #[test]
    fn explanations_name_the_error_and_stay_on_one_line() {
        assert!(of("DetectiveAccessDenied", "no\nallow").ends_with("(DetectiveAccessDenied: no allow)"));
        assert!(of("InvestigationFailed", "").ends_with("FAILED (InvestigationFailed)"));
        let refused = of("InvestigationRefused", "StartInvestigation was rejected (ValidationException)");
        assert!(refused.contains("InvestigationRefused: StartInvestigation was rejected"), "{refused}");
        assert_eq!(of("States.Timeout", ""), "the investigation could not be carried out (States.Timeout)");
    }

    #[test]
    fn a_graph_that_detective_does_not_know_has_an_explanation_of_its_own() {
        let why = of("DetectiveNotFound", "GetInvestigation found nothing");
        assert!(why.contains("check GraphArn"), "{why}");
    }

    #[test]
    fn accounts_and_regions_explain_themselves() {
        let outside = OutsideGraph { account_id: "111122223333".to_owned(), status: None, disabled_reason: None };
        assert_eq!(
            explanation(&NotInvestigated::outside(&outside)),
            "account 111122223333 is not in the behavior graph: not a member"
        );
        assert_eq!(
            explanation(&NotInvestigated::region_not_listed(["sa-east-1"], &Regions::only("us-east-1"))),
            "findings are of sa-east-1, and this stack investigates in us-east-1 only; add the Region to \
             InvestigationRegions"
        );
        assert_eq!(
            explanation(&NotInvestigated::region_not_investigated(["eu-west-1"])),
            "findings are of eu-west-1, where nothing was investigated"
        );
        let unknown = explanation(&NotInvestigated::membership_unknown("GetMembers was denied"));
        assert!(unknown.ends_with("(MembershipUnknown: GetMembers was denied)"), "{unknown}");
    }
}
