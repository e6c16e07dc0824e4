//! Chapter *send*: sends from CRM reach each person once, and their receipts add up (EX-01, EX-04, EX-06, FX-03).

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use domain::{CrmId, SignedDuration};
use sandbox::{
    crm::{NewPerson, NewSend, Value as CrmValue},
    exacttarget::seed,
};
use serde_json::{Map, Value, json};

use super::{Teller, round};
use crate::{Account, Running, Scene, location};

/// Whose sends they are, and who presses.
const TENANT: &str = "harbour";
const SALES: &str = r"HARBOUR\anna.berg";
/// One more than goes to the platform in one part.
const LARGE: usize = 25_001;
/// A chapter must end; a million people take minutes.
const PATIENCE: Duration = Duration::from_mins(30);

/// What a timer's function is called with.
const TICK: &str = include_str!("../../../events/send-poll/timer.json");

/// A send that is told of: its record, who gets it, and who does not.
struct Told {
    title: String,
    record: CrmId,
    eligible: usize,
    excluded: usize,
}

pub(super) async fn tell(
    scene: &Scene,
    teller: &dyn Teller,
    size: Option<usize>,
) -> anyhow::Result<Map<String, Value>> {
    let started = Instant::now();
    let bucket = scene.staging.clone().context("the scene has no bucket")?;
    let _reading = Running::of(location::read(scene.sandbox.clone(), bucket));
    let order = scene.order_with_mails(&TENANT.parse()?, "Harbour & Sons Shipping");
    let answer = invoke(scene, "manage-tenant", &order).await?;
    ensure!(answer["replaced"] == TENANT, "the tenant does not take an account for mails: {answer}");
    let sends = match size {
        Some(size) => vec![crowd(scene, size, size / 100)?],
        None => vec![dozen(scene)?, lead(scene)?, crowd(scene, LARGE, LARGE / 100)?],
    };
    let mut facts = Map::new();
    for send in sends {
        teller.say(&format!("{}: *Send* is pressed in CRM.", send.title));
        let record = watch(scene, &send, teller).await?;
        facts = receipt(scene, &send, &record)?;
        teller.say(&format!(
            "{} of {} listed people are mailed, {} are left out: {}",
            facts["accepted"],
            facts["listed"],
            facts["excluded"],
            facts["why"].as_str().unwrap_or_default()
        ));
    }
    facts.insert("peak_rss_mb".to_owned(), peak_rss_mb().into());
    facts.insert("seconds".to_owned(), round(started.elapsed().as_secs_f64()).into());
    Ok(facts)
}

/// Twelve people: ten with an address of their own, one who wants no mails, one with somebody else's address.
fn dozen(scene: &Scene) -> anyhow::Result<Told> {
    let addresses: Vec<String> = (1..=10).map(|number| format!("reader{number}@quayside.example")).collect();
    let mut people: Vec<NewPerson<'_>> = addresses.iter().map(|address| contact("Kim", address)).collect();
    people.push(NewPerson { opted_out: true, ..contact("Lou", "lou@quayside.example") });
    people.push(contact("Max", "READER1@quayside.example"));
    let list = list(scene, "contact", "Harbour news", &people)?;
    let record = press(scene, "Harbour news", ("tl_listid", list), seed::GREETING)?;
    Ok(Told { title: "Twelve contacts".to_owned(), record, eligible: 10, excluded: 2 })
}

fn lead(scene: &Scene) -> anyhow::Result<Told> {
    let person = NewPerson { kind: "lead", first: "Lea", last: "Dahl", email: "lea@lead.example", opted_out: false };
    let now = scene.sandbox.now();
    let lead = {
        let mut world = scene.sandbox.world();
        world.crm.organisation_mut(TENANT).context("it is seeded")?.add_person(&person, now)
    };
    let record = press(scene, "Welcome", ("tl_leadid", lead), seed::NEWS)?;
    Ok(Told { title: "One lead".to_owned(), record, eligible: 1, excluded: 0 })
}

/// So many people who get the mail, and so many who do not, for one reason after the other.
fn crowd(scene: &Scene, eligible: usize, excluded: usize) -> anyhow::Result<Told> {
    let addresses: Vec<String> = (0..eligible).map(|number| format!("person{number}@crowd.example")).collect();
    let mut people: Vec<NewPerson<'_>> = addresses.iter().map(|address| contact("Robin", address)).collect();
    for number in 0..excluded {
        people.push(match number % 4 {
            0 => NewPerson { opted_out: true, ..contact("Nora", "no.mails@crowd.example") },
            1 => contact("Blank", ""),
            2 => contact("Odd", "no address at all"),
            _ => contact("Twin", addresses.first().map_or("", String::as_str)),
        });
    }
    let list = list(scene, "contact", "Everybody", &people)?;
    let record = press(scene, "Everybody", ("tl_listid", list), seed::NEWS)?;
    Ok(Told { title: format!("{} contacts", eligible + excluded), record, eligible, excluded })
}

fn contact<'p>(first: &'p str, email: &'p str) -> NewPerson<'p> {
    NewPerson { kind: "contact", first, last: "Quay", email, opted_out: false }
}

fn list(scene: &Scene, kind: &str, name: &str, people: &[NewPerson<'_>]) -> anyhow::Result<CrmId> {
    let now = scene.sandbox.now();
    let mut world = scene.sandbox.world();
    let organisation = world.crm.organisation_mut(TENANT).context("it is seeded")?;
    let members: Vec<CrmId> = people.iter().map(|person| organisation.add_person(person, now)).collect();
    Ok(organisation.add_list(name, kind, &members, now))
}

/// What the button does: a send record, made by the person who presses.
fn press(scene: &Scene, name: &str, target: (&'static str, CrmId), email: u32) -> anyhow::Result<CrmId> {
    let new = NewSend { name: name.to_owned(), targets: vec![target], email: email.into(), ..NewSend::default() };
    let now = scene.sandbox.now();
    let pressed = scene.sandbox.world().crm.press_send(TENANT, SALES, &new, now);
    pressed.map_err(|refusal| anyhow::anyhow!("CRM refuses the send: {refusal:?}"))
}

/// What a record says, by attribute.
type Record = BTreeMap<String, CrmValue>;

/// Looks at the record until it says that all mails left. The clock is moved on, so that nobody waits for the platform.
async fn watch(scene: &Scene, send: &Told, teller: &dyn Teller) -> anyhow::Result<Record> {
    /// Of the states of `infra/crm/entities.json`: from new to sent.
    const STATES: [&str; 8] =
        ["", "New", "Collecting people", "Waiting for approval", "Importing", "Releasing", "Released", "Sent"];
    let started = Instant::now();
    let mut ticked = None::<Instant>;
    loop {
        let record = record(scene, send.record)?;
        let status = record.get("tl_status").and_then(CrmValue::as_number).unwrap_or(1);
        let status = usize::try_from(status).unwrap_or_default();
        match STATES.get(status) {
            Some(&"Sent") => return Ok(record),
            Some(state) => teller.progress(status as u64, 7, &format!("{}: {state}", send.title)),
            None => {
                let why = record.get("tl_reason").and_then(CrmValue::as_text).unwrap_or_default();
                anyhow::bail!("the send of {} ended in state {status}: {why}", send.title)
            }
        }
        ensure!(started.elapsed() < PATIENCE, "the send of {} does not end", send.title);
        // What AWS's timers do, which an emulator of it has not.
        if ticked.is_none_or(|at| at.elapsed() > Duration::from_secs(1)) {
            for function in ["send-poll", "wake"] {
                invoke(scene, function, &serde_json::from_str(TICK)?).await?;
            }
            ticked = Some(Instant::now());
        }
        scene.sandbox.advance(SignedDuration::from_secs(2));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn record(scene: &Scene, id: CrmId) -> anyhow::Result<Record> {
    let world = scene.sandbox.world();
    let organisation = world.crm.organisation(TENANT).context("it is seeded")?;
    organisation.record("tl_send", id).cloned().context("the send record is gone")
}

/// The record's figures, and the mails in the mailboxes, each held against what was to be.
fn receipt(scene: &Scene, send: &Told, record: &Record) -> anyhow::Result<Map<String, Value>> {
    let number = |name: &str| record.get(name).and_then(CrmValue::as_number).unwrap_or_default();
    let text = |name: &str| record.get(name).and_then(CrmValue::as_text).unwrap_or_default().to_owned();
    let (listed, excluded) = (number("tl_listed"), number("tl_excluded"));
    let (accepted, failed) = (number("tl_accepted"), number("tl_failed"));
    ensure!(listed == excluded + accepted + failed, "{listed} listed, {excluded} + {accepted} + {failed} told of");
    ensure!(usize::try_from(excluded)? == send.excluded, "{excluded} of {} were left out", send.excluded);
    let mut mails: BTreeMap<String, u32> = BTreeMap::new();
    let world = scene.sandbox.world();
    let account = world.exacttarget.account(TENANT).context("it is seeded")?;
    let job = account.job(text("tl_job").parse()?).context("the job is not there")?;
    for mail in job.mails(|_, _| String::new()) {
        *mails.entry(mail.person.address).or_default() += 1;
    }
    ensure!(mails.len() == send.eligible, "{} people of {} were mailed", mails.len(), send.eligible);
    let most = mails.values().max().copied().unwrap_or_default();
    ensure!(most == 1, "somebody got {most} mails");
    let facts = json!({
        "listed": listed,
        "excluded": excluded,
        "accepted": accepted,
        "failed": failed,
        "parts": number("tl_parts"),
        "mails": mails.values().sum::<u32>(),
        "mails_per_person_max": most,
        "why": text("tl_exclusions"),
        "job": job.id,
    });
    Ok(facts.as_object().cloned().unwrap_or_default())
}

/// Calls a function by its name, as `scripts/tenant` does.
async fn invoke(scene: &Scene, function: &str, event: &Value) -> anyhow::Result<Value> {
    let endpoint = scene.functions.as_deref().context("the functions are not served")?;
    let answer = Account::new(endpoint)?.invoke(function, event).await?;
    answer.map_err(|error| anyhow::anyhow!("{function} failed: {error}"))
}

/// The most memory that this process held, in megabytes: of the simulators too, and of the functions where they run in it.
fn peak_rss_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1_024
}
