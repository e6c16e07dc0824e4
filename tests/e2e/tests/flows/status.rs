//! The status page: for whoever has the link, and safe to show whatever a record is called (ST-36, ST-38; A9).

use e2e::{HARBOUR, Heard, NORTHWIND, World};
use http::{Method, StatusCode, header};
use proptest::prelude::*;
use sandbox::{Fault, Service, crm::seed};

use crate::ANNA;

async fn page(world: &World, link: &str) -> Heard {
    world.send(Method::GET, link, &[("accept", "text/html,application/xhtml+xml")], "").await
}

fn text(heard: &Heard) -> &str {
    heard.body.as_str().expect("a page is text")
}

/// A site of an account with this name, ready; and its link.
async fn ready(world: &World, name: &str) -> String {
    world.rename(HARBOUR, seed::account(1), name);
    let link = world.press(HARBOUR, ANNA, seed::account(1)).await.link();
    world.drain().await;
    assert_eq!(world.status(&link).await["state"], "ready");
    link
}

/// 256 bits that say nothing of the record; a guess, a part, and another tenant's door lead nowhere.
#[tokio::test]
async fn only_the_exact_link_leads_to_the_page() {
    let world = World::start().await;
    let (mine, other) = (
        world.press(HARBOUR, ANNA, seed::account(1)).await.link(),
        world.press(HARBOUR, ANNA, seed::account(5)).await.link(),
    );
    let secret = mine.strip_prefix("/v1/sites/harbour/").expect("the tenant's");
    assert_eq!(secret.len(), 43);
    assert_ne!(mine, other);
    let id = seed::account(1).to_string();
    assert!(!mine.contains(&id[..8]));
    let unknown = world.send(Method::GET, "/v1/sites/harbour/nonsense", &[], "").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let flipped = format!("{}{}", if secret.starts_with('A') { "B" } else { "A" }, &secret[1..]);
    for path in [
        format!("/v1/sites/{NORTHWIND}/{secret}"),
        format!("/v1/sites/nobody/{secret}"),
        format!("/v1/sites/HARBOUR/{secret}"),
        format!("/v1/sites/harbour/{flipped}"),
        format!("/v1/sites/harbour/{}", &secret[..42]),
        format!("/v1/sites/harbour/{secret}="),
        format!("/v1/sites/harbour/{}", secret.to_uppercase()),
        format!("/v1/sites/harbour/{id}"),
    ] {
        let heard = world.send(Method::GET, &path, &[], "").await;
        assert_eq!(heard, unknown, "{path}");
    }
}

/// ST-36: people get a page, programs its JSON; neither is kept by anything on the way.
#[tokio::test]
async fn the_page_says_the_same_to_people_and_programs() {
    let world = World::start().await;
    let link = world.press(HARBOUR, ANNA, seed::account(1)).await.link();
    assert!(text(&page(&world, &link).await).contains("The site is being made"));
    world.drain().await;
    let (shown, told) = (page(&world, &link).await, world.status(&link).await);
    assert_eq!(told["state"], "ready");
    let site = told["site"].as_str().expect("an address");
    assert!(text(&shown).contains(&format!("href=\"{site}\"")) && site.ends_with("/harbour-sons-shipping"));
    assert_eq!(told["members"], 5);
    assert!(text(&shown).contains("5 people have access"));
    assert_eq!(told["left_out"][0]["name"], "Greta Holm");
    assert!(text(&shown).contains("Greta Holm") && text(&shown).contains("is disabled in CRM"));
    let policy = shown.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("ASCII");
    for rule in ["default-src 'none'", "script-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe"));
    let json = world.send(Method::GET, &link, &[("accept", "application/json")], "").await;
    for heard in [&shown, &json, &page(&world, "/v1/sites/harbour/nonsense").await] {
        assert_eq!(heard.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(heard.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(!heard.headers.contains_key(header::SET_COOKIE));
    }
    assert_eq!(shown.headers[header::REFERRER_POLICY], "no-referrer");
}

/// A waiting site says why and until when, and that nothing is lost.
#[tokio::test(start_paused = true)]
async fn the_page_says_why_a_site_waits() {
    let world = World::start().await;
    world.break_down(Service::SharePoint, Fault::Throttle { status: 429, retry_after: Some(600) });
    let link = world.press(HARBOUR, ANNA, seed::account(1)).await.link();
    world.drain().await;
    let shown = page(&world, &link).await;
    assert!(text(&shown).contains("Nothing is lost") && text(&shown).contains("SharePoint does not answer"));
    assert!(text(&shown).contains("08:10:00 UTC"), "{}", text(&shown));
    assert_eq!(world.status(&link).await["until"], "2026-06-01T08:10:00Z");
}

/// HEAD is a GET without the body (RFC 9110, 9.3.2): link checkers and mail scanners use it, and it changes nothing.
#[tokio::test]
async fn a_head_is_answered_like_a_get_without_its_body() {
    let world = World::start().await;
    let link = world.press(HARBOUR, ANNA, seed::account(1)).await.link();
    let before = world.everything();
    for path in [&*link, "/v1/sites/harbour/nonsense", "/v1/assets/press.js", "/v1/assets/none.js"] {
        let get = world.send(Method::GET, path, &[], "").await;
        let head = world.send(Method::HEAD, path, &[], "").await;
        assert_eq!((head.status, head.body), (get.status, "".into()), "{path}");
        let kept = |heard: &http::HeaderMap| heard.get(header::CONTENT_TYPE).cloned();
        assert_eq!(kept(&head.headers), kept(&get.headers), "{path}");
    }
    assert_eq!(world.everything(), before);
}

/// A9: a record's name is text, wherever it is shown; right-to-left names stand in their own direction.
#[tokio::test]
async fn a_name_is_shown_as_text() {
    let world = World::start().await;
    let hostile = r#"<script>alert(1)</script><img src=x onerror="alert('2')">&amp;"#;
    let link = ready(&world, hostile).await;
    let shown = page(&world, &link).await;
    assert!(text(&shown).contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!text(&shown).contains("<img") && !text(&shown).contains("<script>"));
    assert_eq!(world.status(&link).await["title"], hostile);
    let world = World::start().await;
    let link = ready(&world, "شركة الميناء للتجارة").await;
    assert!(text(&page(&world, &link).await).contains("<bdi dir=\"auto\">شركة الميناء للتجارة</bdi>"));
}

/// The tags of a page, names and attributes, in order.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).filter_map(|piece| piece.split_once('>')).map(|(tag, _)| tag).collect()
}

/// A9: no name adds a tag or an attribute to the page.
#[test]
fn no_name_adds_anything_but_text_to_the_page() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let show = |name: &str| {
        runtime.block_on(async {
            let world = World::start().await;
            world.rename(HARBOUR, seed::account(1), name);
            let link = world.press(HARBOUR, ANNA, seed::account(1)).await.link();
            // Stops after the first step: the name is known and nothing of the page changes but the name.
            world.hold(Service::SharePoint, "Lists.GetListCollection", 60);
            world.drain().await;
            assert_eq!(world.status(&link).await["state"], "waiting");
            text(&page(&world, &link).await).to_owned()
        })
    };
    let plain = show("plain");
    proptest!(ProptestConfig::with_cases(24), |(name in "[<>\"'&/=a-z !-]{1,40}")| {
        prop_assume!(!name.trim().is_empty());
        let hostile = show(&name);
        prop_assert_eq!(tags(&hostile), tags(&plain), "{}", name);
    });
}

/// Scripts and styles: under a plain name asked for again each time, under a versioned one kept for a year.
#[tokio::test]
async fn assets_are_served_with_their_version_and_how_long_they_keep() {
    let world = World::start().await;
    let versioned = format!("/v1/assets/{}", provisioning::request_site::press_script());
    let plain = world.send(Method::GET, "/v1/assets/press.js", &[], "").await;
    let kept = world.send(Method::GET, &versioned, &[], "").await;
    assert_eq!(plain.body, kept.body);
    assert!(text(&plain).contains("window.tieline"));
    assert_eq!(plain.headers[header::CACHE_CONTROL], "no-cache");
    assert_eq!(kept.headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
    for path in ["/v1/assets/status.css", "/v1/assets/status.js", "/v1/assets/press.js"] {
        let heard = world.send(Method::GET, path, &[], "").await;
        let kind = if path.ends_with("css") { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" };
        assert_eq!(heard.status, StatusCode::OK);
        assert_eq!(heard.headers[header::CONTENT_TYPE], kind);
        assert_eq!(heard.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }
    for path in ["press-00000000.js", "..%2fpress.js", "press.ts", "page.rs", "%00", "status.css.map"] {
        let heard = world.send(Method::GET, &format!("/v1/assets/{path}"), &[], "").await;
        assert_eq!(heard.status, StatusCode::NOT_FOUND, "{path}");
    }
}
