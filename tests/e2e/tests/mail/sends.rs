//! Sends are prepared, released once, and mail (EX-03; contract §6, Sending).

use exacttarget::{
    Filter, Released,
    objects::Object,
    operations::{Create, LogUnsubEvent, Retrieve, Start},
    was_released,
};
use sandbox::exacttarget::{Mail, seed};

use crate::world::{World, send_to};

fn mails(world: &World, job: u64) -> Vec<Mail> {
    let job = u32::try_from(job).unwrap();
    world.account(|account| account.jobs[&job].mails(|_, key| format!("no-more/{key}")).collect())
}

/// EX-03: what leaves is personal, one mail for each who is meant and not excluded, and none for who declined.
#[tokio::test]
async fn a_send_mails_everybody_who_is_meant_once() {
    let world = World::new();
    let platform = world.harbour();
    let people = world.people(&platform, "people", 10).await;
    let without = world.people(&platform, "without", 2).await;
    let definition = send_to("crm-send-1", &people, &[&without]);
    let create = Create { objects: vec![Object::from(&definition)], upsert: false };
    assert!(platform.send(&create).await.unwrap().0[0].is_ok);
    // The same key again is refused: nothing is sent twice by repeating a call.
    assert!(!platform.send(&create).await.unwrap().0[0].is_ok);
    let job = platform.send(&Start(Object::by_key("EmailSendDefinition", "crm-send-1"))).await.unwrap().task.unwrap();
    assert!(mails(&world, job).is_empty());
    world.pass(30);
    let sent = mails(&world, job);
    assert_eq!(sent.len(), 8);
    assert_eq!((&*sent[0].person.address, &*sent[0].subject), ("person3@example.com", "Welcome, Person 3"));
    assert!(sent[0].body.contains("no-more/key-3") && sent[0].body.contains("We write to person3@example.com"));
    let wanted = ["NumberTargeted", "NumberSent", "NumberExcluded", "Status", "SentDate"];
    let summary = platform.send(&Retrieve::of("Send", wanted).only(Filter::equals("ID", job))).await.unwrap().results;
    assert_eq!(
        wanted[..4].iter().map(|it| summary[0].child_text(*it)).collect::<Vec<_>>(),
        ["10", "8", "2", "Complete"]
    );

    // Who declines on the list of the send gets no further one of it.
    let event = LogUnsubEvent { subscriber: "key-10".to_owned(), job: Some(job), ..LogUnsubEvent::default() };
    assert!(platform.send(&event).await.unwrap().is_ok);
    let again = platform.send(&Start(Object::by_key("EmailSendDefinition", "crm-send-1"))).await.unwrap().task.unwrap();
    world.pass(30);
    let keys: Vec<_> = mails(&world, again).into_iter().map(|mail| mail.person.key).collect();
    assert!(!keys.contains(&"key-10".to_owned()) && keys.len() == 7, "{keys:?}");
}

/// A start whose answer is lost has sent, and asking finds it; a filter that the platform does not heed says nothing, and a
/// person decides.
#[tokio::test]
async fn whether_a_send_was_released_is_found_or_not_known_but_never_guessed() {
    let world = World::new();
    let platform = world.harbour();
    let people = world.people(&platform, "people", 3).await;
    for key in ["first", "second"] {
        let objects = vec![Object::from(&send_to(key, &people, &[]))];
        assert!(platform.send(&Create { objects, upsert: false }).await.unwrap().0[0].is_ok);
    }
    let job = platform.send(&Start(Object::by_key("EmailSendDefinition", "first"))).await.unwrap().task.unwrap();
    let known = job.to_string();
    assert_eq!(was_released(&platform, "ID", &known, None).await, Ok(Released::Found(vec![job])));
    let next = (job + 1).to_string();
    assert_eq!(was_released(&platform, "ID", &next, Some(&known)).await, Ok(Released::NotThere));
    world.account(|account| account.quirks.unsupported_filters.insert(("Send".to_owned(), "ID".to_owned())));
    assert_eq!(was_released(&platform, "ID", &next, Some(&known)).await, Ok(Released::CannotTell));
    // A joined filter on sends finds nothing though there is something (seen live).
    let joined = Filter::equals("ID", job).and(Filter::equals("Status", "Complete"));
    assert!(platform.send(&Retrieve::of("Send", ["ID"]).only(joined)).await.unwrap().results.is_empty());
}

/// A list is an audience too; it is counted who got nothing, and why.
#[tokio::test]
async fn a_send_to_a_list_counts_who_gets_nothing() {
    let world = World::new();
    let platform = world.harbour();
    let key = seed::key("harbour", 2);
    let event = LogUnsubEvent { subscriber: key, ..LogUnsubEvent::default() };
    assert!(platform.send(&event).await.unwrap().is_ok);
    let mut definition = send_to("to-list", "", &[]);
    definition.to = exacttarget::objects::SendSource::List(u64::from(seed::NEWSLETTER));
    let made = platform.send(&Create { objects: vec![Object::from(&definition)], upsert: false }).await.unwrap().0;
    assert!(made[0].is_ok, "{made:?}");
    let job = platform.send(&Start(Object::by_key("EmailSendDefinition", "to-list"))).await.unwrap().task.unwrap();
    world.pass(60);
    let job = u32::try_from(job).unwrap();
    world.account(|account| {
        let targets = account.jobs[&job].targets;
        assert_eq!((targets.targeted, targets.unsubscribed, account.jobs[&job].mailed()), (30, 1, 29));
    });
}
