//! Our own stores, which fail as calls to the outside do: the ledger, the queues and the bucket are AWS's.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use domain::{SignedDuration, TenantId, Timestamp};
use futures_util::TryStreamExt;
use platform::{
    BucketError, Due, Key, Page, QueueError, Received, TableError,
    bucket::{Object, Parts, RawBucket},
    memory::Memory,
    queue::RawQueues,
    table::raw::{Item, RawTable, RawWrite},
};

use crate::{Planted, StoreFault, planted::WriteBecomes, watch::Watch, wire::Lies};

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

/// The bucket as a process sees it.
pub(crate) struct Objects {
    pub(crate) memory: Memory,
    pub(crate) watch: Arc<Watch>,
    pub(crate) planted: Option<Planted>,
    pub(crate) lies: Arc<Lies>,
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
        let (bug, memory) = (self.planted, &self.memory);
        let mut kept = Vec::with_capacity(writes.len());
        for write in writes {
            match bug.map_or(WriteBecomes::Itself, |bug| bug.on_write(&write)) {
                WriteBecomes::Itself => kept.push(write),
                WriteBecomes::Another(write) => kept.push(write),
                WriteBecomes::Nothing => {}
                WriteBecomes::OfAnyVersion(mut item) => {
                    item.version = RawTable::get(memory, &item.key).await?.map_or(1, |stored| stored.version + 1);
                    kept.push(RawWrite::Replace(item));
                }
            }
        }
        let is_press = kept.len() == 1;
        match memory.transact(kept).await {
            Err(TableError::Conflict { key, .. })
                if is_press && bug == Some(Planted::PressLost) && key.sort.starts_with("SITE#") =>
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
        Ok(match self.planted {
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

impl Objects {
    async fn request<T>(&self, doing: impl Future<Output = Result<T, BucketError>>) -> Result<T, BucketError> {
        let fault = self.watch.seen().bucket_fault();
        match fault {
            None => doing.await,
            Some(StoreFault::Refuse) => {
                tokio::task::yield_now().await;
                Err(BucketError::Unavailable("throttled".to_owned()))
            }
            Some(StoreFault::Lose) => doing.await.and(Err(BucketError::Unavailable("no answer".to_owned()))),
        }
    }

    /// What is written, if whoever writes it is wrong: a part that was handed over before lacks its last line.
    fn written(&self, name: &str, body: Bytes) -> Bytes {
        let is_handed_over = name.contains("/Import/");
        if self.planted != Some(Planted::PartOverwritten) || !is_handed_over || !self.lies.is_known_object(name) {
            return body;
        }
        let lines = body.strip_suffix(b"\r\n").unwrap_or(&body);
        let end = lines.windows(2).rposition(|pair| pair == b"\r\n").map_or(0, |at| at + 2);
        body.slice(..end)
    }
}

#[async_trait]
impl RawBucket for Objects {
    async fn put(&self, name: &str, body: Bytes, only_absent: bool) -> Result<bool, BucketError> {
        let body = self.written(name, body);
        self.request(RawBucket::put(&self.memory, name, body, only_absent)).await
    }

    async fn upload(&self, name: &str, parts: Parts<'_>) -> Result<bool, BucketError> {
        let parts: Vec<Bytes> = parts.try_collect().await.map_err(BucketError::Content)?;
        let body = self.written(name, parts.concat().into());
        self.request(RawBucket::put(&self.memory, name, body, true)).await
    }

    async fn get(&self, name: &str) -> Result<Option<Bytes>, BucketError> {
        self.request(RawBucket::get(&self.memory, name)).await
    }

    async fn delete(&self, name: &str) -> Result<(), BucketError> {
        self.request(RawBucket::delete(&self.memory, name)).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Page<Object>, BucketError> {
        self.request(RawBucket::list(&self.memory, prefix, after)).await
    }
}
