//! Chapter *site*: a press on an account's button makes a site with the right people in it (ST-01, ST-04, ST-10).

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use domain::CrmId;
use http::StatusCode;
use sandbox::{Service, people};
use serde_json::{Map, Value, json};

use super::{Teller, browser::Browser, round};
use crate::Scene;

/// The tenant and account of the chapter: the account that is shared most ways.
const TENANT: &str = "harbour";
const ACCOUNT: &str = "Harbour & Sons Shipping";
/// Owns the account; presses.
const SALES: &str = r"HARBOUR\anna.berg";
/// Is in the same organization and has no part in the account.
const OUTSIDER: &str = r"HARBOUR\finn.oconnor";
/// Far longer than it takes; a chapter must end.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) async fn tell(scene: &Scene, teller: &dyn Teller) -> anyhow::Result<Map<String, Value>> {
    let crm = &scene.addresses.crm;
    scene.sandbox.world().forget_calls();
    let mut anna = Browser::open()?;
    anna.submit(&format!("{crm}/{TENANT}/signin"), &[("login", SALES), ("next", "")]).await?;
    teller.say(&format!("{} signs in to CRM and opens the account {ACCOUNT}.", name_of(SALES)));
    let account = account(scene)?;

    let pressed = Instant::now();
    let status = press(scene, &mut anna, account).await?;
    teller.say("She presses Create site. CRM keeps a request record; the engine answers with a status page.");
    let site = watch(&mut anna, &status, teller).await?;
    let seconds_to_ready = round(pressed.elapsed().as_secs_f64());
    let calls = calls(scene);
    teller.say(&format!("The site is ready after {seconds_to_ready} s: {site}"));

    let again = press(scene, &mut anna, account).await?;
    let second = watch(&mut anna, &again, teller).await?;
    ensure!(second == site && again == status, "the second press leads elsewhere: {second}");
    let sites = sites(scene);
    ensure!(sites == 1, "{sites} sites were made for one account");
    teller.say("She presses again and gets the same site.");

    let form = anna.read(&format!("{crm}/{TENANT}/accounts/{account}?tab=sharepoint")).await?;
    ensure!(form.contains(&site), "the account in CRM does not show the site's address");
    let members = visit(scene, &site, teller).await?;
    let facts = json!({
        "sites": sites,
        "second_press_same_site": second == site,
        "members": members,
        "upstream_calls": calls,
        "seconds_to_ready": seconds_to_ready,
        "site": site,
        "status": status,
    });
    Ok(facts.as_object().cloned().unwrap_or_default())
}

/// What the button's script does: a request record in CRM, then the doorbell. Returns the status page's address.
async fn press(scene: &Scene, browser: &mut Browser, account: CrmId) -> anyhow::Result<String> {
    let crm = &scene.addresses.crm;
    let made = browser.post_json(&format!("{crm}/{TENANT}/accounts/{account}/requests"), crm, &json!({})).await?;
    ensure!(made.status == StatusCode::CREATED, "CRM answers the button with {}", made.status);
    let made: Value = serde_json::from_slice(&made.body)?;
    let ring = json!({ "tenant": TENANT, "request": made["request"] });
    let answered = browser.post_json(&format!("{}/v1/presses", scene.addresses.engine), crm, &ring).await?;
    let answer: Value = serde_json::from_slice(&answered.body)?;
    ensure!(answered.status == StatusCode::ACCEPTED, "the engine answers {}: {answer}", answered.status);
    answer["status"].as_str().map(ToOwned::to_owned).context("the engine names no status page")
}

/// Looks at the status page until the site is ready.
async fn watch(browser: &mut Browser, status: &str, teller: &dyn Teller) -> anyhow::Result<String> {
    let started = Instant::now();
    loop {
        let page = browser.read_json(status).await?;
        let steps = page["steps"].as_array().map(Vec::as_slice).unwrap_or_default();
        let done = steps.iter().filter(|step| step["done"] == true).count();
        let doing = steps.iter().find(|step| step["done"] != true).and_then(|step| step["label"].as_str());
        teller.progress(done as u64, steps.len() as u64, doing.unwrap_or("Done"));
        match page["state"].as_str() {
            Some("ready") => return page["site"].as_str().map(ToOwned::to_owned).context("ready without an address"),
            Some("refused") => anyhow::bail!("the site was refused: {}", page["reason"]),
            _ if started.elapsed() > PATIENCE => anyhow::bail!("no site after {} s: {page}", PATIENCE.as_secs()),
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Opens the site as everybody who should see it, and as somebody who should not. Returns how many could.
async fn visit(scene: &Scene, site: &str, teller: &dyn Teller) -> anyhow::Result<usize> {
    let entitled =
        [SALES, r"HARBOUR\bjorn.aas", r"HARBOUR\carla.rossi", r"HARBOUR\daud.rahman", r"HARBOUR\eva.lindqvist"];
    for login in entitled {
        let page = sign_in(scene, login).await?.read(site).await?;
        ensure!(page.contains("Contracts") && page.contains("Harbour &amp; Sons"), "{login} sees another page");
    }
    let outside = sign_in(scene, OUTSIDER).await?.get(site).await?.status;
    ensure!(outside == StatusCode::FORBIDDEN, "somebody without a part in the account gets {outside}");
    teller.say(&format!(
        "{} people of the account open the site; {}, who has no part in it, is refused.",
        entitled.len(),
        name_of(OUTSIDER)
    ));
    Ok(entitled.len())
}

async fn sign_in(scene: &Scene, login: &str) -> anyhow::Result<Browser> {
    let mut browser = Browser::open()?;
    let page = format!("{}/_layouts/login.aspx", scene.addresses.sharepoint);
    browser.submit(&page, &[("login", login)]).await?;
    Ok(browser)
}

fn account(scene: &Scene) -> anyhow::Result<CrmId> {
    let world = scene.sandbox.world();
    let organisation = world.crm.organisation(TENANT).context("the seeded organization is not there")?;
    let found = organisation.records("account").find(|(id, _)| organisation.name_of("account", *id) == Some(ACCOUNT));
    found.map(|(id, _)| id).context("the seeded account is not there")
}

/// Webs below the tenant's site collection.
fn sites(scene: &Scene) -> usize {
    let below = format!("/sites/{TENANT}/");
    scene.sandbox.world().sharepoint.webs().filter(|web| web.path.starts_with(&below)).count()
}

fn name_of(login: &str) -> &'static str {
    people::by_login(login).map_or("Somebody", |person| person.name)
}

/// Calls that the functions made, by service; pages that people opened in CRM do not count.
fn calls(scene: &Scene) -> Value {
    let world = scene.sandbox.world();
    let count = |service: Service| -> u64 {
        let of_service = world.calls().get(&service).into_iter().flatten();
        of_service.filter(|(operation, _)| !operation.starts_with("page")).map(|(_, count)| count).sum()
    };
    json!({ "crm": count(Service::Crm), "sharepoint": count(Service::SharePoint) })
}
