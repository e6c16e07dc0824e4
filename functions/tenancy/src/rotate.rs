//! A new secret for one connection (ST-40).

use domain::TenantId;
use serde_json::{Value, json};
use tenants::Settings;

use crate::{
    Deps, Refusal,
    input::{Connection, Inbox, with_password},
    order::{Renewal, Service},
};

/// Stores it. Functions that have the old one at hand read the new one when a sign-in is refused, or in five minutes.
pub(crate) async fn rotate(
    deps: &Deps,
    tenant: &TenantId,
    service: Service,
    renewal: Renewal,
) -> Result<Value, Refusal> {
    let settings = Settings::read(&deps.platform.ledger, tenant).await;
    let settings = settings.map_err(|error| Refusal::ledger(Some(tenant), &error))?;
    let settings = settings.ok_or_else(|| Refusal::unknown(tenant))?;
    let refused = |error| Refusal::secret(tenant, &error);
    let secret = match renewal {
        Renewal::Password(password) => {
            let stored: Value = deps.platform.secrets.refresh(tenant, service.name()).await.map_err(refused)?;
            with_password(stored, &password).ok_or_else(|| {
                let (tenant, service) = (tenant.clone(), service.name().to_owned());
                refused(platform::SecretError::Malformed { tenant, service })
            })?
        }
        Renewal::Connection(connection) => {
            let inbox = Inbox::default();
            let guard = deps.reach().guard(service.hosts(&settings)).ok();
            let read = inbox.form_at("connection", &connection);
            let read = read.and_then(|form| Connection::read(service, &form, guard.as_ref()));
            inbox.empty(read)?.ok_or_else(Refusal::order)?.to_secret()
        }
    };
    deps.platform.vault.put(tenant, service.name(), &secret).await.map_err(refused)?;
    tracing::info!(%tenant, service = service.name(), "rotated a secret");
    Ok(json!({ "rotated": tenant, "service": service.name() }))
}
