//! Queues and timers: what a handler's outcome becomes.
//!
//! The events are invented after AWS's documented shapes (SQS event, EventBridge scheduled event).

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use platform::{
    Clock, Delivery, Failure, Function, FunctionError, Invocation, Issue, Issues, Platform, SignedDuration, TenantId,
    Timestamp, UNATTRIBUTED, VirtualClock, dead_letter_function, direct_function, invoke,
    issues::{IssueBody, IssueError, IssueId, IssueKind, IssueState},
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
const DEAD: &str = "work-dead-letters";

impl World {
    fn new() -> Self {
        let clock = VirtualClock::at("2026-03-01T00:00:00Z".parse().expect("a timestamp"));
        let memory = Memory::new(Arc::new(clock.clone()), 1);
        memory.declare_queue(DEAD, QueueSettings::default());
        memory.declare_queue(QUEUE, QueueSettings { dead_letter: Some(DEAD.to_owned()), ..QueueSettings::default() });
        let platform = memory.platform();
        Self { clock, memory, platform, handled: Arc::default() }
    }

    fn invocation(&self) -> Invocation {
        Invocation { request_id: "request-1".to_owned(), deadline: self.clock.now() + SignedDuration::from_secs(60) }
    }

    /// Job 1 succeeds, 2 is retried, 3 is retried in 90 s, 4 panics, 5 and others can never succeed.
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
                platform::telemetry::identify(format!("job-{}", job.number));
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

    fn issues(&self, tenant: &str) -> Vec<Issue> {
        let rows = self.memory.rows(&tenant.parse().expect("a tenant id"), "ISSUE#");
        rows.into_iter().map(|row| serde_json::from_value(row.value).expect("an issue")).collect()
    }

    /// Every issue of a tenant, with its id, as a person sees them.
    async fn listed(&self, tenant: &TenantId) -> Vec<(IssueId, Issue)> {
        let page = Issues::of(&self.platform).list(tenant, None, 100).await.expect("a list");
        assert_eq!(page.next, None);
        page.items
    }

    /// Delivers dead letters as Lambda does, and answers how many stay where they are.
    async fn note_dead(&self) -> usize {
        let function = dead_letter_function("note-dead", &self.platform);
        let batch = self.memory.receive(DEAD, 10);
        let reply = function.invoke(sqs_event(DEAD, &batch), self.invocation()).await.expect("a reply");
        let failed = reply["batchItemFailures"].as_array().expect("a list of failures");
        for message in &batch {
            if !failed.iter().any(|failure| failure["itemIdentifier"] == message.id) {
                self.memory.delete_message(DEAD, &message.receipt);
            }
        }
        failed.len()
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
    let mut parked = world.issues("harbour");
    parked.sort_by(|one, other| other.cause.cmp(&one.cause));
    assert_eq!(
        parked[0],
        Issue {
            queue: QUEUE.to_owned(),
            kind: IssueKind::Parked,
            cause: "the record is gone".to_owned(),
            about: Some("job-5".to_owned()),
            at: world.clock.now(),
            receive_count: Some(1),
            body: IssueBody::Text(job(5)),
            state: IssueState::Open,
        }
    );
    assert_eq!(parked[1].cause, "the message is not a serve::Job");
    assert_eq!(parked[1].body, IssueBody::Text(unreadable.to_owned()));
    let nobodys = world.issues(UNATTRIBUTED);
    assert_eq!(nobodys.len(), 2);
    assert!(nobodys.iter().all(|it| it.cause == "the body is not a tenant and a message"));
    let tenants = Issues::of(&world.platform).tenants(None, 10).await.expect("a list").items;
    assert_eq!(tenants.iter().map(TenantId::as_str).collect::<Vec<_>>(), ["harbour", UNATTRIBUTED]);
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
    assert_eq!(world.issues("harbour").len(), 1);
}

#[tokio::test]
async fn a_parked_body_too_long_for_a_row_is_in_the_bucket() {
    let world = World::new();
    let body = "x".repeat(900_000);
    world.send(&body);
    assert_eq!(world.deliver().await, Vec::<String>::new());
    let parked = world.issues(UNATTRIBUTED);
    let IssueBody::Object(name) = &parked[0].body else { panic!("the body is in the row") };
    let tenant = UNATTRIBUTED.parse().expect("a tenant id");
    let kept = world.platform.staging.get(&tenant, name).await.expect("a read succeeds");
    assert_eq!(kept, Some(Bytes::from(body)));
}

/// P4: a dead message has the cause that its last delivery gave, and what it is about.
#[tokio::test]
async fn a_dead_message_has_the_cause_of_its_last_failure() {
    let world = World::new();
    world.send(&job(2));
    world.send(&job(4));
    for _ in 0..5 {
        world.deliver().await;
        world.clock.advance(SignedDuration::from_secs(90));
    }
    assert_eq!(world.note_dead().await, 0);
    let mut dead = world.issues("harbour");
    dead.sort_by(|one, other| one.cause.cmp(&other.cause));
    let seen = |it: &Issue| (it.kind, it.queue.clone(), it.cause.clone(), it.about.clone(), it.receive_count);
    let is = |cause: &str, about: &str| {
        (IssueKind::Dead, QUEUE.to_owned(), cause.to_owned(), Some(about.to_owned()), Some(5))
    };
    assert_eq!(dead.iter().map(seen).collect::<Vec<_>>(), [is("crm is busy", "job-2"), is("work panicked", "job-4")]);
    assert_eq!(world.memory.depth(DEAD), (0, 0, 0));
}

/// P4, P5: a delivery that is killed says nothing; that is said.
#[tokio::test]
async fn a_message_that_stopped_every_delivery_says_so() {
    let world = World::new();
    world.send(&job(1));
    for _ in 0..5 {
        assert_eq!(world.memory.receive(QUEUE, 1).len(), 1);
        world.clock.advance(SignedDuration::from_secs(30));
    }
    assert_eq!(world.note_dead().await, 0);
    let dead = world.issues("harbour");
    assert!(dead[0].cause.starts_with("stopped at every delivery"), "{dead:?}");
    assert_eq!((&dead[0].about, dead[0].receive_count), (&None, None));
}

/// Poison makes no loop: whatever is among the dead letters is kept as it is.
#[tokio::test]
async fn anything_among_the_dead_letters_becomes_an_issue() {
    let world = World::new();
    let large = "x".repeat(900_000);
    for body in ["", "not json", "{}", r#"{"tenant":"harbour"}"#, &large] {
        world.memory.send_text(DEAD, body, None).expect("the queue is declared");
    }
    assert_eq!(world.note_dead().await, 0);
    assert_eq!(world.memory.depth(DEAD), (0, 0, 0));
    let nobodys = world.issues(UNATTRIBUTED);
    assert_eq!(nobodys.len(), 5);
    assert!(nobodys.iter().all(|it| it.queue == QUEUE && it.kind == IssueKind::Dead));
    for event in [json!({ "Records": [{ "body": job(1) }] }), json!({ "Records": 1 }), json!(null)] {
        let function = dead_letter_function("note-dead", &world.platform);
        let outcome = function.invoke(event, world.invocation()).await;
        assert!(matches!(outcome, Err(FunctionError::BadEvent { .. })), "{outcome:?}");
    }
}

/// SQS says whose a dead letter was; its word counts more than the name of the queue it lies in.
#[tokio::test]
async fn the_queue_that_gave_up_is_the_one_that_sqs_names() {
    let world = World::new();
    world.memory.send_text(DEAD, &job(1), None).expect("the queue is declared");
    let mut event = sqs_event(DEAD, &world.memory.receive(DEAD, 1));
    event["Records"][0]["attributes"]["DeadLetterQueueSourceArn"] =
        "arn:aws:sqs:eu-central-1:000000000000:other".into();
    let function = dead_letter_function("note-dead", &world.platform);
    function.invoke(event, world.invocation()).await.expect("a reply");
    assert_eq!(world.issues("harbour")[0].queue, "other");
}

/// P4: one call, the same body, so the same idempotency key; a second call pushes nothing.
#[tokio::test]
async fn a_message_goes_back_as_it_was_and_only_once() {
    let world = World::new();
    let (long, harbour) = ("x".repeat(900_000), "harbour".parse().expect("a tenant id"));
    world.send(&job(5));
    world.send(&long);
    world.deliver().await;
    let issues = Issues::of(&world.platform);
    for (tenant, body) in [(harbour, job(5)), (UNATTRIBUTED.parse().expect("a tenant id"), long)] {
        let (id, before) = world.listed(&tenant).await.remove(0);
        let first = issues.give_back(&tenant, &id, "anna").await.expect("it goes back");
        let state = IssueState::Returned { at: world.clock.now(), by: "anna".to_owned() };
        assert_eq!(first, Issue { state, ..before });
        let again = issues.give_back(&tenant, &id, "ben").await.expect("it went back");
        assert_eq!(again, first);
        let messages = world.memory.receive(QUEUE, 10);
        assert_eq!(messages.iter().map(|message| &message.body).collect::<Vec<_>>(), [&body]);
        assert_ne!(messages[0].id, id.to_string(), "a message that is sent anew has a new id");
        world.memory.delete_message(QUEUE, &messages[0].receipt);
        let refused = issues.dismiss(&tenant, &id, "ben").await;
        assert!(matches!(refused, Err(IssueError::Illegal(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_dismissed_message_does_not_go_back_and_is_dropped_in_time() {
    let world = World::new();
    world.send(&job(5));
    world.deliver().await;
    let (issues, harbour) = (Issues::of(&world.platform), "harbour".parse().expect("a tenant id"));
    let (id, _) = world.listed(&harbour).await.remove(0);
    let first = issues.dismiss(&harbour, &id, "anna").await.expect("it is dismissed");
    assert_eq!(issues.dismiss(&harbour, &id, "ben").await.expect("it was dismissed"), first);
    let refused = issues.give_back(&harbour, &id, "ben").await;
    assert_eq!(refused.expect_err("it was dismissed").to_string(), "the message was dismissed before");
    assert_eq!(world.memory.depth(QUEUE), (0, 0, 0));
    world.clock.advance(SignedDuration::from_hours(33 * 24));
    let gone = issues.give_back(&harbour, &id, "ben").await;
    assert!(matches!(gone, Err(IssueError::Unknown)), "{gone:?}");
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

/// What an operator's program asked for wrongly is an answer that it can read, not a failure of the function.
#[tokio::test]
async fn a_direct_call_is_answered_with_the_reply_or_the_refusal_as_json() {
    let world = World::new();
    let function = direct_function(async |event: Value, _: Invocation| match event["number"].as_u64() {
        Some(0) => panic!("a bug"),
        Some(number) => Ok(json!({ "twice": number * 2 })),
        None => Err(json!({ "code": "invalid", "field": "number" })),
    });
    let answer = async |event: Value| invoke("answer", &function, event, world.invocation()).await;
    assert_eq!(answer(json!({ "number": 4 })).await.expect("a reply"), json!({ "twice": 8 }));
    let refused = json!({ "error": { "code": "invalid", "field": "number" } });
    for event in [json!({}), json!(null), json!("x"), json!({ "Records": [] })] {
        assert_eq!(answer(event).await.expect("a refusal is a reply"), refused);
    }
    let failed = answer(json!({ "number": 0 })).await.expect_err("it panics");
    assert!(matches!(failed, FunctionError::Panicked), "{failed:?}");
}
