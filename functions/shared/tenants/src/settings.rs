//! What a tenant has decided.

use std::{collections::BTreeMap, num::NonZeroU32};

use crm::Person;
use domain::TenantId;
use platform::{Key, Row, Table, TableError};
use serde::{Deserialize, Serialize};
use sharepoint::Login;
use url::Url;
use uuid::Uuid;

use crate::Mailing;

/// A tenant's settings: the row `SETTINGS#tenant`.
///
/// What is not known is ignored, so that the version of the code before an upgrade can still read the row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The customer's name, for people.
    pub name: String,
    /// A tenant that is switched off: nothing is read from it and nothing made.
    pub active: bool,
    /// The web origins (scheme, host, port) from which its pages may ring: its CRM and its SharePoint (ST-14).
    pub origins: Vec<String>,
    /// Whether pages may also ring by loading a script (JSON-P), for browsers that know no other way to call us (A7).
    #[serde(default)]
    pub jsonp: bool,
    /// Which hosts its connections may speak to.
    pub hosts: Hosts,
    /// Where its people see CRM, with the organization and a slash at the end; links to records begin with it.
    pub crm_web: Url,
    /// Whom SharePoint knows a CRM user as.
    pub logins: LoginRule,
    /// The Entra directory (`tid`) whose people may operate this tenant. None: only the partner's.
    #[serde(default)]
    pub directory: Option<Uuid>,
    /// How much its systems take of us.
    #[serde(default)]
    pub budgets: Budgets,
    /// How long its systems may take to answer (EX-34).
    #[serde(default)]
    pub timeouts: Timeouts,
    /// How its mails are sent. None: it sends none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailing: Option<Mailing>,
}

/// Host names and the suffixes of host names that connections may speak to; see [`transport::Guard`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hosts {
    /// Of the CRM.
    pub crm: Vec<String>,
    /// Of the SharePoint.
    pub sharepoint: Vec<String>,
    /// Of the e-mail platform, its tokens' included. None: the tenant has no such account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exacttarget: Vec<String>,
}

/// The most calls a minute that each system of a tenant gets from all functions together. None: as many as come.
///
/// What a system says itself (`Retry-After`, its own headers) is heeded in any case. Fewer than ten make no site: a
/// delivery that has used up its share asks again, the next time, for what it had not recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budgets {
    /// Of the CRM.
    pub crm: Option<NonZeroU32>,
    /// Of the SharePoint.
    pub sharepoint: Option<NonZeroU32>,
    /// Of the e-mail platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exacttarget: Option<NonZeroU32>,
}

/// How many seconds one call to each system of a tenant may take. None, or more: as [`transport::Limits`] has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    /// Of the CRM.
    pub crm: Option<NonZeroU32>,
    /// Of the SharePoint.
    pub sharepoint: Option<NonZeroU32>,
    /// Of the e-mail platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exacttarget: Option<NonZeroU32>,
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
        Ok(Self::row(ledger, tenant).await?.map(|row| row.value))
    }

    /// The same with its version, for [`onboard_over`](crate::onboard_over).
    pub async fn row(ledger: &Table, tenant: &TenantId) -> Result<Option<Row<Self>>, TableError> {
        ledger.get(&Self::key(tenant)).await
    }

    /// Whether pages of this origin may ring for the tenant.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| allowed == origin)
    }

    pub(crate) fn key(tenant: &TenantId) -> Key {
        Key::new(tenant, "SETTINGS#tenant")
    }
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
