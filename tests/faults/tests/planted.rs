//! Mistakes that are planted are caught: the harness sees what it says that it sees.

use std::fmt::Write as _;

use clap::ValueEnum as _;
use faults::{Campaign, Planted, Script, provisioning::Provisioning};

use crate::{jobs, on_a_paused_clock};

/// So many histories catch each of them; the latest takes some hundreds.
const WITHIN: u64 = 3_000;

/// Each mistake, and the shortest history that shows it, found by a random one whose events were dropped one by one.
/// With the histories of [`caught`], so that the product's code is not needed to be wrong for them to stay true.
const CAUGHT: [(Planted, &str, &str); 0] = include!("caught.in");

/// The shortest histories still show the mistakes, by the promise that was broken; and without the mistake each of them
/// ends well.
#[test]
fn every_planted_mistake_is_caught_by_the_history_that_once_caught_it() {
    on_a_paused_clock(async {
        let of = Provisioning::prepare().await.expect("the world is complete");
        for (planted, history, check) in CAUGHT {
            let script: Script = history.parse().expect("a script");
            let mistaken = match of.history(&script, Some(planted)) {
                Ok(mut run) => run.complete().await.map(drop),
                Err(violation) => Err(violation),
            };
            let violation = mistaken.expect_err("a planted mistake is caught");
            assert_eq!(violation.check, check, "{planted:?}: {history}");
            of.history(&script, None).expect("a history").complete().await.expect("a good end without the mistake");
        }
        let planted: Vec<_> = CAUGHT.iter().map(|(planted, ..)| *planted).collect();
        assert_eq!(planted, Planted::ALL, "each of them");
    });
}

/// A mistake that only shows where something goes wrong: without a fault all is well with it.
#[test]
fn random_histories_catch_every_planted_mistake_and_not_the_first_one() {
    let mut table = String::new();
    for planted in Planted::ALL {
        let campaign = Campaign { seeds: 0..WITHIN, jobs: jobs(), planted: Some(planted) };
        let summary = campaign.run(&|_| ()).expect("the world is complete");
        let name = planted.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let failed = summary.failed.unwrap_or_else(|| panic!("{name} is not caught by {WITHIN} histories"));
        assert!(!failed.shortest.events.is_empty(), "{name} needs a fault to show");
        writeln!(table, "{name}: seed {}: {} → {}", failed.seed, failed.shortest, failed.violation.check)
            .expect("a string takes all");
    }
    println!("{table}");
}
