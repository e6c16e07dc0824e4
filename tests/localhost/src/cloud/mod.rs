//! The built functions on an emulator of AWS, deployed by SAM as they are deployed to AWS.
//!
//! Nothing is wired here either: `sam deploy` makes what the template says, and the functions are the binaries that
//! `scripts/build` made, each a process behind a Lambda Runtime API, with the real SDK. Only two things are not the
//! emulator's: the routes, which it does not make of a SAM template, are added as the template has them, and the
//! functions' calls to AWS go through a [`Recorder`].

mod account;
mod binary;
mod emulator;
mod proxy;
mod recorder;

use std::{
    collections::BTreeMap,
    ops::Deref,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use anyhow::{Context, ensure};
use domain::TenantId;
use platform::{
    Platform,
    aws::{self, Settings},
};
use sandbox::{Addresses, identity, people};
use tokio::net::TcpListener;

pub use account::Account;
pub use binary::{Binary, Machine};
pub use recorder::{AwsCall, Recorder};

use crate::{Running, Scene, Wiring};
use emulator::Emulator;

/// One deployed system.
pub struct Cloud {
    /// What the functions work on.
    pub platform: Platform,
    /// The account that the system is deployed in, for what no function does.
    pub account: Account,
    /// What the functions asked of AWS.
    pub recorder: Recorder,
    scene: Scene,
    running: Vec<Running>,
    _emulator: Emulator,
}

impl Deref for Cloud {
    type Target = Scene;

    fn deref(&self) -> &Scene {
        &self.scene
    }
}

impl Cloud {
    /// What has to be installed or built before there can be one, in a sentence, if anything has.
    pub fn missing(root: &Path) -> Option<String> {
        let python = emulator::python(root);
        let sam = sam(root);
        if let Some(tool) = [python, sam].iter().find(|tool| !tool.exists()) {
            return Some(format!(
                "{} is not there: scripts/demo --cloud emulator and scripts/test install it",
                tool.display()
            ));
        }
        Self::missing_functions(root)
    }

    /// The same for the functions alone.
    pub fn missing_functions(root: &Path) -> Option<String> {
        let functions = match Wiring::of(root) {
            Ok(wiring) => wiring.functions,
            Err(problem) => return Some(problem.to_string()),
        };
        functions.iter().find_map(|(name, _)| match Binary::of(root, name).machine() {
            Ok(machine) if Some(machine) == Machine::here() => None,
            Ok(machine) => Some(format!("{name} is built for {machine}: scripts/build builds for this machine")),
            Err(_) => Some(format!("{name} is not built: scripts/build does it")),
        })
    }

    /// Starts the simulated services and the emulator, deploys the template below `root`, and onboards the two seeded
    /// tenants.
    ///
    /// With `calls`, each request that a function makes to AWS is a line of that file.
    pub async fn deploy(root: &Path, calls: Option<&Path>, record: Option<PathBuf>) -> anyhow::Result<Self> {
        if let Some(missing) = Self::missing(root) {
            anyhow::bail!(missing);
        }
        let (mut scene, engine) = Scene::on_sockets(record).await?;
        let recording = TcpListener::bind(("127.0.0.1", 0)).await?;
        let recorder = Recorder::new(calls)?;
        let functions_see = [
            ("AWS_ENDPOINT_URL", format!("http://{}", recording.local_addr()?)),
            // No metadata service is asked for anything.
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("TIELINE_REACH", "loopback".to_owned()),
        ];
        let emulator = Emulator::start(root, &functions_see)?;
        let mut running = vec![proxy::record(recording, emulator.endpoint.clone(), recorder.clone())?];
        let account = Account::new(&emulator.endpoint)?;
        scene.functions = Some(emulator.endpoint.clone());
        account.make_bucket(ARTIFACTS).await?;
        let deployment = deployment(root, &account, &scene.addresses);
        tokio::task::spawn_blocking(move || run(deployment)).await??;
        let wiring = Wiring::of(root)?;
        let api = account.add_routes(&wiring.routes).await?;
        running.push(proxy::pass(engine, emulator.endpoint.clone(), &format!("{api}.execute-api.localhost"))?);
        let platform = aws::platform(settings(&account, &wiring).await?).await;
        scene.staging = Some(platform.staging.clone());
        let cloud = Self { platform, account, recorder, scene, running, _emulator: emulator };
        // As in a process without sockets: what every sweep asks of each tenant is counted here.
        for (tenant, name) in people::TENANTS.into_iter().filter(|(tenant, _)| !people::is_online(tenant)) {
            cloud.add_tenant(&tenant.parse()?, name).await?;
        }
        Ok(cloud)
    }

    async fn add_tenant(&self, tenant: &TenantId, name: &str) -> anyhow::Result<()> {
        let order = self.scene.order(tenant, name);
        let answer = self.account.invoke("manage-tenant", &order).await?;
        let is_added = answer.as_ref().is_ok_and(|answer| answer["added"] == tenant.as_str());
        ensure!(is_added, "a seeded tenant is refused: {answer:?}");
        Ok(())
    }

    /// Closes the addresses, and stops the functions with the emulator.
    pub async fn stop(self) {
        drop(self.running);
        self.scene.stop().await;
    }
}

/// Where SAM puts the functions' archives.
const ARTIFACTS: &str = "tieline-artifacts";

/// The stage that is deployed.
const STAGE: &str = "test";

fn sam(root: &Path) -> PathBuf {
    root.join(".tools/sam/bin/sam")
}

fn deployment(root: &Path, account: &Account, addresses: &Addresses) -> Command {
    let mut command = Command::new(sam(root));
    let variables = BTreeMap::from([
        ("PATH", std::env::var("PATH").unwrap_or_default()),
        // Where it keeps what it knows of its user.
        ("HOME", root.join(".tools/sam").display().to_string()),
        ("SAM_CLI_TELEMETRY", "0".to_owned()),
        // It looks every 5 seconds otherwise.
        ("SAM_CLI_POLL_DELAY", "0.2".to_owned()),
    ]);
    command.current_dir(root).env_clear().envs(variables).envs(account.variables());
    command.args(["deploy", "--template-file", "template.yaml", "--stack-name", "tieline"]);
    command.args(["--s3-bucket", ARTIFACTS, "--capabilities", "CAPABILITY_IAM"]);
    command.args(["--no-confirm-changeset", "--no-progressbar"]);
    command.arg("--parameter-overrides");
    command.args(parameters(addresses).map(|(name, value)| format!("{name}={value}")));
    command
}

/// Whose word counts is the sandbox's Entra ID, instead of the real one.
fn parameters(addresses: &Addresses) -> [(&'static str, String); 6] {
    let architecture = Machine::here().map(|machine| machine.to_string()).unwrap_or_default();
    [
        ("Stage", STAGE.to_owned()),
        ("Architecture", architecture),
        ("EngineUrl", format!("{}/", addresses.engine)),
        ("OperatorAuthority", addresses.identity.clone()),
        ("OperatorAudience", identity::seed::AUDIENCE.to_owned()),
        ("PartnerDirectory", identity::seed::PARTNER.id.to_owned()),
    ]
}

/// A function's or queue's name in the account.
fn in_account(name: &str) -> String {
    format!("tieline-{STAGE}-{name}")
}

/// The name in the code of what has this name in the account.
fn in_code(name: &str) -> &str {
    name.strip_prefix("tieline-").and_then(|name| name.strip_prefix(STAGE)?.strip_prefix('-')).unwrap_or(name)
}

fn run(mut command: Command) -> anyhow::Result<()> {
    let done = command.output().context("running sam deploy")?;
    let said = [&done.stdout[..], &done.stderr[..]].concat();
    ensure!(done.status.success(), "sam deploy failed:\n{}", String::from_utf8_lossy(&said));
    Ok(())
}

/// The platform as the deployed functions are told of it.
async fn settings(account: &Account, wiring: &Wiring) -> anyhow::Result<Settings> {
    let (function, _) = wiring.functions.first().context("the template has no function")?;
    let told = account.environment(function).await?.into_iter().chain(account.variables());
    Ok(Settings { emulator: Some(account.place()), ..Settings::from_vars(told)? })
}

/// What has the two proxies in common: calls that reach this machine only.
fn sockets() -> anyhow::Result<Arc<transport::Sockets>> {
    use transport::{AddressRule, Limits, Sockets, Trust};
    Ok(Arc::new(Sockets::new(Limits::default(), Trust::Only(Vec::new()), AddressRule::LoopbackToo)?))
}
