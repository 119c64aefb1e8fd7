//! Work that is interrupted at the worst moment.

use crate::scene::{Outcome, SOON, Scene};
use findings::seen_again;
use local_cloud::{Asked, Meddler, Mishap};
use simulator::{Ends, Outcome as Ended};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Kills the function that starts an execution of that name, once.
struct KillsStart {
    name: String,
    done: AtomicBool,
}

impl Meddler for KillsStart {
    fn meddle(&self, call: &Asked) -> Option<Mishap> {
        let fits = call.operation == "StartExecution" && String::from_utf8_lossy(&call.body).contains(&self.name);
        (fits && !self.done.swap(true, Ordering::SeqCst)).then_some(Mishap::KilledBefore)
    }

    fn see(&self, _: &Asked, _: Option<Mishap>, _: Option<u16>) {}
}

/// The case's execution failed, and open-case dies between counting that and starting the next.
pub(crate) async fn the_next_execution_is_started_although_the_function_dies_before_it(scene: &Scene<'_>) -> Outcome {
    scene.will_find("high");
    let subject = scene.subject();
    // Refusals are not tried again, but once after the last resort: the execution fails at once.
    for _ in 0..2 {
        scene.cloud.proxy().next_publish(&scene.mark(), Mishap::Denied);
    }
    let kills = Arc::new(KillsStart { name: "-2\"".to_owned(), done: AtomicBool::default() });
    scene.cloud.proxy().meddle(kills.clone());
    scene.cloud.deliver_again_after(2).await?;
    scene.cloud.send(&[scene.finding("a")]).await?;
    let case = scene.cloud.eventually("the case", SOON, async || Ok(scene.cloud.cases(&subject).await?.pop())).await?;
    let outcome = scene.ended(&format!("{}-2", case.case_id)).await;
    scene.cloud.deliver_again_after(720).await?;
    assert_eq!(outcome?["status"], "SUCCEEDED");
    assert!(kills.done.load(Ordering::SeqCst));
    Ok(())
}

/// Holds a finding's write back until it is told to go on.
#[derive(Default)]
struct Holds {
    armed: AtomicBool,
    held: AtomicBool,
    go: AtomicBool,
}

impl Meddler for Holds {
    fn meddle(&self, call: &Asked) -> Option<Mishap> {
        if call.operation == "TransactWriteItems" && self.armed.swap(false, Ordering::SeqCst) {
            self.held.store(true, Ordering::SeqCst);
            tokio::task::block_in_place(|| {
                while !self.go.load(Ordering::SeqCst) {
                    std::thread::park_timeout(Duration::from_millis(20));
                }
            });
        }
        None
    }

    fn see(&self, _: &Asked, _: Option<Mishap>, _: Option<u16>) {}
}

/// open-case has read that the case is open, and writes after it was closed quietly: what it writes must not be lost in it.
pub(crate) async fn a_newer_state_that_meets_a_quiet_end_is_looked_at(scene: &Scene<'_>) -> Outcome {
    scene.cloud.simulator().add_scenario(simulator::Scenario { ends: Ends::ByHand, ..scene.scenario("quiet") });
    let subject = scene.subject();
    let holds = Arc::new(Holds::default());
    scene.cloud.proxy().meddle(holds.clone());
    let finding = scene.finding("a");
    scene.cloud.send(std::slice::from_ref(&finding)).await?;
    let case = scene.investigated(|_| true).await?;
    holds.armed.store(true, Ordering::SeqCst);
    scene.cloud.send(&[seen_again(&finding, 7, 1)]).await?;
    let held = async || Ok(holds.held.load(Ordering::SeqCst).then_some(()));
    scene.cloud.eventually("the write", SOON, held).await?;
    scene.cloud.simulator().step(case.investigation["id"].as_str().unwrap(), Ended::Successful)?;
    scene.closed(&subject, 1).await?;
    holds.go.store(true, Ordering::SeqCst);
    let second = async || Ok(scene.cloud.cases(&subject).await?.into_iter().find(|case| case.sequence == 2));
    scene.cloud.eventually("a case for what is new", Duration::from_secs(30), second).await?;
    Ok(())
}
