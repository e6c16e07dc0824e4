//! Work that does not go straight: parked, put off, taken over, never rung for.

use http::StatusCode;
use localhost::Cloud;
use platform::{Key, NewRow, Row, Timestamp, UNATTRIBUTED};
use sandbox::{Fault, Service, Switch, Times};
use serde_json::{Value, json};

use crate::stage::{
    NORTHWIND, account, asked, on_the_cloud, press, request, ring, sample, site_key, tenant, until, until_quiet,
    until_site_is,
};

const QUEUE: &str = "build-site";

/// P4: a message that can never succeed is kept for a person and blocks nothing.
#[test]
fn a_message_that_is_none_is_parked_and_gone_from_the_queue() {
    on_the_cloud(async |cloud| {
        cloud.account.send_message(QUEUE, "not a message of ours").await.expect("it is sent");
        let parked = until("the message to be parked", async || {
            let page = cloud.platform.ledger.list::<Value>(&tenant(UNATTRIBUTED), "ISSUE#", None, 10).await;
            page.expect("the table answers").items.pop()
        })
        .await;
        assert_eq!(parked.value["body"], json!({ "text": "not a message of ours" }));
        until_quiet(cloud, QUEUE).await;
        assert!(asked(cloud, QUEUE, "PutItem", "Ledger"));
    });
}

/// P4: also one that is too long for a row. Nothing of it is lost.
#[test]
fn a_parked_message_that_is_too_long_for_a_row_is_kept_in_the_bucket() {
    on_the_cloud(async |cloud| {
        let body = json!({ "tenant": NORTHWIND, "message": { "padding": "x".repeat(500_000) } }).to_string();
        cloud.account.send_message(QUEUE, &body).await.expect("it is sent");
        let parked = until("the message to be parked", async || {
            let page = cloud.platform.ledger.list::<Value>(&tenant(NORTHWIND), "ISSUE#", None, 10).await;
            let issues = page.expect("the table answers").items;
            issues.into_iter().find(|issue| issue.value["body"]["object"].is_string())
        })
        .await;
        let name = parked.value["body"]["object"].as_str().expect("it is in the bucket").to_owned();
        let kept = cloud.platform.staging.get(&tenant(NORTHWIND), &name).await.expect("the bucket answers");
        assert_eq!(kept.as_deref(), Some(body.as_bytes()));
        assert!(asked(cloud, QUEUE, "PutObject", &name));
    });
}

/// P1, P6: another system says "later"; the row waits, and `wake` queues it when it is due.
#[test]
fn a_site_that_was_put_off_is_woken_and_made() {
    on_the_cloud(async |cloud| {
        let record = account(cloud, NORTHWIND, "Smørrebrød & Brød ApS");
        let fault = Fault::Throttle { status: 503, retry_after: Some(120) };
        let busy = Switch { service: Service::SharePoint, operation: None, fault, times: Times::UntilCleared };
        cloud.sandbox.world().faults.set(busy);
        press(cloud, NORTHWIND, r"NORTHWIND\chen.wei", record).await;
        let mut row = until_site_is(cloud, NORTHWIND, record, "waiting").await;
        cloud.sandbox.world().faults.clear();
        until_quiet(cloud, QUEUE).await;
        // Two minutes later, without waiting for them: the functions go by the machine's clock.
        row.value["state"]["until"] = json!(Timestamp::UNIX_EPOCH);
        let due = NewRow::new(site_key(NORTHWIND, record), &row.value).due_at(Some(Timestamp::UNIX_EPOCH));
        cloud
            .platform
            .ledger
            .replace(&site_key(NORTHWIND, record), row.version, due)
            .await
            .expect("nobody else writes");
        // Nor is SharePoint called before the time that it named, by any function.
        let budget = Key::new(&tenant(NORTHWIND), "BUDGET#sharepoint");
        let told: Row<Value> = cloud.platform.ledger.get(&budget).await.expect("it answers").expect("it is noted");
        cloud.platform.ledger.delete(&budget, told.version).await.expect("nobody else writes");
        let woken = cloud.account.invoke("wake", &sample("wake/timer.json")).await.expect("it is called");
        assert_eq!(woken, Ok(Value::Null));
        until_site_is(cloud, NORTHWIND, record, "ready").await;
        assert!(asked(cloud, "wake", "Query", "/index/due"));
        assert!(asked(cloud, "wake", "SendMessage", QUEUE));
    });
}

/// T4: a delivery whose lease another took stops, and its message comes back after a second, not after the half hour
/// that the queue hides a message.
#[test]
fn a_delivery_that_lost_its_lease_is_repeated_soon() {
    on_the_cloud(async |cloud| {
        let record = account(cloud, NORTHWIND, "Trey Research");
        let lease = Key::new(&tenant(NORTHWIND), format!("LEASE#SITE#account#{record}"));
        cloud.recorder.forget();
        press(cloud, NORTHWIND, r"NORTHWIND\dora.szabo", record).await;
        let mut row = until("the lease to be taken", async || {
            cloud.platform.ledger.get::<Value>(&lease).await.expect("the table answers")
        })
        .await;
        // As somebody who took it and gave it back.
        row.value["fence"] = json!(row.value["fence"].as_u64().unwrap_or_default() + 1);
        row.value["until"] = json!(Timestamp::UNIX_EPOCH);
        let taken = NewRow::new(lease.clone(), &row.value);
        cloud.platform.ledger.replace(&lease, row.version, taken).await.expect("the delivery is still at work");
        until_site_is(cloud, NORTHWIND, record, "ready").await;
        until_quiet(cloud, QUEUE).await;
        assert!(asked(cloud, QUEUE, "ChangeMessageVisibility", QUEUE));
    });
}

/// ST-12: a press whose bell never rang is found by the timer.
#[test]
fn a_press_whose_bell_never_rang_is_taken_up_by_the_sweep() {
    on_the_cloud(async |cloud| {
        let record = account(cloud, NORTHWIND, "北風貿易株式会社");
        request(cloud, NORTHWIND, r"NORTHWIND\chen.wei", record);
        let swept = cloud.account.invoke("request-sweep", &sample("request-sweep/timer.json")).await;
        assert_eq!(swept.expect("it is called"), Ok(Value::Null));
        until_site_is(cloud, NORTHWIND, record, "ready").await;
        assert!(asked(cloud, "request-sweep", "Query", "Ledger"));
        assert!(asked(cloud, "request-sweep", "SendMessage", QUEUE));
    });
}

/// ST-40: a tenant without its secret is refused as such, and nothing of it is called.
#[test]
fn a_press_for_a_tenant_without_a_secret_is_refused() {
    on_the_cloud(async |cloud| {
        add_tenant(cloud, "absent").await;
        cloud.account.delete_secret(&tenant("absent"), "crm").await.expect("it is deleted");
        let pressed = request(cloud, NORTHWIND, r"NORTHWIND\adam.able", account(cloud, NORTHWIND, "Wingtip Toys"));
        let (status, answer) = ring(cloud, "absent", pressed).await;
        assert_eq!((status, &answer["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("later")), "{answer}");
        assert!(asked(cloud, "request-site", "GetSecretValue", "tieline/test/absent/crm"));
    });
}

/// P12: no outbound call for a tenant that is switched off.
#[test]
fn a_press_for_a_tenant_that_is_switched_off_asks_for_no_secret() {
    on_the_cloud(async |cloud| {
        add_tenant(cloud, "dormant").await;
        let disabled = cloud.account.invoke("manage-tenant", &json!({ "disable": { "tenant": "dormant" } })).await;
        assert!(disabled.expect("it is called").is_ok_and(|answer| answer["error"].is_null()));
        let pressed = request(cloud, NORTHWIND, r"NORTHWIND\adam.able", account(cloud, NORTHWIND, "Wingtip Toys"));
        let (status, answer) = ring(cloud, "dormant", pressed).await;
        assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("inactive-tenant")), "{answer}");
        assert!(!asked(cloud, "request-site", "GetSecretValue", "tieline/test/dormant/"));
    });
}

async fn add_tenant(cloud: &Cloud, id: &str) {
    let mut order = cloud.order(&tenant(NORTHWIND), id);
    order["add"]["tenant"] = json!(id);
    let added = cloud.account.invoke("manage-tenant", &order).await.expect("it is called");
    assert!(added.as_ref().is_ok_and(|answer| answer["added"] == id), "{added:?}");
}
