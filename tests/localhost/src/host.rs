//! The host: what AWS does around functions, in one process.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use domain::{Clock, Timestamp};
use http::{Request, Response, StatusCode};
use platform::{
    Function, Invocation, Platform,
    memory::{Memory, sqs_event},
};
use sending::Patience;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use uuid::Uuid;

use crate::{Schedule, Source, Wiring, gateway};

/// The largest request body that API Gateway takes: 10 MB.
const LARGEST_BODY: usize = 10 << 20;

/// All functions of the template with what feeds them. Clones share it.
#[derive(Clone)]
pub struct Host {
    inner: Arc<Inner>,
}

struct Inner {
    wiring: Wiring,
    functions: BTreeMap<&'static str, Arc<dyn Function>>,
    memory: Memory,
    clock: Arc<dyn Clock>,
    /// When each timer fires next.
    timers: Mutex<Vec<(Schedule, Timestamp)>>,
}

impl Host {
    /// Wires functions as the template says. Every function of the template must be given, and no other.
    pub fn new(
        wiring: Wiring,
        functions: BTreeMap<&'static str, Arc<dyn Function>>,
        memory: Memory,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        for (name, _) in &wiring.functions {
            anyhow::ensure!(functions.contains_key(name.as_str()), "the template's function {name} is not here");
        }
        for name in functions.keys() {
            anyhow::ensure!(wiring.timeout(name).is_some(), "function {name} is not in the template");
        }
        for (name, settings) in &wiring.queues {
            memory.declare_queue(name, settings.clone());
        }
        let start = clock.now();
        let timers = wiring.schedules.iter().map(|schedule| (schedule.clone(), start + schedule.every)).collect();
        Ok(Self { inner: Arc::new(Inner { wiring, functions, memory, clock, timers: Mutex::new(timers) }) })
    }

    /// The functions of this repository on a platform.
    pub fn functions(
        deps: &provisioning::Deps,
        issues: &issues::Deps,
        platform: &Platform,
        patience: Patience,
    ) -> BTreeMap<&'static str, Arc<dyn Function>> {
        let (deps, connections) = (Arc::new(deps.clone()), Arc::clone(&deps.connections));
        let request_site = {
            let deps = Arc::clone(&deps);
            platform::http_function(move |request, _| {
                let deps = Arc::clone(&deps);
                async move { provisioning::request_site::handle(&deps, request).await }
            })
        };
        let request_sweep = {
            let deps = Arc::clone(&deps);
            platform::timer_function(move |_, invocation: Invocation| {
                let deps = Arc::clone(&deps);
                async move { provisioning::sweep::run(&deps, invocation.deadline).await.map(drop) }
            })
        };
        let build_site = platform::queue_function("build-site", platform, move |tenant, message, delivery| {
            let deps = Arc::clone(&deps);
            async move { provisioning::build::deliver(&deps, tenant, message, delivery).await }
        });
        let sending = sending::Deps { platform: platform.clone(), connections: Arc::clone(&connections), patience };
        let sending = Arc::new(sending);
        let send_poll = {
            let deps = Arc::clone(&sending);
            platform::timer_function(move |_, invocation: Invocation| {
                let deps = Arc::clone(&deps);
                async move { sending::poll::run(&deps, invocation.deadline).await.map(drop) }
            })
        };
        let send_stage = {
            let deps = Arc::clone(&sending);
            platform::queue_function("send-stage", platform, move |tenant, message, delivery| {
                let deps = Arc::clone(&deps);
                async move { sending::stage::deliver(&deps, tenant, message, delivery).await }
            })
        };
        let send_dispatch = platform::queue_function("send-dispatch", platform, move |tenant, message, delivery| {
            let deps = Arc::clone(&sending);
            async move { sending::dispatch::deliver(&deps, tenant, message, delivery).await }
        });
        let wake = {
            let platform = platform.clone();
            platform::timer_function(move |_, invocation: Invocation| {
                let platform = platform.clone();
                async move { wake::run(&platform, invocation.deadline).await.map(drop) }
            })
        };
        let issues = {
            let deps = Arc::new(issues.clone());
            platform::http_function(move |request, _| {
                let deps = Arc::clone(&deps);
                async move { issues::handle(&deps, request).await }
            })
        };
        let note_dead = platform::dead_letter_function("note-dead", platform);
        let manage_tenant = {
            let (platform, connections) = (platform.clone(), Arc::clone(&connections));
            let deps = Arc::new(tenancy::Deps { platform, connections });
            platform::direct_function(move |event, invocation| {
                let deps = Arc::clone(&deps);
                async move { tenancy::handle(&deps, event, invocation).await }
            })
        };
        BTreeMap::from([
            ("manage-tenant", Arc::new(manage_tenant) as Arc<dyn Function>),
            ("request-site", Arc::new(request_site)),
            ("request-sweep", Arc::new(request_sweep)),
            ("build-site", Arc::new(build_site)),
            ("send-poll", Arc::new(send_poll)),
            ("send-stage", Arc::new(send_stage)),
            ("send-dispatch", Arc::new(send_dispatch)),
            ("wake", Arc::new(wake)),
            ("issues", Arc::new(issues)),
            ("note-dead", Arc::new(note_dead)),
        ])
    }

    /// Calls a function by its name and waits for the answer, as Lambda's Invoke does.
    pub async fn call(&self, function: &str, event: Value) -> Result<Value, platform::FunctionError> {
        self.invoke(function, event, Uuid::new_v4().to_string()).await
    }

    /// Answers a request of the HTTP API.
    pub async fn http(&self, request: Request<Bytes>) -> Response<Bytes> {
        let Some((route, names)) = gateway::route(&self.inner.wiring.routes, &request) else {
            return gateway::plain(StatusCode::NOT_FOUND, "Not Found");
        };
        let request_id = Uuid::new_v4().to_string();
        let event = gateway::event(route, &names, &request, &request_id, self.inner.clock.now());
        match self.invoke(&route.function, event, request_id).await {
            Ok(reply) => gateway::response(&reply),
            Err(_) => gateway::plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        }
    }

    /// Delivers what is visible in the queues now, one batch of each. Returns how many messages there were.
    pub async fn deliver(&self) -> usize {
        let mut delivered = 0;
        for source in &self.inner.wiring.sources {
            delivered += self.deliver_batch(source).await;
        }
        delivered
    }

    /// Delivers until every queue is quiet. Messages that come back are delivered again when they are visible.
    pub async fn drain(&self) {
        while self.deliver().await > 0 {}
    }

    /// Fires the timers whose time has come, each once. Returns the functions that ran.
    pub async fn fire_timers(&self) -> Vec<String> {
        let now = self.inner.clock.now();
        let due: Vec<Schedule> = {
            let mut timers = self.inner.timers.lock().unwrap_or_else(PoisonError::into_inner);
            let mut due = Vec::new();
            for (schedule, next) in timers.iter_mut().filter(|(_, next)| *next <= now) {
                due.push(schedule.clone());
                // Missed firings are not made up for: AWS does not either.
                *next = now + schedule.every;
            }
            due
        };
        for schedule in &due {
            self.fire(&schedule.function).await;
        }
        due.into_iter().map(|schedule| schedule.function).collect()
    }

    /// Fires a timer's function, whatever the time.
    pub async fn fire(&self, function: &str) {
        let now = self.inner.clock.now();
        let request_id = Uuid::new_v4().to_string();
        let event = json!({
            "version": "0",
            "id": request_id,
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": "000000000000",
            "time": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": "localhost",
            "resources": [],
            "detail": {},
        });
        if let Err(error) = self.invoke(function, event, request_id).await {
            tracing::error!(function, "a timer's function failed: {error}");
        }
    }

    /// Runs queues and timers until the handle is dropped or aborted.
    pub fn run(&self) -> Running {
        let mut tasks = Vec::new();
        for source in self.inner.wiring.sources.clone() {
            let host = self.clone();
            tasks.push(tokio::spawn(async move {
                loop {
                    if host.deliver_batch(&source).await == 0 {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                }
            }));
        }
        let host = self.clone();
        tasks.push(tokio::spawn(async move {
            loop {
                host.fire_timers().await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }));
        Running(tasks)
    }

    /// Serves the HTTP API.
    pub fn serve(&self, listener: TcpListener) -> Running {
        let host = self.clone();
        listen(listener, "the engine's", move |request| {
            let host = host.clone();
            async move { host.http(request).await }
        })
    }

    /// Serves Lambda's API, as far as it calls functions by name and waits for the answer.
    pub fn serve_calls(&self, listener: TcpListener) -> Running {
        let host = self.clone();
        listen(listener, "the functions'", move |request| {
            let host = host.clone();
            async move { host.called(&request).await }
        })
    }

    async fn called(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let Some(name) = gateway::invoked(request).filter(|name| self.inner.functions.contains_key(name)) else {
            return gateway::no_function();
        };
        let Ok(event) = serde_json::from_slice(request.body()) else {
            return gateway::plain(StatusCode::BAD_REQUEST, "Could not parse request body into json");
        };
        gateway::invocation(self.call(name, event).await)
    }

    /// What the template wires.
    pub fn wiring(&self) -> &Wiring {
        &self.inner.wiring
    }

    /// What the functions work on, to look at it.
    pub fn memory(&self) -> &Memory {
        &self.inner.memory
    }

    /// Delivers what is visible in one queue now, one batch of it. Returns how many messages there were.
    pub async fn deliver_batch(&self, source: &Source) -> usize {
        let messages = self.inner.memory.receive(&source.queue, source.batch);
        if messages.is_empty() {
            return 0;
        }
        let event = sqs_event(&source.queue, &messages);
        let reply = self.invoke(&source.function, event, Uuid::new_v4().to_string()).await;
        for message in &messages {
            let failed = match &reply {
                Err(_) => true,
                Ok(reply) if source.partial => is_failed(reply, &message.id),
                Ok(_) => false,
            };
            // A failed one is left alone: it comes back when its visibility runs out.
            if !failed {
                self.inner.memory.delete_message(&source.queue, &message.receipt);
            }
        }
        messages.len()
    }

    async fn invoke(&self, name: &str, event: Value, request_id: String) -> Result<Value, platform::FunctionError> {
        let (name, function) = self
            .inner
            .functions
            .get_key_value(name)
            .expect("the wiring names only functions that are here: Host::new compares them");
        let timeout = self.inner.wiring.timeout(name).unwrap_or_default();
        let deadline = self.inner.clock.now().saturating_add(timeout).unwrap_or(Timestamp::MAX);
        platform::invoke(name, function.as_ref(), event, Invocation { request_id, deadline }).await
    }
}

/// Answers every request at an address, whose it is for the log.
fn listen<F>(
    listener: TcpListener,
    whose: &'static str,
    answer: impl Fn(Request<Bytes>) -> F + Clone + Send + Sync + 'static,
) -> Running
where
    F: Future<Output = Response<Bytes>> + Send,
{
    let answer = move |request: axum::extract::Request| {
        let answer = answer.clone();
        async move {
            let (parts, body) = request.into_parts();
            let response = match axum::body::to_bytes(body, LARGEST_BODY).await {
                Ok(body) => answer(Request::from_parts(parts, body)).await,
                Err(_) => gateway::plain(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            };
            response.map(Body::from)
        }
    };
    let router = axum::Router::new().fallback(answer);
    Running(vec![tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!("{whose} address is closed: {error}");
        }
    })])
}

fn is_failed(reply: &Value, id: &str) -> bool {
    let failures = reply["batchItemFailures"].as_array();
    failures.is_some_and(|failures| failures.iter().any(|failure| failure["itemIdentifier"] == id))
}

/// Tasks that run until this is dropped.
#[must_use = "the tasks stop when this is dropped"]
pub struct Running(Vec<JoinHandle<()>>);

impl Running {
    /// A task of the caller's.
    pub(crate) fn of(task: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(vec![tokio::spawn(task)])
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}
