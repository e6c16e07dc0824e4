//! The whole system in one process: a scene, the functions on the memory back, and seeded tenants onboarded.
//!
//! Once over sockets, for people and for other people's clients, and once without, for tests on a virtual clock. Both
//! run the same functions, clients and simulators.

use std::{num::NonZeroU32, ops::Deref, path::PathBuf, sync::Arc};

use bytes::Bytes;
use domain::{Clock, SignedDuration, Timestamp, VirtualClock};
use http::{Request, Response};
use operators::{Authority, Operators};
use platform::{Issues, Platform, memory::Memory};
use provisioning::Deps;
use sandbox::{Addresses, Outage, Sandbox, Service, identity, people};
use sending::Patience;
use tenants::{Connections, Reach};
use tokio::net::TcpListener;
use transport::{AddressRule, Back, BackError, InProcess, Limits, Sockets, Trust};
use url::Url;

use crate::{Host, Running, Scene, Wiring, location};

/// The wiring that everything here runs by.
const TEMPLATE: &str = include_str!("../../../template.yaml");

/// One running system.
pub struct Instance {
    /// The functions.
    pub host: Host,
    /// What the functions are given.
    pub deps: Deps,
    scene: Scene,
    seal_rounds: Option<NonZeroU32>,
    patience: Patience,
    running: Vec<Running>,
}

impl Deref for Instance {
    type Target = Scene;

    fn deref(&self) -> &Scene {
        &self.scene
    }
}

impl Instance {
    /// Without sockets: calls go straight to the simulators. Nothing runs by itself; tests call
    /// [`Host::drain`], [`Host::fire_timers`] and [`Sandbox::advance`]. `seed` decides what AWS leaves open.
    ///
    /// The two tenants on premise are onboarded; the one online is by [`Instance::onboard`], because timers ask every
    /// tenant that there is, and most stories count what is asked.
    pub async fn in_process(seed: u64) -> anyhow::Result<Self> {
        Self::without_sockets(seed, None).await
    }

    /// The same, whose processes start at once, because they do not hash secrets for the seal as often as it takes to be
    /// safe ([`Connections::sealing_with`]). To be copied many times: [`Instance::fork`].
    pub async fn to_be_forked(seed: u64) -> anyhow::Result<Self> {
        Self::without_sockets(seed, Some(NonZeroU32::MIN)).await
    }

    async fn without_sockets(seed: u64, seal_rounds: Option<NonZeroU32>) -> anyhow::Result<Self> {
        let address = |port: u16| format!("http://127.0.0.1:{port}");
        let (crm, sharepoint, engine, identity) = (address(7001), address(7002), address(7003), address(7004));
        let (sharepoint_online, live_id, exacttarget) = (address(7005), address(7006), address(7007));
        let addresses = Addresses { crm, sharepoint, sharepoint_online, identity, live_id, exacttarget, engine };
        // A fixed instant, so that a history is the same on every day.
        let scene = Scene::seeded(addresses, "2026-06-01T08:00:00Z".parse::<Timestamp>()?);
        let back = in_process_back(scene.sandbox.clone(), scene.addresses.clone());
        let instance = Self::assemble(scene, Arc::new(back), seed, seal_rounds, Patience::None)?;
        for (tenant, _) in people::TENANTS.iter().filter(|(tenant, _)| !people::is_online(tenant)) {
            instance.onboard(tenant).await?;
        }
        Ok(instance)
    }

    /// Over sockets on loopback, on ports that the system hands out; queues and timers run by themselves.
    ///
    /// With `record`, the body of every request to a simulator is written below that folder.
    pub async fn on_sockets(record: Option<PathBuf>) -> anyhow::Result<Self> {
        let (mut scene, engine) = Scene::on_sockets(record).await?;
        let functions = TcpListener::bind(("127.0.0.1", 0)).await?;
        scene.functions = Some(format!("http://{}", functions.local_addr()?));
        let sockets = Sockets::new(Limits::default(), Trust::Only(Vec::new()), AddressRule::LoopbackToo)?;
        let patience = Patience::Looks(std::time::Duration::from_millis(200));
        let mut instance = Self::assemble(scene, Arc::new(sockets), 0, None, patience)?;
        instance.scene.staging = Some(instance.deps.platform.staging.clone());
        for (tenant, name) in people::TENANTS {
            instance.onboard(tenant).await?;
            // For people to press *Send*, whatever chapter is told.
            let answer =
                instance.host.call("manage-tenant", instance.scene.order_with_mails(&tenant.parse()?, name)).await?;
            anyhow::ensure!(answer["replaced"] == tenant, "a seeded account for mails is refused: {}", answer["error"]);
        }
        let drops = location::read(instance.scene.sandbox.clone(), instance.deps.platform.staging.clone());
        let host = &instance.host;
        instance.running = vec![host.serve(engine), host.serve_calls(functions), host.run(), Running::of(drops)];
        Ok(instance)
    }

    /// A copy of the whole system as it is at this moment, with a clock of its own: what happens in one does not happen in
    /// the other. Its functions run in new processes: nothing that a process keeps to itself is copied. Without sockets
    /// only.
    pub fn fork(&self) -> anyhow::Result<Self> {
        let clock = VirtualClock::at(self.clock.now());
        let sandbox = Sandbox::with_virtual_clock(self.sandbox.world().clone(), clock.clone());
        let scene = Scene::of(sandbox, clock.clone(), self.addresses.clone());
        let memory = self.host.memory().fork(Arc::new(clock));
        let back = Arc::new(in_process_back(scene.sandbox.clone(), scene.addresses.clone()));
        Self::wire(scene, back, self.host.wiring().clone(), memory, self.seal_rounds, self.patience)
    }

    fn assemble(
        scene: Scene,
        back: Arc<dyn Back>,
        seed: u64,
        seal_rounds: Option<NonZeroU32>,
        patience: Patience,
    ) -> anyhow::Result<Self> {
        let memory = Memory::new(Arc::new(scene.clock.clone()), seed);
        Self::wire(scene, back, Wiring::read(TEMPLATE)?, memory, seal_rounds, patience)
    }

    fn wire(
        scene: Scene,
        back: Arc<dyn Back>,
        wiring: Wiring,
        memory: Memory,
        seal_rounds: Option<NonZeroU32>,
        patience: Patience,
    ) -> anyhow::Result<Self> {
        let platform = memory.platform();
        let issues = issue_deps(&platform, Arc::clone(&back), &scene.addresses)?;
        let connections = connections(&platform, back, Reach::Loopback, seal_rounds);
        let engine = Some(Url::parse(&scene.addresses.engine)?);
        let deps = Deps { platform: platform.clone(), connections, engine };
        let functions = Host::functions(&deps, &issues, &platform, patience);
        let host = Host::new(wiring, functions, memory, Arc::new(scene.clock.clone()))?;
        Ok(Self { host, deps, scene, seal_rounds, patience, running: Vec::new() })
    }

    /// Adds a seeded tenant, as an operator does.
    pub async fn onboard(&self, tenant: &str) -> anyhow::Result<()> {
        let name = people::TENANTS.iter().find(|(id, _)| *id == tenant).map_or(tenant, |(_, name)| *name);
        let answer = self.host.call("manage-tenant", self.scene.order(&tenant.parse()?, name)).await?;
        anyhow::ensure!(answer["added"] == tenant, "a seeded tenant is refused: {}", answer["error"]);
        Ok(())
    }

    /// The same functions in another process of the same system: the queues, tables and services are shared, and
    /// nothing that a process keeps to itself is, such as sign-ins. Without sockets only.
    pub fn another_process(&self) -> anyhow::Result<Host> {
        self.functions_on(&self.host.memory().platform())
    }

    /// The same in another process, on a machine whose clock is ahead by so much, or behind.
    pub fn another_process_ahead(&self, by: SignedDuration) -> anyhow::Result<Host> {
        let clock: Arc<dyn Clock> = Arc::new(Ahead { clock: self.clock.clone(), by });
        let platform = Platform { clock: Arc::clone(&clock), ..self.host.memory().platform() };
        self.functions_by(clock, &platform, Arc::new(self.back()), Reach::Loopback)
    }

    /// The same in another process on a platform of its own.
    pub fn functions_on(&self, platform: &Platform) -> anyhow::Result<Host> {
        self.functions_over(platform, Arc::new(self.back()), Reach::Loopback)
    }

    /// The same in another process whose calls go over a back of its own.
    pub fn functions_over(&self, platform: &Platform, back: Arc<dyn Back>, reach: Reach) -> anyhow::Result<Host> {
        self.functions_by(Arc::new(self.clock.clone()), platform, back, reach)
    }

    /// The e-mail platform takes what was dropped for it in the bucket. Over sockets it does so by itself while a chapter
    /// needs it.
    pub async fn read_drops(&self) {
        location::read_once(&self.sandbox, &self.deps.platform.staging).await;
    }

    /// What carries calls to the simulators, without sockets.
    pub fn back(&self) -> InProcess {
        in_process_back(self.sandbox.clone(), self.addresses.clone())
    }

    /// The same in another process whose host has a clock of its own.
    pub fn functions_by(
        &self,
        clock: Arc<dyn Clock>,
        platform: &Platform,
        back: Arc<dyn Back>,
        reach: Reach,
    ) -> anyhow::Result<Host> {
        let issues = issue_deps(platform, Arc::clone(&back), &self.addresses)?;
        let connections = connections(platform, back, reach, self.seal_rounds);
        let deps = Deps { platform: platform.clone(), connections, engine: self.deps.engine.clone() };
        let functions = Host::functions(&deps, &issues, platform, self.patience);
        Host::new(self.host.wiring().clone(), functions, self.host.memory().clone(), clock)
    }

    /// Closes the addresses and stops the functions.
    pub async fn stop(self) {
        drop(self.running);
        self.scene.stop().await;
    }
}

/// A clock that is wrong by always the same.
struct Ahead {
    clock: VirtualClock,
    by: SignedDuration,
}

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        self.clock.now().saturating_add(self.by).unwrap_or(Timestamp::MAX)
    }
}

fn connections(
    platform: &Platform,
    back: Arc<dyn Back>,
    reach: Reach,
    seal_rounds: Option<NonZeroU32>,
) -> Arc<Connections> {
    let connections = Connections::new(platform, back, reach);
    Arc::new(match seal_rounds {
        Some(rounds) => connections.sealing_with(rounds),
        None => connections,
    })
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

/// A back that hands calls to the simulators, by the port they are addressed to.
fn in_process_back(sandbox: Sandbox, addresses: Addresses) -> InProcess {
    InProcess::new(move |request: Request<Bytes>| -> Result<Response<Bytes>, BackError> {
        let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let service = if addresses.crm.ends_with(&authority) {
            Service::Crm
        } else if addresses.sharepoint.ends_with(&authority) {
            Service::SharePoint
        } else if addresses.sharepoint_online.ends_with(&authority) {
            Service::SharePointOnline
        } else if addresses.identity.ends_with(&authority) {
            Service::Identity
        } else if addresses.live_id.ends_with(&authority) {
            Service::LiveId
        } else if addresses.exacttarget.ends_with(&authority) {
            Service::ExactTarget
        } else {
            return Err(BackError::refused_connection());
        };
        heard(sandbox.handle(service, &request))
    })
}

/// What a client hears of a simulator's answer without a socket.
pub fn heard(answer: Result<Response<Bytes>, Outage>) -> Result<Response<Bytes>, BackError> {
    answer.or_else(|outage| match outage {
        Outage::Refused => Err(BackError::refused_connection()),
        Outage::Lost => Err(BackError::lost()),
        // The back compares `Content-Length` with what came, and calls it cut.
        Outage::Truncated(start) => Ok(*start),
        Outage::Late | Outage::Stalled => Err(BackError::TimedOut { sent: true }),
    })
}
