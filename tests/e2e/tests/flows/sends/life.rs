//! A send's life: taken, collected, held, imported, released, counted; and cancelled, edited or deleted on the way.

use domain::SignedDuration;
use e2e::HARBOUR;
use sandbox::crm::{NewPerson, NewSend, Value};
use sandbox::exacttarget::seed;

use super::world::{
    account, change, contact, jobs, list_of, mailing, mails, minutes, object, press, row, status, to_list, told, until,
};

/// EX-01, EX-04, EX-14, FX-03: the main job, and its receipt.
#[tokio::test]
async fn a_send_to_a_list_mails_each_person_once_and_adds_up() {
    let world = mailing().await;
    let people = [contact("Anna", "anna@a.example"), contact("Ben", "ben@b.example"), contact("Eva", "eva@c.example")];
    let (list, members) = list_of(&world, "contact", &people);
    let send = press(&world, &to_list(list));
    let told = until(&world, send, status::SENT).await;
    assert_eq!((told.listed, told.excluded, told.accepted, told.failed), (Some(3), Some(0), Some(3), Some(0)));
    assert_eq!((told.parts, &*told.reason), (Some(1), ""));
    let expected = ["anna@a.example", "ben@b.example", "eva@c.example"].map(|address| (address.to_owned(), 1));
    assert_eq!(mails(&world), expected.into());
    let [job] = &jobs(&world)[..] else { panic!("one job") };
    let all: Vec<_> = job.mails(|_, _| String::new()).collect();
    let anna = all.iter().find(|mail| mail.person.address == "anna@a.example").expect("she has one");
    // Who somebody is, is the CRM record; what the mail says is what CRM has of them (EX-04, EX-14, EX-50).
    assert_eq!(anna.person.key, members[0].to_string());
    assert!(anna.body.starts_with("Dear Anna Lind,"), "{}", anna.body);
    assert_eq!(anna.person.known["Owner Name"], "Anna Berg");
    let receipt = object(&world, send, "receipt.json").await;
    assert_eq!((&receipt["adds_up"], &receipt["accepted"]), (&true.into(), &3.into()), "{receipt}");
    assert_eq!(receipt["job"], job.id);
}

/// EX-01: each of the five kinds of target.
#[tokio::test]
async fn leads_contacts_accounts_and_campaigns_are_targets_too() {
    let world = mailing().await;
    let lead = NewPerson { kind: "lead", first: "Lea", last: "Dahl", email: "lea@lead.example", opted_out: false };
    let firm = NewPerson { kind: "account", first: "", last: "Fabrikam", email: "post@firm.example", opted_out: false };
    let (leads, lead_ids) = list_of(&world, "lead", &[lead]);
    let (accounts, account_ids) = list_of(&world, "account", &[firm]);
    let (contacts, contact_ids) = list_of(&world, "contact", &[contact("Cleo", "cleo@c.example")]);
    let now = world.instance.sandbox.now();
    let campaign = {
        let mut all = world.instance.sandbox.world();
        let organisation = all.crm.organisation_mut(HARBOUR).expect("it is seeded");
        organisation.add_campaign("Summer", &[leads, accounts, contacts], now)
    };
    let mut expected = 0;
    for (attribute, id, count) in [
        ("tl_leadid", lead_ids[0], 1),
        ("tl_accountid", account_ids[0], 1),
        ("tl_contactid", contact_ids[0], 1),
        ("tl_listid", leads, 1),
        // A list of three kinds is a campaign with three lists.
        ("tl_campaignid", campaign, 3),
    ] {
        let new = NewSend {
            name: attribute.to_owned(),
            targets: vec![(attribute, id)],
            email: seed::NEWS.into(),
            ..NewSend::default()
        };
        let send = press(&world, &new);
        let told = until(&world, send, status::SENT).await;
        assert_eq!((told.listed, told.accepted), (Some(count), Some(count)), "{attribute}");
        expected += usize::try_from(count).unwrap();
    }
    assert_eq!(mails(&world).values().sum::<usize>(), expected);
}

/// EX-05: not before its time; and at once for one that has none.
#[tokio::test]
async fn a_send_waits_for_its_time() {
    let world = mailing().await;
    let (list, _) = list_of(&world, "contact", &[contact("Anna", "anna@a.example")]);
    let scheduled = world.instance.sandbox.now() + SignedDuration::from_mins(90);
    let send = press(&world, &NewSend { scheduled: Some(scheduled), ..to_list(list) });
    minutes(&world, 85).await;
    assert_eq!((told(&world, send).status, row(&world, send)), (status::NEW, None));
    until(&world, send, status::SENT).await;
    assert!(jobs(&world)[0].asked >= scheduled);
}

/// Somebody has to agree: everything is prepared, and nobody is mailed before.
#[tokio::test]
async fn a_send_that_is_held_waits_for_its_approval() {
    let world = mailing().await;
    let (list, _) = list_of(&world, "contact", &[contact("Anna", "anna@a.example")]);
    let send = press(&world, &NewSend { hold: true, ..to_list(list) });
    let told = until(&world, send, status::HELD).await;
    assert_eq!((told.listed, told.excluded, told.accepted), (Some(1), Some(0), None));
    // What whoever approves looks at.
    let preview = object(&world, send, "preview.json").await;
    assert_eq!((&preview["people"], &preview["email"]["name"]), (&1.into(), &"Greeting".into()), "{preview}");
    assert_eq!(preview["samples"][0]["subject"], "Welcome, Anna");
    minutes(&world, 60).await;
    assert!(mails(&world).is_empty());
    change(&world, send, "tl_hold", Value::Flag(false));
    until(&world, send, status::SENT).await;
    assert_eq!(mails(&world).len(), 1);
}

/// Cancelled or deleted at every stage before the release: nobody is mailed.
#[tokio::test]
async fn a_send_that_nobody_wants_any_more_is_not_mailed() {
    for after in 0..6 {
        for delete in [false, true] {
            let world = mailing().await;
            let (list, _) = list_of(&world, "contact", &[contact("Anna", "anna@a.example")]);
            let send = press(&world, &NewSend { hold: true, ..to_list(list) });
            minutes(&world, after).await;
            if delete {
                world.instance.sandbox.world().crm.organisation_mut(HARBOUR).unwrap().take("tl_send", send);
            } else {
                change(&world, send, "tl_cancel", Value::Flag(true));
                change(&world, send, "tl_hold", Value::Flag(false));
            }
            minutes(&world, 30).await;
            assert!(mails(&world).is_empty(), "after {after} minutes");
            match row(&world, send) {
                Some(row) => assert_eq!(row.state, sending::send::SendState::Cancelled, "after {after} minutes"),
                None => assert!(delete && after == 0),
            }
            if !delete {
                assert_eq!(told(&world, send).status, status::CANCELLED, "after {after} minutes");
            }
        }
    }
}

/// Edited before the release: what is mailed is what the record says then.
#[tokio::test]
async fn a_send_that_is_edited_is_prepared_anew() {
    let world = mailing().await;
    let (list, _) = list_of(&world, "contact", &[contact("Anna", "anna@a.example")]);
    let (other, _) = list_of(&world, "contact", &[contact("Ben", "ben@b.example")]);
    let send = press(&world, &NewSend { hold: true, ..to_list(list) });
    until(&world, send, status::HELD).await;
    change(&world, send, "tl_listid", Value::Reference { entity: "list".to_owned(), id: other });
    minutes(&world, 30).await;
    change(&world, send, "tl_hold", Value::Flag(false));
    until(&world, send, status::SENT).await;
    assert_eq!(mails(&world), [("ben@b.example".to_owned(), 1)].into());
    assert_eq!(row(&world, send).unwrap().revision, 2);
}

/// EX-13: nothing is sent for a campaign that is switched off; it goes on when it is switched on.
#[tokio::test]
async fn a_campaign_that_is_switched_off_is_not_mailed() {
    let world = mailing().await;
    let (list, _) = list_of(&world, "contact", &[contact("Anna", "anna@a.example")]);
    let now = world.instance.sandbox.now();
    let campaign = {
        let mut all = world.instance.sandbox.world();
        all.crm.organisation_mut(HARBOUR).expect("it is seeded").add_campaign("Summer", &[], now)
    };
    world.edit(HARBOUR, "campaign", campaign, |record| record.insert("tl_mailoff".to_owned(), Value::Flag(true)));
    let new = NewSend { targets: vec![("tl_listid", list), ("tl_campaignid", campaign)], ..to_list(list) };
    let send = press(&world, &new);
    minutes(&world, 60).await;
    assert!(mails(&world).is_empty());
    assert!(row(&world, send).unwrap().waits_for.unwrap().contains("switched off"));
    world.edit(HARBOUR, "campaign", campaign, |record| record.insert("tl_mailoff".to_owned(), Value::Flag(false)));
    until(&world, send, status::SENT).await;
}

/// S13: two pollers, and every message twice, make one send.
#[tokio::test]
async fn two_pollers_make_one_send() {
    let world = mailing().await;
    let (list, _) = list_of(&world, "contact", &[contact("Anna", "anna@a.example")]);
    let send = press(&world, &to_list(list));
    let other = world.instance.another_process().expect("it starts");
    world.instance.sandbox.advance(SignedDuration::from_mins(2));
    tokio::join!(world.instance.host.fire("send-poll"), other.fire("send-poll"));
    for _ in 0..40 {
        tokio::join!(world.instance.host.deliver(), other.deliver());
        world.instance.read_drops().await;
        minutes(&world, 1).await;
        other.fire_timers().await;
    }
    assert_eq!(told(&world, send).status, status::SENT);
    assert_eq!((mails(&world), jobs(&world).len()), ([("anna@a.example".to_owned(), 1)].into(), 1));
    account(&world, |account| assert_eq!(account.send_definitions.len(), 1));
}

/// EX-08, EX-33: only so many sends are released at once; the others wait, and all of them go out.
#[tokio::test]
async fn many_sends_take_turns() {
    let world = mailing().await;
    let mut sends = Vec::new();
    for number in 0..5 {
        let address = format!("anna{number}@a.example");
        let (list, _) = list_of(&world, "contact", &[contact("Anna", &address)]);
        sends.push(press(&world, &to_list(list)));
    }
    // Whoever holds a place and is gone holds it until its time is over.
    let (ledger, clock) = (&world.instance.deps.platform.ledger, world.instance.deps.clock());
    let ttl = SignedDuration::from_mins(7);
    let gone = platform::Lease::take(ledger, &e2e::World::tenant(HARBOUR), "SLOT#releases#1", "gone", ttl, clock).await;
    assert!(gone.is_ok());
    minutes(&world, 4).await;
    assert!(mails(&world).is_empty());
    assert!(row(&world, sends[0]).unwrap().waits_for.unwrap().starts_with("other sends are first"));
    for send in sends {
        until(&world, send, status::SENT).await;
    }
    assert_eq!(mails(&world).values().sum::<usize>(), 5);
}
