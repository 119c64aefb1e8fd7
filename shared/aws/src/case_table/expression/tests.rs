//! An expression changes an item as the domain's write changes the case.

use super::*;
use crate::case_table::CaseTable;
use crate::case_table::items::case_sort_key;
use crate::clients;
use gumshoe_domain::CaseKey;
use gumshoe_domain::VerdictLevel;
use gumshoe_domain::assessment::Assessed;
use gumshoe_domain::case::{AlertOutcome, CaseNumber, CaseProgress, Notified};
use gumshoe_domain::principal::{NotInvestigableReason, Principal};
use gumshoe_domain::verdict::AlertCause;
use proptest::prelude::*;
use serde_json::json;
use testkit::{FakeAws, assessment};

fn moments() -> impl Strategy<Value = Timestamp> {
    (0..3i64).prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn assessments() -> impl Strategy<Value = Assessed> {
    let cause = prop::option::of(prop_oneof![Just(AlertCause::Verdict), Just(AlertCause::Resolved)]);
    let more = (prop::option::of(moments()), any::<bool>(), any::<bool>());
    (0..3u64, 0..3u64, 0..3u32, cause, any::<bool>(), more).prop_map(
        |(joined, renewed, revision, cause, has_result, (watch_until, second_look, already_notified))| Assessed {
            cause,
            has_result,
            may_pass: !has_result,
            watch_until,
            second_look,
            already_notified,
            ..Assessed::quiet(joined, renewed, revision)
        },
    )
}

fn statuses() -> impl Strategy<Value = CaseStatus> {
    prop_oneof![Just(CaseStatus::Open), Just(CaseStatus::Sealed), Just(CaseStatus::Watching), Just(CaseStatus::Closed)]
}

prop_compose! {
    fn cases()(
        status in statuses(),
        (joined, renewed, execution_attempt, assessments) in (0..3u64, 0..3u64, 1..4u32, 0..3u32),
        assessed in prop::option::of(assessments()),
        (claimed_revision, published_revision) in (0..3u32, 0..3u32),
        publishing_until in prop::option::of(moments()),
        (alerted_at, closed_at) in (prop::option::of(moments()), prop::option::of(moments())),
        (first_attempt, watch_until) in (1..4u32, prop::option::of(moments())),
        (second_look_at, notified) in (prop::option::of(moments()), prop::option::of(moments())),
    ) -> CaseProgress {
        let number = CaseNumber { sequence: 1, opened_at: Timestamp::UNIX_EPOCH };
        CaseProgress {
            number, status, joined, renewed, execution_attempt, assessments, assessed, claimed_revision,
            publishing_until, published_revision, alerted_at, closed_at, first_attempt, watch_until, second_look_at,
            notified_before: notified.map(|until| Notified { until, outcome: OUTCOME }),
        }
    }
}

fn conditions() -> impl Strategy<Value = Condition> {
    prop_oneof![
        Just(Condition::IsOpen),
        Just(Condition::IsUnderWay),
        Just(Condition::IsWatching),
        Just(Condition::NoSecondLook),
        moments().prop_map(Condition::WatchUntil),
        (0..3u64).prop_map(Condition::Joined),
        (0..3u64).prop_map(Condition::Renewed),
        (0..3u32).prop_map(Condition::Assessments),
        (0..3u32).prop_map(Condition::ClaimedBelow),
        (0..3u32).prop_map(Condition::Claimed),
        prop::option::of(moments()).prop_map(Condition::PublishingUntil),
        (0..3u32).prop_map(Condition::PublishedBelow),
        (0..3u32).prop_map(Condition::Published),
        (1..4u32).prop_map(Condition::Attempt),
    ]
}

/// At most one change of each kind, as in every write of the domain.
fn changes() -> impl Strategy<Value = Vec<Change>> {
    let one = prop_oneof![
        Just(vec![Change::Join]),
        Just(vec![Change::Renew]),
        Just(vec![Change::Seal]),
        assessments().prop_map(|it| vec![Change::Assess(it)]),
        (assessments(), moments()).prop_map(|(it, now)| vec![Change::Assess(it), Change::Close(now)]),
        (0..3u32, moments()).prop_map(|(it, until)| vec![Change::Claim(it), Change::PublishUntil(Some(until))]),
        Just(vec![Change::PublishUntil(None)]),
        (0..3u32, moments()).prop_map(|(it, now)| vec![Change::Publish(it, now)]),
        moments().prop_map(|now| vec![Change::Close(now)]),
        (1..4u32).prop_map(|it| vec![Change::Attempt(it)]),
        (assessments(), moments()).prop_map(|(it, until)| vec![Change::Assess(it), Change::Watch(until)]),
        moments().prop_map(|until| vec![Change::Renew, Change::Watch(until)]),
        (1..4u32).prop_map(|it| vec![Change::Join, Change::Wake, Change::NextRun(it)]),
        (moments(), 1..4u32).prop_map(|(now, it)| vec![Change::BeginSecondLook(now), Change::NextRun(it)]),
        Just(vec![Change::Unlist]),
    ];
    one
}

const OUTCOME: AlertOutcome = AlertOutcome { cause: AlertCause::Resolved, level: VerdictLevel::Low, may_pass: false };

/// A table with the case and all attributes that a case can have.
fn with(case: &CaseProgress) -> (FakeAws, CaseTable) {
    let mut item = items::new_case("s", &Principal::none(NotInvestigableReason::NoName), case).unwrap();
    let mut also = |name: &str, value: Option<AttributeValue>| value.map(|value| item.insert(name.to_owned(), value));
    also("assessment", case.assessed.map(|it| text(serde_json::to_string(&assessment(it)).unwrap())));
    also("publishing_until", case.publishing_until.map(|it| text(it.to_string())));
    also("alerted_at", case.alerted_at.map(|it| text(it.to_string())));
    also("closed_at", case.closed_at.map(|it| text(it.to_string())));
    also("first_attempt", Some(number(case.first_attempt)));
    also("watch_until", case.watch_until.map(|it| text(it.to_string())));
    also("listed", case.watch_until.map(|_| text(items::FOLLOW_UP_PARTITION)));
    also("second_look_at", case.second_look_at.map(|it| text(it.to_string())));
    let services = FakeAws::default();
    services.put_item(item.into_iter().map(|(name, value)| (name, as_json(&value))).collect());
    let client = clients::DynamoDb::new(&services.configuration());
    (services, CaseTable::new(client, "Cases".to_owned()))
}

fn as_json(value: &AttributeValue) -> serde_json::Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        other => panic!("{other:?}"),
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

proptest! {
    #[test]
    fn the_table_applies_writes_as_the_domain_does(
        case in cases(),
        conditions in prop::collection::vec(conditions(), 0..4),
        changes in changes(),
    ) {
        let write = CaseWrite::new(conditions, changes);
        let assessment = write.assessed().map(assessment);
        let key = CaseKey::new("s", case.number);
        let (services, table) = with(&case);
        let went_through = wait(table.write(&key, &write, assessment.as_ref())).unwrap();
        prop_assert_eq!(went_through, write.holds(&case));
        let mut expected = case;
        if went_through {
            write.apply(&mut expected);
        }
        prop_assert_eq!(wait(table.case(&key)).unwrap().progress, expected);
        let item = services.item("s", &case_sort_key(1)).unwrap();
        let closes = write.changes.iter().any(|it| matches!(it, Change::Close(_)));
        prop_assert_eq!(item.contains_key("expires_at"), went_through && closes);
        prop_assert_eq!(item.contains_key("listed"), item.contains_key("watch_until"));
    }

    #[test]
    fn a_later_case_with_the_same_number_is_never_written(case in cases(), changes in changes()) {
        let later = CaseNumber { opened_at: Timestamp::from_second(9).unwrap(), ..case.number };
        let write = CaseWrite::new([], changes);
        let assessment = write.assessed().map(assessment);
        let (_services, table) = with(&case);
        prop_assert!(!wait(table.write(&CaseKey::new("s", later), &write, assessment.as_ref())).unwrap());
    }
}
