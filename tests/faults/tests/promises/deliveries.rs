//! Doorbells that die, messages that come twice, deliveries that overlap, and ones that stand still past their lease.

use faults::{Beginning, Invoked};

use crate::all_end_well;

fn polls(of: &Beginning, invoked: Invoked, step: usize) -> impl Iterator<Item = u32> + use<> {
    (1..=of.extent.longest(invoked).unwrap_or_default()).step_by(step)
}

/// ST-01, ST-09: a doorbell that dies anywhere loses no press; the sweep, or a second ring, ends in one site.
#[test]
fn a_press_that_dies_anywhere_ends_in_one_site() {
    let histories = all_end_well(|of| {
        let alone = polls(of, Invoked::Ring, 1).map(|polls| format!("dies ring0@{polls}"));
        let pressed_again = polls(of, Invoked::Ring, 1).map(|polls| format!("dies ring0@{polls}; presses minute1"));
        alone.chain(pressed_again).collect()
    });
    println!("{histories} histories");
    assert!(histories > 30, "a press has more points than {histories}");
}

/// P3, T4: the same message in two processes, from every second effect of the first on, in orders that seeds decide.
#[test]
fn two_deliveries_in_any_order_end_in_one_site() {
    let histories = all_end_well(|of| {
        let points = polls(of, Invoked::Deliver, 4).flat_map(|polls| (0..3).map(move |weave| (weave, polls)));
        points.map(|(weave, polls)| format!("weave {weave}; again deliver0@{polls}")).collect()
    });
    println!("{histories} histories");
}

/// T4: a delivery stands still at every third poll, past its lease; another one builds the site; the first goes on, calls
/// nobody, and harms nothing.
///
/// What no client can prevent: the one call that was on its way when it stalled lands after all, and makes a second
/// view or web part of a name, or sets a request back to *accepted*. It is one call at most, and never the journal.
#[test]
fn a_delivery_that_goes_on_after_its_lease_makes_no_further_call() {
    let histories =
        all_end_well(|of| polls(of, Invoked::Deliver, 3).map(|polls| format!("freezes deliver0@{polls} 20")).collect());
    println!("{histories} histories");
}

/// T4: the same, but it goes on while the next holder is at work, in orders that seeds decide.
#[test]
fn a_delivery_that_goes_on_beside_the_next_one_makes_no_further_call() {
    let histories = all_end_well(|of| {
        let points = polls(of, Invoked::Deliver, 5).flat_map(|polls| [7, 8].map(|minutes| (minutes, polls)));
        let points = points.flat_map(|point| (0..2).map(move |weave| (weave, point)));
        points.map(|(weave, (minutes, polls))| format!("weave {weave}; freezes deliver0@{polls} {minutes}")).collect()
    });
    println!("{histories} histories");
}

/// P3: a second press while the site is being built, after every second effect of it: one site, and both are answered.
#[test]
fn a_second_press_at_any_point_is_answered_too() {
    let histories =
        all_end_well(|of| polls(of, Invoked::Deliver, 4).map(|polls| format!("presses deliver0@{polls}")).collect());
    println!("{histories} histories");
}

/// P2, P3: a second press while the site is being refused: it is told that too, and is not left with a word that looks
/// taken, or none at all.
#[test]
fn a_second_press_while_a_site_is_refused_is_told_so_too() {
    let histories = all_end_well(|of| {
        let points = polls(of, Invoked::Deliver, 1).take(60);
        let scripts = points.map(|polls| format!("denied sharepoint 4; presses deliver0@{polls}"));
        scripts.chain(["freezes deliver0@19 16; denied sharepoint 2; presses deliver2@27".to_owned()]).collect()
    });
    println!("{histories} histories");
}

/// T4: a delivery dies near its time limit while a call of it is still on its way, and the call lands late: before the
/// next delivery looks.
#[test]
fn a_last_call_that_lands_late_lands_before_the_next_delivery_looks() {
    let histories = all_end_well(|of| {
        let (service, calls) = of.extent.calls[1];
        let points = (0..calls).step_by(3).flat_map(|call| polls(of, Invoked::Deliver, 11).map(move |at| (call, at)));
        let name = service.name();
        let script = |(call, at): (u32, u32)| {
            format!("freezes deliver0@{at} 4; call {name} {call} late 90; dies deliver0@{}", at + 6)
        };
        points.map(script).collect()
    });
    println!("{histories} histories");
}

/// Timers that are missed, fire twice, or die on the way only cost time.
#[test]
fn timers_that_are_missed_or_fire_twice_or_die_only_cost_time() {
    let histories = all_end_well(|of| {
        let dies = polls(of, Invoked::Wake, 2).map(|polls| format!("dies deliver0@40; dies wake6@{polls}"));
        let missed =
            (6..12).map(|minute| format!("dies deliver0@40; timers-missed {minute}; timers-twice {}", minute + 1));
        let sweeps = polls(of, Invoked::Sweep, 2).map(|polls| format!("dies ring0@5; dies sweep1@{polls}"));
        dies.chain(missed).chain(sweeps).collect()
    });
    println!("{histories} histories");
}
