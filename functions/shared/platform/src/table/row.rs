//! Rows, their keys, and pages of them.

use std::fmt;

use domain::{TenantId, Timestamp};
use serde::{Serialize, de::DeserializeOwned};

use super::{TableError, raw::Item};

/// The most bytes in one row: DynamoDB's 400 KB, of which names and numbers take some.
pub const MAX_ROW: usize = 400 * 1024;

/// Attribute names, version, due and expiry times: what a row costs beside its keys and its value.
const BOOKKEEPING: usize = 160;

/// Where a row is: the partition `T#<tenant>` and a sort key such as `SITE#account#<id>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Whose row it is.
    pub tenant: TenantId,
    /// 1 to 1,024 bytes.
    pub sort: String,
}

impl Key {
    /// The key of a tenant's row. The sort key's rules are checked when the key is used.
    pub fn new(tenant: &TenantId, sort: impl Into<String>) -> Self {
        Self { tenant: tenant.clone(), sort: sort.into() }
    }

    /// The partition key: `T#<tenant>`.
    pub fn partition(&self) -> String {
        format!("T#{}", self.tenant)
    }

    pub(super) const fn check(&self) -> Result<(), TableError> {
        match self.sort.len() {
            0 => Err(TableError::BadKey { rule: "is not empty" }),
            1..=1024 => Ok(()),
            _ => Err(TableError::BadKey { rule: "has at most 1024 bytes" }),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T#{} {}", self.tenant, self.sort)
    }
}

/// A row as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<T> {
    /// Where it is.
    pub key: Key,
    /// Which writing of it this is, from 1. The next write names it.
    pub version: u64,
    /// The document.
    pub value: T,
    /// When the row's work is due, if it waits.
    pub due_at: Option<Timestamp>,
    /// From when on the row may vanish. It may still be read for days after that.
    pub expires_at: Option<Timestamp>,
}

impl<T: DeserializeOwned> Row<T> {
    pub(crate) fn decode(item: Item) -> Result<Self, TableError> {
        // serde_json's message may quote the value, so it is not kept.
        let Ok(value) = serde_json::from_str(&item.body) else {
            return Err(TableError::Decode { key: item.key, expected: std::any::type_name::<T>() });
        };
        let Item { key, version, due_at, expires_at, body: _ } = item;
        Ok(Self { key, version, value, due_at, expires_at })
    }
}

/// A row to be written.
#[derive(Clone, Debug)]
pub struct NewRow<'a, T: ?Sized> {
    key: Key,
    value: &'a T,
    due_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
}

impl<'a, T: Serialize + ?Sized> NewRow<'a, T> {
    /// A row that neither waits nor expires.
    pub const fn new(key: Key, value: &'a T) -> Self {
        Self { key, value, due_at: None, expires_at: None }
    }

    /// With work that is due at `at`; None: nothing waits. Makes the row appear in [`Table::due`](super::Table::due).
    #[must_use]
    pub fn due_at(mut self, at: impl Into<Option<Timestamp>>) -> Self {
        self.due_at = at.into();
        self
    }

    /// With leave for the store to drop the row some time after `at`; None: it stays.
    #[must_use]
    pub fn expires_at(mut self, at: impl Into<Option<Timestamp>>) -> Self {
        self.expires_at = at.into();
        self
    }

    pub(super) const fn key(&self) -> &Key {
        &self.key
    }

    pub(super) fn encode(self, version: u64) -> Result<Item, TableError> {
        let Self { key, value, due_at, expires_at } = self;
        key.check()?;
        let body = match serde_json::to_string(value) {
            Ok(body) => body,
            Err(source) => return Err(TableError::Encode { key, source }),
        };
        let bytes = key.partition().len() + key.sort.len() + body.len() + BOOKKEEPING;
        if bytes > MAX_ROW {
            return Err(TableError::TooLarge { key, bytes });
        }
        Ok(Item { key, version, body, due_at, expires_at })
    }
}

/// Part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What the page holds, in order.
    pub items: Vec<T>,
    /// What to pass as `after` for the next page. None: this was the last one.
    pub next: Option<String>,
}

/// A row whose work is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The row.
    pub key: Key,
    /// Since when.
    pub due_at: Timestamp,
}
