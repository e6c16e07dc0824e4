//! Request records whose doorbell never rang: the engine was down, or the browser was closed.

use domain::{SignedDuration, TenantId, Timestamp};
use tenants::{Settings, tenants};
use tracing::Instrument;

use crate::{
    Deps,
    press::{self, PressError},
};

/// How far back a run looks. What is too old to be taken (`press::OLDEST`) because nobody looked for so long, as while
/// the tenant was switched off, is refused and says so on its record.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many records of one tenant are taken in one run; the next run takes the next.
const MOST_AT_ONCE: usize = 100;
/// How long the tenants keep their order (the timer's own rate).
const TURN: SignedDuration = SignedDuration::from_mins(5);
/// Kept back for ending cleanly before the function's time limit.
const MARGIN: SignedDuration = SignedDuration::from_secs(30);

/// Takes up the unanswered request records of every tenant. One tenant's trouble does not stop the others.
///
/// Returns how many presses were taken. Stops early, between two records, when `deadline` is near.
pub async fn run(deps: &Deps, deadline: Timestamp) -> anyhow::Result<usize> {
    let mut taken = 0;
    let mut tenants = tenants(&deps.platform.ledger).await?;
    // A slow tenant must not always stand before the same others.
    let turn = usize::try_from(deps.clock().now().as_second() / TURN.as_secs()).unwrap_or_default();
    let first = turn % tenants.len().max(1);
    tenants.rotate_left(first);
    for tenant in tenants {
        if is_near(deps, deadline) {
            tracing::warn!("no time for the rest of the tenants in this run");
            break;
        }
        let span = tracing::info_span!("sweep", %tenant);
        match of_tenant(deps, &tenant, deadline).instrument(span).await {
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
    let since = deps.clock().now().saturating_sub(LOOKS_BACK)?;
    let mut taken = 0;
    for request in crm.unanswered_requests(since, MOST_AT_ONCE).await? {
        if is_near(deps, deadline) {
            break;
        }
        let id = request.id;
        match press::take(deps, tenant, &*crm, request).await {
            Ok(_) => taken += 1,
            Err(PressError::Refused(refusal)) => {
                tracing::info!(%tenant, request = %id, refusal = refusal.code(), "refused a swept request");
            }
            // The next of this tenant would meet the same.
            Err(error) if error.is_transient() => return Err(error.into()),
            // A request that CRM never lets us read in full must not stand before all later ones.
            Err(error) => {
                let error = anyhow::Error::from(error);
                tracing::warn!(%tenant, request = %id, "could not take a request: {error:#}");
            }
        }
    }
    Ok(taken)
}

fn is_near(deps: &Deps, deadline: Timestamp) -> bool {
    deps.clock().now().duration_since(deadline) > -MARGIN
}
