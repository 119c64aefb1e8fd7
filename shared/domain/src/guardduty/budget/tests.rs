use super::*;
use proptest::prelude::*;

const LIMITS: QuotaLimits = QuotaLimits { per_day: 4, total: 6, reserved_for_critical: 1 };

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
}

fn request(of: u32, critical: bool) -> InvestigationRequest {
    InvestigationRequest { prompt: format!("finding {of}"), token: format!("token {of}"), is_critical: critical }
}

fn asked(budget: &QuotaBudget, request: &InvestigationRequest, now: Timestamp) -> QuotaBudget {
    match budget.request_slot(request, LIMITS, now) {
        SlotRequest::Granted { token, budget } => {
            let id = format!("id of {token}");
            budget.with_created(&token, &request.prompt, &id, now)
        }
        other => panic!("{other:?}"),
    }
}

fn listed(id: &str, failed: bool, start: Timestamp, prompt: &str) -> ListedInvestigation {
    ListedInvestigation { id: id.into(), has_failed: failed, start_time: Some(start), prompt: prompt.into() }
}

#[test]
fn the_last_slots_of_a_day_are_reserved_and_the_window_slides() {
    let budget = (0..3).fold(QuotaBudget::default(), |budget, of| asked(&budget, &request(of, false), at(0)));
    assert_eq!(
        budget.request_slot(&request(3, false), LIMITS, at(1)),
        SlotRequest::QuotaExhausted(QuotaExhausted::ReservedForCritical { reserved: 1, limit: 4 })
    );
    let budget = asked(&budget, &request(3, true), at(1));
    assert_eq!(
        budget.request_slot(&request(4, true), LIMITS, at(2)),
        SlotRequest::QuotaExhausted(QuotaExhausted::Daily { limit: 4 })
    );
    let day = 24 * 60;
    assert_eq!(
        budget.request_slot(&request(4, true), LIMITS, at(day)),
        SlotRequest::QuotaExhausted(QuotaExhausted::Daily { limit: 4 }),
        "clocks differ"
    );
    let budget = (4..6).fold(budget, |budget, of| asked(&budget, &request(of, true), at(day + 15)));
    assert_eq!(
        budget.request_slot(&request(6, true), LIMITS, at(9 * day)),
        SlotRequest::QuotaExhausted(QuotaExhausted::Total { limit: 6 })
    );
}

#[test]
fn a_repeated_request_and_another_case_share_the_slot() {
    let SlotRequest::Granted { token, budget } = QuotaBudget::default().request_slot(&request(1, false), LIMITS, at(0))
    else {
        panic!()
    };
    let SlotRequest::Granted { token: again, budget } = budget.request_slot(&request(1, false), LIMITS, at(5)) else {
        panic!()
    };
    assert_eq!((again, budget.slots.len(), budget.slots[0].request_count), (token.clone(), 1, 2));
    let another = InvestigationRequest { token: "another".into(), ..request(1, false) };
    let SlotRequest::Granted { token: theirs, budget } = budget.request_slot(&another, LIMITS, at(6)) else { panic!() };
    assert_eq!(theirs, token, "GuardDuty answers one token with one investigation");
    let budget = budget.with_created(&token, "finding 1", "id", at(7));
    let exists = |of_another| SlotRequest::Exists { id: "id".into(), is_of_other_case: of_another };
    assert_eq!(budget.request_slot(&another, LIMITS, at(8)), exists(true));
    assert_eq!(budget.request_slot(&request(1, false), LIMITS, at(8)), exists(false));
    assert!(
        matches!(budget.request_slot(&another, LIMITS, at(24 * 60 + 6)), SlotRequest::Granted { token, .. } if token == "another")
    );
    assert_eq!(budget.request_slot(&request(1, false), LIMITS, at(24 * 60 + 6)), exists(false), "a case has one");
}

#[test]
fn a_failure_releases_the_slot_and_a_refusal_only_a_first_request() {
    let budget = asked(&QuotaBudget::default(), &request(1, false), at(0));
    assert_eq!(budget.without_failed("id of token 1").unwrap().slots, []);
    assert_eq!(budget.without_failed("another"), None);
    assert_eq!(budget.without_refused("token 1", at(0)).slots, budget.slots, "it exists");
    let SlotRequest::Granted { budget, .. } = QuotaBudget::default().request_slot(&request(1, false), LIMITS, at(0))
    else {
        panic!()
    };
    let refused = budget.without_refused("token 1", at(0));
    assert!(refused.slots.is_empty() && refused.is_stale(at(0)), "the next request lists the investigations");
    let SlotRequest::Granted { budget: again, .. } = refused.request_slot(&request(1, false), LIMITS, at(1)) else {
        panic!()
    };
    assert_eq!(again.without_refused("token 1", at(0)).slots, again.slots, "it was taken again");
    let SlotRequest::Granted { budget, .. } = budget.request_slot(&request(1, false), LIMITS, at(1)) else { panic!() };
    assert_eq!(budget.without_refused("token 1", at(1)).slots, budget.slots, "its first call may have created one");
}

#[test]
fn a_list_reconciles_the_budget() {
    let budget = asked(&QuotaBudget::default(), &request(1, false), at(0));
    let budget = asked(&budget, &request(2, false), at(0));
    let SlotRequest::Granted { budget, .. } = budget.request_slot(&request(3, false), LIMITS, at(0)) else { panic!() };
    let list = [
        listed("id of token 1", false, at(0), "finding 1"),
        listed("id of token 2", true, at(0), "finding 2"),
        listed("manual", false, at(-30), "what is wrong in account 123456789012?"),
        listed("manual, failed", true, at(-20), "x"),
        listed("answer lost", false, at(1), "finding 3"),
    ];
    let corrected = budget.reconciled(&list, at(2));
    let ids: Vec<&str> = corrected.slots.iter().filter_map(|it| it.investigation_id.as_deref()).collect();
    assert_eq!(ids, ["manual", "id of token 1", "answer lost"]);
    assert!(!corrected.is_stale(at(61)) && corrected.is_stale(at(62)));
    assert!(!corrected.is_too_stale_to_reject(at(11)) && corrected.is_too_stale_to_reject(at(12)));
    assert!(corrected.slots.iter().all(|it| it.prompt.as_deref() != Some("what is wrong in account 123456789012?")));
}

#[test]
fn an_unlisted_slot_is_kept_until_it_expires() {
    let SlotRequest::Granted { budget: pending, .. } =
        QuotaBudget::default().request_slot(&request(1, false), LIMITS, at(0))
    else {
        panic!()
    };
    assert_eq!(pending.reconciled(&[], at(59)).slots, pending.slots, "an invocation may be using it");
    assert_eq!(pending.reconciled(&[], at(60)).slots, [], "no invocation uses it any more");
    let known = asked(&QuotaBudget::default(), &request(1, false), at(0));
    assert_eq!(known.reconciled(&[], at(24 * 60)).slots, known.slots, "the list may be incomplete");
    assert_eq!(known.reconciled(&[], at(24 * 60 + 15)).slots, [], "GuardDuty has forgotten it");
}

#[test]
fn an_investigation_that_is_listed_before_its_response_has_one_slot() {
    let SlotRequest::Granted { budget, .. } = QuotaBudget::default().request_slot(&request(1, false), LIMITS, at(0))
    else {
        panic!()
    };
    let no_start = ListedInvestigation { start_time: None, ..listed("id", false, at(0), "finding 1") };
    let noted = budget.reconciled(&[no_start], at(1)).with_created("token 1", "finding 1", "id", at(1));
    let slots: Vec<_> = noted.slots.iter().map(|it| (it.token.as_deref(), it.investigation_id.as_deref())).collect();
    assert_eq!(slots, [(Some("token 1"), Some("id"))]);
    assert_eq!(noted.with_created("token 1", "finding 1", "id", at(2)), noted);
}

#[test]
fn a_manual_request_with_our_prompt_keeps_its_slot() {
    let SlotRequest::Granted { budget, .. } = QuotaBudget::default().request_slot(&request(1, false), LIMITS, at(0))
    else {
        panic!()
    };
    let taken_for_ours = budget.reconciled(&[listed("manual", false, at(0), "finding 1")], at(1));
    assert_eq!(taken_for_ours.slots.len(), 1);
    let noted = taken_for_ours.with_created("token 1", "finding 1", "id", at(1));
    let slots: Vec<_> = noted.slots.iter().map(|it| (it.token.as_deref(), it.investigation_id.as_deref())).collect();
    assert_eq!(slots, [(Some("token 1"), Some("id")), (None, Some("manual"))]);
}

#[test]
fn an_investigation_on_two_pages_counts_once() {
    let twice = [listed("id", false, at(0), "x"), listed("id", false, at(0), "x")];
    assert_eq!(QuotaBudget::default().reconciled(&twice, at(1)).slots.len(), 1);
}

proptest! {
    #[test]
    fn no_window_holds_more_than_a_day_and_nothing_more_than_all(
        steps in prop::collection::vec((0_u32..30, 0_i64..600, any::<bool>(), 0_u8..5), 1..80),
    ) {
        let (mut budget, mut now, mut created) = (QuotaBudget::default(), 0, Vec::<(i64, u32, bool)>::new());
        for (of, later, critical, what) in steps {
            now += later;
            match (what, budget.request_slot(&request(of, critical), LIMITS, at(now))) {
                (0, _) => {
                    if let Some(it) = created.iter_mut().find(|it| it.1 == of && !it.2) {
                        it.2 = true;
                        budget = budget.without_failed(&format!("{of} at {}", it.0)).unwrap_or(budget);
                    }
                }
                (_, SlotRequest::Granted { token, budget: taken }) => {
                    budget = taken.with_created(&token, &format!("finding {of}"), &format!("{of} at {now}"), at(now));
                    created.push((now, of, false));
                }
                _ => {}
            }
            let active = || created.iter().filter(|it| !it.2);
            prop_assert!(active().count() <= LIMITS.total);
            for &(from, ..) in active() {
                let within = active().filter(|it| (from..from + 24 * 60).contains(&it.0)).count();
                prop_assert!(within <= LIMITS.per_day, "{within} within a day of {from}");
            }
        }
    }

    #[test]
    fn a_correction_keeps_what_is_listed_and_a_second_one_changes_nothing(
        ids in prop::collection::btree_set("[a-f]{1,2}", 0..8), failed in any::<u8>(), minutes in 0_i64..5_000,
    ) {
        let list: Vec<ListedInvestigation> =
            ids.iter().enumerate().map(|(n, id)| listed(id, failed >> n & 1 == 1, at(minutes * n as i64), id)).collect();
        let now = at(50_000);
        let once = QuotaBudget::default().reconciled(&list, now);
        prop_assert_eq!(once.slots.len(), list.iter().filter(|it| !it.has_failed).count());
        prop_assert_eq!(&once.reconciled(&list, now), &once);
    }
}
