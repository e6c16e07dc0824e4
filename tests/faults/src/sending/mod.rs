//! Sending: everybody who may be mailed is mailed once, whatever goes wrong on the way (S1 to S9, FX-03).
//!
//! What somebody changes meanwhile is one of three, by turns: a person opts out at the platform under another record; the send
//! record gets another name, so that the people are read anew; the platform's imports leave a row out.

mod mails;

use std::collections::BTreeMap;

use ::sending::send::{Send, SendState};
use bytes::Bytes;
use domain::{CrmId, SignedDuration, TenantId};
use http::{Request, StatusCode};
use localhost::Instance;
use sandbox::{
    Service,
    crm::{NewPerson, NewSend, Value},
    exacttarget::{Status, seed},
};

use self::mails::Mails;
use crate::{Beginning, Extent, Flow, Held, Invoked, News, Run, Script, Settled, System, Violation};

/// The tenant that sends.
pub(crate) const TENANT: &str = "harbour";
const LOGIN: &str = r"HARBOUR\anna.berg";
/// Opts out, if somebody does: under another record than the one that is on the list.
const CLEO: &str = "cleo@c.example";
/// Who gets the first send. Besides, one is opted out in CRM, one has the same address, and one opted out at the platform.
const PEOPLE: [&str; 3] = ["anna@a.example", "ben@b.example", CLEO];
/// Who gets each later one.
const OTHER: &str = "extra@x.example";
/// `tl_status` of a send whose mails left (`infra/crm/entities.json`).
const SENT: i64 = 7;
/// Everything that can follow one thing that goes wrong: an import that is taken for lost (15 minutes), the time in which a
/// release may still land (20), leases (7) and wakes between them, and of some of these two in a row.
const HEALED_WITHIN: u32 = 100;

/// Makes the world, in which an earlier send is known to the platform, and runs once without a fault.
pub(crate) async fn prepare() -> anyhow::Result<Beginning> {
    let template = Instance::to_be_forked(0).await?;
    let tenant: TenantId = TENANT.parse()?;
    let answer = template.host.call("manage-tenant", template.order_with_mails(&tenant, "Harbour & Sons")).await?;
    anyhow::ensure!(answer["replaced"] == TENANT, "the order is refused: {answer}");
    let known = list_of(&template, &[person("Zoe", "zoe@z.example")]);
    press(&template, known);
    // An undisturbed send takes ten minutes.
    for _ in 0..30 {
        template.sandbox.advance(SignedDuration::from_mins(1));
        template.host.fire_timers().await;
        template.host.drain().await;
        template.read_drops().await;
    }
    let rows = template.host.memory().rows(&tenant, "SEND#");
    anyhow::ensure!(rows.iter().all(|row| row.value["state"]["is"] == "sent"), "no earlier send: {rows:?}");
    {
        let mut world = template.sandbox.world();
        let account = world.exacttarget.account_mut(TENANT).ok_or_else(|| anyhow::anyhow!("no account"))?;
        let mut strangers = account.subscribers.values_mut();
        let gone = strangers.next().ok_or_else(|| anyhow::anyhow!("no subscriber"))?;
        (gone.address, gone.status) = ("gone@x.example".to_owned(), Status::Unsubscribed);
        let twin = strangers.next().ok_or_else(|| anyhow::anyhow!("one subscriber"))?;
        CLEO.clone_into(&mut twin.address);
        account.quirks.people_react = false;
    }
    let people = [
        person("Anna", PEOPLE[0]),
        person("Ben", PEOPLE[1]),
        person("Cleo", PEOPLE[2]),
        NewPerson { opted_out: true, ..person("Dan", "dan@d.example") },
        person("Eva", "ANNA@a.example"),
        person("Finn", "gone@x.example"),
    ];
    let lists = [list_of(&template, &people), list_of(&template, &[person("Xenia", OTHER)])];
    let (before, jobs) = (Mails::of(&System::of(&template, None)?), mails::jobs(&System::of(&template, None)?));
    let story =
        Story { tenant, lists, before, sends: Vec::new(), opted_out: None, has_lost_rows: false, released: None, jobs };
    let system = System::of(&template, None)?;
    let mut run = Run::new(system, story.fork(), &Script::default())?;
    let report = run.complete().await?;
    let calls = run.system().instance.sandbox.world().calls().clone();
    let first = template.sandbox.world().calls().clone();
    let count = |calls: &BTreeMap<Service, BTreeMap<String, u64>>, service| -> u64 {
        calls.get(&service).into_iter().flat_map(BTreeMap::values).sum()
    };
    let calls = [Service::Crm, Service::ExactTarget].map(|service| {
        let made = count(&calls, service) - count(&first, service);
        (service, u32::try_from(made).unwrap_or(u32::MAX))
    });
    let deliveries = report.polls.keys().filter(|(of, _)| *of == Invoked::Deliver).count();
    let extent = Extent {
        mortals: &[Invoked::Poll, Invoked::Deliver, Invoked::Deliver, Invoked::Deliver, Invoked::Wake],
        deliveries: u32::try_from(deliveries)? + 1,
        polls: report.polls,
        calls,
        requests: report.requests,
        denies: false,
    };
    Ok(Beginning::new(template, Box::new(story), extent))
}

fn person<'p>(first: &'p str, email: &'p str) -> NewPerson<'p> {
    NewPerson { kind: "contact", first, last: "Lind", email, opted_out: false }
}

fn list_of(instance: &Instance, people: &[NewPerson<'_>]) -> CrmId {
    let now = instance.sandbox.now();
    let mut world = instance.sandbox.world();
    let organisation = world.crm.organisation_mut(TENANT).expect("a seeded organization");
    let members: Vec<CrmId> = people.iter().map(|person| organisation.add_person(person, now)).collect();
    organisation.add_list("Customers", "contact", &members, now)
}

fn press(instance: &Instance, list: CrmId) -> CrmId {
    let new = NewSend {
        name: "June".to_owned(),
        targets: vec![("tl_listid", list)],
        email: seed::GREETING.into(),
        ..NewSend::default()
    };
    let now = instance.sandbox.now();
    instance.sandbox.world().crm.press_send(TENANT, LOGIN, &new, now).expect("a seeded person may press")
}

/// One history of sends.
#[derive(Clone)]
struct Story {
    tenant: TenantId,
    /// The people of the first send, and of each later one.
    lists: [CrmId; 2],
    /// What lies in mailboxes from before.
    before: Mails,
    sends: Vec<CrmId>,
    /// How often the platform had been asked who opted out when Cleo did.
    opted_out: Option<u32>,
    /// Whether the platform's imports leave a row out.
    has_lost_rows: bool,
    /// How often the platform had been asked who opted out when it was told to mail.
    released: Option<u32>,
    /// Jobs, and those that are done, when they were looked at.
    jobs: (usize, usize),
}

impl Story {
    fn row(&self, system: &System, send: CrmId) -> Option<Send> {
        let rows = system.memory().rows(&self.tenant, &format!("SEND#{send}"));
        rows.into_iter().next().and_then(|row| serde_json::from_value(row.value).ok())
    }

    /// Nobody twice, and nobody who may not be mailed.
    fn check(&self, system: &System, held: Held) -> Result<Mails, Violation> {
        let mails = Mails::of(system).since(&self.before);
        let others = self.sends.len().saturating_sub(1);
        for (address, count) in &mails.by_address {
            let may_have = match address.to_lowercase() {
                known if PEOPLE.contains(&&*known) => 1,
                other if other == OTHER => others,
                _ => return Err(Violation::of("nobody is mailed who does not want it", address)),
            };
            if *count > may_have + held.twice {
                return Err(Violation::of("nobody is mailed twice", format!("{address}: {count}")));
            }
        }
        Ok(mails)
    }

    /// Whether one send ended as it has to, with so many mails.
    fn is_well(&self, system: &System, send: CrmId, held: Held) -> Result<(), String> {
        let row = self.row(system, send).ok_or("nobody took it")?;
        let told = mails::told(system, send);
        let words = format!("{:?}, told {told:?}", row.state);
        match &row.state {
            SendState::Sent if told.status == SENT => {}
            // The platform took fewer than it was given, and says so.
            SendState::Refused { reason } if self.has_lost_rows && reason.contains("took") => return Ok(()),
            // It was released twice by one call, and the platform shows both.
            SendState::NeedsPerson { .. } if held.twice > 0 => return Ok(()),
            // A last word of one who stood still is older than what the record had been told.
            SendState::Sent if held.late > 0 => {}
            _ => return Err(words),
        }
        let counted = row.counted.ok_or_else(|| words.clone())?;
        let everybody = row.staging.listed == counted.excluded + counted.accepted + counted.failed;
        if !counted.adds_up || !everybody || counted.failed > 0 {
            return Err(format!("{counted:?} of {}", row.staging.listed));
        }
        let is_first = self.sends.first() == Some(&send);
        let (listed, accepted) = if is_first { (6, 3) } else { (1, 1) };
        let may_be_fewer = u64::from(is_first && self.opted_out.is_some());
        let is_told =
            held.late > 0 || (told.listed, told.accepted) == (Some(listed), i64::try_from(counted.accepted).ok());
        let all = u64::try_from(accepted).unwrap_or_default();
        if is_told && counted.accepted <= all && counted.accepted + may_be_fewer >= all { Ok(()) } else { Err(words) }
    }
}

impl Flow for Story {
    fn timer(&self, function: &str) -> Option<Invoked> {
        match function {
            "wake" => Some(Invoked::Wake),
            "send-poll" => Some(Invoked::Poll),
            _ => None,
        }
    }

    fn healed_within(&self) -> u32 {
        HEALED_WITHIN
    }

    fn press(&mut self, system: &System, number: usize) -> Option<Request<Bytes>> {
        let send = press(&system.instance, self.lists[number.min(1)]);
        self.sends.push(send);
        // The timer finds it.
        None
    }

    fn answered(&mut self, _: &System, _: usize, _: StatusCode) -> Result<(), Violation> {
        Ok(())
    }

    fn change(&mut self, system: &System, number: usize) {
        let now = system.instance.sandbox.now();
        let mut world = system.instance.sandbox.world();
        match number % 3 {
            0 => {
                let account = world.exacttarget.account_mut(TENANT).expect("a seeded account");
                let twin =
                    account.subscribers.values_mut().find(|it| it.address == CLEO && it.status == Status::Active);
                if let Some(twin) = twin {
                    (twin.status, twin.unsubscribed) = (Status::Unsubscribed, Some(now));
                    self.opted_out.get_or_insert(system.watch.seen().asked);
                }
            }
            1 => {
                let organisation = world.crm.organisation_mut(TENANT).expect("a seeded organization");
                if let Some(record) = self.sends.first().and_then(|send| organisation.record_mut("tl_send", *send)) {
                    record.insert("tl_name".to_owned(), Value::Text("July".to_owned()));
                }
            }
            _ => {
                let account = world.exacttarget.account_mut(TENANT).expect("a seeded account");
                account.quirks.lost_rows = 1;
                self.has_lost_rows = true;
            }
        }
    }

    /// Nobody has two mails, nobody who opted out has one, and nobody whose opt-out was known when the platform was told to
    /// mail (S8).
    fn look(&mut self, system: &System, held: Held, news: News) -> Result<(), Violation> {
        let jobs = mails::jobs(system);
        if !news.called || jobs == self.jobs {
            return Ok(());
        }
        if jobs.0 > self.jobs.0 {
            self.released.get_or_insert(system.watch.seen().asked);
        }
        self.jobs = jobs;
        let mails = self.check(system, held)?;
        // With another send beside it, whose question it was cannot be told.
        let was_asked_since =
            self.released.is_some_and(|at_release| self.opted_out.is_some_and(|asked| asked < at_release));
        if self.sends.len() == 1 && was_asked_since && mails.by_address.contains_key(CLEO) {
            return Err(Violation::of("nobody is mailed whose opt-out was known", CLEO));
        }
        Ok(())
    }

    fn settled(&self, system: &System) -> Settled {
        let is_settled = |send: &CrmId| self.row(system, *send).is_some_and(|row| row.state.is_settled());
        if self.sends.iter().all(is_settled) { Settled::Done } else { Settled::No }
    }

    fn refused(&self, _: &System, _: &Script) -> Result<(), Violation> {
        Ok(())
    }

    fn finished(&self, system: &System, held: Held) -> Result<(), Violation> {
        let mails = self.check(system, held)?;
        for send in &self.sends {
            self.is_well(system, *send, held)
                .map_err(|told| Violation::of("everybody is mailed, and the receipt adds up", told))?;
        }
        let count = |address: &str| {
            let of = mails.by_address.iter().filter(|(it, _)| it.eq_ignore_ascii_case(address));
            of.map(|(_, count)| count).sum::<usize>()
        };
        let is_sent = |send: &CrmId| self.row(system, *send).is_some_and(|row| row.state == SendState::Sent);
        let first = self.sends.first().filter(|send| is_sent(send));
        let missed = PEOPLE.into_iter().filter(|address| *address != CLEO || self.opted_out.is_none());
        if let Some(missed) = missed.filter(|address| count(address) == 0).find(|_| first.is_some()) {
            return Err(Violation::of("everybody who may be is mailed", missed));
        }
        if count(OTHER) < self.sends.iter().skip(1).filter(|send| is_sent(send)).count() {
            return Err(Violation::of("everybody who may be is mailed", OTHER));
        }
        Ok(())
    }

    fn story(&self, system: &System) -> String {
        let sends =
            self.sends.iter().map(|send| format!("{:#?}\n{:?}", self.row(system, *send), mails::told(system, *send)));
        sends.chain([format!("{:?}", Mails::of(system))]).collect::<Vec<_>>().join("\n")
    }

    fn fork(&self) -> Box<dyn Flow> {
        Box::new(self.clone())
    }
}
