//! Functions on Lambda.

use std::{env, sync::Arc};

use bytes::Bytes;
use domain::{TenantId, Timestamp};
use http::Request;
use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    BoxError, Delivery, Failure, Function, FunctionError, Invocation, Reply, direct_function, http_function, invoke,
    queue_function, timer_function,
};
use crate::{Error, Platform, telemetry};

/// Serves a function on Lambda until Lambda stops the process. Begins logging, too.
pub async fn serve(function: impl Function + 'static) -> Result<(), Error> {
    telemetry::init();
    // The runtime panics without these.
    for name in ["AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_RUNTIME_API"] {
        if env::var_os(name).is_none() {
            return Err(Error::NotOnLambda(name));
        }
    }
    let function: Arc<dyn Function> = Arc::new(function);
    let handler = service_fn(move |event: LambdaEvent<Value>| {
        let function = Arc::clone(&function);
        async move {
            let LambdaEvent { payload, context, .. } = event;
            let millis = i64::try_from(context.deadline).unwrap_or(i64::MAX);
            let deadline = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
            let invocation = Invocation { request_id: context.request_id, deadline };
            invoke(&context.env_config.function_name, &*function, payload, invocation).await
        }
    });
    // Without the runtime's own tracing layer: `invoke` has the span.
    Runtime::new(handler).run().await.map_err(Error::Runtime)
}

/// Serves [`http_function`] on Lambda.
pub async fn serve_http<H, F, R>(handler: H) -> Result<(), Error>
where
    H: Fn(Request<Bytes>, Invocation) -> F + Send + Sync + 'static,
    F: Future<Output = R> + Send + 'static,
    R: Reply + 'static,
{
    serve(http_function(handler)).await
}

/// Serves [`direct_function`] on Lambda.
pub async fn serve_direct<H, F, R, E>(handler: H) -> Result<(), Error>
where
    H: Fn(Value, Invocation) -> F + Send + Sync + 'static,
    F: Future<Output = Result<R, E>> + Send + 'static,
    R: Serialize + 'static,
    E: Serialize + 'static,
{
    serve(direct_function(handler)).await
}

/// Serves [`queue_function`] on Lambda.
pub async fn serve_queue<M, H, F>(name: &'static str, platform: &Platform, handler: H) -> Result<(), Error>
where
    M: DeserializeOwned + Send + 'static,
    H: Fn(TenantId, M, Delivery) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    serve(queue_function(name, platform, handler)).await
}

/// Serves [`timer_function`] on Lambda.
pub async fn serve_timer<H, F, E>(handler: H) -> Result<(), Error>
where
    H: Fn(Timestamp, Invocation) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Into<BoxError> + Send + 'static,
{
    serve(timer_function(handler)).await
}

impl From<FunctionError> for Diagnostic {
    fn from(error: FunctionError) -> Self {
        let error_type = match error {
            FunctionError::BadEvent { .. } => "BadEvent",
            FunctionError::Failed(_) => "Failed",
            FunctionError::Panicked => "Panicked",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}
