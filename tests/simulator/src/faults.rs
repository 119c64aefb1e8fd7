//! Faults: calls that go wrong on request.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::aws_error::{AwsError, ErrorType};
use crate::glob;
use crate::operations;

/// The longest that an answer is held back, in milliseconds.
pub(crate) const MILLISECONDS_MAX: u64 = 60_000;

/// Makes the next `times` calls of an operation go wrong.
///
/// Of several faults that fit a call, the one added first is taken, until its `times` are used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The operation's name, such as `GetInvestigation`.
    pub operation: String,
    /// Only calls about these entities: an ARN in which `*` stands for any characters. A call that carries only an
    /// investigation's id is about the entity of that investigation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_arn: Option<String>,
    /// How many calls. Left out: one.
    #[serde(default = "once")]
    pub times: u32,
    /// What goes wrong.
    pub kind: FaultKind,
    /// Of `latency`: how long the answer is held back, in milliseconds. Never longer than 60,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
    /// Of `drop`: whether the operation is carried out before the connection is closed.
    #[serde(default)]
    pub after_work: bool,
}

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// TooManyRequestsException; nothing is carried out.
    Throttle,
    /// InternalServerException; nothing is carried out.
    Internal,
    /// AccessDeniedException; nothing is carried out.
    AccessDenied,
    /// The operation is carried out at once and its answer held back.
    Latency,
    /// The connection is closed without an answer.
    Drop,
    /// The operation is carried out, half of the answer's body is sent and the connection is closed.
    Truncate,
}

impl Fault {
    /// A fault of the next call of `operation`, whatever entity it is about.
    pub fn new(operation: impl Into<String>, kind: FaultKind) -> Self {
        Self {
            operation: operation.into(),
            entity_arn: None,
            times: once(),
            kind,
            milliseconds: None,
            after_work: false,
        }
    }

    /// The same fault of the next `times` calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// The same fault of calls about some entities only: an ARN in which `*` stands for any characters.
    #[must_use]
    pub fn for_entity(self, entity_arn: impl Into<String>) -> Self {
        Self { entity_arn: Some(entity_arn.into()), ..self }
    }

    /// A `latency` of so many milliseconds.
    #[must_use]
    pub fn milliseconds(self, milliseconds: u64) -> Self {
        Self { milliseconds: Some(milliseconds), ..self }
    }

    /// A `drop` that comes only after the operation has been carried out, so that its answer is lost.
    #[must_use]
    pub fn after_work(self) -> Self {
        Self { after_work: true, ..self }
    }

    pub(crate) fn fits(&self, operation: &str, entity_arn: Option<&str>) -> bool {
        self.times > 0
            && self.operation == operation
            && self
                .entity_arn
                .as_deref()
                .is_none_or(|pattern| entity_arn.is_some_and(|entity_arn| glob::matches(pattern, entity_arn)))
    }

    pub(crate) fn latency(&self) -> Duration {
        Duration::from_millis(self.milliseconds.unwrap_or_default().min(MILLISECONDS_MAX))
    }

    /// What is wrong with the fault, if anything.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !operations::is_known(&self.operation) {
            return Err(format!("operation {:?} is not simulated; there are {}", self.operation, operations::names()));
        }
        if self.times == 0 {
            return Err("times is 0; give the number of calls that shall go wrong".into());
        }
        match (self.kind, self.milliseconds) {
            (FaultKind::Latency, None) => return Err("milliseconds is missing; latency needs it".into()),
            (FaultKind::Latency, Some(given)) if given > MILLISECONDS_MAX => {
                return Err(format!("milliseconds is {given}; at most {MILLISECONDS_MAX} are allowed"));
            }
            (FaultKind::Latency, Some(_)) | (_, None) => {}
            (_, Some(_)) => return Err("milliseconds belongs to kind latency only".into()),
        }
        if self.after_work && self.kind != FaultKind::Drop {
            return Err("after_work belongs to kind drop only".into());
        }
        Ok(())
    }
}

impl FaultKind {
    /// The error that the kind answers instead of carrying out the operation.
    pub(crate) fn error(self) -> Option<AwsError> {
        let (kind, message) = match self {
            Self::Throttle => (
                ErrorType::TooManyRequests,
                "The request cannot be completed because too many other requests are occurring at the same time.",
            ),
            Self::Internal => {
                (ErrorType::InternalServer, "The request was valid but failed because of a problem with the service.")
            }
            Self::AccessDenied => (
                ErrorType::AccessDenied,
                "The request issuer does not have permission to access this resource or perform this operation.",
            ),
            Self::Latency | Self::Drop | Self::Truncate => return None,
        };
        Some(AwsError::plain(kind, message))
    }
}

const fn once() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_fits_its_operation_and_entity() {
        let any = Fault::new("GetInvestigation", FaultKind::Throttle);
        assert!(any.fits("GetInvestigation", None));
        assert!(any.fits("GetInvestigation", Some("x")));
        assert!(!any.fits("ListIndicators", None));
        assert!(!any.clone().times(0).fits("GetInvestigation", None));
        let one = any.for_entity("*role/web");
        assert!(one.fits("GetInvestigation", Some("arn:aws:iam::111122223333:role/web")));
        assert!(!one.fits("GetInvestigation", Some("arn:aws:iam::111122223333:role/other")));
        assert!(!one.fits("GetInvestigation", None));
    }

    #[test]
    fn a_fault_that_makes_no_sense_is_refused() {
        let fault = |kind| Fault::new("GetInvestigation", kind);
        assert!(fault(FaultKind::Latency).milliseconds(60_000).check().is_ok());
        assert!(fault(FaultKind::Drop).after_work().check().is_ok());
        assert!(fault(FaultKind::Latency).milliseconds(60_001).check().is_err());
        assert!(fault(FaultKind::Latency).check().is_err());
        assert!(fault(FaultKind::Throttle).milliseconds(1).check().is_err());
        assert!(fault(FaultKind::Throttle).after_work().check().is_err());
        assert!(fault(FaultKind::Throttle).times(0).check().is_err());
        assert!(Fault::new("GetInvestigations", FaultKind::Drop).check().is_err());
    }

    #[test]
    fn latency_is_bounded() {
        let fault = Fault::new("GetInvestigation", FaultKind::Latency).milliseconds(u64::MAX);
        assert_eq!(fault.latency(), Duration::from_secs(60));
    }
}
