//! Sends: deaths, one and two, random histories, and mistakes that are planted (S1 to S9, FX-03).

use faults::{Planted, Series, Subject};

use crate::{jobs, on_a_paused_clock, planted::is_caught};

/// After a send's longest recovery in all histories that were seen (21 minutes), with some to spare.
const HEALED_WITHIN: u32 = 40;

/// Every kind of event that a seed can make.
const KINDS: [&str; 24] = [
    "answer cut",
    "bucket done and lost",
    "bucket refuses",
    "call answered and lost",
    "call arrives twice",
    "call busy",
    "call lands late",
    "call never answered",
    "call put off",
    "call refused",
    "call throttled",
    "clock jumps",
    "delivered twice",
    "delivery dies",
    "freezes",
    "ledger done and lost",
    "ledger refuses",
    "queue done and lost",
    "queue refuses",
    "record changes",
    "second press",
    "sign-in page",
    "timer dies",
    "timers fire twice",
];

const MAILED: &str = "everybody is mailed, and the receipt adds up";
const TWICE: &str = "nobody is mailed twice";

/// Each mistake, the shortest history that shows it, and the promise that it breaks. A change to how a send is made moves
/// calls and polls: then [`random_histories_of_sends_catch_every_planted_mistake`] prints the new ones.
const CAUGHT: [(Planted, &str, &str); 12] = [
    (
        Planted::BlindRelease,
        "call exacttarget 1 throttle 60; call exacttarget 19 late 61; call exacttarget 8 busy",
        TWICE,
    ),
    (Planted::RandomKey, "call exacttarget 16 lose", MAILED),
    (
        Planted::NoQuietWindow,
        "call exacttarget 1 throttle 60; call exacttarget 19 late 61; call exacttarget 8 busy",
        TWICE,
    ),
    (
        Planted::ExcludedAtStagingOnly,
        "changes deliver3@23; dies deliver0@62",
        "nobody is mailed whose opt-out was known",
    ),
    (Planted::DefinedBeforeAct, "ledger 109 lose; call exacttarget 17 page", MAILED),
    (Planted::NoFence, "freezes deliver0@30 25", TWICE),
    (Planted::CountsIgnored, "weave 695; changes deliver3@5", MAILED),
    (Planted::PartOverwritten, "freezes deliver1@52 23", MAILED),
    (Planted::ChainCut, "freezes deliver1@42 7", MAILED),
    (Planted::FilterBelieved, "call exacttarget 16 lose", TWICE),
    (Planted::LeaseTooShort, "weave 219; call exacttarget 6 busy; again deliver1@43", MAILED),
    (Planted::RetryAfterIgnored, "call crm 14 throttle 120", "no call before Retry-After"),
];

/// S5, EX-11: whenever a delivery of a send dies, and whenever the next one does too, everybody is mailed once.
#[test]
fn deliveries_of_a_send_that_die_once_or_twice_anywhere_mail_everybody_once() {
    let series = Series { of: Subject::Sends, seeds: 0..0, jobs: jobs(), planted: None };
    // All pairs: `scripts/faults pairs --of sends`, some minutes more.
    let explored = series.explore(true, 5, &|_| ()).expect("the world is complete");
    if let Some((script, violation)) = &explored.failed {
        panic!("scripts/faults --of sends --replay '{script}': {violation}");
    }
    let [single, pairs] = explored.histories;
    println!("{single} deaths, {pairs} pairs; healed after {} minutes ({})", explored.longest.0, explored.longest.1);
    assert_eq!(single, explored.points.len() as u64);
    assert!(single > 300, "the deliveries of a send have more points than {single}");
    assert!(pairs > 5_000, "two have more than {pairs}");
    assert!(explored.longest.0 <= HEALED_WITHIN);
}

/// S1 to S9, EX-11: whatever goes wrong together, by every seed. Every kind of fault is met, or the harness is wrong.
#[test]
fn random_histories_of_sends_mail_everybody_once_and_every_kind_of_fault_is_met() {
    let series = Series { of: Subject::Sends, seeds: 0..50_000, jobs: jobs(), planted: None };
    let summary = series.run(&|_| ()).expect("the world is complete");
    if let Some(failed) = &summary.failed {
        panic!(
            "seed {}: {}\nscripts/faults --of sends --replay '{}'\n{}",
            failed.seed, failed.script, failed.shortest, failed.violation
        );
    }
    println!(
        "{} histories; healed after {} minutes (seed {})",
        summary.histories, summary.longest.0, summary.longest.1
    );
    println!("{:#?}", summary.met);
    assert!(summary.longest.0 <= HEALED_WITHIN);
    let met: Vec<_> = summary.met.iter().filter(|(_, count)| **count > 0).map(|(kind, _)| *kind).collect();
    assert!(KINDS.iter().all(|kind| met.contains(kind)), "{met:?}");
}

/// Found by seeds, and mended: a page in answer to one call refused the send; one that had stood still told the record what it
/// knew; one that stood still before it took the lease went on after its time.
#[test]
fn histories_of_sends_that_once_failed_end_well() {
    on_a_paused_clock(async {
        let of = Subject::Sends.prepare().await.expect("the world is complete");
        for history in [
            "call exacttarget 11 page",
            "weave 662; changes deliver1@30; freezes deliver2@36 16; dies poll1@11",
            "ledger 195 refuse; freezes deliver1@2 6",
        ] {
            let script = history.parse().expect("a script");
            let mut run = of.history(&script, None).expect("a history");
            run.complete().await.unwrap_or_else(|violation| panic!("{history}: {violation}\n{}", run.story()));
        }
    });
}

/// The shortest histories still show the mistakes, by the promise that was broken; and without the mistake each of them
/// ends well.
#[test]
fn every_mistake_planted_in_sends_is_caught_by_the_history_that_once_caught_it() {
    is_caught(Subject::Sends, &CAUGHT);
}

/// A mistake that only shows where something goes wrong: without a fault all is well with it.
#[test]
fn random_histories_of_sends_catch_every_planted_mistake() {
    crate::planted::random_histories_catch(Subject::Sends);
}
