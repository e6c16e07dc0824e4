//! What the harness promises of itself.

use faults::{Event, Script, StoreFault, Subject};

use crate::on_a_paused_clock;

/// One seed is one history: the same calls at the same instants, the same answers, the same end.
#[test]
fn the_same_seed_twice_is_the_same_history_to_the_last_call() {
    let traces = || {
        on_a_paused_clock(async {
            let of = Subject::Sites.prepare().await.expect("the world is complete");
            let mut traces = Vec::new();
            for seed in 0..50 {
                let mut run = of.history(&of.extent.script(seed), None).expect("a history");
                traces.push(run.complete().await.expect("a good end").hash);
            }
            traces
        })
    };
    let (first, again) = (traces(), traces());
    assert_eq!(first, again);
    let mut different = first;
    different.sort_unstable();
    different.dedup();
    assert!(different.len() > 35, "the seeds differ");
}

/// A line that was printed makes the history again.
#[test]
fn a_script_is_read_from_the_line_that_it_prints() {
    let of = on_a_paused_clock(Subject::Sites.prepare()).expect("the world is complete");
    for seed in 0..5_000 {
        let script = of.extent.script(seed);
        assert_eq!(script.to_string().parse(), Ok(script));
    }
    for bad in
        ["dies", "dies deliver@3", "call moon 3 lose", "call crm 3 explode", "weave x", "jumps 3", "ledger 3 late"]
    {
        assert!(bad.parse::<Script>().is_err(), "{bad}");
    }
    let spaced = " weave 3 ;ledger 4 lose; ".parse::<Script>();
    assert_eq!(spaced, Ok(Script { weave: 3, events: vec![Event::Ledger(4, StoreFault::Lose)] }));
}

/// A history that goes on from a copy of another is the one that its script makes from the beginning.
#[test]
fn a_history_that_was_forked_ends_as_its_script_does() {
    on_a_paused_clock(async {
        let of = Subject::Sites.prepare().await.expect("the world is complete");
        let mut run = of.history(&Script::default(), None).expect("a history");
        let mut compared = 0;
        loop {
            let first = run.deliveries().next().filter(|_| run.is_one_alone());
            if let Some((0, polls)) = first
                && polls % 9 == 0
            {
                let forked = run.fork().expect("a copy").complete().await.expect("a good end");
                let script: Script = format!("dies deliver0@{polls}").parse().expect("a script");
                let straight = of.history(&script, None).expect("a history").complete().await.expect("a good end");
                assert_eq!(forked.minutes, straight.minutes, "{script}");
                assert_eq!(forked.requests, straight.requests, "{script}");
                assert_eq!(forked.calls, straight.calls, "{script}");
                compared += 1;
            }
            if !run.step().await.expect("a good end") {
                break;
            }
        }
        assert!(compared > 10);
    });
}
