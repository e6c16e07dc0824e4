//! Request records whose doorbell never rang: the engine was down, or the browser was closed.

use domain::{SignedDuration, TenantId, Timestamp};

use crate::{
    Deps, Settings,
    press::{self, OLDEST, PressError},
    settings::tenants,
};

/// How many records of one tenant are taken in one run; the next run takes the next.
const MOST_AT_ONCE: usize = 100;
/// Kept back for ending cleanly before the function's time limit.
const MARGIN: SignedDuration = SignedDuration::from_secs(30);

/// Takes up the unanswered request records of every tenant. One tenant's trouble does not stop the others.
///
/// Returns how many presses were taken. Stops early, between two records, when `deadline` is near.
pub async fn run(deps: &Deps, deadline: Timestamp) -> anyhow::Result<usize> {
    let mut taken = 0;
    for tenant in tenants(&deps.platform.ledger).await? {
        match of_tenant(deps, &tenant, deadline).await {
            Ok(count) => taken += count,
            Err(error) => tracing::warn!(%tenant, "could not sweep: {error:#}"),
        }
    }
    Ok(taken)
}

async fn of_tenant(deps: &Deps, tenant: &TenantId, deadline: Timestamp) -> anyhow::Result<usize> {
    let Some(settings) = Settings::read(&deps.platform.ledger, tenant).await?.filter(|settings| settings.active) else {
        return Ok(0);
    };
    let crm = deps.connections.crm(tenant, &settings).await?;
    let since = deps.clock().now().saturating_sub(OLDEST)?;
    let mut taken = 0;
    for request in crm.unanswered_requests(since, MOST_AT_ONCE).await? {
        if deps.clock().now().duration_since(deadline) > -MARGIN {
            break;
        }
        let id = request.id;
        match press::take(deps, tenant, &*crm, request).await {
            Ok(_) => taken += 1,
            Err(PressError::Refused(refusal)) => {
                tracing::info!(%tenant, request = %id, refusal = refusal.code(), "refused a swept request");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(taken)
}
