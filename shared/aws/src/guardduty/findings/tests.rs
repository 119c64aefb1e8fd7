use super::super::tests::enabled;
use super::*;
use gumshoe_domain::Fault;
use serde_json::json;
use simulator::{ApiFault, FaultKind, Simulator};

const ID: &str = "1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6";

fn count(simulator: &Simulator, operation: &str) -> usize {
    simulator.journal().iter().filter(|entry| entry.operation == operation).count()
}

#[tokio::test]
async fn the_request_is_sent_as_get_findings_and_retried() {
    let (simulator, guardduty, _) = enabled().await;
    simulator.add_finding(testkit::findings::role_finding("web", ID)).unwrap();
    for kind in [FaultKind::Throttle, FaultKind::Internal, FaultKind::Drop, FaultKind::Truncate] {
        let before = count(&simulator, "GetFindings");
        simulator.add_fault(ApiFault::new("GetFindings", kind));
        let seen = guardduty.last_seen(&[ID]).await.unwrap();
        assert_eq!(seen[ID].to_string(), "2026-01-15T12:35:00Z", "{kind:?}");
        assert_eq!(count(&simulator, "GetFindings"), before + 2, "{kind:?}");
    }
    assert_eq!(count(&simulator, "ListFindings"), 0);
}

#[tokio::test]
async fn a_rejected_request_is_an_error_with_its_code() {
    let (simulator, guardduty, _) = enabled().await;
    simulator.add_fault(ApiFault::new("GetFindings", FaultKind::AccessDenied));
    let refused = guardduty.last_seen(&[ID]).await.unwrap_err();
    assert_eq!((refused.operation, refused.fault), ("GetFindings", Fault::AccessDenied));
    assert_eq!(refused.code.as_deref(), Some("AccessDeniedException"));
}

#[test]
fn the_time_is_that_of_the_activity_or_of_the_update() {
    let read = |answer: serde_json::Value| {
        let get = GetFindings::for_ids(&[&ID]);
        *get.response_body.lock().unwrap() = answer.to_string().into_bytes();
        get.last_seen().map(|seen| seen.into_iter().map(|(id, time)| (id, time.to_string())).collect::<Vec<_>>())
    };
    let (seen, changed) = ("2026-01-15T12:35:00.000Z", "2026-01-15T12:40:00.000Z");
    let answer = json!({"findings": [
        {"id": "both", "updatedAt": changed, "service": {"eventLastSeen": seen, "count": 2}},
        {"id": "changed", "updatedAt": changed, "service": {}},
        {"id": "no service", "updatedAt": changed},
        {"id": "no time"},
        {"id": "another form", "updatedAt": "yesterday"},
        {"updatedAt": changed},
    ]});
    let expected =
        [("both", "2026-01-15T12:35:00Z"), ("changed", "2026-01-15T12:40:00Z"), ("no service", "2026-01-15T12:40:00Z")];
    let expected = expected.map(|(id, time)| (id.to_owned(), time.to_owned())).to_vec();
    assert_eq!(read(answer), Some(expected));
    assert_eq!(read(json!({})), Some(Vec::new()));
    assert_eq!(read(json!([1])), None);
}
