//! The secrets in memory.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use domain::TenantId;
use secrecy::SecretString;

use super::Memory;
use crate::secrets::{RawSecrets, SecretError, Stored};

#[derive(Clone, Default)]
pub(super) struct Values {
    current: BTreeMap<String, SecretString>,
    marked: BTreeSet<String>,
}

impl Memory {
    /// Stores a tenant's secret for a service, in place of what was there.
    pub fn put_secret(&self, tenant: &TenantId, service: &str, json: &serde_json::Value) {
        self.state().secrets.current.insert(name(tenant, service), json.to_string().into());
    }

    /// Marks a secret for deletion, as a person does in Secrets Manager: it is not read any more, nor written.
    pub fn delete_secret(&self, tenant: &TenantId, service: &str) {
        self.state().secrets.marked.insert(name(tenant, service));
    }

    /// Takes such a mark off again.
    pub fn restore_secret(&self, tenant: &TenantId, service: &str) {
        self.state().secrets.marked.remove(&name(tenant, service));
    }
}

fn name(tenant: &TenantId, service: &str) -> String {
    format!("{tenant}/{service}")
}

#[async_trait]
impl RawSecrets for Memory {
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        self.answer(|it| {
            let secrets = &it.state().secrets;
            Ok(secrets.current.get(name).filter(|_| !secrets.marked.contains(name)).cloned())
        })
        .await
    }

    async fn put(&self, name: &str, value: &SecretString) -> Result<Stored, SecretError> {
        self.answer(|it| {
            let secrets = &mut it.state().secrets;
            if secrets.marked.contains(name) {
                return Ok(Stored::MarkedForDeletion);
            }
            secrets.current.insert(name.to_owned(), value.clone());
            Ok(Stored::Yes)
        })
        .await
    }
}
