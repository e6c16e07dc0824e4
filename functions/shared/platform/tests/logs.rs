//! What the log says, and what it never says.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Request, Response};
use platform::{
    Delivery, Failure, Function, Invocation, TenantId, Timestamp, VirtualClock, http_function, invoke,
    memory::{Memory, QueueSettings, sqs_event},
    queue_function, telemetry,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// Everything that is logged while the guard lives, down to `trace`.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn start() -> (Self, DefaultGuard) {
        let captured = Self::default();
        let guard = tracing::subscriber::set_default(telemetry::subscriber("trace", captured.clone()));
        (captured, guard)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic while locked").clone()).expect("logs are UTF-8")
    }

    fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).expect("each line is one JSON document")).collect()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic while locked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'writer> MakeWriter<'writer> for Captured {
    type Writer = Self;

    fn make_writer(&'writer self) -> Self {
        self.clone()
    }
}

#[derive(Deserialize)]
struct Job {
    number: u32,
    #[expect(dead_code, reason = "only there to hold the canary")]
    note: String,
}

const CANARY: &str = "canary-0b7c@example.org";

fn invocation() -> Invocation {
    Invocation { request_id: "request-1".to_owned(), deadline: Timestamp::UNIX_EPOCH }
}

fn world() -> Memory {
    let memory = Memory::new(Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH)), 1);
    memory.declare_queue("work", QueueSettings::default());
    memory
}

async fn handle(_: TenantId, job: Job, _: Delivery) -> Result<(), Failure> {
    telemetry::identify(format_args!("job-{}", job.number));
    tracing::info!("working");
    match job.number {
        1 => Ok(()),
        2 => Err(Failure::retry("busy")),
        3 => Err(Failure::park("gone")),
        _ => panic!("at {CANARY}"),
    }
}

/// Rule 12, A15: whatever becomes of a message, its body is not in the log.
#[tokio::test]
async fn a_body_never_appears_in_the_log() {
    let memory = world();
    for number in 1..=4 {
        let body = json!({ "tenant": "harbour", "message": { "number": number, "note": CANARY } });
        memory.send_text("work", &body.to_string(), None).expect("the queue is declared");
    }
    for body in [
        CANARY.to_owned(),
        json!({ "tenant": CANARY, "message": {} }).to_string(),
        json!({ "tenant": "harbour", "message": { "number": CANARY, "note": "" } }).to_string(),
        json!({ "tenant": "harbour", "message": CANARY }).to_string(),
    ] {
        memory.send_text("work", &body, None).expect("the queue is declared");
    }
    let (captured, guard) = Captured::start();
    let function = queue_function("work", &memory.platform(), handle);
    let batch = memory.receive("work", 10);
    let reply = invoke("work", &function, sqs_event("work", &batch), invocation()).await.expect("a reply");
    assert_eq!(reply["batchItemFailures"].as_array().map(Vec::len), Some(2));
    let bad = invoke("work", &function, json!({ "Records": CANARY }), invocation()).await;
    assert!(bad.is_err());
    let request =
        http_function(async |_: Request<Bytes>, _: Invocation| Response::new(Bytes::from_static(CANARY.as_bytes())));
    let event = json!({
        "routeKey": "GET /v1/sites/{link}", "rawPath": format!("/v1/sites/{CANARY}"), "rawQueryString": CANARY,
        "headers": { "authorization": CANARY }, "body": CANARY, "requestContext": { "http": { "method": "GET" } },
    });
    let reply = request.invoke(event, invocation()).await.expect("a reply");
    assert_eq!(reply["statusCode"], 200);
    drop(guard);
    assert!(captured.lines().len() > 10, "the test listens");
    assert!(!captured.text().contains(CANARY), "{}", captured.text());
    assert!(!captured.text().contains("canary-0b7c"), "{}", captured.text());
}

#[tokio::test]
async fn every_line_of_a_delivery_says_whose_and_what_it_is() {
    let memory = world();
    let body = json!({ "tenant": "harbour", "message": { "number": 1, "note": "" } });
    memory.send_text("work", &body.to_string(), None).expect("the queue is declared");
    let (captured, guard) = Captured::start();
    let function = queue_function("work", &memory.platform(), handle);
    let batch = memory.receive("work", 1);
    function.invoke(sqs_event("work", &batch), invocation()).await.expect("a reply");
    drop(guard);
    let lines = captured.lines();
    let messages: Vec<&str> = lines.iter().filter_map(|line| line["message"].as_str()).collect();
    assert_eq!(messages, ["working", &format!("handled message {}", batch[0].id)]);
    for line in &lines {
        let span = &line["span"];
        assert_eq!(span["function"], "work");
        assert_eq!(span["request_id"], "request-1");
        assert_eq!(span["message_id"], batch[0].id);
        assert_eq!(span["tenant"], "harbour");
        assert_eq!(span["business_id"], "job-1");
    }
}

/// CloudWatch reads a metric only from a line that is the document itself.
#[test]
fn a_metric_is_a_line_of_its_own_even_where_little_is_logged() {
    let captured = Captured::default();
    tracing::subscriber::with_default(telemetry::subscriber("error", captured.clone()), || {
        tracing::info!("not logged");
        telemetry::metric("SitesReady", 1.0, telemetry::Unit::Count, &[("Tenant", "harbour")]);
    });
    let lines = captured.lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["SitesReady"], 1.0);
    assert_eq!(lines[0]["Tenant"], "harbour");
    assert_eq!(
        lines[0]["_aws"]["CloudWatchMetrics"][0]["Metrics"][0],
        json!({ "Name": "SitesReady", "Unit": "Count" })
    );
}
