//! The secrets in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::TenantId;
use secrecy::SecretString;

use super::Memory;
use crate::secrets::{RawSecrets, SecretError};

pub(super) type Values = BTreeMap<String, SecretString>;

impl Memory {
    /// Stores a tenant's secret for a service, in place of what was there.
    pub fn put_secret(&self, tenant: &TenantId, service: &str, json: &serde_json::Value) {
        self.state().secrets.insert(format!("tieline/{tenant}/{service}"), json.to_string().into());
    }
}

#[async_trait]
impl RawSecrets for Memory {
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        self.answer(|it| Ok(it.state().secrets.get(name).cloned())).await
    }
}
