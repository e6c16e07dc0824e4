//! The client: guard, judgement, repeats.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{Clock, Timestamp};
use http::Method;
use tracing::{Instrument, field};

use crate::{Answer, Back, BackError, Call, CallError, Guard, budget::Budget, retry_after, soap_answer};

/// How often a repeatable call is sent at most within one [`Client::send`].
const MOST_TRIES: u32 = 3;
/// How many redirects [`Client::send_following`] follows at most.
const MOST_REDIRECTS: u32 = 3;

/// Calls one service over one connection of a tenant. Cloning is cheap; clones share counts and the budget of repeats.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    service: &'static str,
    back: Arc<dyn Back>,
    guard: Guard,
    clock: Arc<dyn Clock>,
    counts: Mutex<BTreeMap<&'static str, u64>>,
    budget: Budget,
}

impl Client {
    /// A client for `service` (`crm`, `sharepoint`), the name that errors and spans carry.
    pub fn new(service: &'static str, back: Arc<dyn Back>, guard: Guard, clock: Arc<dyn Clock>) -> Self {
        let inner = Inner { service, back, guard, clock, counts: Mutex::default(), budget: Budget::full() };
        Self { inner: Arc::new(inner) }
    }

    /// Sends a call that the guard allows and judges the answer.
    ///
    /// An error is no answer or an answer that says *later*: 408, 429, 502, 503, 504, 509, and 500 without XML. Everything
    /// else is an answer, a SOAP fault inside HTTP 500 and a redirect included.
    ///
    /// A repeatable call is sent again, twice at most and after 100 to 400 ms each, when the connection failed, no
    /// answer came in time, or a gateway answered 502, 503 or 504. It is never sent again where the service asks to
    /// wait, nor when it is not the time to call ([`CallError::Later`]): that error goes to the caller at once, who puts
    /// the work off until then (P6).
    pub async fn send(&self, call: Call) -> Result<Answer, CallError> {
        let (service, operation) = (self.inner.service, call.operation);
        let span = tracing::debug_span!(
            "call",
            service,
            operation,
            status = field::Empty,
            ms = field::Empty,
            tries = field::Empty
        );
        let started = self.inner.clock.now();
        let (tries, outcome) = self.tries(&call).instrument(span.clone()).await;
        let ms = self.inner.clock.now().duration_since(started).as_millis();
        span.record("ms", ms).record("tries", tries);
        let _entered = span.enter();
        match &outcome {
            Ok(answer) => {
                let status = answer.status.as_u16();
                span.record("status", status);
                tracing::debug!(status, ms, tries, "called {service} {operation}: status {status}");
            }
            Err(error) => tracing::debug!(ms, tries, "{error}"),
        }
        outcome
    }

    /// Sends a SOAP call. A sign-in page instead of an answer is an error (see [`soap_answer`]).
    pub async fn send_soap(&self, call: Call) -> Result<Answer, CallError> {
        let operation = call.operation;
        soap_answer(self.send(call).await?, self.inner.service, operation)
    }

    /// Sends a call and, if it is a `GET`, follows at most three redirects within the same scheme, host and port,
    /// each allowed by the guard. Any other redirect, and a fourth, is the answer.
    pub async fn send_following(&self, mut call: Call) -> Result<Answer, CallError> {
        for _ in 0..MOST_REDIRECTS {
            let answer = self.send(call.clone()).await?;
            if call.method != Method::GET || !answer.is_redirect() {
                return Ok(answer);
            }
            let Some(next) = answer.location().and_then(|to| call.url.join(to).ok()) else { return Ok(answer) };
            if next.origin() != call.url.origin() {
                return Ok(answer);
            }
            call.url = next;
        }
        self.send(call).await
    }

    /// The time by the clock that the client lives by.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// How many calls were sent, per operation: repeats and redirects count; those refused or put off do not.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.inner.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn tries(&self, call: &Call) -> (u32, Result<Answer, CallError>) {
        if let Err(refused) = self.inner.guard.check(&call.url) {
            return (0, Err(refused.into()));
        }
        self.inner.budget.earn();
        let mut tries = 0;
        let mut before: Option<CallError> = None;
        loop {
            tries += 1;
            let error = match self.try_once(call, tries).await {
                Ok(answer) => return (tries, Ok(answer)),
                Err(error) => error,
            };
            let again = call.repeatable && tries < MOST_TRIES && error.is_worth_repeating();
            let error = match before {
                Some(before) => error.after(before),
                None => error,
            };
            if !again || !self.inner.budget.pay() {
                return (tries, Err(error));
            }
            before = Some(error);
            tokio::time::sleep(self.pause(tries)).await;
        }
    }

    async fn try_once(&self, call: &Call, tries: u32) -> Result<Answer, CallError> {
        let outcome = self.inner.back.send(call).await;
        if !matches!(outcome, Err(BackError::Later { .. })) {
            self.count(call.operation);
        }
        match outcome {
            Ok(answer) => self.judge(answer, call.operation, tries),
            Err(error) => Err(self.name(error, call.operation, tries)),
        }
    }

    /// Sorts answers from statuses that mean *not now*.
    fn judge(&self, answer: Answer, operation: &'static str, tries: u32) -> Result<Answer, CallError> {
        let service = self.inner.service;
        let status = answer.status.as_u16();
        let retry_after = retry_after::read(&answer.headers, self.inner.clock.now());
        match status {
            _ if !answer.is_trouble() => Ok(answer),
            408 => Err(CallError::TimedOut { service, operation, retry_after, sent: true, tries }),
            429 => Err(CallError::Throttled { service, operation, retry_after, sent: false }),
            502..=504 | 509 => {
                // 503 with a time to come back is a refusal before the work (SharePoint throttles so); without one, and
                // from a gateway or at a limit of bandwidth (509), nobody knows.
                let sent = !(status == 503 && retry_after.is_some());
                let status = Some(status);
                Err(CallError::Unavailable { service, operation, status, cause: None, retry_after, sent, tries })
            }
            // What is left is 500 without XML.
            _ => {
                let status = Some(status);
                Err(CallError::Unavailable { service, operation, status, cause: None, retry_after, sent: true, tries })
            }
        }
    }

    fn name(&self, error: BackError, operation: &'static str, tries: u32) -> CallError {
        let service = self.inner.service;
        match error {
            BackError::Refused(rule) => CallError::Refused(rule),
            BackError::Later { wait } => CallError::Later { service, operation, wait, sent: false },
            BackError::TimedOut { sent } => CallError::TimedOut { service, operation, retry_after: None, sent, tries },
            BackError::NotConnected(cause) => CallError::Unavailable {
                service,
                operation,
                status: None,
                cause: Some(cause),
                retry_after: None,
                sent: false,
                tries,
            },
            BackError::Broken(cause) => CallError::Broken { service, operation, cause, tries },
            BackError::TooLarge { limit } => CallError::TooLarge { service, operation, limit },
        }
    }

    fn count(&self, operation: &'static str) {
        let mut counts = self.inner.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(operation).or_default() += 1;
    }

    /// 100 to 400 ms. Spread by the clock, not by a random number, so that a history on a virtual clock repeats itself.
    fn pause(&self, tries: u32) -> Duration {
        let seed = self.inner.clock.now().as_microsecond().cast_unsigned().wrapping_add(u64::from(tries));
        // The finaliser of SplitMix64: neighbouring instants give unrelated pauses.
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Duration::from_millis(100 + (mixed ^ (mixed >> 31)) % 301)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("service", &self.inner.service).finish_non_exhaustive()
    }
}
