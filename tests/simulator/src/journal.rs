//! The journal: the calls that the simulator received, and its responses.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::protocol::Operation;
use crate::world::AccountRegion;

/// The most entries that are kept; the oldest are removed first.
const JOURNAL_MAX_ENTRIES: usize = 100_000;

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
    pub(crate) fn record(&mut self, entry: Entry) {
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
            "request handled"
        );
        if self.0.len() >= JOURNAL_MAX_ENTRIES {
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
    pub(crate) fn for_operation(operation: &Operation, place: &AccountRegion) -> Self {
        let entry = Self::for_unknown_operation(operation.model.name, place);
        Self { service: operation.service.name().into(), ..entry }
    }

    /// An entry of a request for no operation.
    pub(crate) fn for_unknown_operation(what: impl Into<String>, place: &AccountRegion) -> Self {
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
