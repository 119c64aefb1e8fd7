//! One request from its body to what is to be sent: fault, operation, journal. Nothing here waits.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::aws_error::{AwsError, ErrorType};
use crate::faults::FaultKind;
use crate::input::Input;
use crate::journal::Entry;
use crate::operations::{Answer, Call, Operation};
use crate::state::{Place, World};

/// What is to be sent, and how.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    pub(crate) delivery: Delivery,
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
        place: &Place,
        members: Result<Map<String, Value>, AwsError>,
    ) -> Reply {
        let mut entry = Entry::of(operation.name, place);
        if let Ok(members) = &members {
            (entry.entity_arn, entry.investigation_id) = self.subject(place, members);
        }
        let fault = self.take_fault(place, operation.name, entry.entity_arn.as_deref());

        let mut delivery = Delivery::AtOnce;
        let mut instead = None;
        if let Some(fault) = &fault {
            instead = fault.kind.error();
            match fault.kind {
                FaultKind::Latency => delivery = Delivery::After(fault.latency()),
                FaultKind::Truncate => delivery = Delivery::Truncated,
                FaultKind::Drop => delivery = Delivery::Dropped,
                FaultKind::Throttle | FaultKind::Internal | FaultKind::AccessDenied => {}
            }
        }
        let worked = delivery != Delivery::Dropped || fault.is_some_and(|fault| fault.after_work);
        let answer = match instead {
            Some(error) => Err(error),
            None if worked => members.and_then(|members| {
                let input = Input::of_request(operation.name, &members);
                let call = Call { operation: operation.name, place, input, now: self.now() };
                (operation.answer)(&call, self)
            }),
            None => Ok(None),
        };

        if let Ok(Some(body)) = &answer
            && let Some(id) = body.get("InvestigationId").and_then(Value::as_str)
        {
            entry.investigation_id = Some(id.into());
        }
        entry.status = answer.as_ref().map_or_else(|error| error.kind.status(), |_| StatusCode::OK).as_u16();
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
        Reply { answer, delivery }
    }

    /// A request for no known operation.
    pub(crate) fn refuse_unknown(&mut self, place: &Place, method: &str, path: &str) -> AwsError {
        let mut entry = Entry::of(format!("{method} {path}"), place);
        let error =
            AwsError::plain(ErrorType::UnknownOperation, format!("{method} {path} is no operation that is simulated."));
        entry.status = error.kind.status().as_u16();
        entry.error = Some(error.kind.name().into());
        self.journal.write(entry);
        error
    }

    /// The entity and the investigation that a request is about: the entity it names or filters by, or that of the
    /// investigation it names.
    fn subject(&mut self, place: &Place, members: &Map<String, Value>) -> (Option<String>, Option<String>) {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(String::from);
        let id = text(members.get("InvestigationId"));
        let named = text(members.get("EntityArn"))
            .or_else(|| text(members.get("FilterCriteria").and_then(|criteria| criteria.pointer("/EntityArn/Value"))));
        let entity = named.or_else(|| {
            id.as_deref().and_then(|id| self.find(place, id)).map(|investigation| investigation.entity_arn.clone())
        });
        (entity, id)
    }
}
