//! The built functions, one by one, behind a Runtime API: they start, they take the events that they are for, and no
//! event ends them.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use localhost::{Binary, Cloud, Runtime, Wiring};
use serde_json::{Value, json};

fn root() -> PathBuf {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find(|folder| folder.join("template.yaml").exists());
    found.expect("the template is at the checkout's root").to_owned()
}

/// The template's functions, if they are built; else a visible line, and under `CI=true` a failure.
// Outside a test function, but for its output.
#[allow(clippy::print_stdout)]
fn functions() -> Option<Vec<String>> {
    if let Some(missing) = Cloud::missing_functions(&root()) {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "needed here: {missing}");
        println!("skipped: {missing}");
        return None;
    }
    let wiring = Wiring::of(&root()).expect("our own template");
    Some(wiring.functions.into_iter().map(|(name, _)| name).collect())
}

async fn started(function: &str) -> Runtime {
    // Nobody is called: no event's tenant is one that the function knows.
    let variables = [
        ("TIELINE_BACK", "memory"),
        ("TIELINE_AUDIENCE", "0e0f0a0b-1111-4222-8333-444455556666"),
        ("TIELINE_PARTNER_DIRECTORY", "0e0f0a0b-1111-4222-8333-777788889999"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Runtime::start(&Binary::of(&root(), function).path, function, variables).await.expect("the function starts")
}

/// The sample events of a function, by file name.
fn events(function: &str) -> Vec<(String, Value)> {
    let folder = root().join("tests/events").join(function);
    let files = fs::read_dir(&folder).map(|files| files.filter_map(Result::ok).collect::<Vec<_>>()).unwrap_or_default();
    let read = |file: &fs::DirEntry| {
        let text = fs::read_to_string(file.path()).expect("the event is readable");
        let event = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.path().display()));
        (file.file_name().to_string_lossy().into_owned(), event)
    };
    let mut events: Vec<_> = files.iter().map(read).collect();
    events.sort_by(|one, other| one.0.cmp(&other.0));
    events
}

/// Every way in which the template has a function called, and whether an event comes that way.
type Trigger = (String, String, Box<dyn Fn(&Value) -> bool>);

fn triggers(wiring: &Wiring) -> Vec<Trigger> {
    let mut triggers: Vec<Trigger> = Vec::new();
    for route in &wiring.routes {
        let key = format!("{} {}", route.method, route.path);
        triggers.push((route.function.clone(), key.clone(), Box::new(move |event| event["routeKey"] == *key)));
    }
    for source in &wiring.sources {
        let (queue, end) = (source.queue.clone(), format!(":tieline-test-{}", source.queue));
        let is_from = move |event: &Value| {
            event["Records"][0]["eventSourceARN"]
                .as_str()
                .is_some_and(|arn| arn.starts_with("arn:aws:sqs:") && arn.ends_with(&end))
        };
        triggers.push((source.function.clone(), format!("queue {queue}"), Box::new(is_from)));
    }
    for schedule in &wiring.schedules {
        let is_tick = |event: &Value| event["source"] == "aws.scheduler";
        triggers.push((schedule.function.clone(), "timer".to_owned(), Box::new(is_tick)));
    }
    for (function, _) in &wiring.functions {
        if !triggers.iter().any(|(of, ..)| of == function) {
            triggers.push((function.clone(), "direct invocation".to_owned(), Box::new(|_| true)));
        }
    }
    triggers
}

/// ST-44: whoever tries a function with `sam local` finds an event for each of its triggers.
#[test]
fn every_trigger_of_the_template_has_a_sample_event() {
    let wiring = Wiring::of(&root()).expect("our own template");
    let has_none = |(function, _, fits): &&Trigger| !events(function).iter().any(|(_, event)| fits(event));
    let missing: Vec<String> = triggers(&wiring)
        .iter()
        .filter(has_none)
        .map(|(function, trigger, _)| format!("{function}: {trigger}"))
        .collect();
    assert_eq!(missing, Vec::<String>::new(), "triggers without a sample event under tests/events");
}

/// ST-44: the samples are what the function takes: each reaches the work that it is for, which then finds nothing in an
/// empty table, no token that is one, or a tenant to add.
#[tokio::test]
async fn every_sample_event_reaches_what_it_is_for() {
    let Some(functions) = functions() else { return };
    let mut told = String::new();
    for function in functions {
        let mut runtime = started(&function).await;
        for (name, event) in events(&function) {
            let answer = runtime.invoke(event.to_string()).await.expect("the process lives on");
            let reply = answer.unwrap_or_else(|error| panic!("{function} does not take {name}: {error}"));
            let reply: Value = serde_json::from_str(&reply).unwrap_or(Value::Null);
            let what = match trigger(&event) {
                "HTTP" => http_answer(&reply),
                "queue" => {
                    assert_eq!(reply["batchItemFailures"], json!([]), "{function} keeps a message of {name}");
                    message_outcome(&runtime, &event).await
                }
                _ => reply.to_string(),
            };
            writeln!(told, "{function} {name}: {what}").expect("a text takes all");
        }
    }
    insta::assert_snapshot!("sample_events", told);
}

fn trigger(event: &Value) -> &'static str {
    match event {
        _ if event["routeKey"].is_string() => "HTTP",
        _ if event["Records"].is_array() => "queue",
        _ if event["source"].is_string() => "timer",
        _ => "direct invocation",
    }
}

/// Status and code, or the kind of page.
fn http_answer(reply: &Value) -> String {
    let body: Value = serde_json::from_str(reply["body"].as_str().unwrap_or_default()).unwrap_or(Value::Null);
    let kind = body["code"].as_str().or(reply["headers"]["content-type"].as_str()).unwrap_or("no body");
    format!("{} {kind}", reply["statusCode"])
}

/// What the log says became of a message.
async fn message_outcome(runtime: &Runtime, event: &Value) -> String {
    let id = event["Records"][0]["messageId"].as_str().expect("a message has an id");
    let lines = runtime.log_until(&format!("message {id}")).await.expect("it is logged");
    let said = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let said = said.filter_map(|line| line["message"].as_str().map(ToOwned::to_owned));
    said.filter(|text| text.contains(id)).collect::<Vec<_>>().join("; ")
}

/// An event of the wrong shape, from another source, empty or of 6 MB is answered with an error that names what was
/// expected and quotes nothing, and the process takes the next event.
#[tokio::test]
async fn no_event_ends_a_function() {
    const CANARY: &str = "canary-3f9c";
    for function in functions().unwrap_or_default() {
        let mut runtime = started(&function).await;
        let samples = events(&function);
        let (_, good) = samples.first().expect("every function has a sample event");
        let bad = [
            json!({}),
            json!([]),
            json!(null),
            json!(17),
            json!(CANARY),
            json!({ "Records": CANARY }),
            json!({ "Records": [{ "eventSource": "aws:s3", "s3": { "object": { "key": CANARY } } }] }),
            json!({ "version": "2.0", "requestContext": CANARY }),
            json!({ "version": "1.0", "httpMethod": "GET", "path": CANARY }),
            json!({ "source": "aws.events", "time": CANARY }),
            // 6 MB is what Lambda hands over at most.
            json!({ "padding": CANARY.repeat(6_000_000 / CANARY.len()) }),
        ];
        for event in bad {
            let shown: String = event.to_string().chars().take(60).collect();
            let answer = runtime.invoke(event.to_string()).await;
            let answer = answer.unwrap_or_else(|error| panic!("{function} ends at {shown}: {error}"));
            let text = answer.as_ref().unwrap_or_else(|error| error);
            assert!(!text.contains(CANARY), "{function} repeats {shown}");
            let told: Value = serde_json::from_str(text).expect("an answer is JSON");
            let is_refused = match (&answer, trigger(good)) {
                (Err(_), _) => told["errorType"] == "BadEvent",
                (Ok(_), "HTTP") => told["statusCode"].as_u64().is_some_and(|status| (400..500).contains(&status)),
                (Ok(_), "direct invocation") => told["error"]["code"].is_string(),
                // An answer would be taken for work that was done.
                (Ok(_), _) => false,
            };
            assert!(is_refused, "{function} answers {shown} with {text}");
            let after = runtime.invoke(good.to_string()).await.expect("the process lives on");
            assert!(after.is_ok(), "{function} is not itself after {shown}");
        }
        // Not even JSON: the runtime itself has to refuse it.
        for text in ["", "{", "\u{feff}[", "nul"] {
            let answer =
                runtime.invoke(text).await.unwrap_or_else(|error| panic!("{function} ends at {text:?}: {error}"));
            assert!(answer.is_err(), "{function} takes {text:?} for an event");
        }
    }
}

/// `provided.al2023` has glibc 2.34.
#[test]
fn no_function_needs_a_newer_glibc_than_lambda_has() {
    for function in functions().unwrap_or_default() {
        let named = Binary::of(&root(), &function).glibc().expect("it is built");
        let newest = named.last().unwrap_or_else(|| panic!("{function} names no glibc, which was not expected"));
        assert!(*newest <= vec![2, 34], "{function} needs glibc {newest:?}");
    }
}

/// ST-46: a start is short because there is little to load. The function that brings files to the platform carries an SSH and
/// an FTP client, which are near a megabyte; it is started by a queue, and nobody waits for it.
#[test]
fn every_archive_is_at_most_five_megabytes_and_that_with_file_clients_six() {
    for function in functions().unwrap_or_default() {
        let archive = Binary::of(&root(), &function).archive;
        let bytes = fs::metadata(&archive).unwrap_or_else(|error| panic!("{}: {error}", archive.display())).len();
        let most = if function == "send-dispatch" { 6_000_000 } else { 5_000_000 };
        assert!(bytes <= most, "{}: {bytes} bytes", archive.display());
    }
}

/// A function that is told too little says what, and does not serve.
#[tokio::test]
async fn a_function_without_its_settings_names_them_and_ends() {
    for function in functions().unwrap_or_default() {
        let variables = [("TIELINE_BACK".to_owned(), "aws".to_owned())];
        let started = Runtime::start(&Binary::of(&root(), &function).path, &function, variables).await;
        let error = started.err().expect("it does not start").to_string();
        assert!(error.contains("AWS_REGION, TIELINE_LEDGER, TIELINE_STAGING"), "{function}: {error}");
    }
}
