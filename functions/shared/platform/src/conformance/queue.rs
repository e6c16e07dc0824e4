//! Promises of the queues.

use std::collections::BTreeSet;

use domain::{SignedDuration, TenantId};

use super::{DEAD_LETTERS, Note, QUEUE, Subject, queue_settings};
use crate::queue::{Envelope, MAX_DELAY, MAX_MESSAGE, QueueError, Received};

/// Checks every promise of the queues.
pub async fn check(subject: &dyn Subject) {
    every_message_arrives_as_it_was_sent(subject).await;
    a_received_message_is_hidden_and_then_comes_again(subject).await;
    a_deleted_message_does_not_come_again(subject).await;
    a_released_message_comes_again_at_once(subject).await;
    a_message_hidden_for_longer_stays_hidden(subject).await;
    a_message_received_too_often_goes_to_the_dead_letters(subject).await;
    a_delayed_message_comes_after_its_delay(subject).await;
    a_delay_of_more_than_900_seconds_is_refused(subject).await;
    a_message_has_at_most_one_mebibyte(subject).await;
    a_queue_that_is_not_there_is_an_error(subject).await;
}

async fn push(subject: &dyn Subject, tenant: &TenantId, text: &str) {
    let queue = subject.platform().queues.queue(QUEUE);
    queue.push(tenant, &Note::of(text)).await.expect("the queue takes it");
}

fn read(message: &Received) -> Envelope<Note> {
    serde_json::from_str(&message.body).expect("the body is what was sent")
}

/// What a tenant gets from one round of asking. What belongs to others, left from another check, is deleted.
async fn round(subject: &dyn Subject, queue: &str, tenant: &TenantId) -> Vec<Received> {
    let back = &subject.platform().queues.back;
    let mut own = Vec::new();
    for message in back.receive(queue, 10).await.expect("the queue answers") {
        if read(&message).tenant == *tenant {
            own.push(message);
        } else {
            back.delete(queue, &message.receipt).await.expect("the queue answers");
        }
    }
    own
}

/// Asks until `count` messages came: a queue of many servers need not show all at once.
async fn arrive(subject: &dyn Subject, queue: &str, tenant: &TenantId, count: usize) -> Vec<Received> {
    let mut own = Vec::new();
    for _ in 0..50 {
        own.append(&mut round(subject, queue, tenant).await);
        if own.len() >= count {
            return own;
        }
    }
    panic!("{} of {count} messages arrived", own.len());
}

async fn one(subject: &dyn Subject, queue: &str, tenant: &TenantId) -> Received {
    arrive(subject, queue, tenant, 1).await.pop().expect("at least one arrived")
}

async fn nothing_arrives(subject: &dyn Subject, queue: &str, tenant: &TenantId) {
    for _ in 0..3 {
        assert_eq!(round(subject, queue, tenant).await, [], "something arrived");
    }
}

async fn delete(subject: &dyn Subject, queue: &str, message: &Received) {
    subject.platform().queues.back.delete(queue, &message.receipt).await.expect("the queue answers");
}

async fn hide(subject: &dyn Subject, message: &Received, timeout: SignedDuration) {
    subject.platform().queues.back.hide(QUEUE, &message.receipt, timeout).await.expect("the queue answers");
}

/// Each at least once, in any order, text and all; control characters and what XML cannot say included.
pub async fn every_message_arrives_as_it_was_sent(subject: &dyn Subject) {
    let tenant = subject.tenant();
    let mut texts: BTreeSet<String> = (0..20).map(|at| format!("message {at}")).collect();
    texts.insert("\u{0}\u{1}\t\r\n\u{7f}\u{85}\u{2028}\u{FFFE}\u{FFFF}\u{1F600} ]]> \" \\ &amp;".to_owned());
    for text in &texts {
        push(subject, &tenant, text).await;
    }
    let arrived = arrive(subject, QUEUE, &tenant, texts.len()).await;
    let ids: BTreeSet<&str> = arrived.iter().map(|message| message.id.as_str()).collect();
    assert_eq!(ids.len(), texts.len(), "every message has its own id");
    assert_eq!(arrived.iter().map(|message| read(message).message.text).collect::<BTreeSet<_>>(), texts);
    for message in &arrived {
        assert_eq!(message.receive_count, 1);
        delete(subject, QUEUE, message).await;
    }
}

/// Not deleted in time, it is the same message again, one delivery older, under another receipt.
pub async fn a_received_message_is_hidden_and_then_comes_again(subject: &dyn Subject) {
    let tenant = subject.tenant();
    push(subject, &tenant, "again").await;
    let first = one(subject, QUEUE, &tenant).await;
    nothing_arrives(subject, QUEUE, &tenant).await;
    subject.wait(subject.visibility()).await;
    let second = one(subject, QUEUE, &tenant).await;
    assert_eq!((first.receive_count, second.receive_count), (1, 2));
    assert_eq!((&first.id, &first.body, first.sent_at), (&second.id, &second.body, second.sent_at));
    assert_ne!(first.receipt, second.receipt);
    delete(subject, QUEUE, &second).await;
}

/// Neither soon nor after its visibility. Deleting twice is no error.
pub async fn a_deleted_message_does_not_come_again(subject: &dyn Subject) {
    let tenant = subject.tenant();
    push(subject, &tenant, "once").await;
    let message = one(subject, QUEUE, &tenant).await;
    delete(subject, QUEUE, &message).await;
    delete(subject, QUEUE, &message).await;
    subject.wait(subject.visibility()).await;
    nothing_arrives(subject, QUEUE, &tenant).await;
}

/// Hidden for no time at all.
pub async fn a_released_message_comes_again_at_once(subject: &dyn Subject) {
    let tenant = subject.tenant();
    push(subject, &tenant, "back").await;
    let message = one(subject, QUEUE, &tenant).await;
    hide(subject, &message, SignedDuration::ZERO).await;
    let again = one(subject, QUEUE, &tenant).await;
    assert_eq!(again.receive_count, 2);
    delete(subject, QUEUE, &again).await;
}

/// Counted from the call, not from the delivery.
pub async fn a_message_hidden_for_longer_stays_hidden(subject: &dyn Subject) {
    let tenant = subject.tenant();
    push(subject, &tenant, "later").await;
    let message = one(subject, QUEUE, &tenant).await;
    hide(subject, &message, subject.visibility() + subject.visibility()).await;
    subject.wait(subject.visibility()).await;
    nothing_arrives(subject, QUEUE, &tenant).await;
    subject.wait(subject.visibility()).await;
    let again = one(subject, QUEUE, &tenant).await;
    delete(subject, QUEUE, &again).await;
}

/// As often as the queue's settings say, and then there, with its id and its body.
pub async fn a_message_received_too_often_goes_to_the_dead_letters(subject: &dyn Subject) {
    let tenant = subject.tenant();
    push(subject, &tenant, "hopeless").await;
    let mut id = String::new();
    for count in 1..=queue_settings().max_receive {
        let message = one(subject, QUEUE, &tenant).await;
        assert_eq!(message.receive_count, count);
        id.clone_from(&message.id);
        nothing_arrives(subject, DEAD_LETTERS, &tenant).await;
        hide(subject, &message, SignedDuration::ZERO).await;
    }
    nothing_arrives(subject, QUEUE, &tenant).await;
    let dead = one(subject, DEAD_LETTERS, &tenant).await;
    assert_eq!(read(&dead).message, Note::of("hopeless"));
    assert_eq!(dead.id, id, "what was noted of it is found by its id");
    delete(subject, DEAD_LETTERS, &dead).await;
}

/// Not before. Part of a second counts as a whole one.
pub async fn a_delayed_message_comes_after_its_delay(subject: &dyn Subject) {
    let tenant = subject.tenant();
    let queue = subject.platform().queues.queue(QUEUE);
    let delay = subject.visibility() - SignedDuration::from_millis(500);
    queue.push_after(&tenant, &Note::of("delayed"), delay).await.expect("the queue takes it");
    nothing_arrives(subject, QUEUE, &tenant).await;
    subject.wait(subject.visibility()).await;
    let message = one(subject, QUEUE, &tenant).await;
    delete(subject, QUEUE, &message).await;
}

/// P6: what waits for longer than 15 minutes is a row, not a message.
pub async fn a_delay_of_more_than_900_seconds_is_refused(subject: &dyn Subject) {
    let tenant = subject.tenant();
    let queue = subject.platform().queues.queue(QUEUE);
    for delay in [MAX_DELAY + SignedDuration::from_nanos(1), SignedDuration::from_secs(-1), SignedDuration::MAX] {
        let outcome = queue.push_after(&tenant, &Note::of("never"), delay).await;
        assert!(matches!(outcome, Err(QueueError::BadDelay { .. })), "{outcome:?}");
    }
    nothing_arrives(subject, QUEUE, &tenant).await;
}

/// Counted in bytes of the whole body.
pub async fn a_message_has_at_most_one_mebibyte(subject: &dyn Subject) {
    let tenant = subject.tenant();
    let queue = subject.platform().queues.queue(QUEUE);
    let outcome = queue.push(&tenant, &Note::of(&"x".repeat(MAX_MESSAGE))).await;
    assert!(matches!(outcome, Err(QueueError::TooLarge { .. })), "{outcome:?}");
    let text = "x".repeat(MAX_MESSAGE - 200);
    push(subject, &tenant, &text).await;
    let message = one(subject, QUEUE, &tenant).await;
    assert_eq!(read(&message).message.text, text);
    delete(subject, QUEUE, &message).await;
}

/// A misspelt name is found when something is pushed.
pub async fn a_queue_that_is_not_there_is_an_error(subject: &dyn Subject) {
    let queue = subject.platform().queues.queue("conformance-nowhere");
    let outcome = queue.push(&subject.tenant(), &Note::of("lost")).await;
    assert!(matches!(&outcome, Err(QueueError::NoQueue(name)) if name == "conformance-nowhere"), "{outcome:?}");
}
