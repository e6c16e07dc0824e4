//! Which tenants there are, and whether they are switched on.

use domain::TenantId;
use platform::SecretError;
use serde_json::{Map, Value, json};
use tenants::{Settings, switch as switch_row, tenants};

use crate::{Deps, Refusal, order::Service};

/// Every tenant. One without a name was left by an older version whose adding broke off in the middle: `add` it again.
pub(crate) async fn list(deps: &Deps) -> Result<Value, Refusal> {
    let ledger = &deps.platform.ledger;
    let mut all = Vec::new();
    for tenant in tenants(ledger).await.map_err(|error| Refusal::ledger(None, &error))? {
        let settings = Settings::read(ledger, &tenant).await;
        let settings = settings.map_err(|error| Refusal::ledger(Some(&tenant), &error))?;
        all.push(match settings {
            Some(it) => json!({ "tenant": tenant, "name": it.name, "active": it.active, "crm_web": it.crm_web }),
            None => json!({ "tenant": tenant, "name": null, "active": false, "crm_web": null }),
        });
    }
    Ok(json!({ "tenants": all }))
}

/// Switches a tenant on or off. Functions look when they begin and, while they call, every two seconds: a delivery that is
/// under way makes no call after that. What waits goes on within six minutes of being switched on: a site looks every
/// five, and `wake` takes up to one.
pub(crate) async fn switch(deps: &Deps, tenant: &TenantId, active: bool) -> Result<Value, Refusal> {
    let before = switch_row(&deps.platform.ledger, tenant, active).await;
    let before = before.map_err(|error| Refusal::ledger(Some(tenant), &error))?;
    let before = before.ok_or_else(|| Refusal::unknown(tenant))?;
    tracing::info!(%tenant, active, before, "switched a tenant");
    Ok(json!({ "tenant": tenant, "active": active, "was_active": before }))
}

/// A tenant's settings, and of its connections what is no secret.
pub(crate) async fn show(deps: &Deps, tenant: &TenantId) -> Result<Value, Refusal> {
    let settings = Settings::read(&deps.platform.ledger, tenant).await;
    let settings = settings.map_err(|error| Refusal::ledger(Some(tenant), &error))?;
    let settings = settings.ok_or_else(|| Refusal::unknown(tenant))?;
    let mut connections = Map::new();
    for service in Service::ALL {
        let shown = match deps.platform.secrets.refresh::<Value>(tenant, service.name()).await {
            Ok(secret) => without_password(&secret),
            // A service that the tenant does not use.
            Err(SecretError::Missing { .. }) if service.hosts(&settings).is_empty() => continue,
            Err(SecretError::Missing { .. }) => Value::Null,
            Err(error) => return Err(Refusal::secret(tenant, &error)),
        };
        connections.insert(service.name().to_owned(), shown);
    }
    Ok(json!({ "tenant": tenant, "settings": settings, "connections": connections }))
}

/// The fields that are known not to be secret, and no other.
fn without_password(secret: &Value) -> Value {
    let known = ["discovery", "organization", "user", "parent"];
    let mut shown: Map<String, Value> =
        known.into_iter().filter_map(|name| Some((name.to_owned(), secret.get(name)?.as_str()?.into()))).collect();
    if let Some((kind, sign_in)) = secret["sign_in"].as_object().and_then(|it| it.iter().next()) {
        shown.insert("sign_in".to_owned(), kind.as_str().into());
        let known = ["user", "issuer", "registration", "partner", "sts"];
        shown.extend(known.into_iter().filter_map(|name| Some((name.to_owned(), sign_in.get(name)?.as_str()?.into()))));
        shown.extend(sign_in["device"]["name"].as_str().map(|name| ("device".to_owned(), name.into())));
    }
    shown.into()
}
