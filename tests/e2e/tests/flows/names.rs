//! Whatever a record is called, it gets a site of its own, and nobody else's is touched (ST-01).

use std::collections::BTreeSet;

use domain::{CrmId, RecordKind, RecordRef};
use e2e::{HARBOUR, World};
use provisioning::site;
use sandbox::{crm::seed, sharepoint::Grants};
use sharepoint::NewWeb;
use tenants::Settings;

use crate::ANNA;

/// May write every account; the accounts here have owners of every sort.
const SERVICE: &str = r"HARBOUR\tieline";

/// Renames accounts, presses all of them, and says where each of the sites is and what it is called.
async fn sites_of(world: &World, names: &[String]) -> Vec<(String, String)> {
    let accounts: Vec<CrmId> = (1..=16).filter(|number| *number != seed::DEACTIVATED).map(seed::account).collect();
    let accounts = &accounts[..names.len()];
    let mut links = Vec::new();
    for (account, name) in accounts.iter().zip(names) {
        world.rename(HARBOUR, *account, name);
        links.push(world.press(HARBOUR, SERVICE, *account).await.link());
    }
    world.drain().await;
    let mut sites = Vec::new();
    for (link, name) in links.iter().zip(names) {
        let status = world.status(link).await;
        assert_eq!(status["state"], "ready", "{name:?}: {status}");
        let address: url::Url = status["site"].as_str().expect("an address").parse().expect("a URL");
        let state = world.instance.sandbox.world();
        let web = state.sharepoint.web(address.path()).expect("the web is there");
        sites.push((web.path.rsplit('/').next().unwrap_or_default().to_owned(), web.title.clone()));
    }
    sites
}

/// Groups are the collection's in 2007: sites that share one share their members.
fn assert_each_has_its_own_groups(world: &World) {
    let state = world.instance.sandbox.world();
    let collection = state.sharepoint.collection("/sites/harbour").expect("seeded");
    let mut seen = BTreeSet::new();
    for web in collection.webs.values().filter(|web| web.path != collection.path) {
        let grants = web.grants.as_ref().expect("permissions of its own");
        let groups: Vec<_> = grants.keys().filter_map(|member| collection.groups.get(member)).collect();
        assert_eq!(groups.len(), 3, "{}", web.path);
        for group in groups {
            assert!(group.name.encode_utf16().count() <= 255);
            assert!(seen.insert(group.id), "{} has a group of another site", web.path);
        }
    }
}

/// Bad input: names of 300 characters, only illegal characters, right-to-left, and what Windows and SharePoint reserve.
#[tokio::test]
async fn every_name_gets_a_site() {
    let world = World::start().await;
    let names = [
        "x".repeat(300),
        "Überlänge & Söhne ".repeat(17),
        "\\/:*?\"<>|#%&{}~".to_owned(),
        "...".to_owned(),
        "شركة الميناء للتجارة".to_owned(),
        "株式会社みなと".to_owned(),
        "Café Zoë 🚢".to_owned(),
        "👩‍👩‍👧‍👦".to_owned(),
        "AUX".to_owned(),
        "..Net Partners..".to_owned(),
        "_layouts".to_owned(),
        "  leading, trailing  ".to_owned(),
        "O'Reilly \"Port\" <Logistics> & Co".to_owned(),
        "a\u{202e}gnp.exe".to_owned(),
    ];
    let sites = sites_of(&world, &names).await;
    let table: Vec<String> = sites.iter().map(|(path, title)| format!("{path}  {}", short(title))).collect();
    insta::assert_snapshot!(table.join("\n"));
    assert_each_has_its_own_groups(&world);
}

fn short(title: &str) -> String {
    let count = title.chars().count();
    if count <= 60 {
        return title.to_owned();
    }
    let start: String = title.chars().take(20).collect();
    format!("{start}… ({count} characters)")
}

/// Bad input: two records of one name. Both get a site; neither lets the other's people in.
#[tokio::test]
async fn two_records_of_one_name_get_two_sites() {
    let world = World::start().await;
    let same = "Adventure Works".to_owned();
    let sites = sites_of(&world, &[same.clone(), same.to_uppercase(), format!(" {same}! "), same]).await;
    let addresses: BTreeSet<_> = sites.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(addresses.len(), 4, "{sites:?}");
    assert_each_has_its_own_groups(&world);
}

/// A web made with the engine's own account, by its mark or without one.
async fn make_web(world: &World, name: &str, mark: &str) {
    let (deps, tenant) = (&world.instance.deps, World::tenant(HARBOUR));
    let settings = Settings::read(&deps.platform.ledger, &tenant).await.expect("read").expect("seeded");
    let sites = deps.connections.sites(&tenant, &settings).await.expect("connected");
    let web = NewWeb {
        name: name.parse().expect("a legal name"),
        title: "Somebody else's".to_owned(),
        description: "Do not touch".to_owned(),
        definition: "STS#0".to_owned(),
        mark: mark.to_owned(),
    };
    sites.create_web(&web).await.expect("the web is made");
}

/// ST-01: a name that is taken belongs to who took it; the site takes the next one.
#[tokio::test]
async fn a_web_of_somebody_else_is_never_touched() {
    let other = RecordRef { kind: RecordKind::Account, id: seed::account(2) };
    // No mark of ours, another record's, and the same id in another tenant.
    let marks = [
        "somebody".to_owned(),
        site::mark(&World::tenant(HARBOUR), other),
        site::mark(&World::tenant("northwind"), record()),
    ];
    for mark in marks {
        let world = World::start().await;
        make_web(&world, "harbour-sons-shipping", &mark).await;
        let before = world.web("/sites/harbour/harbour-sons-shipping");
        let link = world.press(HARBOUR, ANNA, seed::account(1)).await.link();
        world.drain().await;
        let site = world.status(&link).await["site"].as_str().expect("ready").to_owned();
        assert!(site.ends_with("/sites/harbour/harbour-sons-shipping-acc05a4d"), "{mark}: {site}");
        assert_eq!(world.web("/sites/harbour/harbour-sons-shipping"), before, "{mark}");
    }
}

fn record() -> RecordRef {
    RecordRef { kind: RecordKind::Account, id: seed::account(1) }
}

/// ST-01: also one that the engine's account may not look into.
#[tokio::test(start_paused = true)]
async fn a_web_that_cannot_be_looked_into_is_somebody_elses() {
    let world = World::start().await;
    make_web(&world, "harbour-sons-shipping", "somebody").await;
    world.instance.sandbox.world().sharepoint.web_mut("/sites/harbour/harbour-sons-shipping").expect("made").grants =
        Some(Grants::new());
    let link = world.press(HARBOUR, ANNA, seed::account(1)).await.link();
    world.drain().await;
    world.pass(3).await;
    let status = world.status(&link).await;
    assert_eq!(status["state"], "ready", "{status}");
    assert!(status["site"].as_str().is_some_and(|site| site.ends_with("/harbour-sons-shipping-acc05a4d")), "{status}");
}

/// P1: a web that carries the record's own mark is the site: an earlier try made it.
#[tokio::test]
async fn a_web_with_the_records_own_mark_is_taken_up() {
    let world = World::start().await;
    make_web(&world, "harbour-sons-shipping", &site::mark(&World::tenant(HARBOUR), record())).await;
    let link = world.press(HARBOUR, ANNA, seed::account(1)).await.link();
    world.drain().await;
    assert_eq!(world.status(&link).await["state"], "ready");
    assert_eq!(world.sites(HARBOUR), ["/sites/harbour/harbour-sons-shipping"]);
}
