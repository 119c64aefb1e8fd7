//! One request from its body to what is to be sent: fault, operation, journal. Nothing here waits.

use std::time::Duration;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::error::{AwsError, ErrorType};
use super::{Answer, Call, Operation};
use crate::faults::FaultKind;
use crate::journal::Entry;
use crate::world::{AccountRegion, World};

/// What is to be sent, and how.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    pub(crate) delivery: Delivery,
    /// When it was answered, by the virtual clock.
    pub(crate) at: Timestamp,
}

/// How an answer is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    AtOnce,
    After(Duration),
    Dropped,
    Truncated,
}

impl World {
    /// Carries out one call, or has a fault do what it does, and writes the journal.
    pub(crate) fn carry_out(
        &mut self,
        operation: &'static Operation,
        place: &AccountRegion,
        members: Result<Map<String, Value>, AwsError>,
    ) -> Reply {
        let mut entry = Entry::of(operation, place);
        if let Ok(members) = &members {
            self.name_subject(&mut entry, operation, place, members);
        }
        // What is throttled gets no further: it uses no fault up.
        let throttled = !self.rates.let_through(place, operation, self.clock.now());
        let fault = if throttled { None } else { self.take_fault(place, operation, &entry) };

        let mut delivery = Delivery::AtOnce;
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
            Delivery::AtOnce | Delivery::After(_) => {}
            Delivery::Truncated => entry.error = Some("truncated".into()),
            Delivery::Dropped => {
                entry.status = 0;
                entry.error = Some(if worked { "dropped after work" } else { "dropped" }.into());
            }
        }
        self.journal.write(entry);
        Reply { answer, delivery, at: self.clock.now() }
    }

    /// A request for no known operation.
    pub(crate) fn refuse_unknown(&mut self, place: &AccountRegion, method: &str, path: &str) -> AwsError {
        let mut entry = Entry::of_no_operation(format!("{method} {path}"), place);
        let error =
            AwsError::new(ErrorType::UnknownOperation, format!("{method} {path} is no operation that is simulated."));
        entry.status = StatusCode::NOT_FOUND.as_u16();
        entry.error = Some(error.kind.name().into());
        self.journal.write(entry);
        error
    }
}
