//! A second judge of every access to the ledger: DynamoDB's strictest double answers as the memory does.
//!
//! The flows run on the memory back. Here each access also goes through the aws back to a DynamoDB that keeps the rules
//! of the real one (dynoxide), and both have to give the same answer: what the flows ask is what DynamoDB takes.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use domain::{TenantId, Timestamp};
use e2e::{HARBOUR, World};
use futures_util::future::join_all;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use localhost::Host;
use platform::{
    Due, Key, Page, Table, TableError, UNATTRIBUTED,
    aws::{self, Emulator, Settings},
    memory::Memory,
    table::raw::{Item, RawTable, RawWrite},
};
use sandbox::{Fault, Service, crm::seed};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use transport::{AddressRule, Back, Call, Limits, Sockets, Trust};

use crate::ANNA;

/// A ledger in memory whose answers a DynamoDB has to confirm.
struct Judged {
    memory: Memory,
    judge: Arc<dyn RawTable>,
    heard: Arc<AtomicU32>,
    /// Both answer one access before either hears the next.
    turn: Mutex<()>,
}

impl Judged {
    fn same<T: PartialEq + std::fmt::Debug>(
        &self,
        asked: &str,
        judge: &Result<T, TableError>,
        memory: Result<T, TableError>,
    ) -> Result<T, TableError> {
        self.heard.fetch_add(1, Ordering::Relaxed);
        match (judge, &memory) {
            (Ok(judge), Ok(memory)) => assert_eq!(judge, memory, "{asked}"),
            (Err(TableError::Conflict { write: judge, .. }), Err(TableError::Conflict { write: memory, .. })) => {
                assert_eq!(judge, memory, "{asked}: another write is in conflict");
            }
            _ => panic!("{asked}: DynamoDB says {judge:?}, the memory {memory:?}"),
        }
        memory
    }
}

#[async_trait]
impl RawTable for Judged {
    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        let _turn = self.turn.lock().await;
        let (judge, memory) = (self.judge.get(key).await, self.memory.get(key).await);
        self.same(&format!("get {key}"), &judge, memory)
    }

    async fn write(&self, write: RawWrite) -> Result<(), TableError> {
        let _turn = self.turn.lock().await;
        let asked = format!("write {}", write.key());
        let (judge, memory) = (self.judge.write(write.clone()).await, self.memory.write(write).await);
        self.same(&asked, &judge, memory)
    }

    async fn transact(&self, writes: Vec<RawWrite>) -> Result<(), TableError> {
        let _turn = self.turn.lock().await;
        let asked = format!("transact {}", writes.iter().map(|it| it.key().to_string()).collect::<Vec<_>>().join(", "));
        let (judge, memory) = (self.judge.transact(writes.clone()).await, self.memory.transact(writes).await);
        self.same(&asked, &judge, memory)
    }

    async fn query(
        &self,
        tenant: &TenantId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Item>, TableError> {
        let _turn = self.turn.lock().await;
        let judge = self.judge.query(tenant, prefix, after, limit).await;
        let memory = self.memory.query(tenant, prefix, after, limit).await;
        self.same(&format!("query {tenant} {prefix}"), &judge, memory)
    }

    async fn query_due(&self, shard: u8, until: Timestamp, limit: usize) -> Result<Vec<Due>, TableError> {
        let _turn = self.turn.lock().await;
        let judge = self.judge.query_due(shard, until, limit).await;
        let memory = self.memory.query_due(shard, until, limit).await;
        self.same(&format!("due {shard}"), &judge, memory)
    }
}

/// A strict DynamoDB with the template's table, in this process.
async fn dynamodb() -> Arc<dyn RawTable> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
    let database = dynoxide::Database::memory().expect("there is memory");
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    // As CloudFormation reads it: the attribute type `N` is no boolean.
    let options = serde_saphyr::options! { strict_booleans: true };
    let template: Value =
        serde_saphyr::from_str_with_options(include_str!("../../../../template.yaml"), options).expect("YAML");
    let ledger = &template["Resources"]["Ledger"]["Properties"];
    let mut order = json!({ "TableName": "ledger" });
    for name in ["BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes"] {
        order[name] = ledger[name].clone();
    }
    let scope = "AWS4-HMAC-SHA256 Credential=judge/20260101/eu-central-1/dynamodb/aws4_request, \
                 SignedHeaders=host;x-amz-date;x-amz-target, Signature=0";
    let header = |call: Call, name, value| call.header(HeaderName::from_static(name), HeaderValue::from_static(value));
    let mut call = Call::post(endpoint.parse().expect("an address"), "CreateTable", order.to_string());
    call = header(call, "content-type", "application/x-amz-json-1.0");
    call = header(call, "x-amz-target", "DynamoDB_20120810.CreateTable");
    call = header(call, "x-amz-date", "20260101T000000Z");
    call = header(call, "authorization", scope);
    let sockets = Sockets::new(Limits::default(), Trust::Only(Vec::new()), AddressRule::LoopbackToo);
    let made = sockets.expect("sockets can be made").send(&call).await.expect("DynamoDB answers");
    assert_eq!(made.status, StatusCode::OK, "{}", String::from_utf8_lossy(&made.body));
    let settings = Settings {
        region: "eu-central-1".to_owned(),
        ledger: "ledger".to_owned(),
        staging: "none".to_owned(),
        queues: [].into(),
        stage: None,
        function: None,
        endpoint: None,
        emulator: Some(Emulator { endpoint, account: "000000000001".to_owned() }),
    };
    aws::ledger(settings).await
}

/// The functions of a world whose every access to the ledger is judged, and how many there were.
async fn judged(world: &World) -> (Host, Arc<AtomicU32>) {
    let memory = world.instance.host.memory().clone();
    let judge = dynamodb().await;
    for tenant in [HARBOUR, e2e::NORTHWIND, "directory", UNATTRIBUTED] {
        let page = memory.query(&World::tenant(tenant), "", None, 1000).await.expect("the memory answers");
        for item in page.items {
            judge.write(RawWrite::Insert(item)).await.expect("what the memory holds, DynamoDB takes");
        }
    }
    let heard = Arc::new(AtomicU32::new(0));
    let mut platform = memory.platform();
    platform.ledger = Table::new(Arc::new(Judged { memory, judge, heard: Arc::clone(&heard), turn: Mutex::default() }));
    (world.instance.functions_on(&platform).expect("the template is the same"), heard)
}

/// ST-39: a site, a dozen presses at once, a site that waits and is woken, a parked message that is listed and goes
/// back, a tenant that is added, listed and switched off: DynamoDB takes every access, and answers as the memory does.
#[tokio::test]
async fn dynamodb_answers_every_access_of_the_flows_as_the_memory_does() {
    let world = World::start().await;
    let (host, heard) = judged(&world).await;
    let requests: Vec<_> = (0..12).map(|_| world.request(HARBOUR, ANNA, seed::account(1))).collect();
    join_all(requests.into_iter().map(|request| world.ring_at(&host, HARBOUR, request))).await;
    host.drain().await;
    assert_eq!(world.sites(HARBOUR).len(), 1);

    world.break_down(Service::SharePoint, Fault::Throttle { status: 503, retry_after: Some(90) });
    let request = world.request(HARBOUR, ANNA, seed::account(5));
    world.ring_at(&host, HARBOUR, request).await;
    host.drain().await;
    world.heal();
    for _ in 0..10 {
        world.instance.sandbox.advance(domain::SignedDuration::from_mins(1));
        host.fire_timers().await;
        host.drain().await;
    }
    assert_eq!(world.sites(HARBOUR).len(), 2);

    host.memory().send_text("build-site", r#"{"tenant":"harbour","message":{"of":"another"}}"#, None).expect("a queue");
    host.drain().await;
    let operate = async |method: Method, path: &str| {
        let token = format!("Bearer {}", world.token("olga.brandt@partner.example"));
        let request = http::Request::builder().method(method).uri(path).header("authorization", token);
        let answer = host.http(request.body(bytes::Bytes::new()).expect("a request")).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        serde_json::from_slice::<Value>(answer.body()).expect("JSON")
    };
    let listed = operate(Method::GET, "/v1/issues").await;
    let id = listed["issues"][0]["id"].as_str().expect("an issue").to_owned();
    operate(Method::POST, &format!("/v1/issues/harbour/{id}/return")).await;
    host.drain().await;

    let mut order = world.instance.order(&World::tenant(HARBOUR), "A third");
    order["add"]["tenant"] = json!("third");
    for order in [order, json!({ "disable": { "tenant": "third" } }), json!({ "list": {} })] {
        let answer = host.call("manage-tenant", order).await.expect("it is answered");
        assert_eq!(answer["error"], Value::Null, "{answer}");
    }
    assert!(heard.load(Ordering::Relaxed) > 150, "{heard:?} accesses are too few to judge by");
}
