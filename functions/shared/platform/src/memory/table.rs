//! The table in memory.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use domain::{SignedDuration, TenantId, Timestamp};

use super::{Memory, Random};
use crate::table::{
    Due, Key, Page, TableError,
    raw::{Item, RawTable, RawWrite, due_shard},
};

/// What one Query reads at most, as in DynamoDB.
const PAGE_BYTES: usize = 1024 * 1024;

/// DynamoDB drops expired rows "within a few days"; here it is within two.
const LINGER: SignedDuration = SignedDuration::from_hours(48);

#[derive(Clone)]
pub(super) struct Rows {
    seed: u64,
    items: BTreeMap<Key, Item>,
    due: BTreeSet<(u8, Timestamp, Key)>,
    dropped_at: BTreeSet<(Timestamp, Key)>,
}

impl Rows {
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed, items: BTreeMap::new(), due: BTreeSet::new(), dropped_at: BTreeSet::new() }
    }

    pub(super) fn under(&mut self, tenant: &TenantId, prefix: &str, now: Timestamp) -> impl Iterator<Item = &Item> {
        self.from(Key::new(tenant, prefix), prefix, now)
    }

    fn from(&mut self, start: Key, prefix: &str, now: Timestamp) -> impl Iterator<Item = &Item> {
        self.drop_expired(now);
        let tenant = start.tenant.clone();
        let within = move |item: &&Item| item.key.tenant == tenant && item.key.sort.starts_with(prefix);
        self.items.range(start..).map(|(_, item)| item).take_while(within)
    }

    fn write_all(&mut self, writes: Vec<RawWrite>, now: Timestamp) -> Result<(), TableError> {
        self.drop_expired(now);
        let stored = |write: &RawWrite| self.items.get(write.key()).map(|item| item.version);
        if let Some(write) = writes.iter().position(|write| stored(write) != write.version_before()) {
            return Err(TableError::Conflict { key: writes[write].key().clone(), write });
        }
        for write in writes {
            match write {
                RawWrite::Insert(item) | RawWrite::Replace(item) => self.store(item),
                RawWrite::Delete(key, _) => self.remove(&key),
                RawWrite::Check(..) => {}
            }
        }
        Ok(())
    }

    fn store(&mut self, item: Item) {
        self.remove(&item.key);
        if let Some(at) = item.due_at {
            self.due.insert((due_shard(&item.key), at, item.key.clone()));
        }
        if let Some(at) = item.expires_at {
            self.dropped_at.insert((self.dropped_when(&item.key, at), item.key.clone()));
        }
        self.items.insert(item.key.clone(), item);
    }

    fn remove(&mut self, key: &Key) {
        let Some(item) = self.items.remove(key) else { return };
        if let Some(at) = item.due_at {
            self.due.remove(&(due_shard(key), at, key.clone()));
        }
        if let Some(at) = item.expires_at {
            self.dropped_at.remove(&(self.dropped_when(key, at), key.clone()));
        }
    }

    fn drop_expired(&mut self, now: Timestamp) {
        while let Some((at, key)) = self.dropped_at.first()
            && *at <= now
        {
            let key = key.clone();
            self.remove(&key);
        }
    }

    /// Some time within [`LINGER`] after the expiry, always the same for one row and one seed.
    fn dropped_when(&self, key: &Key, expires_at: Timestamp) -> Timestamp {
        let mixed = key.sort.bytes().fold(self.seed, |mixed, byte| Random::new(mixed ^ u64::from(byte)).next());
        let linger = i64::try_from(mixed % LINGER.as_secs().unsigned_abs()).expect("two days of seconds fit");
        expires_at.saturating_add(SignedDuration::from_secs(linger)).expect("adding a signed duration saturates")
    }
}

#[async_trait]
impl RawTable for Memory {
    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        self.answer(|it| {
            let (now, mut state) = (it.now(), it.state());
            state.rows.drop_expired(now);
            Ok(state.rows.items.get(key).cloned())
        })
        .await
    }

    async fn write(&self, write: RawWrite) -> Result<(), TableError> {
        self.transact(vec![write]).await
    }

    async fn transact(&self, writes: Vec<RawWrite>) -> Result<(), TableError> {
        self.answer(|it| {
            let now = it.now();
            it.state().rows.write_all(writes, now)
        })
        .await
    }

    async fn query(
        &self,
        tenant: &TenantId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Item>, TableError> {
        self.answer(|it| {
            let (now, mut state) = (it.now(), it.state());
            let start = Key::new(tenant, after.unwrap_or(prefix));
            let mut page = Page { items: Vec::new(), next: None };
            let mut bytes = 0;
            for item in state.rows.from(start, prefix, now).filter(|item| after != Some(item.key.sort.as_str())) {
                // As in DynamoDB, a full page names its last row even when nothing follows.
                bytes += item.key.partition().len() + item.key.sort.len() + item.body.len();
                page.items.push(item.clone());
                if page.items.len() == limit || bytes > PAGE_BYTES {
                    page.next = Some(item.key.sort.clone());
                    break;
                }
            }
            Ok(page)
        })
        .await
    }

    async fn query_due(&self, shard: u8, until: Timestamp, limit: usize) -> Result<Vec<Due>, TableError> {
        self.answer(|it| {
            let (now, mut state) = (it.now(), it.state());
            state.rows.drop_expired(now);
            let of_shard = state.rows.due.iter().skip_while(|(of, ..)| *of < shard);
            let due = of_shard.take_while(|(of, at, _)| *of == shard && *at <= until).take(limit);
            Ok(due.map(|(_, due_at, key)| Due { key: key.clone(), due_at: *due_at }).collect())
        })
        .await
    }
}
