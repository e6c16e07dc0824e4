//! Deaths, one and two, and random histories.

use crate::{campaign, jobs};
use faults::{Campaign, HEALED_WITHIN};

/// P1, ST-09: whenever a delivery dies, and whenever the next one does too, the site is that of the uninterrupted run.
#[test]
fn deliveries_that_die_once_or_twice_anywhere_end_in_the_same_site() {
    let campaign = Campaign { seeds: 0..0, jobs: jobs(), planted: None };
    let explored = campaign.explore(true, 1, &|_| ()).expect("the world is complete");
    if let Some((script, violation)) = &explored.failed {
        panic!("scripts/faults --replay '{script}': {violation}");
    }
    let [single, pairs] = explored.histories;
    println!("{single} deaths, {pairs} pairs; healed after {} minutes ({})", explored.longest.0, explored.longest.1);
    assert!(single > 120, "a delivery has more points than {single}");
    assert!(pairs > 9_000, "two have more than {pairs}");
    assert!(explored.longest.0 <= HEALED_WITHIN);
}

/// ST-09, P1 to P7: whatever goes wrong together, by every seed. Every kind of fault is met, or the harness is wrong.
#[test]
fn random_histories_end_in_one_site_and_every_kind_of_fault_is_met() {
    let summary = campaign(0..20_000).run(&|_| ()).expect("the world is complete");
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
    let unmet: Vec<_> = summary.met.iter().filter(|(_, count)| **count == 0).collect();
    assert!(unmet.is_empty(), "never met: {unmet:?}");
    assert!(summary.met.len() >= 24, "kinds of events: {:?}", summary.met.keys());
}
