//! Who gets no mail, and why (EX-04, EX-47, S7 to S10).

use e2e::HARBOUR;
use sandbox::{
    Fault, Service, Switch, Times,
    crm::{NewPerson, Value},
    exacttarget::{Status, Subscriber},
};
use sending::{receipt::Fate, send::WhyNot};

use super::world::{account, change, contact, fate, list_of, mailing, mails, minutes, press, status, to_list, until};

/// FX-03: each reason once, and the sum is right.
#[tokio::test]
async fn everybody_who_gets_no_mail_has_a_reason() {
    let world = mailing().await;
    account(&world, |account| {
        let mut subscribers = account.subscribers.values_mut();
        let (gone, held) = (subscribers.next().expect("seeded"), subscribers.next().expect("seeded"));
        (gone.address, gone.status) = ("Gone@x.example".to_owned(), Status::Unsubscribed);
        (held.address, held.status) = ("held@x.example".to_owned(), Status::Held);
    });
    let long = format!("{}@x.example", "a".repeat(310));
    let people = [
        contact("Anna", "anna@a.example"),
        NewPerson { opted_out: true, ..contact("Ben", "ben@b.example") },
        contact("Cleo", ""),
        contact("Dan", "dan at d.example"),
        contact("Eva", " ANNA@a.example"),
        contact("Finn", "gone@X.example"),
        contact("Gro", "held@x.example"),
        contact("Hal", "hal@h.example"),
        contact("Ida", &long[..100]),
    ];
    let (list, members) = list_of(&world, "contact", &people);
    world.edit(HARBOUR, "contact", members[7], |record| record.insert("statecode".to_owned(), Value::Number(1)));
    let send = press(&world, &to_list(list));
    let told = until(&world, send, status::SENT).await;
    assert_eq!((told.listed, told.excluded, told.accepted, told.failed), (Some(9), Some(8), Some(1), Some(0)));
    assert_eq!(
        told.exclusions,
        "1 inactive in CRM, 1 wants no mails, by CRM, 1 has no address, 2 has an address that is none, \
         1 gets it at the same address by another record, 1 wants no mails, by the e-mail platform, \
         1 mails came back too often"
    );
    assert_eq!(mails(&world).len(), 1);
    let expected = [
        None,
        Some(WhyNot::OptedOutInCrm),
        Some(WhyNot::NoAddress),
        Some(WhyNot::BadAddress),
        None,
        Some(WhyNot::OptedOutOnPlatform),
        Some(WhyNot::HeldOnPlatform),
        Some(WhyNot::Inactive),
        Some(WhyNot::BadAddress),
    ];
    for (member, expected) in members.iter().zip(expected) {
        if let Some(reason) = expected {
            assert_eq!(fate(&world, send, *member).await, Fate::LeftOut(vec![reason]));
        }
    }
    // One of the two with one address gets it: the one whose id is smaller.
    let (kept, left) = if members[0] < members[4] { (0, 4) } else { (4, 0) };
    assert_eq!(fate(&world, send, members[kept]).await, Fate::InTheSend);
    assert_eq!(fate(&world, send, members[left]).await, Fate::LeftOut(vec![WhyNot::Duplicate]));
    assert_eq!(fate(&world, send, list).await, Fate::NotListed);
}

/// S7: opted out in CRM, or at the platform under another key, after the people were read and before the release.
#[tokio::test]
async fn who_opts_out_before_the_release_gets_no_mail() {
    let world = mailing().await;
    let people = ["anna@a.example", "ben@b.example", "eva@c.example"].map(|address| contact("Kim", address));
    let (list, members) = list_of(&world, "contact", &people);
    let send = press(&world, &sandbox::crm::NewSend { hold: true, ..to_list(list) });
    until(&world, send, status::HELD).await;
    let now = world.instance.sandbox.now();
    world.edit(HARBOUR, "contact", members[0], |record| {
        record.insert("donotbulkemail".to_owned(), Value::Flag(true));
        record.insert("modifiedon".to_owned(), Value::Moment(now));
    });
    account(&world, |account| {
        let other = account.subscribers.values_mut().next().expect("seeded");
        (other.address, other.status) = ("BEN@b.example".to_owned(), Status::Unsubscribed);
        other.unsubscribed = Some(now);
    });
    minutes(&world, 1).await;
    change(&world, send, "tl_hold", Value::Flag(false));
    let told = until(&world, send, status::SENT).await;
    assert_eq!(mails(&world), [("eva@c.example".to_owned(), 1)].into());
    assert_eq!((told.listed, told.excluded, told.accepted), (Some(3), Some(2), Some(1)));
    assert_eq!(told.exclusions, "2 wanted no mails any more at the release");
}

/// S8: a filter that the platform answers with nothing is not believed.
#[tokio::test]
async fn without_an_answer_of_who_opted_out_nothing_is_sent() {
    let world = mailing().await;
    account(&world, |account| {
        account.quirks.unsupported_filters.insert(("Subscriber".to_owned(), "Status".to_owned()));
    });
    let (list, _) = list_of(&world, "contact", &[contact("Anna", "anna@a.example")]);
    let send = press(&world, &to_list(list));
    minutes(&world, 60).await;
    assert!(mails(&world).is_empty());
    account(&world, |account| account.quirks.unsupported_filters.clear());
    until(&world, send, status::SENT).await;
}

/// S8: an account that does not show addresses has not said that nobody opted out.
#[tokio::test]
async fn opt_outs_without_addresses_are_no_answer() {
    let world = mailing().await;
    account(&world, |account| {
        account.quirks.missing_properties.insert(("Subscriber".to_owned(), "EmailAddress".to_owned()));
    });
    let (list, _) = list_of(&world, "contact", &[contact("Anna", "anna@a.example")]);
    let send = press(&world, &to_list(list));
    let told = until(&world, send, status::REFUSED).await;
    assert!(told.reason.contains("EmailAddress"), "{}", told.reason);
    assert!(mails(&world).is_empty());
}

/// S8: an answer that is lost in the middle of a long list of opt-outs neither ends the list nor the send.
#[tokio::test]
async fn a_page_of_opt_outs_that_is_lost_is_no_end_of_them() {
    let world = mailing().await;
    account(&world, |account| {
        let one = account.subscribers.values().next().expect("seeded").clone();
        for number in 0..2_600 {
            let (key, address) = (format!("gone-{number:04}"), format!("gone{number}@x.example"));
            let status = Status::Unsubscribed;
            account.subscribers.insert(key.clone(), Subscriber { key, address, status, ..one.clone() });
        }
    });
    let people = [contact("Anna", "anna@a.example"), contact("Ben", "gone2599@x.example")];
    let (list, _) = list_of(&world, "contact", &people);
    let send = press(&world, &to_list(list));
    let (service, operation) = (Service::ExactTarget, Some("Retrieve".to_owned()));
    let switch = Switch { service, operation, fault: Fault::LoseAnswer, times: Times::Next(1) };
    world.instance.sandbox.world().faults.set_after(1, switch);
    until(&world, send, status::SENT).await;
    assert_eq!(mails(&world), [("anna@a.example".to_owned(), 1)].into());
}

/// S7, S8: also where the platform does not answer the question of who did so lately.
#[tokio::test]
async fn who_opts_out_is_found_where_the_date_cannot_be_asked_for() {
    let world = mailing().await;
    let (list, _) = list_of(&world, "contact", &[contact("Anna", "anna@a.example"), contact("Ben", "ben@b.example")]);
    let send = press(&world, &sandbox::crm::NewSend { hold: true, ..to_list(list) });
    until(&world, send, status::HELD).await;
    let now = world.instance.sandbox.now();
    account(&world, |account| {
        let by_date = ("Subscriber".to_owned(), "UnsubscribedDate".to_owned());
        account.quirks.unsupported_filters.insert(by_date);
        let other = account.subscribers.values_mut().next().expect("seeded");
        (other.address, other.status, other.unsubscribed) =
            ("ben@b.example".to_owned(), Status::Unsubscribed, Some(now));
    });
    minutes(&world, 1).await;
    change(&world, send, "tl_hold", Value::Flag(false));
    until(&world, send, status::SENT).await;
    assert_eq!(mails(&world), [("anna@a.example".to_owned(), 1)].into());
}

/// S9: who opted out once stays out, whatever a later import or list of the platform says.
#[tokio::test]
async fn an_opt_out_is_not_forgotten() {
    let world = mailing().await;
    let gone = |status| {
        account(&world, |account| {
            let one = account.subscribers.values_mut().next().expect("seeded");
            (one.address, one.status) = ("anna@a.example".to_owned(), status);
        });
    };
    gone(Status::Unsubscribed);
    let (list, _) = list_of(&world, "contact", &[contact("Anna", "anna@a.example"), contact("Ben", "ben@b.example")]);
    for status in [Status::Unsubscribed, Status::Active] {
        gone(status);
        let send = press(&world, &to_list(list));
        until(&world, send, status::SENT).await;
        assert_eq!(mails(&world).keys().collect::<Vec<_>>(), ["ben@b.example"]);
    }
}

/// A11: what people wrote into CRM arrives as text.
#[tokio::test]
async fn what_looks_like_a_script_arrives_as_text() {
    let world = mailing().await;
    let names =
        ["%%=v(@x)=%%", "<script runat=server>x</script>", "=cmd|' /C calc'!A0", "O\"Brien,\r\nJr.", "%%emailaddr%%"];
    let people: Vec<_> = names.iter().zip(["a", "b", "c", "d", "e"]).collect();
    let addresses: Vec<String> = people.iter().map(|(_, name)| format!("{name}@x.example")).collect();
    let people: Vec<_> = people.iter().zip(&addresses).map(|((name, _), address)| contact(name, address)).collect();
    let (list, _) = list_of(&world, "contact", &people);
    let send = press(&world, &to_list(list));
    until(&world, send, status::SENT).await;
    let job = &super::world::jobs(&world)[0];
    for mail in job.mails(|_, _| String::new()) {
        let first = &mail.person.known["First Name"];
        assert!(names.contains(&first.as_str()), "{first:?}");
        assert!(mail.body.starts_with(&format!("Dear {first} Lind,")), "{}", mail.body);
    }
}
