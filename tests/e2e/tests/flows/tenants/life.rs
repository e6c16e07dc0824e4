//! A tenant comes, is switched off and on, and gets new secrets.

use std::pin::pin;

use domain::{CrmId, SignedDuration};
use e2e::{HARBOUR, NORTHWIND, World};
use http::StatusCode;
use sandbox::{Service, crm::seed, sharepoint::Credentials};
use serde_json::{Value, json};

use crate::{
    ANNA,
    polled::{cut, run_for},
};

const QUAYSIDE: &str = "quayside";
/// A SharePoint call in the middle of a site: web, lists and rows are done then.
const MIDDLE: &str = "WebPartPages.AddWebPartToZone";

fn account() -> CrmId {
    seed::account(1)
}

fn calls(world: &World) -> u64 {
    world.call_count(Service::Crm) + world.call_count(Service::SharePoint)
}

/// EX-48: another organization is one order away; nothing is deployed.
#[tokio::test(start_paused = true)]
async fn a_tenant_that_was_added_can_press_and_gets_its_site() {
    let world = World::start().await;
    let heard = world.press(HARBOUR, ANNA, account()).await;
    assert_eq!(heard.status, StatusCode::ACCEPTED);
    let request = world.request(HARBOUR, ANNA, seed::account(5));
    assert_eq!(world.ring(QUAYSIDE, request).await.code(), "unknown-tenant");
    let answer = world.manage(json!({ "add": world.newcomer(QUAYSIDE) })).await;
    assert_eq!(answer, json!({ "added": QUAYSIDE, "active": true }));
    let heard = world.ring(QUAYSIDE, request).await;
    assert_eq!(heard.status, StatusCode::ACCEPTED, "{heard:?}");
    world.drain().await;
    assert_eq!(world.status(&heard.link()).await["state"], "ready");
    let listed = world.manage(json!({ "list": {} })).await;
    let names: Vec<&Value> = listed["tenants"].as_array().expect("a list").iter().map(|it| &it["tenant"]).collect();
    assert_eq!(names, [HARBOUR, NORTHWIND, QUAYSIDE]);
}

/// EX-48: settings are not written over by mistake, and when they are, the tenant stays switched as it was.
#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_there_is_replaced_only_when_that_is_said() {
    let world = World::start().await;
    let mut order = world.newcomer(QUAYSIDE);
    order["replace"] = true.into();
    assert_eq!(world.manage(json!({ "add": order })).await["error"]["code"], "unknown-tenant");
    order["replace"] = false.into();
    assert_eq!(world.manage(json!({ "add": order })).await["added"], QUAYSIDE);
    let before = world.manage(json!({ "show": { "tenant": QUAYSIDE } })).await;
    order["name"] = "Quayside Chandlers Ltd".into();
    assert_eq!(world.manage(json!({ "add": order })).await["error"]["code"], "exists");
    assert_eq!(world.manage(json!({ "show": { "tenant": QUAYSIDE } })).await, before);
    world.manage(json!({ "disable": { "tenant": QUAYSIDE } })).await;
    // Without connections: their secrets stay.
    order["replace"] = true.into();
    order.as_object_mut().expect("an object").remove("connections");
    let answer = world.manage(json!({ "add": order })).await;
    assert_eq!(answer, json!({ "replaced": QUAYSIDE, "active": false }));
    let after = world.manage(json!({ "show": { "tenant": QUAYSIDE } })).await;
    assert_eq!(after["settings"]["name"], "Quayside Chandlers Ltd");
    assert_eq!(after["connections"], before["connections"]);
}

/// A crash anywhere in adding leaves no half tenant: it cannot press, and the same order again makes it whole.
#[tokio::test(start_paused = true)]
async fn an_order_that_dies_anywhere_can_be_given_again() {
    let world = World::start().await;
    let request = world.request(HARBOUR, ANNA, account());
    let mut polls = 0;
    loop {
        let tenant = format!("t-{polls}");
        let order = json!({ "add": world.newcomer(&tenant) });
        if cut(world.manage(order.clone()), polls).await.is_some() {
            break;
        }
        let listed = world.manage(json!({ "list": {} })).await;
        let listed = listed["tenants"].as_array().expect("a list").iter().find(|it| it["tenant"] == tenant.as_str());
        let is_whole = listed.is_some_and(|it| it["active"] == true);
        if !is_whole {
            assert_eq!(world.ring(&tenant, request).await.code(), "unknown-tenant", "after {polls} polls");
        }
        // Whoever died is not at work any more when the function's time is over.
        world.wait(SignedDuration::from_mins(2));
        let again = world.manage(order).await;
        if is_whole {
            assert_eq!(again["error"]["code"], "exists", "after {polls} polls: {again}");
        } else {
            assert_eq!(again["added"], tenant.as_str(), "after {polls} polls: {again}");
        }
        let shown = world.manage(json!({ "show": { "tenant": tenant } })).await;
        assert_eq!(shown["connections"]["crm"]["organization"], HARBOUR);
        assert_eq!(shown["connections"]["sharepoint"]["sign_in"], "basic");
        polls += 1;
    }
    assert!(polls > 10, "adding has more points than {polls}");
}

/// An order whose secrets are told by whose they are.
fn by(world: &World, who: &str) -> Value {
    let mut order = world.newcomer(QUAYSIDE);
    order["name"] = who.into();
    order["connections"]["crm"]["user"] = who.into();
    order["connections"]["sharepoint"]["sign_in"]["basic"]["user"] = who.into();
    order
}

/// Whose the settings are, and the secrets.
async fn whose(world: &World) -> [Value; 3] {
    let shown = world.manage(json!({ "show": { "tenant": QUAYSIDE } })).await;
    let of = |service: &str| shown["connections"][service]["user"].clone();
    [shown["settings"]["name"].clone(), of("crm"), of("sharepoint")]
}

/// EX-48: two people add the same id at once. One of them does; nothing of the other stays.
#[tokio::test(start_paused = true)]
async fn of_two_who_add_the_same_tenant_one_is_refused_and_leaves_nothing() {
    let mut polls = 0;
    loop {
        let world = World::start().await;
        let mut first = pin!(world.manage(json!({ "add": by(&world, "one") })));
        let done = run_for(first.as_mut(), polls).await;
        let other = world.manage(json!({ "add": by(&world, "other") })).await;
        let is_over = done.is_some();
        let one = match done {
            Some(done) => done,
            None => first.await,
        };
        let added = |answer: &Value| answer["added"] == QUAYSIDE;
        assert!(added(&one) != added(&other), "after {polls} polls: {one}, {other}");
        let refused = if added(&one) { &other } else { &one };
        let code = refused["error"]["code"].as_str();
        assert!(matches!(code, Some("busy" | "exists")), "after {polls} polls: {refused}");
        let winner = if added(&one) { "one" } else { "other" };
        assert_eq!(whose(&world).await, [winner; 3], "after {polls} polls");
        if is_over {
            break;
        }
        polls += 1;
    }
    assert!(polls > 10, "adding has more points than {polls}");
}

/// Secrets go first. If the settings are refused then, it is said which secrets are new.
#[tokio::test(start_paused = true)]
async fn a_replace_that_is_refused_says_which_secrets_it_has_stored() {
    let (mut polls, mut told) = (0, 0);
    loop {
        let world = World::start().await;
        world.manage(json!({ "add": by(&world, "one") })).await;
        let mut order = by(&world, "other");
        order["replace"] = true.into();
        let mut replace = pin!(world.manage(json!({ "add": order })));
        if run_for(replace.as_mut(), polls).await.is_some() {
            break;
        }
        world.manage(json!({ "disable": { "tenant": QUAYSIDE } })).await;
        let answer = replace.await;
        let [name, crm, sharepoint] = whose(&world).await;
        if answer["replaced"] == QUAYSIDE {
            assert_eq!([name, crm, sharepoint], ["other"; 3], "after {polls} polls");
        } else {
            assert_eq!((&answer["error"]["code"], &name), (&json!("changed-meanwhile"), &json!("one")), "{answer}");
            let message = answer["error"]["message"].as_str().unwrap_or_default();
            let says = message.contains("the new secrets for crm and sharepoint are stored");
            assert_eq!((says, says), (crm == "other", sharepoint == "other"), "after {polls} polls: {answer}");
            told += u32::from(says);
        }
        polls += 1;
    }
    assert!(told > 0, "of {polls}");
    let world = World::start().await;
    world.manage(json!({ "add": by(&world, "one") })).await;
    world.instance.host.memory().delete_secret(&World::tenant(QUAYSIDE), "sharepoint");
    let mut order = by(&world, "other");
    order["replace"] = true.into();
    let answer = world.manage(json!({ "add": order })).await;
    assert_eq!(answer["error"]["code"], "marked-for-deletion", "{answer}");
    let message = answer["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("the new secret for crm is stored"), "{answer}");
}

/// P12: what is queued, due, unanswered or pressed makes no call; switched on again, everything goes on.
#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_switched_off_makes_no_call_and_loses_nothing() {
    let world = World::start().await;
    // One site is stopped in the middle, one is queued, one request's bell never rang.
    world.hold(Service::SharePoint, MIDDLE, 30);
    let middle = world.press(HARBOUR, ANNA, account()).await.link();
    world.drain().await;
    let queued = world.press(HARBOUR, ANNA, seed::account(5)).await.link();
    let silent = world.request(HARBOUR, ANNA, seed::account(7));
    let other = world.press(NORTHWIND, r"NORTHWIND\adam.able", account()).await.link();
    let answer = world.manage(json!({ "disable": { "tenant": HARBOUR } })).await;
    assert_eq!(answer, json!({ "tenant": HARBOUR, "active": false, "was_active": true }));
    let steps = world.done(HARBOUR, account());
    assert!(!steps.is_empty());

    // The other tenant's site first: what is counted afterwards is Harbour's.
    world.drain().await;
    assert_eq!(world.status(&other).await["state"], "ready", "the other tenant is not switched off");
    let before = calls(&world);
    for link in [&middle, &queued] {
        assert_eq!(world.status(link).await["state"], "waiting");
    }
    let heard = world.ring(HARBOUR, silent).await;
    assert_eq!((heard.status, heard.code()), (StatusCode::FORBIDDEN, "inactive-tenant"));
    let report = world.manage(json!({ "check": { "tenant": HARBOUR } })).await;
    assert_eq!((&report["ok"], &report["findings"][0]["ok"]), (&json!(false), &json!(false)), "{report}");
    assert!(report["findings"][0]["problem"].as_str().is_some_and(|it| it.contains("switched off")), "{report}");
    // Sweeps every five minutes and a wake every minute, past the minutes that a site waits; Northwind is swept, too.
    world.manage(json!({ "disable": { "tenant": NORTHWIND } })).await;
    world.pass(150).await;
    assert_eq!(calls(&world), before, "a call for a tenant that is switched off");
    assert_eq!(world.done(HARBOUR, account()), steps);

    let answer = world.manage(json!({ "enable": { "tenant": HARBOUR } })).await;
    assert_eq!(answer, json!({ "tenant": HARBOUR, "active": true, "was_active": false }));
    world.pass(6).await;
    for link in [&middle, &queued] {
        assert_eq!(world.status(link).await["state"], "ready");
    }
    assert_eq!(world.answered(HARBOUR, silent).status, 3, "the sweep took up what was never rung");
    assert!(world.done(HARBOUR, account()).starts_with(&steps), "it went on where it stopped");
    assert_eq!(world.sites(HARBOUR).len(), 3);
}

/// A press that has waited for more than a week is told so, and what was taken before is done.
#[tokio::test(start_paused = true)]
async fn after_a_week_switched_off_no_press_is_left_without_a_word() {
    let world = World::start().await;
    let taken = world.press(HARBOUR, ANNA, account()).await.link();
    world.manage(json!({ "disable": { "tenant": HARBOUR } })).await;
    let old = world.request(HARBOUR, ANNA, seed::account(5));
    world.wait(SignedDuration::from_hours(24));
    let young = world.request(HARBOUR, ANNA, seed::account(7));
    world.wait(SignedDuration::from_hours(6 * 24 + 1));
    world.drain().await;
    world.manage(json!({ "enable": { "tenant": HARBOUR } })).await;
    world.pass(10).await;
    let told = world.answered(HARBOUR, old);
    assert_eq!((told.status, told.reason.contains("more than 7 days old")), (4, true), "{told:?}");
    assert_eq!(world.answered(HARBOUR, young).status, 3);
    assert_eq!(world.status(&taken).await["state"], "ready");
}

/// Twice is once, and nobody is switched by mistake.
#[tokio::test]
async fn switching_says_how_it_was_before() {
    let world = World::start().await;
    for (order, active, was_active) in
        [("disable", false, true), ("disable", false, false), ("enable", true, false), ("enable", true, true)]
    {
        let answer = world.manage(json!({ order: { "tenant": HARBOUR } })).await;
        assert_eq!(answer, json!({ "tenant": HARBOUR, "active": active, "was_active": was_active }));
    }
    for order in ["disable", "enable", "check", "show"] {
        let answer = world.manage(json!({ order: { "tenant": "nobody" } })).await;
        assert_eq!(answer["error"]["code"], "unknown-tenant", "{order}");
        assert_eq!(answer["error"]["record"], "nobody", "{order}");
    }
}

/// ST-40: new passwords in the middle of a site. The services take only those; the site is finished, the other tenant
/// is not touched.
#[tokio::test(start_paused = true)]
async fn passwords_that_are_rotated_in_the_middle_of_a_site_are_picked_up() {
    let world = World::start().await;
    world.hold(Service::SharePoint, MIDDLE, 30);
    let link = world.press(HARBOUR, ANNA, account()).await.link();
    world.drain().await;
    {
        let mut state = world.instance.sandbox.world();
        state.crm.organisation_mut(HARBOUR).expect("seeded").set_password(seed::user(1), "canary-new-crm");
        state.crm.expire_tickets();
        assert!(state.sharepoint.set_password(&Credentials::of(HARBOUR).login, "canary-new-sp"));
    }
    for (service, password) in [("crm", "canary-new-crm"), ("sharepoint", "canary-new-sp")] {
        let order = json!({ "tenant": HARBOUR, "service": service, "password": password });
        let answer = world.manage(json!({ "rotate": order })).await;
        assert_eq!(answer, json!({ "rotated": HARBOUR, "service": service }));
    }
    let northwind = world.manage(json!({ "check": { "tenant": NORTHWIND } })).await;
    assert_eq!(northwind["ok"], true, "{northwind}");
    world.pass(10).await;
    assert_eq!(world.status(&link).await["state"], "ready");
    let report = world.manage(json!({ "check": { "tenant": HARBOUR } })).await;
    assert_eq!(report["ok"], true, "{report}");
}

/// A secret that somebody marked for deletion is told as that, and can be given again once it is restored.
#[tokio::test(start_paused = true)]
async fn a_secret_that_is_gone_is_told_by_name_and_comes_back() {
    let world = World::start().await;
    let (tenant, memory) = (World::tenant(HARBOUR), world.instance.host.memory());
    memory.delete_secret(&tenant, "crm");
    let connection = world.instance.crm_secret(&tenant);
    let order = json!({ "rotate": { "tenant": HARBOUR, "service": "crm", "connection": connection } });
    let answer = world.manage(order.clone()).await;
    assert_eq!(answer["error"]["code"], "marked-for-deletion", "{answer}");
    let password = json!({ "rotate": { "tenant": HARBOUR, "service": "crm", "password": "x" } });
    assert_eq!(world.manage(password).await["error"]["code"], "not-readable", "there is nothing to put it into");
    world.wait(SignedDuration::from_mins(6));
    let heard = world.press(HARBOUR, ANNA, account()).await;
    assert!(heard.status.is_server_error(), "{heard:?}");
    memory.restore_secret(&tenant, "crm");
    assert_eq!(world.manage(order).await["rotated"], HARBOUR);
    let heard = world.press(HARBOUR, ANNA, account()).await;
    assert_eq!(heard.status, StatusCode::ACCEPTED, "{heard:?}");
    world.drain().await;
    assert_eq!(world.status(&heard.link()).await["state"], "ready");
}
