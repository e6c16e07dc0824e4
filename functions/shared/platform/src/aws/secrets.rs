//! The secrets in Secrets Manager.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_secretsmanager::{Client, operation::get_secret_value::GetSecretValueError};
use secrecy::SecretString;

use super::reason;
use crate::secrets::{RawSecrets, SecretError};

pub(super) struct SecretsManager {
    client: Client,
}

impl SecretsManager {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self { client: Client::new(sdk) }
    }
}

#[async_trait]
impl RawSecrets for SecretsManager {
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        match self.client.get_secret_value().secret_id(name).send().await {
            // A binary one is no text, so no JSON.
            Ok(found) => Ok(Some(found.secret_string.unwrap_or_default().into())),
            Err(error) => match error.as_service_error() {
                // The second: it has no value yet, or is marked for deletion.
                Some(
                    GetSecretValueError::ResourceNotFoundException(_) | GetSecretValueError::InvalidRequestException(_),
                ) => Ok(None),
                _ => Err(SecretError::Unavailable(reason(&error))),
            },
        }
    }
}
