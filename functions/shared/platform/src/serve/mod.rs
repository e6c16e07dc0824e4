//! How a function is served: a Lambda event in, a reply out, on Lambda and anywhere else.
//!
//! Handlers know nothing of Lambda. Decoding, partial batches, parking, panics and spans are here.

mod batch;
mod dead_letters;
mod direct;
mod failure;
mod http;
mod lambda;
mod queue;
mod timer;

use std::{any::Any, error::Error as StdError, fmt, panic::AssertUnwindSafe};

use async_trait::async_trait;
use domain::Timestamp;
use futures_util::FutureExt;
use serde_json::Value;
use tracing::Instrument;

pub use dead_letters::dead_letter_function;
pub use direct::direct_function;
pub use failure::Failure;
pub use http::{Reply, http_function};
pub use lambda::{serve, serve_direct, serve_http, serve_queue, serve_timer};
pub use queue::{Delivery, queue_function};
pub use timer::timer_function;

/// One call of a function, beside its event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// What Lambda calls it; also the reference in an error's reply.
    pub request_id: String,
    /// When the process is stopped, whatever it is doing.
    pub deadline: Timestamp,
}

/// What Lambda runs: a Lambda event in, JSON out.
#[async_trait]
pub trait Function: Send + Sync {
    /// Handles one event. An error makes Lambda call again, where the source of the event has it so.
    async fn invoke(&self, event: Value, invocation: Invocation) -> Result<Value, FunctionError>;
}

/// Why a function failed as a whole.
#[derive(Debug, thiserror::Error)]
pub enum FunctionError {
    /// The event is not of the kind that this function is for. It is not repeated here.
    #[error("the event is not {expected}")]
    BadEvent {
        /// What it should have been.
        expected: &'static str,
    },
    /// The handler's error, with its causes.
    #[error("{0}")]
    Failed(String),
    /// The handler panicked.
    #[error("the handler panicked")]
    Panicked,
}

/// Calls a function in a span that names it, as [`serve`] does on Lambda: for whoever runs functions elsewhere.
pub async fn invoke(
    name: &str,
    function: &dyn Function,
    event: Value,
    invocation: Invocation,
) -> Result<Value, FunctionError> {
    let span = tracing::info_span!("invocation", function = name, request_id = invocation.request_id);
    let reply = caught(function.invoke(event, invocation)).instrument(span.clone()).await;
    let reply = reply.unwrap_or(Err(FunctionError::Panicked));
    if let Err(error) = &reply {
        span.in_scope(|| tracing::error!("{name} failed: {error}"));
    }
    reply
}

/// Any error of a handler.
type BoxError = Box<dyn StdError + Send + Sync>;

/// Runs a future and answers None if it panicked.
async fn caught<T>(work: impl Future<Output = T>) -> Option<T> {
    // What a panic leaves behind half done is in the handler, which gets no second poll, or in the
    // table, whose writes are conditional.
    let outcome: Result<T, Box<dyn Any + Send>> = AssertUnwindSafe(work).catch_unwind().await;
    outcome.ok()
}

/// The name in a queue's ARN: `arn:aws:sqs:eu-central-1:000000000000:build-site`.
fn queue_of(arn: &str) -> Option<&str> {
    arn.rsplit(':').next().filter(|name| !name.is_empty())
}

/// An error and its causes in one line.
fn story(error: &(dyn StdError + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}

impl fmt::Debug for dyn Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Function")
    }
}
