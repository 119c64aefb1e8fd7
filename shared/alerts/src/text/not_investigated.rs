//! Why a case has no result from Detective, in sentences.

use super::{coverage, principal};
use gumshoe_domain::investigation::{NotInvestigated, NotInvestigatedDetail, NotInvestigatedKind};
use gumshoe_domain::text::one_line;

/// What happened, in a sentence: made from the details if they are stored as data, else the text of the service or function that
/// failed or of an earlier release.
pub(crate) fn cause(why: &NotInvestigated) -> String {
    match &why.detail {
        None => why.cause.clone(),
        Some(NotInvestigatedDetail::Principal(reason)) => principal::not_investigable(reason),
        Some(NotInvestigatedDetail::OutsideGraph(outside)) => coverage::outside_graph_sentence(outside),
        Some(NotInvestigatedDetail::RegionsNotListed { regions: of, listed }) => format!(
            "findings are from {}, but this stack investigates only in {}",
            one_line(&of.join(", "), 80),
            one_line(&listed.join(", "), 120)
        ),
        Some(NotInvestigatedDetail::RegionsNotInvestigated { regions: of }) => {
            format!("findings are from {}, where nothing was investigated", one_line(&of.join(", "), 160))
        }
        Some(NotInvestigatedDetail::ActivityAfter { findings, end }) => {
            format!("{findings} findings have activity after {end}, the end of the investigation's scope")
        }
        Some(NotInvestigatedDetail::StillRunning { id }) => {
            format!("investigation {} is still running, and no other will be started", one_line(id, 40))
        }
        Some(NotInvestigatedDetail::Failed { id }) => format!("investigation {}", one_line(id, 40)),
    }
}

/// The reason, with the error's name and what to do. Escape it for the channel.
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
            "could not read the account's graph membership, so an investigation without results is not conclusive"
        }
        NotInvestigatedKind::InvestigationFailed => "Detective's investigation ended with status FAILED",
        NotInvestigatedKind::InvestigationDeadline => {
            "Detective's investigation was still RUNNING at the case deadline; see its result in the Detective console"
        }
        NotInvestigatedKind::ActivityAfterInvestigation => {
            "part of the activity is later than the scope of Detective's investigation"
        }
        NotInvestigatedKind::DetectiveAccessDenied => {
            "Detective denied access; check the function's role and the service control policies"
        }
        NotInvestigatedKind::EntityNotInGraph => {
            "Detective's behavior graph does not contain the principal; its ARN may have a path, or it may be new, or in an \
             account that is not a member of the graph"
        }
        NotInvestigatedKind::InvestigationRefused => {
            "Detective does not investigate this principal or this period; investigate the activity manually"
        }
        NotInvestigatedKind::NoBehaviorGraph => {
            "this account administers no Detective behavior graph in the finding's Region; enable Detective there"
        }
        NotInvestigatedKind::DetectiveThrottled => "Detective throttled every attempt",
        NotInvestigatedKind::DetectiveUnavailable => "Detective failed in every attempt",
        NotInvestigatedKind::DetectiveRejected => "Detective rejected the request",
        NotInvestigatedKind::DetectiveNotFound => {
            "Detective did not find the behavior graph or the investigation; check GraphArn, and that Detective is enabled in \
             the finding's Region"
        }
        NotInvestigatedKind::Other(_) => "the investigation could not be completed",
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
        assert_eq!(of("States.Timeout", ""), "the investigation could not be completed (States.Timeout)");
    }

    #[test]
    fn unknown_graph_has_its_own_explanation() {
        let why = of("DetectiveNotFound", "GetInvestigation found nothing");
        assert!(why.contains("check GraphArn"), "{why}");
    }

    #[test]
    fn causes_stored_by_earlier_releases_are_shown_unchanged() {
        for cause in ["the finding names no role of the Lambda function", "account 111122223333 is not a member"] {
            assert_eq!(of("NothingToInvestigate", cause), cause);
            assert_eq!(of("AccountNotInGraph", cause), cause);
        }
        let nothing = NotInvestigated::no_principal(&NotInvestigableReason::Anonymous);
        assert_eq!(explanation(&nothing), "the caller was not authenticated, so there is no principal");
        let running = explanation(&NotInvestigated::still_running("012345678901234567890"));
        let end = "(InvestigationDeadline: investigation 012345678901234567890 is still running, and no other will be started)";
        assert!(running.ends_with(end), "{running}");
    }

    #[test]
    fn accounts_and_regions_are_named() {
        let outside = OutsideGraph { account_id: "111122223333".to_owned(), status: None, disabled_reason: None };
        assert_eq!(
            explanation(&NotInvestigated::outside_graph(&outside)),
            "account 111122223333 is not a member of the behavior graph"
        );
        assert_eq!(
            explanation(&NotInvestigated::region_not_listed(["sa-east-1"], &Regions::only("us-east-1"))),
            "findings are from sa-east-1, but this stack investigates only in us-east-1; add the Region to \
             InvestigationRegions"
        );
        assert_eq!(
            explanation(&NotInvestigated::region_not_investigated(["eu-west-1"])),
            "findings are from eu-west-1, where nothing was investigated"
        );
        let unknown = explanation(&NotInvestigated::membership_unknown("GetMembers was denied"));
        assert!(unknown.ends_with("(MembershipUnknown: GetMembers was denied)"), "{unknown}");
    }
}
