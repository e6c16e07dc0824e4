//! Every call to another system, with everything that can go wrong with it.

use domain::SignedDuration;
use sandbox::{Fault, Service, Switch, Times};

use super::history::History;

/// CRM's "SQL timeout" and SharePoint's "changed by somebody else": both pass.
fn passing(service: Service) -> Fault {
    let code = if service == Service::Crm { "0x80044151" } else { "0x81020015" };
    Fault::Error { code: code.to_owned() }
}

/// CRM's "the user lacks a privilege" and SharePoint's "access denied": both stay.
fn lasting(service: Service) -> Fault {
    let code = if service == Service::Crm { "0x80040220" } else { "0x80070005" };
    Fault::Error { code: code.to_owned() }
}

/// One fault at each call in turn: the same site in the end, and nothing was said too early.
async fn one_call_fails(fault: impl Fn(Service) -> Fault) {
    one_call_from_fails(|_| 0, fault).await;
}

async fn one_call_from_fails(first: impl Fn(Service) -> u32, fault: impl Fn(Service) -> Fault) {
    let golden = History::golden().await;
    let mut histories = 0;
    for (service, calls) in History::calls().await {
        for call in first(service)..calls {
            let history = History::against(&golden).await;
            let fault = fault(service);
            println!("{service:?} call {call}: {fault:?}");
            let switch = Switch { service, operation: None, fault, times: Times::Next(1) };
            history.world.instance.sandbox.world().faults.set_after(call, switch);
            history.press().await;
            history.world.drain().await;
            history.heals().await;
            let left = history.world.instance.sandbox.world().faults.switches().len();
            assert_eq!(left, 0, "the fault was met");
            histories += 1;
        }
    }
    println!("{histories} histories");
}

/// P1: nobody there.
#[tokio::test(start_paused = true)]
async fn a_refused_connection_changes_nothing() {
    one_call_fails(|_| Fault::Refuse).await;
}

/// P1: busy, without a time to come back.
#[tokio::test(start_paused = true)]
async fn a_busy_service_changes_nothing() {
    one_call_fails(|_| Fault::Throttle { status: 503, retry_after: None }).await;
}

/// P1: done, but the answer is lost.
#[tokio::test(start_paused = true)]
async fn a_lost_answer_changes_nothing() {
    one_call_fails(|_| Fault::LoseAnswer).await;
}

/// P1: done after the caller gave up.
#[tokio::test(start_paused = true)]
async fn an_effect_that_comes_late_changes_nothing() {
    one_call_fails(|_| Fault::LateEffect { seconds: 20 }).await;
}

/// P1: done as late as a caller waits.
#[tokio::test(start_paused = true)]
async fn an_effect_that_comes_very_late_changes_nothing() {
    one_call_fails(|_| Fault::LateEffect { seconds: 90 }).await;
}

/// T7: done, and the answer is cut in the middle.
#[tokio::test(start_paused = true)]
async fn a_cut_answer_changes_nothing() {
    one_call_fails(|_| Fault::Truncate).await;
}

/// P1: taken and never answered.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_never_answered_changes_nothing() {
    one_call_fails(|_| Fault::Stall).await;
}

/// P1, ST-40: a sign-in page once.
#[tokio::test(start_paused = true)]
async fn a_single_sign_in_page_changes_nothing() {
    one_call_fails(|_| Fault::Html).await;
}

/// P1: the service's own words for *later*.
#[tokio::test(start_paused = true)]
async fn a_refusal_that_passes_changes_nothing() {
    // After the sign-in a web is looked for, and made, by pages: three of them, which show words and no codes.
    let first = |service| if service == Service::SharePoint { 4 } else { 0 };
    one_call_from_fails(first, passing).await;
}

/// P1, P6: from the throttled call to the time that the service named, it is not called again.
#[tokio::test(start_paused = true)]
async fn a_throttled_call_changes_nothing_and_nobody_comes_back_too_early() {
    let golden = History::golden().await;
    let mut histories = 0;
    for (status, seconds) in [(429, 60), (503, 200)] {
        for (service, calls) in History::calls().await {
            for call in 0..calls {
                let history = History::against(&golden).await;
                println!("{service:?} call {call}: {status}");
                let fault = Fault::Throttle { status, retry_after: Some(seconds) };
                let switch = Switch { service, operation: None, fault, times: Times::Next(1) };
                history.world.instance.sandbox.world().faults.set_after(call, switch);
                history.press().await;
                history.world.drain().await;
                assert_eq!(history.calls_to(service), call + 1, "called again at once");
                history.world.pass((seconds - 1) / 60).await;
                history.world.instance.sandbox.advance(SignedDuration::from_secs(((seconds - 1) % 60).into()));
                history.world.instance.host.fire_timers().await;
                history.world.drain().await;
                assert_eq!(history.calls_to(service), call + 1, "called again before its time");
                history.heals().await;
                histories += 1;
            }
        }
    }
    println!("{histories} histories");
}

/// From one call on a service fails for good: a reason that people can read, and another press completes the site.
async fn a_service_fails_for_good(fault: impl Fn(Service) -> Fault) {
    let golden = History::golden().await;
    let (mut histories, mut refused) = (0, 0);
    for (service, calls) in History::calls().await {
        for call in 0..calls {
            let history = History::against(&golden).await;
            println!("{service:?} from call {call} on");
            let switch = Switch { service, operation: None, fault: fault(service), times: Times::UntilCleared };
            history.world.instance.sandbox.world().faults.set_after(call, switch);
            history.press().await;
            history.world.drain().await;
            if history.state().await != "unclaimed" {
                history.heal().await;
                assert_eq!(history.check().await, "refused");
                refused += 1;
            }
            history.world.heal();
            // A sign-in that was refused is not tried again for a quarter of an hour.
            history.world.wait(SignedDuration::from_mins(16));
            assert_eq!(history.press().await.status, 202);
            history.world.drain().await;
            history.heal().await;
            assert_eq!(history.state().await, "ready");
            let end = history.end();
            assert_eq!((&end.sharepoint, &end.record), (&golden.sharepoint, &golden.record));
            let expected = vec![golden.requests[0].clone(); end.requests.len()];
            assert_eq!(end.requests, expected, "every request is answered");
            let told = end.notes.into_iter().filter(|note| !note.starts_with("No SharePoint site: "));
            assert_eq!(told.collect::<Vec<_>>(), golden.notes);
            histories += 1;
        }
    }
    println!("{histories} histories, {refused} of them refused with a reason");
}

/// P2, ST-40: sign-in pages only.
#[tokio::test(start_paused = true)]
async fn a_site_refused_for_the_sign_in_is_completed_by_the_next_press() {
    a_service_fails_for_good(|_| Fault::Html).await;
}

/// P2: no privilege, access denied.
#[tokio::test(start_paused = true)]
async fn a_site_refused_by_a_service_is_completed_by_the_next_press() {
    a_service_fails_for_good(lasting).await;
}
