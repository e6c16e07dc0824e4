//! Calls by name: an operator's program invokes the function and waits for its answer.

use async_trait::async_trait;
use serde::Serialize;
use serde_json::{Value, json};
use tracing::{Instrument, field::Empty};

use super::{Function, FunctionError, Invocation, caught};

/// The function that hands the event as it came to `handler` and answers with what it says.
///
/// Who may call is IAM's decision (`lambda:InvokeFunction`). A refusal of the handler's is an answer too,
/// `{"error": …}`: the caller's program reads what was wrong. A function error is left for what nobody foresaw, because
/// Lambda logs those and tells their text.
pub fn direct_function<H, F, R, E>(handler: H) -> impl Function
where
    H: Fn(Value, Invocation) -> F + Send + Sync,
    F: Future<Output = Result<R, E>> + Send,
    R: Serialize,
    E: Serialize,
{
    DirectFunction { handler }
}

struct DirectFunction<H> {
    handler: H,
}

#[async_trait]
impl<H, F, R, E> Function for DirectFunction<H>
where
    H: Fn(Value, Invocation) -> F + Send + Sync,
    F: Future<Output = Result<R, E>> + Send,
    R: Serialize,
    E: Serialize,
{
    async fn invoke(&self, event: Value, invocation: Invocation) -> Result<Value, FunctionError> {
        let span = tracing::info_span!("call", request_id = invocation.request_id, tenant = Empty, business_id = Empty);
        // Called inside the guarded future: a handler may panic before it returns one.
        let answered = caught(async {
            match (self.handler)(event, invocation).await {
                Ok(reply) => serde_json::to_value(reply),
                Err(refusal) => serde_json::to_value(refusal).map(|refusal| json!({ "error": refusal })),
            }
        });
        match answered.instrument(span).await {
            Some(Ok(reply)) => Ok(reply),
            Some(Err(error)) => Err(FunctionError::Failed(format!("the answer has no form in JSON: {error}"))),
            None => Err(FunctionError::Panicked),
        }
    }
}
