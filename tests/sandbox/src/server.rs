//! The services over HTTP, and the handle that tests and the demo share.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::body::Body;
use bytes::Bytes;
use domain::{Clock, SignedDuration, Timestamp, VirtualClock};
use futures_util::{StreamExt as _, stream};
use http::{Request, Response, StatusCode, header};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{Outage, Service, World, control, exacttarget, world};

/// The largest request body that is read, in bytes.
const LARGEST_BODY: usize = 64 << 20;

/// A shared world and its clock. Clones are the same sandbox.
#[derive(Clone)]
pub struct Sandbox {
    world: Arc<Mutex<World>>,
    clock: Arc<dyn Clock>,
    hands: Option<VirtualClock>,
    recorder: Option<Arc<Recorder>>,
}

struct Recorder {
    directory: PathBuf,
    written: Mutex<u64>,
}

impl Sandbox {
    /// A sandbox that lives by this clock.
    pub fn new(world: World, clock: Arc<dyn Clock>) -> Self {
        Self { world: Arc::new(Mutex::new(world)), clock, hands: None, recorder: None }
    }

    /// A sandbox that lives by a clock which [`Sandbox::advance`] and the control endpoint move.
    pub fn with_virtual_clock(world: World, clock: VirtualClock) -> Self {
        Self { hands: Some(clock.clone()), ..Self::new(world, Arc::new(clock)) }
    }

    /// Writes the body of every later request to `DIRECTORY/<service>-<number>-<operation>.xml`,
    /// to be held against the vendors' schemas.
    pub fn record_to(mut self, directory: impl AsRef<Path>) -> io::Result<Self> {
        let directory = directory.as_ref().to_owned();
        std::fs::create_dir_all(&directory)?;
        self.recorder = Some(Arc::new(Recorder { directory, written: Mutex::new(0) }));
        Ok(self)
    }

    /// The world, locked: to look at it, to change it behind the services' backs, to set switches.
    pub fn world(&self) -> MutexGuard<'_, World> {
        // A test that panicked while it held the lock has failed already; the others may look on.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves the clock forward and lets late effects happen. `false` if the sandbox lives by the machine's clock.
    pub fn advance(&self, by: SignedDuration) -> bool {
        let Some(hands) = &self.hands else { return false };
        hands.advance(by);
        self.world().settle(self.now());
        true
    }

    /// One call to a service, faults included.
    pub fn handle(&self, service: Service, request: &Request<Bytes>) -> Result<Response<Bytes>, Outage> {
        // There is no schema to hold against what goes to Entra ID and to Live ID, nor against a request for a token.
        let has_schema = match service {
            Service::Identity | Service::LiveId => false,
            Service::ExactTarget => exacttarget::is_message(request),
            Service::Crm | Service::SharePoint | Service::SharePointOnline => true,
        };
        let is_recorded = has_schema && !request.body().is_empty();
        if let Some(recorder) = self.recorder.as_ref().filter(|_| is_recorded) {
            recorder.write(service, &world::operation(service, request), request.body());
        }
        self.world().handle(service, request, self.now())
    }

    /// Serves a service, and `/control/` beside it, until the returned handle is shut down or dropped.
    pub fn serve(&self, service: Service, listener: TcpListener) -> Serving {
        let (stop, stopped) = watch::channel(false);
        let sandbox = self.clone();
        let waiting = stopped.clone();
        let answer = move |request: axum::extract::Request| {
            let (sandbox, waiting) = (sandbox.clone(), waiting.clone());
            async move { sandbox.answer(service, request, waiting).await }
        };
        let router = axum::Router::new().fallback(answer);
        let mut until = stopped;
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router)
                .with_graceful_shutdown(async move {
                    let _ = until.changed().await;
                })
                .await;
        });
        Serving { stop, task }
    }

    async fn answer(
        self,
        service: Service,
        request: axum::extract::Request,
        mut stopped: watch::Receiver<bool>,
    ) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
            return response;
        };
        let request = Request::from_parts(parts, body);
        if request.uri().path().starts_with("/control/") {
            return control::handle(&self, &request).map(Body::from);
        }
        match self.handle(service, &request) {
            Ok(response) => response.map(Body::from),
            Err(Outage::Refused | Outage::Lost | Outage::Late) => broken(Bytes::new(), 1),
            Err(Outage::Truncated(start)) => {
                let (parts, body) = start.into_parts();
                let mut response = broken(body, 0);
                *response.status_mut() = parts.status;
                *response.headers_mut() = parts.headers;
                response
            }
            Err(Outage::Stalled) => {
                let _ = stopped.changed().await;
                broken(Bytes::new(), 1)
            }
        }
    }
}

/// A response whose connection ends after `start`: an announced length that never comes.
fn broken(start: Bytes, length: usize) -> Response<Body> {
    let end = Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionReset));
    let chunks = stream::iter((!start.is_empty()).then_some(Ok(start))).chain(stream::iter([end]));
    let mut response = Response::new(Body::from_stream(chunks));
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    response
}

/// A service that is being served. Dropping it stops the service.
#[must_use = "the service stops when this is dropped"]
pub struct Serving {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Serving {
    /// Takes no more connections and waits for the calls that are under way.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        let _ = (&mut self.task).await;
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

impl Recorder {
    /// A body that cannot be written is a gap that the schema check reports; the call goes on.
    fn write(&self, service: Service, operation: &str, body: &[u8]) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        *written += 1;
        let plain: String = operation.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let file = self.directory.join(format!("{}-{:05}-{plain}.xml", service.name(), *written));
        if let Err(error) = std::fs::write(file, body) {
            tracing::warn!(%error, "could not record a request");
        }
    }
}
