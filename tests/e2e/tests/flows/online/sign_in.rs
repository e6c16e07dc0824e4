//! One sign-in for all, renewed from where it ended, and none that locks the account (P10, A15; ST-36, ST-40).

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use domain::SignedDuration;
use e2e::{LAKESIDE, World};
use http::StatusCode;
use sandbox::{Service, crm::seed, live_id::Device};
use serde_json::json;

use super::LENA;
use crate::tokens::{another_process, calls_of, dies_at_the_door};

const MEMBER: &str = "tieline@lakeside.example";

/// Device registrations, device tokens and tickets that Live ID was asked for.
fn asked(world: &World) -> [u64; 3] {
    ["DeviceAdd", "DeviceToken", "UserToken"].map(|operation| calls_of(world, Service::LiveId, operation))
}

async fn rings(world: &World, number: u16) -> StatusCode {
    let request = world.request(LAKESIDE, LENA, seed::account(number));
    world.ring_at(&another_process(world), LAKESIDE, request).await.status
}

#[tokio::test(start_paused = true)]
async fn a_hundred_presses_at_once_in_ten_processes_register_and_sign_in_once() {
    let world = Arc::new(World::online().await);
    let mut rings = Vec::new();
    for process in (0..10).map(|_| another_process(&world)) {
        for _ in 0..10 {
            let (world, process) = (Arc::clone(&world), process.clone());
            let request = world.request(LAKESIDE, LENA, seed::account(1));
            rings.push(tokio::spawn(async move { world.ring_at(&process, LAKESIDE, request).await.status }));
        }
    }
    for ring in rings {
        assert_eq!(ring.await.expect("no panic"), StatusCode::ACCEPTED);
    }
    assert_eq!(asked(&world), [1, 2, 1]);
    assert_eq!(world.instance.sandbox.world().live_id.devices().collect::<Vec<_>>(), [Device::LAKESIDE.name]);
}

/// A ticket that ends is renewed by one process for all, with the device's token that is kept beside it.
#[tokio::test(start_paused = true)]
async fn a_ticket_that_ends_is_renewed_once_and_the_device_is_asked_for_nothing() {
    let world = World::online().await;
    assert_eq!(rings(&world, 1).await, StatusCode::ACCEPTED);
    for round in 2..=4 {
        world.instance.sandbox.world().crm.expire_tickets();
        for _ in 0..3 {
            assert_eq!(rings(&world, 1).await, StatusCode::ACCEPTED);
        }
        assert_eq!(asked(&world), [1, 2, round]);
        assert_eq!(calls_of(&world, Service::Crm, "RetrievePolicy"), 1);
    }
    // In the middle of a site, too.
    world.instance.sandbox.world().crm.expire_tickets();
    world.drain().await;
    assert_eq!(world.sites(LAKESIDE), [super::SITE]);
    assert_eq!(asked(&world), [1, 2, 5]);
    // After a day both are over; the device is known.
    world.wait(SignedDuration::from_hours(24));
    assert_eq!(rings(&world, 4).await, StatusCode::ACCEPTED);
    assert_eq!(asked(&world), [1, 3, 6]);
}

/// A15: the account is not locked by us, and goes on when the password is stored anew.
#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_tried_once_by_all_processes_and_a_rotated_one_at_once() {
    let world = World::online().await;
    assert_eq!(rings(&world, 1).await, StatusCode::ACCEPTED);
    world.instance.sandbox.world().live_id.set_password(MEMBER, "nobody told us");
    world.instance.sandbox.world().crm.expire_tickets();
    for _ in 0..5 {
        assert_eq!(rings(&world, 1).await, StatusCode::SERVICE_UNAVAILABLE);
        another_process(&world).fire("request-sweep").await;
    }
    assert_eq!(asked(&world), [1, 2, 2]);
    world.pass(14).await;
    assert_eq!(asked(&world), [1, 2, 2]);
    let order = json!({ "rotate": { "tenant": LAKESIDE, "service": "crm", "password": "nobody told us" } });
    assert_eq!(world.manage(order).await["rotated"], LAKESIDE);
    assert_eq!(rings(&world, 1).await, StatusCode::ACCEPTED);
    // The token of the old secret is nobody's, so that all but the registration is asked for anew.
    assert_eq!(asked(&world), [1, 3, 3]);
    world.pass(3).await;
    assert_eq!(world.sites(LAKESIDE), [super::SITE]);
}

/// P10: who dies while it signs in, at any point of it, leaves a way in, and no second device.
#[tokio::test(start_paused = true)]
async fn a_process_that_dies_while_it_signs_in_is_replaced() {
    for polls in 0.. {
        let world = World::online().await;
        let whole = dies_at_the_door(&world, LAKESIDE, LENA, polls).await;
        let [added, devices, tickets] = asked(&world);
        assert!(added <= 2 && devices <= 4 && tickets <= 2, "after {polls}: {added} {devices} {tickets}");
        assert_eq!(world.instance.sandbox.world().live_id.devices().count(), 1);
        if whole {
            assert!(polls > 10, "every call of the way in was one to die at");
            return;
        }
    }
}

/// Somebody else has the device's name: what the account of the user is for is not even tried.
#[tokio::test(start_paused = true)]
async fn a_device_name_that_is_taken_costs_the_user_no_try() {
    let world = World::online().await;
    let name = Device::LAKESIDE.name;
    world.instance.sandbox.world().live_id.register(&Device { name, password: "somebody-else" });
    for _ in 0..3 {
        assert_eq!(rings(&world, 1).await, StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(asked(&world), [1, 2, 0]);
}

/// ST-36, A15: whoever reads the table finds no ticket, no device token and no password in it.
#[tokio::test(start_paused = true)]
async fn neither_tickets_nor_device_tokens_can_be_read_in_the_table() {
    let world = World::online().await;
    assert_eq!(rings(&world, 1).await, StatusCode::ACCEPTED);
    let rows = world.instance.host.memory().rows(&World::tenant(LAKESIDE), "TOKEN#");
    assert_eq!(rows.len(), 1);
    let text = format!("{rows:?}");
    let mut canaries: Vec<String> = world.instance.sandbox.world().live_id.tokens().map(ToOwned::to_owned).collect();
    canaries.extend(world.instance.sandbox.world().crm.tickets().map(ToOwned::to_owned));
    assert_eq!(canaries.len(), 3);
    canaries.extend([Device::LAKESIDE.password, "sandbox-lakeside-1", "MBI_SSL", "CipherValue"].map(str::to_owned));
    for canary in canaries {
        for before in ["", "\0", "\0\0"] {
            let encoded = BASE64_STANDARD_NO_PAD.encode(format!("{before}{canary}"));
            let form = &encoded[before.len() * 4 / 3 + 1..encoded.len() - 1];
            assert!(!text.contains(&canary) && !text.contains(form), "{canary:?} is in the table");
        }
    }
}
