//! Promises of leases on the table (T4).

use domain::{SignedDuration, TenantId};
use futures_util::future::join_all;

use super::Subject;
use crate::table::{Key, Lease, LeaseError, NewRow, TableError, Write};

const TTL: SignedDuration = SignedDuration::from_secs(3);

/// Checks every promise of leases.
pub async fn check(subject: &dyn Subject) {
    a_held_lease_is_not_taken(subject).await;
    an_expired_lease_is_taken_with_a_larger_fence(subject).await;
    a_lease_given_back_is_taken_at_once_with_a_larger_fence(subject).await;
    a_renewed_lease_is_held_for_longer_under_the_same_fence(subject).await;
    a_holder_that_lost_the_lease_cannot_write(subject).await;
    of_many_takers_one_gets_the_lease(subject).await;
}

async fn take(subject: &dyn Subject, tenant: &TenantId, holder: &str) -> Result<Lease, LeaseError> {
    let platform = subject.platform();
    Lease::take(&platform.ledger, tenant, "poll", holder, TTL, &platform.clock).await
}

/// Until its time is over, or it is given back, nobody takes it: not even its holder.
pub async fn a_held_lease_is_not_taken(subject: &dyn Subject) {
    let tenant = subject.tenant();
    let lease = take(subject, &tenant, "one").await.expect("nobody holds it");
    assert!(lease.is_valid());
    for holder in ["one", "other"] {
        let again = take(subject, &tenant, holder).await.err();
        assert!(matches!(again, Some(LeaseError::Held { until, .. }) if until == lease.until()), "{again:?}");
    }
    take(subject, &subject.tenant(), "other").await.expect("another tenant's lease is another lease");
}

/// Every take counts.
pub async fn an_expired_lease_is_taken_with_a_larger_fence(subject: &dyn Subject) {
    let tenant = subject.tenant();
    let mut before = 0;
    for holder in ["one", "other", "one"] {
        let lease = take(subject, &tenant, holder).await.expect("nobody holds it any more");
        assert!(lease.fence() > before, "{} after {before}", lease.fence());
        before = lease.fence();
        subject.wait(TTL).await;
        assert!(!lease.is_valid());
    }
}

/// Giving back does not reset the fence.
pub async fn a_lease_given_back_is_taken_at_once_with_a_larger_fence(subject: &dyn Subject) {
    let tenant = subject.tenant();
    let lease = take(subject, &tenant, "one").await.expect("nobody holds it");
    let fence = lease.fence();
    lease.release().await.expect("it is still held");
    let lease = take(subject, &tenant, "other").await.expect("it was given back");
    assert!(lease.fence() > fence);
}

/// Renewing moves the end only.
pub async fn a_renewed_lease_is_held_for_longer_under_the_same_fence(subject: &dyn Subject) {
    let tenant = subject.tenant();
    let mut lease = take(subject, &tenant, "one").await.expect("nobody holds it");
    let (fence, until) = (lease.fence(), lease.until());
    subject.wait(SignedDuration::from_secs(2)).await;
    lease.renew(TTL).await.expect("nobody took it");
    assert_eq!(lease.fence(), fence);
    assert!(lease.until() > until);
    subject.wait(SignedDuration::from_secs(2)).await;
    assert!(take(subject, &tenant, "other").await.is_err(), "it would have been over without the renewal");
}

/// After another took it, the old holder's guarded writes, renewals and releases fail, however late they come.
pub async fn a_holder_that_lost_the_lease_cannot_write(subject: &dyn Subject) {
    let (tenant, table) = (subject.tenant(), &subject.platform().ledger);
    let mut stalled = take(subject, &tenant, "one").await.expect("nobody holds it");
    subject.wait(TTL).await;
    let current = take(subject, &tenant, "other").await.expect("nobody holds it any more");
    let key = Key::new(&tenant, "CURSOR#1");
    let write = || Write::insert(NewRow::new(key.clone(), &1)).expect("the write is well formed");
    let outcome = table.transact(vec![write(), stalled.guard()]).await;
    assert!(matches!(outcome, Err(TableError::Conflict { write: 1, .. })), "{outcome:?}");
    assert!(matches!(stalled.renew(TTL).await, Err(LeaseError::Lost(_))));
    assert!(matches!(stalled.release().await, Err(LeaseError::Lost(_))));
    table.transact(vec![write(), current.guard()]).await.expect("the lease is held");
}

/// However many ask at once.
pub async fn of_many_takers_one_gets_the_lease(subject: &dyn Subject) {
    let tenant = subject.tenant();
    let holders: Vec<String> = (0..10).map(|at| format!("holder {at}")).collect();
    let taken = join_all(holders.iter().map(|holder| take(subject, &tenant, holder))).await;
    assert_eq!(taken.iter().filter(|lease| lease.is_ok()).count(), 1);
    assert!(taken.iter().all(|lease| matches!(lease, Ok(_) | Err(LeaseError::Held { .. }))));
}
