//! Messages and rows of another version of the code: handled, or parked with a cause, never lost.

use domain::CrmId;
use e2e::{HARBOUR, World};
use sandbox::crm::seed;
use serde_json::{Value, json};
use tenants::{Budgets, Settings, Timeouts};

use crate::ANNA;

fn account() -> CrmId {
    seed::account(1)
}

/// A pressed world, without the message that the press has queued.
async fn pressed() -> (World, String) {
    let world = World::start().await;
    let link = world.press(HARBOUR, ANNA, account()).await.link();
    let memory = world.instance.host.memory();
    for message in memory.receive("build-site", 10) {
        memory.delete_message("build-site", &message.receipt);
    }
    (world, link)
}

fn parked(world: &World, tenant: &str) -> Vec<Value> {
    let rows = world.instance.host.memory().rows(&World::tenant(tenant), "ISSUE#");
    rows.into_iter().map(|row| row.value).collect()
}

/// During a deployment both versions are at work, and after a rollback messages of the newer one are left.
#[tokio::test(start_paused = true)]
async fn a_message_of_a_newer_version_builds_the_site() {
    let newer = [
        json!({ "tenant": HARBOUR, "message": { "record": format!("account:{}", account()), "priority": 3 } }),
        json!({ "tenant": HARBOUR, "message": { "record": format!("account:{}", account()) }, "trace": "1-5f" }),
        json!({ "tenant": HARBOUR, "message": { "record": format!("account:{}", account()) }, "version": 2 }),
    ];
    for message in newer {
        let (world, link) = pressed().await;
        let record = world.site(HARBOUR, account()).expect("a claim").record;
        let mut message = message;
        message["message"]["record"] = json!(record);
        world.instance.host.memory().send_text("build-site", &message.to_string(), None).expect("a queue");
        world.drain().await;
        assert_eq!(world.status(&link).await["state"], "ready", "{message}");
        assert!(parked(&world, HARBOUR).is_empty());
    }
}

/// What cannot be understood is kept with the reason, under its tenant where it names one; and the site is not lost with
/// it, because the row falls due.
#[tokio::test(start_paused = true)]
async fn a_message_that_cannot_be_read_is_parked_with_a_cause_and_the_site_is_built_all_the_same() {
    let older = [
        (HARBOUR, json!({ "tenant": HARBOUR, "message": { "account": account() } })),
        (HARBOUR, json!({ "tenant": HARBOUR, "message": { "record": account() } })),
        (HARBOUR, json!({ "tenant": HARBOUR, "message": { "record": { "kind": "campaign", "id": account() } } })),
        (HARBOUR, json!({ "tenant": HARBOUR, "message": null })),
        ("unattributed", json!({ "tenant": HARBOUR })),
        ("unattributed", json!({ "message": { "record": { "kind": "account", "id": account() } } })),
        ("unattributed", json!({ "record": { "kind": "account", "id": account() } })),
        ("unattributed", json!([])),
    ];
    for (whose, message) in older {
        let (world, link) = pressed().await;
        world.instance.host.memory().send_text("build-site", &message.to_string(), None).expect("a queue");
        world.drain().await;
        let parked = parked(&world, whose);
        assert_eq!(parked.len(), 1, "{message}");
        assert_eq!(parked[0]["queue"], "build-site");
        assert!(parked[0]["cause"].as_str().is_some_and(|cause| !cause.is_empty()), "{parked:?}");
        assert_eq!(parked[0]["body"]["text"], message.to_string(), "it is kept as it came");
        world.pass(10).await;
        assert_eq!(world.status(&link).await["state"], "ready", "{message}");
    }
}

/// A row that an older version wrote lacks what came later.
#[tokio::test(start_paused = true)]
async fn rows_of_an_older_version_are_read_with_defaults_and_those_of_a_newer_one_without_what_is_not_known() {
    let row = json!({
        "name": "Harbour Logistics",
        "active": true,
        "origins": ["https://crm.harbour.example"],
        "hosts": { "crm": ["harbour.example"], "sharepoint": ["harbour.example"], "mail": ["harbour.example"] },
        "crm_web": "https://crm.harbour.example/harbour/",
        "logins": "login",
        "colour": "blue",
    });
    let settings: Settings = serde_json::from_value(row).expect("a row without what came later");
    let later = (settings.directory, settings.budgets, settings.timeouts);
    assert_eq!(later, (None, Budgets::default(), Timeouts::default()));

    let (world, _) = pressed().await;
    let site = world.site(HARBOUR, account()).expect("a claim");
    let mut row = json!(site);
    for later in ["told", "refused_sign_ins"] {
        row.as_object_mut().expect("an object").remove(later).expect("it is written today");
    }
    row["facts"].as_object_mut().expect("an object").remove("members");
    row["colour"] = "blue".into();
    let read: provisioning::site::Site = serde_json::from_value(row).expect("a row without what came later");
    assert_eq!(read, site);
}
