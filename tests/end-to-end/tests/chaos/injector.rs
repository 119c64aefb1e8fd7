//! The campaign's fault injector: injects the planned faults, and records the results of publishes and of their table records.

use crate::faults::{FaultPlan, GRAPH, RestartFault};
use crate::graph::{self, GraphStep};
use local_cloud::{FaultInjector, ProxiedCall, ProxyFault};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// An event of a revision of a case's alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RevisionEvent {
    pub(crate) case_id: String,
    pub(crate) revision: u32,
    pub(crate) kind: EventKind,
}

/// The kind of a [`RevisionEvent`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EventKind {
    /// A Publish call.
    Publish {
        /// Whether it is marked as a repeat.
        repeated: bool,
        /// Whether SNS executed the call.
        applied: Applied,
        /// Whether the function got the response.
        acknowledged: bool,
    },
    /// A table write that records the revision as published.
    Record {
        /// Whether the table executed the write.
        applied: Applied,
    },
}

/// Whether a service executed a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Applied {
    Yes,
    No,
    /// The call was forwarded, and the service stopped before it responded.
    Unknown,
}

/// Injects the faults of the plan and observes calls.
#[derive(Default)]
pub(crate) struct CampaignInjector {
    plan: FaultPlan,
    /// No fault is injected any more.
    faults_disabled: AtomicBool,
    seen: Mutex<Observed>,
}

#[derive(Default)]
struct Observed {
    /// Number of calls by service and operation.
    calls: BTreeMap<(String, String), u64>,
    /// Number of injected faults by service and fault.
    proxy_faults: BTreeMap<(String, ProxyFault), u32>,
    steps: Vec<RevisionEvent>,
    graph_steps: Vec<GraphStep>,
    restart_fault: Option<RestartFault>,
}

impl CampaignInjector {
    pub(crate) fn of(plan: FaultPlan) -> Self {
        Self { plan, ..Self::default() }
    }

    /// Stops the injection of faults.
    pub(crate) fn disable_faults(&self) {
        self.faults_disabled.store(true, Ordering::Relaxed);
    }

    pub(crate) fn proxy_faults(&self) -> BTreeMap<(String, ProxyFault), u32> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).proxy_faults.clone()
    }

    pub(crate) fn steps(&self) -> Vec<RevisionEvent> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).steps.clone()
    }

    pub(crate) fn graph_steps(&self) -> Vec<GraphStep> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).graph_steps.clone()
    }

    /// Injects a fault into the next StartExecution calls.
    pub(crate) fn start_restart_fault(&self, restart_fault: RestartFault) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).restart_fault = Some(restart_fault);
    }
}

impl Observed {
    fn restart_fault_for(&mut self, call: &ProxiedCall) -> Option<ProxyFault> {
        let restart_fault =
            self.restart_fault.as_mut().filter(|it| it.calls > 0 && call.operation == "StartExecution")?;
        restart_fault.calls -= 1;
        Some(restart_fault.fault)
    }
}

impl FaultInjector for CampaignInjector {
    fn fault_for(&self, call: &ProxiedCall) -> Option<ProxyFault> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let service = if graph::is_about_graph(call) { GRAPH } else { call.service.as_str() };
        let number = seen.calls.entry((service.to_owned(), call.operation.clone())).or_default();
        let this = *number;
        *number += 1;
        if self.faults_disabled.load(Ordering::Relaxed) {
            return None;
        }
        let planned = self.plan.calls.get(&(service, call.operation.as_str()));
        let planned = planned.and_then(|numbers| numbers.get(&this)).copied();
        let fault = seen.restart_fault_for(call).or(planned)?;
        *seen.proxy_faults.entry((service.to_owned(), fault)).or_default() += 1;
        Some(fault)
    }

    fn observe(&self, call: &ProxiedCall, fault: Option<ProxyFault>, status: Option<u16>) {
        let applied = match (fault, status) {
            (Some(fault), _) if !fault.is_applied() => Applied::No,
            (_, Some(200)) => Applied::Yes,
            (_, Some(_)) => Applied::No,
            (_, None) => Applied::Unknown,
        };
        let acknowledged = status.is_some() && fault.is_none();
        let step = match (call.service.as_str(), call.operation.as_str()) {
            ("sns", "Publish") => publish(call, applied, acknowledged),
            ("dynamodb", "UpdateItem") => record(&call.json(), applied),
            _ => None,
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.steps.extend(step);
        seen.graph_steps.extend(graph::step(call, applied));
    }
}

fn publish(call: &ProxiedCall, applied: Applied, acknowledged: bool) -> Option<RevisionEvent> {
    let attributes = call.message_attributes();
    let repeated = attributes.get("repeated")? == "true";
    let revision = attributes.get("revision")?.parse().ok()?;
    let kind = EventKind::Publish { repeated, applied, acknowledged };
    Some(RevisionEvent { case_id: attributes.get("case_id")?.clone(), revision, kind })
}

fn record(update: &Value, applied: Applied) -> Option<RevisionEvent> {
    let value = |expression: &str, attribute: &str| {
        let placeholder = placeholder_of(update[expression].as_str()?, attribute)?;
        let value = update["ExpressionAttributeValues"][placeholder].as_object()?.values().next()?;
        value.as_str().map(str::to_owned)
    };
    let revision = value("UpdateExpression", "published_revision")?.parse().ok()?;
    let case_id = value("ConditionExpression", "case_id")?;
    Some(RevisionEvent { case_id, revision, kind: EventKind::Record { applied } })
}

/// The placeholder of an attribute's value in an expression: `:v1` for `b` in `SET a = :v0, b = :v1`.
fn placeholder_of<'a>(expression: &'a str, attribute: &str) -> Option<&'a str> {
    let words: Vec<&str> = expression.split([' ', ',', '(', ')']).filter(|word| !word.is_empty()).collect();
    words.windows(3).find(|three| three[0] == attribute && three[1] == "=").map(|three| three[2])
}

#[cfg(test)]
#[allow(unused_imports, dead_code, reason = "they are tests of `chaos_parts` alone")]
mod tests {
    use super::*;
    use serde_json::json;

    fn update(expression: &str) -> Value {
        json!({"ConditionExpression": "case_id = :v0 AND #status <> :v1", "UpdateExpression": expression,
            "ExpressionAttributeValues": {":v0": {"S": "c-1"}, ":v1": {"S": "CLOSED"}, ":v2": {"N": "3"}, ":v3": {"S": "t"}}})
    }

    #[test]
    fn the_record_of_a_published_revision_is_recognized() {
        let recorded = record(&update("SET published_revision = :v2, alerted_at = :v3"), Applied::Yes);
        let kind = EventKind::Record { applied: Applied::Yes };
        assert_eq!(recorded, Some(RevisionEvent { case_id: "c-1".to_owned(), revision: 3, kind }));
        assert_eq!(record(&update("SET claimed_revision = :v2, publishing_until = :v3"), Applied::Yes), None);
    }
}
