//! What an operator's program can ask for.

use domain::TenantId;
use secrecy::SecretString;
use serde_json::Value;
use tenants::{Reach, Settings, is_reserved};

use crate::input::{Connection, Form, Inbox, settings};

/// One order.
pub(crate) enum Order {
    Add(Box<NewTenant>),
    Check(TenantId),
    Switch(TenantId, bool),
    Rotate(TenantId, Service, Renewal),
    List,
    Show(TenantId),
}

/// A service that a tenant has a connection to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Crm,
    SharePoint,
    /// The e-mail platform, which a tenant may be without.
    ExactTarget,
}

/// Everything about a tenant.
pub(crate) struct NewTenant {
    pub(crate) tenant: TenantId,
    pub(crate) replace: bool,
    pub(crate) settings: Settings,
    /// All of a new tenant's; of one that is there already, those that are to be replaced.
    pub(crate) connections: Vec<(Service, Connection)>,
}

/// What comes in place of a secret.
pub(crate) enum Renewal {
    /// A password; the rest of the secret stays.
    Password(SecretString),
    /// All of it, as it came: it is read with the tenant's settings at hand.
    Connection(Value),
}

const ORDERS: &str = "has to have one field: add, check, disable, enable, rotate, list or show";

impl Service {
    pub(crate) const ALL: [Self; 3] = [Self::Crm, Self::SharePoint, Self::ExactTarget];

    /// Its name in secrets and settings.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Crm => "crm",
            Self::SharePoint => "sharepoint",
            Self::ExactTarget => "exacttarget",
        }
    }

    /// The hosts that a tenant has for it.
    pub(crate) fn hosts(self, settings: &Settings) -> &[String] {
        match self {
            Self::Crm => &settings.hosts.crm,
            Self::SharePoint => &settings.hosts.sharepoint,
            Self::ExactTarget => &settings.hosts.exacttarget,
        }
    }
}

impl Order {
    /// Reads an order; None only with a mistake noted.
    pub(crate) fn read(inbox: &Inbox, event: &Value, reach: Reach) -> Option<Self> {
        let Some((name, body)) = inbox.form_at("", event)?.only() else {
            inbox.wrong("", ORDERS);
            return None;
        };
        // Fields are named as in the operator's file, without the order's own name before them.
        let form = inbox.form_at("", body)?;
        match name {
            "add" => NewTenant::read(&form, reach).map(|new| Self::Add(Box::new(new))),
            "check" => tenant(&form).map(Self::Check),
            "disable" => tenant(&form).map(|tenant| Self::Switch(tenant, false)),
            "enable" => tenant(&form).map(|tenant| Self::Switch(tenant, true)),
            "show" => tenant(&form).map(Self::Show),
            "list" => Some(Self::List),
            "rotate" => Self::rotate(&form),
            _ => {
                form.accept_any();
                inbox.wrong("", ORDERS);
                None
            }
        }
    }

    /// The tenant that it is about.
    pub(crate) fn tenant(&self) -> Option<&TenantId> {
        match self {
            Self::Add(new) => Some(&new.tenant),
            Self::Check(tenant) | Self::Switch(tenant, _) | Self::Rotate(tenant, ..) | Self::Show(tenant) => {
                Some(tenant)
            }
            Self::List => None,
        }
    }

    fn rotate(form: &Form<'_>) -> Option<Self> {
        let tenant = tenant(form);
        let named = form.text("service");
        let service = named.and_then(|name| Service::ALL.into_iter().find(|service| service.name() == name));
        if named.is_some() && service.is_none() {
            form.wrong("service", "is none of crm, sharepoint and exacttarget");
        }
        let connection = form.optional("connection").cloned();
        let renewal = match (form.has("password"), form.has("connection")) {
            (true, false) => form.secret("password").map(Renewal::Password),
            (false, true) => connection.map(Renewal::Connection),
            _ => {
                form.optional("password");
                form.wrong("password", "or a connection has to be given, and not both");
                None
            }
        };
        Some(Self::Rotate(tenant?, service?, renewal?))
    }
}

impl NewTenant {
    fn read(form: &Form<'_>, reach: Reach) -> Option<Self> {
        let tenant = tenant(form);
        let replace = form.flag("replace");
        let settings = settings(form, reach);
        let parts = if replace { form.optional_form("connections") } else { form.form("connections") };
        let mut connections = Vec::new();
        for service in Service::ALL {
            let Some(parts) = &parts else { continue };
            let is_used = settings.as_ref().is_some_and(|it| !service.hosts(it).is_empty());
            let may_lack = replace || (service == Service::ExactTarget && !is_used);
            let part = if may_lack { parts.optional_form(service.name()) } else { parts.form(service.name()) };
            // Without settings the hosts are not known; the address is looked at once they are.
            let guard = settings.as_ref().and_then(|it| reach.guard(service.hosts(it)).ok());
            let read = part.and_then(|part| Connection::read(service, &part, guard.as_ref()));
            connections.extend(read.map(|connection| (service, connection)));
        }
        Some(Self { tenant: tenant?, replace, settings: settings?, connections })
    }
}

fn tenant(form: &Form<'_>) -> Option<TenantId> {
    let tenant: TenantId = form.parsed("tenant")?;
    if is_reserved(&tenant) {
        form.wrong("tenant", "is a name that the engine needs itself");
        return None;
    }
    Some(tenant)
}
