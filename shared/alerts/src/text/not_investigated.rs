//! Why a case has no result of Detective's, in sentences.

use super::{coverage, principal};
use gumshoe_domain::investigation::{NotInvestigated, NotInvestigatedDetail, NotInvestigatedKind};
use gumshoe_domain::text::one_line;

/// What happened: in a sentence where it is known as data, else in the words of the service or function that failed, or as an
/// earlier release stored it.
pub(crate) fn cause(why: &NotInvestigated) -> String {
    match &why.detail {
        None => why.cause.clone(),
        Some(NotInvestigatedDetail::Principal(reason)) => principal::not_investigable(reason),
        Some(NotInvestigatedDetail::OutsideGraph(outside)) => coverage::outside_graph_sentence(outside),
        Some(NotInvestigatedDetail::RegionsNotListed { regions: of, listed }) => format!(
            "findings are of {}, and this stack investigates in {} only",
            one_line(&of.join(", "), 80),
            one_line(&listed.join(", "), 120)
        ),
        Some(NotInvestigatedDetail::RegionsNotInvestigated { regions: of }) => {
            format!("findings are of {}, where nothing was investigated", one_line(&of.join(", "), 160))
        }
        Some(NotInvestigatedDetail::ActivityAfter { findings, end }) => {
            format!("{findings} findings have activity after {end}, where the investigation ends")
        }
        Some(NotInvestigatedDetail::StillRunning { id }) => {
            format!("investigation {} is still running, and no other follows", one_line(id, 40))
        }
        Some(NotInvestigatedDetail::Failed { id }) => format!("investigation {}", one_line(id, 40)),
    }
}

/// The reason in words that an analyst understands, with what to do. Still to be escaped for the channel.
pub(crate) fn explanation(why: &NotInvestigated) -> String {
    let (error, cause) = (&why.error, &cause(why));
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
    use gumshoe_domain::principal::NotInvestigableReason;

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
    fn what_earlier_releases_stored_is_shown_as_it_was() {
        for cause in ["the finding names no role of the Lambda function", "account 111122223333 is not a member"] {
            assert_eq!(of("NothingToInvestigate", cause), cause);
            assert_eq!(of("AccountNotInGraph", cause), cause);
        }
        let nothing = NotInvestigated::no_principal(&NotInvestigableReason::Anonymous);
        assert_eq!(explanation(&nothing), "the caller was not authenticated, so there is no principal");
        let running = explanation(&NotInvestigated::still_running("012345678901234567890"));
        let end = "(InvestigationDeadline: investigation 012345678901234567890 is still running, and no other follows)";
        assert!(running.ends_with(end), "{running}");
    }

    #[test]
    fn accounts_and_regions_explain_themselves() {
        let outside = OutsideGraph { account_id: "111122223333".to_owned(), status: None, disabled_reason: None };
        assert_eq!(
            explanation(&NotInvestigated::outside_graph(&outside)),
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
