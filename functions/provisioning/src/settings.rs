//! What a tenant has decided, and the directory of tenants.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use crm::Person;
use domain::TenantId;
use platform::{Key, NewRow, Table, TableError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sharepoint::Login;
use url::Url;

/// A tenant's settings for sites: the row `SETTINGS#sites`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The customer's name, for people.
    pub name: String,
    /// A tenant that is switched off: nothing is read from it and nothing made.
    pub active: bool,
    /// The web origins (scheme, host, port) from which its pages may ring: its CRM and its SharePoint (ST-14).
    pub origins: Vec<String>,
    /// Which hosts its connections may speak to.
    pub hosts: Hosts,
    /// Where its people see CRM, with the organization and a slash at the end; links to records begin with it.
    pub crm_web: Url,
    /// Whom SharePoint knows a CRM user as.
    pub logins: LoginRule,
}

/// Host names and the suffixes of host names that connections may speak to; see [`transport::Guard`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hosts {
    /// Of the CRM.
    pub crm: Vec<String>,
    /// Of the SharePoint.
    pub sharepoint: Vec<String>,
}

/// How a CRM user becomes a SharePoint sign-in name. Decided per tenant, because directories differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum LoginRule {
    /// The sign-in name is the same in both.
    Login,
    /// The sign-in name is the e-mail address.
    Email,
    /// From this table of CRM sign-in names, in any case; who is not in it has none.
    Table(BTreeMap<String, String>),
}

impl LoginRule {
    /// The person as SharePoint should know them; `None` if the rule has no answer.
    pub fn login_of(&self, person: &Person) -> Option<Login> {
        let email = person.email.clone().unwrap_or_default();
        let login = match self {
            Self::Login => Some(person.login.clone()),
            Self::Email => person.email.clone(),
            Self::Table(table) => {
                table.iter().find(|(from, _)| from.eq_ignore_ascii_case(&person.login)).map(|(_, to)| to.clone())
            }
        };
        login.filter(|login| !login.is_empty()).map(|login| Login { login, name: person.name.clone(), email })
    }
}

impl Settings {
    /// The settings of a tenant; `None` for one that nobody added.
    pub async fn read(ledger: &Table, tenant: &TenantId) -> Result<Option<Self>, TableError> {
        Ok(ledger.get(&Self::key(tenant)).await?.map(|row| row.value))
    }

    /// Whether pages of this origin may ring for the tenant.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| allowed == origin)
    }

    fn key(tenant: &TenantId) -> Key {
        Key::new(tenant, "SETTINGS#sites")
    }
}

/// The partition that lists tenants and origins. It belongs to no customer; nobody can be onboarded under its name.
fn directory() -> TenantId {
    "directory".parse().expect("a legal tenant id")
}

fn origin_key(origin: &str) -> Key {
    Key::new(&directory(), format!("ORIGIN#{}", BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(origin))))
}

/// Adds a tenant, or replaces its settings.
pub async fn onboard(ledger: &Table, tenant: &TenantId, settings: &Settings) -> Result<(), TableError> {
    if *tenant == directory() {
        return Err(TableError::BadKey { rule: "of the tenant directory is the engine's own" });
    }
    put(ledger, Settings::key(tenant), settings).await?;
    for origin in &settings.origins {
        put(ledger, origin_key(origin), &serde_json::json!({})).await?;
    }
    put(ledger, Key::new(&directory(), format!("TENANT#{tenant}")), &serde_json::json!({})).await
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
pub(crate) async fn is_known_origin(ledger: &Table, origin: &str) -> Result<bool, TableError> {
    Ok(ledger.get::<serde_json::Value>(&origin_key(origin)).await?.is_some())
}

async fn put<T: Serialize + Sync>(ledger: &Table, key: Key, value: &T) -> Result<(), TableError> {
    match ledger.get::<serde_json::Value>(&key).await? {
        Some(row) => ledger.replace(&key, row.version, NewRow::new(key.clone(), value)).await?,
        None => ledger.insert(NewRow::new(key, value)).await?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> Person {
        Person {
            id: "11111111-0000-0000-0000-000000000001".parse().expect("an id"),
            name: "Anna Lindqvist".to_owned(),
            login: "HARBOUR\\anna".to_owned(),
            email: Some("anna@harbour.example".to_owned()),
            disabled: false,
            access: crm::Access { read: true, write: true },
            reasons: vec![crm::Reason::Owner],
        }
    }

    /// ST-04: who a CRM user is in SharePoint is the tenant's decision.
    #[test]
    fn a_login_rule_gives_a_login_or_none() {
        let login_of = |rule: LoginRule, person: &Person| rule.login_of(person).map(|login| login.login);
        assert_eq!(login_of(LoginRule::Login, &person()).as_deref(), Some("HARBOUR\\anna"));
        assert_eq!(login_of(LoginRule::Email, &person()).as_deref(), Some("anna@harbour.example"));
        let table = LoginRule::Table([("harbour\\ANNA".to_owned(), "SP\\anna.l".to_owned())].into());
        assert_eq!(login_of(table.clone(), &person()).as_deref(), Some("SP\\anna.l"));
        let other = Person { login: "HARBOUR\\ben".to_owned(), email: None, ..person() };
        assert_eq!((login_of(LoginRule::Email, &other), login_of(table, &other)), (None, None));
    }
}
