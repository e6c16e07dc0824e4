//! The memory back keeps the promises of every back, and one of its own: it is deterministic.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Waker},
};

use async_trait::async_trait;
use platform::{
    Clock, Due, Key, Lease, LeaseError, NewRow, Platform, SecretError, SignedDuration, Table, TableError, TenantId,
    Timestamp, VirtualClock,
    conformance::{self, Subject},
    memory::{Memory, QueueSettings},
    table::{
        Page,
        raw::{Item, RawTable, RawWrite},
    },
};
use serde_json::{Value, json};

struct MemorySubject {
    clock: VirtualClock,
    memory: Memory,
    platform: Platform,
    tenants: AtomicU32,
}

impl MemorySubject {
    fn new() -> Self {
        let (clock, memory) = world(7);
        memory.declare_queue(conformance::QUEUE, conformance::queue_settings());
        memory.declare_queue(conformance::DEAD_LETTERS, QueueSettings::default());
        let platform = memory.platform();
        Self { clock, memory, platform, tenants: AtomicU32::new(0) }
    }
}

#[async_trait]
impl Subject for MemorySubject {
    fn platform(&self) -> &Platform {
        &self.platform
    }

    fn tenant(&self) -> TenantId {
        let number = self.tenants.fetch_add(1, Ordering::Relaxed);
        format!("tenant-{number}").parse().expect("a tenant id")
    }

    async fn wait(&self, time: SignedDuration) {
        self.clock.advance(time);
    }

    async fn put_secret(&self, tenant: &TenantId, service: &str, json: &Value) {
        self.memory.put_secret(tenant, service, json);
    }

    async fn delete_secret(&self, tenant: &TenantId, service: &str, restore: bool) {
        if restore {
            self.memory.restore_secret(tenant, service);
        } else {
            self.memory.delete_secret(tenant, service);
        }
    }
}

fn world(seed: u64) -> (VirtualClock, Memory) {
    let clock = VirtualClock::at("2026-03-01T00:00:00Z".parse().expect("a timestamp"));
    (clock.clone(), Memory::new(Arc::new(clock), seed))
}

fn harbour() -> TenantId {
    "harbour".parse().expect("a tenant id")
}

#[tokio::test]
async fn the_table_keeps_its_promises() {
    conformance::table::check(&MemorySubject::new()).await;
}

#[tokio::test]
async fn leases_keep_their_promises() {
    conformance::lease::check(&MemorySubject::new()).await;
}

#[tokio::test]
async fn the_queues_keep_their_promises() {
    conformance::queue::check(&MemorySubject::new()).await;
}

#[tokio::test]
async fn the_bucket_keeps_its_promises() {
    conformance::bucket::check(&MemorySubject::new()).await;
}

#[tokio::test]
async fn the_secrets_keep_their_promises() {
    conformance::secrets::check(&MemorySubject::new()).await;
}

#[tokio::test]
async fn the_issues_keep_their_promises() {
    conformance::issues::check(&MemorySubject::new()).await;
}

/// In any order, on one world.
#[tokio::test]
async fn all_promises_are_kept_together() {
    let subject = MemorySubject::new();
    conformance::check(&subject).await;
    conformance::check(&subject).await;
}

fn deliveries(seed: u64) -> Vec<(String, String, String)> {
    let (clock, memory) = world(seed);
    memory.declare_queue("work", QueueSettings::default());
    for at in 0..20 {
        memory.send_text("work", &format!("{at}"), None).expect("the queue is declared");
    }
    let mut all = memory.receive("work", 7);
    clock.advance(SignedDuration::from_secs(31));
    all.extend(memory.receive("work", 20));
    all.into_iter().map(|message| (message.body, message.id, message.receipt)).collect()
}

#[test]
fn the_same_seed_gives_the_same_deliveries_and_another_seed_others() {
    assert_eq!(deliveries(1), deliveries(1));
    let order = |seed| deliveries(seed).into_iter().map(|(body, ..)| body).collect::<Vec<_>>();
    assert_ne!(order(1), order(2));
    let sent: Vec<String> = (0..7).map(|at| at.to_string()).collect();
    assert_ne!(order(1)[..7], sent, "SQS gives no order, so neither does this");
}

#[test]
fn depth_counts_visible_hidden_and_delayed_messages() {
    let (clock, memory) = world(1);
    memory.declare_queue("work", QueueSettings::default());
    for delay in [None, None, None, Some(SignedDuration::from_secs(60))] {
        memory.send_text("work", "{}", delay).expect("the queue is declared");
    }
    assert_eq!(memory.depth("work"), (3, 0, 1));
    let received = memory.receive("work", 2);
    assert_eq!(memory.depth("work"), (1, 2, 1));
    memory.delete_message("work", &received[0].receipt);
    memory.release("work", &received[1].receipt);
    assert_eq!(memory.depth("work"), (2, 0, 1));
    clock.advance(SignedDuration::from_secs(60));
    assert_eq!(memory.depth("work"), (3, 0, 0));
    assert_eq!(memory.messages("work").len(), 3);
}

/// In a fault history a crash is a future that is dropped, before its effect or between effect and answer.
#[tokio::test]
async fn a_dropped_call_is_either_not_done_or_done_without_an_answer() {
    let (_, memory) = world(1);
    let ledger = memory.platform().ledger;
    let mut stored = Vec::new();
    for polls in 0..=3 {
        let key = Key::new(&harbour(), format!("CRASH#{polls}"));
        let mut call = Box::pin(ledger.insert(NewRow::new(key, &polls)));
        let mut context = Context::from_waker(Waker::noop());
        let answered = (0..polls).filter(|_| call.as_mut().poll(&mut context).is_ready()).count();
        drop(call);
        stored.push((memory.rows(&harbour(), &format!("CRASH#{polls}")).len(), answered));
    }
    assert_eq!(stored, [(0, 0), (0, 0), (1, 0), (1, 1)]);
}

/// DynamoDB drops expired rows "within a few days": nobody may count on the instant.
#[tokio::test]
async fn expired_rows_linger_and_are_gone_after_two_days() {
    let (clock, memory) = world(3);
    let ledger = memory.platform().ledger;
    let expiry = Timestamp::from_second(1_772_326_800).expect("a timestamp"); // one hour after the start
    for at in 0..40 {
        let new = NewRow::new(Key::new(&harbour(), format!("LINK#{at:02}")), &at);
        ledger.insert(new.expires_at(expiry)).await.expect("the row is new");
    }
    let left = || memory.rows(&harbour(), "LINK#").len();
    clock.advance(SignedDuration::from_mins(59));
    assert_eq!(left(), 40);
    clock.advance(SignedDuration::from_hours(24));
    assert!((1..40).contains(&left()), "{} of 40 are left after a day", left());
    clock.advance(SignedDuration::from_hours(25));
    assert_eq!(left(), 0);
}

/// Rotation needs no deployment: a kept secret is fetched again after five minutes.
#[tokio::test]
async fn a_secret_is_kept_for_five_minutes() {
    let (clock, memory) = world(1);
    let secrets = memory.platform().secrets;
    memory.put_secret(&harbour(), "crm", &json!("old"));
    assert_eq!(secrets.get::<String>(&harbour(), "crm").await.expect("it is stored"), "old");
    memory.put_secret(&harbour(), "crm", &json!("new"));
    clock.advance(SignedDuration::from_secs(299));
    assert_eq!(secrets.get::<String>(&harbour(), "crm").await.expect("it is kept"), "old");
    clock.advance(SignedDuration::from_secs(1));
    assert_eq!(secrets.get::<String>(&harbour(), "crm").await.expect("it is stored"), "new");
    let missing = secrets.refresh::<String>(&harbour(), "sharepoint").await;
    assert!(matches!(missing, Err(SecretError::Missing { .. })));
}

/// T4: who hears "somebody has it" waits for a holder, so it is never said of a table that does not answer.
#[tokio::test]
async fn a_table_that_fails_is_not_somebody_who_holds_the_lease() {
    let clock: Arc<dyn Clock> = Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH));
    let (table, tenant, ttl) = (Table::new(Arc::new(Unwritable)), harbour(), SignedDuration::from_secs(3));
    let refused = Lease::take(&table, &tenant, "poll", "one", ttl, &clock).await.err();
    assert!(matches!(refused, Some(LeaseError::Table(TableError::Unavailable(_)))), "{refused:?}");
}

/// A table that is empty and takes nothing.
struct Unwritable;

#[async_trait]
impl RawTable for Unwritable {
    async fn get(&self, _: &Key) -> Result<Option<Item>, TableError> {
        Ok(None)
    }

    async fn write(&self, _: RawWrite) -> Result<(), TableError> {
        Err(TableError::Unavailable("too busy".to_owned()))
    }

    async fn transact(&self, _: Vec<RawWrite>) -> Result<(), TableError> {
        Err(TableError::Unavailable("too busy".to_owned()))
    }

    async fn query(&self, _: &TenantId, _: &str, _: Option<&str>, _: usize) -> Result<Page<Item>, TableError> {
        Ok(Page { items: Vec::new(), next: None })
    }

    async fn query_due(&self, _: u8, _: Timestamp, _: usize) -> Result<Vec<Due>, TableError> {
        Ok(Vec::new())
    }
}
