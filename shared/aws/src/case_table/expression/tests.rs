//! An expression changes an item as the domain's write changes the case.

use super::*;
use crate::case_table::CaseTable;
use crate::case_table::items::case_sort_key;
use crate::clients;
use gumshoe_domain::CaseKey;
use gumshoe_domain::VerdictLevel;
use gumshoe_domain::assessment::AssessmentSummary;
use gumshoe_domain::case::{AlertOutcome, CaseNumber, CaseProgress, PreviousNotification};
use gumshoe_domain::principal::{NotInvestigableReason, Principal};
use gumshoe_domain::verdict::AlertCause;
use proptest::prelude::*;
use serde_json::json;
use testkit::{FakeAws, assessment};

fn moments() -> impl Strategy<Value = Timestamp> {
    (0..3i64).prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn assessments() -> impl Strategy<Value = AssessmentSummary> {
    let cause = prop::option::of(prop_oneof![Just(AlertCause::Verdict), Just(AlertCause::Resolved)]);
    let more = (prop::option::of(moments()), any::<bool>(), any::<bool>());
    (0..3u64, 0..3u64, 0..3u32, cause, any::<bool>(), more).prop_map(
        |(joined, renewed, revision, cause, has_result, (watch_until, second_look, already_notified))| {
            AssessmentSummary {
                alert_cause: cause,
                has_result,
                is_transient: !has_result,
                watch_until,
                is_follow_up: second_look,
                is_already_notified: already_notified,
                ..AssessmentSummary::quiet(joined, renewed, revision)
            }
        },
    )
}

fn statuses() -> impl Strategy<Value = CaseStatus> {
    prop_oneof![Just(CaseStatus::Open), Just(CaseStatus::Sealed), Just(CaseStatus::Watching), Just(CaseStatus::Closed)]
}

prop_compose! {
    fn cases()(
        status in statuses(),
        (joined_count, renewed_count, execution_attempt, assessment_count) in (0..3u64, 0..3u64, 1..4u32, 0..3u32),
        last_assessment in prop::option::of(assessments()),
        (claimed_revision, published_revision) in (0..3u32, 0..3u32),
        publishing_until in prop::option::of(moments()),
        (alerted_at, closed_at) in (prop::option::of(moments()), prop::option::of(moments())),
        (first_attempt_of_run, watch_until) in (1..4u32, prop::option::of(moments())),
        (follow_up_at, notified) in (prop::option::of(moments()), prop::option::of(moments()))
    ) -> CaseProgress {
        let number = CaseNumber { sequence: 1, opened_at: Timestamp::UNIX_EPOCH };
        CaseProgress {
            number, status, joined_count, renewed_count, execution_attempt, assessment_count, last_assessment, claimed_revision,
            publishing_until, published_revision, alerted_at, closed_at, first_attempt_of_run, watch_until, follow_up_at,
            previous_notification: notified.map(|until| PreviousNotification { until, outcome: OUTCOME })
        }
    }
}

fn conditions() -> impl Strategy<Value = Condition> {
    prop_oneof![
        Just(Condition::IsOpen),
        Just(Condition::IsActive),
        Just(Condition::IsWatching),
        Just(Condition::FollowUpNotBegun),
        moments().prop_map(Condition::WatchUntil),
        (0..3u64).prop_map(Condition::Joined),
        (0..3u64).prop_map(Condition::Renewed),
        (0..3u32).prop_map(Condition::Assessments),
        (0..3u32).prop_map(Condition::ClaimedBelow),
        (0..3u32).prop_map(Condition::Claimed),
        prop::option::of(moments()).prop_map(Condition::PublishingUntil),
        (0..3u32).prop_map(Condition::PublishedBelow),
        (0..3u32).prop_map(Condition::Published),
        (1..4u32).prop_map(Condition::Attempt)
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
        (0..3u32, moments()).prop_map(|(it, until)| vec![Change::Claim(it), Change::SetPublishingUntil(Some(until))]),
        Just(vec![Change::SetPublishingUntil(None)]),
        (0..3u32, moments()).prop_map(|(it, now)| vec![Change::Publish(it, now)]),
        moments().prop_map(|now| vec![Change::Close(now)]),
        (1..4u32).prop_map(|it| vec![Change::SetAttempt(it)]),
        (assessments(), moments()).prop_map(|(it, until)| vec![Change::Assess(it), Change::Watch(until)]),
        moments().prop_map(|until| vec![Change::Renew, Change::Watch(until)]),
        (1..4u32).prop_map(|it| vec![Change::Join, Change::Reopen, Change::StartNewRun(it)]),
        (moments(), 1..4u32).prop_map(|(now, it)| vec![Change::BeginFollowUp(now), Change::StartNewRun(it)]),
        Just(vec![Change::RemoveFromDueList])
    ];
    one
}

const OUTCOME: AlertOutcome =
    AlertOutcome { cause: AlertCause::Resolved, level: VerdictLevel::Low, is_transient: false };

/// A table with the case and all attributes that a case can have.
fn with(case: &CaseProgress) -> (FakeAws, CaseTable) {
    let mut item = items::new_case("s", &Principal::none(NotInvestigableReason::NoName), case).unwrap();
    let mut also = |name: &str, value: Option<AttributeValue>| value.map(|value| item.insert(name.to_owned(), value));
    also("assessment", case.last_assessment.map(|it| text(serde_json::to_string(&assessment(it)).unwrap())));
    also("publishing_until", case.publishing_until.map(|it| text(it.to_string())));
    also("alerted_at", case.alerted_at.map(|it| text(it.to_string())));
    also("closed_at", case.closed_at.map(|it| text(it.to_string())));
    also("first_attempt", Some(number(case.first_attempt_of_run)));
    also("watch_until", case.watch_until.map(|it| text(it.to_string())));
    also("listed", case.watch_until.map(|_| text(items::FOLLOW_UP_PARTITION)));
    also("second_look_at", case.follow_up_at.map(|it| text(it.to_string())));
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
        changes in changes()
    ) {
        let write = CaseWrite::new(conditions, changes);
        let assessment = write.assessment().map(assessment);
        let key = CaseKey::new("s", case.number);
        let (services, table) = with(&case);
        let went_through = wait(table.write(&key, &write, assessment.as_ref())).unwrap();
        prop_assert_eq!(went_through, write.is_satisfied_by(&case));
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
        let assessment = write.assessment().map(assessment);
        let (_services, table) = with(&case);
        prop_assert!(!wait(table.write(&CaseKey::new("s", later), &write, assessment.as_ref())).unwrap());
    }
}
