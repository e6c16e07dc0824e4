//! Queues and timers: what a handler's outcome becomes.
//!
//! The events are invented after AWS's documented shapes (SQS event, EventBridge scheduled event).

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use platform::{
    Clock, Delivery, Failure, Function, FunctionError, Invocation, Parked, ParkedBody, Platform, SignedDuration,
    TenantId, Timestamp, UNATTRIBUTED, VirtualClock, invoke,
    memory::{Memory, QueueSettings, sqs_event},
    queue_function, timer_function,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Job {
    number: u32,
}

struct World {
    clock: VirtualClock,
    memory: Memory,
    platform: Platform,
    handled: Arc<Mutex<Vec<(String, u32, u32)>>>,
}

const QUEUE: &str = "work";

impl World {
    fn new() -> Self {
        let clock = VirtualClock::at("2026-03-01T00:00:00Z".parse().expect("a timestamp"));
        let memory = Memory::new(Arc::new(clock.clone()), 1);
        memory.declare_queue(QUEUE, QueueSettings::default());
        let platform = memory.platform();
        Self { clock, memory, platform, handled: Arc::default() }
    }

    fn invocation(&self) -> Invocation {
        Invocation { request_id: "request-1".to_owned(), deadline: self.clock.now() + SignedDuration::from_secs(60) }
    }

    /// Job 1 succeeds, 2 is retried, 3 is retried in 90 s, 4 panics, 5 can never succeed.
    fn function(&self) -> impl Function + use<> {
        let handled = Arc::clone(&self.handled);
        queue_function(QUEUE, &self.platform, move |tenant: TenantId, job: Job, delivery: Delivery| {
            let handled = Arc::clone(&handled);
            async move {
                handled.lock().expect("no panic while locked").push((
                    tenant.to_string(),
                    job.number,
                    delivery.receive_count,
                ));
                match job.number {
                    1 => Ok(()),
                    2 => Err(Failure::retry("crm is busy")),
                    3 => Err(Failure::retry_after("crm asked for a pause", SignedDuration::from_secs(90))),
                    4 => panic!("a bug"),
                    _ => Err(Failure::park("the record is gone")),
                }
            }
        })
    }

    /// Delivers what is visible as Lambda does: what is not reported as failed is deleted. Answers what failed.
    async fn deliver(&self) -> Vec<String> {
        let batch = self.memory.receive(QUEUE, 10);
        let reply = self.function().invoke(sqs_event(QUEUE, &batch), self.invocation()).await.expect("a reply");
        let failures = reply["batchItemFailures"].as_array().expect("a list of failures");
        let failed: Vec<&str> =
            failures.iter().map(|failure| failure["itemIdentifier"].as_str().expect("an id")).collect();
        for message in batch.iter().filter(|message| !failed.contains(&message.id.as_str())) {
            self.memory.delete_message(QUEUE, &message.receipt);
        }
        // Lambda would have the whole batch again for an id that it did not send; the emulator takes it for no failure.
        let body = |id: &&str| {
            let message = batch.iter().find(|message| message.id == **id).expect("an id of the batch");
            message.body.clone()
        };
        let mut bodies: Vec<String> = failed.iter().map(body).collect();
        bodies.sort();
        bodies
    }

    fn send(&self, body: &str) {
        self.memory.send_text(QUEUE, body, None).expect("the queue is declared");
    }

    fn parked(&self, tenant: &str) -> Vec<Parked> {
        let rows = self.memory.rows(&tenant.parse().expect("a tenant id"), "PARKED#");
        rows.into_iter().map(|row| serde_json::from_value(row.value).expect("a parked message")).collect()
    }
}

fn job(number: u32) -> String {
    json!({ "tenant": "harbour", "message": { "number": number } }).to_string()
}

/// P4, P5: failed messages are reported one by one; a panic is one message's, not the batch's.
#[tokio::test]
async fn only_failed_messages_of_a_batch_come_again() {
    let world = World::new();
    for number in 1..=5 {
        world.send(&job(number));
    }
    assert_eq!(world.deliver().await, [job(2), job(3), job(4)]);
    assert_eq!(world.handled.lock().expect("no panic while locked").len(), 5);
    assert_eq!(world.memory.depth(QUEUE), (0, 3, 0));
    world.clock.advance(SignedDuration::from_secs(30));
    assert_eq!(world.deliver().await, [job(2), job(4)], "the third asked for 90 s");
    world.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(world.deliver().await, [job(2), job(3), job(4)]);
    let mut handled = world.handled.lock().expect("no panic while locked").clone();
    handled.sort();
    assert_eq!(handled.last(), Some(&("harbour".to_owned(), 5, 1)));
    assert!(handled.contains(&("harbour".to_owned(), 2, 3)), "the third delivery of the second job");
}

/// P4: what can never succeed is kept with its reason and its body, and blocks nobody.
#[tokio::test]
async fn a_hopeless_message_is_parked_and_acknowledged() {
    let world = World::new();
    let unreadable = r#"{"tenant":"harbour","message":{"number":"many"}}"#;
    for body in [&job(5), unreadable, "not json", r#"{"tenant":"NOT A TENANT","message":{}}"#] {
        world.send(body);
    }
    assert_eq!(world.deliver().await, Vec::<String>::new());
    assert_eq!(world.memory.depth(QUEUE), (0, 0, 0));
    let mut parked = world.parked("harbour");
    parked.sort_by(|one, other| other.reason.cmp(&one.reason));
    assert_eq!(
        parked[0],
        Parked {
            queue: QUEUE.to_owned(),
            reason: "the record is gone".to_owned(),
            at: world.clock.now(),
            receive_count: 1,
            body: ParkedBody::Text(job(5)),
        }
    );
    assert_eq!(parked[1].reason, "the message is not a serve::Job");
    assert_eq!(parked[1].body, ParkedBody::Text(unreadable.to_owned()));
    let unattributed = world.parked(UNATTRIBUTED);
    assert_eq!(unattributed.len(), 2);
    assert!(unattributed.iter().all(|it| it.reason == "the body is not a tenant and a message"));
}

/// The queue may deliver what was parked once more, when the acknowledgement is lost.
#[tokio::test]
async fn parking_twice_keeps_the_first_record() {
    let world = World::new();
    world.send(&job(5));
    let batch = world.memory.receive(QUEUE, 1);
    for _ in 0..2 {
        let reply = world.function().invoke(sqs_event(QUEUE, &batch), world.invocation()).await.expect("a reply");
        assert_eq!(reply, json!({ "batchItemFailures": [] }));
        world.clock.advance(SignedDuration::from_secs(5));
    }
    assert_eq!(world.parked("harbour").len(), 1);
}

#[tokio::test]
async fn a_parked_body_too_long_for_a_row_is_in_the_bucket() {
    let world = World::new();
    let body = "x".repeat(900_000);
    world.send(&body);
    assert_eq!(world.deliver().await, Vec::<String>::new());
    let parked = world.parked(UNATTRIBUTED);
    let ParkedBody::Object(name) = &parked[0].body else { panic!("the body is in the row") };
    let tenant = UNATTRIBUTED.parse().expect("a tenant id");
    let kept = world.platform.staging.get(&tenant, name).await.expect("a read succeeds");
    assert_eq!(kept, Some(Bytes::from(body)));
}

#[tokio::test]
async fn a_message_that_cannot_be_parked_stays_in_its_queue() {
    let world = World::new();
    world.send("not json");
    let mut batch = world.memory.receive(QUEUE, 1);
    batch[0].id = "x".repeat(2000); // no sort key has room for it
    let reply = world.function().invoke(sqs_event(QUEUE, &batch), world.invocation()).await.expect("a reply");
    assert_eq!(reply["batchItemFailures"][0]["itemIdentifier"], batch[0].id);
}

/// Acknowledging a batch in which a message cannot be named would lose that message.
#[tokio::test]
async fn a_batch_with_a_nameless_message_fails_as_a_whole() {
    let world = World::new();
    let nameless = |message: Value| json!({ "Records": [message] });
    for event in [
        nameless(json!({ "body": job(1) })),
        nameless(json!({ "body": job(1), "messageId": "" })),
        json!({ "Records": 1 }),
        json!(null),
    ] {
        let outcome = world.function().invoke(event, world.invocation()).await;
        assert!(matches!(outcome, Err(FunctionError::BadEvent { .. })), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_tick_reaches_the_handler_with_the_time_it_was_meant_for() {
    let ticks: Arc<Mutex<Vec<Timestamp>>> = Arc::default();
    let seen = Arc::clone(&ticks);
    let function = timer_function(move |at: Timestamp, _: Invocation| {
        seen.lock().expect("no panic while locked").push(at);
        async { Ok::<(), String>(()) }
    });
    let event = json!({
        "version": "0",
        "id": "tick-1",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": "2026-03-01T00:01:00Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:events:eu-central-1:000000000000:rule/wake"],
        "detail": {},
    });
    assert_eq!(function.invoke(event, World::new().invocation()).await.expect("a reply"), Value::Null);
    let at: Timestamp = "2026-03-01T00:01:00Z".parse().expect("a timestamp");
    assert_eq!(*ticks.lock().expect("no panic while locked"), [at]);
    let outcome = function.invoke(json!({ "time": "noon" }), World::new().invocation()).await;
    assert!(matches!(outcome, Err(FunctionError::BadEvent { .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_failed_or_panicked_tick_fails_the_invocation() {
    let event = json!({
        "detail-type": "Scheduled Event", "source": "aws.events", "time": "2026-03-01T00:01:00Z", "detail": {},
    });
    let fails = timer_function(async |_: Timestamp, _: Invocation| Err::<(), _>("the table is away"));
    let outcome = invoke("wake", &fails, event.clone(), World::new().invocation()).await;
    assert!(matches!(&outcome, Err(FunctionError::Failed(reason)) if reason == "the table is away"), "{outcome:?}");
    let panics = timer_function(async |_: Timestamp, _: Invocation| -> Result<(), String> { panic!("a bug") });
    let outcome = invoke("wake", &panics, event, World::new().invocation()).await;
    assert!(matches!(outcome, Err(FunctionError::Panicked)), "{outcome:?}");
}
