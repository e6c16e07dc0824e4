//! Messages that come twice, processes that overlap, and one that stalls past its lease.

use std::pin::pin;

use domain::SignedDuration;
use e2e::HARBOUR;
use localhost::Host;

use super::history::{End, History, QUEUE, run_for, step};

/// Longer than any lease.
const STALL: SignedDuration = SignedDuration::from_mins(20);

fn another_process(history: &History) -> Host {
    history.world.instance.another_process().expect("the template is the same")
}

/// Makes the message that is being handled visible again, as SQS now and then does.
fn deliver_again(history: &History) {
    let memory = history.world.instance.host.memory();
    for message in memory.messages(QUEUE) {
        memory.release(QUEUE, &message.receipt);
    }
}

/// P3: a message that comes again after its work was done.
#[tokio::test(start_paused = true)]
async fn a_message_that_comes_again_changes_nothing() {
    let golden = History::golden().await;
    let history = History::against(&golden).await;
    history.press().await;
    let memory = history.world.instance.host.memory();
    let body = memory.messages(QUEUE)[0].body.clone();
    history.world.drain().await;
    let calls = history.world.calls(sandbox::Service::SharePoint);
    for _ in 0..3 {
        memory.send_text(QUEUE, &body, None).expect("a queue");
        history.world.drain().await;
    }
    assert_eq!(history.world.calls(sandbox::Service::SharePoint), calls, "nobody was asked again");
    history.heals().await;
    println!("3 histories");
}

/// P3, T4: the same message in two processes, turn by turn from every second effect of the first on.
#[tokio::test(start_paused = true)]
async fn two_deliveries_turn_by_turn_end_in_one_site() {
    let golden = History::golden().await;
    let (mut alone, mut histories) = (0, 0);
    loop {
        let history = History::against(&golden).await;
        history.press().await;
        println!("alone for {alone} polls, then turn by turn");
        let (host, other) = (&history.world.instance.host, another_process(&history));
        let mut first = pin!(host.deliver());
        if run_for(first.as_mut(), alone).await.is_some() {
            break;
        }
        deliver_again(&history);
        interleave(first, other.deliver(), || true).await;
        history.heals().await;
        alone += 4;
        histories += 1;
    }
    println!("{histories} histories");
}

/// P3, T4: the same, in an order that a seed decides.
#[tokio::test(start_paused = true)]
async fn two_deliveries_in_any_order_end_in_one_site() {
    const SEEDS: u64 = 40;
    let golden = History::golden().await;
    for seed in 0..SEEDS {
        println!("seed {seed}");
        let history = History::against(&golden).await;
        history.press().await;
        let (host, other) = (&history.world.instance.host, another_process(&history));
        let mut first = pin!(host.deliver());
        assert!(run_for(first.as_mut(), 1).await.is_none());
        deliver_again(&history);
        let mut random = seed;
        interleave(first, other.deliver(), || coin(&mut random)).await;
        history.heals().await;
    }
    println!("{SEEDS} histories");
}

/// T4: a delivery stalls at every third poll, past its lease; another one builds the site; the first wakes up and harms
/// nothing.
///
/// What no client can prevent: the one call that was on its way when it stalled lands after all, and makes a second
/// view or web part of a name, or sets a request back to *accepted*. It is one call at most, and never the journal.
#[tokio::test(start_paused = true)]
async fn a_delivery_that_wakes_up_after_its_lease_makes_no_further_call() {
    let golden = History::golden().await;
    let (mut histories, mut stalled_at, mut on_their_way, mut harmed) = (0, 0, 0, 0);
    loop {
        let mut history = History::against(&golden).await;
        history.press().await;
        println!("stalls after {stalled_at} polls");
        let other = another_process(&history);
        let mut stalled = pin!(other.deliver());
        if run_for(stalled.as_mut(), stalled_at).await.is_some() {
            break;
        }
        history.heal().await;
        let (journal, calls) = (journal(&history), history.all_calls());
        stalled.await;
        assert_eq!(self::journal(&history), journal, "the journal is the new holder's");
        let calls = history.all_calls() - calls;
        assert!(calls <= 1, "{calls} calls after the lease");
        if calls == 1 {
            on_their_way += 1;
            harmed += u32::from(history.end() != golden);
            history.expect_less();
        }
        history.heals().await;
        histories += 1;
        // Odd, so that every second stall is inside of an effect.
        stalled_at += 3;
    }
    println!("{histories} histories; {on_their_way} stalled inside a call, which did harm in {harmed}");
}

/// T4: the same, but the first wakes up while the other one is at work.
#[tokio::test(start_paused = true)]
async fn a_delivery_that_wakes_up_beside_the_next_makes_no_further_call() {
    let golden = History::golden().await;
    let (mut histories, mut stalled_at) = (0, 0);
    while wakes_beside(&golden, stalled_at, &mut histories).await {
        stalled_at += 13;
    }
    println!("{histories} histories");
}

/// Stalls at one point and wakes at every twentieth of the next holder. Whether it stalled at all.
async fn wakes_beside(golden: &End, stalled_at: usize, histories: &mut usize) -> bool {
    let mut woken_at = 0;
    loop {
        let mut history = History::against(golden).await;
        history.press().await;
        println!("stalls after {stalled_at} polls, wakes after {woken_at} of the next");
        let (host, other) = (history.world.instance.host.clone(), another_process(&history));
        let mut stalled = pin!(other.deliver());
        if run_for(stalled.as_mut(), stalled_at).await.is_some() {
            return false;
        }
        history.world.instance.sandbox.advance(STALL);
        host.fire_timers().await;
        // A stall before the row was written leaves nothing to be woken but the message itself.
        deliver_again(&history);
        let mut next = pin!(host.deliver());
        let ended = run_for(next.as_mut(), woken_at).await.is_some();
        let calls = history.all_calls();
        let awake = step(stalled.as_mut()).await.is_pending();
        if history.all_calls() > calls {
            // The call that was on its way lands beside the next holder's.
            history.expect_less();
        }
        match (awake, ended) {
            (true, true) => drop(stalled.await),
            (true, false) => interleave(stalled, next, || true).await,
            (false, true) => {}
            (false, false) => drop(next.await),
        }
        history.heals().await;
        *histories += 1;
        if ended {
            return true;
        }
        woken_at += 20;
    }
}

/// P3: a second press while the site is being built, after every second effect of it: one site, and both are answered.
#[tokio::test(start_paused = true)]
async fn a_second_press_at_any_point_is_answered_too() {
    let golden = History::golden().await;
    let (mut polls, mut histories) = (0, 0);
    loop {
        let history = History::against(&golden).await;
        history.press().await;
        println!("a second press after {polls} polls");
        let host = &history.world.instance.host;
        let mut first = pin!(host.deliver());
        let whole = run_for(first.as_mut(), polls).await.is_some();
        assert_eq!(history.press().await.status, 202);
        if !whole {
            first.await;
        }
        history.heal().await;
        let end = history.end();
        assert_eq!(end.requests, [&*golden.requests[0]; 2], "both are told");
        assert_eq!(End { requests: golden.requests.clone(), ..end }, golden);
        if whole {
            break;
        }
        polls += 4;
        histories += 1;
    }
    println!("{histories} histories");
}

/// T4: a delivery is cut off by its time limit while its last call is still on its way, and the call lands late.
#[tokio::test(start_paused = true)]
async fn a_last_call_that_lands_late_lands_before_the_next_delivery_looks() {
    let golden = History::golden().await;
    let (mut polls, mut histories) = (0, 0);
    loop {
        let history = History::against(&golden).await;
        history.press().await;
        println!("stalls after {polls} polls, is cut off at its next call, which lands late");
        let host = &history.world.instance.host;
        let mut delivery = Box::pin(host.deliver());
        if run_for(delivery.as_mut(), polls).await.is_some() {
            break;
        }
        // A second before the function's time limit.
        history.world.instance.sandbox.advance(SignedDuration::from_secs(299));
        for service in [sandbox::Service::Crm, sandbox::Service::SharePoint] {
            history.world.next_calls(service, None, sandbox::Fault::LateEffect { seconds: 90 }, 1);
        }
        let before = history.all_calls();
        while history.all_calls() == before && step(delivery.as_mut()).await.is_pending() {}
        drop(delivery);
        history.world.heal();
        // The next one comes as soon as a lease of that length lets it.
        for seconds in [61, 60] {
            history.world.instance.sandbox.advance(SignedDuration::from_secs(seconds));
            history.world.instance.host.fire_timers().await;
            history.world.drain().await;
        }
        history.heals().await;
        polls += 4;
        histories += 1;
    }
    println!("{histories} histories");
}

fn journal(history: &History) -> serde_json::Value {
    let rows = history.world.instance.host.memory().rows(&e2e::World::tenant(HARBOUR), "SITE#");
    rows.into_iter().map(|row| row.value).collect()
}

/// Polls two processes until both have ended; while both run, `first_goes_on` decides at every other poll.
async fn interleave(
    mut first: std::pin::Pin<&mut impl Future>,
    second: impl Future,
    mut first_goes_on: impl FnMut() -> bool,
) {
    let mut second = pin!(second);
    let (mut first_runs, mut second_runs) = (true, true);
    while first_runs || second_runs {
        if first_runs && first_goes_on() {
            first_runs = step(first.as_mut()).await.is_pending();
        }
        if second_runs && (!first_runs || first_goes_on()) {
            second_runs = step(second.as_mut()).await.is_pending();
        }
    }
}

/// The finaliser of SplitMix64, one bit of it.
fn coin(state: &mut u64) -> bool {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) & 1 == 0
}
