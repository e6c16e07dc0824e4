//! The platform on AWS: DynamoDB, SQS, S3 and Secrets Manager.
//!
//! One file per service. Nothing is called when the platform is made: each client connects at its first use.

mod attempts;
mod bucket;
mod item;
mod queue;
mod secrets;
mod settings;
mod table;

use std::{sync::Arc, time::Duration};

use aws_config::{AppName, BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::{
    config::Credentials,
    error::{ProvideErrorMetadata, SdkError},
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use domain::{Clock, SystemClock};

use crate::{Bucket, Platform, Queues, Secrets, Table, Vault, table::raw::RawTable};
pub use settings::{Emulator, Settings};

/// How often a call is made at most. `standard` retries with a budget shared by all calls of a client; `adaptive`
/// would let one tenant's throttling slow down the others (P9).
const ATTEMPTS: u32 = 3;

/// The SDK's own first pause is up to 1 s: much of what a function has.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

const CONNECT: Duration = Duration::from_secs(2);
/// Rows and messages are small; an answer that takes longer is not coming.
const ATTEMPT: Duration = Duration::from_secs(5);
/// Shorter than the API's 29 s, so that the caller hears of it.
const CALL: Duration = Duration::from_secs(15);

/// Objects are large.
const OBJECT_ATTEMPT: Duration = Duration::from_secs(30);
const OBJECT_CALL: Duration = Duration::from_secs(90);

/// The platform that `settings` describe, by the system's clock.
pub async fn platform(settings: Settings) -> Platform {
    platform_at(settings, Arc::new(SystemClock)).await
}

/// The same, by another clock: it decides when leases are over and when a secret is fetched again.
pub async fn platform_at(settings: Settings, clock: Arc<dyn Clock>) -> Platform {
    let sdk = load(&settings).await;
    let secrets = Arc::new(secrets::SecretsManager::new(&sdk, settings.stage.as_deref()));
    Platform {
        ledger: Table::new(Arc::new(table::DynamoDb::new(&sdk, settings.ledger))),
        queues: Queues::new(Arc::new(queue::Sqs::new(&sdk, settings.queues))),
        staging: Bucket::new(Arc::new(bucket::S3::new(&sdk, settings.staging))),
        vault: Vault::new(secrets.clone()),
        secrets: Secrets::new(secrets, Arc::clone(&clock)),
        clock,
    }
}

/// The ledger alone, without its front: for whoever holds another back's answers against it.
pub async fn ledger(settings: Settings) -> Arc<dyn RawTable> {
    Arc::new(table::DynamoDb::new(&load(&settings).await, settings.ledger))
}

async fn load(settings: &Settings) -> SdkConfig {
    // One client for all services: they share its connections and its trusted certificates.
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https();
    let retry = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(FIRST_PAUSE)
        .with_max_backoff(LONGEST_PAUSE);
    // The region is always given: without it the SDK would ask the instance's metadata service for it.
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(settings.region.clone()))
        .http_client(http)
        .retry_config(retry)
        .timeout_config(timeouts(ATTEMPT, CALL));
    // A name that AWS does not take goes untold.
    if let Some(name) = settings.function.clone().and_then(|name| AppName::new(name).ok()) {
        loader = loader.app_name(name);
    }
    if let Some(endpoint) = &settings.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some(Emulator { endpoint, account }) = &settings.emulator {
        loader = loader
            .endpoint_url(endpoint)
            .credentials_provider(Credentials::new(account, "emulator", None, None, "emulator"));
    }
    loader.load().await
}

fn timeouts(attempt: Duration, call: Duration) -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(attempt).operation_timeout(call).build()
}

/// What went wrong, in a few words that name no address and quote no answer.
fn reason<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    let reason = match error {
        SdkError::ServiceError(answer) => return answer.err().code().unwrap_or("an error without a code").to_owned(),
        SdkError::TimeoutError(_) => "no answer in time",
        SdkError::DispatchFailure(failure) if failure.is_timeout() => "no connection in time",
        SdkError::DispatchFailure(failure) if failure.is_io() => "the connection failed",
        SdkError::DispatchFailure(_) => "the request was not sent",
        SdkError::ResponseError(_) => "the answer is not understood",
        // Above all: there are no credentials.
        _ => "the request could not be made",
    };
    reason.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            region: "eu-central-1".to_owned(),
            ledger: "ledger".to_owned(),
            staging: "staging".to_owned(),
            stage: None,
            queues: std::collections::BTreeMap::new(),
            function: None,
            endpoint: None,
            // Nothing listens there: whoever calls at the start fails.
            emulator: Some(Emulator { endpoint: "http://127.0.0.1:9".to_owned(), account: "000000000001".to_owned() }),
        }
    }

    /// For `sam local`, which passes on only variables that the template names.
    #[tokio::test]
    async fn an_address_in_place_of_aws_is_called_instead_of_it() {
        let endpoint = Some("http://host.docker.internal:4566".to_owned());
        let sdk = load(&Settings { emulator: None, endpoint: endpoint.clone(), ..settings() }).await;
        assert_eq!(sdk.endpoint_url(), endpoint.as_deref());
    }

    /// P9: one tenant's throttling must not slow down the others.
    #[tokio::test]
    async fn calls_are_retried_by_the_standard_mode_at_most_three_times_and_within_limits() {
        let sdk = load(&settings()).await;
        let retry = sdk.retry_config().expect("retries are configured");
        assert_eq!(retry.mode(), aws_config::retry::RetryMode::Standard);
        assert_eq!(retry.max_attempts(), 3);
        let limits = sdk.timeout_config().expect("timeouts are configured");
        assert!(limits.connect_timeout().is_some_and(|it| it <= Duration::from_secs(2)));
        assert!(limits.operation_attempt_timeout() < limits.operation_timeout());
        assert!(limits.operation_timeout().is_some_and(|it| it < Duration::from_secs(29)));
    }
}
