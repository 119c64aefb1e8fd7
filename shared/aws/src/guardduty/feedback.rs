//! The feedback of operators about findings.

use super::GuardDuty;
use crate::error::ApiCallError;
use aws_sdk_guardduty::types::Feedback;

/// UpdateFindingsFeedback: at most 50 ids in a call (GuardDuty API Reference).
const FINDINGS_PER_CALL: usize = 50;

impl GuardDuty {
    /// Marks findings of this Region as useful or not useful, with a comment.
    ///
    /// # Errors
    ///
    /// A failed ListDetectors or UpdateFindingsFeedback, or an account without a detector. Of more than 50 findings, the first may be
    /// marked then; to call it again is safe.
    pub async fn send_feedback(&self, ids: &[&str], is_useful: bool, comment: &str) -> Result<(), ApiCallError> {
        let detector = self.account_detector().await?;
        let rating = if is_useful { Feedback::Useful } else { Feedback::NotUseful };
        for ids in ids.chunks(FINDINGS_PER_CALL) {
            self.client
                .update_findings_feedback()
                .detector_id(&detector)
                .set_finding_ids(Some(ids.iter().map(|id| (*id).to_owned()).collect()))
                .feedback(rating.clone())
                .comments(comment)
                .send()
                .await
                .map_err(|error| ApiCallError::new("UpdateFindingsFeedback", error))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::enabled;
    use gumshoe_domain::Fault;
    use simulator::{ApiFault, FaultKind};

    #[tokio::test]
    async fn each_finding_is_marked_in_calls_of_50() {
        let (simulator, guardduty, _) = enabled().await;
        let ids: Vec<String> = (0..60).map(|number| format!("{number:032x}")).collect();
        for id in &ids {
            simulator.add_finding(testkit::findings::role_finding("web", id)).unwrap();
        }
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        guardduty.send_feedback(&ids, false, "a penetration test").await.unwrap();
        let journal = simulator.journal();
        let calls = journal.iter().filter(|entry| entry.operation == "UpdateFindingsFeedback");
        assert_eq!(calls.count(), 2);
        simulator.add_fault(ApiFault::new("UpdateFindingsFeedback", FaultKind::AccessDenied));
        let refused = guardduty.send_feedback(&ids, true, "").await.unwrap_err();
        assert_eq!((refused.operation, refused.fault), ("UpdateFindingsFeedback", Fault::AccessDenied));
    }
}
