//! What a press and a site cost in requests to the ledger: counted, so that none is added unseen.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use domain::{TenantId, Timestamp};
use e2e::{HARBOUR, World};
use localhost::Host;
use platform::{
    Due, Key, Page, Table, TableError,
    memory::Memory,
    table::raw::{Item, RawTable, RawWrite},
};
use sandbox::crm::seed;

use crate::ANNA;

/// A ledger that counts what is asked of it, by request and kind of row.
#[derive(Clone)]
struct Counted {
    memory: Memory,
    counts: Arc<Mutex<BTreeMap<String, u32>>>,
}

impl Counted {
    fn count(&self, request: &str, sort: &str) {
        let kind = sort.strip_prefix("LEASE#").map_or_else(
            || sort.split('#').next().unwrap_or_default().to_owned(),
            |of| format!("LEASE {}", of.split('#').next().unwrap_or_default()),
        );
        *self.counts.lock().expect("no panic while locked").entry(format!("{request} {kind}")).or_default() += 1;
    }

    /// What was counted since the last look, as a table with its sum.
    fn table(&self) -> String {
        let counts = std::mem::take(&mut *self.counts.lock().expect("no panic while locked"));
        let sum: u32 = counts.values().sum();
        let lines: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
        format!("{}\n{sum} in all", lines.join("\n"))
    }
}

#[async_trait]
impl RawTable for Counted {
    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        self.count("get", &key.sort);
        self.memory.get(key).await
    }

    async fn write(&self, write: RawWrite) -> Result<(), TableError> {
        self.count("put", &write.key().sort);
        self.memory.write(write).await
    }

    async fn transact(&self, writes: Vec<RawWrite>) -> Result<(), TableError> {
        let last = writes.last().map_or("", |write| &write.key().sort);
        self.count("transact", last);
        self.memory.transact(writes).await
    }

    async fn query(
        &self,
        tenant: &TenantId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Item>, TableError> {
        self.count("query", prefix);
        self.memory.query(tenant, prefix, after, limit).await
    }

    async fn query_due(&self, shard: u8, until: Timestamp, limit: usize) -> Result<Vec<Due>, TableError> {
        self.count("query", "due");
        self.memory.query_due(shard, until, limit).await
    }
}

fn counted_process(world: &World) -> (Host, Counted) {
    let memory = world.instance.host.memory().clone();
    let counted = Counted { memory: memory.clone(), counts: Arc::default() };
    let mut platform = memory.platform();
    platform.ledger = Table::new(Arc::new(counted.clone()));
    (world.instance.functions_on(&platform).expect("the template is the same"), counted)
}

/// Tokens and budgets cost a press one or two reads more, and a site two or three; a sign-in, once in hours, two writes.
#[tokio::test]
async fn a_press_and_a_site_cost_these_requests_to_the_ledger() {
    let world = World::start().await;
    // The first press of all, in a process that knows nothing: it signs in.
    let (press, asked) = counted_process(&world);
    let request = world.request(HARBOUR, ANNA, seed::account(1));
    world.ring_at(&press, HARBOUR, request).await;
    insta::assert_snapshot!("a_first_press", asked.table());
    // The next one in the same process.
    let request = world.request(HARBOUR, ANNA, seed::account(5));
    world.ring_at(&press, HARBOUR, request).await;
    insta::assert_snapshot!("a_press", asked.table());
    // Two sites in a process that knows nothing: half of it is what one costs.
    let (build, asked) = counted_process(&world);
    build.deliver().await;
    insta::assert_snapshot!("a_first_site", asked.table());
    build.drain().await;
    insta::assert_snapshot!("a_site", asked.table());
    assert_eq!(world.sites(HARBOUR).len(), 2);
}
