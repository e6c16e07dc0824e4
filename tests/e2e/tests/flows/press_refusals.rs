//! A press that is no proof makes nothing, and says why (architecture, rule 2; ST-37).

use domain::{CrmId, SignedDuration};
use e2e::{HARBOUR, Heard, NORTHWIND, World};
use http::StatusCode;
use sandbox::{
    Service,
    crm::{Value, seed},
};

use crate::{ANNA, INES};

/// Northwind's owner of the first account.
const ADAM: &str = r"NORTHWIND\adam.able";

/// A refusal as callers see it: the status, a name for programs, a sentence for people, and nothing else.
#[track_caller]
fn assert_refused(heard: &Heard, status: u16, code: &str) {
    assert_eq!((heard.status.as_u16(), heard.code()), (status, code), "{heard:?}");
    let said = heard.body["error"].as_str().unwrap_or_default();
    assert!(said.len() > 20 && said.contains(' '), "no sentence: {said:?}");
    let names: Vec<&String> = heard.body.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["code", "error"]);
    for inside in ["127.0.0.1", "http://", "0x8", "::", "soap", "Retrieve", "SITE#", "tl_"] {
        assert!(!said.contains(inside), "{said:?} shows {inside:?}");
    }
    assert_eq!(heard.headers["cache-control"], "no-store");
}

/// Rings, expects the refusal, and that nothing happened: no site, no web, no message, no row.
async fn refuse(world: &World, tenant: &str, request: CrmId, status: u16, code: &str) {
    let before = world.everything();
    let heard = world.ring(tenant, request).await;
    assert_refused(&heard, status, code);
    world.drain().await;
    assert_eq!(world.everything(), before, "{code}: something happened");
}

/// A new record that is refused says so itself, with the sentence that the caller read.
async fn refuse_and_tell(world: &World, request: CrmId, status: u16, code: &str) {
    refuse(world, HARBOUR, request, status, code).await;
    let answered = world.answered(HARBOUR, request);
    assert_eq!((answered.status, &*answered.url), (4, ""), "{code}");
    assert!(answered.reason.contains(' '), "{code}: {answered:?}");
    // Rung again it is a used one, and stays as it is.
    refuse(world, HARBOUR, request, 409, "used").await;
    assert_eq!(world.answered(HARBOUR, request), answered);
}

fn account() -> CrmId {
    seed::account(1)
}

/// Bad input: unknown tenant.
#[tokio::test]
async fn an_unknown_tenant_is_refused_without_any_call() {
    let world = World::start().await;
    let request = world.request(HARBOUR, ANNA, account());
    for tenant in ["nobody", "directory", "unattributed"] {
        refuse(&world, tenant, request, 404, "unknown-tenant").await;
    }
    assert_eq!((world.call_count(Service::Crm), world.call_count(Service::SharePoint)), (0, 0));
    assert_eq!(world.answered(HARBOUR, request).status, 1);
}

/// P12: a tenant that is switched off is not called, by presses, timers or work that is already queued.
#[tokio::test]
async fn a_tenant_that_is_switched_off_is_not_called() {
    let world = World::start().await;
    let queued = world.press(HARBOUR, ANNA, account()).await;
    let request = world.request(HARBOUR, ANNA, seed::account(5));
    for tenant in [HARBOUR, NORTHWIND] {
        world.set(tenant, |settings| settings.active = false).await;
    }
    world.instance.sandbox.world().forget_calls();
    let heard = world.ring(HARBOUR, request).await;
    assert_refused(&heard, 403, "inactive-tenant");
    world.pass(30).await;
    assert_eq!((world.call_count(Service::Crm), world.call_count(Service::SharePoint)), (0, 0));
    assert_eq!(world.status(&queued.link()).await["state"], "waiting");
    // Nothing is lost when it is switched on again.
    world.set(HARBOUR, |settings| settings.active = true).await;
    world.pass(65).await;
    assert_eq!(world.status(&queued.link()).await["state"], "ready");
    assert_eq!(world.answered(HARBOUR, request).status, 3);
}

/// Bad input: request record missing; ST-39: ids of another tenant, of accounts and of users are none of this one's.
#[tokio::test]
async fn an_id_that_is_no_request_of_the_tenant_is_refused() {
    let world = World::start().await;
    let theirs = world.request(NORTHWIND, ADAM, account());
    let nobodys: CrmId = "0e0e0e0e-0000-4000-8000-000000000000".parse().expect("an id");
    for id in [theirs, account(), seed::user(2), nobodys] {
        refuse(&world, HARBOUR, id, 404, "no-such-request").await;
    }
    assert_eq!(world.answered(NORTHWIND, theirs).status, 1);
}

/// Bad input: request record older than seven days, by CRM's own clock; to the second.
#[tokio::test]
async fn a_request_is_good_for_seven_days_and_no_longer() {
    let world = World::start().await;
    let (old, ripe) = (world.request(HARBOUR, ANNA, account()), world.request(HARBOUR, ANNA, account()));
    world.wait(SignedDuration::from_hours(7 * 24));
    assert_eq!(world.ring(HARBOUR, ripe).await.status, StatusCode::ACCEPTED);
    world.drain().await;
    world.wait(SignedDuration::from_secs(1));
    refuse_and_tell(&world, old, 410, "expired").await;
}

/// Bad input: request record used for another target, or taken by somebody whose site is not known.
#[tokio::test]
async fn a_used_request_is_refused_and_left_alone() {
    let world = World::start().await;
    let request = world.request(HARBOUR, ANNA, account());
    let first = world.ring(HARBOUR, request).await;
    world.drain().await;
    let ready = world.answered(HARBOUR, request);
    assert_eq!(ready.status, 3);
    assert_eq!(world.ring(HARBOUR, request).await.link(), first.link(), "a repeat of our own press is no refusal");
    // Pointed at another account of hers after it was used.
    let other = seed::account(5);
    world.edit(HARBOUR, "tl_siterequest", request, |record| {
        record.insert("tl_target".to_owned(), Value::Text(format!("account:{other}")));
        record.insert("tl_accountid".to_owned(), Value::Reference { entity: "account".to_owned(), id: other });
    });
    refuse(&world, HARBOUR, request, 409, "used").await;
    assert_eq!(world.answered(HARBOUR, request), ready);
    for status in 2..=4 {
        let request = world.request(HARBOUR, ANNA, other);
        world.edit(HARBOUR, "tl_siterequest", request, |it| it.insert("tl_status".to_owned(), Value::Number(status)));
        refuse(&world, HARBOUR, request, 409, "used").await;
        assert_eq!(world.answered(HARBOUR, request).status, status);
    }
}

/// Bad input: a request whose two statements of its target disagree, or that names something else than an account.
#[tokio::test]
async fn a_request_that_does_not_name_one_account_is_refused() {
    let world = World::start().await;
    for target in [
        format!("account:{}", seed::account(5)),
        format!("contact:{}", account()),
        format!("account:{}x", account()),
        account().to_string(),
        "account:".to_owned(),
    ] {
        let request = world.request(HARBOUR, ANNA, account());
        world.edit(HARBOUR, "tl_siterequest", request, |it| it.insert("tl_target".to_owned(), Value::Text(target)));
        refuse_and_tell(&world, request, 422, "target-mismatch").await;
    }
    let request = world.request(HARBOUR, ANNA, account());
    world.edit(HARBOUR, "tl_siterequest", request, |record| record.remove("tl_accountid"));
    refuse_and_tell(&world, request, 422, "target-mismatch").await;
}

/// ST-37: the one who pressed may change the record, by CRM's own answer at the time of the press.
#[tokio::test]
async fn a_user_without_write_access_is_refused() {
    let world = World::start().await;
    // May read every account and make requests; has no part in this one.
    let request = world.request(HARBOUR, INES, account());
    refuse_and_tell(&world, request, 403, "no-write-access").await;
    // Whose account it was until a moment ago.
    let request = world.request(HARBOUR, ANNA, account());
    world.edit(HARBOUR, "account", account(), |record| {
        let new = Value::Reference { entity: "systemuser".to_owned(), id: seed::user(3) };
        record.insert("ownerid".to_owned(), new)
    });
    refuse_and_tell(&world, request, 403, "no-write-access").await;
    // An assistant may not make a request at all: CRM itself refuses the button.
    let now = world.instance.sandbox.now();
    let pressed = world.instance.sandbox.world().crm.press(HARBOUR, r"HARBOUR\eva.lindqvist", account(), now);
    assert!(pressed.is_err());
}

/// Bad input: record deactivated or deleted before the press is read.
#[tokio::test]
async fn a_press_for_a_deactivated_or_deleted_account_is_refused() {
    let world = World::start().await;
    let request = world.request(HARBOUR, r"HARBOUR\tieline", seed::account(seed::DEACTIVATED));
    refuse_and_tell(&world, request, 409, "record-inactive").await;
    // CRM takes the reference out of the request, so that one of its two statements is gone.
    let request = world.request(HARBOUR, ANNA, account());
    world.delete_account(HARBOUR, account());
    refuse_and_tell(&world, request, 422, "target-mismatch").await;
    // It is deleted between reading the request and asking for the account.
    let request = world.request(HARBOUR, ANNA, seed::account(5));
    world.instance.sandbox.world().crm.organisation_mut(HARBOUR).expect("seeded").take("account", seed::account(5));
    refuse_and_tell(&world, request, 404, "no-such-record").await;
}

/// The timer refuses by the same rules.
#[tokio::test]
async fn the_timer_refuses_what_the_doorbell_refuses() {
    let world = World::start().await;
    let request = world.request(HARBOUR, INES, account());
    let before = world.everything();
    world.pass(5).await;
    assert_eq!(world.everything(), before);
    assert_eq!(world.answered(HARBOUR, request).status, 4);
}
