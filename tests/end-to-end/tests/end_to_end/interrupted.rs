//! Functions that are killed, or overtaken by another, between two writes.

use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use findings::republished;
use local_cloud::{FaultInjector, ProxiedCall, ProxyFault};
use serde_json::Value;
use simulator::{EndsWhen, Outcome as Ended};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Kills a function once, before its call that starts an execution whose name matches.
struct KillAtStart {
    name: String,
    done: AtomicBool,
}

impl FaultInjector for KillAtStart {
    fn fault_for(&self, call: &ProxiedCall) -> Option<ProxyFault> {
        let fits = call.operation == "StartExecution" && String::from_utf8_lossy(&call.body).contains(&self.name);
        (fits && !self.done.swap(true, Ordering::SeqCst)).then_some(ProxyFault::KillBefore)
    }

    fn observe(&self, _: &ProxiedCall, _: Option<ProxyFault>, _: Option<u16>) {}
}

/// The case's execution failed. open-case is killed after it has recorded the next attempt and before it starts that execution.
pub(crate) async fn the_next_execution_is_started_after_the_function_is_killed(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    let subject = scene.subject();
    // A denied publish is not retried, except once after the fallback alert, so the execution fails immediately.
    for _ in 0..2 {
        scene.cloud.proxy().fail_next_publish(&scene.mark(), ProxyFault::Denied);
    }
    let kills = Arc::new(KillAtStart { name: "-2\"".to_owned(), done: AtomicBool::default() });
    scene.cloud.proxy().set_fault_injector(kills.clone());
    scene.cloud.set_visibility_timeout(2).await?;
    scene.cloud.send(&[scene.finding("a")]).await?;
    let case =
        scene.cloud.poll_until("the case", WAIT_TIMEOUT, async || Ok(scene.cloud.cases(&subject).await?.pop())).await?;
    let outcome = scene.wait_for_execution_end(&format!("{}-2", case.case_id)).await;
    scene.cloud.set_visibility_timeout(720).await?;
    assert_eq!(outcome?["status"], "SUCCEEDED");
    assert!(kills.done.load(Ordering::SeqCst));
    Ok(())
}

/// Whether a call closes the subject's case.
fn closes(call: &ProxiedCall, subject: &str) -> bool {
    let update: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    call.operation == "UpdateItem"
        && update["Key"]["subject"]["S"] == subject
        && update["UpdateExpression"].as_str().is_some_and(|it| it.contains("closed_at = "))
}

/// Whether a call adds a finding to the subject's case.
fn admits(call: &ProxiedCall, subject: &str) -> bool {
    call.operation == "TransactWriteItems" && String::from_utf8_lossy(&call.body).contains(&format!("\"{subject}\""))
}

/// open-case reads that the case is open, and writes after the case was closed quietly: its finding must not be lost.
///
/// The proxy can hold open-case's write only as long as the SDK retries, which is 9 seconds. So the close is held first, because the
/// state machine retries it for minutes. Then the close is released, and after it the write.
pub(crate) async fn an_update_during_a_quiet_close_is_assessed(scene: &Scene<'_>) -> Outcome {
    scene.cloud.simulator().add_scenario(simulator::Scenario { ends: EndsWhen::Manually, ..scene.scenario("quiet") });
    let subject = scene.subject();
    let of_subject = |fits: fn(&ProxiedCall, &str) -> bool| {
        let subject = subject.clone();
        scene.cloud.proxy().gate(move |call| fits(call, &subject))
    };
    let finding = scene.finding("a");
    scene.cloud.send(std::slice::from_ref(&finding)).await?;
    let case = scene.wait_for_investigation(|_| true).await?;
    let end = of_subject(closes);
    scene.cloud.simulator().end_investigation(case.investigation["id"].as_str().unwrap(), Ended::Successful)?;
    end.wait_until_held("the close of the case", WAIT_TIMEOUT).await?;
    let write = of_subject(admits);
    scene.cloud.send(&[republished(&finding, 7, 1)]).await?;
    write.wait_until_held("the write of the finding", WAIT_TIMEOUT).await?;
    end.open();
    let closed = async || Ok(scene.cloud.cases(&subject).await?.pop().filter(|case| case.status == "CLOSED"));
    scene.cloud.poll_until("the end of the case", WAIT_TIMEOUT, closed).await?;
    write.open();
    let second = async || Ok(scene.cloud.cases(&subject).await?.into_iter().find(|case| case.sequence == 2));
    scene.cloud.poll_until("a second case for the update", WAIT_TIMEOUT, second).await?;
    Ok(())
}
