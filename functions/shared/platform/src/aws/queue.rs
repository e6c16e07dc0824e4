//! The queues on SQS.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sqs::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::{Message, MessageSystemAttributeName},
};
use domain::{SignedDuration, TenantId, Timestamp};

use super::reason;
use crate::queue::{QueueError, RawQueues, Received};

pub(super) struct Sqs {
    client: Client,
    /// Addresses by [`variable`], from the environment and as SQS told them.
    urls: Mutex<BTreeMap<String, String>>,
}

impl Sqs {
    pub(super) fn new(sdk: &SdkConfig, urls: BTreeMap<String, String>) -> Self {
        Self { client: Client::new(sdk), urls: Mutex::new(urls) }
    }

    async fn url(&self, queue: &str) -> Result<String, QueueError> {
        let variable = variable(queue);
        if let Some(url) = known(&self.urls.lock().unwrap_or_else(PoisonError::into_inner), queue, &variable) {
            return Ok(url);
        }
        let found =
            self.client.get_queue_url().queue_name(queue).send().await.map_err(|error| failed(queue, &error))?;
        let url = found.queue_url.ok_or_else(|| QueueError::NoQueue(queue.to_owned()))?;
        self.urls.lock().unwrap_or_else(PoisonError::into_inner).insert(variable, url.clone());
        Ok(url)
    }
}

#[async_trait]
impl RawQueues for Sqs {
    async fn send(
        &self,
        queue: &str,
        body: String,
        group: &TenantId,
        delay: Option<SignedDuration>,
    ) -> Result<(), QueueError> {
        let (url, bytes) = (self.url(queue).await?, body.len());
        let call = self.client.send_message().queue_url(url).message_body(body).message_group_id(group.as_str());
        let sent = call.set_delay_seconds(delay.map(whole_seconds)).send().await;
        sent.map(drop).map_err(|error| match error.as_service_error() {
            Some(error) if error.is_invalid_message_contents() => QueueError::BadText(queue.to_owned()),
            // The queue's own limit may be lower than the service's. It has no code of its own.
            Some(error) if is_size(error) => QueueError::TooLarge { queue: queue.to_owned(), bytes },
            _ => failed(queue, &error),
        })
    }

    async fn receive(&self, queue: &str, max: usize) -> Result<Vec<Received>, QueueError> {
        let url = self.url(queue).await?;
        let received = self
            .client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(i32::try_from(max.clamp(1, 10)).unwrap_or(10))
            .wait_time_seconds(0)
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .send()
            .await
            .map_err(|error| failed(queue, &error))?;
        let unknown =
            || QueueError::Unavailable { queue: queue.to_owned(), reason: "a message lacks a part".to_owned() };
        received.messages.unwrap_or_default().into_iter().map(|it| read(it).ok_or_else(unknown)).collect()
    }

    async fn delete(&self, queue: &str, receipt: &str) -> Result<(), QueueError> {
        let url = self.url(queue).await?;
        let deleted = self.client.delete_message().queue_url(url).receipt_handle(receipt).send().await;
        ignoring_old_receipts(queue, deleted)
    }

    /// A stage may name its queues after itself; the variables with their addresses keep our names.
    fn known_as(&self, deployed: &str) -> Option<String> {
        let urls = self.urls.lock().unwrap_or_else(PoisonError::into_inner);
        let named = |url: &&String| url.rsplit('/').next() == Some(deployed);
        let (variable, _) = urls.iter().find(|(_, url)| named(url))?;
        Some(variable.to_ascii_lowercase().replace('_', "-"))
    }

    async fn hide(&self, queue: &str, receipt: &str, timeout: SignedDuration) -> Result<(), QueueError> {
        let url = self.url(queue).await?;
        let call = self.client.change_message_visibility().queue_url(url).receipt_handle(receipt);
        ignoring_old_receipts(queue, call.visibility_timeout(whole_seconds(timeout)).send().await)
    }
}

/// The address of a queue called as the code does (`build-site`), or as the account does, where an event says so
/// (`tieline-test-build-site`).
fn known(urls: &BTreeMap<String, String>, queue: &str, variable: &str) -> Option<String> {
    let of_account = |url: &&String| url.rsplit('/').next() == Some(queue);
    urls.get(variable).or_else(|| urls.values().find(of_account)).cloned()
}

/// What follows `TIELINE_QUEUE_` in the variable with a queue's address.
fn variable(queue: &str) -> String {
    queue.to_ascii_uppercase().replace('-', "_")
}

fn read(message: Message) -> Option<Received> {
    let attributes = message.attributes.unwrap_or_default();
    let attribute = |name| attributes.get(&name).map(String::as_str);
    let receive_count = attribute(MessageSystemAttributeName::ApproximateReceiveCount)?.parse().ok()?;
    let sent_at = attribute(MessageSystemAttributeName::SentTimestamp)?.parse().ok()?;
    Some(Received {
        id: message.message_id?,
        receipt: message.receipt_handle?,
        body: message.body?,
        receive_count,
        sent_at: Timestamp::from_millisecond(sent_at).ok()?,
    })
}

/// A receipt is refused if it is not the last delivery's, or the message is gone or visible again: no harm done.
fn ignoring_old_receipts<T, E: ProvideErrorMetadata, R>(
    queue: &str,
    outcome: Result<T, SdkError<E, R>>,
) -> Result<(), QueueError> {
    const OLD: [&str; 6] = [
        "InvalidParameterValue",
        "InvalidParameterValueException",
        "MessageNotInflight",
        "AWS.SimpleQueueService.MessageNotInflight",
        "ReceiptHandleIsInvalid",
        "InvalidIdFormat",
    ];
    match outcome {
        Err(error) if error.code().is_none_or(|code| !OLD.contains(&code)) => Err(failed(queue, &error)),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn failed<E: ProvideErrorMetadata, R>(queue: &str, error: &SdkError<E, R>) -> QueueError {
    let queue = queue.to_owned();
    match error.code() {
        Some("QueueDoesNotExist" | "AWS.SimpleQueueService.NonExistentQueue") => QueueError::NoQueue(queue),
        _ => QueueError::Unavailable { queue, reason: reason(error) },
    }
}

/// "One or more parameters are invalid. Reason: Message must be shorter than 262144 bytes."
fn is_size(error: &impl ProvideErrorMetadata) -> bool {
    error.code().is_some_and(|code| code.starts_with("InvalidParameterValue"))
        && error.message().is_some_and(|message| message.contains("shorter than"))
}

/// Rounded up: never sooner than asked for.
fn whole_seconds(time: SignedDuration) -> i32 {
    let whole = time.as_secs().saturating_add(i64::from(time.subsec_nanos() > 0));
    i32::try_from(whole.max(0)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use aws_sdk_sqs::{error::ErrorMetadata, operation::delete_message::DeleteMessageError};

    use super::*;

    #[test]
    fn part_of_a_second_counts_as_a_whole_one_and_a_negative_time_as_none() {
        let seconds = |milliseconds| whole_seconds(SignedDuration::from_millis(milliseconds));
        assert_eq!([seconds(0), seconds(1), seconds(1000), seconds(1001), seconds(-1)], [0, 1, 1, 2, 0]);
        assert_eq!(whole_seconds(SignedDuration::MAX), i32::MAX);
    }

    /// What a stage is deployed under, and what is not known there at all.
    #[test]
    fn a_queue_is_known_by_the_name_of_its_variable() {
        let urls = [("BUILD_SITE", "https://sqs.example/000000000000/tieline-test-build-site")];
        let urls = urls.map(|(variable, url)| (variable.to_owned(), url.to_owned())).into();
        let sqs = Sqs::new(&SdkConfig::builder().build(), urls);
        assert_eq!(sqs.known_as("tieline-test-build-site").as_deref(), Some("build-site"));
        for other in ["build-site", "tieline-test-build-site-dead-letters", ""] {
            assert_eq!(sqs.known_as(other), None, "{other}");
        }
    }

    /// What comes too late does no harm: the message comes again anyway, or is gone.
    #[test]
    fn an_old_receipt_is_no_error_and_anything_else_is() {
        let outcome = |code: &str| {
            let error = ErrorMetadata::builder().code(code).build();
            ignoring_old_receipts("work", Err::<(), _>(SdkError::service_error(DeleteMessageError::generic(error), ())))
        };
        for code in ["ReceiptHandleIsInvalid", "MessageNotInflight", "InvalidParameterValue"] {
            assert!(outcome(code).is_ok(), "{code}");
        }
        assert!(matches!(outcome("AWS.SimpleQueueService.NonExistentQueue"), Err(QueueError::NoQueue(_))));
        assert!(matches!(outcome("AccessDenied"), Err(QueueError::Unavailable { .. })));
    }

    /// Events name the queue as it is called in the account. Asking SQS for its address would take a further grant.
    #[test]
    fn a_queue_is_known_by_its_name_in_the_account_too() {
        let url = "https://sqs.eu-central-1.amazonaws.com/000000000000/tieline-test-build-site".to_owned();
        let urls = BTreeMap::from([("BUILD_SITE".to_owned(), url.clone())]);
        for name in ["build-site", "tieline-test-build-site"] {
            assert_eq!(known(&urls, name, &variable(name)).as_ref(), Some(&url), "{name}");
        }
        for name in ["site", "tieline-test-wake", ""] {
            assert_eq!(known(&urls, name, &variable(name)), None, "{name}");
        }
    }

    #[test]
    fn a_queues_variable_is_its_name_in_capitals() {
        assert_eq!(variable("build-site"), "BUILD_SITE");
    }
}
