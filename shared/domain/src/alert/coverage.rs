//! What an alert says where the principal's account sends nothing to the behavior graph.

use super::Alert;
use crate::investigation::NotInvestigated;

impl Alert {
    /// That Detective's result may lack what the account has done of late, in a sentence; nothing where the account is in the
    /// graph, and where the reason for which there is no result says it already. Still to be escaped for the channel.
    #[must_use]
    pub fn coverage(&self) -> Option<String> {
        let outside = self.outside_graph.as_ref()?;
        if self.not_investigated.as_ref().is_some_and(NotInvestigated::is_outside_graph) {
            return None;
        }
        Some(format!("Detective may not have seen everything: {outside}"))
    }
}
