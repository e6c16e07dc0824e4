//! Ticks from EventBridge.

use async_trait::async_trait;
use aws_lambda_events::eventbridge::EventBridgeEvent;
use domain::Timestamp;
use serde_json::Value;
use tracing::{Instrument, field::Empty};

use super::{BoxError, Function, FunctionError, Invocation, caught, story};

/// The function that calls `handler` at every tick, with the instant that the tick was meant for.
///
/// A tick may come twice, late or never; what is done must depend on what is due, not on being called. An error makes
/// Lambda call again, twice at most.
pub fn timer_function<H, F, E>(handler: H) -> impl Function
where
    H: Fn(Timestamp, Invocation) -> F + Send + Sync,
    F: Future<Output = Result<(), E>> + Send,
    E: Into<BoxError> + Send,
{
    TimerFunction { handler }
}

struct TimerFunction<H> {
    handler: H,
}

#[async_trait]
impl<H, F, E> Function for TimerFunction<H>
where
    H: Fn(Timestamp, Invocation) -> F + Send + Sync,
    F: Future<Output = Result<(), E>> + Send,
    E: Into<BoxError> + Send,
{
    async fn invoke(&self, event: Value, invocation: Invocation) -> Result<Value, FunctionError> {
        let bad_event = || FunctionError::BadEvent { expected: "a scheduled event" };
        let event: EventBridgeEvent = serde_json::from_value(event).map_err(|_| bad_event())?;
        let time = event.time.ok_or_else(bad_event)?;
        let scheduled_at = Timestamp::from_millisecond(time.timestamp_millis()).map_err(|_| bad_event())?;
        let span = tracing::info_span!(
            "tick",
            request_id = invocation.request_id,
            %scheduled_at,
            tenant = Empty,
            business_id = Empty
        );
        // Called inside the guarded future: a handler may panic before it returns one.
        let ticked = caught(async { (self.handler)(scheduled_at, invocation).await });
        match ticked.instrument(span).await {
            Some(Ok(())) => Ok(Value::Null),
            Some(Err(error)) => Err(FunctionError::Failed(story(&*error.into()))),
            None => Err(FunctionError::Panicked),
        }
    }
}
