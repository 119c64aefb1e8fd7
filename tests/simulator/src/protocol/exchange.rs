//! Processes one request, from its body to its response: fault, operation, journal. Nothing here waits.

use std::time::Duration;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::error::{AwsError, ErrorType};
use super::{Call, Operation, OperationResult};
use crate::faults::FaultKind;
use crate::journal::Entry;
use crate::world::{AccountRegion, World};

/// A response, and how to send it.
#[derive(Debug)]
pub(crate) struct HttpReply {
    pub(crate) answer: OperationResult,
    pub(crate) delivery: Delivery,
    /// When it was answered, by the virtual clock.
    pub(crate) at: Timestamp,
}

/// How an answer is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    Immediate,
    After(Duration),
    Dropped,
    Truncated,
}

impl World {
    /// Carries out one call or applies a fault, and records it in the journal.
    pub(crate) fn carry_out(
        &mut self,
        operation: &'static Operation,
        place: &AccountRegion,
        members: Result<Map<String, Value>, AwsError>,
    ) -> HttpReply {
        let mut entry = Entry::for_operation(operation, place);
        if let Ok(members) = &members {
            self.annotate_entry(&mut entry, operation, place, members);
        }
        // A throttled call uses up no fault.
        let throttled = !self.rates.try_acquire(place, operation, self.clock.now());
        let fault = if throttled { None } else { self.take_fault(place, operation, &entry) };

        let mut delivery = Delivery::Immediate;
        let mut instead = throttled.then(|| operation.throttled());
        if let Some(fault) = &fault {
            instead = fault.error_of(operation);
            match fault.kind {
                FaultKind::Latency => delivery = Delivery::After(fault.latency()),
                FaultKind::Truncate => delivery = Delivery::Truncated,
                FaultKind::Drop => delivery = Delivery::Dropped,
                FaultKind::Throttle | FaultKind::Internal | FaultKind::AccessDenied | FaultKind::Error => {}
            }
        }
        let worked = delivery != Delivery::Dropped || fault.is_some_and(|fault| fault.after_work);
        let answer = match instead {
            Some(error) => Err(error),
            None if worked => members.and_then(|members| {
                let call = Call { operation, place, members: &members, now: self.clock.now() };
                (operation.answer)(&call, self)
            }),
            None => Ok(None),
        };

        if let Ok(Some(body)) = &answer
            && let Some(id) =
                body.get("InvestigationId").or_else(|| body.get("investigationId")).and_then(Value::as_str)
        {
            entry.investigation_id = Some(id.into());
        }
        entry.status = answer.as_ref().map_or_else(|error| error.kind.status().as_u16(), |_| operation.model.status);
        entry.error = answer.as_ref().err().map(|error| error.kind.name().into());
        match delivery {
            Delivery::Immediate | Delivery::After(_) => {}
            Delivery::Truncated => entry.error = Some("truncated".into()),
            Delivery::Dropped => {
                entry.status = 0;
                entry.error = Some(if worked { "dropped after work" } else { "dropped" }.into());
            }
        }
        self.journal.record(entry);
        HttpReply { answer, delivery, at: self.clock.now() }
    }

    /// A request for no known operation.
    pub(crate) fn reject_unknown(&mut self, place: &AccountRegion, method: &str, path: &str) -> AwsError {
        let mut entry = Entry::for_unknown_operation(format!("{method} {path}"), place);
        let error =
            AwsError::new(ErrorType::UnknownOperation, format!("{method} {path} is not a simulated operation."));
        entry.status = StatusCode::NOT_FOUND.as_u16();
        entry.error = Some(error.kind.name().into());
        self.journal.record(entry);
        error
    }
}
