//! A table that fails for some rows, as DynamoDB does when it is too busy.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::{TenantId, Timestamp};
use localhost::{Host, Instance};
use platform::{
    Due, Key, Page, Platform, Table, TableError,
    memory::Memory,
    table::raw::{Item, RawTable, RawWrite},
};

/// Fails every call for rows whose sort keys begin so. Clones share what fails.
#[derive(Clone)]
pub struct Ailing {
    memory: Memory,
    prefix: Arc<Mutex<Option<&'static str>>>,
}

impl Ailing {
    /// In front of an instance's table; nothing fails yet.
    pub fn of(instance: &Instance) -> Self {
        Self { memory: instance.host.memory().clone(), prefix: Arc::default() }
    }

    /// What fails from now on.
    pub fn fail(&self, prefix: Option<&'static str>) {
        *self.prefix.lock().unwrap_or_else(PoisonError::into_inner) = prefix;
    }

    /// The functions of an instance on this table.
    pub fn host(&self, instance: &Instance) -> anyhow::Result<Host> {
        let platform = Platform { ledger: Table::new(Arc::new(self.clone())), ..self.memory.platform() };
        instance.functions_on(&platform)
    }

    fn check(&self, key: &Key) -> Result<(), TableError> {
        let prefix = *self.prefix.lock().unwrap_or_else(PoisonError::into_inner);
        match prefix {
            Some(prefix) if key.sort.starts_with(prefix) => Err(TableError::Unavailable("throttled".to_owned())),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl RawTable for Ailing {
    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        self.check(key)?;
        self.memory.get(key).await
    }

    async fn write(&self, write: RawWrite) -> Result<(), TableError> {
        self.check(write.key())?;
        self.memory.write(write).await
    }

    async fn transact(&self, writes: Vec<RawWrite>) -> Result<(), TableError> {
        writes.iter().try_for_each(|write| self.check(write.key()))?;
        self.memory.transact(writes).await
    }

    async fn query(
        &self,
        tenant: &TenantId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Item>, TableError> {
        self.check(&Key::new(tenant, prefix))?;
        self.memory.query(tenant, prefix, after, limit).await
    }

    async fn query_due(&self, shard: u8, until: Timestamp, limit: usize) -> Result<Vec<Due>, TableError> {
        self.memory.query_due(shard, until, limit).await
    }
}
