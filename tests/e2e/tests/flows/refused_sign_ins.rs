//! A sign-in that was refused: tried again rarely enough for the account, soon enough for the people (A15, P7, P10, ST-40).

use domain::SignedDuration;
use e2e::{HARBOUR, NORTHWIND, World};
use http::StatusCode;
use sandbox::{Fault, Service, crm::seed, sharepoint::Credentials};

use crate::{
    ANNA,
    tokens::{SIGN_IN, another_process, change_password, sign_ins, store, use_forms},
};

/// A15 and "an anonymous ring costs no sign-in": a wrong password is tried once in a quarter of an hour, whoever rings
/// how often at which process, and at once when it was stored anew.
#[tokio::test(start_paused = true)]
async fn a_wrong_password_of_crm_is_tried_once_by_all_processes() {
    let world = World::start().await;
    change_password(&world, "nobody told us");
    // The sweep signs in to the others too.
    world.set(NORTHWIND, |settings| settings.active = false).await;
    let request = world.request(HARBOUR, ANNA, seed::account(1));
    for _ in 0..5 {
        let other = another_process(&world);
        for _ in 0..3 {
            let heard = world.ring_at(&other, HARBOUR, request).await;
            assert_eq!((heard.status, heard.code()), (StatusCode::SERVICE_UNAVAILABLE, "later"));
        }
        other.fire("request-sweep").await;
    }
    assert_eq!(sign_ins(&world), 1);
    world.pass(14).await;
    assert_eq!(sign_ins(&world), 1);
    world.pass(16).await;
    assert!(sign_ins(&world) <= 3, "{} tries in half an hour", sign_ins(&world));
    store(&world, "nobody told us");
    assert_eq!(world.ring_at(&another_process(&world), HARBOUR, request).await.status, StatusCode::ACCEPTED);
}

fn change_sharepoint_password(world: &World, password: &str) {
    let login = Credentials::of(HARBOUR).login;
    assert!(world.instance.sandbox.world().sharepoint.set_password(&login, password));
}

fn store_for_sharepoint(world: &World, sign_in: &str, password: &str) {
    let tenant = World::tenant(HARBOUR);
    let mut secret = world.instance.sharepoint_secret(&tenant);
    let basic = secret["sign_in"]["basic"].take();
    secret["sign_in"] = serde_json::json!({ sign_in: basic });
    secret["sign_in"][sign_in]["password"] = password.into();
    world.instance.host.memory().put_secret(&tenant, "sharepoint", &secret);
}

/// Three of hers, and one more.
const ACCOUNTS: [u16; 3] = [1, 5, 7];
const ANOTHER: u16 = 16;

/// A15: the same for SharePoint, with either sign-in, however many sites wait.
#[tokio::test(start_paused = true)]
async fn a_wrong_password_of_sharepoint_is_tried_once_by_all_processes() {
    for sign_in in ["basic", "forms"] {
        let world = World::start().await;
        if sign_in == "forms" {
            use_forms(&world);
        }
        change_sharepoint_password(&world, "nobody told us");
        let mut requests = Vec::new();
        for number in ACCOUNTS {
            let request = world.request(HARBOUR, ANNA, seed::account(number));
            assert_eq!(world.ring(HARBOUR, request).await.status, StatusCode::ACCEPTED);
            requests.push(request);
        }
        for _ in ACCOUNTS {
            another_process(&world).deliver().await;
        }
        assert_eq!(world.call_count(Service::SharePoint), 1, "{sign_in}");
        world.pass(14).await;
        assert_eq!(world.call_count(Service::SharePoint), 1, "{sign_in}");
        world.pass(16).await;
        let tried = world.call_count(Service::SharePoint);
        assert!(tried <= 3, "{sign_in}: {tried} tries in half an hour");
        assert!(world.sites(HARBOUR).is_empty());
        // Stored anew, all that waits goes on: which one was refused for good is the one that asked twice.
        store_for_sharepoint(&world, sign_in, "nobody told us");
        world.pass(2).await;
        let made = requests.iter().filter(|request| world.answered(HARBOUR, **request).status == 3).count();
        assert!(made >= ACCOUNTS.len() - 1, "{sign_in}: {made}");
    }
}

/// A15: a password that ends while it is in use costs each process that is at work one call, and all of them one try.
#[tokio::test(start_paused = true)]
async fn a_password_that_ends_while_sites_are_made_is_not_tried_by_each_of_them() {
    let world = World::start().await;
    world.press(HARBOUR, ANNA, seed::account(ANOTHER)).await;
    world.drain().await;
    for number in ACCOUNTS {
        world.press(HARBOUR, ANNA, seed::account(number)).await;
    }
    change_sharepoint_password(&world, "nobody told us");
    world.instance.sandbox.world().forget_calls();
    for _ in ACCOUNTS {
        another_process(&world).deliver().await;
    }
    assert_eq!(world.call_count(Service::SharePoint), 2, "a call, and the try");
    world.pass(14).await;
    assert_eq!(world.call_count(Service::SharePoint), 3, "and one of the process that held it for good");
}

/// P7: the web server in front of CRM answers 401 for a minute. Every site that waits is made, and nobody is refused.
#[tokio::test(start_paused = true)]
async fn a_minute_of_401_ends_no_site() {
    let world = World::start().await;
    let mut requests = Vec::new();
    for number in ACCOUNTS {
        let request = world.request(HARBOUR, ANNA, seed::account(number));
        assert_eq!(world.ring(HARBOUR, request).await.status, StatusCode::ACCEPTED);
        requests.push(request);
    }
    world.instance.sandbox.world().crm.expire_tickets();
    world.break_operation(Service::Crm, SIGN_IN, Fault::Throttle { status: 401, retry_after: None });
    world.drain().await;
    for _ in 0..3 {
        world.wait(SignedDuration::from_secs(19));
        world.instance.host.fire_timers().await;
        world.drain().await;
    }
    world.heal();
    let late = world.request(HARBOUR, ANNA, seed::account(ANOTHER));
    world.pass(1).await;
    assert_eq!(world.ring(HARBOUR, late).await.status, StatusCode::ACCEPTED, "presses go on within a minute");
    world.pass(2).await;
    for request in requests {
        assert_eq!(world.answered(HARBOUR, request).status, 3);
    }
}

/// ST-40: what is only remembered is no second answer. CRM takes the password again before it is asked again.
#[tokio::test(start_paused = true)]
async fn a_remembered_refusal_ends_no_site() {
    let world = World::start().await;
    let request = world.request(HARBOUR, ANNA, seed::account(1));
    let link = world.ring(HARBOUR, request).await.link();
    change_password(&world, "nobody told us");
    world.drain().await;
    world.pass(14).await;
    assert_eq!(world.status(&link).await["state"], "waiting");
    assert_eq!(sign_ins(&world), 3, "one for each tenant, and the refused one");
    let secret = world.instance.crm_secret(&World::tenant(HARBOUR));
    change_password(&world, secret["password"].as_str().expect("a password"));
    world.pass(3).await;
    assert_eq!(world.status(&link).await["state"], "ready");
    assert_eq!(world.answered(HARBOUR, request).status, 3);
}

/// P7: what discovery says of a user or an organization is about no password: soon asked again.
#[tokio::test(start_paused = true)]
async fn a_refusal_that_is_not_of_the_password_is_forgotten_after_a_minute() {
    for code in ["0x80040225", "0x80040220", "0x8004A104"] {
        let world = World::start().await;
        world.next_calls(Service::Crm, Some(SIGN_IN), Fault::Error { code: code.to_owned() }, 1);
        let request = world.request(HARBOUR, ANNA, seed::account(1));
        assert_eq!(world.ring(HARBOUR, request).await.status, StatusCode::SERVICE_UNAVAILABLE, "{code}");
        world.wait(SignedDuration::from_mins(1));
        assert_eq!(world.ring(HARBOUR, request).await.status, StatusCode::ACCEPTED, "{code}");
    }
}
