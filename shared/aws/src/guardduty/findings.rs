//! What GuardDuty knows of findings, by their ids.

use super::GuardDuty;
use crate::error::CallFailed;
use aws_sdk_guardduty::types::Finding;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// GetFindings: at most 50 ids.
const A_CALL: usize = 50;
/// How many ids are asked about at most.
const MOST: usize = 200;

impl GuardDuty {
    /// When the activity of findings was last seen, by their ids. GuardDuty knows the findings of its own account and Region,
    /// in an administrator's account those of its members as well; what it does not know is not in the answer.
    ///
    /// # Errors
    ///
    /// A failed ListDetectors or GetFindings, or an account without a detector.
    pub async fn last_seen(&self, ids: &[&str]) -> Result<BTreeMap<String, Timestamp>, CallFailed> {
        let mut seen = BTreeMap::new();
        if ids.is_empty() {
            return Ok(seen);
        }
        let detector = self.own_detector().await?;
        for ids in ids.iter().take(MOST).collect::<Vec<_>>().chunks(A_CALL) {
            let ids = ids.iter().map(|id| (**id).to_owned()).collect();
            let call = self.client.get_findings().detector_id(&detector).set_finding_ids(Some(ids));
            let answer = call.send().await.map_err(|error| CallFailed::new("GetFindings", error))?;
            seen.extend(answer.findings().iter().filter_map(|it| Some((it.id()?.to_owned(), last_seen(it)?))));
        }
        Ok(seen)
    }

    /// The account's detector in the client's Region. An account has one in a Region at most.
    async fn own_detector(&self) -> Result<String, CallFailed> {
        if let Some(known) = self.own_detector.get() {
            return Ok(known.clone());
        }
        let listed = self.client.list_detectors().send().await;
        let listed = listed.map_err(|error| CallFailed::new("ListDetectors", error))?;
        let found = listed.detector_ids().first().cloned();
        let found = found.ok_or_else(|| CallFailed::incomplete("ListDetectors", "a detector"))?;
        Ok(self.own_detector.get_or_init(|| found).clone())
    }
}

fn last_seen(finding: &Finding) -> Option<Timestamp> {
    let of_service = finding.service().and_then(|service| service.event_last_seen());
    of_service.or_else(|| finding.updated_at())?.parse().ok()
}
