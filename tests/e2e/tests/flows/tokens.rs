//! One sign-in for all functions: kept sealed in the ledger, renewed by one, gone with its secret (P10; ST-36, ST-40).

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use domain::{CrmId, SignedDuration};
use e2e::{HARBOUR, NORTHWIND, World};
use http::StatusCode;
use localhost::Host;
use sandbox::{Fault, Service, crm::seed, sharepoint::Credentials};

use crate::{ANNA, polled::cut};

pub(crate) const SIGN_IN: &str = "RetrieveCrmTicket";

pub(crate) fn another_process(world: &World) -> Host {
    world.instance.another_process().expect("the template is the same")
}

pub(crate) fn calls_of(world: &World, service: Service, operation: &str) -> u64 {
    world.calls(service).into_iter().filter(|(name, _)| name == operation).map(|(_, count)| count).sum()
}

pub(crate) fn sign_ins(world: &World) -> u64 {
    calls_of(world, Service::Crm, SIGN_IN)
}

/// CRM takes another password from now on, and no ticket that it gave out.
pub(crate) fn change_password(world: &World, password: &str) {
    let mut state = world.instance.sandbox.world();
    state.crm.organisation_mut(HARBOUR).expect("seeded").set_password(seed::user(1), password);
    state.crm.expire_tickets();
}

pub(crate) fn store(world: &World, password: &str) {
    let tenant = World::tenant(HARBOUR);
    let mut secret = world.instance.crm_secret(&tenant);
    secret["password"] = password.into();
    world.instance.host.memory().put_secret(&tenant, "crm", &secret);
}

/// The connection to SharePoint signs in with a form, no longer with every call.
pub(crate) fn use_forms(world: &World) {
    let tenant = World::tenant(HARBOUR);
    let mut secret = world.instance.sharepoint_secret(&tenant);
    secret["sign_in"] = serde_json::json!({ "forms": secret["sign_in"]["basic"] });
    world.instance.host.memory().put_secret(&tenant, "sharepoint", &secret);
}

/// P10: what one process signed in serves the others, deliveries and timers included.
#[tokio::test(start_paused = true)]
async fn a_ticket_serves_every_process() {
    let world = World::start().await;
    world.press(HARBOUR, ANNA, seed::account(1)).await;
    for number in [5, 7] {
        let request = world.request(HARBOUR, ANNA, seed::account(number));
        let other = another_process(&world);
        assert_eq!(world.ring_at(&other, HARBOUR, request).await.status, StatusCode::ACCEPTED);
        other.drain().await;
        other.fire("request-sweep").await;
    }
    assert_eq!(world.sites(HARBOUR).len(), 3);
    world.press(NORTHWIND, r"NORTHWIND\adam.able", seed::account(1)).await;
    assert_eq!(sign_ins(&world), 2, "one for each tenant: the sweep calls both");
}

/// P10: a hundred at once in ten cold processes: one of them signs in, the others wait for it.
#[tokio::test(start_paused = true)]
async fn a_hundred_presses_at_once_in_ten_processes_sign_in_once() {
    let world = Arc::new(World::start().await);
    let mut rings = Vec::new();
    for process in (0..10).map(|_| another_process(&world)) {
        for _ in 0..10 {
            let (world, process) = (Arc::clone(&world), process.clone());
            let request = world.request(HARBOUR, ANNA, seed::account(1));
            rings.push(tokio::spawn(async move { world.ring_at(&process, HARBOUR, request).await.status }));
        }
    }
    for ring in rings {
        assert_eq!(ring.await.expect("no panic"), StatusCode::ACCEPTED);
    }
    assert_eq!(sign_ins(&world), 1);
}

/// P10: every process holds the ticket that ended; one renewal serves them all.
#[tokio::test(start_paused = true)]
async fn a_ticket_that_ends_is_renewed_once_for_all_processes() {
    let world = World::start().await;
    let processes: Vec<Host> = (0..3).map(|_| another_process(&world)).collect();
    for round in 1..=3 {
        for process in &processes {
            let request = world.request(HARBOUR, ANNA, seed::account(1));
            assert_eq!(world.ring_at(process, HARBOUR, request).await.status, StatusCode::ACCEPTED);
        }
        assert_eq!(sign_ins(&world), round);
        world.instance.sandbox.world().crm.expire_tickets();
    }
}

/// ST-40: a ticket got with a secret that was rotated is nobody's any more, in the table neither.
#[tokio::test(start_paused = true)]
async fn a_rotated_secret_signs_in_anew_and_once() {
    let world = World::start().await;
    world.press(HARBOUR, ANNA, seed::account(1)).await;
    world.drain().await;
    // The old ticket is still taken: only the secret says that it is not to be used.
    {
        let mut state = world.instance.sandbox.world();
        state.crm.organisation_mut(HARBOUR).expect("seeded").set_password(seed::user(1), "rotated");
    }
    store(&world, "rotated");
    for number in [5, 7] {
        let request = world.request(HARBOUR, ANNA, seed::account(number));
        let other = another_process(&world);
        assert_eq!(world.ring_at(&other, HARBOUR, request).await.status, StatusCode::ACCEPTED);
        other.drain().await;
    }
    assert_eq!(sign_ins(&world), 2, "one for each secret");
}

/// A page of a gateway says nothing of the password: it is tried again.
#[tokio::test(start_paused = true)]
async fn a_page_in_place_of_a_ticket_is_not_taken_for_a_wrong_password() {
    let world = World::start().await;
    world.next_calls(Service::Crm, Some(SIGN_IN), Fault::Html, 1);
    let request = world.request(HARBOUR, ANNA, seed::account(1));
    assert_eq!(world.ring(HARBOUR, request).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.ring(HARBOUR, request).await.status, StatusCode::ACCEPTED);
}

/// A process dies after so many polls of a press, whose repeat is taken: at once, or after the half minute that a sign-in
/// may hold up the others. Whether the first was answered before.
pub(crate) async fn dies_at_the_door(world: &World, tenant: &str, login: &str, polls: usize) -> bool {
    let request = world.request(tenant, login, seed::account(1));
    let whole = cut(world.ring_at(&another_process(world), tenant, request), polls).await.is_some();
    let heard = world.ring(tenant, request).await;
    if heard.status != StatusCode::ACCEPTED {
        assert_eq!((heard.status, heard.code()), (StatusCode::SERVICE_UNAVAILABLE, "later"), "after {polls}");
        world.wait(SignedDuration::from_secs(30));
        assert_eq!(world.ring(tenant, request).await.status, StatusCode::ACCEPTED, "after {polls}");
    }
    whole
}

/// P10: who dies while it signs in, at any point of it, holds up the others for half a minute at most.
#[tokio::test(start_paused = true)]
async fn a_process_that_dies_while_it_signs_in_is_replaced() {
    for polls in 0.. {
        let world = World::start().await;
        let whole = dies_at_the_door(&world, HARBOUR, ANNA, polls).await;
        assert!(sign_ins(&world) <= 2, "after {polls}");
        if whole {
            return;
        }
    }
}

/// ST-36, A15: whoever reads the table finds no ticket, no cookie and no password in it.
#[tokio::test(start_paused = true)]
async fn no_token_can_be_read_in_the_table() {
    let world = World::start().await;
    let tenant = World::tenant(HARBOUR);
    use_forms(&world);
    world.press(HARBOUR, ANNA, seed::account(1)).await;
    world.drain().await;
    assert_eq!(world.sites(HARBOUR).len(), 1);
    let rows = world.instance.host.memory().rows(&tenant, "");
    let kept: Vec<&str> =
        rows.iter().filter(|row| row.key.sort.starts_with("TOKEN#")).map(|row| &*row.key.sort).collect();
    assert_eq!(kept, ["TOKEN#crm", "TOKEN#sharepoint"]);
    let text = format!("{rows:?}");
    let mut canaries: Vec<String> = world.instance.sandbox.world().crm.tickets().map(ToOwned::to_owned).collect();
    assert_eq!(canaries.len(), 1);
    canaries
        .extend([&*Credentials::of(HARBOUR).password, "ASPXAUTH", "CrmService", "sandbox-harbour"].map(str::to_owned));
    for canary in canaries {
        for before in ["", "\0", "\0\0"] {
            let encoded = BASE64_STANDARD_NO_PAD.encode(format!("{before}{canary}"));
            let form = &encoded[before.len() * 4 / 3 + 1..encoded.len() - 1];
            assert!(!text.contains(&canary) && !text.contains(form), "{canary:?} is in the table");
        }
    }
}

/// P10: SharePoint's session is shared as CRM's ticket is, and renewed once when it ends.
#[tokio::test(start_paused = true)]
async fn a_forms_session_serves_every_process() {
    let world = World::start().await;
    use_forms(&world);
    let build = async |number: u16| -> CrmId {
        let request = world.request(HARBOUR, ANNA, seed::account(number));
        world.ring(HARBOUR, request).await;
        another_process(&world).drain().await;
        assert_eq!(world.answered(HARBOUR, request).status, 3);
        request
    };
    build(1).await;
    build(5).await;
    assert_eq!(calls_of(&world, Service::SharePoint, "Authentication.Login"), 1);
    // ASP.NET forgets a session that nobody used for half an hour.
    world.wait(SignedDuration::from_mins(31));
    build(7).await;
    assert_eq!(calls_of(&world, Service::SharePoint, "Authentication.Login"), 2);
}
