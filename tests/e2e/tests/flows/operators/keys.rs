//! The issuer's keys: found, kept, changed, and not to be had (A14).

use domain::SignedDuration;
use e2e::{HARBOUR, Heard, World};
use http::{Method, StatusCode, header};
use sandbox::{Fault, Service, identity::SigningKey};
use serde_json::json;

use crate::{HARRY, OLGA};

async fn list(world: &World, token: &str) -> Heard {
    world.operate(Method::GET, "/v1/issues", token).await
}

fn is_later(heard: &Heard) -> bool {
    let wait = heard.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
    (heard.status, heard.code()) == (StatusCode::SERVICE_UNAVAILABLE, "later") && wait.is_some_and(|wait| wait >= 1)
}

/// One discovery and one key set for each directory, however many people come.
#[tokio::test]
async fn keys_are_fetched_once_an_hour() {
    let world = World::start().await;
    for _ in 0..20 {
        for name in [OLGA, HARRY] {
            assert_eq!(list(&world, &world.token(name)).await.status, StatusCode::OK);
        }
    }
    let calls = |times: u64| vec![("Keys".to_owned(), times), ("OpenIdConfiguration".to_owned(), times)];
    assert_eq!(world.calls(Service::Identity), calls(2));
    world.wait(SignedDuration::from_hours(1));
    assert_eq!(list(&world, &world.token(OLGA)).await.status, StatusCode::OK);
    assert_eq!(world.calls(Service::Identity), calls(3));
}

/// Keys change without anybody being turned away; invented key ids cost one question a minute.
#[tokio::test]
async fn a_new_key_is_taken_up_and_a_withdrawn_one_is_not_believed() {
    let world = World::start().await;
    let first = world.token(OLGA);
    assert_eq!(list(&world, &first).await.status, StatusCode::OK);
    world.wait(SignedDuration::from_mins(1));
    world.instance.sandbox.world().identity.rotate_keys();
    let second = world.token(OLGA);
    assert_eq!(list(&world, &second).await.status, StatusCode::OK, "an unknown key is asked for");
    assert_eq!(list(&world, &first).await.status, StatusCode::OK, "the key before is still published");
    let calls = world.call_count(Service::Identity);
    let invented = SigningKey::make();
    let claims = world.instance.sandbox.world().identity.claims(OLGA, world.instance.sandbox.now()).expect("seeded");
    for number in 0..100 {
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": format!("invented-{number}") });
        let heard = list(&world, &invented.sign(&header, &claims)).await;
        assert_eq!((heard.status, heard.code()), (StatusCode::UNAUTHORIZED, "invalid-token"));
    }
    assert_eq!(world.call_count(Service::Identity), calls);
    world.instance.sandbox.world().identity.rotate_keys();
    world.wait(SignedDuration::from_mins(1));
    assert_eq!(list(&world, &world.token(OLGA)).await.status, StatusCode::OK);
    let heard = list(&world, &first).await;
    assert_eq!((heard.status, heard.code()), (StatusCode::UNAUTHORIZED, "invalid-token"), "it is withdrawn");
}

/// An issuer that is away is nobody's fault who signs in: 503 and when to come again, never 401, and it is not asked
/// before its time.
#[tokio::test(start_paused = true)]
async fn an_issuer_that_does_not_answer_is_later_and_not_never() {
    let garbage = |body: &str| Fault::Answer { body: body.to_owned() };
    for operation in ["OpenIdConfiguration", "Keys"] {
        for fault in [
            Fault::Refuse,
            Fault::Stall,
            Fault::Truncate,
            Fault::LoseAnswer,
            Fault::Html,
            Fault::Throttle { status: 429, retry_after: Some(120) },
            Fault::Throttle { status: 503, retry_after: None },
            Fault::Error { code: "AADSTS90033".to_owned() },
            garbage("{}"),
            garbage(r#"{"keys":"none"}"#),
            garbage(r#"{"issuer":"http://127.0.0.1:7004/common/v2.0","jwks_uri":"http://127.0.0.1:7004/x"}"#),
            garbage(
                r#"{"issuer":"http://127.0.0.1:7004/5a1f0c3e-7d42-4c5b-9e0a-2f6b8d4c1e70/v2.0","jwks_uri":"http://127.0.0.1:7001/keys"}"#,
            ),
            garbage(&format!("{{\"keys\":[{}]}}", vec!["{\"kty\":\"RSA\"}"; 101].join(","))),
            garbage(&" ".repeat(300_000)),
        ] {
            let world = World::start().await;
            let token = world.token(OLGA);
            world.break_operation(Service::Identity, operation, fault.clone());
            let heard = list(&world, &token).await;
            assert!(is_later(&heard), "{operation} {fault:?}: {heard:?}");
            let calls = world.call_count(Service::Identity);
            assert!(is_later(&list(&world, &token).await), "{operation} {fault:?}");
            assert_eq!(world.call_count(Service::Identity), calls, "{operation} {fault:?}: it is asked again at once");
            world.heal();
            world.wait(SignedDuration::from_secs(
                heard.headers[header::RETRY_AFTER].to_str().expect("text").parse().expect("seconds"),
            ));
            assert_eq!(list(&world, &token).await.status, StatusCode::OK, "{operation} {fault:?}");
        }
    }
}

/// Keys that are known outlive the issuer for a day, and no longer.
#[tokio::test(start_paused = true)]
async fn known_keys_are_believed_for_a_day_without_the_issuer() {
    let world = World::start().await;
    assert_eq!(list(&world, &world.token(HARRY)).await.status, StatusCode::OK);
    world.break_down(Service::Identity, Fault::Refuse);
    for _ in 0..23 {
        world.wait(SignedDuration::from_hours(1));
        assert_eq!(list(&world, &world.token(HARRY)).await.status, StatusCode::OK);
    }
    world.wait(SignedDuration::from_hours(1));
    assert!(is_later(&list(&world, &world.token(HARRY)).await));
    world.heal();
    world.wait(SignedDuration::from_secs(10));
    assert_eq!(list(&world, &world.token(HARRY)).await.status, StatusCode::OK);
}

/// P12: nothing is fetched for a customer that is switched off.
#[tokio::test]
async fn a_tenant_that_is_switched_off_makes_no_call() {
    let world = World::start().await;
    world.set(HARBOUR, |settings| settings.active = false).await;
    assert_eq!(list(&world, &world.token(HARRY)).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.call_count(Service::Identity), 0);
}
