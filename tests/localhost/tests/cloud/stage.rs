//! One deployment for all tests here, one test at a time: what is counted is then one flow's.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use domain::CrmId;
use http::{HeaderValue, StatusCode, header};
use localhost::{AwsCall, Cloud};
use platform::{Key, Row, TenantId};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use transport::{AddressRule, Back, Call, Limits, Sockets, Trust};
use url::Url;

/// Whose sites are made here. The other tenant is the chapter's, which counts its sites.
pub(crate) const NORTHWIND: &str = "northwind";

/// Far longer than anything here takes; a test must end.
const PATIENCE: Duration = Duration::from_mins(2);

struct Stage {
    runtime: Runtime,
    cloud: Cloud,
}

/// Runs a test on the deployment. Without one: a visible line, and under `CI=true` a failure.
pub(crate) fn on_the_cloud<T>(test: impl AsyncFnOnce(&Cloud) -> T) {
    static TURN: Mutex<()> = Mutex::new(());
    static STAGE: OnceLock<Option<Stage>> = OnceLock::new();
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(stage) = STAGE.get_or_init(deploy) {
        stage.runtime.block_on(test(&stage.cloud));
    }
}

// Outside a test function, but for its output.
#[allow(clippy::print_stdout)]
fn deploy() -> Option<Stage> {
    let root = root();
    if let Some(missing) = Cloud::missing(&root) {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "needed here: {missing}");
        println!("skipped: {missing}");
        return None;
    }
    let runtime = Runtime::new().expect("threads can be started");
    let calls = root.join(".tools/aws-calls.jsonl");
    let cloud = runtime.block_on(Cloud::deploy(&root, Some(&calls), None)).expect("the template deploys");
    Some(Stage { runtime, cloud })
}

pub(crate) fn root() -> PathBuf {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find(|folder| folder.join("template.yaml").exists());
    found.expect("the template is at the checkout's root").to_owned()
}

pub(crate) fn tenant(id: &str) -> TenantId {
    id.parse().expect("a tenant id")
}

/// The id of an account by its name.
pub(crate) fn account(cloud: &Cloud, tenant: &str, name: &str) -> CrmId {
    let world = cloud.sandbox.world();
    let organisation = world.crm.organisation(tenant).expect("a seeded organization");
    let found = organisation.records("account").find(|(id, _)| organisation.name_of("account", *id) == Some(name));
    found.map_or_else(|| panic!("{tenant} has no account {name:?}"), |(id, _)| id)
}

/// What the button does in CRM: a request record.
pub(crate) fn request(cloud: &Cloud, tenant: &str, login: &str, account: CrmId) -> CrmId {
    let now = cloud.sandbox.now();
    let made = cloud.sandbox.world().crm.press(tenant, login, account, now);
    made.unwrap_or_else(|refusal| panic!("CRM refuses the press: {refusal:?}"))
}

/// What the button's script does then: the doorbell, at the deployed API.
pub(crate) async fn ring(cloud: &Cloud, tenant: &str, request: CrmId) -> (StatusCode, Value) {
    let sockets = Sockets::new(Limits::default(), Trust::Only(Vec::new()), AddressRule::LoopbackToo);
    let url = Url::parse(&format!("{}/v1/presses", cloud.addresses.engine)).expect("an address");
    let call = Call::post(url, "ring", json!({ "tenant": tenant, "request": request }).to_string())
        .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(header::ORIGIN, HeaderValue::from_str(&cloud.addresses.crm).expect("an origin"));
    let answer = sockets.expect("sockets can be made").send(&call).await.expect("the API answers");
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
}

/// Presses and rings as that person.
pub(crate) async fn press(cloud: &Cloud, tenant: &str, login: &str, account: CrmId) {
    let (status, answer) = ring(cloud, tenant, request(cloud, tenant, login, account)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
}

pub(crate) fn site_key(of: &str, account: CrmId) -> Key {
    Key::new(&tenant(of), format!("SITE#account#{account}"))
}

/// The row of an account's site, as it is in the table.
async fn site(cloud: &Cloud, tenant: &str, account: CrmId) -> Option<Row<Value>> {
    cloud.platform.ledger.get(&site_key(tenant, account)).await.expect("the table answers")
}

/// Waits until an account's site is in a state.
pub(crate) async fn until_site_is(cloud: &Cloud, tenant: &str, account: CrmId, state: &str) -> Row<Value> {
    until(&format!("the site to be {state}"), async || {
        site(cloud, tenant, account).await.filter(|row| row.value["state"]["is"] == state)
    })
    .await
}

/// Asks again and again: what the emulator does, it does on its own time.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited {} s in vain for {what}", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until a queue holds nothing: every message was acknowledged.
pub(crate) async fn until_quiet(cloud: &Cloud, queue: &str) {
    until(&format!("queue {queue} to be empty"), async || {
        (cloud.account.messages(queue).await.expect("the queue is there") == 0).then_some(())
    })
    .await;
}

/// The calls of one function, as counted lines: `2 dynamodb GetItem`.
pub(crate) fn counted(calls: &[AwsCall], function: &str) -> String {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for call in calls.iter().filter(|call| call.function == function) {
        let parts = if call.parts.is_empty() { String::new() } else { format!(" ({})", call.parts.join(", ")) };
        *counts.entry(format!("{} {}{parts}", call.service, call.operation)).or_default() += 1;
    }
    let lines: Vec<String> = counts.into_iter().map(|(call, count)| format!("{count} {call}")).collect();
    lines.join("\n")
}

/// Whether a function asked for this since the calls were last forgotten.
pub(crate) fn asked(cloud: &Cloud, function: &str, operation: &str, resource: &str) -> bool {
    let is_it =
        |call: &AwsCall| call.function == function && call.operation == operation && call.resource.contains(resource);
    cloud.recorder.calls().iter().any(is_it)
}

/// A sample event of `tests/events`.
pub(crate) fn sample(path: &str) -> Value {
    let text = std::fs::read_to_string(root().join("tests/events").join(path)).expect("the event is there");
    serde_json::from_str(&text).expect("the event is JSON")
}
