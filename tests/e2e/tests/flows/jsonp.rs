//! The doorbell that is rung by loading a script, for the browsers of 2010 (A7).

use e2e::{HARBOUR, Heard, NORTHWIND, World};
use http::{Method, StatusCode};
use sandbox::{Service, crm::seed};
use serde_json::{Value, json};

use crate::ANNA;

/// A script's address, asked for by a page of this address.
async fn load(world: &World, query: &str, page: &str) -> Heard {
    world.send(Method::GET, &format!("/v1/presses.js?{query}"), &[("referer", page)], "").await
}

/// A page of the tenants' CRM.
fn page(world: &World) -> String {
    format!("{}/harbour/main.aspx?etc=1", world.crm_origin().1)
}

/// What the function `ring` is called with.
#[track_caller]
fn called(heard: &Heard) -> Value {
    let script = heard.body.as_str().expect("a script is no JSON");
    let said = script.strip_prefix("/**/ typeof ring === 'function' && ring(").and_then(|rest| rest.strip_suffix(");"));
    serde_json::from_str(said.unwrap_or_else(|| panic!("no call: {script}"))).expect("a literal")
}

/// A7, ST-24: off unless the tenant turns it on; then it makes the site that a POST makes, and says the same.
#[tokio::test]
async fn a_tenant_turns_it_on_and_a_script_makes_the_site() {
    let world = World::start().await;
    let request = world.request(HARBOUR, ANNA, seed::account(1));
    let query = format!("tenant={HARBOUR}&request={request}&callback=ring");
    let before = world.everything();
    let refused = load(&world, &query, &page(&world)).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "no-jsonp"));
    assert_eq!((world.everything(), world.call_count(Service::Crm)), (before, 0));

    world.set(HARBOUR, |settings| settings.jsonp = true).await;
    let taken = load(&world, &query, &page(&world)).await;
    let said = called(&taken);
    let posted = world.ring(HARBOUR, request).await;
    assert_eq!(said, json!({ "http": 202, "body": posted.body }), "the same answer as by POST");
    for (name, value) in [
        ("content-type", "text/javascript; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("content-disposition", "attachment; filename=\"presses.js\""),
    ] {
        assert_eq!(taken.headers[name], value);
    }
    // A scanner that fetches the address again asks for the same site.
    assert_eq!(called(&load(&world, &query, &page(&world)).await), said);
    world.drain().await;
    assert_eq!(world.sites(HARBOUR).len(), 1);
    assert_eq!(world.status(&posted.link()).await["state"], "ready");
}

/// A refusal is a call as well: a page cannot read the status of a script.
#[tokio::test]
async fn a_refusal_is_called_with_its_status_and_reason() {
    let world = World::start().await;
    let query = format!("tenant={NORTHWIND}&request={}&callback=ring", seed::account(1));
    let heard = load(&world, &query, &page(&world)).await;
    assert_eq!(heard.status, StatusCode::OK);
    let said = called(&heard);
    assert_eq!((&said["http"], &said["body"]["code"]), (&json!(404), &json!("no-such-request")));
    let world = World::start().await;
    world.break_operation(Service::Crm, "RetrieveCrmTicket", sandbox::Fault::Refuse);
    assert_eq!(called(&load(&world, &query, &page(&world)).await)["http"], 503);
}

/// A8: whose page it is has to be said, and is held against the tenant's list letter by letter.
#[tokio::test]
async fn a_page_that_is_not_the_tenants_rings_nothing() {
    let world = World::start().await;
    let own = world.crm_origin().1.to_owned();
    let query = format!("tenant={NORTHWIND}&request={}&callback=ring", seed::account(1));
    let pages = [
        String::new(),
        "null".to_owned(),
        "about:blank".to_owned(),
        "https://evil.example/".to_owned(),
        format!("https://evil.example/{own}/"),
        format!("{own}.evil.example/"),
        own.replace("http://", "http://user@evil.example:80/"),
        format!("{own}0/"),
        format!("ftp{}/", own.trim_start_matches("http")),
    ];
    for page in pages {
        let heard = load(&world, &query, &page).await;
        assert_eq!((heard.status, heard.code()), (StatusCode::FORBIDDEN, "no-jsonp"), "{page}");
    }
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-dest", "empty"), ("sec-fetch-dest", "")] {
        let page = page(&world);
        let headers = [("referer", page.as_str()), (name, value)];
        let heard = world.send(Method::GET, &format!("/v1/presses.js?{query}"), &headers, "").await;
        assert_eq!(heard.code(), "no-jsonp", "{name}: {value}");
    }
    assert_eq!(world.call_count(Service::Crm), 0);
    assert_eq!(called(&load(&world, &query, &page(&world)).await)["http"], 404);
}

/// A7: anything but the three words, each once and of its kind, is refused before anybody is asked.
#[tokio::test]
async fn a_query_that_is_no_ring_is_refused() {
    let world = World::start().await;
    let id = seed::account(1);
    let good = format!("tenant={NORTHWIND}&request={id}&callback=ring");
    for query in [
        String::new(),
        "%".to_owned(),
        format!("tenant={NORTHWIND}&request={id}"),
        format!("{good}&callback=ring"),
        format!("{good}&_=1"),
        good.replace("ring", "a.b"),
        good.replace("ring", "alert(1)//"),
        good.replace("ring", "%E2%80%A8"),
        good.replace("ring", &"x".repeat(65)),
        good.replace("=ring", "="),
        good.replace(NORTHWIND, "../northwind"),
        good.replace(&id.to_string(), "1"),
    ] {
        let heard = load(&world, &query, &page(&world)).await;
        assert_eq!((heard.status, heard.code()), (StatusCode::BAD_REQUEST, "malformed"), "{query}");
        assert_eq!(heard.headers["content-type"], "application/json");
    }
    assert_eq!(world.call_count(Service::Crm), 0);
}
