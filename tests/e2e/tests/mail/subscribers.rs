//! Subscribers, object by object (contract §6).

use exacttarget::{
    Filter,
    objects::{Object, Subscriber, SubscriberStatus, SubscriptionAction},
    operations::{Create, Delete, LogUnsubEvent, Outcome, Retrieve, Update},
};
use sandbox::exacttarget::seed;

use crate::world::World;

fn subscriber(key: &str, address: &str) -> Subscriber {
    Subscriber { key: key.to_owned(), address: address.to_owned(), ..Subscriber::default() }
}

/// One who is there already is told apart (12014), upsert changes them, and of mixed results each is told.
#[tokio::test]
async fn each_subscriber_of_a_call_has_an_outcome_of_its_own() {
    let world = World::new();
    let platform = world.harbour();
    let create = |people: &[Subscriber], upsert| Create { objects: people.iter().map(Object::from).collect(), upsert };
    let ada = subscriber("ada", "ada@example.com");
    let made = platform.send(&create(std::slice::from_ref(&ada), false)).await.unwrap().0;
    assert!(made[0].is_ok && made[0].new_id.is_some(), "{made:?}");
    let people = [ada.clone(), subscriber("bo", "bo@example.com"), subscriber("cy", "no address")];
    let outcomes = platform.send(&create(&people, false)).await.unwrap().0;
    let codes: Vec<_> = outcomes.iter().map(|outcome| (outcome.ordinal, outcome.code)).collect();
    assert_eq!(codes, [(0, Some(Outcome::ALREADY_ON_LIST)), (1, None), (2, Some(12_000))]);
    let moved = Subscriber {
        address: "ada@new.example".to_owned(),
        attributes: vec![("First Name".to_owned(), "Ada".to_owned()), ("Shoe Size".to_owned(), "39".to_owned())],
        lists: vec![(u64::from(seed::NEWSLETTER), SubscriptionAction::Upsert)],
        ..ada
    };
    assert!(platform.send(&create(&[moved], true)).await.unwrap().0[0].is_ok);
    world.account(|account| {
        let ada = &account.subscribers["ada"];
        assert_eq!(ada.address, "ada@new.example");
        assert!(ada.lists.contains_key(&seed::NEWSLETTER));
        // An attribute that the account does not have is dropped without a word.
        assert_eq!(ada.attributes.keys().collect::<Vec<_>>(), ["First Name"]);
    });
}

/// What is not there cannot be changed or removed.
#[tokio::test]
async fn nobody_is_changed_or_removed_who_is_not_there() {
    let world = World::new();
    let platform = world.harbour();
    let objects = || vec![Object::from(&subscriber("nobody", "nobody@example.com"))];
    let changed = platform.send(&Update { objects: objects(), upsert: false }).await.unwrap().0;
    assert_eq!((changed[0].is_ok, changed[0].code), (false, Some(12_001)));
    let removed = platform.send(&Delete { objects: objects() }).await.unwrap().0;
    assert!(!removed[0].is_ok);
}

/// An opt-out of the CRM arrives: of everything without a job; the second one is told apart (12012).
#[tokio::test]
async fn an_opt_out_without_a_job_is_of_everything() {
    let world = World::new();
    let platform = world.harbour();
    let key = seed::key("harbour", 3);
    let event =
        LogUnsubEvent { subscriber: key.clone(), reason: "asked by phone".to_owned(), ..LogUnsubEvent::default() };
    let logged = platform.send(&event).await.unwrap();
    assert!(logged.is_ok);
    assert_eq!(platform.send(&event).await.unwrap().code, Some(12_012));
    let ask = Retrieve::of("Subscriber", ["Status", "UnsubscribedDate"]).only(Filter::equals("SubscriberKey", &key));
    let found = platform.send(&ask).await.unwrap().results;
    // Midnight and two in the morning, as the server's clocks have it.
    assert_eq!(found[0].child_text("Status"), "Unsubscribed");
    assert_eq!(found[0].child_text("UnsubscribedDate"), "2026-06-01T02:00:00");
    let stranger = LogUnsubEvent { subscriber: "nobody".to_owned(), ..LogUnsubEvent::default() };
    assert_eq!(platform.send(&stranger).await.unwrap().code, Some(400));
    // The plain alternative.
    let other = Subscriber {
        status: Some(SubscriberStatus::Unsubscribed),
        ..subscriber(&seed::key("harbour", 4), "x@y.example")
    };
    assert!(platform.send(&Update { objects: vec![Object::from(&other)], upsert: false }).await.unwrap().0[0].is_ok);
}
