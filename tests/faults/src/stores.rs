//! Our own stores, which fail as calls to the outside do: the ledger and the queues are AWS's.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{SignedDuration, TenantId, Timestamp};
use platform::{
    Due, Key, Page, QueueError, Received, TableError,
    memory::Memory,
    queue::RawQueues,
    table::raw::{Item, RawTable, RawWrite},
};

use crate::{
    Planted, StoreFault,
    planted::{LedgerBug, WriteBecomes},
    watch::Watch,
};

/// The ledger as a process sees it.
pub(crate) struct Ledger {
    pub(crate) memory: Memory,
    pub(crate) watch: Arc<Watch>,
    pub(crate) planted: Option<Planted>,
}

/// The queues as a process sees them.
pub(crate) struct Mail {
    pub(crate) memory: Memory,
    pub(crate) watch: Arc<Watch>,
}

impl Ledger {
    /// Does the request, unless it goes wrong.
    async fn request<T>(&self, doing: impl Future<Output = Result<T, TableError>>) -> Result<T, TableError> {
        let fault = self.watch.seen().ledger_fault();
        match fault {
            None => doing.await,
            Some(StoreFault::Refuse) => {
                tokio::task::yield_now().await;
                Err(TableError::Unavailable("throttled".to_owned()))
            }
            Some(StoreFault::Lose) => doing.await.and(Err(TableError::Unavailable("no answer".to_owned()))),
        }
    }

    async fn write_all(&self, writes: Vec<RawWrite>) -> Result<(), TableError> {
        self.watch.seen().news.written |= writes.iter().any(|write| !matches!(write, RawWrite::Check(..)));
        let (bug, memory) = (self.planted.and_then(Planted::of_ledger), &self.memory);
        let mut kept = Vec::with_capacity(writes.len());
        for write in writes {
            match bug.map_or(WriteBecomes::Itself, |bug| bug.on_write(&write)) {
                WriteBecomes::Itself => kept.push(write),
                WriteBecomes::Another(write) => kept.push(write),
                WriteBecomes::Nothing => {}
                WriteBecomes::OfAnyVersion(mut item) => {
                    item.version = memory.get(&item.key).await?.map_or(1, |stored| stored.version + 1);
                    kept.push(RawWrite::Replace(item));
                }
            }
        }
        let is_press = kept.len() == 1;
        match memory.transact(kept).await {
            Err(TableError::Conflict { key, .. })
                if is_press && bug == Some(LedgerBug::PressLost) && key.sort.starts_with("SITE#") =>
            {
                Ok(())
            }
            written => written,
        }
    }
}

#[async_trait]
impl RawTable for Ledger {
    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        let item = self.request(RawTable::get(&self.memory, key)).await?;
        Ok(match self.planted.and_then(Planted::of_ledger) {
            Some(bug) => item.map(|item| bug.on_read(item)),
            None => item,
        })
    }

    async fn write(&self, write: RawWrite) -> Result<(), TableError> {
        self.request(self.write_all(vec![write])).await
    }

    async fn transact(&self, writes: Vec<RawWrite>) -> Result<(), TableError> {
        self.request(self.write_all(writes)).await
    }

    async fn query(
        &self,
        tenant: &TenantId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Item>, TableError> {
        self.request(self.memory.query(tenant, prefix, after, limit)).await
    }

    async fn query_due(&self, shard: u8, until: Timestamp, limit: usize) -> Result<Vec<Due>, TableError> {
        self.request(self.memory.query_due(shard, until, limit)).await
    }
}

impl Mail {
    async fn request(&self, doing: impl Future<Output = Result<(), QueueError>>) -> Result<(), QueueError> {
        let unavailable =
            |reason: &str| QueueError::Unavailable { queue: "a queue".to_owned(), reason: reason.to_owned() };
        let fault = self.watch.seen().queue_fault();
        match fault {
            None => doing.await,
            Some(StoreFault::Refuse) => {
                tokio::task::yield_now().await;
                Err(unavailable("throttled"))
            }
            Some(StoreFault::Lose) => doing.await.and(Err(unavailable("no answer"))),
        }
    }
}

#[async_trait]
impl RawQueues for Mail {
    async fn send(
        &self,
        queue: &str,
        body: String,
        group: &TenantId,
        delay: Option<SignedDuration>,
    ) -> Result<(), QueueError> {
        self.request(RawQueues::send(&self.memory, queue, body, group, delay)).await
    }

    async fn receive(&self, queue: &str, max: usize) -> Result<Vec<Received>, QueueError> {
        RawQueues::receive(&self.memory, queue, max).await
    }

    async fn delete(&self, queue: &str, receipt: &str) -> Result<(), QueueError> {
        self.request(RawQueues::delete(&self.memory, queue, receipt)).await
    }

    async fn hide(&self, queue: &str, receipt: &str, timeout: SignedDuration) -> Result<(), QueueError> {
        self.request(RawQueues::hide(&self.memory, queue, receipt, timeout)).await
    }
}
