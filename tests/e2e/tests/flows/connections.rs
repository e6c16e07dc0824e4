//! Connections: secrets change, tickets end, and the functions go on (ST-40; P10).

use domain::CrmId;
use e2e::{HARBOUR, World};
use http::StatusCode;
use sandbox::{Fault, Service, crm::seed, sharepoint::Credentials};

use crate::ANNA;

/// The SharePoint call before which stories stop: web, lists and rows are done then.
const MIDDLE: &str = "WebPartPages.AddWebPartToZone";

fn account() -> CrmId {
    seed::account(1)
}

/// CRM takes another password from now on, and no ticket that it gave out.
fn change_crm_password(world: &World, password: &str) {
    let mut state = world.instance.sandbox.world();
    state.crm.organisation_mut(HARBOUR).expect("seeded").set_password(seed::user(1), password);
    state.crm.expire_tickets();
}

fn change_sharepoint_password(world: &World, password: &str) {
    let login = Credentials::of(HARBOUR).login;
    assert!(world.instance.sandbox.world().sharepoint.set_password(&login, password));
}

/// The administrator stores what the services take now.
fn store(world: &World, service: &str, password: &str) {
    let (tenant, memory) = (World::tenant(HARBOUR), world.instance.host.memory());
    let mut secret = match service {
        "crm" => world.instance.crm_secret(&tenant),
        _ => world.instance.sharepoint_secret(&tenant),
    };
    match service {
        "crm" => secret["password"] = password.into(),
        _ => secret["sign_in"]["basic"]["password"] = password.into(),
    }
    memory.put_secret(&tenant, service, &secret);
}

/// ST-40: rotated between two sites; the same functions make the next one.
#[tokio::test(start_paused = true)]
async fn a_secret_that_was_rotated_is_picked_up_without_a_restart() {
    let world = World::start().await;
    world.press(HARBOUR, ANNA, account()).await;
    world.drain().await;
    change_crm_password(&world, "rotated-crm");
    store(&world, "crm", "rotated-crm");
    change_sharepoint_password(&world, "rotated-sp");
    store(&world, "sharepoint", "rotated-sp");
    let heard = world.press(HARBOUR, ANNA, seed::account(5)).await;
    assert_eq!(heard.status, StatusCode::ACCEPTED, "{heard:?}");
    world.drain().await;
    world.pass(1).await;
    assert_eq!(world.status(&heard.link()).await["state"], "ready");
}

/// ST-40: rotated in mid-flow, after trouble of another kind, and the new secret comes a little later than the new
/// password.
#[tokio::test(start_paused = true)]
async fn a_secret_that_is_rotated_in_mid_flow_does_not_end_the_flow() {
    let world = World::start().await;
    world.hold(Service::SharePoint, MIDDLE, 30);
    let link = world.press(HARBOUR, ANNA, account()).await.link();
    world.drain().await;
    assert_eq!(world.status(&link).await["state"], "waiting");
    change_sharepoint_password(&world, "rotated-sp");
    world.pass(1).await;
    assert_eq!(world.status(&link).await["state"], "waiting", "the new secret is not stored yet");
    store(&world, "sharepoint", "rotated-sp");
    change_crm_password(&world, "rotated-crm");
    store(&world, "crm", "rotated-crm");
    world.pass(3).await;
    assert_eq!(world.status(&link).await["state"], "ready");
}

/// Bad input: ticket expired in mid-flow. One sign-in more, and the person sees nothing of it.
#[tokio::test(start_paused = true)]
async fn a_ticket_that_expires_in_mid_flow_is_renewed_once() {
    let world = World::start().await;
    world.hold(Service::SharePoint, MIDDLE, 30);
    let link = world.press(HARBOUR, ANNA, account()).await.link();
    world.drain().await;
    world.instance.sandbox.world().crm.expire_tickets();
    world.instance.sandbox.world().forget_calls();
    world.pass(1).await;
    assert_eq!(world.status(&link).await["state"], "ready");
    let sign_ins = world.calls(Service::Crm).into_iter().find(|(name, _)| name == "RetrieveCrmTicket");
    assert_eq!(sign_ins.map(|(_, count)| count), Some(1));
}

/// P10: a hundred steps after the end of a ticket sign in once, not a hundred times.
#[tokio::test]
async fn one_ticket_serves_all_sites() {
    let world = World::start().await;
    for number in [1, 5, 7, 16] {
        world.press(HARBOUR, ANNA, seed::account(number)).await;
    }
    world.drain().await;
    assert_eq!(world.sites(HARBOUR).len(), 4);
    let sign_ins = world.calls(Service::Crm).into_iter().find(|(name, _)| name == "RetrieveCrmTicket");
    assert_eq!(sign_ins.map(|(_, count)| count), Some(1));
}

/// A password that stays wrong is tried twice, a quarter of an hour apart, then a person is asked; accounts are not locked by a machine.
#[tokio::test(start_paused = true)]
async fn a_password_that_stays_wrong_is_refused_after_one_more_try() {
    let world = World::start().await;
    change_sharepoint_password(&world, "nobody told us");
    let request = world.request(HARBOUR, ANNA, account());
    let link = world.ring(HARBOUR, request).await.link();
    world.drain().await;
    world.pass(14).await;
    assert_eq!(world.status(&link).await["state"], "waiting");
    world.pass(2).await;
    let status = world.status(&link).await;
    assert_eq!(status["state"], "refused", "{status}");
    assert_eq!(status["reason"], "SharePoint refuses Tieline's sign-in; ask your administrator");
    assert_eq!(world.answered(HARBOUR, request).status, 4);
    assert_eq!(world.notes(HARBOUR, account()).len(), 1);
    let tried = world.call_count(Service::SharePoint);
    assert_eq!(tried, 2, "calls with a wrong password");
    world.pass(120).await;
    assert_eq!(world.call_count(Service::SharePoint), tried, "it was tried again");
    assert!(world.sites(HARBOUR).is_empty());
}

/// The same on the side of CRM: the press waits in CRM, and nothing of the password is said.
#[tokio::test(start_paused = true)]
async fn a_press_while_crm_refuses_the_password_is_kept() {
    let world = World::start().await;
    let request = world.request(HARBOUR, ANNA, account());
    change_crm_password(&world, "nobody told us");
    let heard = world.ring(HARBOUR, request).await;
    assert_eq!((heard.status, heard.code()), (StatusCode::SERVICE_UNAVAILABLE, "later"));
    let tried = world.call_count(Service::Crm);
    assert!(tried <= 2, "{tried} tries");
    store(&world, "crm", "nobody told us");
    world.pass(10).await;
    assert_eq!(world.answered(HARBOUR, request).status, 3);
}

/// Bad input: HTML instead of an answer, once: a session that ended. For good: refused with a reason.
#[tokio::test(start_paused = true)]
async fn a_sharepoint_that_answers_with_a_page_is_asked_once_more() {
    let world = World::start().await;
    world.next_calls(Service::SharePoint, Some("Lists.GetListCollection"), Fault::Html, 1);
    let link = world.press(HARBOUR, ANNA, account()).await.link();
    world.drain().await;
    world.pass(1).await;
    assert_eq!(world.status(&link).await["state"], "ready");
    let world = World::start().await;
    world.break_down(Service::SharePoint, Fault::Html);
    let link = world.press(HARBOUR, ANNA, account()).await.link();
    world.drain().await;
    world.pass(3).await;
    let status = world.status(&link).await;
    assert_eq!(status["state"], "refused", "{status}");
    assert!(!status.to_string().contains('<'), "{status}");
}
