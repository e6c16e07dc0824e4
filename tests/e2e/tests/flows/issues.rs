//! Messages that need a person: seen with their cause, and given back by one call (P4).

use std::collections::BTreeSet;

use domain::SignedDuration;
use e2e::{Ailing, HARBOUR, NORTHWIND, World};
use http::{Method, Request, StatusCode};
use localhost::Host;
use platform::UNATTRIBUTED;
use sandbox::crm::seed;
use serde_json::{Value, json};

use crate::{ANNA, HARRY, NORA, OLGA, polled::step};

const SITE: &str = "/sites/harbour/harbour-sons-shipping";

/// How long a message of `build-site` is hidden after a delivery.
const HIDDEN: SignedDuration = SignedDuration::from_mins(30);

fn path(issue: &Value) -> String {
    format!("/v1/issues/{}/{}", issue["tenant"].as_str().unwrap_or("?"), issue["id"].as_str().unwrap_or("?"))
}

/// P4: parked, listed with its cause, shown with its message, given back. The message is the same, so it is the same
/// work: a site that is there meanwhile stays the only one.
#[tokio::test]
async fn a_parked_message_is_seen_and_given_back() {
    let world = World::start().await;
    let body = json!({ "tenant": HARBOUR, "message": { "record": { "kind": "account", "id": seed::account(1) } } });
    world.instance.host.memory().send_text("build-site", &body.to_string(), None).expect("a declared queue");
    world.drain().await;

    let listed = world.listed(HARRY, "").await;
    let [issue] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!(
        *issue,
        json!({
            "tenant": HARBOUR,
            "id": issue["id"],
            "queue": "build-site",
            "kind": "parked",
            "cause": format!("nobody asked for a site for account {}", seed::account(1)),
            "about": seed::account(1),
            "at": "2026-06-01T08:00:00Z",
            "receive_count": 1,
            "state": { "is": "open" },
        })
    );
    let shown = world.operate(Method::GET, &path(issue), &world.token(HARRY)).await;
    assert_eq!((shown.status, &shown.body["message"]), (StatusCode::OK, &body));

    // Now somebody asks.
    world.press(HARBOUR, ANNA, seed::account(1)).await;
    world.drain().await;
    let before = world.web(SITE);
    let give_back = format!("{}/return", path(issue));
    let first = world.operate(Method::POST, &give_back, &world.token(HARRY)).await;
    assert_eq!((first.status, &first.body["state"]["is"]), (StatusCode::OK, &"returned".into()), "{first:?}");
    let queued = world.instance.host.memory().messages("build-site");
    assert_eq!(queued.iter().map(|message| &*message.body).collect::<Vec<_>>(), [body.to_string()]);
    let again = world.operate(Method::POST, &give_back, &world.token(OLGA)).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body), "the same answer, and nothing is pushed");
    assert_eq!(world.instance.host.memory().messages("build-site").len(), 1);
    world.drain().await;
    assert_eq!((world.sites(HARBOUR), world.web(SITE)), (vec![SITE.to_owned()], before));
    assert_eq!(world.listed(HARRY, "").await, Vec::<Value>::new(), "nothing is left to do");
    assert_eq!(world.listed(HARRY, "state=returned").await.len(), 1);
}

/// A message that nobody can read again is parked again, as another issue: the first one keeps its story.
#[tokio::test]
async fn a_message_that_fails_again_is_another_issue() {
    let world = World::start().await;
    let first = world.park(HARBOUR).await;
    world.operate(Method::POST, &format!("{first}/return"), &world.token(HARRY)).await;
    world.drain().await;
    let all = world.listed(HARRY, "state=all").await;
    let states: BTreeSet<&str> = all.iter().filter_map(|issue| issue["state"]["is"].as_str()).collect();
    assert_eq!((all.len(), states), (2, BTreeSet::from(["open", "returned"])));
}

/// What is dismissed stays dismissed, and leaves the list.
#[tokio::test]
async fn a_dismissed_message_does_not_go_back() {
    let world = World::start().await;
    let issue = world.park(HARBOUR).await;
    let dismiss = world.operate(Method::POST, &format!("{issue}/dismiss"), &world.token(OLGA)).await;
    assert_eq!((dismiss.status, &dismiss.body["state"]["is"]), (StatusCode::OK, &"dismissed".into()));
    let back = world.operate(Method::POST, &format!("{issue}/return"), &world.token(HARRY)).await;
    assert_eq!((back.status, back.code()), (StatusCode::CONFLICT, "settled"));
    assert!(world.instance.host.memory().messages("build-site").is_empty());
    assert_eq!(world.listed(OLGA, "").await, Vec::<Value>::new());
}

/// What is in its queue again is never shown as something with which nothing is to be done.
#[tokio::test(start_paused = true)]
async fn a_message_that_was_pushed_is_returned_whoever_dismisses_it_meanwhile() {
    let world = World::start().await;
    let issue = world.park(HARBOUR).await;
    let (path, token) = (format!("{issue}/return"), world.token(HARRY));
    let mut back = Box::pin(world.operate(Method::POST, &path, &token));
    while world.instance.host.memory().messages("build-site").is_empty() {
        assert!(step(back.as_mut()).await.is_pending(), "it is pushed before it is recorded");
    }
    let dismissed = world.operate(Method::POST, &format!("{issue}/dismiss"), &world.token(OLGA)).await;
    assert_eq!(dismissed.body["state"]["is"], "dismissed", "{dismissed:?}");
    let returned = back.await;
    assert_eq!((returned.status, &returned.body["state"]["is"]), (StatusCode::OK, &"returned".into()), "{returned:?}");
    assert_eq!(world.listed(OLGA, "state=dismissed").await, Vec::<Value>::new());
    assert_eq!(world.listed(OLGA, "state=returned").await[0]["state"], returned.body["state"]);
}

/// One request to another process's front door.
async fn ask(host: &Host, method: Method, path: &str, token: &str) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
    let response = host.http(request.body(bytes::Bytes::new()).expect("a legal request")).await;
    (response.status(), serde_json::from_slice(response.body()).unwrap_or_default())
}

/// P4: dead after five failed deliveries, with the cause of the last one; given back when it is healed, it is the site
/// that it would have been, and only one.
#[tokio::test]
async fn a_dead_message_has_its_cause_and_completes_once_it_is_given_back() {
    let world = World::start().await;
    let ailing = Ailing::of(&world.instance);
    let host = ailing.host(&world.instance).expect("all functions are here");
    let link = world.press(HARBOUR, ANNA, seed::account(1)).await.link();
    ailing.fail(Some("SITE#"));
    for _ in 0..5 {
        host.drain().await;
        assert_eq!(world.issues(HARBOUR), [], "not before it was tried five times");
        world.wait(HIDDEN);
    }
    // Nor is anything lost if it cannot be noted: it stays among the dead letters.
    ailing.fail(Some("ISSUE#"));
    host.deliver().await;
    assert_eq!(world.issues(HARBOUR), []);
    assert_eq!(world.instance.host.memory().messages("build-site-dead-letters").len(), 1);
    ailing.fail(None);
    world.wait(HIDDEN);
    host.drain().await;
    assert!(world.instance.host.memory().messages("build-site-dead-letters").is_empty());

    let token = world.token(HARRY);
    let (_, listed) = ask(&host, Method::GET, "/v1/issues", &token).await;
    let issue = &listed["issues"][0];
    assert_eq!(
        (&issue["kind"], &issue["cause"], &issue["receive_count"], &issue["about"]),
        (&"dead".into(), &"the table is not available: throttled".into(), &5.into(), &json!(seed::account(1)))
    );
    let give_back = format!("{}/return", path(issue));
    assert_eq!(ask(&host, Method::POST, &give_back, &token).await.0, StatusCode::OK);
    assert_eq!(ask(&host, Method::POST, &give_back, &token).await.0, StatusCode::OK);
    host.drain().await;
    assert_eq!(world.status(&link).await["state"], "ready");
    assert_eq!(world.sites(HARBOUR), [SITE]);
    assert_eq!(world.instance.host.memory().messages("build-site").len(), 0);
}

/// P5: deliveries that were stopped say nothing; the issue says that.
#[tokio::test]
async fn a_message_that_stops_every_delivery_is_dead_and_completes_once_it_is_given_back() {
    let world = World::start().await;
    let link = world.press(HARBOUR, ANNA, seed::account(1)).await.link();
    let memory = world.instance.host.memory();
    for _ in 0..5 {
        assert_eq!(memory.receive("build-site", 1).len(), 1);
        world.wait(HIDDEN);
    }
    world.drain().await;
    let listed = world.listed(OLGA, "tenant=harbour").await;
    assert!(listed[0]["cause"].as_str().is_some_and(|cause| cause.starts_with("stopped at every delivery")));
    world.operate(Method::POST, &format!("{}/return", path(&listed[0])), &world.token(OLGA)).await;
    world.drain().await;
    assert_eq!((&world.status(&link).await["state"], world.sites(HARBOUR)), (&"ready".into(), vec![SITE.to_owned()]));
}

/// The ledger away while a message goes back: the caller is told to come again, and a second push does no harm.
#[tokio::test]
async fn giving_back_while_the_ledger_fails_can_be_done_again() {
    let world = World::start().await;
    let issue = world.park(HARBOUR).await;
    let ailing = Ailing::of(&world.instance);
    let host = ailing.host(&world.instance).expect("all functions are here");
    for prefix in ["ISSUE#", "ENTRA#", "SETTINGS#"] {
        ailing.fail(Some(prefix));
        for (method, path) in [(Method::GET, issue.clone()), (Method::POST, format!("{issue}/return"))] {
            let (status, body) = ask(&host, method, &path, &world.token(HARRY)).await;
            assert_eq!((status, &body["code"]), (StatusCode::SERVICE_UNAVAILABLE, &"later".into()), "{prefix}");
        }
    }
    ailing.fail(None);
    assert_eq!(ask(&host, Method::POST, &format!("{issue}/return"), &world.token(HARRY)).await.0, StatusCode::OK);
}

/// A list of any length comes in pages, each issue once, and each operator's own only (A1).
#[tokio::test]
async fn pages_give_every_issue_once() {
    let world = World::start().await;
    let mut parked = BTreeSet::new();
    for tenant in [HARBOUR, NORTHWIND, UNATTRIBUTED, "nobody"] {
        for _ in 0..5 {
            parked.insert(world.park(tenant).await);
        }
    }
    let of = |tenant: &str| -> BTreeSet<String> {
        parked.iter().filter(|path| path.contains(&format!("/{tenant}/"))).cloned().collect()
    };
    for (name, own) in [(OLGA, parked.clone()), (HARRY, of(HARBOUR)), (NORA, of(NORTHWIND))] {
        for limit in [1, 2, 3, 7, 50] {
            let (mut seen, mut after) = (Vec::new(), String::new());
            for _ in 0..100 {
                let query = format!("/v1/issues?limit={limit}{after}");
                let heard = world.operate(Method::GET, &query, &world.token(name)).await;
                let issues = heard.body["issues"].as_array().expect("a list");
                assert!(issues.len() <= limit);
                seen.extend(issues.iter().map(path));
                let Some(next) = heard.body["next"].as_str() else { break };
                after = format!("&after={next}");
            }
            assert_eq!(seen.len(), own.len(), "{name}, {limit} at a time: one is there twice");
            assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), own, "{name}, {limit} at a time");
        }
    }
    // Where somebody else's page ended is no way in.
    let heard = world.operate(Method::GET, "/v1/issues?tenant=northwind&limit=1", &world.token(OLGA)).await;
    let next = heard.body["next"].as_str().expect("there is more");
    let heard = world.operate(Method::GET, &format!("/v1/issues?after={next}"), &world.token(HARRY)).await;
    assert_eq!((heard.status, heard.code()), (StatusCode::FORBIDDEN, "forbidden"));
}

/// A3: what is not known is refused by name, and nothing is done.
#[tokio::test]
async fn a_request_that_says_too_much_is_refused() {
    let world = World::start().await;
    let issue = world.park(HARBOUR).await;
    let authorization = format!("Bearer {}", world.token(HARRY));
    let headers = [("authorization", &*authorization)];
    for (method, path, body, status, code) in [
        (Method::GET, "/v1/issues?tenants=harbour".to_owned(), "", 400, "malformed"),
        (Method::GET, "/v1/issues?limit=1000".to_owned(), "", 400, "malformed"),
        (Method::GET, "/v1/issues?after=e30".to_owned(), "", 400, "malformed"),
        (Method::GET, "/v1/issues?tenant=a%23b".to_owned(), "", 400, "malformed"),
        (Method::POST, format!("{issue}/return"), r#"{"by":"somebody else"}"#, 400, "malformed"),
        (Method::POST, format!("{issue}/return"), "[]", 400, "malformed"),
        (Method::GET, "/v1/issues/harbour/no-such-id".to_owned(), "", 404, "no-such-issue"),
        (Method::GET, "/v1/issues/harbour/a%23b".to_owned(), "", 404, "no-such-issue"),
        (Method::GET, "/v1/issues/HARBOUR/1".to_owned(), "", 404, "no-such-issue"),
        (Method::POST, "/v1/issues/harbour/no-such-id/return".to_owned(), "", 404, "no-such-issue"),
    ] {
        let heard = world.send(method, &path, &headers, body).await;
        assert_eq!((heard.status.as_u16(), heard.code()), (status, code), "{path} {body}: {heard:?}");
    }
    assert!(world.instance.host.memory().messages("build-site").is_empty());
}
