//! Provisioning: a press ends in the same site, whatever goes wrong on the way (ST-09, P1 to P7).

mod end;

use std::sync::Arc;

use bytes::Bytes;
use domain::{CrmId, TenantId};
use http::{Method, Request, StatusCode, header};
use localhost::Instance;
use sandbox::{Service, crm::Value};
use serde_json::{Value as Json, json};
use tenants::Settings;

use crate::{Beginning, Event, Extent, Flow, Held, Invoked, News, Run, Script, Settled, System, Violation};
pub use end::End;

/// The tenant whose record is pressed. The other one is switched off: what it does is not looked at here.
const TENANT: &str = "harbour";
const BELOW: &str = "/sites/harbour/";
const OTHER: &str = "northwind";
const ACCOUNT: &str = "Harbour & Sons Shipping";
/// Both own, or were given, the account.
const PEOPLE: [&str; 2] = [r"HARBOUR\anna.berg", r"HARBOUR\bjorn.aas"];

/// How many minutes after the last thing that went wrong a site is made: a lease (7 minutes), a wake and a lost push of it
/// (6), another wake and a pause (3), and the sweep's turn (5).
pub const HEALED_WITHIN: u32 = 21;

/// What an uninterrupted run makes: of the record as it is, and as it is after the change that a script may have.
#[derive(Debug)]
struct Golden {
    unchanged: End,
    changed: End,
}

/// Makes the world and runs twice without a fault.
pub(crate) async fn prepare() -> anyhow::Result<Beginning> {
    let template = Instance::to_be_forked(0).await?;
    let (ledger, other): (_, TenantId) = (&template.deps.platform.ledger, OTHER.parse()?);
    let mut settings = Settings::read(ledger, &other).await?.ok_or_else(|| anyhow::anyhow!("no {OTHER}"))?;
    settings.active = false;
    tenants::onboard(ledger, &other, &settings).await?;
    let (unchanged, extent) = uninterrupted(&template, "").await?;
    let (changed, _) = uninterrupted(&template, "changes ring0@1").await?;
    let golden = Arc::new(Golden { unchanged, changed });
    let flow = Story { golden: Some(golden), ..Story::of(&System::of(&template, None)?) };
    Ok(Beginning::new(template, Box::new(flow), extent))
}

async fn uninterrupted(template: &Instance, script: &str) -> anyhow::Result<(End, Extent)> {
    let system = System::of(template, None)?;
    let flow = Story::of(&system);
    let mut run = Run::new(system, Box::new(flow.clone()), &script.parse()?)?;
    let report = run.complete().await?;
    anyhow::ensure!(flow.settled(run.system()) == Settled::Done, "no site without a fault: {}", run.story());
    let end = End::of(run.system(), TENANT, flow.account);
    let world = run.system().instance.sandbox.world();
    let calls = [Service::Crm, Service::SharePoint].map(|service| {
        let calls: u64 = world.calls().get(&service).into_iter().flat_map(|of| of.values()).sum();
        (service, u32::try_from(calls).unwrap_or(u32::MAX))
    });
    let extent = Extent {
        mortals: &[Invoked::Ring, Invoked::Deliver, Invoked::Deliver, Invoked::Deliver, Invoked::Wake, Invoked::Sweep],
        deliveries: 3,
        polls: report.polls,
        calls,
        requests: report.requests,
        denies: true,
    };
    Ok((end, extent))
}

/// One history of provisioning.
#[derive(Clone)]
struct Story {
    golden: Option<Arc<Golden>>,
    tenant: TenantId,
    account: CrmId,
    requests: Vec<CrmId>,
    /// Whether the page said so when the row was last written.
    is_ready: bool,
}

impl Story {
    fn of(system: &System) -> Self {
        let world = system.instance.sandbox.world();
        let organisation = world.crm.organisation(TENANT).expect("a seeded organization");
        let mut accounts = organisation.records("account").map(|(id, _)| id);
        let account = accounts.find(|id| organisation.name_of("account", *id) == Some(ACCOUNT));
        Self {
            golden: None,
            tenant: TENANT.parse().expect("a tenant's name"),
            account: account.expect("a seeded account"),
            requests: Vec::new(),
            is_ready: false,
        }
    }

    /// The site's row, as it is stored.
    fn row(&self, system: &System) -> Json {
        let rows = system.memory().rows(&self.tenant, &format!("SITE#account#{}", self.account));
        rows.into_iter().next().map(|row| row.value).unwrap_or_default()
    }

    /// The uninterrupted runs that the end may be that of.
    fn goldens(&self) -> Vec<&End> {
        self.golden.iter().flat_map(|golden| [&golden.unchanged, &golden.changed]).collect()
    }
}

impl Flow for Story {
    fn timer(&self, function: &str) -> Option<Invoked> {
        match function {
            "wake" => Some(Invoked::Wake),
            "request-sweep" => Some(Invoked::Sweep),
            // Of no tenant in this world is there anything to send.
            _ => None,
        }
    }

    fn healed_within(&self) -> u32 {
        HEALED_WITHIN
    }

    fn press(&mut self, system: &System, number: usize) -> Option<Request<Bytes>> {
        let now = system.instance.sandbox.now();
        let login = PEOPLE[number % PEOPLE.len()];
        let made = system.instance.sandbox.world().crm.press(TENANT, login, self.account, now);
        let request = made.expect("a seeded person may press");
        self.requests.push(request);
        let body = json!({ "tenant": TENANT, "request": request }).to_string();
        let ring = Request::builder().method(Method::POST).uri("/v1/presses");
        ring.header(header::CONTENT_TYPE, "application/json").body(body.into()).ok()
    }

    /// A press that was taken is never forgotten: what is in the row is answered.
    fn answered(&mut self, system: &System, number: usize, status: StatusCode) -> Result<(), Violation> {
        let known = self.row(system);
        let request = json!(self.requests[number]);
        let is_known = known["requests"].as_array().is_some_and(|requests| requests.contains(&request));
        if status == StatusCode::ACCEPTED && !is_known {
            return Err(Violation::of("a press that was taken is in the ledger", format!("press {number}: {known}")));
        }
        Ok(())
    }

    fn change(&mut self, system: &System, _: usize) {
        let mut world = system.instance.sandbox.world();
        let organisation = world.crm.organisation_mut(TENANT).expect("a seeded organization");
        let record = organisation.record_mut("account", self.account).expect("the account");
        record.insert("name".to_owned(), Value::Text("Harbour & Daughters".to_owned()));
    }

    /// Never two webs; a page that says ready tells the truth; nobody is let in before everything is there and protected.
    fn look(&mut self, system: &System, held: Held, news: News) -> Result<(), Violation> {
        let world = system.instance.sandbox.world();
        let webs = || world.sharepoint.webs().map(|web| &*web.path).filter(|path| path.starts_with(BELOW));
        if news.called && webs().count() > 1 {
            return Err(Violation::of("one web for one record", webs().collect::<Vec<_>>().join(", ")));
        }
        let Some(golden) = &self.golden else { return Ok(()) };
        if news.written {
            self.is_ready = self.row(system)["state"]["is"] == "ready";
        }
        if !self.is_ready && !news.members {
            return Ok(());
        }
        let table = world.sharepoint.table();
        let goldens = [&golden.unchanged.sharepoint, &golden.changed.sharepoint];
        if self.is_ready && !goldens.iter().any(|golden| end::is_same(&table, golden, held)) {
            return Err(Violation::of("a page that says ready tells the truth", table));
        }
        let shut = end::without_people(&table);
        if news.members && !goldens.iter().any(|golden| end::is_same(&shut, &end::without_people(golden), held)) {
            return Err(Violation::of("people come in last", table));
        }
        Ok(())
    }

    fn settled(&self, system: &System) -> Settled {
        match self.row(system)["state"]["is"].as_str() {
            Some("ready") => Settled::Done,
            Some("refused") => Settled::Refused,
            _ => Settled::No,
        }
    }

    /// P2: whoever pressed is told, unless it is CRM that refuses.
    fn refused(&self, system: &System, script: &Script) -> Result<(), Violation> {
        let is_page = |event: &Event| matches!(event, Event::Shut(..) | Event::Call(_, _, crate::CallFault::Page));
        let mut denied = script.denied();
        let is_crm_well = denied.next() == Some(Service::SharePoint) && denied.all(|it| it == Service::SharePoint);
        if !is_crm_well || script.events.iter().any(is_page) {
            return Ok(());
        }
        let row = self.row(system);
        let told = End::of(system, TENANT, self.account).requests;
        let taken = row["requests"].as_array().map_or(0, Vec::len);
        if told.iter().filter(|request| request.starts_with("4 ")).count() < taken {
            return Err(Violation::of("a refusal is told to whoever pressed", format!("{told:?}")));
        }
        Ok(())
    }

    fn finished(&self, system: &System, held: Held) -> Result<(), Violation> {
        let end = End::of(system, TENANT, self.account);
        let goldens = self.goldens();
        if goldens.is_empty() || goldens.iter().any(|golden| end.is_that_of(golden, self.requests.len(), held)) {
            return Ok(());
        }
        Err(Violation::of("the end is that of the uninterrupted run", format!("{end:#?}")))
    }

    fn story(&self, system: &System) -> String {
        format!("{}\n{:#?}", self.row(system), End::of(system, TENANT, self.account))
    }

    fn fork(&self) -> Box<dyn Flow> {
        Box::new(self.clone())
    }
}
