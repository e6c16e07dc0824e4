//! One history: a press, something that goes wrong, time that heals, and what there is in the end.

use std::{
    collections::BTreeMap,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use domain::{CrmId, SignedDuration};
use e2e::{HARBOUR, Heard, World};
use sandbox::{Service, crm::Value};

pub(super) const ANNA: &str = r"HARBOUR\anna.berg";
const ACCOUNT: &str = "Harbour & Sons Shipping";
pub(super) const QUEUE: &str = "build-site";

/// How long the world may take to heal: longer than an hour of throttling needs.
const HEALED_WITHIN: u32 = 45;

/// One world with one account that is pressed.
pub(super) struct History {
    pub(super) world: World,
    pub(super) account: CrmId,
    /// What the uninterrupted run makes; nothing for that run itself.
    golden: Option<End>,
}

/// What there is in the end: in SharePoint, on the CRM record, and on the request records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Every web, as a table.
    pub(super) sharepoint: String,
    /// The account's flag, address and lists; each list by its own title if its id is the right one.
    pub(super) record: String,
    /// State, address and reason of each request record.
    pub(super) requests: Vec<String>,
    /// The notes on the account, in order of their subjects.
    pub(super) notes: Vec<String>,
}

impl History {
    /// A history whose every look at a ready site is held against what the uninterrupted run makes.
    pub(super) async fn against(golden: &End) -> Self {
        Self { golden: Some(golden.clone()), ..Self::uninterrupted().await }
    }

    async fn uninterrupted() -> Self {
        let world = World::start().await;
        let account = world.account(HARBOUR, ACCOUNT);
        Self { world, account, golden: None }
    }

    /// What a press makes when nothing goes wrong.
    pub(super) async fn golden() -> End {
        let history = Self::uninterrupted().await;
        history.press().await;
        history.world.drain().await;
        assert_eq!(history.state().await, "ready");
        history.end()
    }

    /// How many calls each service gets from a press to a ready site.
    pub(super) async fn calls() -> BTreeMap<Service, u32> {
        let history = Self::uninterrupted().await;
        history.press().await;
        history.world.drain().await;
        [Service::Crm, Service::SharePoint].into_iter().map(|service| (service, history.calls_to(service))).collect()
    }

    /// How many calls all services got.
    pub(super) fn all_calls(&self) -> u32 {
        self.calls_to(Service::Crm) + self.calls_to(Service::SharePoint)
    }

    pub(super) fn calls_to(&self, service: Service) -> u32 {
        let calls: u64 = self.world.calls(service).into_iter().map(|(_, count)| count).sum();
        u32::try_from(calls).expect("some dozens")
    }

    /// The button in full, by Anna.
    pub(super) async fn press(&self) -> Heard {
        self.world.press(HARBOUR, ANNA, self.account).await
    }

    /// What the status page says: `unclaimed` if there is none yet.
    pub(super) async fn state(&self) -> String {
        let rows = self.world.instance.host.memory().rows(&World::tenant(HARBOUR), "SITE#");
        let Some(row) = rows.first() else { return "unclaimed".to_owned() };
        let link = format!("/v1/sites/{HARBOUR}/{}", row.value["link"].as_str().expect("a link"));
        let status = self.world.status(&link).await;
        status["state"].as_str().expect("a state").to_owned()
    }

    /// ST-09: never two webs, and a page that says *ready* tells the truth.
    pub(super) async fn check(&self) -> String {
        let sites = self.world.sites(HARBOUR);
        assert!(sites.len() <= 1, "{sites:?}");
        let state = self.state().await;
        if state == "ready"
            && let Some(golden) = &self.golden
        {
            let table = self.end().sharepoint;
            assert_eq!(table, golden.sharepoint, "the page says ready, and this is what is there");
        }
        state
    }

    /// Lets time pass until the site is ready or refused, looking at it every minute; then everything that is still
    /// in a queue comes out, and nothing of it changes anything. Returns the minutes it took.
    pub(super) async fn heal(&self) -> u32 {
        let mut minutes = 0;
        while !["ready", "refused"].contains(&&*self.check().await) {
            assert!(minutes < HEALED_WITHIN, "not settled after {minutes} minutes: {}", self.story());
            self.world.pass(1).await;
            minutes += 1;
        }
        let before = self.end();
        self.world.instance.sandbox.advance(SignedDuration::from_mins(31));
        self.world.pass(1).await;
        self.check().await;
        assert_eq!(self.end().sharepoint, before.sharepoint, "a settled site was changed");
        minutes
    }

    /// Nothing is expected of SharePoint and CRM any more but that there is one site, and that it is ready.
    pub(super) fn expect_less(&mut self) {
        self.golden = None;
    }

    /// Heals, and ends as if nothing had gone wrong.
    pub(super) async fn heals(&self) {
        self.heal().await;
        assert_eq!(self.state().await, "ready", "{}", self.story());
        if let Some(golden) = &self.golden {
            assert_eq!(&self.end(), golden, "{}", self.story());
        }
    }

    /// What the engine has of the site, for a failed assertion.
    fn story(&self) -> String {
        let rows = self.world.instance.host.memory().rows(&World::tenant(HARBOUR), "SITE#");
        rows.iter().map(|row| row.value.to_string()).collect()
    }

    /// What there is now.
    pub(super) fn end(&self) -> End {
        let world = self.world.instance.sandbox.world();
        let organisation = world.crm.organisation(HARBOUR).expect("a seeded organization");
        let account = organisation.record("account", self.account).expect("the account");
        let text = |record: &sandbox::crm::Record, name| {
            record.get(name).and_then(Value::as_text).unwrap_or_default().to_owned()
        };
        let ids: BTreeMap<String, String> = serde_json::from_str(&text(account, "tl_sitelists")).unwrap_or_default();
        let lists = ids.iter().map(|(title, id)| {
            let lists = world.sharepoint.webs().flat_map(|web| web.lists());
            let found = lists.filter(|list| format!("{{{}}}", list.id).eq_ignore_ascii_case(id));
            let right = found.filter(|list| list.title == *title).count();
            format!("{title}: {right}")
        });
        let lists: Vec<_> = lists.collect();
        let enabled = account.get("tl_siteenabled").and_then(Value::as_flag);
        let requests = organisation.records("tl_siterequest").map(|(_, request)| {
            let status = request.get("tl_status").and_then(Value::as_number).unwrap_or_default();
            format!("{status} {} {}", text(request, "tl_siteurl"), text(request, "tl_reason"))
        });
        let notes = organisation.records("annotation").filter_map(|(_, note)| {
            let about = note.get("objectid").and_then(Value::as_id);
            (about == Some(self.account)).then(|| format!("{}: {}", text(note, "subject"), text(note, "notetext")))
        });
        let mut notes: Vec<_> = notes.collect();
        notes.sort();
        End {
            sharepoint: world.sharepoint.table(),
            record: format!("{enabled:?} {} {lists:?}", text(account, "tl_siteurl")),
            requests: requests.collect(),
            notes,
        }
    }
}

/// Polls a process so often and leaves it there. Whether it came to its end.
pub(crate) async fn run_for<F: Future>(mut process: Pin<&mut F>, polls: usize) -> Option<F::Output> {
    for _ in 0..polls {
        if let Poll::Ready(output) = step(process.as_mut()).await {
            return Some(output);
        }
    }
    None
}

/// Lets a process die after so many polls. Whether it came to its end before.
pub(crate) async fn cut<F: Future>(process: F, polls: usize) -> Option<F::Output> {
    run_for(pin!(process), polls).await
}

/// One poll. The sleep lets the runtime wake what waits and, where all of it waits for time, its paused clock go on.
pub(crate) async fn step<F: Future>(mut process: Pin<&mut F>) -> Poll<F::Output> {
    let polled = std::future::poll_fn(|context| Poll::Ready(process.as_mut().poll(context))).await;
    if polled.is_pending() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    polled
}
