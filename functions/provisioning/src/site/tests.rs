//! Promises of the journal: what is done is done once, in order, and told in the words that people read.

use domain::{CrmId, RecordKind, RecordRef, Timestamp};
use proptest::prelude::*;

use super::*;

fn site() -> Site {
    let id: CrmId = "8d0f1b6e-6a3a-df11-9a6d-00155d0a0b01".parse().expect("an id");
    let record = RecordRef { kind: RecordKind::Account, id };
    let link = serde_json::from_value(serde_json::json!("A".repeat(43))).expect("a link");
    Site::claimed(record, id, link, Timestamp::UNIX_EPOCH)
}

fn done(step: Step) -> Done {
    Done { step, at: Timestamp::UNIX_EPOCH }
}

/// ST-09: whatever was recorded, and in whatever order, the work goes on at the first step that is not.
#[test]
fn the_next_step_is_the_first_that_is_not_recorded() {
    for recorded in 0_u32..1 << Step::ALL.len() {
        let mut site = site();
        let of = |(at, _): &(usize, Step)| recorded & (1 << at) != 0;
        site.journal = Step::ALL.into_iter().enumerate().filter(of).map(|(_, step)| done(step)).rev().collect();
        for (at, step) in Step::ALL.into_iter().enumerate() {
            assert_eq!(site.is_done(step), of(&(at, step)), "{step:?} of {recorded:b}");
        }
        assert_eq!(site.next_step(), Step::ALL.get(recorded.trailing_ones() as usize).copied(), "{recorded:b}");
    }
}

/// A new beginning owes nothing to what failed before.
#[test]
fn forgotten_failures_leave_nothing_behind() {
    let mut site = site();
    (site.attempts, site.refused_sign_ins) = (7, 2);
    let at = Timestamp::UNIX_EPOCH;
    site.failing = Some(Failing { since: at, next: at });
    site.journal.push(done(Step::Web));
    site.forget_failures();
    assert_eq!((site.attempts, site.refused_sign_ins, site.failing.is_none()), (0, 0, true));
    assert!(site.is_done(Step::Web), "what is done stays done");
}

/// An illegal move changes nothing, and says what did not fit.
#[test]
fn a_site_moves_by_its_states_rules() {
    let mut site = site();
    let early = site.on(Event::Finished { url: "u".to_owned(), at: Timestamp::UNIX_EPOCH }).err();
    let said = early.map(|error| error.to_string());
    assert_eq!(said.as_deref(), Some("a site that is claimed does not take a finish"));
    assert_eq!(site.state, SiteState::Claimed);
    site.on(Event::Started).expect("a start");
    assert_eq!(site.state, SiteState::Building);
}

/// Every state and every event, by their words.
#[test]
fn each_state_takes_these_events_and_no_others() {
    let (at, reason) = (Timestamp::UNIX_EPOCH, String::new);
    let states = [
        SiteState::Claimed,
        SiteState::Building,
        SiteState::Waiting { until: at, reason: reason() },
        SiteState::Ready { url: String::new(), at },
        SiteState::Refused { reason: reason(), at },
    ];
    let events = [
        (Event::Pressed, "a press"),
        (Event::Started, "a start"),
        (Event::Delayed { until: at, reason: reason() }, "a delay"),
        (Event::Finished { url: String::new(), at }, "a finish"),
        (Event::Refused { reason: reason(), at }, "a refusal"),
    ];
    // What becomes of each state by each event; "-" is an illegal move.
    let expected = [
        ("claimed", ["claimed", "building", "-", "-", "-"]),
        ("building", ["building", "building", "waiting", "ready", "refused"]),
        ("waiting", ["waiting", "building", "-", "-", "-"]),
        ("ready", ["ready", "-", "-", "-", "-"]),
        ("refused", ["claimed", "-", "-", "-", "-"]),
    ];
    for (state, (name, after)) in states.iter().zip(expected) {
        assert_eq!((state.name(), state.is_settled()), (name, matches!(name, "ready" | "refused")));
        for ((event, said), after) in events.iter().zip(after) {
            match state.clone().on(event.clone()) {
                Ok(state) => assert_eq!(state.name(), after, "{name} by {said}"),
                Err(error) => {
                    assert_eq!(after, "-", "{name} by {said}");
                    assert_eq!(error.to_string(), format!("a site that is {name} does not take {said}"));
                }
            }
        }
    }
}

/// ST-06: who is left out is told why, and who is not has access.
#[test]
fn access_and_the_reason_for_none_exclude_each_other() {
    for (outcome, why_not) in [
        (Outcome::Contributor, None),
        (Outcome::Reader, None),
        (Outcome::Disabled, Some("is disabled in CRM")),
        (Outcome::NoLogin, Some("has no SharePoint sign-in name by your organization's rule")),
        (Outcome::Unknown, Some("is not known to SharePoint")),
    ] {
        let user = site().record.id;
        let member = Member { user, name: "Nora Lindqvist".to_owned(), outcome, reasons: Vec::new() };
        assert_eq!((outcome.why_not(), member.has_access()), (why_not, why_not.is_none()), "{outcome:?}");
    }
}

/// The status page shows each step in words of its own.
#[test]
fn every_step_has_its_own_words() {
    let labels = Step::ALL.map(Step::label);
    assert_eq!(
        labels,
        [
            "Create the site",
            "Add lists and libraries",
            "Fill in key facts and links",
            "Prepare the pages",
            "Create the groups",
            "Protect the lists",
            "Let the team in",
            "Tell CRM",
        ]
    );
}

proptest! {
    /// A row is read as it was written, whatever was recorded: a delivery sees what the one before it did.
    #[test]
    fn a_row_is_read_as_it_was_written(steps in proptest::collection::vec(0..Step::ALL.len(), 0..9), attempts: u32) {
        let mut site = site();
        site.journal = steps.into_iter().map(|at| done(Step::ALL[at])).collect();
        site.attempts = attempts;
        let row = serde_json::to_string(&site).expect("a row");
        let read: Site = serde_json::from_str(&row).expect("a site");
        prop_assert_eq!(&read.journal, &site.journal);
        prop_assert_eq!((read.attempts, read.next_step()), (attempts, site.next_step()));
    }
}
