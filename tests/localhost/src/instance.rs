//! The whole system in one process: the simulated services, the functions, and the two seeded tenants onboarded.
//!
//! Once over sockets, for people and for other people's clients, and once without, for tests on a virtual clock. Both
//! run the same functions, clients and simulators.

use std::{path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use domain::{Clock, SignedDuration, TenantId, Timestamp, VirtualClock};
use http::{Request, Response};
use operators::{Authority, Operators};
use platform::{Issues, Platform, memory::Memory};
use provisioning::Deps;
use sandbox::{Addresses, Outage, Sandbox, Service, Serving, World, identity, people};
use serde_json::json;
use tenants::{Connections, Reach};
use tokio::net::TcpListener;
use transport::{AddressRule, Back, BackError, InProcess, Limits, Sockets, Trust};
use url::Url;

use crate::{Host, Running, Wiring};

/// The wiring that everything here runs by.
const TEMPLATE: &str = include_str!("../../../template.yaml");

/// One running system.
pub struct Instance {
    /// The simulated services.
    pub sandbox: Sandbox,
    /// The functions.
    pub host: Host,
    /// The clock of all of it.
    pub clock: VirtualClock,
    /// Where the services and the engine are.
    pub addresses: Addresses,
    /// Where functions are called by name, as Lambda's API is; over sockets only.
    pub functions: Option<String>,
    /// What the functions are given.
    pub deps: Deps,
    serving: Vec<Serving>,
    running: Vec<Running>,
}

impl Instance {
    /// Without sockets: calls go straight to the simulators. Nothing runs by itself; tests call
    /// [`Host::drain`], [`Host::fire_timers`] and [`Sandbox::advance`]. `seed` decides what AWS leaves open.
    pub async fn in_process(seed: u64) -> anyhow::Result<Self> {
        let address = |port: u16| format!("http://127.0.0.1:{port}");
        let (crm, sharepoint, engine, identity) = (address(7001), address(7002), address(7003), address(7004));
        let addresses = Addresses { crm, sharepoint, identity, engine };
        // A fixed instant, so that a history is the same on every day.
        let clock = VirtualClock::at("2026-06-01T08:00:00Z".parse::<Timestamp>()?);
        let sandbox = Sandbox::with_virtual_clock(World::seeded(&addresses, clock.now()), clock.clone());
        let back = in_process_back(sandbox.clone(), addresses.clone());
        Self::assemble(sandbox, clock, addresses, Arc::new(back), seed).await
    }

    /// Over sockets on loopback, on ports that the system hands out; queues and timers run by themselves.
    ///
    /// With `record`, the body of every request to a simulator is written below that folder.
    pub async fn on_sockets(record: Option<PathBuf>) -> anyhow::Result<Self> {
        let bind = || TcpListener::bind(("127.0.0.1", 0));
        let (crm, sharepoint, identity) = (bind().await?, bind().await?, bind().await?);
        let (engine, functions) = (bind().await?, bind().await?);
        let address = |listener: &TcpListener| Ok::<_, std::io::Error>(format!("http://{}", listener.local_addr()?));
        let addresses = Addresses {
            crm: address(&crm)?,
            sharepoint: address(&sharepoint)?,
            identity: address(&identity)?,
            engine: address(&engine)?,
        };
        let clock = VirtualClock::at(Timestamp::now());
        let mut sandbox = Sandbox::with_virtual_clock(World::seeded(&addresses, clock.now()), clock.clone());
        if let Some(directory) = record {
            sandbox = sandbox.record_to(directory)?;
        }
        let sockets = Sockets::new(Limits::default(), Trust::Only(Vec::new()), AddressRule::LoopbackToo)?;
        let mut instance = Self::assemble(sandbox.clone(), clock.clone(), addresses, Arc::new(sockets), 0).await?;
        let services = [(Service::Crm, crm), (Service::SharePoint, sharepoint), (Service::Identity, identity)];
        instance.serving = services.map(|(service, listener)| sandbox.serve(service, listener)).into();
        instance.functions = Some(address(&functions)?);
        let (serving, calls) = (instance.host.serve(engine), instance.host.serve_calls(functions));
        instance.running = vec![serving, calls, instance.host.run(), Running::of(tick(sandbox))];
        Ok(instance)
    }

    async fn assemble(
        sandbox: Sandbox,
        clock: VirtualClock,
        addresses: Addresses,
        back: Arc<dyn Back>,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let memory = Memory::new(Arc::clone(&shared), seed);
        let platform = memory.platform();
        let issues = issue_deps(&platform, Arc::clone(&back), &addresses)?;
        let connections = Arc::new(Connections::new(&platform, back, Reach::Loopback));
        let engine = Some(Url::parse(&addresses.engine)?);
        let deps = Deps { platform: platform.clone(), connections, engine };
        let functions = Host::functions(&deps, &issues, &platform);
        let host = Host::new(Wiring::read(TEMPLATE)?, functions, memory, shared)?;
        let (functions, serving, running) = (None, Vec::new(), Vec::new());
        let instance = Self { sandbox, host, clock, addresses, functions, deps, serving, running };
        for (tenant, name) in people::TENANTS {
            instance.add_tenant(&tenant.parse()?, name).await?;
        }
        Ok(instance)
    }

    /// The same functions in another process of the same system: the queues, tables and services are shared, and
    /// nothing that a process keeps to itself is, such as sign-ins. Without sockets only.
    pub fn another_process(&self) -> anyhow::Result<Host> {
        self.functions_on(&self.host.memory().platform())
    }

    /// The same in another process on a platform of its own.
    pub fn functions_on(&self, platform: &Platform) -> anyhow::Result<Host> {
        let back = Arc::new(in_process_back(self.sandbox.clone(), self.addresses.clone()));
        self.functions_over(platform, back, Reach::Loopback)
    }

    /// The same in another process whose calls go over a back of its own.
    pub fn functions_over(&self, platform: &Platform, back: Arc<dyn Back>, reach: Reach) -> anyhow::Result<Host> {
        let issues = issue_deps(platform, Arc::clone(&back), &self.addresses)?;
        let connections = Arc::new(Connections::new(platform, back, reach));
        let deps = Deps { platform: platform.clone(), connections, engine: self.deps.engine.clone() };
        let functions = Host::functions(&deps, &issues, platform);
        Host::new(Wiring::read(TEMPLATE)?, functions, self.host.memory().clone(), Arc::new(self.clock.clone()))
    }

    async fn add_tenant(&self, tenant: &TenantId, name: &str) -> anyhow::Result<()> {
        let Addresses { crm, sharepoint, .. } = &self.addresses;
        let directory = identity::seed::directory_of(tenant.as_str()).map(|it| it.id);
        let order = json!({ "add": {
            "tenant": tenant,
            "name": name,
            "origins": [crm, sharepoint],
            "hosts": { "crm": ["localhost"], "sharepoint": ["localhost"] },
            "crm_web": format!("{crm}/{tenant}/"),
            "logins": "login",
            "directory": directory,
            "connections": { "crm": self.crm_secret(tenant), "sharepoint": self.sharepoint_secret(tenant) },
        }});
        let answer = self.host.call("manage-tenant", order).await?;
        anyhow::ensure!(answer["added"] == tenant.as_str(), "a seeded tenant is refused: {}", answer["error"]);
        Ok(())
    }

    /// What the tenant's CRM connection is seeded with.
    pub fn crm_secret(&self, tenant: &TenantId) -> serde_json::Value {
        let user = people::of(tenant.as_str()).find(|person| person.role == people::Role::Integration);
        json!({
            "discovery": format!("{}/MSCRMServices/2007/SPLA/CrmDiscoveryService.asmx", self.addresses.crm),
            "organization": tenant,
            "user": user.map(|person| person.login),
            "password": user.map(|person| person.password),
        })
    }

    /// What the tenant's SharePoint connection is seeded with.
    pub fn sharepoint_secret(&self, tenant: &TenantId) -> serde_json::Value {
        let account = sandbox::sharepoint::Credentials::of(tenant.as_str());
        json!({
            "parent": format!("{}/sites/{tenant}", self.addresses.sharepoint),
            "sign_in": { "basic": { "user": account.login, "password": account.password } },
        })
    }

    /// Addresses and seeded credentials, for other people's clients.
    pub fn directions(&self) -> serde_json::Value {
        let tenants = people::TENANTS.iter().filter_map(|(tenant, name)| {
            let id: TenantId = tenant.parse().ok()?;
            let (crm, sharepoint) = (self.crm_secret(&id), self.sharepoint_secret(&id));
            let people = people::of(tenant).map(|person| {
                json!({ "login": person.login, "name": person.name, "password": person.password, "disabled": person.disabled })
            });
            Some(json!({
                "id": tenant,
                "name": name,
                "organization": crm["organization"],
                "discovery": crm["discovery"],
                "crm_user": crm["user"],
                "crm_password": crm["password"],
                "sharepoint_user": sharepoint["sign_in"]["basic"]["user"],
                "sharepoint_password": sharepoint["sign_in"]["basic"]["password"],
                "site_collection": sharepoint["parent"],
                "crm_page": format!("{}/{tenant}/", self.addresses.crm),
                "people": people.collect::<Vec<_>>(),
            }))
        });
        json!({
            "crm": self.addresses.crm,
            "sharepoint": self.addresses.sharepoint,
            "identity": operators_directions(&self.addresses),
            "engine": self.addresses.engine,
            "functions": self.functions,
            "control": format!("{}/control/", self.addresses.crm),
            "tenants": tenants.collect::<Vec<_>>(),
        })
    }

    /// Closes the addresses and stops the functions.
    pub async fn stop(self) {
        drop(self.running);
        for serving in self.serving {
            serving.shutdown().await;
        }
    }
}

/// What the function `issues` is given: the sandbox's Entra ID is whose word counts.
fn issue_deps(platform: &Platform, back: Arc<dyn Back>, addresses: &Addresses) -> anyhow::Result<issues::Deps> {
    let authority = Authority::from_vars(|name| match name {
        "TIELINE_AUTHORITY" => Some(addresses.identity.clone()),
        "TIELINE_AUDIENCE" => Some(identity::seed::AUDIENCE.to_owned()),
        "TIELINE_PARTNER_DIRECTORY" => Some(identity::seed::PARTNER.id.to_owned()),
        _ => None,
    })?;
    let operators = Operators::new(platform, back, Reach::Loopback, Some(authority))?;
    Ok(issues::Deps { issues: Issues::of(platform), operators: Arc::new(operators) })
}

/// How operators sign in. `POST` a form to `token`, with `grant_type` `password` or `client_credentials`.
fn operators_directions(addresses: &Addresses) -> serde_json::Value {
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

/// A back that hands calls to the simulators, by the port they are addressed to.
fn in_process_back(sandbox: Sandbox, addresses: Addresses) -> InProcess {
    InProcess::new(move |request: Request<Bytes>| -> Result<Response<Bytes>, BackError> {
        let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let service = if addresses.crm.ends_with(&authority) {
            Service::Crm
        } else if addresses.sharepoint.ends_with(&authority) {
            Service::SharePoint
        } else if addresses.identity.ends_with(&authority) {
            Service::Identity
        } else {
            return Err(BackError::refused_connection());
        };
        sandbox.handle(service, &request).or_else(|outage| match outage {
            Outage::Refused => Err(BackError::refused_connection()),
            Outage::Lost => Err(BackError::lost()),
            // The back compares `Content-Length` with what came, and calls it cut.
            Outage::Truncated(start) => Ok(*start),
            Outage::Late | Outage::Stalled => Err(BackError::TimedOut { sent: true }),
        })
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
