//! GuardDuty's state: detectors, findings and investigations, apart per account and Region.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::detector::Detector;
use super::findings::Findings;
use super::investigation::{Investigation, Investigations};
use super::prompt::Prompt;
use crate::journal::Entry;
use crate::protocol::digest;
use crate::protocol::error::AwsError;
use crate::world::{AccountRegion, AccountRegionFilter};

/// All of GuardDuty.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// Those that were asked for.
    detectors: BTreeMap<AccountRegion, Detector>,
    /// Where there are detectors; the last rule that matches counts; without a rule there is one.
    exist: Vec<(AccountRegionFilter, bool)>,
    pub(super) findings: Findings,
    pub(super) investigations: Investigations,
}

impl State {
    /// Whether an account has a detector in a Region: from the start, unless control took it away.
    pub(super) fn has_detector(&self, place: &AccountRegion) -> bool {
        self.exist.iter().rev().find(|(places, _)| places.matches(place)).is_none_or(|(_, exists)| *exists)
    }

    /// The detector of an id, if it is the place's.
    ///
    /// # Errors
    /// BadRequestException, which is AWS's answer for a detector of another account and for one that does not exist.
    // Source of the message: github.com/turbot/steampipe-plugin-aws/issues/1105.
    pub(super) fn detector(&mut self, place: &AccountRegion, id: &str) -> Result<&mut Detector, AwsError> {
        if !self.has_detector(place) || id != detector_id(place) {
            return Err(AwsError::bad_request(
                "The request is rejected because the input detectorId is not owned by the current account.",
            ));
        }
        Ok(self.detectors.entry(place.clone()).or_insert_with(|| Detector::new(id.into())))
    }

    /// Hides or restores the detectors of some accounts and Regions, including those that no request has used yet. Their
    /// data is kept.
    pub(crate) fn set_detector_exists(&mut self, places: AccountRegionFilter, exists: bool) {
        self.exist.retain(|(other, _)| *other != places);
        self.exist.push((places, exists));
    }

    /// All investigations, oldest first.
    pub(crate) fn investigations(&self) -> impl Iterator<Item = &Investigation> {
        self.investigations.iter().map(|(_, investigation)| investigation)
    }

    /// The investigation of an id, wherever it is.
    pub(crate) fn find_investigation(&mut self, id: &str) -> Option<&mut Investigation> {
        self.investigations.get_mut(id)
    }

    /// Continues the ids after those of another state.
    pub(crate) fn continue_ids_from(&mut self, before: &Self) {
        self.findings.continue_ids_from(&before.findings);
        self.investigations.continue_ids_from(&before.investigations);
    }

    /// Writes into an entry which finding and which investigation a request is about: the finding that its prompt
    /// names, or that of the investigation it names.
    pub(crate) fn annotate_entry(&self, entry: &mut Entry, _place: &AccountRegion, members: &Map<String, Value>) {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        entry.investigation_id = text("InvestigationId").map(String::from);
        entry.finding_id = match text("triggerPrompt") {
            Some(prompt) => Prompt::read(prompt).finding,
            None => text("InvestigationId")
                .and_then(|id| self.investigations.get(id))
                .and_then(|investigation| investigation.finding_id.clone()),
        };
    }
}

/// The id of the detector that an account has in a Region: 32 hexadecimal digits, derived from both.
pub(crate) fn detector_id(place: &AccountRegion) -> String {
    format!("{:032x}", digest::of(["guardduty detector", &place.account, &place.region]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_rule_decides_whether_a_detector_exists() {
        let mut state = State::default();
        let (one, two) = (AccountRegion::new("1", "r"), AccountRegion::new("2", "r"));
        let only = AccountRegionFilter { account: Some("1".into()), region: None };
        assert!(state.detector(&one, &detector_id(&one)).is_ok());
        state.set_detector_exists(AccountRegionFilter::default(), false);
        state.set_detector_exists(only, true);
        assert!(state.detector(&one, &detector_id(&one)).is_ok());
        assert!(state.detector(&two, &detector_id(&two)).is_err());
        state.set_detector_exists(AccountRegionFilter::default(), false);
        assert!(state.detector(&one, &detector_id(&one)).is_err());
    }
}
