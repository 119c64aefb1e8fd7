//! The GuardDuty detector of the stack's account, in the simulator.

use super::{LocalCloud, STACK_ACCOUNT};
use crate::api::REGION;
use crate::error::CloudError;
use serde_json::{Value, json};

impl LocalCloud {
    /// Updates the detector (GuardDuty API Reference, UpdateDetector).
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn update_detector(&self, change: &Value) -> Result<(), CloudError> {
        let path = format!("/detector/{}", self.simulator.detector_id(STACK_ACCOUNT, REGION));
        self.simulator_api.post_as(STACK_ACCOUNT, "guardduty", &path, change).await.map(drop)
    }

    /// Enables the feature AI_ANALYST, which investigates. It is off in a new detector.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn enable_analyst(&self) -> Result<(), CloudError> {
        self.update_detector(&json!({"features": [{"name": "AI_ANALYST", "status": "ENABLED"}]})).await
    }
}
