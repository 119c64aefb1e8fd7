//! How it goes on after a look, without any service.

use super::super::*;

fn running() -> Seen {
    Seen::Running { id: "1".to_owned() }
}

fn failed() -> Seen {
    Seen::NoResult(NotInvestigated::new("InvestigationFailed", ""))
}

/// Looks at 10, 20 and 25 seconds.
fn schedule() -> Schedule {
    Schedule::new(Duration::from_secs(25))
}

fn after(seen: Seen, second_runs: bool, look: u32) -> Output {
    after_look(seen, second_runs, look, schedule()).unwrap()
}

#[test]
fn it_looks_on_until_the_deadline_and_no_further() {
    let on = |wait_seconds| Output::Running { wait_seconds, not_investigated: None };
    assert_eq!(after(running(), false, 1), on(10));
    assert_eq!(after(running(), false, 2), on(5));
    let Output::NoResult { not_investigated } = after(running(), false, 3) else { panic!() };
    assert_eq!(not_investigated.error.as_str(), "InvestigationDeadline");
    assert_eq!(after(Seen::Successful, false, 3), Output::Successful);
    let Output::NoResult { not_investigated } = after(failed(), false, 1) else { panic!() };
    assert_eq!(not_investigated.error.as_str(), "InvestigationFailed");
}

#[test]
fn neither_engine_ends_the_looking_while_the_other_runs() {
    assert_eq!(after(Seen::Successful, true, 1), Output::Running { wait_seconds: 10, not_investigated: None });
    let Output::Running { not_investigated: Some(why), .. } = after(failed(), true, 1) else { panic!() };
    assert_eq!(why.error.as_str(), "InvestigationFailed");
    assert!(matches!(after(running(), true, 1), Output::Running { .. }));
    // The deadline ends it for both.
    assert_eq!(after(Seen::Successful, true, 3), Output::Successful);
    assert!(matches!(after(failed(), true, 3), Output::NoResult { .. }));
}

#[test]
fn what_cannot_be_told_for_now_is_tried_again_or_looked_at_later() {
    let hidden = || Seen::Hidden {
        id: "1".to_owned(),
        error: DetectiveError::NoBehaviorGraph { region: "us-east-1".to_owned() },
    };
    for look in [1, 3] {
        assert!(after_look(hidden(), false, look, schedule()).is_err(), "the state machine tries again");
    }
    let Output::NoResult { not_investigated } = after(hidden(), false, 4) else { panic!() };
    assert_eq!(not_investigated.error.as_str(), "InvestigationDeadline", "the look after the last one is too late");
    assert!(matches!(after(hidden(), true, 1), Output::Running { .. }));
    let Output::NoResult { not_investigated } = after(hidden(), true, 3) else { panic!() };
    assert_eq!(not_investigated.error.as_str(), "InvestigationDeadline");
}
