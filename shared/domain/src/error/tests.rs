use super::*;

const FAULTS: [Fault; 6] =
    [Fault::Throttled, Fault::Unavailable, Fault::AccessDenied, Fault::NotFound, Fault::Conflict, Fault::Rejected];

/// infra/case/case.asl.yaml, docs/OPERATIONS.md and alarms match these names: an error whose name changes is no longer retried or
/// caught.
#[test]
fn names_of_faults_are_stable() {
    let coarse = |service: &str| {
        ["Unavailable", "Unavailable", "Refused", "Refused", "Unavailable", "Refused"]
            .map(|it| format!("{service}{it}"))
    };
    let own = |service: &str, faults: [&str; 6]| faults.map(|it| format!("{service}{it}"));
    for (service, names) in [
        (Service::DeadLetters, own("DeadLetters", ["Unavailable"; 6])),
        (
            Service::Detective,
            own("Detective", ["Throttled", "Unavailable", "AccessDenied", "NotFound", "Unavailable", "Rejected"]),
        ),
        (Service::Events, coarse("Events")),
        (Service::Evidence, own("Evidence", ["Unavailable"; 6])),
        (Service::Executions, coarse("Executions")),
        (
            Service::Graph,
            own("Graph", ["Unavailable", "Unavailable", "AccessDenied", "Rejected", "Unavailable", "Rejected"]),
        ),
        (
            Service::Membership,
            own("Membership", ["Throttled", "Unavailable", "AccessDenied", "Unavailable", "Unavailable", "Rejected"]),
        ),
        (Service::Parameters, coarse("Parameters")),
        (Service::Table, coarse("Table")),
        (Service::Topic, coarse("Topic")),
    ] {
        assert_eq!(FAULTS.map(|fault| fault.name(service)), names, "{service:?}");
    }
}

#[test]
fn causes_are_on_one_line_and_not_repeated() {
    #[derive(Debug, Error)]
    #[error("the document cannot be used")]
    struct Outer(#[source] Inner);
    #[derive(Debug, Error)]
    #[error("it has no\nversion")]
    struct Inner(#[source] Repeated);
    #[derive(Debug, Error)]
    #[error("version")]
    struct Repeated;
    assert_eq!(with_causes(&Outer(Inner(Repeated))), "the document cannot be used: it has no version");
}
