//! What the partner does with the deployed system: tenants, and messages that need a person.

use http::{HeaderValue, Method, StatusCode, header};
use localhost::Cloud;
use serde_json::{Value, json};
use transport::{AddressRule, Back, Call, Limits, Sockets, Trust};
use url::Url;

use crate::stage::{NORTHWIND, account, asked, on_the_cloud, request, sample, tenant, until, until_site_is};

const OPERATOR: &str = "olga.brandt@partner.example";
const QUEUE: &str = "build-site";
const DEAD_LETTERS: &str = "build-site-dead-letters";

/// P4: a dead message is an issue with a cause, and given back it does what it was sent for.
#[test]
fn a_dead_message_is_listed_and_completes_when_it_is_given_back() {
    on_the_cloud(async |cloud| {
        let record = account(cloud, NORTHWIND, "قافلة الشمال");
        request(cloud, NORTHWIND, r"NORTHWIND\dora.szabo", record);
        let body = json!({ "tenant": NORTHWIND, "message": { "record": { "kind": "account", "id": record } } });
        cloud.account.send_message(DEAD_LETTERS, &body.to_string()).await.expect("it is sent");
        let issue = until("the dead message to be listed", async || {
            let (_, page) = operate(cloud, Method::GET, &format!("/v1/issues?tenant={NORTHWIND}")).await;
            let issues = page["issues"].as_array().cloned().unwrap_or_default();
            issues.into_iter().find(|issue| issue["kind"] == "dead")
        })
        .await;
        assert_eq!(issue["queue"], QUEUE, "{issue}");
        assert!(issue["cause"].as_str().is_some_and(|cause| cause.starts_with("stopped at every delivery")), "{issue}");
        // Its site was never claimed, so the press has to be taken first, as the sweep does.
        let swept = cloud.account.invoke("request-sweep", &sample("request-sweep/timer.json")).await;
        assert_eq!(swept.expect("it is called"), Ok(Value::Null));
        let path = format!("/v1/issues/{NORTHWIND}/{}", issue["id"].as_str().expect("an id"));
        let (status, given_back) = operate(cloud, Method::POST, &format!("{path}/return")).await;
        assert_eq!(status, StatusCode::OK, "{given_back}");
        until_site_is(cloud, NORTHWIND, record, "ready").await;
        assert!(asked(cloud, "note-dead", "PutItem", "Ledger"));
        assert!(asked(cloud, "note-dead", "Query", "Ledger"));
        assert!(asked(cloud, "issues", "SendMessage", QUEUE));
    });
}

/// P4: also one that is too long for a row, parked or dead.
#[test]
fn an_issue_that_is_too_long_for_a_row_is_shown_from_the_bucket() {
    on_the_cloud(async |cloud| {
        let padding = "y".repeat(500_000);
        let body = json!({ "tenant": "harbour", "message": { "padding": padding } }).to_string();
        cloud.account.send_message(DEAD_LETTERS, &body).await.expect("it is sent");
        let issue = until("the dead message to be listed", async || {
            let (_, page) = operate(cloud, Method::GET, "/v1/issues?tenant=harbour").await;
            page["issues"].as_array().and_then(|issues| issues.first().cloned())
        })
        .await;
        let path = format!("/v1/issues/harbour/{}", issue["id"].as_str().expect("an id"));
        let (status, shown) = operate(cloud, Method::GET, &path).await;
        assert_eq!(status, StatusCode::OK);
        assert!(shown.to_string().len() < 20_000, "an answer has room for 6 MB, and people for less");
        assert!(asked(cloud, "note-dead", "PutObject", "issues/"));
        // Given back it is no message of ours either: parked again, and not dismissed by itself.
        let (status, given_back) = operate(cloud, Method::POST, &format!("{path}/return")).await;
        assert_eq!(status, StatusCode::OK, "{given_back}");
        assert!(asked(cloud, "issues", "GetObject", "issues/"));
    });
}

/// A14: without a token nobody operates, and nothing is looked up.
#[test]
fn nobody_operates_without_a_token() {
    on_the_cloud(async |cloud| {
        let (status, answer) = send(cloud, Method::GET, "/v1/issues", None).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer}");
    });
}

/// ST-40, EX-48: a tenant is checked, gets another password, is switched off and on, without a deployment.
#[test]
fn a_tenant_is_checked_and_its_password_changed_without_a_deployment() {
    on_the_cloud(async |cloud| {
        let manage = async |order: Value| {
            let answer = cloud.account.invoke("manage-tenant", &order).await.expect("it is called");
            answer.unwrap_or_else(|error| panic!("{order}: {error}"))
        };
        let checked = manage(json!({ "check": { "tenant": NORTHWIND } })).await;
        assert_eq!(checked["error"], Value::Null, "{checked}");
        assert!(!checked.to_string().contains(r#""ok":false"#), "{checked}");
        let [(service, secret), _] = cloud.secrets(&tenant(NORTHWIND));
        let rotated =
            manage(json!({ "rotate": { "tenant": NORTHWIND, "service": service, "connection": secret } })).await;
        assert_eq!(rotated["error"], Value::Null, "{rotated}");
        let listed = manage(json!({ "list": {} })).await;
        assert!(listed.to_string().contains(NORTHWIND), "{listed}");
        assert!(asked(cloud, "manage-tenant", "PutSecretValue", "tieline/test/northwind/crm"));
    });
}

/// A request of the HTTP API with the partner's token.
pub(crate) async fn operate(cloud: &Cloud, method: Method, path: &str) -> (StatusCode, Value) {
    let now = cloud.sandbox.now();
    let token = cloud.sandbox.world().identity.token_for(OPERATOR, now).expect("a seeded operator");
    send(cloud, method, path, Some(&token)).await
}

async fn send(cloud: &Cloud, method: Method, path: &str, token: Option<&str>) -> (StatusCode, Value) {
    let sockets = Sockets::new(Limits::default(), Trust::Only(Vec::new()), AddressRule::LoopbackToo);
    let url = Url::parse(&format!("{}{path}", cloud.addresses.engine)).expect("an address");
    let mut call = if method == Method::GET { Call::get(url, "operate") } else { Call::post(url, "operate", "") };
    if let Some(token) = token {
        let bearer = HeaderValue::from_str(&format!("Bearer {token}")).expect("a token is ASCII");
        call = call.header(header::AUTHORIZATION, bearer);
    }
    let answer = sockets.expect("sockets can be made").send(&call).await.expect("the API answers");
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
}
