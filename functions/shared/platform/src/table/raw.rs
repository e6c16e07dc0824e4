//! What a back of the table has to give: DynamoDB's conditional writes, transactions, queries and one sparse index.

use async_trait::async_trait;
use domain::{TenantId, Timestamp};

use super::{Due, Key, Page, TableError};

/// Partitions of the index of due rows. One partition would be hot: every tenant's waiting work is in it.
pub const DUE_SHARDS: u8 = 8;

/// A back of [`Table`](super::Table). Sizes, keys and counts were checked by the front.
#[async_trait]
pub trait RawTable: Send + Sync {
    /// A strongly consistent GetItem.
    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError>;

    /// A PutItem or DeleteItem with its condition; a check alone is a transaction of one.
    async fn write(&self, write: RawWrite) -> Result<(), TableError>;

    /// A TransactWriteItems: 1 to 100 writes to different rows.
    async fn transact(&self, writes: Vec<RawWrite>) -> Result<(), TableError>;

    /// A strongly consistent Query of one partition: `begins_with(sort, prefix)`, ascending, exclusive
    /// start, at most `limit` rows and 1 MB. `next` is the last evaluated key's sort key.
    async fn query(
        &self,
        tenant: &TenantId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Item>, TableError>;

    /// A Query of one shard of the sparse index: `due_at <= until`, ascending, at most `limit`. Keys only.
    async fn query_due(&self, shard: u8, until: Timestamp, limit: usize) -> Result<Vec<Due>, TableError>;
}

/// A row as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Partition and sort key.
    pub key: Key,
    /// Counts the writes of the row, from 1.
    pub version: u64,
    /// The value, as JSON text.
    pub body: String,
    /// Present only in rows that wait: the index is sparse.
    pub due_at: Option<Timestamp>,
    /// From when on the store may drop the row, at its leisure (DynamoDB: within days).
    pub expires_at: Option<Timestamp>,
}

/// One conditional write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawWrite {
    /// Write the item if its row does not exist.
    Insert(Item),
    /// Write the item if the stored version is the one before the item's.
    Replace(Item),
    /// Delete the row if its stored version is this one.
    Delete(Key, u64),
    /// Change nothing, but fail unless the stored version is this one. In transactions.
    Check(Key, u64),
}

impl RawWrite {
    /// The row that is written or checked.
    pub const fn key(&self) -> &Key {
        match self {
            Self::Insert(item) | Self::Replace(item) => &item.key,
            Self::Delete(key, _) | Self::Check(key, _) => key,
        }
    }

    /// The version that the stored row must have. None: the row must not exist.
    pub const fn version_before(&self) -> Option<u64> {
        match self {
            Self::Insert(_) => None,
            Self::Replace(item) => Some(item.version - 1),
            Self::Delete(_, version) | Self::Check(_, version) => Some(*version),
        }
    }

    /// The version that is stored after the write. After a delete: the last one there was.
    pub const fn version_after(&self) -> u64 {
        match self {
            Self::Insert(item) | Self::Replace(item) => item.version,
            Self::Delete(_, version) | Self::Check(_, version) => *version,
        }
    }
}

/// The shard of the due index that a row belongs to: a pure function of its key, the same in every back.
pub fn due_shard(key: &Key) -> u8 {
    // FNV-1a: stable for ever, unlike the standard library's hasher.
    let bytes = key.tenant.as_str().bytes().chain([b'#']).chain(key.sort.bytes());
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    u8::try_from(hash % u64::from(DUE_SHARDS)).expect("a remainder of a u8 fits in a u8")
}
