//! The right to work on something alone, for a while.

use std::sync::Arc;

use domain::{Clock, SignedDuration, TenantId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Key, NewRow, Row, Table, TableError, Write};

/// A lease that was taken: a row `LEASE#<name>` of the tenant that names its holder.
///
/// Until [`until`](Self::until) nobody else takes it. A holder that stalls past that instant may find the
/// lease taken by another; what keeps it from doing harm is not the time but the fence: put
/// [`guard`](Self::guard) into the transaction of every write, or store [`fence`](Self::fence) with what is
/// written and refuse a smaller one. Take it for longer than the function's timeout, and renew it per page.
pub struct Lease {
    table: Table,
    clock: Arc<dyn Clock>,
    key: Key,
    version: u64,
    stored: Stored,
}

/// Why a lease was not taken or not renewed.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Somebody holds it.
    #[error("lease {key} is held until {until}")]
    Held {
        /// The lease's row.
        key: Key,
        /// When it can be taken at the earliest, unless it is renewed.
        until: Timestamp,
    },
    /// It was taken by another since; stop writing.
    #[error("lease {0} was lost")]
    Lost(Key),
    /// The table failed.
    #[error("reading or writing a lease")]
    Table(#[from] TableError),
}

/// The row. It stays when the lease is given back: with it the fence would start again.
#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    fence: u64,
    holder: String,
    until: Timestamp,
}

impl Lease {
    /// Takes the lease `name` of a tenant for `ttl`, if nobody holds it.
    ///
    /// `holder` says who asks, for people who read the table; the same holder cannot take a lease twice.
    pub async fn take(
        table: &Table,
        tenant: &TenantId,
        name: &str,
        holder: &str,
        ttl: SignedDuration,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, LeaseError> {
        let key = Key::new(tenant, format!("LEASE#{name}"));
        let now = clock.now();
        let until = later(now, ttl);
        let before: Option<Row<Stored>> = table.get(&key).await?;
        let (written, stored) = match before {
            None => {
                let stored = Stored { fence: 1, holder: holder.to_owned(), until };
                (table.insert(NewRow::new(key.clone(), &stored)).await, stored)
            }
            Some(row) if row.value.until > now => return Err(LeaseError::Held { key, until: row.value.until }),
            Some(row) => {
                let stored = Stored { fence: row.value.fence + 1, holder: holder.to_owned(), until };
                (table.replace(&key, row.version, NewRow::new(key.clone(), &stored)).await, stored)
            }
        };
        match written {
            Ok(version) => Ok(Self { table: table.clone(), clock: Arc::clone(clock), key, version, stored }),
            // Another took it between the read and the write, for a time that was not read.
            Err(error) if error.is_conflict() => Err(LeaseError::Held { key, until }),
            Err(error) => Err(error.into()),
        }
    }

    /// The fencing token: larger with every take of this lease, never equal.
    pub const fn fence(&self) -> u64 {
        self.stored.fence
    }

    /// Until when nobody else takes it.
    pub const fn until(&self) -> Timestamp {
        self.stored.until
    }

    /// Whether the lease's time has not run out yet.
    pub fn is_valid(&self) -> bool {
        self.clock.now() < self.stored.until
    }

    /// A part of a transaction that lets all of it fail if another has taken the lease since.
    pub fn guard(&self) -> Write {
        Write::check(&self.key, self.version).expect("the key was checked when the lease was taken")
    }

    /// Holds on for `ttl` from now; the fence stays. [`LeaseError::Lost`] if another has taken it since.
    pub async fn renew(&mut self, ttl: SignedDuration) -> Result<(), LeaseError> {
        let stored = Stored { until: later(self.clock.now(), ttl), ..self.stored.clone() };
        self.version = self.store(&stored).await?;
        self.stored = stored;
        Ok(())
    }

    /// Gives the lease back. [`LeaseError::Lost`] if another has taken it since.
    pub async fn release(self) -> Result<(), LeaseError> {
        let stored = Stored { until: Timestamp::UNIX_EPOCH, ..self.stored.clone() };
        self.store(&stored).await.map(drop)
    }

    async fn store(&self, stored: &Stored) -> Result<u64, LeaseError> {
        let new = NewRow::new(self.key.clone(), stored);
        self.table
            .replace(&self.key, self.version, new)
            .await
            .map_err(|error| if error.is_conflict() { LeaseError::Lost(self.key.clone()) } else { error.into() })
    }
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).expect("adding a signed duration saturates")
}
