//! What the queues of sends do beside sending: parked messages, messages that are given back, rows that are woken.

use http::{Method, StatusCode};
use platform::{Key, NewRow, Timestamp};
use serde_json::{Value, json};

use crate::{
    operate::operate,
    stage::{asked, on_the_cloud, sample, tenant, until, until_quiet},
};

const QUEUES: [&str; 2] = ["send-stage", "send-dispatch"];
/// Nobody else's, and each one test's: what is parked there is its own.
const TENANT: &str = "ghost";
const SLEEPER: &str = "sleeper";

/// P4: what can never succeed is kept for a person, also where it is too long for a row, and can be given back.
#[test]
fn a_message_of_a_send_that_is_none_is_parked_and_can_be_given_back() {
    on_the_cloud(async |cloud| {
        for queue in QUEUES {
            let message = json!({ "padding": "x".repeat(500_000) });
            let body = json!({ "tenant": TENANT, "message": message }).to_string();
            cloud.account.send_message(queue, &body).await.expect("it is sent");
            let issue = until("the message to be parked", async || {
                let (_, page) = operate(cloud, Method::GET, &format!("/v1/issues?tenant={TENANT}")).await;
                let issues = page["issues"].as_array().cloned().unwrap_or_default();
                issues.into_iter().find(|issue| issue["queue"] == queue)
            })
            .await;
            assert!(asked(cloud, queue, "PutObject", "issues/"));
            let path = format!("/v1/issues/{TENANT}/{}/return", issue["id"].as_str().expect("an id"));
            let (status, given_back) = operate(cloud, Method::POST, &path).await;
            assert_eq!(status, StatusCode::OK, "{given_back}");
            assert!(asked(cloud, "issues", "SendMessage", queue));
            until_quiet(cloud, queue).await;
        }
    });
}

/// Rule 11: a send that waits is a row that is due, and `wake` queues it.
#[test]
fn sends_that_wait_are_woken() {
    on_the_cloud(async |cloud| {
        for queue in QUEUES {
            let key = Key::new(&tenant(SLEEPER), format!("WAITS#{queue}"));
            let wake = json!({ "queue": queue, "message": { "send": "0f1e2d3c-4b5a-4678-9a0b-1c2d3e4f5062" } });
            let row = json!({ "wake": wake });
            let due = NewRow::new(key.clone(), &row).due_at(Some(Timestamp::UNIX_EPOCH));
            cloud.platform.ledger.insert(due).await.expect("the table takes rows");
            let woken = cloud.account.invoke("wake", &sample("wake/timer.json")).await.expect("it is called");
            assert_eq!(woken, Ok(Value::Null));
            assert!(asked(cloud, "wake", "SendMessage", queue));
            until_quiet(cloud, queue).await;
            let row = cloud.platform.ledger.get::<Value>(&key).await.expect("it answers").expect("it is there");
            cloud.platform.ledger.delete(&key, row.version).await.expect("nobody else writes");
        }
    });
}
