//! Stands before the services: makes calls go wrong as planned, and remembers what became of the publishes.

use crate::faults::{Aftershock, GRAPH, Plan};
use crate::graph::{self, GraphStep};
use local_cloud::{FaultInjector, ProxiedCall, ProxyFault};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Something about a revision of a case's alert, in the order in which it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) case_id: String,
    pub(crate) revision: u32,
    pub(crate) what: What,
}

/// What happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// SNS was asked to publish it.
    Publish {
        /// Whether it is marked as a repeat.
        repeated: bool,
        /// Whether SNS took it.
        taken: Taken,
        /// Whether the function heard of that.
        heard: bool,
    },
    /// The table was asked to note that it is published.
    Note {
        /// Whether the table did.
        taken: Taken,
    },
}

/// Whether a service did what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Yes,
    No,
    /// It was asked, and ended before it answered.
    Unknown,
}

/// Who carries the plan out.
#[derive(Default)]
pub(crate) struct Witness {
    plan: Plan,
    /// No more faults.
    calm: AtomicBool,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// By service and operation, how many calls there were.
    calls: BTreeMap<(String, String), u64>,
    /// By service and mishap, how often it happened.
    mishaps: BTreeMap<(String, ProxyFault), u32>,
    steps: Vec<Step>,
    graph_steps: Vec<GraphStep>,
    aftershock: Option<Aftershock>,
}

impl Witness {
    pub(crate) fn of(plan: Plan) -> Self {
        Self { plan, ..Self::default() }
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn calm(&self) {
        self.calm.store(true, Ordering::Relaxed);
    }

    pub(crate) fn mishaps(&self) -> BTreeMap<(String, ProxyFault), u32> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).mishaps.clone()
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).steps.clone()
    }

    pub(crate) fn graph_steps(&self) -> Vec<GraphStep> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).graph_steps.clone()
    }

    /// Makes the next starts of executions go wrong.
    pub(crate) fn shake(&self, aftershock: Aftershock) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).aftershock = Some(aftershock);
    }
}

impl Seen {
    fn shaken(&mut self, call: &ProxiedCall) -> Option<ProxyFault> {
        let aftershock = self.aftershock.as_mut().filter(|it| it.calls > 0 && call.operation == "StartExecution")?;
        aftershock.calls -= 1;
        Some(aftershock.mishap)
    }
}

impl FaultInjector for Witness {
    fn fault_for(&self, call: &ProxiedCall) -> Option<ProxyFault> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let service = if graph::is_about_graph(call) { GRAPH } else { call.service.as_str() };
        let number = seen.calls.entry((service.to_owned(), call.operation.clone())).or_default();
        let this = *number;
        *number += 1;
        if self.calm.load(Ordering::Relaxed) {
            return None;
        }
        let planned = self.plan.calls.get(&(service, call.operation.as_str()));
        let planned = planned.and_then(|numbers| numbers.get(&this)).copied();
        let mishap = seen.shaken(call).or(planned)?;
        *seen.mishaps.entry((service.to_owned(), mishap)).or_default() += 1;
        Some(mishap)
    }

    fn observe(&self, call: &ProxiedCall, mishap: Option<ProxyFault>, status: Option<u16>) {
        let taken = match (mishap, status) {
            (Some(mishap), _) if !mishap.is_applied() => Taken::No,
            (_, Some(200)) => Taken::Yes,
            (_, Some(_)) => Taken::No,
            (_, None) => Taken::Unknown,
        };
        let heard = status.is_some() && mishap.is_none();
        let step = match (call.service.as_str(), call.operation.as_str()) {
            ("sns", "Publish") => publish(call, taken, heard),
            ("dynamodb", "UpdateItem") => note(&call.json(), taken),
            _ => None,
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.steps.extend(step);
        seen.graph_steps.extend(graph::step(call, taken));
    }
}

fn publish(call: &ProxiedCall, taken: Taken, heard: bool) -> Option<Step> {
    let attributes = call.message_attributes();
    let repeated = attributes.get("repeated")? == "true";
    let revision = attributes.get("revision")?.parse().ok()?;
    let what = What::Publish { repeated, taken, heard };
    Some(Step { case_id: attributes.get("case_id")?.clone(), revision, what })
}

fn note(update: &Value, taken: Taken) -> Option<Step> {
    let value = |expression: &str, attribute: &str| {
        let placeholder = placeholder_of(update[expression].as_str()?, attribute)?;
        let value = update["ExpressionAttributeValues"][placeholder].as_object()?.values().next()?;
        value.as_str().map(str::to_owned)
    };
    let revision = value("UpdateExpression", "published_revision")?.parse().ok()?;
    let case_id = value("ConditionExpression", "case_id")?;
    Some(Step { case_id, revision, what: What::Note { taken } })
}

/// What stands for the attribute's value in an expression: `:v1` for `b` in `SET a = :v0, b = :v1`.
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
        let recorded = note(&update("SET published_revision = :v2, alerted_at = :v3"), Taken::Yes);
        let what = What::Note { taken: Taken::Yes };
        assert_eq!(recorded, Some(Step { case_id: "c-1".to_owned(), revision: 3, what }));
        assert_eq!(note(&update("SET claimed_revision = :v2, publishing_until = :v3"), Taken::Yes), None);
    }
}
