//! Messages that their queue gave up on.

use std::sync::Arc;

use async_trait::async_trait;
use aws_lambda_events::sqs::SqsMessage;
use domain::{Clock, TenantId};
use serde_json::Value;
use tracing::Span;

use super::{
    Function, FunctionError, Invocation,
    batch::{StaysInQueue, each_message},
    queue_of,
};
use crate::{
    Platform,
    issues::{Issue, IssueBody, IssueError, IssueId, IssueKind, IssueState, Issues, unattributed},
    queue::{Envelope, Queues},
    telemetry::{Unit, metric},
};

/// What a queue of dead letters is named after the queue whose they are.
const SUFFIX: &str = "-dead-letters";

/// The cause of a message no delivery of which came as far as saying why it failed.
const STOPPED: &str = "stopped at every delivery: it ran past its time limit, out of memory, or crashed";

/// The function that makes an [`Issue`] of each message of a dead-letter queue, whatever is in it.
///
/// Its cause is the last failure that was noted while it was delivered. What names no tenant is
/// [`UNATTRIBUTED`](crate::issues::UNATTRIBUTED)'s. If a message cannot be kept it is reported as failed and stays where
/// it is: nothing is ever lost, and nothing is ever handled again by itself.
pub fn dead_letter_function(name: &'static str, platform: &Platform) -> impl Function + use<> {
    DeadLetters {
        name,
        issues: Issues::of(platform),
        queues: platform.queues.clone(),
        clock: Arc::clone(&platform.clock),
    }
}

struct DeadLetters {
    name: &'static str,
    issues: Issues,
    queues: Queues,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Function for DeadLetters {
    async fn invoke(&self, event: Value, invocation: Invocation) -> Result<Value, FunctionError> {
        each_message(self.name, event, &invocation, |message, message_id, span| async move {
            self.keep(&message_id, message, &span).await.map_err(|error| {
                tracing::error!("dead message {message_id} could not be kept: {error}");
                StaysInQueue
            })
        })
        .await
    }
}

impl DeadLetters {
    async fn keep(&self, message_id: &str, message: SqsMessage, span: &Span) -> Result<(), IssueError> {
        let id: IssueId = message_id.parse()?;
        let queue = self.source(&message);
        let body = message.body.unwrap_or_default();
        let tenant = tenant_of(&body);
        span.record("tenant", tenant.as_str());
        let failure = self.issues.last_failure(&tenant, &id).await?;
        let (cause, receive_count, about) = match failure {
            Some(failure) => (failure.reason, Some(failure.receive_count), failure.about),
            None => (STOPPED.to_owned(), None, None),
        };
        if let Some(about) = &about {
            span.record("business_id", about.as_str());
        }
        tracing::error!(queue, "message {message_id} is dead: {cause}");
        let issue = Issue {
            queue,
            kind: IssueKind::Dead,
            cause,
            about,
            at: self.clock.now(),
            receive_count,
            body: IssueBody::Text(body),
            state: IssueState::Open,
        };
        let queue = issue.queue.clone();
        self.issues.open(&tenant, message_id, issue).await?;
        metric("MessagesDead", 1.0, Unit::Count, &[("Queue", &queue)]);
        Ok(())
    }

    /// The queue that gave up: SQS says so, and where it does not the name of the dead letters does.
    fn source(&self, message: &SqsMessage) -> String {
        if let Some(queue) = message.attributes.get("DeadLetterQueueSourceArn").and_then(|arn| queue_of(arn)) {
            return self.queues.known_as(queue);
        }
        let here = message.event_source_arn.as_deref().and_then(queue_of).unwrap_or_default();
        self.queues.known_as(here.strip_suffix(SUFFIX).unwrap_or(here))
    }
}

/// Whose a message is, whatever else is wrong with it.
fn tenant_of(body: &str) -> TenantId {
    serde_json::from_str::<Envelope<Value>>(body).map_or_else(|_| unattributed(), |envelope| envelope.tenant)
}
