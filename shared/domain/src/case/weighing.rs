//! What a case's findings and the engines' answers come to.

use crate::investigation::InvestigationSeverity;

/// Whether missing data of the principal's account are why there is no result: people would not hear of the case, or the
/// investigation found nothing, neither an indicator nor a severity that people would hear of.
///
/// `is_quiet`: what was found alone would close the case.
///
/// What the account sent before it was disabled can still be found. It counts towards an alert, and never towards a quiet
/// end: what came after it was not seen.
#[must_use]
pub fn is_explained_by_missing_data(
    is_quiet: bool,
    found_something: bool,
    severity: Option<InvestigationSeverity>,
) -> bool {
    is_quiet || (!found_something && severity < Some(InvestigationSeverity::High))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_result_is_explained_by_missing_data_and_no_case_ends_quietly_with_it() {
        for severity in [None, Some(InvestigationSeverity::Informational), Some(InvestigationSeverity::Medium)] {
            assert!(is_explained_by_missing_data(false, false, severity));
            assert!(!is_explained_by_missing_data(false, true, severity), "what was found counts");
            assert!(is_explained_by_missing_data(true, true, severity), "one trivial indicator does not make it quiet");
            assert!(is_explained_by_missing_data(true, false, severity));
        }
        for severity in [InvestigationSeverity::High, InvestigationSeverity::Critical] {
            assert!(!is_explained_by_missing_data(false, false, Some(severity)), "people hear of that");
        }
    }
}
