//! What the doorbell takes, from whom, and how it answers everything else (A3, A4, A8; ST-14).

use e2e::{HARBOUR, Heard, NORTHWIND, World};
use http::{Method, StatusCode, header};
use proptest::prelude::*;
use sandbox::{Service, crm::seed};
use serde_json::{Value, json};

use crate::ANNA;

const PRESSES: &str = "/v1/presses";

async fn post(world: &World, body: impl Into<bytes::Bytes>) -> Heard {
    world.send(Method::POST, PRESSES, &[("content-type", "application/json")], body).await
}

/// Bad input: malformed body, unknown field, wrong types. No call is made for any of them.
#[tokio::test]
async fn a_body_that_is_no_press_is_refused() {
    let world = World::start().await;
    let request = world.request(HARBOUR, ANNA, seed::account(1)).to_string();
    let good = json!({ "tenant": HARBOUR, "request": request });
    let before = world.everything();
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body.to_string()
    };
    let mut bodies: Vec<Vec<u8>> =
        ["", " ", "null", "[]", "{", "\"x\"", "7", "{}", "<press/>", "tenant=harbour", "\u{feff}{}"]
            .map(|body| body.as_bytes().to_owned())
            .into();
    bodies.push(b"\xff\xfe{\x00}\x00".to_vec());
    bodies.push(format!("{good}{good}").into_bytes());
    bodies.push(format!("{{\"tenant\":\"harbour\",\"tenant\":\"northwind\",\"request\":\"{request}\"}}").into_bytes());
    bodies.push("[".repeat(100_000).into_bytes());
    for (name, value) in [
        ("user", json!("HARBOUR\\anna.berg")),
        ("origin", json!(null)),
        ("tenant", json!(null)),
        ("tenant", json!(7)),
        ("tenant", json!(["harbour"])),
        ("tenant", json!("")),
        ("tenant", json!("Harbour")),
        ("tenant", json!("harbour#northwind")),
        ("tenant", json!("../northwind")),
        ("tenant", json!("h".repeat(100))),
        ("request", json!(null)),
        ("request", json!(1)),
        ("request", json!({ "id": request })),
        ("request", json!("")),
        ("request", json!(format!("{request}0"))),
        ("request", json!(format!("{request}' or 1=1"))),
    ] {
        bodies.push(with(name, value).into_bytes());
    }
    for body in bodies {
        let shown = String::from_utf8_lossy(&body).chars().take(90).collect::<String>();
        let heard = post(&world, body).await;
        assert_eq!((heard.status, heard.code()), (StatusCode::BAD_REQUEST, "malformed"), "{shown}");
        assert!(heard.body["error"].as_str().is_some_and(|said| said.len() < 500), "{shown}");
    }
    assert_eq!(world.everything(), before);
    assert_eq!(world.call_count(Service::Crm), 0);
    assert_eq!(post(&world, good.to_string()).await.status, StatusCode::ACCEPTED);
}

/// CRM writes its ids in braces and capitals; both are the same id.
#[tokio::test]
async fn an_id_is_taken_as_crm_writes_it() {
    let world = World::start().await;
    let request = world.request(HARBOUR, ANNA, seed::account(1));
    let braced = format!("{{{}}}", request.to_string().to_uppercase());
    let heard = world.post(&json!({ "tenant": HARBOUR, "request": braced })).await;
    assert_eq!(heard.status, StatusCode::ACCEPTED);
}

/// A4: 256 KiB is the most; the answer to more has the shape of every other.
#[tokio::test]
async fn a_body_of_more_than_256_kib_is_refused() {
    let world = World::start().await;
    let padded = |length: usize| {
        let body = json!({ "tenant": HARBOUR, "request": seed::account(1) }).to_string();
        format!("{body}{}", " ".repeat(length - body.len()))
    };
    let heard = post(&world, padded(256 * 1024 + 1)).await;
    assert_eq!((heard.status, heard.code()), (StatusCode::PAYLOAD_TOO_LARGE, "too-large"), "{heard:?}");
    assert_eq!(world.call_count(Service::Crm), 0);
    assert_eq!(post(&world, padded(256 * 1024)).await.code(), "no-such-request");
}

/// P11: only a POST rings; nothing else is at this address or beside it.
#[tokio::test]
async fn only_a_post_rings() {
    let world = World::start().await;
    let request = world.request(HARBOUR, ANNA, seed::account(1));
    let body = json!({ "tenant": HARBOUR, "request": request }).to_string();
    let before = world.everything();
    for method in
        [Method::GET, Method::HEAD, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::TRACE]
    {
        let heard = world.send(method.clone(), PRESSES, &[], body.clone()).await;
        assert_ne!(heard.status, StatusCode::ACCEPTED, "{method}");
        assert!(!heard.status.is_server_error(), "{method}: {heard:?}");
    }
    for path in
        ["/", "/v1", "/v1/", "/v2/presses", "/v1/presses/x", "/V1/PRESSES", "/v1//presses", "/v1/sites", "/.env"]
    {
        let heard = world.send(Method::POST, path, &[], body.clone()).await;
        assert_eq!(heard.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(world.everything(), before);
    assert_eq!(world.call_count(Service::Crm), 0);
}

/// ST-14: the tenant's own pages may ring and may read the answer, refusals included.
#[tokio::test]
async fn the_tenants_own_page_rings_and_reads_the_answer() {
    let world = World::start().await;
    let request = world.request(HARBOUR, ANNA, seed::account(1));
    for (id, status) in [(seed::account(2), 404), (request, 202)] {
        let body = json!({ "tenant": HARBOUR, "request": id }).to_string();
        let heard = world.send(Method::POST, PRESSES, &[world.crm_origin()], body).await;
        assert_eq!(heard.status.as_u16(), status);
        assert_eq!(heard.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], world.crm_origin().1);
        assert_eq!(heard.headers[header::VARY], "Origin");
        assert!(!heard.headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
    }
}

/// A preflight names no tenant: any tenant's page may go on to ring, no other may.
#[tokio::test]
async fn a_preflight_is_answered_to_known_pages_only() {
    let world = World::start().await;
    world.set(NORTHWIND, |settings| settings.origins = vec!["https://crm.northwind.example".to_owned()]).await;
    let ask = async |origin: &str| {
        let asked = [("origin", origin), ("access-control-request-method", "POST")];
        world.send(Method::OPTIONS, PRESSES, &asked, "").await
    };
    for origin in [world.crm_origin().1, "https://crm.northwind.example"] {
        let heard = ask(origin).await;
        assert_eq!(heard.status, StatusCode::NO_CONTENT);
        assert_eq!(heard.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], origin);
        assert_eq!(heard.headers[header::ACCESS_CONTROL_ALLOW_METHODS], "POST");
        assert_eq!(heard.headers[header::ACCESS_CONTROL_ALLOW_HEADERS], "content-type");
    }
    for origin in ["https://evil.example", "null", "https://crm.northwind.example.evil.example", ""] {
        let heard = ask(origin).await;
        assert!(!heard.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), "{origin}: {heard:?}");
        assert!(!heard.headers.contains_key(header::ACCESS_CONTROL_ALLOW_METHODS), "{origin}: {heard:?}");
    }
    // An origin that no tenant has any more is not known any more.
    world.set(NORTHWIND, |settings| settings.origins.clear()).await;
    assert!(!ask("https://crm.northwind.example").await.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    world.set(NORTHWIND, |settings| settings.origins = vec!["https://crm.northwind.example".to_owned()]).await;
    // Another tenant's page passes the preflight, and its press is refused all the same.
    let request = world.request(HARBOUR, ANNA, seed::account(1));
    let body = json!({ "tenant": HARBOUR, "request": request }).to_string();
    let heard = world.send(Method::POST, PRESSES, &[("origin", "https://crm.northwind.example")], body).await;
    assert_foreign(&heard);
}

/// 403, and no header that would let the page read even that.
#[track_caller]
fn assert_foreign(heard: &Heard) {
    assert_eq!((heard.status, heard.code()), (StatusCode::FORBIDDEN, "foreign-origin"), "{heard:?}");
    let allowed = heard.headers.keys().find(|name| name.as_str().starts_with("access-control"));
    assert_eq!(allowed, None, "{heard:?}");
}

/// The origin that the property below is about.
const OWN: &str = "https://crm.harbour.example";

/// Origins that look like [`OWN`] to a prefix, suffix, case-blind or pattern match.
fn near_miss() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "null",
        "*",
        "https://",
        "https://harbour.example",
        "http://crm.harbour.example",
        "https://CRM.harbour.example",
        "HTTPS://crm.harbour.example",
        "https://crm.harbour.example:443",
        "https://crm.harbour.example:8443",
        "https://crm.harbour.example/",
        "https://crm.harbour.example.",
        "https://crmXharbour.example",
        "https://crm.harbour.example@evil.example",
        "https://evil.example#https://crm.harbour.example",
        "https://crm.harbour.example, https://evil.example",
        "https://xn--crm.harbour.example",
    ]);
    prop_oneof![
        fixed.prop_map(ToOwned::to_owned),
        "[a-z0-9.:@/-]{1,8}".prop_map(|more| format!("{OWN}{more}")),
        "[a-z0-9.:@/-]{1,8}".prop_map(|more| format!("{more}{OWN}")),
        "[a-z0-9-]{1,8}".prop_map(|more| format!("https://{more}.crm.harbour.example")),
        (0..OWN.len()).prop_map(|at| format!("{}{}", &OWN[..at], &OWN[at + 1..])),
        (0..OWN.len()).prop_map(|at| OWN[..at].to_owned()),
    ]
}

/// A8: an origin is allowed if it is on the tenant's list, letter by letter.
#[test]
fn an_origin_that_is_nearly_the_tenants_is_foreign() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let world = runtime.block_on(async {
        let world = World::start().await;
        world.set(HARBOUR, |settings| settings.origins = vec![OWN.to_owned()]).await;
        world
    });
    let body = json!({ "tenant": HARBOUR, "request": seed::account(1) }).to_string();
    let ring = |origin: &str| runtime.block_on(world.send(Method::POST, PRESSES, &[("origin", origin)], body.clone()));
    assert_eq!(ring(OWN).code(), "no-such-request", "the tenant's own is taken");
    let before = world.call_count(Service::Crm);
    proptest!(ProptestConfig::with_cases(200), |(origin in near_miss())| {
        prop_assume!(origin != OWN);
        let heard = ring(&origin);
        prop_assert_eq!((heard.status, heard.code()), (StatusCode::FORBIDDEN, "foreign-origin"));
        prop_assert!(!heard.headers.keys().any(|name| name.as_str().starts_with("access-control")));
    });
    assert_eq!(world.call_count(Service::Crm), before, "a foreign page makes no call");
}

/// A page that rings for a tenant that is none learns nothing about which there are.
#[tokio::test]
async fn a_foreign_page_does_not_learn_which_tenants_there_are() {
    let world = World::start().await;
    let mut answers = Vec::new();
    for tenant in [HARBOUR, "nobody"] {
        let body = json!({ "tenant": tenant, "request": seed::account(1) }).to_string();
        let heard = world.send(Method::POST, PRESSES, &[("origin", "https://evil.example")], body).await;
        assert_foreign(&heard);
        answers.push(heard);
    }
    assert_eq!(answers[0], answers[1]);
}
