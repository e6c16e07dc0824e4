//! A process that dies, at every point at which it can.

use e2e::HARBOUR;

use super::history::{ANNA, End, History, QUEUE, cut};

/// P1, ST-09: whenever the building dies, the next delivery resumes, and the site is the same.
#[tokio::test(start_paused = true)]
async fn a_delivery_that_dies_anywhere_ends_in_the_same_site() {
    let golden = History::golden().await;
    let (mut polls, mut longest) = (0, 0);
    loop {
        let history = History::against(&golden).await;
        history.press().await;
        println!("dies after {polls} polls");
        let whole = cut(history.world.instance.host.deliver(), polls).await.is_some();
        let minutes = if whole { 0 } else { history.heal().await };
        longest = longest.max(minutes);
        history.heals().await;
        if whole {
            break;
        }
        polls += 1;
    }
    println!("{polls} histories; healed after {longest} minutes at most");
    assert!(polls > 100, "a building has more points than {polls}");
}

/// ST-01, ST-09: a doorbell that dies anywhere loses no press; the sweep, or a second ring, ends in one site.
#[tokio::test(start_paused = true)]
async fn a_press_that_dies_anywhere_ends_in_one_site() {
    let golden = History::golden().await;
    let mut histories = 0;
    for rings_again in [false, true] {
        let mut polls = 0;
        loop {
            let history = History::against(&golden).await;
            let request = history.world.request(HARBOUR, ANNA, history.account);
            println!("rings again: {rings_again}, dies after {polls} polls");
            let whole = cut(history.world.ring(HARBOUR, request), polls).await.is_some();
            history.check().await;
            if rings_again {
                assert_eq!(history.world.ring(HARBOUR, request).await.status, 202);
            }
            history.heals().await;
            histories += 1;
            if whole {
                break;
            }
            polls += 1;
        }
    }
    println!("{histories} histories");
    assert!(histories > 36, "a press has more points than {histories}");
}

/// P1: two deaths, on a coarse grid of both: a smoke test.
#[tokio::test(start_paused = true)]
async fn deliveries_that_die_twice_end_in_the_same_site() {
    let golden = History::golden().await;
    let mut histories = 0;
    let mut first = 0;
    while die_twice(&golden, first, &mut histories).await {
        first += 7;
    }
    println!("{histories} histories");
}

/// Dies at one point and at every twenty-first of the next delivery. Whether the first delivery died at all.
async fn die_twice(golden: &End, first: usize, histories: &mut usize) -> bool {
    let mut second = 0;
    loop {
        let history = History::against(golden).await;
        history.press().await;
        println!("dies after {first} polls, then after {second}");
        let host = &history.world.instance.host;
        if cut(host.deliver(), first).await.is_some() {
            return false;
        }
        let died_again = next_dies(&history, second).await;
        history.heals().await;
        *histories += 1;
        if !died_again {
            return true;
        }
        second += 21;
    }
}

/// Lets time pass until a delivery dies after so many polls. `false` if they all end before.
async fn next_dies(history: &History, polls: usize) -> bool {
    let host = &history.world.instance.host;
    for _ in 0..15 {
        history.world.instance.sandbox.advance(domain::SignedDuration::from_mins(1));
        host.fire_timers().await;
        while host.memory().depth(QUEUE).0 > 0 {
            if cut(host.deliver(), polls).await.is_none() {
                history.check().await;
                return true;
            }
        }
    }
    false
}
