//! Messages from a queue, one at a time, with partial batch replies.

use std::{marker::PhantomData, sync::Arc};

use async_trait::async_trait;
use aws_lambda_events::sqs::SqsMessage;
use domain::{Clock, SignedDuration, TenantId, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tracing::Span;

use super::{
    Failure, Function, FunctionError, Invocation,
    batch::{StaysInQueue, each_message},
    caught, queue_of,
};
use crate::{
    Platform,
    issues::{Issue, IssueBody, IssueKind, IssueState, Issues, NotedFailure, unattributed},
    queue::{Envelope, Queues},
    telemetry::{self, Unit, metric},
};

/// The longest that SQS hides a message.
const MAX_HIDDEN: SignedDuration = SignedDuration::from_hours(12);

/// One delivery of a message, beside the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The same over all deliveries of the message.
    pub message_id: String,
    /// How often it was delivered, this time included.
    pub receive_count: u32,
    /// When the process is stopped, whatever it is doing.
    pub deadline: Timestamp,
}

/// The function that hands each message of a queue to `handler`.
///
/// Messages of one event are handled one after the other, each in its own span (`function`, `request_id`,
/// `message_id`, `tenant`, and what [`telemetry::identify`] adds). A failed one does not
/// stop the next. What becomes of a message:
/// - `Ok`: acknowledged;
/// - [`Failure::Retry`], or a panic: noted, for the cause if the queue gives up on it, and reported as failed, so that
///   the queue delivers it again;
/// - [`Failure::Park`], or a body that is not an [`Envelope`] of `M`: parked as an [`Issue`] (under the tenant
///   [`UNATTRIBUTED`](crate::issues::UNATTRIBUTED) if it names none), then acknowledged. If it cannot be parked, it is
///   reported as failed.
///
/// `name` is the function's and, in the issue of a parked message, the queue's.
pub fn queue_function<M, H, F>(name: &'static str, platform: &Platform, handler: H) -> impl Function + use<M, H, F>
where
    M: DeserializeOwned + Send + 'static,
    H: Fn(TenantId, M, Delivery) -> F + Send + Sync,
    F: Future<Output = Result<(), Failure>> + Send,
{
    QueueFunction {
        name,
        issues: Issues::of(platform),
        queues: platform.queues.clone(),
        clock: Arc::clone(&platform.clock),
        handler,
        _message: PhantomData,
    }
}

struct QueueFunction<M, H> {
    name: &'static str,
    issues: Issues,
    queues: Queues,
    clock: Arc<dyn Clock>,
    handler: H,
    _message: PhantomData<fn() -> M>,
}

#[async_trait]
impl<M, H, F> Function for QueueFunction<M, H>
where
    M: DeserializeOwned + Send + 'static,
    H: Fn(TenantId, M, Delivery) -> F + Send + Sync,
    F: Future<Output = Result<(), Failure>> + Send,
{
    async fn invoke(&self, event: Value, invocation: Invocation) -> Result<Value, FunctionError> {
        each_message(self.name, event, &invocation, |message, message_id, span| {
            let (receive_count, deadline) = (receive_count(&message), invocation.deadline);
            self.deliver(message, Delivery { message_id, receive_count, deadline }, span)
        })
        .await
    }
}

impl<M, H, F> QueueFunction<M, H>
where
    M: DeserializeOwned + Send + 'static,
    H: Fn(TenantId, M, Delivery) -> F + Send + Sync,
    F: Future<Output = Result<(), Failure>> + Send,
{
    async fn deliver(&self, message: SqsMessage, delivery: Delivery, span: Span) -> Result<(), StaysInQueue> {
        let body = message.body.as_deref().unwrap_or_default();
        // serde_json's messages may quote the body, so they go nowhere.
        let Ok(envelope) = serde_json::from_str::<Envelope<Value>>(body) else {
            let nobody = unattributed();
            span.record("tenant", nobody.as_str());
            return self.park(&nobody, body, &delivery, None, "the body is not a tenant and a message").await;
        };
        let tenant = envelope.tenant;
        span.record("tenant", tenant.as_str());
        let Ok(decoded) = serde_json::from_value::<M>(envelope.message) else {
            let reason = format!("the message is not a {}", std::any::type_name::<M>());
            return self.park(&tenant, body, &delivery, None, &reason).await;
        };
        // Called inside the guarded future: a handler may panic before it returns one.
        let handling = caught(async { (self.handler)(tenant.clone(), decoded, delivery.clone()).await });
        let (handled, about) = telemetry::hearing(handling).await;
        let count = delivery.receive_count;
        match handled {
            Some(Ok(())) => {
                tracing::info!(receive_count = count, "handled message {}", delivery.message_id);
                Ok(())
            }
            Some(Err(Failure::Park(reason))) => self.park(&tenant, body, &delivery, about, &reason).await,
            Some(Err(Failure::Retry(reason, after))) => {
                tracing::warn!(receive_count = count, "message {} will be retried: {reason}", delivery.message_id);
                metric("MessagesRetried", 1.0, Unit::Count, &[("Function", self.name)]);
                self.note(&tenant, &delivery, about, reason).await;
                if let Some(after) = after {
                    self.hide(&message, after).await;
                }
                Err(StaysInQueue)
            }
            None => {
                tracing::error!(receive_count = count, "the handler panicked at message {}", delivery.message_id);
                metric("MessagesPanicked", 1.0, Unit::Count, &[("Function", self.name)]);
                self.note(&tenant, &delivery, about, format!("{} panicked", self.name)).await;
                Err(StaysInQueue)
            }
        }
    }

    async fn park(
        &self,
        tenant: &TenantId,
        body: &str,
        delivery: &Delivery,
        about: Option<String>,
        reason: &str,
    ) -> Result<(), StaysInQueue> {
        let issue = Issue {
            queue: self.name.to_owned(),
            kind: IssueKind::Parked,
            cause: reason.to_owned(),
            about,
            at: self.clock.now(),
            receive_count: Some(delivery.receive_count),
            body: IssueBody::Text(body.to_owned()),
            state: IssueState::Open,
        };
        let id = &delivery.message_id;
        match self.issues.open(tenant, id, issue).await {
            Ok(()) => {
                tracing::error!(receive_count = delivery.receive_count, "parked message {id}: {reason}");
                metric("MessagesParked", 1.0, Unit::Count, &[("Function", self.name)]);
                Ok(())
            }
            Err(error) => {
                tracing::error!("message {id} could not be parked ({reason}): {error}");
                Err(StaysInQueue)
            }
        }
    }

    /// A wish only: without it, the message would be dead without a cause.
    async fn note(&self, tenant: &TenantId, delivery: &Delivery, about: Option<String>, reason: String) {
        let Ok(id) = delivery.message_id.parse() else { return };
        let failure = NotedFailure { reason, at: self.clock.now(), receive_count: delivery.receive_count, about };
        if let Err(error) = self.issues.note_failure(tenant, &id, &failure).await {
            tracing::warn!("the failure is not noted: {error}");
        }
    }

    /// A wish only: if it fails, the message comes back when its visibility runs out.
    async fn hide(&self, message: &SqsMessage, delay: SignedDuration) {
        let source = message.event_source_arn.as_deref().and_then(queue_of);
        let (Some(queue), Some(receipt)) = (source, message.receipt_handle.as_deref()) else { return };
        let delay = delay.clamp(SignedDuration::ZERO, MAX_HIDDEN);
        if let Err(error) = self.queues.back.hide(queue, receipt, delay).await {
            tracing::warn!("the retry is not delayed: {error}");
        }
    }
}

fn receive_count(message: &SqsMessage) -> u32 {
    let count = message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
    count.unwrap_or(1)
}
