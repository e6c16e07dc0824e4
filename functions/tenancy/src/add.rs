//! A tenant comes, or its settings are replaced.

use platform::{Invocation, Row};
use serde_json::{Value, json};
use tenants::{Settings, onboard_over};

use crate::{Deps, Refusal, alone::alone, order::NewTenant};

/// Adds or replaces, while nobody else stores secrets of the tenant.
pub(crate) async fn add(deps: &Deps, new: NewTenant, invocation: &Invocation) -> Result<Value, Refusal> {
    let tenant = new.tenant.clone();
    // What is refused at once leaves no trace, not even of a lease.
    before(deps, &new).await?;
    alone(deps, &tenant, invocation, write(deps, new)).await
}

/// The settings that are to be replaced, if any.
async fn before(deps: &Deps, new: &NewTenant) -> Result<Option<Row<Settings>>, Refusal> {
    let NewTenant { tenant, replace, .. } = new;
    let before = Settings::row(&deps.platform.ledger, tenant).await;
    let before = before.map_err(|error| Refusal::ledger(Some(tenant), &error))?;
    match &before {
        Some(_) if !replace => Err(Refusal::exists(tenant)),
        None if *replace => Err(Refusal::unknown(tenant)),
        _ => Ok(before),
    }
}

/// Secrets first, settings last: a crash in between leaves secrets that nobody uses, and no half tenant. The same order
/// again ends in the same. A refusal in between says which secrets are stored.
async fn write(deps: &Deps, new: NewTenant) -> Result<Value, Refusal> {
    let before = before(deps, &new).await?;
    let NewTenant { tenant, mut settings, connections, .. } = new;
    if let Some(row) = &before {
        settings.active = row.value.active;
    }
    let mut stored = Vec::new();
    for (service, connection) in &connections {
        let put = deps.platform.vault.put(&tenant, service.name(), &connection.to_secret()).await;
        put.map_err(|error| Refusal::secret(&tenant, &error).after_storing(&stored))?;
        stored.push(service.name());
    }
    let written = onboard_over(&deps.platform.ledger, &tenant, &settings, before.as_ref()).await;
    written.map_err(|error| Refusal::onboard(&tenant, &error).after_storing(&stored))?;
    let done = if before.is_some() { "replaced" } else { "added" };
    tracing::info!(%tenant, "{done} a tenant");
    Ok(json!({ done: tenant, "active": settings.active }))
}
