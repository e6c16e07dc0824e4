//! The platform as people see it: mails are opened, links followed, and declined, and each is an event.

use exacttarget::{
    EventKind, Filter,
    objects::Object,
    operations::{Create, Retrieve, Start},
};

use crate::world::{World, send_to};

/// The first address in a page that begins so, as a browser would follow it.
fn link(page: &str, begin: &str) -> String {
    let from = page.find(begin).unwrap_or_else(|| panic!("no {begin} in {page}"));
    page[from..].split('"').next().unwrap_or_default().replace("&amp;", "&")
}

/// A reader opens a mail, follows a link, and declines; the events come by the API.
#[tokio::test]
async fn what_a_reader_does_becomes_events() {
    let world = World::new();
    world.account(|account| account.quirks.people_react = false);
    let platform = world.harbour();
    let people = world.people(&platform, "people", 2).await;
    platform.send(&Create { objects: vec![Object::from(&send_to("s", &people, &[]))], upsert: false }).await.unwrap();
    let job = platform.send(&Start(Object::by_key("EmailSendDefinition", "s"))).await.unwrap().task.unwrap();
    world.pass(10);
    let get = |path: &str| {
        let response = world.page("GET", path, "");
        assert!(response.headers().get("content-security-policy").is_some());
        assert_eq!(response.status(), 200, "{path}");
        String::from_utf8(response.body().to_vec()).unwrap()
    };
    assert!(get("/").contains("harbour"));
    assert!(get("/harbour/").contains("Welcome, %%First Name%%"));
    assert!(get("/harbour/mailboxes").contains("person1@example.com"));
    let mailbox = get("/harbour/mailboxes/person1%40example%2Ecom");
    let mail = get(&link(&mailbox, "/harbour/mails/"));
    assert!(mail.contains("Dear Person 1"));
    assert!(get(&link(&mail, "/click?")).contains("https://www.example.com/welcome"));
    let decline = link(&mail, "http://127.0.0.1:7401/unsubscribe?");
    let shown = get(decline.strip_prefix("http://127.0.0.1:7401").unwrap());
    assert!(shown.contains("Publications") && shown.contains("method=\"post\""));
    let query = decline.split('?').nth(1).unwrap();
    assert_eq!(world.page("POST", "/unsubscribe", &format!("{query}&of=list")).status(), 200);
    // Someone else's link is no good.
    let foreign = query.replace("key-1", "key-2");
    assert_eq!(world.page("POST", "/unsubscribe", &format!("{foreign}&of=all")).status(), 400);

    world.pass(3_600);
    let mut kinds = Vec::new();
    for object in ["OpenEvent", "ClickEvent", "UnsubEvent"] {
        let wanted = ["SendID", "SubscriberKey", "EventDate", "EventType"];
        let more: &[&str] = match object {
            "ClickEvent" => &["URL", "URLID"],
            "UnsubEvent" => &["IsMasterUnsubscribed"],
            _ => &[],
        };
        let ask = Retrieve::of(object, [&wanted, more].concat()).only(Filter::equals("SendID", job));
        let page = platform.pages(ask).next().await.unwrap().unwrap();
        let mut events = page.events().unwrap();
        while let Some(event) = events.next_event().unwrap() {
            assert_eq!(event.subscriber, Some("key-1"));
            kinds.push(match event.kind {
                EventKind::Open => "open",
                EventKind::Click { .. } => "click",
                EventKind::Unsubscribe { is_master: Some(false) } => "unsubscribe",
                other => panic!("{other:?}"),
            });
        }
    }
    assert_eq!(kinds, ["open", "click", "unsubscribe"]);
}

/// What is not there says so, and what is no page of a reader's does nothing.
#[tokio::test]
async fn what_is_not_there_is_a_page_that_says_so() {
    let world = World::new();
    for path in ["/nobody/", "/harbour/jobs/1", "/harbour/mails/1/x", "/click?m=1", "/a/b/c/d"] {
        assert_eq!(world.page("GET", path, "").status(), 404, "{path}");
    }
    assert_eq!(world.page("GET", "/unsubscribe?m=7000001&j=1&k=x&s=0", "").status(), 400);
    assert_eq!(world.page("GET", "/Service.asmx", "").status(), 405);
}
