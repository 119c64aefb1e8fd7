//! Many cases request investigations at the same time, with the domain's request flow, in the simulator. The budget item is a value behind
//! a lock.

use super::*;
use gumshoe_domain::guardduty::{
    BudgetWrite, InvestigationRequest, QuotaBudget, QuotaExhausted, QuotaLimits, RequestFlow, RequestOutcome,
    RequestStep,
};
use jiff::Timestamp;
use std::sync::Mutex;

#[derive(Default)]
struct Item(Mutex<Option<(u64, QuotaBudget)>>);

impl Item {
    fn read(&self) -> Option<(u64, QuotaBudget)> {
        self.0.lock().unwrap().clone()
    }

    fn write(&self, BudgetWrite { expected_version: expected, budget }: BudgetWrite) -> bool {
        let mut item = self.0.lock().unwrap();
        let fits = item.as_ref().map(|(version, _)| *version) == expected;
        if fits {
            *item = Some((expected.unwrap_or(0) + 1, budget));
        }
        fits
    }
}

fn request(number: u32, critical: bool) -> InvestigationRequest {
    InvestigationRequest {
        prompt: format!("Investigate finding {number:032x} in account 111122223333"),
        token: format!("gumshoe-{number}"),
        is_critical: critical,
    }
}

#[expect(clippy::disallowed_methods, reason = "the simulator uses this clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

async fn request_investigation(
    guardduty: &GuardDuty,
    detector: &str,
    item: &Item,
    request: InvestigationRequest,
) -> RequestOutcome {
    let mut asking = RequestFlow::begin(request, QuotaLimits::with_reserve(3));
    loop {
        // Another request may write between this read and the write.
        tokio::task::yield_now().await;
        asking = match asking.step() {
            RequestStep::Read => asking.read(item.read(), now()),
            RequestStep::List => {
                let before = now();
                let listed = guardduty.list(detector).await.ok();
                asking.listed(listed.as_deref(), before)
            }
            RequestStep::Write(write) => asking.wrote(item.write(write)),
            RequestStep::Create { token, prompt } => {
                asking.created(guardduty.create(detector, &prompt, &token).await.0)
            }
            RequestStep::Done(asked) => return asked,
        };
    }
}

async fn request_all(
    guardduty: &GuardDuty,
    detector: &str,
    item: &Item,
    requests: Vec<InvestigationRequest>,
) -> Vec<RequestOutcome> {
    futures_util::future::join_all(requests.into_iter().map(|it| request_investigation(guardduty, detector, item, it)))
        .await
}

#[tokio::test]
async fn thirty_concurrent_requests_for_ten_slots_create_ten_investigations() {
    let (simulator, guardduty, detector) = enabled().await;
    let item = Item::default();
    let asked = request_all(&guardduty, &detector, &item, (0..30).map(|it| request(it, true)).collect()).await;
    assert_eq!(asked.iter().filter(|it| matches!(it, RequestOutcome::Requested { is_reused: false, .. })).count(), 10);
    assert_eq!(
        asked.iter().filter(|it| **it == RequestOutcome::QuotaExhausted(QuotaExhausted::Daily { limit: 10 })).count(),
        20
    );
    assert_eq!(guardduty.list(&detector).await.unwrap().len(), 10);
    let created = simulator.journal().iter().filter(|it| it.operation == "CreateInvestigation").count();
    assert_eq!(created, 10, "no request was sent that GuardDuty would reject");
}

#[tokio::test]
async fn cases_with_the_same_finding_share_one_investigation() {
    let (_simulator, guardduty, detector) = enabled().await;
    let item = Item::default();
    let same = |number: u32| InvestigationRequest { prompt: request(0, true).prompt, ..request(number, true) };
    let asked = request_all(&guardduty, &detector, &item, (0..5).map(same).collect()).await;
    let ids: std::collections::BTreeSet<String> = asked
        .iter()
        .map(|it| if let RequestOutcome::Requested { id, .. } = it { id.clone() } else { panic!("{it:?}") })
        .collect();
    assert_eq!((ids.len(), guardduty.list(&detector).await.unwrap().len()), (1, 1));
    assert_eq!(asked.iter().filter(|it| matches!(it, RequestOutcome::Requested { is_reused: false, .. })).count(), 1);
    assert_eq!(item.read().unwrap().1.slots.len(), 1);
}

#[tokio::test]
async fn investigations_that_people_created_count() {
    let (_simulator, guardduty, detector) = enabled().await;
    for number in 0..8 {
        guardduty.create(&detector, "What happened in my organization?", &format!("manual {number}")).await;
    }
    let item = Item::default();
    let asked = request_all(&guardduty, &detector, &item, (0..5).map(|it| request(it, true)).collect()).await;
    assert_eq!(asked.iter().filter(|it| matches!(it, RequestOutcome::Requested { .. })).count(), 2);
    assert_eq!(item.read().unwrap().1.slots.len(), 10);
}
