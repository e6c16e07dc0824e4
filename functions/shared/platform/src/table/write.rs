//! Writes, for transactions.

use serde::Serialize;

use super::{Key, NewRow, TableError, raw::RawWrite};

/// One write of a transaction, with its condition. See [`Table::transact`](super::Table::transact).
#[derive(Clone, Debug)]
pub struct Write(RawWrite);

impl Write {
    /// Writes a row that must not exist yet.
    pub fn insert<T: Serialize + ?Sized>(new: NewRow<'_, T>) -> Result<Self, TableError> {
        Ok(Self(RawWrite::Insert(new.encode(1)?)))
    }

    /// Writes a row in place of `version` of itself. `new` has to be for `key`.
    pub fn replace<T: Serialize + ?Sized>(key: &Key, version: u64, new: NewRow<'_, T>) -> Result<Self, TableError> {
        if new.key() != key {
            return Err(TableError::BadKey { rule: "of a row in place of another is that row's own" });
        }
        Ok(Self(RawWrite::Replace(new.encode(version.saturating_add(1))?)))
    }

    /// Deletes `version` of a row.
    pub fn delete(key: &Key, version: u64) -> Result<Self, TableError> {
        key.check()?;
        Ok(Self(RawWrite::Delete(key.clone(), version)))
    }

    /// Changes nothing, but lets the transaction fail unless the row's version is `version`.
    ///
    /// The fence of a lease: [`Lease::guard`](super::Lease::guard).
    pub fn check(key: &Key, version: u64) -> Result<Self, TableError> {
        key.check()?;
        Ok(Self(RawWrite::Check(key.clone(), version)))
    }

    pub(super) fn into_raw(self) -> RawWrite {
        self.0
    }
}
