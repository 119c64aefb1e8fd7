//! The limits of the preview: 10 investigations a day and 100 in all, of which those that FAILED do not count.

use std::time::Duration;

use aws_sdk_guardduty::error::ProvideErrorMetadata;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use simulator::{EndsWhen, FindingScenario, GuardDutyOutcome};

use super::{Account, Guard, MEMBER};
use crate::support::ACCOUNT;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Account {
    /// Creates an investigation, or returns the error's message.
    async fn try_create(&self) -> Result<String, String> {
        let create = self.client.create_investigation().detector_id(&self.detector).trigger_prompt("x").send().await;
        create.map(|created| created.investigation_id.unwrap()).map_err(|error| {
            let error = error.into_service_error();
            assert!(error.is_bad_request_exception(), "{error:?}");
            error.message().unwrap().to_owned()
        })
    }
}

impl Guard {
    /// A simulator at one minute past midnight, whose investigations end manually.
    async fn at_midnight() -> Self {
        let guard = Self::with_analyst().await;
        guard
            .simulator()
            .add_finding_scenario(FindingScenario { ends: EndsWhen::Manually, ..FindingScenario::default() });
        guard.simulator().set_clock_stopped(true);
        let (_, clock) = guard.server.control("clock", &serde_json::json!({})).await;
        let time = crate::support::time(clock["clock"].as_str().unwrap());
        let into_day = Duration::from_secs(u64::try_from(time.secs()).unwrap() % DAY.as_secs());
        guard.simulator().advance_clock(DAY - into_day + Duration::from_secs(60));
        guard
    }
}

#[tokio::test]
async fn ten_investigations_a_day_are_allowed() {
    let guard = Guard::at_midnight().await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(guard.try_create().await.unwrap());
    }
    let refused = guard.try_create().await.unwrap_err();
    assert!(refused.contains("10 investigations per account and day"), "{refused}");

    // The other account, and the other Region, have a limit of their own.
    guard.other(MEMBER).enable_analyst().await;
    guard.other(MEMBER).try_create().await.unwrap();
    let elsewhere = Account::of(guard.simulator(), ACCOUNT, "eu-west-1");
    elsewhere.enable_analyst().await;
    elsewhere.try_create().await.unwrap();

    // One that failed makes room, one that completed does not.
    guard.simulator().end_guardduty_investigation(&ids[0], GuardDutyOutcome::Completed).unwrap();
    guard.try_create().await.unwrap_err();
    guard.simulator().end_guardduty_investigation(&ids[1], GuardDutyOutcome::Failed).unwrap();
    guard.try_create().await.unwrap();
    guard.try_create().await.unwrap_err();

    // The day is one of the calendar.
    guard.simulator().advance_clock(DAY - Duration::from_secs(61));
    guard.try_create().await.unwrap_err();
    guard.simulator().advance_clock(Duration::from_secs(1));
    guard.try_create().await.unwrap();
}

#[tokio::test]
async fn known_client_token_does_not_count() {
    let guard = Guard::at_midnight().await;
    let create = || {
        let create = guard.client.create_investigation().detector_id(&guard.detector);
        create.trigger_prompt("x").client_token("token").send()
    };
    let id = create().await.unwrap().investigation_id;
    for _ in 0..9 {
        guard.try_create().await.unwrap();
    }
    guard.try_create().await.unwrap_err();
    assert_eq!(create().await.unwrap().investigation_id, id);
}

#[tokio::test]
async fn a_hundred_investigations_in_total_are_allowed() {
    let guard = Guard::at_midnight().await;
    let mut last = String::new();
    for _ in 0..10 {
        for _ in 0..10 {
            last = guard.try_create().await.unwrap();
        }
        guard.simulator().advance_clock(DAY);
    }
    let refused = guard.try_create().await.unwrap_err();
    assert!(refused.contains("100 investigations per account is"), "{refused}");
    guard.simulator().advance_clock(365 * DAY);
    guard.try_create().await.unwrap_err();
    guard.simulator().end_guardduty_investigation(&last, GuardDutyOutcome::Failed).unwrap();
    guard.try_create().await.unwrap();
    guard.try_create().await.unwrap_err();
}

/// What may happen, in any order.
#[derive(Debug, Clone)]
enum Step {
    Create,
    /// Ends the investigation that was created so many before the last.
    End(usize, GuardDutyOutcome),
    Hours(u64),
}

#[test]
fn limits_hold_for_random_sequences() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let step = prop_oneof![
        6 => Just(Step::Create),
        1 => (0..20_usize).prop_map(|at| Step::End(at, GuardDutyOutcome::Failed)),
        1 => (0..20_usize).prop_map(|at| Step::End(at, GuardDutyOutcome::Completed)),
        1 => (1..30_u64).prop_map(Step::Hours),
    ];
    let config = Config { cases: 12, max_shrink_iters: 1_000, source_file: Some(file!()), ..Config::default() };
    TestRunner::new(config)
        .run(&prop::collection::vec(step, 1..400), |steps| {
            runtime.block_on(async {
                let guard = Guard::at_midnight().await;
                let mut hour = 0;
                // Of each: its id, the day it was created on, and whether it counts and may still end.
                let mut created: Vec<(String, u64, bool, bool)> = Vec::new();
                for step in steps {
                    match step {
                        Step::Create => {
                            let counted = created.iter().filter(|(_, _, counts, _)| *counts);
                            let today = counted.clone().filter(|(_, day, ..)| *day == hour / 24).count();
                            let answer = guard.try_create().await;
                            assert_eq!(answer.is_ok(), today < 10 && counted.count() < 100, "{answer:?}");
                            if let Ok(id) = answer {
                                assert!(created.iter().all(|(other, ..)| *other != id), "an id twice");
                                created.push((id, hour / 24, true, true));
                            }
                        }
                        Step::End(back, outcome) => {
                            let Some((id, _, counts, runs)) = created.iter_mut().rev().nth(back) else { continue };
                            assert_eq!(guard.simulator().end_guardduty_investigation(id, outcome).is_ok(), *runs);
                            if *runs {
                                (*counts, *runs) = (outcome == GuardDutyOutcome::Completed, false);
                            }
                        }
                        Step::Hours(hours) => {
                            guard.simulator().advance_clock(Duration::from_secs(hours * 60 * 60));
                            hour += hours;
                        }
                    }
                }
            });
            Ok(())
        })
        .unwrap();
}
