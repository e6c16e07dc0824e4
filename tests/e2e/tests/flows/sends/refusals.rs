//! What cannot be sent is told, with what to do about it.

use e2e::{HARBOUR, World};
use sandbox::{
    Fault, Service,
    crm::{NewSend, Value},
};

use super::world::{contact, list_of, mailing, mails, minutes, press, status, to_list, until};

async fn refused(world: &World, new: &NewSend) -> String {
    let send = press(world, new);
    let told = until(world, send, status::REFUSED).await;
    assert!(mails(world).is_empty());
    told.reason
}

/// A list of nobody; a target too many, or none; an e-mail that is not there; a list without addresses.
#[tokio::test]
async fn a_send_that_cannot_be_says_why() {
    let world = mailing().await;
    let (empty, _) = list_of(&world, "contact", &[]);
    assert_eq!(refused(&world, &to_list(empty)).await, "nobody is left to be mailed: the list is empty");
    let (nobody, _) = list_of(&world, "contact", &[contact("Anna", "")]);
    assert_eq!(refused(&world, &to_list(nobody)).await, "nobody is left to be mailed: 1 has no address");
    let (list, members) = list_of(&world, "contact", &[contact("Anna", "anna@a.example")]);
    let both = NewSend { targets: vec![("tl_listid", list), ("tl_contactid", members[0])], ..to_list(list) };
    let reason = refused(&world, &both).await;
    assert!(reason.starts_with("it names 2 of a list, a lead, a contact and an account"), "{reason}");
    let reason = refused(&world, &NewSend { targets: Vec::new(), ..to_list(list) }).await;
    assert!(reason.starts_with("it says nothing of who gets it"), "{reason}");
    let reason = refused(&world, &NewSend { email: 4_711, ..to_list(list) }).await;
    assert_eq!(reason, "the e-mail platform has no e-mail number 4711: choose another one");
    world.edit(HARBOUR, "list", list, |record| record.insert("statecode".to_owned(), Value::Number(1)));
    assert_eq!(refused(&world, &to_list(list)).await, "the marketing list Customers is deactivated");
}

/// EX-40: an attribute that CRM does not have is named.
#[tokio::test]
async fn a_mapping_to_an_attribute_that_is_not_there_is_told() {
    let world = mailing().await;
    world
        .set(HARBOUR, |settings| {
            settings.mailing.as_mut().expect("it mails").columns[0].contact = Some("nickname".to_owned());
        })
        .await;
    let (list, _) = list_of(&world, "contact", &[contact("Anna", "anna@a.example")]);
    let reason = refused(&world, &to_list(list)).await;
    assert!(reason.contains("nickname") && reason.contains("attribute mapping"), "{reason}");
}

/// EX-40: a value that does not fit leaves its person out, and nobody else.
#[tokio::test]
async fn a_value_that_does_not_fit_leaves_one_person_out() {
    let world = mailing().await;
    world
        .set(HARBOUR, |settings| {
            settings.mailing.as_mut().expect("it mails").columns[0].holds = tenants::Holds::Text(4);
        })
        .await;
    let people = [contact("Annabella", "anna@a.example"), contact("Ben", "ben@b.example")];
    let (list, _) = list_of(&world, "contact", &people);
    let send = press(&world, &to_list(list));
    let told = until(&world, send, status::SENT).await;
    assert_eq!((told.accepted, &*told.exclusions), (Some(1), "1 has a value that does not fit"));
}

/// P7: the platform is away for hours, refuses the sign-in, or CRM is away: the send goes on when they are back.
#[tokio::test]
async fn a_platform_that_is_away_delays_a_send() {
    for service in [Service::ExactTarget, Service::Crm] {
        let world = mailing().await;
        let (list, _) = list_of(&world, "contact", &[contact("Anna", "anna@a.example")]);
        let send = press(&world, &to_list(list));
        minutes(&world, 1).await;
        world.break_down(service, Fault::Refuse);
        minutes(&world, 180).await;
        assert!(mails(&world).is_empty());
        world.heal();
        until(&world, send, status::SENT).await;
        assert_eq!(mails(&world).len(), 1);
    }
}

/// P12: nothing is sent for a tenant that is switched off; it goes on when it is switched on.
#[tokio::test]
async fn a_tenant_that_is_switched_off_sends_nothing() {
    let world = mailing().await;
    let (list, _) = list_of(&world, "contact", &[contact("Anna", "anna@a.example")]);
    let send = press(&world, &NewSend { hold: true, ..to_list(list) });
    until(&world, send, status::HELD).await;
    super::world::change(&world, send, "tl_hold", Value::Flag(false));
    world.set(HARBOUR, |settings| settings.active = false).await;
    let before = world.call_count(Service::ExactTarget);
    minutes(&world, 60).await;
    assert_eq!(world.call_count(Service::ExactTarget), before);
    world.set(HARBOUR, |settings| settings.active = true).await;
    until(&world, send, status::SENT).await;
}
