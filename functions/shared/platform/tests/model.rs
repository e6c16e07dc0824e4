//! Random histories of the table and of leases, against models that are too simple to be wrong.

use std::{collections::BTreeMap, sync::Arc};

use platform::{
    Clock, Key, Lease, LeaseError, NewRow, Platform, SignedDuration, TableError, TenantId, Timestamp, VirtualClock,
    Write, memory::Memory,
};
use proptest::{collection::vec, prelude::*};

fn world(seed: u64) -> (VirtualClock, Platform) {
    let clock = VirtualClock::at(Timestamp::UNIX_EPOCH);
    (clock.clone(), Memory::new(Arc::new(clock), seed).platform())
}

fn run<T>(history: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts").block_on(history)
}

#[derive(Clone, Debug)]
enum Change {
    Insert { value: u8, due: Option<i64> },
    Replace { stale_by: u64, value: u8, due: Option<i64> },
    Delete { stale_by: u64 },
    Check { stale_by: u64 },
}

/// Keys of two tenants, some the beginning of others.
const SORTS: [&str; 6] = ["A", "A#", "A#1", "A#10", "A#2", "B"];
const TENANTS: [&str; 2] = ["harbour", "north"];

#[derive(Clone, Debug)]
enum Op {
    Write(Vec<(usize, usize, Change)>),
    List { tenant: usize, prefix: usize, limit: usize },
    Due { now: i64, limit: usize },
}

#[derive(Clone, Debug, PartialEq)]
struct Stored {
    version: u64,
    value: u8,
    due: Option<i64>,
}

type Model = BTreeMap<(usize, usize), Stored>;

fn change() -> impl Strategy<Value = Change> {
    let due = || proptest::option::of(0..20_i64);
    let stale_by = || prop_oneof![4 => Just(0_u64), 1 => 1..3_u64];
    prop_oneof![
        (any::<u8>(), due()).prop_map(|(value, due)| Change::Insert { value, due }),
        (stale_by(), any::<u8>(), due()).prop_map(|(stale_by, value, due)| Change::Replace { stale_by, value, due }),
        stale_by().prop_map(|stale_by| Change::Delete { stale_by }),
        stale_by().prop_map(|stale_by| Change::Check { stale_by }),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => vec((0..2_usize, 0..6_usize, change()), 1..4).prop_map(Op::Write),
        1 => (0..2_usize, 0..6_usize, 1..5_usize).prop_map(|(tenant, prefix, limit)| Op::List { tenant, prefix, limit }),
        1 => (0..20_i64, 1..5_usize).prop_map(|(now, limit)| Op::Due { now, limit }),
    ]
}

fn key(tenant: usize, sort: usize) -> Key {
    Key::new(&tenant_id(tenant), SORTS[sort])
}

fn tenant_id(tenant: usize) -> TenantId {
    TENANTS[tenant].parse().expect("a tenant id")
}

fn second(at: i64) -> Timestamp {
    Timestamp::from_second(at).expect("a timestamp")
}

/// The version that a change names, given what is stored.
fn named(stored: Option<&Stored>, stale_by: u64) -> u64 {
    stored.map_or(1, |stored| stored.version).wrapping_sub(stale_by)
}

fn write(model: &Model, (tenant, sort, change): &(usize, usize, Change)) -> Write {
    let (key, stored) = (key(*tenant, *sort), model.get(&(*tenant, *sort)));
    let write = match change {
        Change::Insert { value, due } => Write::insert(NewRow::new(key, value).due_at(due.map(second))),
        Change::Replace { stale_by, value, due } => {
            let new = NewRow::new(key.clone(), value).due_at(due.map(second));
            Write::replace(&key, named(stored, *stale_by), new)
        }
        Change::Delete { stale_by } => Write::delete(&key, named(stored, *stale_by)),
        Change::Check { stale_by } => Write::check(&key, named(stored, *stale_by)),
    };
    write.expect("the write is well formed")
}

/// What the model holds after the writes, or which one does not hold.
fn expected(model: &Model, writes: &[(usize, usize, Change)]) -> Result<Model, usize> {
    let mut after = model.clone();
    for (at, (tenant, sort, change)) in writes.iter().enumerate() {
        let place = (*tenant, *sort);
        match (model.get(&place), change) {
            (None, Change::Insert { value, due }) => {
                after.insert(place, Stored { version: 1, value: *value, due: *due });
            }
            (Some(stored), Change::Replace { stale_by: 0, value, due }) => {
                after.insert(place, Stored { version: stored.version + 1, value: *value, due: *due });
            }
            (Some(_), Change::Delete { stale_by: 0 }) => {
                after.remove(&place);
            }
            (Some(_), Change::Check { stale_by: 0 }) => {}
            _ => return Err(at),
        }
    }
    Ok(after)
}

async fn play(ops: Vec<Op>) -> Result<(), TestCaseError> {
    let (_, platform) = world(0);
    let ledger = platform.ledger;
    let mut model = Model::new();
    for op in ops {
        match op {
            Op::Write(writes) => {
                let outcome = ledger.transact(writes.iter().map(|it| write(&model, it)).collect()).await;
                let mut places: Vec<_> = writes.iter().map(|(tenant, sort, _)| (tenant, sort)).collect();
                places.sort_unstable();
                if places.windows(2).any(|pair| pair[0] == pair[1]) {
                    prop_assert!(matches!(outcome, Err(TableError::SameRowTwice(_))), "{outcome:?}");
                    continue;
                }
                match (outcome, expected(&model, &writes)) {
                    (Ok(()), Ok(after)) => model = after,
                    (Err(TableError::Conflict { write, .. }), Err(at)) => prop_assert_eq!(write, at),
                    (outcome, expected) => prop_assert!(false, "{outcome:?}, but expected {expected:?}"),
                }
            }
            Op::List { tenant, prefix, limit } => {
                let (mut listed, mut after) = (Vec::new(), None);
                loop {
                    let page = ledger.list::<u8>(&tenant_id(tenant), SORTS[prefix], after.as_deref(), limit).await;
                    let page = page.expect("a read succeeds");
                    prop_assert!(page.items.len() <= limit);
                    listed.extend(page.items.into_iter().map(|row| (row.key.sort, row.version, row.value)));
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
                let of_prefix = |sort: usize| SORTS[sort].starts_with(SORTS[prefix]);
                let rows = model.iter().filter(|((of, sort), _)| *of == tenant && of_prefix(*sort));
                let rows: Vec<_> =
                    rows.map(|((_, sort), row)| (SORTS[*sort].to_owned(), row.version, row.value)).collect();
                prop_assert_eq!(listed, rows);
            }
            Op::Due { now, limit } => {
                let due = ledger.due(second(now), limit).await.expect("a read succeeds");
                let due: Vec<_> = due.into_iter().map(|due| (due.due_at, due.key)).collect();
                let mut waiting: Vec<_> = model
                    .iter()
                    .filter_map(|((tenant, sort), row)| Some((second(row.due?), key(*tenant, *sort))))
                    .filter(|(at, _)| *at <= second(now))
                    .collect();
                waiting.sort();
                waiting.truncate(limit);
                prop_assert_eq!(due, waiting);
            }
        }
    }
    Ok(())
}

#[derive(Clone, Debug)]
enum LeaseOp {
    Take(usize),
    Renew(usize),
    Release(usize),
    Write(usize),
    Advance(i64),
}

fn lease_op() -> impl Strategy<Value = LeaseOp> {
    prop_oneof![
        3 => (0..3_usize).prop_map(LeaseOp::Take),
        2 => (0..3_usize).prop_map(LeaseOp::Renew),
        1 => (0..3_usize).prop_map(LeaseOp::Release),
        3 => (0..3_usize).prop_map(LeaseOp::Write),
        2 => (1..15_i64).prop_map(LeaseOp::Advance),
    ]
}

const TTL: SignedDuration = SignedDuration::from_secs(10);

async fn play_leases(ops: Vec<LeaseOp>) -> Result<(), TestCaseError> {
    let (clock, platform) = world(0);
    let (ledger, tenant) = (&platform.ledger, tenant_id(0));
    let mut held: [Option<Lease>; 3] = [None, None, None];
    // The last fence given out, whether its holder gave it back, and when it ends otherwise.
    let (mut last, mut ends) = (0, Timestamp::UNIX_EPOCH);
    let mut writes = 0;
    for op in ops {
        let now = clock.now();
        match op {
            LeaseOp::Take(who) => {
                let taken = Lease::take(ledger, &tenant, "poll", &who.to_string(), TTL, &platform.clock).await;
                match taken {
                    Ok(lease) => {
                        prop_assert!(now >= ends, "taken while it was held");
                        prop_assert!(lease.fence() > last, "fence {} after {last}", lease.fence());
                        (last, ends) = (lease.fence(), lease.until());
                        held[who] = Some(lease);
                    }
                    Err(LeaseError::Held { until, .. }) => {
                        prop_assert!(now < ends, "refused though nobody held it");
                        prop_assert_eq!(until, ends);
                    }
                    Err(error) => prop_assert!(false, "{error:?}"),
                }
            }
            LeaseOp::Renew(who) => {
                if let Some(lease) = &mut held[who] {
                    let renewed = lease.renew(TTL).await;
                    prop_assert_eq!(renewed.is_ok(), lease.fence() == last, "{:?}", renewed);
                    if renewed.is_ok() {
                        ends = lease.until();
                    }
                }
            }
            LeaseOp::Release(who) => {
                if let Some(lease) = held[who].take() {
                    let is_current = lease.fence() == last;
                    prop_assert_eq!(lease.release().await.is_ok(), is_current);
                    if is_current {
                        ends = now;
                    }
                }
            }
            LeaseOp::Write(who) => {
                if let Some(lease) = &held[who] {
                    writes += 1;
                    let new = NewRow::new(Key::new(&tenant, format!("PAGE#{writes}")), &writes);
                    let write = Write::insert(new).expect("the write is well formed");
                    let written = ledger.transact(vec![write, lease.guard()]).await;
                    prop_assert_eq!(written.is_ok(), lease.fence() == last, "{:?}", written);
                }
            }
            LeaseOp::Advance(seconds) => clock.advance(SignedDuration::from_secs(seconds)),
        }
        let valid = held.iter().flatten().filter(|lease| lease.is_valid()).count();
        prop_assert!(valid <= 1, "{valid} holders think that they hold the lease");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_of_the_table_is_that_of_a_simple_map(ops in vec(op(), 1..60)) {
        run(play(ops))?;
    }

    /// T4: two holders never both hold, the fence only grows, and only the last taker writes.
    #[test]
    fn any_history_of_a_lease_has_one_holder_at_a_time(ops in vec(lease_op(), 1..80)) {
        run(play_leases(ops))?;
    }
}
