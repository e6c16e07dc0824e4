//! Deaths, one and two, and random histories.

use std::collections::BTreeSet;

use faults::{Invoked, Series, Subject, provisioning::HEALED_WITHIN};

use crate::{jobs, on_a_paused_clock, series};

/// Every kind of event that a seed can make.
const KINDS: [&str; 26] = [
    "answer cut",
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
    "doorbell dies",
    "freezes",
    "ledger done and lost",
    "ledger refuses",
    "queue done and lost",
    "queue refuses",
    "record changes",
    "second press",
    "service denies",
    "sign-in page",
    "sign-in pages only",
    "timer dies",
    "timers fire twice",
    "timers missed",
];

/// P1, ST-09: whenever a delivery dies, and whenever the next one does too, the site is that of the uninterrupted run.
#[test]
fn deliveries_that_die_once_or_twice_anywhere_end_in_the_same_site() {
    let series = Series { of: Subject::Sites, seeds: 0..0, jobs: jobs(), planted: None };
    let explored = series.explore(true, 1, &|_| ()).expect("the world is complete");
    if let Some((script, violation)) = &explored.failed {
        panic!("scripts/faults --replay '{script}': {violation}");
    }
    let [single, pairs] = explored.histories;
    println!("{single} deaths, {pairs} pairs; healed after {} minutes ({})", explored.longest.0, explored.longest.1);
    let of = on_a_paused_clock(Subject::Sites.prepare()).expect("the world is complete");
    // After its last poll it is over.
    let points: BTreeSet<_> = (1..of.extent.polls[&(Invoked::Deliver, 0)]).map(|polls| (0, polls)).collect();
    assert_eq!(explored.points, points, "each point of a delivery");
    assert_eq!(single, points.len() as u64);
    assert!(single > 120, "a delivery has more points than {single}");
    assert!(pairs > 9_000, "two have more than {pairs}");
    assert!(explored.longest.0 <= HEALED_WITHIN);
}

/// ST-09, P1 to P7: whatever goes wrong together, by every seed. Every kind of fault is met, or the harness is wrong.
#[test]
fn random_histories_end_in_one_site_and_every_kind_of_fault_is_met() {
    let summary = series(0..20_000).run(&|_| ()).expect("the world is complete");
    if let Some(failed) = &summary.failed {
        panic!(
            "seed {}: {}\nscripts/faults --replay '{}'\n{}",
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
    assert_eq!(met, KINDS);
}
