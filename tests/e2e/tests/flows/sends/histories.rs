//! Fault histories of a send: every single death, many pairs of them, and each call gone wrong in each way (S1, S2, S5, S7).
//!
//! Poll, stage, dispatch and wake run as one process that is polled by hand and dropped; another one goes on. After each
//! minute: nobody has two mails, and nobody has one who opted out. In the end everything is well: everybody who may
//! be mailed is, and the receipt adds up.

use std::collections::BTreeMap;

use domain::{CrmId, SignedDuration};
use e2e::{HARBOUR, World};
use localhost::{Host, Instance};
use sandbox::{Fault, Service, Switch, Times, crm::NewPerson, exacttarget::Status};

use super::world::{account, contact, list_of, mails, press, row, status, to_list, told};
use crate::polled::cut;

/// Longer than anything that goes wrong here keeps a send: a lease, a message that is hidden, and the time in which a release
/// may still land, twice.
const PATIENCE: u32 = 150;

/// A world in which a send was just pressed, and an earlier one is known to the platform.
struct Beginning {
    world: World,
    send: CrmId,
    /// Mails that lie in mailboxes already.
    before: BTreeMap<String, usize>,
}

/// What goes wrong in a history.
#[derive(Clone, Debug, Default)]
struct Script {
    /// After how many polls each process dies, one after the other.
    deaths: Vec<usize>,
    /// The n-th call to a service goes wrong.
    call: Option<(Service, u32, Fault)>,
}

async fn beginning() -> Beginning {
    let instance = Instance::to_be_forked(0).await.expect("the world is complete");
    let world = World { instance };
    let order = world.instance.order_with_mails(&World::tenant(HARBOUR), "Harbour & Sons");
    let answer = world.manage(order).await;
    assert_eq!(answer["replaced"], HARBOUR, "{answer}");
    let (list, _) = list_of(&world, "contact", &[contact("Zoe", "zoe@z.example")]);
    let known = press(&world, &to_list(list));
    super::world::until(&world, known, status::SENT).await;
    account(&world, |account| {
        let gone = account.subscribers.values_mut().next().expect("seeded");
        (gone.address, gone.status) = ("gone@x.example".to_owned(), Status::Unsubscribed);
        account.quirks.people_react = false;
    });
    let people = [
        contact("Anna", "anna@a.example"),
        contact("Ben", "ben@b.example"),
        contact("Cleo", "cleo@c.example"),
        NewPerson { opted_out: true, ..contact("Dan", "dan@d.example") },
        contact("Eva", "ANNA@a.example"),
        contact("Finn", "gone@x.example"),
    ];
    let (list, _) = list_of(&world, "contact", &people);
    let send = press(&world, &to_list(list));
    let before = mails(&world);
    Beginning { world, send, before }
}

impl Beginning {
    /// Runs a history to its end: how many polls its first process took, or lived for.
    async fn history(&self, script: &Script) -> usize {
        let world = World { instance: self.world.instance.fork().expect("a copy") };
        if let Some((service, number, fault)) = &script.call {
            let switch = Switch { service: *service, operation: None, fault: fault.clone(), times: Times::Next(1) };
            world.instance.sandbox.world().faults.set_after(*number, switch);
        }
        for polls in &script.deaths {
            let host = world.instance.another_process().expect("it starts");
            if cut(live(&world, &host, PATIENCE, self.send), *polls).await.is_some() {
                return 0;
            }
        }
        let host = world.instance.another_process().expect("it starts");
        for _ in 0..PATIENCE {
            live(&world, &host, 1, self.send).await;
            self.look(&world, script);
            if told(&world, self.send).status == status::SENT {
                break;
            }
        }
        self.finished(&world, script);
        1
    }

    /// Safety, at every minute.
    fn look(&self, world: &World, script: &Script) {
        for (address, count) in mails(world) {
            let before = self.before.get(&address).copied().unwrap_or_default();
            assert!(count - before <= 1, "{script:?}: {address} has {count} mails");
            let may = before > 0
                || ["anna@a.example", "ANNA@a.example", "ben@b.example", "cleo@c.example"].contains(&&*address);
            assert!(may, "{script:?}: {address} has a mail and may not");
        }
    }

    fn finished(&self, world: &World, script: &Script) {
        let told = told(world, self.send);
        assert_eq!(told.status, status::SENT, "{script:?}: {told:?} {:?}", row(world, self.send));
        assert_eq!(
            (told.listed, told.excluded, told.accepted, told.failed),
            (Some(6), Some(3), Some(3), Some(0)),
            "{script:?}"
        );
        let new = mails(world).into_iter().filter(|(address, _)| !self.before.contains_key(address));
        assert_eq!(new.map(|(_, count)| count).sum::<usize>(), 3, "{script:?}");
        assert!(row(world, self.send).expect("it was taken").counted.expect("it was counted").adds_up, "{script:?}");
    }
}

/// So many minutes of a process, until the send is over.
async fn live(world: &World, host: &Host, minutes: u32, send: CrmId) {
    for _ in 0..minutes {
        // The platform reads its bucket by itself, whoever dies.
        world.instance.read_drops().await;
        world.instance.sandbox.advance(SignedDuration::from_mins(1));
        host.fire_timers().await;
        host.drain().await;
        world.instance.read_drops().await;
        if told(world, send).status == status::SENT {
            return;
        }
    }
}

/// S5: a process that dies anywhere is followed by one that goes on, and so is that one.
#[tokio::test(start_paused = true)]
async fn whoever_dies_anywhere_nobody_is_mailed_twice_and_everybody_once() {
    let of = beginning().await;
    let mut polls = 1;
    // Every point until the undisturbed end.
    while of.history(&Script { deaths: vec![polls], ..Script::default() }).await > 0 {
        polls += 1;
    }
    assert!(polls > 300, "a send has more points than {polls}");
    let points = polls;
    // Pairs: the second one a prime apart, so that over all first ones every distance is met.
    let mut pairs = 0;
    for first in (1..points).step_by(3) {
        let second = 1 + (first * 37) % points;
        of.history(&Script { deaths: vec![first, second], ..Script::default() }).await;
        pairs += 1;
    }
    println!("{} deaths, {pairs} pairs", points - 1);
}

/// S1, S2, P6: each call goes wrong in each way.
#[tokio::test(start_paused = true)]
async fn whatever_call_goes_wrong_nobody_is_mailed_twice_and_everybody_once() {
    let of = beginning().await;
    let faults = [
        Fault::Refuse,
        Fault::Throttle { status: 503, retry_after: Some(120) },
        Fault::LoseAnswer,
        Fault::LateEffect { seconds: 30 },
        Fault::LateEffect { seconds: 100 },
        Fault::Truncate,
        Fault::Stall,
    ];
    let mut histories = 0;
    for (service, calls) in calls_of_one(&of).await {
        for number in 0..calls {
            for fault in &faults {
                of.history(&Script { call: Some((service, number, fault.clone())), ..Script::default() }).await;
                histories += 1;
            }
        }
    }
    assert!(histories > 200, "a send makes more calls: {histories} histories");
    println!("{histories} histories with one call that goes wrong");
}

/// How many calls an undisturbed send makes to each service.
async fn calls_of_one(of: &Beginning) -> [(Service, u32); 2] {
    let world = World { instance: of.world.instance.fork().expect("a copy") };
    let services = [Service::Crm, Service::ExactTarget];
    let before = services.map(|service| world.call_count(service));
    let host = world.instance.another_process().expect("it starts");
    live(&world, &host, PATIENCE, of.send).await;
    let mut before = before.into_iter();
    services.map(|service| {
        let calls = world.call_count(service) - before.next().unwrap_or_default();
        (service, u32::try_from(calls).expect("some"))
    })
}
