//! What an expression does to an item is what the domain says that the write does to the case.

use super::*;
use crate::case_table::items::case_sort_key;
use gumshoe_domain::case::{Assessed, CaseNumber, CaseProgress, CaseRecord};
use gumshoe_domain::investigation::NotInvestigated;
use gumshoe_domain::principal::{NotInvestigable, Principal};
use gumshoe_domain::verdict::{AlertCause, Weights};
use gumshoe_domain::{CaseKey, Verdict};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// DynamoDB's expressions, as far as they are used: comparisons joined by AND, SET of values and sums, REMOVE.
struct Row(Item);

impl Row {
    fn update(&mut self, expression: &Expression) -> bool {
        let holds = expression.conditions().split(" AND ").all(|condition| self.holds(condition, expression));
        if holds {
            let update = expression.update();
            let (set, remove) = update.split_once("REMOVE ").unwrap_or((&update, ""));
            for assignment in set.trim().strip_prefix("SET ").into_iter().flat_map(|set| set.split(", ")) {
                let (name, value) = assignment.split_once(" = ").unwrap();
                let value = match value.split_once(" + ") {
                    Some((attribute, added)) => number(self.number(attribute) + as_number(&expression.values[added])),
                    None => expression.values[value].clone(),
                };
                self.0.insert(name.trim_start_matches('#').to_owned(), value);
            }
            for name in remove.split(", ").filter(|name| !name.is_empty()) {
                self.0.remove(name);
            }
        }
        holds
    }

    fn holds(&self, condition: &str, expression: &Expression) -> bool {
        if let Some(name) = condition.strip_prefix("attribute_not_exists(").and_then(|rest| rest.strip_suffix(')')) {
            return !self.0.contains_key(name);
        }
        let [name, operator, value] = condition.split(' ').collect::<Vec<_>>()[..] else { panic!("{condition}") };
        let (name, value) = (name.trim_start_matches('#'), &expression.values[value]);
        match operator {
            "=" => self.0.get(name) == Some(value),
            "<>" => self.0.get(name) != Some(value),
            "<" => self.number(name) < as_number(value),
            ">=" => self.number(name) >= as_number(value),
            other => panic!("{other}"),
        }
    }

    fn number(&self, name: &str) -> u64 {
        as_number(&self.0[name])
    }
}

fn as_number(value: &AttributeValue) -> u64 {
    value.as_n().unwrap().parse().unwrap()
}

fn assessment(assessed: Assessed) -> Assessment {
    let missing = NotInvestigated::new("E", "");
    Assessment {
        guardduty: None,
        at: Timestamp::UNIX_EPOCH,
        joined: assessed.joined,
        renewed: assessed.renewed,
        revision: assessed.revision,
        verdict: Verdict::weigh(&[], &[], &Weights::default()),
        alert_cause: assessed.cause,
        detective_severity: None,
        indicators: Vec::new(),
        not_investigated: (!assessed.has_result).then_some(missing),
        techniques: Vec::new(),
        next_steps: Vec::new(),
        account_names: BTreeMap::new(),
        outside_graph: None,
        report: None,
    }
}

fn moments() -> impl Strategy<Value = Timestamp> {
    (0..3i64).prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn assessments() -> impl Strategy<Value = Assessed> {
    let cause = prop::option::of(prop_oneof![Just(AlertCause::Verdict), Just(AlertCause::Resolved)]);
    (0..3u64, 0..3u64, 0..3u32, cause, any::<bool>()).prop_map(|(joined, renewed, revision, cause, has_result)| {
        Assessed { joined, renewed, revision, cause, has_result }
    })
}

fn statuses() -> impl Strategy<Value = CaseStatus> {
    prop_oneof![Just(CaseStatus::Open), Just(CaseStatus::Sealed), Just(CaseStatus::Closed)]
}

prop_compose! {
    fn cases()(
        status in statuses(),
        (joined, renewed, execution_attempt, assessments) in (0..3u64, 0..3u64, 1..4u32, 0..3u32),
        assessed in prop::option::of(assessments()),
        (claimed_revision, published_revision) in (0..3u32, 0..3u32),
        publishing_until in prop::option::of(moments()),
        (alerted_at, closed_at) in (prop::option::of(moments()), prop::option::of(moments())),
    ) -> CaseProgress {
        let number = CaseNumber { sequence: 1, opened_at: Timestamp::UNIX_EPOCH };
        CaseProgress {
            number, status, joined, renewed, execution_attempt, assessments, assessed, claimed_revision,
            publishing_until, published_revision, alerted_at, closed_at,
        }
    }
}

fn conditions() -> impl Strategy<Value = Condition> {
    prop_oneof![
        Just(Condition::IsOpen),
        Just(Condition::IsNotClosed),
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

/// One change of each kind at most: no write of the domain's has two.
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
    ];
    one
}

/// The case's row, with everything that a case can have.
fn row(case: &CaseProgress) -> Row {
    let key = CaseKey::new("s", case.number);
    let mut item = items::new_case("s", &Principal::nobody(NotInvestigable::NoName), case).unwrap();
    assert_eq!(item["item"], text(case_sort_key(key.sequence)));
    let mut also = |name: &str, value: Option<AttributeValue>| value.map(|value| item.insert(name.to_owned(), value));
    also("assessment", case.assessed.map(|it| text(serde_json::to_string(&assessment(it)).unwrap())));
    also("publishing_until", case.publishing_until.map(|it| text(it.to_string())));
    also("alerted_at", case.alerted_at.map(|it| text(it.to_string())));
    also("closed_at", case.closed_at.map(|it| text(it.to_string())));
    Row(item)
}

proptest! {
    #[test]
    fn the_table_does_what_the_domain_says(
        case in cases(),
        conditions in prop::collection::vec(conditions(), 0..4),
        changes in changes(),
    ) {
        let write = CaseWrite::new(conditions, changes);
        let with = write.assessed().map(assessment);
        let case_id = CaseKey::new("s", case.number).case_id;
        let expression = Expression::of(&write, &case_id, with.as_ref()).unwrap();
        let mut row = row(&case);
        let went_through = row.update(&expression);
        prop_assert_eq!(went_through, write.holds(&case));
        let mut expected = case;
        if went_through {
            write.apply(&mut expected);
        }
        let CaseRecord { progress, .. } = items::case(&row.0).unwrap();
        prop_assert_eq!(progress, expected);
        prop_assert_eq!(row.0.contains_key("expires_at"), went_through && write.changes.iter().any(|it| matches!(it, Change::Close(_))));
    }

    #[test]
    fn a_later_case_under_the_same_number_is_never_written_to(case in cases(), changes in changes()) {
        let later = CaseNumber { opened_at: Timestamp::from_second(9).unwrap(), ..case.number };
        let write = CaseWrite::new([], changes);
        let with = write.assessed().map(assessment);
        let case_id = CaseKey::new("s", later).case_id;
        prop_assert!(!row(&case).update(&Expression::of(&write, &case_id, with.as_ref()).unwrap()));
    }
}
