//! What a tenant's connection signs in with, fetched by name.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use domain::{Clock, SignedDuration, TenantId, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

/// How long a fetched secret is used before it is fetched again: rotation needs no deployment.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_mins(5);

/// One secret per tenant and service, `<tenant>/<service>`; on AWS below `tieline/<stage>/`. Clones share what was fetched.
#[derive(Clone)]
pub struct Secrets {
    back: Arc<dyn RawSecrets>,
    clock: Arc<dyn Clock>,
    fetched: Arc<Mutex<BTreeMap<String, Fetched>>>,
}

struct Fetched {
    value: SecretString,
    at: Timestamp,
}

/// Why there is no secret. Never says what is in one.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Nobody stored it.
    #[error("tenant {tenant} has no secret for {service}")]
    Missing {
        /// Whose.
        tenant: TenantId,
        /// For what.
        service: String,
    },
    /// It is not the JSON that was asked for.
    #[error("the secret of tenant {tenant} for {service} is not of the expected shape")]
    Malformed {
        /// Whose.
        tenant: TenantId,
        /// For what.
        service: String,
    },
    /// Somebody deleted it, and the store keeps its name until the time for a change of mind is over.
    #[error("the secret of tenant {tenant} for {service} is marked for deletion: restore it first")]
    MarkedForDeletion {
        /// Whose.
        tenant: TenantId,
        /// For what.
        service: String,
    },
    /// The name of the service is not one.
    #[error("a service's name has 1 to 64 of a-z, 0-9 and -")]
    BadService,
    /// The store did not answer.
    #[error("secrets are not available: {0}")]
    Unavailable(String),
}

impl SecretError {
    /// Whether the same call may succeed later without anybody doing something.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl Secrets {
    /// The secrets of a back, kept for [`KEPT_FOR`] by `clock`.
    pub fn new(back: Arc<dyn RawSecrets>, clock: Arc<dyn Clock>) -> Self {
        Self { back, clock, fetched: Arc::default() }
    }

    /// A tenant's secret for a service, a JSON value read as `T`; [`SecretString`] fields keep it out of logs.
    pub async fn get<T: DeserializeOwned>(&self, tenant: &TenantId, service: &str) -> Result<T, SecretError> {
        let name = name(tenant, service)?;
        let now = self.clock.now();
        let kept = {
            let fetched = self.fetched.lock().unwrap_or_else(PoisonError::into_inner);
            fetched.get(&name).filter(|it| now.duration_since(it.at) < KEPT_FOR).map(|it| it.value.clone())
        };
        match kept {
            Some(value) => read(&value, tenant, service),
            None => self.refresh(tenant, service).await,
        }
    }

    /// The same, fetched anew: for a sign-in that was just refused, since the secret may have been rotated.
    pub async fn refresh<T: DeserializeOwned>(&self, tenant: &TenantId, service: &str) -> Result<T, SecretError> {
        let name = name(tenant, service)?;
        let at = self.clock.now();
        let Some(value) = self.back.get(&name).await? else {
            self.fetched.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
            return Err(SecretError::Missing { tenant: tenant.clone(), service: service.to_owned() });
        };
        let secret = read(&value, tenant, service)?;
        self.fetched.lock().unwrap_or_else(PoisonError::into_inner).insert(name, Fetched { value, at });
        Ok(secret)
    }
}

/// Where secrets are written, apart from [`Secrets`]: what only reads cannot write, and writes need not be readable.
#[derive(Clone)]
pub struct Vault {
    back: Arc<dyn RawSecrets>,
}

impl Vault {
    /// The vault of a back.
    pub fn new(back: Arc<dyn RawSecrets>) -> Self {
        Self { back }
    }

    /// Stores a tenant's secret for a service, in place of what was there. Whoever reads it sees it once what they
    /// fetched before is [`KEPT_FOR`] old, or after a [`Secrets::refresh`].
    pub async fn put(&self, tenant: &TenantId, service: &str, json: &SecretString) -> Result<(), SecretError> {
        match self.back.put(&name(tenant, service)?, json).await? {
            Stored::Yes => Ok(()),
            Stored::MarkedForDeletion => {
                Err(SecretError::MarkedForDeletion { tenant: tenant.clone(), service: service.to_owned() })
            }
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

fn name(tenant: &TenantId, service: &str) -> Result<String, SecretError> {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=64).contains(&service.len()) && service.bytes().all(legal) {
        Ok(format!("{tenant}/{service}"))
    } else {
        Err(SecretError::BadService)
    }
}

fn read<T: DeserializeOwned>(value: &SecretString, tenant: &TenantId, service: &str) -> Result<T, SecretError> {
    // serde_json's message may quote the secret, so it is not kept.
    serde_json::from_str(value.expose_secret())
        .map_err(|_| SecretError::Malformed { tenant: tenant.clone(), service: service.to_owned() })
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

/// What became of a secret that was to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is the current one.
    Yes,
    /// Not: the one of that name waits to be deleted.
    MarkedForDeletion,
}

/// A back of the secrets: Secrets Manager's GetSecretValue, PutSecretValue and CreateSecret.
#[async_trait]
pub trait RawSecrets: Send + Sync {
    /// The current value of the secret. None for ResourceNotFound.
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError>;

    /// Makes the secret with this value, or makes this its current value. The same value again changes nothing.
    async fn put(&self, name: &str, value: &SecretString) -> Result<Stored, SecretError>;
}
