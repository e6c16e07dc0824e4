//! One send of a million people, in whose every part a process dies: everybody gets exactly one mail (S1, S5, EX-11).
//!
//! `scripts/bench kills [--people N]`. The real functions on a virtual clock against the simulators, which hold all of the people
//! and all of the mails: some gigabytes. Each process lives until it has been polled a number of times that a fixed
//! generator gives, and dies there; in each part at least one does.

#![allow(clippy::unwrap_used, reason = "a bench")]

use std::{
    collections::{BTreeMap, HashSet},
    io::Write as _,
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};

use domain::{CrmId, SignedDuration, Timestamp};
use e2e::{HARBOUR, World};
use localhost::{Host, Instance};
use sandbox::{
    crm::{NewPerson, NewSend},
    exacttarget::seed,
};
use sending::send::{Send, SendState};

/// A process dies after fewer polls than this: fewer than a part takes, so that none is over before somebody died in it.
const MOST_POLLS: u64 = 60;

/// Numbers that are the same in every run (Knuth's MMIX constants).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// A list of so many contacts.
fn list(world: &World, name: &str, people: u64) -> CrmId {
    let now = world.instance.sandbox.now();
    let mut all = world.instance.sandbox.world();
    let organisation = all.crm.organisation_mut(HARBOUR).unwrap();
    let members: Vec<CrmId> = (0..people)
        .map(|number| {
            let email = format!("person{number}@{name}.example");
            let new = NewPerson { kind: "contact", first: "Kim", last: "Lind", email: &email, opted_out: false };
            organisation.add_person(&new, now)
        })
        .collect();
    organisation.add_list(name, "contact", &members, now)
}

fn press(world: &World, list: CrmId) -> CrmId {
    let targets = vec![("tl_listid", list)];
    let new = NewSend { name: "All".to_owned(), targets, email: seed::GREETING.into(), ..NewSend::default() };
    let now = world.instance.sandbox.now();
    world.instance.sandbox.world().crm.press_send(HARBOUR, r"HARBOUR\anna.berg", &new, now).unwrap()
}

fn row(world: &World, send: CrmId) -> Option<Send> {
    let rows = world.instance.host.memory().rows(&World::tenant(HARBOUR), &format!("SEND#{send}"));
    rows.into_iter().next().map(|row| serde_json::from_value(row.value).unwrap())
}

/// Until when somebody is at work on a send, or was.
fn lease(world: &World, send: CrmId) -> Option<Timestamp> {
    let rows = world.instance.host.memory().rows(&World::tenant(HARBOUR), &format!("LEASE#SEND#{send}"));
    rows.into_iter().next()?.value["until"].as_str()?.parse().ok()
}

/// A minute of a process.
async fn minute(world: &World, host: &Host) {
    world.instance.read_drops().await;
    world.instance.sandbox.advance(SignedDuration::from_mins(1));
    host.fire_timers().await;
    host.drain().await;
}

/// A minute of a process that dies after so many polls; whether it did.
async fn dies(world: &World, polls: u64) -> bool {
    let host = world.instance.another_process().unwrap();
    let mut process = pin!(minute(world, &host));
    for _ in 0..polls {
        let polled = std::future::poll_fn(|context| Poll::Ready(process.as_mut().poll(context))).await;
        if polled.is_ready() {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    true
}

async fn until_sent(world: &World, send: CrmId) {
    let host = world.instance.another_process().unwrap();
    for _ in 0..60 {
        minute(world, &host).await;
        if row(world, send).is_some_and(|send| send.state == SendState::Sent) {
            return;
        }
    }
    panic!("{:?}", row(world, send));
}

/// Lets a process die in each part, and another one go on, until all is sent. How often one died, by part.
async fn with_deaths(world: &World, send: CrmId) -> BTreeMap<usize, u32> {
    let (mut deaths, mut numbers) = (BTreeMap::<usize, u32>::new(), Numbers(1));
    let mut host = world.instance.another_process().unwrap();
    let mut minutes = 0_u64;
    loop {
        let at = row(world, send);
        let part = at.as_ref().map_or(0, |send| send.journal.parts);
        match at.map(|send| send.state) {
            Some(SendState::Sent) => return deaths,
            Some(SendState::Importing) if !deaths.contains_key(&part) => {
                let before = lease(world, send);
                if dies(world, 1 + numbers.below(MOST_POLLS)).await {
                    // It counts for the part that it left unfinished, and only if it was at work on it.
                    let after = lease(world, send).filter(|lease| Some(lease) != before.as_ref());
                    let left = row(world, send).map_or(0, |send| send.journal.parts);
                    if after.is_some_and(|until| until > world.instance.sandbox.now()) {
                        *deaths.entry(left).or_default() += 1;
                    }
                    host = world.instance.another_process().unwrap();
                }
            }
            Some(state) if state.is_settled() => panic!("{:?}", row(world, send)),
            _ => minute(world, &host).await,
        }
        minutes += 1;
        assert!(minutes < 20_000, "{:?}", row(world, send));
    }
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let given = arguments.iter().position(|it| it == "--people").and_then(|at| arguments.get(at + 1)?.parse().ok());
    let people: u64 = given.unwrap_or(1_000_000);
    let mut out = std::io::stdout();
    let began = Instant::now();
    let world = World { instance: Instance::to_be_forked(0).await.unwrap() };
    let order = world.instance.order_with_mails(&World::tenant(HARBOUR), "Harbour & Sons");
    assert_eq!(world.manage(order).await["replaced"], HARBOUR);
    // An earlier send, by which lost answers are told apart.
    let first = list(&world, "first", 1);
    let known = press(&world, first);
    until_sent(&world, known).await;
    world.instance.sandbox.world().exacttarget.account_mut(HARBOUR).unwrap().quirks.people_react = false;
    let all = list(&world, "crowd", people);
    let send = press(&world, all);
    let deaths = with_deaths(&world, send).await;
    let done = row(&world, send).unwrap();
    let counted = done.counted.unwrap();
    let parts = done.staging.parts.as_ref().unwrap().len();
    let mut keys = HashSet::new();
    let mut mails = 0_u64;
    {
        let mut all = world.instance.sandbox.world();
        let account = all.exacttarget.account_mut(HARBOUR).unwrap();
        for job in account.jobs.values().filter(|job| Some(u64::from(job.id)) == done.journal.job) {
            for mail in job.mails(|_, _| String::new()) {
                mails += 1;
                keys.insert(mail.person.address);
            }
        }
        let jobs = account.jobs.values().filter(|job| job.definition.is_some()).count();
        assert_eq!(jobs, 2, "one for the earlier send, and one for this");
    }
    let _ = writeln!(
        out,
        "{people} people, {parts} parts, deaths in {} of them ({} in all), {mails} mails to {} addresses, adds up: {}, {:.0} s",
        deaths.keys().filter(|part| **part < parts).count(),
        deaths.values().sum::<u32>(),
        keys.len(),
        counted.adds_up,
        began.elapsed().as_secs_f64()
    );
    assert!(counted.adds_up && counted.accepted == people && mails == people);
    assert_eq!(u64::try_from(keys.len()).unwrap(), people);
    assert!((0..parts).all(|part| deaths.contains_key(&part)), "a death in each part: {deaths:?}");
}
