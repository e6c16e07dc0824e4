//! Nothing of a person and no secret is in the logs, whatever happens (architecture, rule 12; A15).

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};
use e2e::{HARBOUR, LAKESIDE, World};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sandbox::{
    Fault, Service,
    crm::{Principal, Right, seed},
    live_id::Device,
    people,
    sharepoint::Credentials,
};
use tracing_subscriber::fmt::MakeWriter;

use crate::{ANNA, INES};

/// Everything that is logged while its guard lives, down to `trace`.
#[derive(Clone, Default)]
pub(crate) struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no panic while locked")).into_owned()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic while locked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'writer> MakeWriter<'writer> for Captured {
    type Writer = Self;

    fn make_writer(&'writer self) -> Self {
        self.clone()
    }
}

/// A canary as it stands, in JSON, in base64 at each of the three places in a group, and percent-encoded.
pub(crate) fn forms(canary: &str) -> Vec<String> {
    let mut forms = vec![canary.to_owned(), canary.escape_debug().to_string()];
    forms.push(utf8_percent_encode(canary, NON_ALPHANUMERIC).to_string());
    for before in ["", "\0", "\0\0"] {
        let text = format!("{before}{canary}");
        for engine in [BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&text);
            // The first and last letters hold bits of the neighbours.
            let whole = encoded.get(before.len() * 4 / 3 + 1..encoded.len() - 1).unwrap_or_default();
            forms.push(whole.to_owned());
        }
    }
    forms.retain(|form| form.len() >= 5);
    forms
}

#[test]
fn a_canary_is_found_in_every_form() {
    let text = |inside: &str| format!("a line with {inside} in it");
    for form in ["sandbox-harbour-1", "user:sandbox-harbour-1", "u:sandbox-harbour-1", "us:sandbox-harbour-1"] {
        let encoded = BASE64_STANDARD_NO_PAD.encode(form);
        assert!(forms("sandbox-harbour-1").iter().any(|form| text(&encoded).contains(form)), "{encoded}");
    }
    assert!(forms("a@b.example").iter().any(|form| text("a%40b%2Eexample").contains(form)));
}

/// The way into CRM Online: each of its calls in trouble, refused or lost, and a password that ends. Gives
/// links to the sites, and adds the tickets and tokens that were given out.
async fn trouble_online(world: &World, tickets: &mut Vec<String>) -> Vec<String> {
    let mut links = Vec::new();
    for (operation, fault) in [
        ("DeviceToken", Fault::Html),
        ("DeviceAdd", Fault::LoseAnswer),
        ("DeviceToken", Fault::Truncate),
        ("UserToken", Fault::Answer { body: "<a>lena.fischer@lakeside.example".to_owned() }),
        ("UserToken", Fault::Error { code: "0x80048831".to_owned() }),
    ] {
        world.next_calls(Service::LiveId, Some(operation), fault, 1);
    }
    let lena = "lena.fischer@lakeside.example";
    // A sign-in that is refused is tried again after a quarter of an hour.
    for _ in 0..3 {
        // A press that could not be read in CRM has no link yet.
        let pressed = world.press(LAKESIDE, lena, seed::account(1)).await;
        links.extend(pressed.body["status"].as_str().map(ToOwned::to_owned));
        world.drain().await;
        world.pass(16).await;
    }
    assert!(world.sites(LAKESIDE).len() == 1 && !links.is_empty());
    assert_eq!(world.instance.sandbox.world().faults.switches(), Vec::<&sandbox::Switch>::new(), "each was met");
    tickets.extend(world.instance.sandbox.world().live_id.tokens().map(ToOwned::to_owned));
    tickets.extend(world.instance.sandbox.world().crm.tickets().map(ToOwned::to_owned));
    world.instance.sandbox.world().live_id.set_password("tieline@lakeside.example", "another");
    world.instance.sandbox.world().crm.expire_tickets();
    world.press(LAKESIDE, lena, seed::account(4)).await;
    links
}

/// A whole site, and every failure that the other flows know, with a log that holds nothing back.
#[tokio::test(start_paused = true)]
async fn neither_people_nor_secrets_are_in_the_logs() {
    let captured = Captured::default();
    // While there is only one subscriber, `tracing` asks the thread that meets a place in the code first whether
    // anybody listens to it; other tests' threads would say no for all. A second one makes it ask every subscriber.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let guard = tracing::subscriber::set_default(platform::telemetry::subscriber("trace", captured.clone()));
    let world = World::online().await;
    let account = seed::account(1);
    world.instance.sandbox.world().crm.organisation_mut(HARBOUR).expect("seeded").share(
        "account",
        account,
        Principal::User(seed::user(9)),
        [Right::Read].into(),
    );
    // First, while nothing is kept of a sign-in, so that each of its calls is made.
    let mut tickets = Vec::new();
    let links_online = trouble_online(&world, &mut tickets).await;
    let mut links = Vec::new();
    // Every kind of trouble on the way to one site.
    for (service, operation, fault) in [
        (Service::SharePoint, "POST newsbweb.aspx", Fault::LoseAnswer),
        (Service::SharePoint, "Lists.AddList", Fault::Truncate),
        (Service::SharePoint, "UserGroup.AddUserCollectionToGroup", Fault::Stall),
        (Service::SharePoint, "Lists.UpdateListItems", Fault::Html),
        (Service::SharePoint, "Views.AddView", Fault::Answer { body: "<a>Anna Berg".to_owned() }),
        (Service::Crm, "RetrieveSharedPrincipalsAndAccess", Fault::Refuse),
        (Service::Crm, "Fetch", Fault::Throttle { status: 503, retry_after: Some(30) }),
    ] {
        world.next_calls(service, Some(operation), fault, 1);
    }
    links.push(world.press(HARBOUR, ANNA, account).await.link());
    world.drain().await;
    world.pass(30).await;
    assert_eq!(world.status(&links[0]).await["state"], "ready");
    assert_eq!(world.instance.sandbox.world().faults.switches(), Vec::<&sandbox::Switch>::new(), "each was met");
    // Refusals: of the press, of the building, of a sign-in; and a body that is none.
    world.press(HARBOUR, INES, account).await;
    world.break_operation(Service::SharePoint, "Lists.AddList", Fault::Error { code: "0x80070005".to_owned() });
    links.push(world.press(HARBOUR, ANNA, seed::account(5)).await.link());
    world.drain().await;
    assert_eq!(world.status(&links[1]).await["state"], "refused");
    world.heal();
    tickets.extend(world.instance.sandbox.world().crm.tickets().map(ToOwned::to_owned));
    world.instance.sandbox.world().sharepoint.set_password(&Credentials::of(HARBOUR).login, "another");
    world.instance.sandbox.world().crm.expire_tickets();
    links.push(world.press(HARBOUR, ANNA, seed::account(7)).await.link());
    world.drain().await;
    // A refused sign-in is tried again after a quarter of an hour, and then for good.
    world.pass(16).await;
    assert_eq!(world.status(&links[2]).await["state"], "refused");
    world.send(http::Method::POST, "/v1/presses", &[], r#"{"tenant":"anna.berg@harbour.example","request":"x"}"#).await;
    world.instance.host.memory().send_text("build-site", "anna.berg@harbour.example", None).expect("a declared queue");
    world.drain().await;
    links.extend(links_online);
    // Tenants: a rotation, an order with mistakes, checks of what is right and of what is not.
    for order in [
        serde_json::json!({ "rotate": { "tenant": HARBOUR, "service": "crm", "password": "canary-rotated-1" } }),
        serde_json::json!({ "rotate": { "tenant": HARBOUR, "service": "crm", "connection": "canary-rotated-2" } }),
        serde_json::json!({ "add": { "tenant": "canary-tenant ", "name": "canary-name", "password": "canary-3" } }),
        serde_json::json!({ "check": { "tenant": HARBOUR } }),
        serde_json::json!({ "check": { "tenant": e2e::NORTHWIND } }),
        serde_json::json!({ "show": { "tenant": HARBOUR } }),
        serde_json::json!({ "check": { "tenant": LAKESIDE } }),
        serde_json::json!({ "show": { "tenant": LAKESIDE } }),
    ] {
        world.manage(order).await;
    }
    drop(guard);

    let mut canaries: Vec<String> = tickets;
    assert!(!canaries.is_empty());
    let known = people::of(HARBOUR).chain(people::of(LAKESIDE));
    for person in known.filter(|person| person.name != "Tieline Service") {
        let login = person.login.trim_start_matches(r"HARBOUR\").trim_end_matches("@lakeside.example");
        canaries.extend([person.name, person.email, person.password, login].map(ToOwned::to_owned));
    }
    canaries.extend(["canary-rotated-1", "canary-rotated-2", "canary-tenant", "canary-name"].map(ToOwned::to_owned));
    let Device { name, password } = Device::LAKESIDE;
    canaries.extend([name, password, "sandbox-lakeside-1", "tieline@lakeside.example"].map(ToOwned::to_owned));
    // As the bodies of requests for tokens have them.
    canaries.extend(["wsse", "UsernameToken", "Membername", "EncryptedData", "Seeblick"].map(ToOwned::to_owned));
    let Credentials { login, password } = Credentials::of(HARBOUR);
    canaries.extend([login, password, r"HARBOUR\tieline".to_owned(), "tieline@harbour.example".to_owned()]);
    canaries.extend(links.iter().filter_map(|link| link.rsplit('/').next()).map(ToOwned::to_owned));
    canaries.extend(["Harbour & Sons Shipping", "harbour-sons-shipping", "adventure-works"].map(ToOwned::to_owned));
    let text = captured.text();
    let heard = text.lines().count();
    assert!(heard > 100, "only {heard} lines were heard");
    assert!(text.contains("site is ready") && text.contains("put off") && text.contains("refused a site"));
    // What the dashboard and the alarms of template.yaml count.
    for counted in ["Answer accepted", "Answer refused", "Outcome ready", "Outcome put-off", "Outcome refused"] {
        let (dimension, value) = counted.split_once(' ').expect("two words");
        assert!(text.contains(&format!(r#""{dimension}":"{value}""#)), "{counted} is not counted");
    }
    for canary in &canaries {
        for form in forms(canary) {
            let line = text.lines().find(|line| line.contains(&form));
            assert_eq!(line, None, "{canary:?} is in the log as {form:?}");
        }
    }
}
