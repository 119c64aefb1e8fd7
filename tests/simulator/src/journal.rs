//! The journal: what was asked of the simulator, and what it answered.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::protocol::Operation;
use crate::world::AccountRegion;

/// How many entries are kept; the oldest go first.
const KEPT: usize = 100_000;

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The service, `detective` or `guardduty`; of a request for no operation, nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// The operation's name; of a request for none, its method and path.
    pub operation: String,
    /// The account that called.
    pub account: String,
    /// The Region that was called.
    pub region: String,
    /// The entity that the call was about, found through the investigation's id where the call carries only that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_arn: Option<String>,
    /// The finding that a GuardDuty investigation is about: the id in its prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding_id: Option<String>,
    /// The investigation that the call was about, or that it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub investigation_id: Option<String>,
    /// The HTTP status of the answer; 0 when the connection was closed without one.
    pub status: u16,
    /// The type of the error that was answered, such as `ValidationException`; or `dropped` (nothing was carried
    /// out), `dropped after work` or `truncated` when a fault did that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The newest entries, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Journal(VecDeque<Entry>);

impl Journal {
    /// Writes an entry, and one line of the log.
    pub(crate) fn write(&mut self, entry: Entry) {
        tracing::info!(
            service = entry.service,
            operation = entry.operation,
            account = entry.account,
            region = entry.region,
            entity.arn = entry.entity_arn,
            finding.id = entry.finding_id,
            investigation.id = entry.investigation_id,
            status = entry.status,
            error = entry.error,
            "answered"
        );
        if self.0.len() >= KEPT {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    /// The entries, newest last.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }
}

impl Entry {
    pub(crate) fn of(operation: &Operation, place: &AccountRegion) -> Self {
        let entry = Self::of_no_operation(operation.model.name, place);
        Self { service: operation.service.name().into(), ..entry }
    }

    /// An entry of a request for no operation.
    pub(crate) fn of_no_operation(what: impl Into<String>, place: &AccountRegion) -> Self {
        Self {
            service: String::new(),
            operation: what.into(),
            account: place.account.clone(),
            region: place.region.clone(),
            entity_arn: None,
            finding_id: None,
            investigation_id: None,
            status: 0,
            error: None,
        }
    }
}
