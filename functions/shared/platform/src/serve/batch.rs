//! A batch of queue messages, one at a time, with a partial reply.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde_json::{Value, json};
use tracing::{Instrument, Span, field::Empty};

use super::{FunctionError, Invocation};

/// The message stays in its queue.
pub(super) struct StaysInQueue;

/// Handles the messages of an event one after the other, each in its own span, with its id. A failed one does not stop
/// the next; the reply names it.
pub(super) async fn each_message<F: Future<Output = Result<(), StaysInQueue>>>(
    function: &str,
    event: Value,
    invocation: &Invocation,
    handle: impl Fn(SqsMessage, String, Span) -> F,
) -> Result<Value, FunctionError> {
    let bad_event = || FunctionError::BadEvent { expected: "a batch of queue messages" };
    let event: SqsEvent = serde_json::from_value(event).map_err(|_| bad_event())?;
    let mut failed = Vec::new();
    for message in event.records {
        // Without its id a message cannot be reported as failed, so none of the batch may be acknowledged.
        let message_id = message.message_id.clone().filter(|id| !id.is_empty()).ok_or_else(bad_event)?;
        let span = tracing::info_span!(
            "delivery",
            function,
            request_id = invocation.request_id,
            message_id,
            tenant = Empty,
            business_id = Empty
        );
        let outcome = handle(message, message_id.clone(), span.clone()).instrument(span).await;
        if outcome.is_err() {
            failed.push(json!({ "itemIdentifier": message_id }));
        }
    }
    Ok(json!({ "batchItemFailures": failed }))
}
