//! A tenant comes, or its settings are replaced.

use serde_json::{Value, json};
use tenants::{Settings, onboard_over};

use crate::{Deps, Refusal, order::NewTenant};

/// Secrets first, settings last: a crash in between leaves secrets that nobody uses, and no half tenant. The same order
/// again ends in the same.
pub(crate) async fn add(deps: &Deps, new: NewTenant) -> Result<Value, Refusal> {
    let NewTenant { tenant, replace, mut settings, connections } = new;
    let ledger = &deps.platform.ledger;
    let before = Settings::row(ledger, &tenant).await.map_err(|error| Refusal::ledger(Some(&tenant), &error))?;
    match &before {
        Some(_) if !replace => return Err(Refusal::exists(&tenant)),
        None if replace => return Err(Refusal::unknown(&tenant)),
        Some(row) => settings.active = row.value.active,
        None => {}
    }
    for (service, connection) in &connections {
        let stored = deps.platform.vault.put(&tenant, service.name(), &connection.to_secret()).await;
        stored.map_err(|error| Refusal::secret(&tenant, &error))?;
    }
    let written = onboard_over(ledger, &tenant, &settings, before.as_ref()).await;
    written.map_err(|error| Refusal::onboard(&tenant, &error))?;
    let done = if before.is_some() { "replaced" } else { "added" };
    tracing::info!(%tenant, "{done} a tenant");
    Ok(json!({ done: tenant, "active": settings.active }))
}
