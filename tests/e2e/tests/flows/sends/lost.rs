//! The release, when its answer is lost (S1 to S3): never twice, and never on a guess.

use e2e::World;
use sandbox::{Fault, Service, crm::Value};

use super::world::{
    account, change, contact, jobs, list_of, mailing, mails, minutes, press, row, status, to_list, told, until,
};

/// A send that is prepared and will be released in the next minute.
async fn prepared(world: &World) -> domain::CrmId {
    let (list, _) = list_of(world, "contact", &[contact("Anna", "anna@a.example"), contact("Ben", "ben@b.example")]);
    let send = press(world, &sandbox::crm::NewSend { hold: true, ..to_list(list) });
    until(world, send, status::HELD).await;
    change(world, send, "tl_hold", Value::Flag(false));
    send
}

/// A send of the tenant that was released before: what proves that the question finds one.
async fn known(world: &World) {
    let (list, _) = list_of(world, "contact", &[contact("Zoe", "zoe@z.example")]);
    let send = press(world, &to_list(list));
    until(world, send, status::SENT).await;
}

/// S1: the platform mailed, and its answer was lost: the job is found, and nobody is mailed again.
#[tokio::test]
async fn an_answer_that_was_lost_is_found_out() {
    let world = mailing().await;
    let send = prepared(&world).await;
    world.next_calls(Service::ExactTarget, Some("Perform"), Fault::LoseAnswer, 1);
    until(&world, send, status::SENT).await;
    assert_eq!((jobs(&world).len(), mails(&world).values().max()), (1, Some(&1)));
}

/// S2: the call got lost on its way: it is found that it did not land, after the time in which it could, and done again.
#[tokio::test]
async fn a_release_that_did_not_land_is_done_again_when_that_is_proven() {
    let world = mailing().await;
    known(&world).await;
    let send = prepared(&world).await;
    world.next_calls(Service::ExactTarget, Some("Perform"), Fault::Stall, 1);
    until(&world, send, status::RELEASING).await;
    minutes(&world, 15).await;
    assert_eq!((told(&world, send).status, jobs(&world).len()), (status::RELEASING, 1));
    until(&world, send, status::SENT).await;
    assert_eq!((jobs(&world).len(), mails(&world).values().max()), (2, Some(&1)));
    assert_eq!(row(&world, send).unwrap().journal.attempt.unwrap().number, 2);
}

/// P6: a platform that has too much to do looked at nothing: it is told again soon, also of a tenant's first send.
#[tokio::test]
async fn a_release_that_the_platform_puts_off_is_done_again_soon() {
    let world = mailing().await;
    let send = prepared(&world).await;
    let busy = Fault::Error { code: "17".to_owned() };
    world.next_calls(Service::ExactTarget, Some("Perform"), busy, 1);
    minutes(&world, 8).await;
    assert_eq!((told(&world, send).status, jobs(&world).len()), (status::SENT, 1));
}

/// S2: nobody can tell: the first release of a tenant has nothing to compare with. A person decides; nobody is mailed.
#[tokio::test]
async fn what_nobody_can_tell_is_for_a_person() {
    let world = mailing().await;
    let send = prepared(&world).await;
    world.next_calls(Service::ExactTarget, Some("Perform"), Fault::Stall, 1);
    let told = until(&world, send, status::NEEDS_PERSON).await;
    assert!(told.reason.contains("nobody can tell"), "{}", told.reason);
    minutes(&world, 60).await;
    assert!(mails(&world).is_empty());
}

/// A filter that is answered with nothing is not believed, though another send is known.
#[tokio::test]
async fn a_question_that_finds_nothing_at_all_is_not_believed() {
    let world = mailing().await;
    known(&world).await;
    let send = prepared(&world).await;
    account(&world, |account| {
        let by_definition = ("Send".to_owned(), "EmailSendDefinition.CustomerKey".to_owned());
        account.quirks.unsupported_filters.insert(by_definition);
    });
    world.next_calls(Service::ExactTarget, Some("Perform"), Fault::LoseAnswer, 1);
    until(&world, send, status::NEEDS_PERSON).await;
    minutes(&world, 60).await;
    // It was mailed, once: its answer was lost.
    assert_eq!((jobs(&world).len(), mails(&world).values().max()), (2, Some(&1)));
}
