//! A Lambda Runtime API for one built function at a time.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{
    collections::BTreeMap,
    fs,
    io::{self, BufRead},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex as StdMutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path as UrlPath, State},
    routing::{get, post},
};
use domain::Timestamp;
use http::{Response, StatusCode};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc, oneshot},
    task::JoinHandle,
};
use uuid::Uuid;

use crate::Running;

/// How long a function may work on an event: as long as the slowest of the template.
const LIMIT: Duration = Duration::from_mins(5);

/// A function's process that waits for events.
pub struct Runtime {
    /// From the start of the process until it first asked for an event.
    pub first_poll: Duration,
    process: Child,
    /// Done when the process has ended: with what it said to its standard error.
    end: JoinHandle<String>,
    /// The lines of its log so far.
    log: Arc<StdMutex<Vec<String>>>,
    events: mpsc::Sender<Event>,
    _serving: Running,
}

/// What a function answered an event with, as text: its reply, or its error.
pub type Answered = Result<String, String>;

struct Event {
    id: String,
    body: Bytes,
    answer: oneshot::Sender<Answered>,
}

/// What the Runtime API knows between two requests of the process.
struct Desk {
    /// Told when the process asks for the first time.
    first: Mutex<Option<oneshot::Sender<Instant>>>,
    waiting: Mutex<mpsc::Receiver<Event>>,
    open: Mutex<BTreeMap<String, oneshot::Sender<Answered>>>,
}

impl Runtime {
    /// Starts a program as Lambda starts a function named `function`, with nothing else in its environment than Lambda
    /// sets and `variables`, and waits until it asks for an event.
    pub async fn start(
        program: &Path,
        function: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?.to_string();
        let (first, is_polling) = oneshot::channel();
        let (events, waiting) = mpsc::channel(1);
        let desk = Desk { first: Mutex::new(Some(first)), waiting: Mutex::new(waiting), open: Mutex::default() };
        let serving = serve(listener, Arc::new(desk));
        let started = Instant::now();
        let mut process = Command::new(program)
            .env_clear()
            .envs(variables)
            .env("AWS_LAMBDA_FUNCTION_NAME", function)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let log: Arc<StdMutex<Vec<String>>> = Arc::default();
        let (stdout, kept) = (process.stdout.take().context("it is piped")?, Arc::clone(&log));
        std::thread::spawn(move || {
            for line in io::BufReader::new(stdout).lines().map_while(Result::ok) {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        let mut stderr = process.stderr.take().context("it is piped")?;
        let mut end = tokio::task::spawn_blocking(move || io::read_to_string(&mut stderr).unwrap_or_default());
        let first_poll = tokio::select! {
            asked = is_polling => asked?.duration_since(started),
            said = &mut end => anyhow::bail!("{function} ended before it asked for an event: {}", said?.trim()),
        };
        Ok(Self { first_poll, process, end, log, events, _serving: serving })
    }

    /// Hands the process an event, any text, and waits for its answer. It is an error if the process ends instead.
    pub async fn invoke(&mut self, event: impl Into<Bytes>) -> anyhow::Result<Answered> {
        let (answer, answered) = oneshot::channel();
        self.events.send(Event { id: Uuid::new_v4().to_string(), body: event.into(), answer }).await?;
        tokio::select! {
            answered = answered => Ok(answered?),
            said = &mut self.end => anyhow::bail!("the process ended instead of answering: {}", said?.trim()),
        }
    }

    /// The lines of its log since the last look, which must have one with `text` in it; waits for that a while.
    pub async fn log_until(&self, text: &str) -> anyhow::Result<Vec<String>> {
        for _ in 0..500 {
            if let Some(lines) = self.log_with(text) {
                return Ok(lines);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        anyhow::bail!("the function never logged {text:?}")
    }

    fn log_with(&self, text: &str) -> Option<Vec<String>> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.iter().any(|line| line.contains(text)).then(|| std::mem::take(&mut *log))
    }

    /// The most memory that the process has had so far, in KiB (Linux).
    pub fn peak_memory(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the system does not say")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn serve(listener: TcpListener, desk: Arc<Desk>) -> Running {
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .with_state(desk);
    Running::of(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!("the Runtime API is closed: {error}");
        }
    })
}

async fn next(State(desk): State<Arc<Desk>>) -> Response<Body> {
    if let Some(first) = desk.first.lock().await.take() {
        let _ = first.send(Instant::now());
    }
    let Some(event) = desk.waiting.lock().await.recv().await else {
        return status(StatusCode::GONE);
    };
    let deadline = Timestamp::now().as_millisecond() + i64::try_from(LIMIT.as_millis()).unwrap_or(i64::MAX);
    let response = Response::builder()
        .header("Lambda-Runtime-Aws-Request-Id", &event.id)
        .header("Lambda-Runtime-Deadline-Ms", deadline)
        .header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:000000000000:function:local")
        .header("Content-Type", "application/json")
        .body(Body::from(event.body));
    desk.open.lock().await.insert(event.id, event.answer);
    response.unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
}

async fn response(State(desk): State<Arc<Desk>>, UrlPath(id): UrlPath<String>, body: String) -> Response<Body> {
    answer(&desk, &id, Ok(body)).await
}

async fn error(State(desk): State<Arc<Desk>>, UrlPath(id): UrlPath<String>, body: String) -> Response<Body> {
    answer(&desk, &id, Err(body)).await
}

async fn answer(desk: &Desk, id: &str, answered: Answered) -> Response<Body> {
    match desk.open.lock().await.remove(id) {
        Some(answer) => {
            let _ = answer.send(answered);
            status(StatusCode::ACCEPTED)
        }
        None => status(StatusCode::NOT_FOUND),
    }
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
