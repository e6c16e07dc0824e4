//! Which tenants there are, and which web origins and Entra directories are whose.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::TenantId;
use platform::{Key, NewRow, Row, Table, TableError, Write};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;
use uuid::Uuid;

use crate::Settings;

/// The partition that lists tenants, origins and Entra directories. It belongs to no customer.
const DIRECTORY: &str = "directory";

fn directory() -> TenantId {
    DIRECTORY.parse().expect("a legal tenant id")
}

/// Why a tenant was not added.
#[derive(Debug, thiserror::Error)]
pub enum OnboardError {
    /// The name is one that the engine needs itself.
    #[error("the tenant id {0} is reserved")]
    Reserved(TenantId),
    /// An origin is not one: scheme, host and port, nothing else, as browsers send it.
    #[error("tenant {tenant}: origin number {number} is not an origin such as https://crm.example.com")]
    Origin {
        /// Whose.
        tenant: TenantId,
        /// Its place in the list, from 1.
        number: usize,
    },
    /// The ledger failed.
    #[error("writing the settings of a tenant")]
    Ledger(#[from] TableError),
}

/// Which tenants have an origin or an Entra directory: its row in the directory.
#[derive(Default, Serialize, Deserialize)]
struct OwnersRow {
    tenants: BTreeSet<TenantId>,
}

fn origin_key(origin: &str) -> Key {
    Key::new(&directory(), format!("ORIGIN#{}", BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(origin))))
}

fn entra_key(entra: Uuid) -> Key {
    Key::new(&directory(), format!("ENTRA#{entra}"))
}

/// Whether an id is one that the engine needs itself.
pub fn is_reserved(tenant: &TenantId) -> bool {
    [DIRECTORY, platform::UNATTRIBUTED].contains(&tenant.as_str())
}

/// Adds a tenant, or replaces its settings. Origins that were taken off its list are forgotten, and so is an Entra
/// directory that is no longer its own.
///
/// All of it or nothing, in one transaction: whoever dies or is refused leaves the directory as the settings in force
/// have it.
pub async fn onboard(ledger: &Table, tenant: &TenantId, settings: &Settings) -> Result<(), OnboardError> {
    let before = Settings::row(ledger, tenant).await?;
    onboard_over(ledger, tenant, settings, before.as_ref()).await
}

/// The same over settings that were read before: a conflict if somebody has changed them since.
pub async fn onboard_over(
    ledger: &Table,
    tenant: &TenantId,
    settings: &Settings,
    before: Option<&Row<Settings>>,
) -> Result<(), OnboardError> {
    if is_reserved(tenant) {
        return Err(OnboardError::Reserved(tenant.clone()));
    }
    if let Some(at) = settings.origins.iter().position(|origin| !is_origin(origin)) {
        return Err(OnboardError::Origin { tenant: tenant.clone(), number: at + 1 });
    }
    let key = Settings::key(tenant);
    loop {
        let new = NewRow::new(key.clone(), settings);
        // First, so that a conflict of theirs is the one that is told.
        let mut writes = vec![match before {
            Some(row) => Write::replace(&key, row.version, new)?,
            None => Write::insert(new)?,
        }];
        let listed = Key::new(&directory(), format!("TENANT#{tenant}"));
        if ledger.get::<serde_json::Value>(&listed).await?.is_none() {
            writes.push(Write::insert(NewRow::new(listed, &serde_json::json!({})))?);
        }
        for (key, has) in owned(before.map(|row| &row.value), settings) {
            writes.extend(note_owner(ledger, tenant, key, has).await?);
        }
        match ledger.transact(writes).await {
            // Another tenant came into a row of the directory, or left it: both count.
            Err(TableError::Conflict { key: row, .. }) if row != key => {}
            written => return Ok(written?),
        }
    }
}

/// Switches a tenant on or off. What else is in its row stays as it is, also what a newer version of the code wrote.
/// `None` for a tenant that nobody added; otherwise whether it was switched before.
pub async fn switch(ledger: &Table, tenant: &TenantId, active: bool) -> Result<Option<bool>, TableError> {
    let key = Settings::key(tenant);
    loop {
        let Some(mut row) = ledger.get::<serde_json::Value>(&key).await? else { return Ok(None) };
        let before = row.value["active"] == true;
        if before == active {
            return Ok(Some(before));
        }
        row.value["active"] = active.into();
        match ledger.replace(&key, row.version, NewRow::new(key.clone(), &row.value)).await {
            // Somebody changed the settings meanwhile: theirs are kept, and switched.
            Err(error) if error.is_conflict() => {}
            written => return written.map(|_| Some(before)),
        }
    }
}

/// Whether it is scheme, host and port as browsers write them: anything else would never be equal to what they send.
pub fn is_origin(text: &str) -> bool {
    Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text)
}

/// The rows of the directory that the tenant was in or is to be in, and whether it is.
fn owned(before: Option<&Settings>, now: &Settings) -> Vec<(Key, bool)> {
    let settings = before.map(|it| (it, false)).into_iter().chain([(now, true)]);
    let (mut origins, mut entras) = (BTreeMap::new(), BTreeMap::new());
    for (settings, has) in settings {
        origins.extend(settings.origins.iter().map(|origin| (origin, has)));
        entras.extend(settings.directory.map(|entra| (entra, has)));
    }
    let origins = origins.into_iter().map(|(origin, has)| (origin_key(origin), has));
    origins.chain(entras.into_iter().map(|(entra, has)| (entra_key(entra), has))).collect()
}

/// What to write so that the row has the tenant, or has it not: over the version that was read. Nothing if it is so.
async fn note_owner(ledger: &Table, tenant: &TenantId, key: Key, has: bool) -> Result<Option<Write>, TableError> {
    let row = ledger.get::<OwnersRow>(&key).await?;
    let version = row.as_ref().map(|row| row.version);
    let mut owners = row.map(|row| row.value).unwrap_or_default();
    let changed = if has { owners.tenants.insert(tenant.clone()) } else { owners.tenants.remove(tenant) };
    if !changed {
        return Ok(None);
    }
    let new = NewRow::new(key.clone(), &owners);
    match version {
        Some(version) => Write::replace(&key, version, new).map(Some),
        None => Write::insert(new).map(Some),
    }
}

/// All tenants, in order.
pub async fn tenants(ledger: &Table) -> Result<Vec<TenantId>, TableError> {
    let mut tenants = Vec::new();
    let mut after = None;
    loop {
        let page = ledger.list::<serde_json::Value>(&directory(), "TENANT#", after.as_deref(), 500).await?;
        let ids = page.items.iter().filter_map(|row| row.key.sort.strip_prefix("TENANT#"));
        tenants.extend(ids.filter_map(|id| id.parse::<TenantId>().ok()));
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(tenants),
        }
    }
}

/// Whether any tenant's pages have this origin: all that a browser's preflight lets us know.
pub async fn is_known_origin(ledger: &Table, origin: &str) -> Result<bool, TableError> {
    let row = ledger.get::<OwnersRow>(&origin_key(origin)).await?;
    Ok(row.is_some_and(|row| !row.value.tenants.is_empty()))
}

/// The tenants that are switched on and whose people are in this Entra directory.
///
/// The settings decide; the row only says where to look.
pub async fn tenants_of(ledger: &Table, entra: Uuid) -> Result<BTreeSet<TenantId>, TableError> {
    let row = ledger.get::<OwnersRow>(&entra_key(entra)).await?;
    let mut tenants = BTreeSet::new();
    for tenant in row.into_iter().flat_map(|row| row.value.tenants) {
        let settings = Settings::read(ledger, &tenant).await?;
        if settings.is_some_and(|settings| settings.active && settings.directory == Some(entra)) {
            tenants.insert(tenant);
        }
    }
    Ok(tenants)
}

#[cfg(test)]
mod tests;
