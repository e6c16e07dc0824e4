//! A new secret for one connection (ST-40).

use domain::TenantId;
use platform::{Invocation, SecretError};
use secrecy::SecretString;
use serde_json::{Value, json};
use tenants::Settings;

use crate::{
    Deps, Refusal,
    alone::alone,
    input::{Connection, Inbox, with_password},
    order::{Renewal, Service},
};

/// Stores it. Functions that have the old one at hand read the new one when a sign-in is refused, or in five minutes.
pub(crate) async fn rotate(
    deps: &Deps,
    tenant: &TenantId,
    service: Service,
    renewal: Renewal,
    invocation: &Invocation,
) -> Result<Value, Refusal> {
    let settings = Settings::read(&deps.platform.ledger, tenant).await;
    let settings = settings.map_err(|error| Refusal::ledger(Some(tenant), &error))?;
    let settings = settings.ok_or_else(|| Refusal::unknown(tenant))?;
    match renewal {
        Renewal::Password(password) => {
            alone(deps, tenant, invocation, async {
                let secret = renewed(deps, tenant, service, &password).await?;
                put(deps, tenant, service, &secret).await
            })
            .await?;
        }
        Renewal::Connection(connection) => {
            let inbox = Inbox::default();
            let guard = deps.reach().guard(service.hosts(&settings)).ok();
            let read = inbox.form_at("connection", &connection);
            let read = read.and_then(|form| Connection::read(service, &form, guard.as_ref()));
            let secret = inbox.empty(read)?.ok_or_else(Refusal::order)?.to_secret();
            alone(deps, tenant, invocation, put(deps, tenant, service, &secret)).await?;
        }
    }
    tracing::info!(%tenant, service = service.name(), "rotated a secret");
    Ok(json!({ "rotated": tenant, "service": service.name() }))
}

/// The stored secret with another password.
async fn renewed(
    deps: &Deps,
    tenant: &TenantId,
    service: Service,
    password: &SecretString,
) -> Result<SecretString, Refusal> {
    let refused = |error| Refusal::secret(tenant, &error);
    let stored: Value = deps.platform.secrets.refresh(tenant, service.name()).await.map_err(refused)?;
    with_password(stored, password).ok_or_else(|| {
        let (tenant, service) = (tenant.clone(), service.name().to_owned());
        refused(SecretError::Malformed { tenant, service })
    })
}

async fn put(deps: &Deps, tenant: &TenantId, service: Service, secret: &SecretString) -> Result<(), Refusal> {
    let put = deps.platform.vault.put(tenant, service.name(), secret).await;
    put.map_err(|error| Refusal::secret(tenant, &error))
}
