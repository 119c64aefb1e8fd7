//! Faults that tests inject into calls.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::glob;
use crate::journal::Entry;
use crate::protocol::error::{AwsError, ErrorType};
use crate::protocol::{Operation, operation, operations};

/// The longest delay of a response, in milliseconds.
pub(crate) const LATENCY_MAX_MILLISECONDS: u64 = 60_000;

/// Makes the next `times` calls of an operation fail, or delays their responses.
///
/// If several faults match a call, the one added first applies, until its `times` are used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiFault {
    /// The operation's name, such as `ListIndicators`. Where both services have an operation of that name, it is
    /// Detective's; GuardDuty's is named as in a policy's actions: `guardduty:GetInvestigation`.
    pub operation: String,
    /// Only calls about these entities: an ARN in which `*` matches any characters. A call that carries only an
    /// investigation's id is about the entity of that investigation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_arn: Option<String>,
    /// Only calls about GuardDuty investigations of these findings: an id in which `*` matches any characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding_id: Option<String>,
    /// How many calls. Default: one.
    #[serde(default = "default_times")]
    pub times: u32,
    /// The kind of fault.
    pub kind: FaultKind,
    /// Of `latency`: the delay of the response, in milliseconds; at most 60,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
    /// Of `error`: the error type, such as `ConflictException`. The operation's model must have it, or it is one of the errors
    /// of clocks and credentials that every operation has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Of `drop`: whether the operation is carried out before the connection is closed.
    #[serde(default)]
    pub after_work: bool,
}

/// The kind of fault of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// TooManyRequestsException, or ThrottlingException of an operation that does not have it; nothing is carried out.
    Throttle,
    /// InternalServerException, or GuardDuty's InternalServerErrorException; nothing is carried out.
    Internal,
    /// AccessDeniedException; nothing is carried out.
    AccessDenied,
    /// The error type that `error` names; nothing is carried out.
    Error,
    /// The operation is carried out immediately and its response delayed.
    Latency,
    /// The connection is closed without an answer.
    Drop,
    /// The operation is carried out, half of the answer's body is sent and the connection is closed.
    Truncate,
}

impl ApiFault {
    /// A fault of the next call of `operation`, for any entity.
    pub fn new(operation: impl Into<String>, kind: FaultKind) -> Self {
        Self {
            operation: operation.into(),
            entity_arn: None,
            finding_id: None,
            times: default_times(),
            kind,
            milliseconds: None,
            error: None,
            after_work: false,
        }
    }

    /// The same fault of the next `times` calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// The same fault of calls about some entities only: an ARN in which `*` matches any characters.
    #[must_use]
    pub fn with_entity(self, entity_arn: impl Into<String>) -> Self {
        Self { entity_arn: Some(entity_arn.into()), ..self }
    }

    /// The same fault of calls about GuardDuty investigations of some findings only: an id in which `*` matches any
    /// characters.
    #[must_use]
    pub fn for_finding(self, finding_id: impl Into<String>) -> Self {
        Self { finding_id: Some(finding_id.into()), ..self }
    }

    /// An `error` of this type, such as `ConflictException`.
    #[must_use]
    pub fn error(self, error: impl Into<String>) -> Self {
        Self { error: Some(error.into()), ..self }
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

    pub(crate) fn matches(&self, called: &Operation, about: &Entry) -> bool {
        let fits = |pattern: &Option<String>, value: &Option<String>| match (pattern, value) {
            (None, _) => true,
            (Some(pattern), value) => value.as_deref().is_some_and(|value| glob::matches(pattern, value)),
        };
        self.times > 0
            && operation(&self.operation).is_some_and(|meant| std::ptr::eq(meant, called))
            && fits(&self.entity_arn, &about.entity_arn)
            && fits(&self.finding_id, &about.finding_id)
    }

    pub(crate) fn latency(&self) -> Duration {
        Duration::from_millis(self.milliseconds.unwrap_or_default().min(LATENCY_MAX_MILLISECONDS))
    }

    /// The problem with the fault, if any.
    pub(crate) fn check(&self) -> Result<(), String> {
        let Some(meant) = operation(&self.operation) else {
            let names: Vec<String> = operations().map(Operation::action).collect();
            return Err(format!("operation {:?} is not simulated; there are {}", self.operation, names.join(", ")));
        };
        if self.times == 0 {
            return Err("times is 0; give the number of calls that shall go wrong".into());
        }
        match (self.kind, self.milliseconds) {
            (FaultKind::Latency, None) => return Err("milliseconds is missing; latency needs it".into()),
            (FaultKind::Latency, Some(given)) if given > LATENCY_MAX_MILLISECONDS => {
                return Err(format!("milliseconds is {given}; at most {LATENCY_MAX_MILLISECONDS} are allowed"));
            }
            (FaultKind::Latency, Some(_)) | (_, None) => {}
            (_, Some(_)) => return Err("milliseconds belongs to kind latency only".into()),
        }
        match (self.kind, self.error.as_deref()) {
            (FaultKind::Error, None) => return Err("error is missing; kind error needs the type's name".into()),
            (FaultKind::Error, Some(_)) if self.error_of(meant).is_none() => {
                let all = meant.model.errors.iter().chain(&ErrorType::COMMON);
                let names: Vec<&str> = all.map(|error| error.name()).collect();
                return Err(format!("error is not an error of {}; it has {}", meant.action(), names.join(", ")));
            }
            (FaultKind::Error, Some(_)) | (_, None) => {}
            (_, Some(_)) => return Err("error belongs to kind error only".into()),
        }
        if self.after_work && self.kind != FaultKind::Drop {
            return Err("after_work belongs to kind drop only".into());
        }
        Ok(())
    }

    /// The error that the operation answers instead of being carried out.
    pub(crate) fn error_of(&self, operation: &Operation) -> Option<AwsError> {
        let (kind, message) = match self.kind {
            FaultKind::Throttle => return Some(operation.throttled()),
            FaultKind::Internal => (
                operation.service.internal(),
                "The request was valid but failed because of a problem with the service.",
            ),
            FaultKind::AccessDenied => (
                ErrorType::AccessDenied,
                "The request issuer does not have permission to access this resource or perform this operation.",
            ),
            FaultKind::Error => {
                let mut all = operation.model.errors.iter().chain(&ErrorType::COMMON);
                let named = all.find(|error| Some(error.name()) == self.error.as_deref())?;
                (*named, "A fault makes this call answer with this error.")
            }
            FaultKind::Latency | FaultKind::Drop | FaultKind::Truncate => return None,
        };
        Some(AwsError::new(kind, message))
    }
}

const fn default_times() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::AccountRegion;

    #[test]
    fn fault_matches_its_operation_and_subject() {
        let place = AccountRegion { account: "1".into(), region: "r".into() };
        let fits = |fault: &ApiFault, name: &str, entity: Option<&str>, finding: Option<&str>| {
            let operation = operation(name).unwrap();
            let entry = Entry {
                entity_arn: entity.map(String::from),
                finding_id: finding.map(String::from),
                ..Entry::for_operation(operation, &place)
            };
            fault.matches(operation, &entry)
        };
        let any = ApiFault::new("GetInvestigation", FaultKind::Throttle);
        assert!(fits(&any, "GetInvestigation", None, None));
        assert!(fits(&any, "detective:GetInvestigation", Some("x"), None));
        assert!(!fits(&any, "guardduty:GetInvestigation", None, None));
        assert!(!fits(&any, "ListIndicators", None, None));
        assert!(!fits(&any.clone().times(0), "GetInvestigation", None, None));
        let one = any.with_entity("*role/web");
        assert!(fits(&one, "GetInvestigation", Some("arn:aws:iam::111122223333:role/web"), None));
        assert!(!fits(&one, "GetInvestigation", Some("arn:aws:iam::111122223333:role/other"), None));
        assert!(!fits(&one, "GetInvestigation", None, None));
        let finding = ApiFault::new("CreateInvestigation", FaultKind::Internal).for_finding("ab*");
        assert!(fits(&finding, "CreateInvestigation", None, Some("abc")));
        assert!(!fits(&finding, "CreateInvestigation", None, Some("c")));
    }

    #[test]
    fn contradictory_faults_are_rejected() {
        let fault = |kind| ApiFault::new("GetInvestigation", kind);
        assert!(fault(FaultKind::Latency).milliseconds(60_000).check().is_ok());
        assert!(fault(FaultKind::Drop).after_work().check().is_ok());
        assert!(fault(FaultKind::Latency).milliseconds(60_001).check().is_err());
        assert!(fault(FaultKind::Latency).check().is_err());
        assert!(fault(FaultKind::Throttle).milliseconds(1).check().is_err());
        assert!(fault(FaultKind::Throttle).after_work().check().is_err());
        assert!(fault(FaultKind::Throttle).times(0).check().is_err());
        assert!(fault(FaultKind::Error).check().is_err());
        assert!(fault(FaultKind::Error).error("TooManyRequestsException").check().is_ok());
        assert!(fault(FaultKind::Error).error("ConflictException").check().is_err());
        assert!(fault(FaultKind::Error).error("InvalidSignatureException").check().is_ok());
        assert!(fault(FaultKind::Throttle).error("TooManyRequestsException").check().is_err());
        assert!(ApiFault::new("GetInvestigations", FaultKind::Drop).check().is_err());
    }

    #[test]
    fn latency_is_bounded() {
        let fault = ApiFault::new("GetInvestigation", FaultKind::Latency).milliseconds(u64::MAX);
        assert_eq!(fault.latency(), Duration::from_secs(60));
    }
}
