//! One order at a time for each tenant.

use domain::{SignedDuration, TenantId};
use platform::{Invocation, Lease, LeaseError};

use crate::{Deps, Refusal};

/// No function runs for longer.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);

/// Does `work` while nobody else does any on the tenant; a second order is refused until then.
///
/// Secrets and settings are in two stores that have no transaction in common: two orders at once could leave the
/// secrets of the one under the settings of the other. An order that dies is in the way until its function's time is
/// over.
pub(crate) async fn alone<T>(
    deps: &Deps,
    tenant: &TenantId,
    invocation: &Invocation,
    work: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    let (ledger, clock) = (&deps.platform.ledger, &deps.platform.clock);
    let left = invocation.deadline.duration_since(clock.now()).min(LONGEST);
    let lease = Lease::take(ledger, tenant, "order", &invocation.request_id, left, clock).await;
    let lease = lease.map_err(|error| match error {
        LeaseError::Held { until, .. } => Refusal::busy(tenant, until.duration_since(clock.now())),
        LeaseError::Table(error) => Refusal::ledger(Some(tenant), &error),
        LeaseError::Lost(_) => Refusal::busy(tenant, left),
    })?;
    let done = work.await;
    // What was done is done; the lease ends by itself.
    if let Err(error) = lease.release().await {
        tracing::warn!(%tenant, "giving a lease back: {error}");
    }
    done
}
