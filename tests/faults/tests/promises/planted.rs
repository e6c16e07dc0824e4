//! Mistakes that are planted are caught: the harness sees what it says that it sees.

use std::fmt::Write as _;

use clap::ValueEnum as _;
use faults::{Planted, Script, Series, Subject};

use crate::{jobs, on_a_paused_clock};

/// So many histories catch each of them; the latest takes some hundreds.
const WITHIN: u64 = 3_000;

const END: &str = "the end is that of the uninterrupted run";
const PEOPLE: &str = "people come in last";
const PRESS: &str = "a press that was taken is in the ledger";

/// Each mistake, the shortest history that shows it, and the promise that it breaks. A random history found it, and its
/// events were dropped one by one. A change to how a site is made moves calls and polls: then
/// [`random_histories_catch_every_planted_mistake_and_not_the_first_one`] prints the new ones.
const CAUGHT: [(Planted, &str, &str); 15] = [
    (Planted::RecordedBeforeAct, "ledger 23 lose", "what can be done is not refused"),
    (Planted::NoFence, "weave 738; ledger 53 lose; queue 2 refuse; presses minute14; call crm 12 late 20", PRESS),
    (
        Planted::LeaseTooShort,
        "call sharepoint 9 late 61; freezes deliver1@43 8; dies deliver0@2; presses minute11",
        PEOPLE,
    ),
    (Planted::PressLost, "weave 103; presses deliver0@70", PRESS),
    (Planted::DueLost, "ledger 23 lose", END),
    (Planted::ReadyTooEarly, "again deliver0@38; ledger 28 lose", END),
    (Planted::ProtectionSkipped, "dies deliver0@104", PEOPLE),
    (Planted::LandingNotAwaited, "call sharepoint 20 late 90", END),
    (Planted::WorksPastItsTime, "freezes deliver0@16 11", "no call after its time"),
    (Planted::RowsNotLookedFor, "ledger 24 refuse; call sharepoint 2 lose", PEOPLE),
    (Planted::GroupMadeTwice, "call sharepoint 25 late 61", PEOPLE),
    (
        Planted::MemberLostOnRetry,
        "dies deliver1@105; call sharepoint 3 refuse",
        "a page that says ready tells the truth",
    ),
    (Planted::WebWithoutMark, "dies deliver0@42", "one web for one record"),
    (Planted::RefusalSwallowed, "denied sharepoint 34", "a refusal is told to whoever pressed"),
    (Planted::RetryAfterIgnored, "call crm 4 throttle 600", "no call before Retry-After"),
];

/// The shortest histories still show the mistakes, by the promise that was broken; and without the mistake each of them
/// ends well.
#[test]
fn every_planted_mistake_is_caught_by_the_history_that_once_caught_it() {
    is_caught(Subject::Sites, &CAUGHT);
}

/// A mistake that only shows where something goes wrong: without a fault all is well with it.
#[test]
fn random_histories_catch_every_planted_mistake_and_not_the_first_one() {
    random_histories_catch(Subject::Sites);
}

/// Each mistake of a subject by its history.
pub(crate) fn is_caught(subject: Subject, caught: &[(Planted, &str, &str)]) {
    on_a_paused_clock(async {
        let of = subject.prepare().await.expect("the world is complete");
        for (planted, history, check) in caught {
            let script: Script = history.parse().expect("a script");
            let mistaken = match of.history(&script, Some(*planted)) {
                Ok(mut run) => run.complete().await.map(drop),
                Err(violation) => Err(violation),
            };
            let Err(violation) = mistaken else { panic!("{planted:?} is not caught by {history}") };
            assert_eq!(violation.check, *check, "{planted:?}: {history}");
            of.history(&script, None).expect("a history").complete().await.expect("a good end without the mistake");
        }
        let planted: Vec<_> = caught.iter().map(|(planted, ..)| *planted).collect();
        assert_eq!(planted, Planted::of(subject), "each of them");
    });
}

/// Each mistake of a subject by some seed.
#[expect(clippy::print_stdout, reason = "the shortest histories, shown only where somebody asks")]
pub(crate) fn random_histories_catch(subject: Subject) {
    let mut table = String::new();
    for planted in Planted::of(subject) {
        let series = Series { of: subject, seeds: 0..WITHIN, jobs: jobs(), planted: Some(*planted) };
        let summary = series.run(&|_| ()).expect("the world is complete");
        let name = planted.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let failed = summary.failed.unwrap_or_else(|| panic!("{name} is not caught by {WITHIN} histories"));
        assert!(!failed.shortest.events.is_empty(), "{name} needs a fault to show");
        writeln!(table, "{name}: seed {}: {} → {}", failed.seed, failed.shortest, failed.violation.check)
            .expect("a string takes all");
    }
    println!("{table}");
}
