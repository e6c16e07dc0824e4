//! What people and the engine meet: the simulated services with their seeded tenants, and where everything is.
//!
//! A scene knows nothing of how functions run. [`Instance`](crate::Instance) has them in this process,
//! [`Cloud`](crate::Cloud) on an emulator of AWS; a story is told in the scene of either.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use domain::{SignedDuration, TenantId, Timestamp, VirtualClock};
use platform::Bucket;
use sandbox::{
    Addresses, FileServers, Sandbox, Service, Serving, World, identity,
    live_id::{self, Device},
    people,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::Running;

/// The simulated services and all addresses.
pub struct Scene {
    /// The simulated services.
    pub sandbox: Sandbox,
    /// The clock of the services.
    pub clock: VirtualClock,
    /// Where the services and the engine are.
    pub addresses: Addresses,
    /// Where functions are called by name, as Lambda's API is, if they are.
    pub functions: Option<String>,
    /// The file servers of the e-mail platform, if they are served.
    pub files: Option<FileServers>,
    /// The bucket of the instance, which the e-mail platform may read, if there is one.
    pub staging: Option<Bucket>,
    serving: Vec<Serving>,
    ticking: Option<Running>,
}

impl Scene {
    /// The services as they are seeded, not served.
    pub(crate) fn seeded(addresses: Addresses, now: Timestamp) -> Self {
        let clock = VirtualClock::at(now);
        let sandbox = Sandbox::with_virtual_clock(World::seeded(&addresses, now), clock.clone());
        Self::of(sandbox, clock, addresses)
    }

    /// A sandbox that lives by this clock, not served.
    pub(crate) fn of(sandbox: Sandbox, clock: VirtualClock, addresses: Addresses) -> Self {
        Self {
            sandbox,
            clock,
            addresses,
            functions: None,
            files: None,
            staging: None,
            serving: Vec::new(),
            ticking: None,
        }
    }

    /// The services over sockets on loopback, on ports that the system hands out, by a clock that goes. The engine's
    /// port is only bound: whoever has the functions serves it.
    ///
    /// With `record`, the body of every request to a simulator is written below that folder.
    pub(crate) async fn on_sockets(record: Option<PathBuf>) -> anyhow::Result<(Self, TcpListener)> {
        let bind = || TcpListener::bind(("127.0.0.1", 0));
        let (crm, sharepoint, online) = (bind().await?, bind().await?, bind().await?);
        let (identity, live_id, engine) = (bind().await?, bind().await?, bind().await?);
        let exacttarget = bind().await?;
        let address = |listener: &TcpListener| Ok::<_, std::io::Error>(format!("http://{}", listener.local_addr()?));
        let addresses = Addresses {
            crm: address(&crm)?,
            sharepoint: address(&sharepoint)?,
            sharepoint_online: address(&online)?,
            identity: address(&identity)?,
            live_id: address(&live_id)?,
            exacttarget: address(&exacttarget)?,
            engine: address(&engine)?,
        };
        let mut scene = Self::seeded(addresses, Timestamp::now());
        if let Some(directory) = record {
            scene.sandbox = scene.sandbox.record_to(directory)?;
        }
        let services = [
            (Service::Crm, crm),
            (Service::SharePoint, sharepoint),
            (Service::SharePointOnline, online),
            (Service::Identity, identity),
            (Service::LiveId, live_id),
            (Service::ExactTarget, exacttarget),
        ];
        scene.serving = services.map(|(service, listener)| scene.sandbox.serve(service, listener)).into();
        scene.files = Some(scene.sandbox.serve_files().await?);
        scene.ticking = Some(Running::of(tick(scene.sandbox.clone())));
        Ok((scene, engine))
    }

    /// What `manage-tenant` is asked, to add a tenant of the scene.
    pub fn order(&self, tenant: &TenantId, name: &str) -> Value {
        let Addresses { crm, sharepoint, sharepoint_online, .. } = &self.addresses;
        let sharepoint = if people::is_online(tenant.as_str()) { sharepoint_online } else { sharepoint };
        json!({ "add": {
            "tenant": tenant,
            "name": name,
            "origins": [crm, sharepoint],
            // Northwind has browsers of 2010.
            "jsonp": tenant.as_str() == "northwind",
            "hosts": { "crm": ["localhost"], "sharepoint": ["localhost"] },
            "crm_web": format!("{crm}/{tenant}/"),
            "logins": "login",
            "directory": identity::seed::directory_of(tenant.as_str()).map(|it| it.id),
            "connections": BTreeMap::from(self.secrets(tenant)),
        }})
    }

    /// What the tenant's connections are seeded with, by service.
    pub fn secrets(&self, tenant: &TenantId) -> [(&'static str, Value); 2] {
        [("crm", self.crm_secret(tenant)), ("sharepoint", self.sharepoint_secret(tenant))]
    }

    /// What the tenant's CRM connection is seeded with.
    pub fn crm_secret(&self, tenant: &TenantId) -> Value {
        let user = people::of(tenant.as_str()).find(|person| person.role == people::Role::Integration);
        let is_online = people::is_online(tenant.as_str());
        let kind = if is_online { "Passport" } else { "SPLA" };
        let mut secret = json!({
            "discovery": format!("{}/MSCRMServices/2007/{kind}/CrmDiscoveryService.asmx", self.addresses.crm),
            "organization": tenant,
            "user": user.map(|person| person.login),
            "password": user.map(|person| person.password),
        });
        if is_online {
            let at = |path: &str| format!("{}{path}", self.addresses.live_id);
            let Device { name, password } = Device::LAKESIDE;
            secret["sign_in"] = json!({ "live_id": {
                "issuer": at(live_id::TOKENS),
                "registration": at(live_id::DEVICES),
                "partner": "crm.dynamics.com",
                "device": { "name": name, "password": password },
            }});
        }
        secret
    }

    /// What the tenant's account at the e-mail platform is signed in to with: a user's password.
    pub fn exacttarget_secret(&self, tenant: &TenantId) -> Value {
        let world = self.sandbox.world();
        let user = world.exacttarget.account(tenant.as_str()).map(|account| account.user);
        json!({
            "endpoint": format!("{}/Service.asmx", self.addresses.exacttarget),
            "sign_in": { "user": {
                "name": user.map(|user| user.name),
                "password": user.map(|user| user.password),
            }},
        })
    }

    /// What `manage-tenant` is asked, to let a tenant of the scene send mails too.
    pub fn order_with_mails(&self, tenant: &TenantId, name: &str) -> Value {
        let mut order = self.order(tenant, name);
        let add = &mut order["add"];
        add["replace"] = true.into();
        add["hosts"]["exacttarget"] = json!(["localhost"]);
        add["connections"] = json!({ "exacttarget": self.exacttarget_secret(tenant) });
        add["mailing"] = json!({
            "location": sandbox::exacttarget::seed::BUCKET,
            "list": sandbox::exacttarget::seed::PUBLICATION,
            "poll_minutes": 1,
        });
        order
    }

    /// What the tenant's SharePoint connection is seeded with.
    pub fn sharepoint_secret(&self, tenant: &TenantId) -> Value {
        if people::is_online(tenant.as_str()) {
            return self.online_secret(tenant.as_str());
        }
        let account = sandbox::sharepoint::Credentials::of(tenant.as_str());
        json!({
            "parent": format!("{}/sites/{tenant}", self.addresses.sharepoint),
            "sign_in": { "basic": { "user": account.login, "password": account.password } },
        })
    }

    /// What a tenant's SharePoint connection is once it is on the online host.
    pub fn online_secret(&self, tenant: &str) -> Value {
        let account = sandbox::sharepoint::Credentials::online(tenant);
        json!({
            "parent": format!("{}/sites/{tenant}", self.addresses.sharepoint_online),
            "sign_in": { "claims": {
                "user": account.login,
                "password": account.password,
                "sts": format!("{}/extSTS.srf", self.addresses.identity),
            } },
        })
    }

    /// Addresses and seeded credentials, for other people's clients.
    pub fn directions(&self) -> Value {
        let tenants = people::TENANTS.iter().filter_map(|(tenant, name)| {
            let id: TenantId = tenant.parse().ok()?;
            let (crm, sharepoint) = (self.crm_secret(&id), self.sharepoint_secret(&id));
            let sign_in = &sharepoint["sign_in"][if people::is_online(tenant) { "claims" } else { "basic" }];
            let people = people::of(tenant).map(|person| {
                json!({ "login": person.login, "name": person.name, "password": person.password, "disabled": person.disabled })
            });
            let mail = self.email_account(tenant);
            Some(json!({
                "id": tenant,
                "name": name,
                "exacttarget": mail,
                "organization": crm["organization"],
                "discovery": crm["discovery"],
                "crm_user": crm["user"],
                "crm_password": crm["password"],
                "live_id": crm["sign_in"]["live_id"],
                "sharepoint_user": sign_in["user"],
                "sharepoint_password": sign_in["password"],
                "site_collection": sharepoint["parent"],
                "crm_page": format!("{}/{tenant}/", self.addresses.crm),
                "people": people.collect::<Vec<_>>(),
            }))
        });
        let online = sandbox::sharepoint::online_tenants().map(|(tenant, name)| {
            let secret = self.online_secret(tenant);
            let claims = &secret["sign_in"]["claims"];
            json!({
                "id": tenant,
                "name": name,
                "site_collection": secret["parent"],
                "user": claims["user"],
                "password": claims["password"],
                "sts": claims["sts"],
            })
        });
        json!({
            "crm": self.addresses.crm,
            "sharepoint": self.addresses.sharepoint,
            "sharepoint_online": self.addresses.sharepoint_online,
            "online": online.collect::<Vec<_>>(),
            "identity": operators(&self.addresses),
            "live_id": self.addresses.live_id,
            "exacttarget": self.addresses.exacttarget,
            "engine": self.addresses.engine,
            "functions": self.functions,
            "control": format!("{}/control/", self.addresses.crm),
            "tenants": tenants.collect::<Vec<_>>(),
        })
    }

    /// Who signs in to a tenant's account at the e-mail platform, and where.
    fn email_account(&self, tenant: &str) -> Value {
        let world = self.sandbox.world();
        let Some(account) = world.exacttarget.account(tenant) else { return Value::Null };
        let at = |path: &str| format!("{}{path}", self.addresses.exacttarget);
        json!({
            "member": account.member,
            "service": at("/Service.asmx"),
            "token": at("/v2/token"),
            "legacy_token": at("/v1/requestToken"),
            "user": account.user.name,
            "password": account.user.password,
            "client_id": account.package.name,
            "client_secret": account.package.password,
            "files": self.files.as_ref().map(|servers| json!({
                "user": account.member.to_string(),
                "password": account.files,
                "ftp": servers.ftp.to_string(),
                "authority": servers.authority,
                "sftp": servers.sftp.to_string(),
                "host_key": servers.host_key,
            })),
        })
    }

    /// Closes the addresses of the services.
    pub async fn stop(self) {
        drop(self.ticking);
        drop(self.files);
        for serving in self.serving {
            serving.shutdown().await;
        }
    }
}

/// How operators sign in. `POST` a form to `token`, with `grant_type` `password` or `client_credentials`.
fn operators(addresses: &Addresses) -> Value {
    let authority = &addresses.identity;
    let operators = identity::seed::ACCOUNTS.iter().filter_map(|account| {
        let directory = identity::seed::directory_of(account.owner)?.id;
        Some(json!({
            "owner": account.owner,
            "directory": directory,
            "issuer": format!("{authority}/{directory}/v2.0"),
            "token": format!("{authority}/{directory}/oauth2/v2.0/token"),
            "grant_type": if account.is_program { "client_credentials" } else { "password" },
            "name": account.name,
            "secret": account.secret,
            "roles": account.roles,
        }))
    });
    json!({
        "authority": authority,
        "audience": identity::seed::AUDIENCE,
        "scope": format!("{}/.default", identity::seed::AUDIENCE),
        "console": identity::seed::CONSOLE,
        "partner_directory": identity::seed::PARTNER.id,
        "operators": operators.collect::<Vec<_>>(),
    })
}

/// Lets the virtual clock go with the machine's, so that it can also be moved by hand.
async fn tick(sandbox: Sandbox) {
    let mut before = std::time::Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let now = std::time::Instant::now();
        sandbox.advance(SignedDuration::try_from(now - before).unwrap_or(SignedDuration::ZERO));
        before = now;
    }
}
