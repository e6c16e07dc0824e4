//! The secrets in Secrets Manager.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_secretsmanager::{
    Client,
    operation::{
        create_secret::CreateSecretError, get_secret_value::GetSecretValueError, put_secret_value::PutSecretValueError,
    },
};
use secrecy::{ExposeSecret, SecretString};

use super::reason;
use crate::secrets::{RawSecrets, SecretError, Stored};

pub(super) struct SecretsManager {
    client: Client,
    /// `tieline/` or `tieline/<stage>/`.
    prefix: String,
}

impl SecretsManager {
    pub(super) fn new(sdk: &SdkConfig, stage: Option<&str>) -> Self {
        let prefix = stage.map_or_else(|| "tieline/".to_owned(), |stage| format!("tieline/{stage}/"));
        Self { client: Client::new(sdk), prefix }
    }

    fn whole(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

#[async_trait]
impl RawSecrets for SecretsManager {
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        match self.client.get_secret_value().secret_id(self.whole(name)).send().await {
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

    async fn put(&self, name: &str, value: &SecretString) -> Result<Stored, SecretError> {
        if let Some(stored) = self.put_value(name, value).await? {
            return Ok(stored);
        }
        match self.client.create_secret().name(self.whole(name)).secret_string(value.expose_secret()).send().await {
            Ok(_) => Ok(Stored::Yes),
            Err(error) => match error.as_service_error() {
                // Somebody else made it since we asked, or an earlier attempt of this call did.
                Some(CreateSecretError::ResourceExistsException(_)) => match self.put_value(name, value).await? {
                    Some(stored) => Ok(stored),
                    None => Err(SecretError::Unavailable("a secret is there and is not".to_owned())),
                },
                Some(CreateSecretError::InvalidRequestException(_)) => Ok(Stored::MarkedForDeletion),
                _ => Err(SecretError::Unavailable(reason(&error))),
            },
        }
    }
}

impl SecretsManager {
    /// A new value of a secret; None if there is no such secret.
    async fn put_value(&self, name: &str, value: &SecretString) -> Result<Option<Stored>, SecretError> {
        match self
            .client
            .put_secret_value()
            .secret_id(self.whole(name))
            .secret_string(value.expose_secret())
            .send()
            .await
        {
            Ok(_) => Ok(Some(Stored::Yes)),
            Err(error) => match error.as_service_error() {
                Some(PutSecretValueError::ResourceNotFoundException(_)) => Ok(None),
                Some(PutSecretValueError::InvalidRequestException(_)) => Ok(Some(Stored::MarkedForDeletion)),
                _ => Err(SecretError::Unavailable(reason(&error))),
            },
        }
    }
}
