//! One JSON document per row, guarded by an optimistic lock.
//!
//! Start at [`Table`]. [`Lease`] is built on it; [`raw`] is what a back has to give.

mod lease;
pub mod raw;
mod row;
mod write;

use std::{fmt, sync::Arc};

use domain::{TenantId, Timestamp};
use serde::{Serialize, de::DeserializeOwned};

pub use lease::{Lease, LeaseError};
use raw::{RawTable, RawWrite};
pub use row::{Due, Key, MAX_ROW, NewRow, Page, Row};
pub use write::Write;

/// The most writes in one transaction, as DynamoDB's TransactWriteItems has it.
pub const MAX_TRANSACTION: usize = 100;

/// Rows of all tenants, each under its tenant's partition. Clones share the same table.
#[derive(Clone)]
pub struct Table {
    back: Arc<dyn RawTable>,
}

/// Why a table did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The row exists already, is gone, or has another version than the caller read. Nothing was written.
    #[error("row {key} is not of the version that write {write} names")]
    Conflict {
        /// The row.
        key: Key,
        /// Which write of the transaction, counted from 0. Always 0 outside a transaction.
        write: usize,
    },
    /// A key that the table cannot hold.
    #[error("a sort key {rule}")]
    BadKey {
        /// The rule that was broken.
        rule: &'static str,
    },
    /// A row larger than [`MAX_ROW`].
    #[error("row {key} would have {bytes} bytes, more than the table holds")]
    TooLarge {
        /// The row.
        key: Key,
        /// Its size in bytes, key and bookkeeping included.
        bytes: usize,
    },
    /// A transaction of more than [`MAX_TRANSACTION`] writes.
    #[error("a transaction of {0} writes is more than the table takes")]
    TooManyWrites(usize),
    /// Two writes of one transaction are to the same row.
    #[error("two writes of one transaction are to row {0}")]
    SameRowTwice(Key),
    /// A value that does not become JSON.
    #[error("encoding row {key}")]
    Encode {
        /// The row.
        key: Key,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A stored row that is not what the caller expects. Its content is not repeated.
    #[error("row {key} is not a {expected}")]
    Decode {
        /// The row.
        key: Key,
        /// The Rust type that was asked for.
        expected: &'static str,
    },
    /// The table did not answer, or is too busy. The write may or may not have been done.
    #[error("the table is not available: {0}")]
    Unavailable(String),
}

impl TableError {
    /// Whether another version of the row was met.
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }

    /// Whether the same call, made anew after reading again, may succeed later.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Conflict { .. } | Self::Unavailable(_))
    }
}

impl Table {
    /// The table in front of a back.
    pub fn new(back: Arc<dyn RawTable>) -> Self {
        Self { back }
    }

    /// The row under `key`, as of now: a write that was answered is seen.
    pub async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<Row<T>>, TableError> {
        key.check()?;
        match self.back.get(key).await? {
            Some(item) => Row::decode(item).map(Some),
            None => Ok(None),
        }
    }

    /// Writes a row that must not exist yet, and answers its version, 1.
    ///
    /// [`TableError::Conflict`] if the row exists.
    pub async fn insert<T: Serialize + ?Sized>(&self, new: NewRow<'_, T>) -> Result<u64, TableError> {
        self.write(Write::insert(new)?).await
    }

    /// Writes a row in place of `version` of itself, and answers its new version.
    ///
    /// `due_at` and `expires_at` are replaced too: what `new` does not name is gone afterwards.
    /// [`TableError::Conflict`] unless the stored version is `version`. A row that was deleted and
    /// inserted anew starts again at version 1.
    pub async fn replace<T: Serialize + ?Sized>(
        &self,
        key: &Key,
        version: u64,
        new: NewRow<'_, T>,
    ) -> Result<u64, TableError> {
        self.write(Write::replace(key, version, new)?).await
    }

    /// Deletes `version` of a row. [`TableError::Conflict`] unless that is the stored version.
    pub async fn delete(&self, key: &Key, version: u64) -> Result<(), TableError> {
        self.write(Write::delete(key, version)?).await.map(drop)
    }

    /// Rows of one tenant whose sort key begins with `prefix`, in the order of their sort keys' bytes.
    ///
    /// Begins after the sort key `after`, which is [`Page::next`] of the page before. A page holds at
    /// most `limit` rows and about 1 MB; it may hold fewer, even none, when more follow: only
    /// `next == None` says that the list is complete.
    pub async fn list<T: DeserializeOwned>(
        &self,
        tenant: &TenantId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Row<T>>, TableError> {
        if after.is_some_and(|after| !after.starts_with(prefix)) {
            return Err(TableError::BadKey { rule: "to go on after begins with the prefix" });
        }
        let page = self.back.query(tenant, prefix, after, limit.max(1)).await?;
        let items = page.items.into_iter().map(Row::decode).collect::<Result<_, _>>()?;
        Ok(Page { items, next: page.next })
    }

    /// Rows of all tenants with `due_at <= now`, oldest first, at most `limit`.
    ///
    /// Read from a sparse index that may lag behind the rows by about a second: a row named here may
    /// no longer be due, so read it and write on the condition of its version.
    pub async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Due>, TableError> {
        let mut due = Vec::new();
        for shard in 0..raw::DUE_SHARDS {
            due.append(&mut self.back.query_due(shard, now, limit.max(1)).await?);
        }
        due.sort_by(|one, other| (one.due_at, &one.key).cmp(&(other.due_at, &other.key)));
        due.truncate(limit);
        Ok(due)
    }

    /// Does all of the writes or none of them.
    ///
    /// At most [`MAX_TRANSACTION`], each to another row. [`TableError::Conflict`] names the first
    /// write whose condition did not hold. No writes is no call.
    pub async fn transact(&self, writes: Vec<Write>) -> Result<(), TableError> {
        if writes.is_empty() {
            return Ok(());
        }
        if writes.len() > MAX_TRANSACTION {
            return Err(TableError::TooManyWrites(writes.len()));
        }
        let writes: Vec<RawWrite> = writes.into_iter().map(Write::into_raw).collect();
        let mut keys: Vec<&Key> = writes.iter().map(RawWrite::key).collect();
        keys.sort();
        if let Some(pair) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(TableError::SameRowTwice(pair[0].clone()));
        }
        self.back.transact(writes).await
    }

    async fn write(&self, write: Write) -> Result<u64, TableError> {
        let raw = write.into_raw();
        let version = raw.version_after();
        self.back.write(raw).await?;
        Ok(version)
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Table")
    }
}
