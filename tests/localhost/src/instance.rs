//! The whole system in one process: the simulated services, the functions, and the two seeded tenants onboarded.
//!
//! Once over sockets, for people and for other people's clients, and once without, for tests on a virtual clock. Both
//! run the same functions, clients and simulators.

use std::{path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use domain::{Clock, SignedDuration, TenantId, Timestamp, VirtualClock};
use http::{Request, Response};
use platform::{Platform, memory::Memory};
use provisioning::Deps;
use sandbox::{Addresses, Outage, Sandbox, Service, Serving, World, people};
use serde_json::json;
use tenants::{Budgets, Connections, Hosts, LoginRule, Reach, Settings, Timeouts, onboard};
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
        let addresses = Addresses { crm: address(7001), sharepoint: address(7002), engine: address(7003) };
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
        let (crm, sharepoint, engine) = (bind().await?, bind().await?, bind().await?);
        let address = |listener: &TcpListener| Ok::<_, std::io::Error>(format!("http://{}", listener.local_addr()?));
        let addresses = Addresses { crm: address(&crm)?, sharepoint: address(&sharepoint)?, engine: address(&engine)? };
        let clock = VirtualClock::at(Timestamp::now());
        let mut sandbox = Sandbox::with_virtual_clock(World::seeded(&addresses, clock.now()), clock.clone());
        if let Some(directory) = record {
            sandbox = sandbox.record_to(directory)?;
        }
        let sockets = Sockets::new(Limits::default(), Trust::Only(Vec::new()), AddressRule::LoopbackToo)?;
        let mut instance = Self::assemble(sandbox.clone(), clock.clone(), addresses, Arc::new(sockets), 0).await?;
        instance.serving = vec![sandbox.serve(Service::Crm, crm), sandbox.serve(Service::SharePoint, sharepoint)];
        instance.running = vec![instance.host.serve(engine), instance.host.run(), Running::of(tick(sandbox))];
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
        let connections = Arc::new(Connections::new(&platform, back, Reach::Loopback));
        let engine = Some(Url::parse(&addresses.engine)?);
        let deps = Deps { platform: platform.clone(), connections, engine };
        let functions = Host::functions(&deps, &platform);
        let host = Host::new(Wiring::read(TEMPLATE)?, functions, memory, shared)?;
        let instance = Self { sandbox, host, clock, addresses, deps, serving: Vec::new(), running: Vec::new() };
        for (tenant, name) in people::TENANTS {
            instance.add_tenant(&tenant.parse()?, name).await?;
        }
        Ok(instance)
    }

    /// The same functions in another process of the same system: the queues, tables and services are shared, and
    /// nothing that a process keeps to itself is, such as sign-ins. Without sockets only.
    pub fn another_process(&self) -> anyhow::Result<Host> {
        self.another_process_on(&self.host.memory().platform())
    }

    /// The same on a platform of the caller's, over the same memory: for a test that listens in.
    pub fn another_process_on(&self, platform: &Platform) -> anyhow::Result<Host> {
        let back = Arc::new(in_process_back(self.sandbox.clone(), self.addresses.clone()));
        let connections = Arc::new(Connections::new(platform, back, Reach::Loopback));
        let deps = Deps { platform: platform.clone(), connections, engine: self.deps.engine.clone() };
        let functions = Host::functions(&deps, platform);
        Host::new(Wiring::read(TEMPLATE)?, functions, self.host.memory().clone(), Arc::new(self.clock.clone()))
    }

    async fn add_tenant(&self, tenant: &TenantId, name: &str) -> anyhow::Result<()> {
        let Addresses { crm, sharepoint, .. } = &self.addresses;
        let settings = Settings {
            name: name.to_owned(),
            active: true,
            origins: vec![crm.clone(), sharepoint.clone()],
            hosts: Hosts { crm: vec!["localhost".to_owned()], sharepoint: vec!["localhost".to_owned()] },
            crm_web: Url::parse(&format!("{crm}/{tenant}/"))?,
            logins: LoginRule::Login,
            directory: None,
            budgets: Budgets::default(),
            timeouts: Timeouts::default(),
        };
        onboard(&self.deps.platform.ledger, tenant, &settings).await?;
        self.host.memory().put_secret(tenant, "crm", &self.crm_secret(tenant));
        self.host.memory().put_secret(tenant, "sharepoint", &self.sharepoint_secret(tenant));
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
            "engine": self.addresses.engine,
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

/// A back that hands calls to the simulators, by the port they are addressed to.
fn in_process_back(sandbox: Sandbox, addresses: Addresses) -> InProcess {
    InProcess::new(move |request: Request<Bytes>| -> Result<Response<Bytes>, BackError> {
        let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let service = if addresses.crm.ends_with(&authority) {
            Service::Crm
        } else if addresses.sharepoint.ends_with(&authority) {
            Service::SharePoint
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
