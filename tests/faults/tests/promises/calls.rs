//! Every call to another system, with everything that can go wrong with it.

use faults::{Beginning, Requests};

use crate::all_end_well;

/// One fault at each call in turn, from the `first`-th of SharePoint's on.
fn at_each_call(of: &Beginning, first: u32, fault: &str) -> Vec<String> {
    let numbers = of.extent.calls.into_iter().flat_map(|(service, calls)| {
        let from = if service == sandbox::Service::SharePoint { first } else { 0 };
        (from..calls).map(move |number| (service.name(), number))
    });
    numbers.map(|(service, number)| format!("call {service} {number} {fault}")).collect()
}

#[expect(clippy::print_stdout, reason = "how many histories a test was, shown only where somebody asks")]
fn one_call_fails(fault: &str) {
    let histories = all_end_well(|of| at_each_call(of, 0, fault));
    println!("{histories} histories");
    assert!(histories > 50, "a site costs more calls than {histories}");
}

/// P1: nobody there.
#[test]
fn a_refused_connection_changes_nothing() {
    one_call_fails("refuse");
}

/// P1: busy, without a time to come back.
#[test]
fn a_busy_service_changes_nothing() {
    one_call_fails("busy");
}

/// P1: done, but the answer is lost.
#[test]
fn a_lost_answer_changes_nothing() {
    one_call_fails("lose");
}

/// P1: done after the caller gave up.
#[test]
fn an_effect_that_comes_late_changes_nothing() {
    one_call_fails("late 20");
}

/// P1: done as late as a caller waits.
#[test]
fn an_effect_that_comes_very_late_changes_nothing() {
    one_call_fails("late 90");
}

/// T7: done, and the answer is cut in the middle.
#[test]
fn a_cut_answer_changes_nothing() {
    one_call_fails("cut");
}

/// P1: taken and never answered.
#[test]
fn a_call_that_is_never_answered_changes_nothing() {
    one_call_fails("stall");
}

/// P1, ST-40: a sign-in page once.
#[test]
fn a_single_sign_in_page_changes_nothing() {
    one_call_fails("page");
}

/// P1: a proxy sends a call a second time. What no client can prevent is that a view, a row or a web part which the call
/// adds is there twice; everything else is as if it had come once.
#[test]
fn a_call_that_arrives_twice_spoils_nothing_else() {
    one_call_fails("twice");
}

/// P1: the service's own words for *later*.
#[test]
fn a_refusal_that_passes_changes_nothing() {
    // After the sign-in a web is looked for, and made, by pages: three of them, which show words and no codes.
    println!("{} histories", all_end_well(|of| at_each_call(of, 4, "passing")));
}

/// P1, P6: from the throttled call to the time that the service named, it is not called again; the harness looks at
/// every call for it.
#[test]
fn a_throttled_call_changes_nothing_and_nobody_comes_back_too_early() {
    for seconds in [60, 200] {
        one_call_fails(&format!("throttle {seconds}"));
    }
}

/// P2, ST-40: from one call on a service fails for good. That is told to whoever pressed, and another press completes
/// the site when it is well again.
#[test]
fn a_site_refused_by_a_service_is_completed_by_the_next_press() {
    for event in ["denied", "shut"] {
        let histories = all_end_well(|of| {
            let numbers = of
                .extent
                .calls
                .into_iter()
                .flat_map(|(service, calls)| (0..calls).map(move |number| (service, number)));
            numbers.map(|(service, number)| format!("{event} {} {number}", service.name())).collect()
        });
        println!("{histories} histories");
    }
}

/// The ledger and the queue are calls to the outside too: each request refused, and each done and never heard of.
#[test]
fn a_request_to_our_own_stores_that_fails_changes_nothing() {
    for fault in ["refuse", "lose"] {
        let histories = all_end_well(|of| {
            let Requests { ledger, queue, .. } = of.extent.requests;
            let ledger = (0..ledger).map(|number| format!("ledger {number} {fault}"));
            ledger.chain((0..queue).map(|number| format!("queue {number} {fault}"))).collect()
        });
        println!("{histories} histories");
    }
}

/// P2: a ledger that fails while a refusal is told refuses nothing in silence: the message comes again, and whoever pressed
/// is told.
#[test]
fn a_refusal_is_told_although_the_ledger_fails_at_any_of_its_calls() {
    let scripts = |kind: &str| (15..40).map(|call| format!("denied sharepoint 18; ledger {call} {kind}")).collect();
    let told = ["refuse", "lose"].map(|kind| all_end_well(|_| scripts(kind)));
    println!("{told:?} histories");
}
