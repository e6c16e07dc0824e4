//! The other side of the tests: a service in this process, and the calls that go to it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use domain::VirtualClock;
use http::{HeaderName, HeaderValue, Request, Response};
use tokio::time::Instant;
use transport::{Answer, BackError, Call, CallError, Client, Guard, InProcess};
use url::Url;

pub(crate) type Step = Result<Response<Bytes>, BackError>;

/// The other side: gives its steps in turn, and `200 done` when they are used up. Remembers when it was asked.
#[derive(Clone, Default)]
pub(crate) struct Service(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    steps: VecDeque<Step>,
    seen: Vec<(Instant, Request<Bytes>)>,
}

impl Service {
    pub(crate) fn that(steps: impl IntoIterator<Item = Step>) -> Self {
        let service = Self::default();
        service.0.lock().unwrap().steps.extend(steps);
        service
    }

    pub(crate) fn client(&self) -> Client {
        let state = Arc::clone(&self.0);
        let back = InProcess::new(move |request| {
            let mut state = state.lock().unwrap();
            state.seen.push((Instant::now(), request));
            state.steps.pop_front().unwrap_or_else(|| status(200, &[], "done"))
        });
        let clock = VirtualClock::at("2026-03-01T12:00:00Z".parse().unwrap());
        Client::new("crm", Arc::new(back), Guard::new(&["crm.test.example"]).unwrap(), Arc::new(clock))
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.0.lock().unwrap().seen.iter().map(|(_, request)| request.uri().to_string()).collect()
    }

    /// Takes what was asked, oldest first.
    pub(crate) fn take_requests(&self) -> Vec<Request<Bytes>> {
        self.0.lock().unwrap().seen.drain(..).map(|(_, request)| request).collect()
    }

    pub(crate) fn times(&self) -> Vec<Instant> {
        self.0.lock().unwrap().seen.iter().map(|(at, _)| *at).collect()
    }
}

/// An answer, as a step.
#[expect(clippy::unnecessary_wraps, reason = "a step may also be a failure")]
pub(crate) fn status(status: u16, headers: &[(HeaderName, &str)], body: &str) -> Step {
    let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = status.try_into().unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
    }
    Ok(response)
}

pub(crate) fn url(text: &str) -> Url {
    text.parse().unwrap()
}

pub(crate) fn read() -> Call {
    Call::get(url("https://crm.test.example/x?q=1#top"), "Read")
}

pub(crate) fn write() -> Call {
    Call::post(url("https://crm.test.example/x"), "Create", "<a/>")
}

pub(crate) async fn answer_to(call: Call, steps: impl IntoIterator<Item = Step>) -> (Result<Answer, CallError>, usize) {
    let service = Service::that(steps);
    let outcome = service.client().send(call).await;
    (outcome, service.asked().len())
}

pub(crate) async fn error_of(call: Call, steps: impl IntoIterator<Item = Step>) -> (CallError, usize) {
    let (outcome, asked) = answer_to(call, steps).await;
    (outcome.unwrap_err(), asked)
}
