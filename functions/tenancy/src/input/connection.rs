//! What a connection signs in with, as an operator says it and as its secret is stored.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sharepoint::classic::ONLINE_STS;
use transport::Guard;
use url::Url;

use super::{Form, exacttarget::ExactTarget, live_id::LiveId};
use crate::order::Service;

/// One connection of a tenant: what [`crm::classic::Connection`], [`sharepoint::classic::Connection`] or
/// [`exacttarget::Connection`] is read from.
pub(crate) enum Connection {
    Crm { discovery: Url, organization: String, user: String, password: SecretString, live_id: Option<Box<LiveId>> },
    SharePoint { parent: Url, kind: &'static str, user: String, password: SecretString, sts: Option<Url> },
    ExactTarget(ExactTarget),
}

/// The sign-ins of [`sharepoint::classic::SignIn`].
const SIGN_INS: [&str; 3] = ["basic", "forms", CLAIMS];
const CLAIMS: &str = "claims";

impl Connection {
    /// Reads a service's connection. Each address is held against the guard of the tenant's hosts; without one, because
    /// the hosts are wrong themselves, nothing is said of it.
    pub(crate) fn read(service: Service, form: &Form<'_>, guard: Option<&Guard>) -> Option<Self> {
        match service {
            Service::ExactTarget => ExactTarget::read(form, guard).map(Self::ExactTarget),
            Service::Crm => {
                let discovery = address(form, "discovery", guard);
                let organization = form.text("organization").map(ToOwned::to_owned);
                let user = form.text("user").map(ToOwned::to_owned);
                let password = form.secret("password");
                // Without it, CRM's own discovery service takes the password (IFD).
                let live_id = form.optional_form("sign_in").map(|it| LiveId::read(&it.form("live_id")?, guard));
                let live_id = live_id.map_or(Some(None), |read| read.map(Box::new).map(Some));
                let (discovery, organization) = (discovery?, organization?);
                Some(Self::Crm { discovery, organization, user: user?, password: password?, live_id: live_id? })
            }
            Service::SharePoint => {
                let parent = address(form, "parent", guard);
                let sign_in = form.form("sign_in");
                let chosen: Vec<&'static str> =
                    sign_in.iter().flat_map(|it| SIGN_INS.into_iter().filter(|kind| it.has(kind))).collect();
                if let (Some(sign_in), 0 | 2..) = (&sign_in, chosen.len()) {
                    sign_in.wrong(
                        chosen.first().copied().unwrap_or(SIGN_INS[0]),
                        "has to be one of basic, forms and claims",
                    );
                    for kind in SIGN_INS {
                        sign_in.optional(kind);
                    }
                    return None;
                }
                let kind = *chosen.first()?;
                let form = sign_in?.form(kind)?;
                let (user, password) = (form.text("user").map(ToOwned::to_owned), form.secret("password"));
                let sts = if kind == CLAIMS { Some(sts(&form, guard)?) } else { None };
                Some(Self::SharePoint { parent: parent?, kind, user: user?, password: password?, sts })
            }
        }
    }

    /// As the secret holds it.
    pub(crate) fn to_secret(&self) -> SecretString {
        let json = match self {
            Self::Crm { discovery, organization, user, password, live_id } => {
                let mut secret = json!({
                    "discovery": discovery, "organization": organization, "user": user,
                    "password": password.expose_secret(),
                });
                if let Some(live_id) = live_id {
                    secret["sign_in"] = json!({ "live_id": live_id.to_secret() });
                }
                secret
            }
            Self::SharePoint { parent, kind, user, password, sts } => {
                let mut sign_in = json!({ "user": user, "password": password.expose_secret() });
                if let Some(sts) = sts {
                    sign_in["sts"] = sts.as_str().into();
                }
                json!({ "parent": parent, "sign_in": { *kind: sign_in } })
            }
            Self::ExactTarget(platform) => platform.to_secret(),
        };
        json.to_string().into()
    }
}

/// A stored secret with another password of the user. A CRM's is at its top, the others' in their sign-in; a package's is
/// called its secret.
pub(crate) fn with_password(mut secret: Value, password: &SecretString) -> Option<SecretString> {
    let place = if secret.get("password").is_some() {
        secret.get_mut("password")?
    } else {
        let sign_in = secret["sign_in"].as_object_mut()?.values_mut().next()?;
        let name = if sign_in.get("client_secret").is_some() { "client_secret" } else { "password" };
        sign_in.get_mut(name)?
    };
    *place = password.expose_secret().into();
    Some(secret.to_string().into())
}

/// The sign-in service: Microsoft's own where none is named, and in either case one that may be called.
fn sts(form: &Form<'_>, guard: Option<&Guard>) -> Option<Url> {
    if form.has("sts") {
        return address(form, "sts", guard);
    }
    let url = Url::parse(ONLINE_STS).ok()?;
    let rule = guard.and_then(|guard| guard.check(&url).err());
    if let Some(rule) = &rule {
        form.wrong("sts", format!("is {ONLINE_STS} where none is named, which is not called: {rule}"));
    }
    rule.is_none().then_some(url)
}

pub(super) fn address(form: &Form<'_>, name: &'static str, guard: Option<&Guard>) -> Option<Url> {
    let url = form.url(name)?;
    match guard.map_or(Ok(()), |guard| guard.check(&url)) {
        Ok(()) => Some(url),
        Err(rule) => {
            form.wrong(name, format!("is not an address that is called: {rule}"));
            None
        }
    }
}
