//! Tokens that nobody should have been given, as data: `tokens.json` says what each is, and how it is answered.

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use domain::Timestamp;
use e2e::{HARBOUR, World};
use http::{Method, Request, Response, StatusCode, header};
use localhost::Host;
use sandbox::{
    Service,
    identity::{SigningKey, State},
};
use serde_json::{Map, Value, json};

use crate::{
    HARRY, OLGA,
    quiet::{Captured, forms},
};

const TOKENS: &str = include_str!("tokens.json");

fn all() -> Vec<Value> {
    serde_json::from_str(TOKENS).expect("a list of tokens")
}

fn part(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Puts members in place of others; null takes one away.
fn change(what: &mut Value, changes: &Value) {
    let members: &mut Map<String, Value> = what.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().into_iter().flatten() {
        if value.is_null() { drop(members.remove(name)) } else { drop(members.insert(name.clone(), value.clone())) }
    }
}

/// What stands behind `Authorization: Bearer `.
fn made(identity: &State, stranger: &SigningKey, case: &Value, now: Timestamp) -> String {
    if let Some(raw) = case["raw"].as_str() {
        return raw.to_owned();
    }
    let who = match case["who"].as_str() {
        None => OLGA,
        Some("harbour") => HARRY,
        Some("pavel") => "pavel.nemec@partner.example",
        Some(_) => "sten.borg@stranger.example",
    };
    let (mut header, mut claims) = (identity.header(), identity.claims(who, now).expect("a seeded person"));
    let another = identity.key().sign(&header, &claims);
    change(&mut header, &case["header"]);
    for (name, value) in header.as_object_mut().into_iter().flatten() {
        if value == "@stranger" {
            *value = if name == "kid" { stranger.kid().into() } else { stranger.public() };
        }
    }
    change(&mut claims, &case["claims"]);
    let moved = |(name, by): (&String, &Value)| {
        (name.clone(), by.as_i64().map_or(Value::Null, |by| (now.as_second() + by).into()))
    };
    let times: Map<String, Value> = case["times"].as_object().into_iter().flatten().map(moved).collect();
    change(&mut claims, &times.into());
    let text = format!("{}.{}", part(&header), part(&claims));
    let (key, public) = (identity.key(), identity.key().public());
    let hmac = |secret: &str| {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), text.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(tag)
    };
    let good = key.signature(&text);
    let signature = match case["sign"].as_str().unwrap_or("issuer") {
        "issuer" => good,
        "none" | "empty" => String::new(),
        "stranger" => stranger.signature(&text),
        "hmac-jwk" => hmac(&public.to_string()),
        "hmac-modulus" => hmac(public["n"].as_str().expect("a modulus")),
        "hmac-kid" => hmac(key.kid()),
        "hmac-empty" => hmac(""),
        "another" => another.rsplit('.').next().expect("three parts").to_owned(),
        "zeros" => BASE64_URL_SAFE_NO_PAD.encode([0; 256]),
        how @ ("cut" | "bit") => {
            let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(good).expect("base64");
            if how == "cut" {
                bytes.truncate(255);
            } else {
                bytes[17] ^= 1;
            }
            BASE64_URL_SAFE_NO_PAD.encode(bytes)
        }
        other => panic!("{other} is no way to sign"),
    };
    let token = format!("{text}.{signature}");
    case["wrap"].as_str().map_or(token.clone(), |wrap| wrap.replace('%', &token))
}

async fn ask(host: &Host, method: Method, path: &str, token: &str) -> Response<Bytes> {
    let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
    host.http(request.body(Bytes::new()).expect("a legal request")).await
}

fn code(response: &Response<Bytes>) -> String {
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    body["code"].as_str().unwrap_or_default().to_owned()
}

/// A14: each has its answer, in a process that knows no keys and in one that knows them. Nothing changes, nothing is
/// fetched for a hopeless one, and no directory is asked that nobody here has.
#[tokio::test]
async fn a_hostile_token_opens_nothing_and_costs_nothing() {
    let world = World::start().await;
    let issue = world.park(HARBOUR).await;
    let (stranger, now) = (SigningKey::make(), world.instance.sandbox.now());
    let before = world.everything();
    let known = world.instance.another_process().expect("all functions are here");
    for name in [OLGA, HARRY] {
        assert_eq!(ask(&known, Method::GET, "/v1/issues", &world.token(name)).await.status(), StatusCode::OK);
    }
    let cases = all();
    assert!(cases.len() >= 60, "{} tokens", cases.len());
    for case in &cases {
        let name = &case["name"];
        let token = made(&world.instance.sandbox.world().identity, &stranger, case, now);
        let wanted = case.get("wanted").cloned().unwrap_or_else(|| json!([401, "invalid-token"]));
        let fresh = world.instance.another_process().expect("all functions are here");
        for (host, may_call) in [(&known, false), (&fresh, case["calls"] == true)] {
            for (method, path) in [(Method::GET, "/v1/issues".to_owned()), (Method::POST, format!("{issue}/return"))] {
                let calls = world.call_count(Service::Identity);
                let response = ask(host, method, &path, &token).await;
                assert_eq!(json!([response.status().as_u16(), code(&response)]), wanted, "{name}: {response:?}");
                let challenge = response.headers()[header::WWW_AUTHENTICATE].to_str().expect("text");
                assert!(challenge.starts_with("Bearer error="), "{name}: {challenge}");
                let said = format!("{response:?}");
                assert!(token.split('.').all(|part| part.len() < 8 || !said.contains(part)), "{name} is repeated");
                let called = world.call_count(Service::Identity) - calls;
                assert!(called == 0 || (may_call && called == 2), "{name}: {called} calls");
            }
        }
    }
    assert_eq!(world.everything(), before, "a refused request changed something");
}

/// Bad input: clocks that are not quite equal are no reason to refuse anybody.
#[tokio::test]
async fn a_skew_of_less_than_a_minute_is_borne() {
    let world = World::start().await;
    let (stranger, now) = (SigningKey::make(), world.instance.sandbox.now());
    for times in
        [json!({ "exp": -59 }), json!({ "nbf": 60, "iat": 60 }), json!({ "nbf": null }), json!({ "iat": -86_000 })]
    {
        let case = json!({ "name": "skew", "times": times });
        let token = made(&world.instance.sandbox.world().identity, &stranger, &case, now);
        let heard = world.operate(Method::GET, "/v1/issues", &token).await;
        assert_eq!(heard.status, StatusCode::OK, "{times}: {heard:?}");
    }
}

/// RFC 6750: a token in any other place is none, and the answer says how to bring one.
#[tokio::test]
async fn a_request_without_a_bearer_token_is_told_to_sign_in() {
    let world = World::start().await;
    let token = world.token(OLGA);
    let in_query = format!("/v1/issues?access_token={token}");
    for (path, headers) in [
        ("/v1/issues", vec![]),
        ("/v1/issues", vec![("authorization", token.clone())]),
        ("/v1/issues", vec![("authorization", format!("Basic {token}"))]),
        ("/v1/issues", vec![("authorization", String::new())]),
        ("/v1/issues", vec![("cookie", format!("authorization=Bearer {token}"))]),
        ("/v1/issues", vec![("x-authorization", format!("Bearer {token}"))]),
        (&*in_query, vec![]),
    ] {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
        let heard = world.send(Method::GET, path, &headers, "").await;
        assert_eq!((heard.status, heard.code()), (StatusCode::UNAUTHORIZED, "no-token"), "{path} {headers:?}");
        assert_eq!(heard.headers[header::WWW_AUTHENTICATE], "Bearer");
    }
    let twice = format!("Bearer {token}");
    let heard =
        world.send(Method::GET, "/v1/issues", &[("authorization", &twice), ("authorization", &twice)], "").await;
    assert_eq!((heard.status, heard.code()), (StatusCode::UNAUTHORIZED, "invalid-token"));
    let heard = world.send(Method::GET, "/v1/issues", &[("authorization", &format!("bearer {token}"))], "").await;
    assert_eq!(heard.status, StatusCode::OK, "the scheme's case does not matter");
}

/// A15: no token and no message is in the logs, whatever becomes of it.
#[tokio::test]
async fn neither_tokens_nor_messages_are_in_the_logs() {
    let captured = Captured::default();
    // See `quiet`: with a second subscriber, `tracing` asks each of them.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let guard = tracing::subscriber::set_default(platform::telemetry::subscriber("trace", captured.clone()));
    let world = World::start().await;
    let memory = world.instance.host.memory();
    let secret = "canary.person@harbour.example";
    let body = json!({ "tenant": HARBOUR, "message": { "to": secret } }).to_string();
    for body in [&*body, secret] {
        memory.send_text("build-site", body, None).expect("a declared queue");
        memory.send_text("build-site-dead-letters", body, None).expect("a declared queue");
    }
    world.drain().await;
    let mut tokens = vec![world.token(OLGA), world.token(HARRY), world.token("pavel.nemec@partner.example")];
    let (stranger, now) = (SigningKey::make(), world.instance.sandbox.now());
    for case in all().iter().filter(|case| case["raw"].is_null()) {
        tokens.push(made(&world.instance.sandbox.world().identity, &stranger, case, now));
    }
    let paths: Vec<String> = world.issues(HARBOUR).iter().map(|(id, _)| format!("/v1/issues/harbour/{id}")).collect();
    assert_eq!(paths.len(), 2);
    for token in &tokens {
        world.operate(Method::GET, "/v1/issues", token).await;
        world.operate(Method::GET, &paths[0], token).await;
        world.operate(Method::POST, &format!("{}/return", paths[0]), token).await;
    }
    world.drain().await;
    drop(guard);
    let text = captured.text();
    assert!(text.contains("is given back") && text.contains("is dead"), "the log is heard");
    let parts = tokens.iter().flat_map(|token| token.split('.').skip(1)).filter(|part| part.len() > 20);
    let canaries = parts.map(str::to_owned).chain(["canary.person", "olga.brandt", "harry.lund"].map(str::to_owned));
    for canary in canaries {
        for form in forms(&canary) {
            assert!(!text.contains(&form), "{canary:?} is in the log as {form:?}");
        }
    }
}
