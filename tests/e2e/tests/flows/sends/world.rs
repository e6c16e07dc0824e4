//! A world whose first tenant sends mails.

use std::collections::BTreeMap;

use domain::{CrmId, SignedDuration};
use e2e::{HARBOUR, World};
use sandbox::{
    crm::{NewPerson, NewSend, Value},
    exacttarget::{Account, Job, seed},
};
use sending::{
    receipt::{Fate, fate_of},
    send::Send,
};
use serde_json::Value as Json;

use crate::ANNA;

/// What a send record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) status: i64,
    pub(crate) reason: String,
    pub(crate) listed: Option<i64>,
    pub(crate) excluded: Option<i64>,
    pub(crate) accepted: Option<i64>,
    pub(crate) failed: Option<i64>,
    pub(crate) parts: Option<i64>,
    pub(crate) exclusions: String,
}

/// The numbers of `tl_status` (`infra/crm/entities.json`).
pub(crate) mod status {
    pub(crate) const NEW: i64 = 1;
    pub(crate) const HELD: i64 = 3;
    pub(crate) const RELEASING: i64 = 5;
    pub(crate) const SENT: i64 = 7;
    pub(crate) const CANCELLED: i64 = 8;
    pub(crate) const REFUSED: i64 = 9;
    pub(crate) const NEEDS_PERSON: i64 = 10;
}

/// A world in which Harbour has an account at the e-mail platform, and looks for sends each minute.
pub(crate) async fn mailing() -> World {
    let world = World::start().await;
    let order = world.instance.order_with_mails(&World::tenant(HARBOUR), "Harbour & Sons");
    let answer = world.manage(order).await;
    assert_eq!(answer["replaced"], HARBOUR, "{answer}");
    world
}

pub(crate) fn contact<'p>(first: &'p str, email: &'p str) -> NewPerson<'p> {
    NewPerson { kind: "contact", first, last: "Lind", email, opted_out: false }
}

/// A send of the greeting to a list.
pub(crate) fn to_list(list: CrmId) -> NewSend {
    NewSend {
        name: "June".to_owned(),
        targets: vec![("tl_listid", list)],
        email: seed::GREETING.into(),
        ..NewSend::default()
    }
}

/// Adds people and a list of all of them.
pub(crate) fn list_of(world: &World, kind: &str, people: &[NewPerson<'_>]) -> (CrmId, Vec<CrmId>) {
    let now = world.instance.sandbox.now();
    let mut all = world.instance.sandbox.world();
    let organisation = all.crm.organisation_mut(HARBOUR).expect("it is seeded");
    let members: Vec<CrmId> = people.iter().map(|person| organisation.add_person(person, now)).collect();
    let list = organisation.add_list("Customers", kind, &members, now);
    (list, members)
}

/// So many contacts, each with an address of their own, and a list of them.
pub(crate) fn crowd(world: &World, count: usize) -> CrmId {
    let addresses: Vec<String> = (0..count).map(|number| format!("person{number}@crowd.example")).collect();
    let people: Vec<_> = addresses.iter().map(|address| contact("Kim", address)).collect();
    list_of(world, "contact", &people).0
}

/// Presses *Send*.
pub(crate) fn press(world: &World, new: &NewSend) -> CrmId {
    let now = world.instance.sandbox.now();
    let made = world.instance.sandbox.world().crm.press_send(HARBOUR, ANNA, new, now);
    made.unwrap_or_else(|refusal| panic!("CRM refuses the send: {refusal:?}"))
}

/// Lets minutes pass, with the platform reading what is dropped for it.
pub(crate) async fn minutes(world: &World, minutes: u32) {
    for _ in 0..minutes {
        world.instance.sandbox.advance(SignedDuration::from_mins(1));
        world.instance.host.fire_timers().await;
        world.drain().await;
        world.instance.read_drops().await;
    }
}

/// Until the record has this status; at most two hours.
pub(crate) async fn until(world: &World, send: CrmId, status: i64) -> Told {
    for _ in 0..120 {
        let told = told(world, send);
        if told.status == status {
            return told;
        }
        minutes(world, 1).await;
    }
    panic!("{:?} of {:?}", told(world, send), row(world, send));
}

pub(crate) fn told(world: &World, send: CrmId) -> Told {
    let all = world.instance.sandbox.world();
    let record = all.crm.organisation(HARBOUR).expect("it is seeded").record("tl_send", send).expect("it is there");
    let number = |name: &str| record.get(name).and_then(Value::as_number);
    let text = |name: &str| record.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
    Told {
        status: number("tl_status").unwrap_or(1),
        reason: text("tl_reason"),
        listed: number("tl_listed"),
        excluded: number("tl_excluded"),
        accepted: number("tl_accepted"),
        failed: number("tl_failed"),
        parts: number("tl_parts"),
        exclusions: text("tl_exclusions"),
    }
}

/// Changes the send record, as a user does.
pub(crate) fn change(world: &World, send: CrmId, attribute: &str, value: Value) {
    world.edit(HARBOUR, "tl_send", send, |record| record.insert(attribute.to_owned(), value));
}

/// What the functions know of a send.
pub(crate) fn row(world: &World, send: CrmId) -> Option<Send> {
    let rows = world.instance.host.memory().rows(&World::tenant(HARBOUR), &format!("SEND#{send}"));
    rows.into_iter().next().map(|row| serde_json::from_value(row.value).expect("a send's row reads as a send"))
}

/// Looks at Harbour's account, or changes it.
pub(crate) fn account<T>(world: &World, look: impl FnOnce(&mut Account) -> T) -> T {
    look(world.instance.sandbox.world().exacttarget.account_mut(HARBOUR).expect("it is seeded"))
}

/// How many mails each address got from all jobs of definitions.
pub(crate) fn mails(world: &World) -> BTreeMap<String, usize> {
    let mut mails = BTreeMap::new();
    account(world, |account| {
        for job in account.jobs.values().filter(|job| job.definition.is_some()) {
            for mail in job.mails(|_, _| String::new()) {
                *mails.entry(mail.person.address).or_default() += 1;
            }
        }
    });
    mails
}

/// The jobs that were released.
pub(crate) fn jobs(world: &World) -> Vec<Job> {
    account(world, |account| account.jobs.values().cloned().collect())
}

/// What became of a person.
pub(crate) async fn fate(world: &World, send: CrmId, person: CrmId) -> Fate {
    let send = row(world, send).expect("it was taken");
    let bucket = &world.instance.deps.platform.staging;
    fate_of(bucket, &World::tenant(HARBOUR), &send, person).await.expect("the bucket answers")
}

/// An object of a send in the bucket.
pub(crate) async fn object(world: &World, send: CrmId, name: &str) -> Json {
    let folder = row(world, send).expect("it was taken").folder();
    let found = world.instance.deps.platform.staging.get(&World::tenant(HARBOUR), &format!("{folder}/{name}")).await;
    let bytes = found.expect("the bucket answers").unwrap_or_else(|| panic!("{name} is not there"));
    serde_json::from_slice(&bytes).expect("it is JSON")
}
