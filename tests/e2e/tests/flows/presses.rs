//! Many presses, lost presses and repeated ones end in one site each (ST-09, ST-10; P1, P3).

use std::sync::Arc;

use domain::{CrmId, SignedDuration};
use e2e::{HARBOUR, NORTHWIND, World};
use http::StatusCode;
use sandbox::{Fault, Service, crm::seed};
use tokio::task::JoinSet;

use crate::{ANNA, polled::cut};

const BJORN: &str = r"HARBOUR\bjorn.aas";
const ADAM: &str = r"NORTHWIND\adam.able";
const SITE: &str = "/sites/harbour/harbour-sons-shipping";

fn account() -> CrmId {
    seed::account(1)
}

/// Rings for all requests at once, each after so many turns of the others; returns the links.
async fn ring_at_once(world: &Arc<World>, requests: &[CrmId], turns: impl Fn(usize) -> usize) -> Vec<String> {
    let mut ringing = JoinSet::new();
    for (number, request) in requests.iter().copied().enumerate() {
        let (world, turns) = (Arc::clone(world), turns(number));
        ringing.spawn(async move {
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            let heard = world.ring(HARBOUR, request).await;
            assert_eq!(heard.status, StatusCode::ACCEPTED, "{heard:?}");
            heard.link()
        });
    }
    let mut links = ringing.join_all().await;
    links.sort();
    links.dedup();
    links
}

#[track_caller]
fn assert_all_ready(world: &World, requests: &[CrmId]) {
    for request in requests {
        let answered = world.answered(HARBOUR, *request);
        assert_eq!(answered.status, 3, "{answered:?}");
        assert!(answered.url.ends_with(SITE), "{answered:?}");
    }
}

/// P3: a hundred calls for one request record.
#[tokio::test]
async fn a_hundred_presses_of_one_record_at_once_make_one_site() {
    let world = Arc::new(World::start().await);
    let request = world.request(HARBOUR, ANNA, account());
    let links = ring_at_once(&world, &[request; 100], |_| 0).await;
    assert_eq!(links.len(), 1, "one link for all");
    world.drain().await;
    assert_eq!(world.sites(HARBOUR), [SITE]);
    assert_eq!(world.status(&links[0]).await["state"], "ready");
    assert_all_ready(&world, &[request]);
}

/// P3, ST-10: a hundred request records of two people for one account.
#[tokio::test]
async fn a_hundred_requests_for_one_account_at_once_make_one_site_and_all_are_answered() {
    let world = Arc::new(World::start().await);
    let press = |number: usize| world.request(HARBOUR, if number.is_multiple_of(2) { ANNA } else { BJORN }, account());
    let requests: Vec<CrmId> = (0..100).map(press).collect();
    let links = ring_at_once(&world, &requests, |_| 0).await;
    assert_eq!(links.len(), 1);
    world.drain().await;
    assert_eq!(world.sites(HARBOUR), [SITE]);
    assert_all_ready(&world, &requests);
}

/// P3: presses that come while the site is being built, at every stage of it, are answered with the site as well.
#[tokio::test(start_paused = true)]
async fn a_press_at_any_moment_of_the_building_is_answered_with_the_site() {
    for seed in 0..24_usize {
        let world = Arc::new(World::with_seed(seed as u64).await);
        let first = world.request(HARBOUR, ANNA, account());
        let late: Vec<CrmId> = (0..8).map(|_| world.request(HARBOUR, BJORN, account())).collect();
        world.ring(HARBOUR, first).await;
        let building = tokio::spawn({
            let world = Arc::clone(&world);
            async move { world.drain().await }
        });
        let links = ring_at_once(&world, &late, |number| number * 31 + seed * 7).await;
        assert_eq!(links.len(), 1);
        building.await.expect("the building ends");
        // What came in between is delivered again after a second or two, or woken.
        for _ in 0..12 {
            world.wait(SignedDuration::from_secs(1));
            world.drain().await;
        }
        world.pass(12).await;
        assert_eq!(world.sites(HARBOUR), [SITE], "seed {seed}");
        assert_all_ready(&world, &late);
        assert_all_ready(&world, &[first]);
        assert_eq!(world.issues(HARBOUR), [], "seed {seed}");
    }
}

/// ST-10: the second press gets the same site, at once, and its own request says so.
#[tokio::test]
async fn a_press_after_the_site_is_ready_gets_the_same_site() {
    let world = World::start().await;
    let first = world.press(HARBOUR, ANNA, account()).await;
    world.drain().await;
    let before = (world.everything().1, world.web(SITE), world.call_count(Service::SharePoint));
    let request = world.request(HARBOUR, BJORN, account());
    let second = world.ring(HARBOUR, request).await;
    assert_eq!((second.status, second.link()), (StatusCode::ACCEPTED, first.link()));
    assert_all_ready(&world, &[request]);
    world.drain().await;
    assert_eq!((world.everything().1, world.web(SITE), world.call_count(Service::SharePoint)), before);
}

/// A refusal is no end: what stood in the way is put right, and another press goes on where it stopped.
#[tokio::test(start_paused = true)]
async fn a_press_after_a_refusal_goes_on_where_it_stopped() {
    let world = World::start().await;
    world.break_operation(Service::SharePoint, "Lists.AddList", Fault::Error { code: "0x80070005".to_owned() });
    let (first, again) = (world.request(HARBOUR, ANNA, account()), world.request(HARBOUR, BJORN, account()));
    let link = world.ring(HARBOUR, first).await.link();
    world.drain().await;
    assert_eq!(world.status(&link).await["state"], "refused");
    assert_eq!(world.answered(HARBOUR, first).status, 4);
    world.heal();
    // Rung again, the refused request is no new press.
    assert_eq!(world.ring(HARBOUR, first).await.link(), link);
    world.drain().await;
    assert_eq!(world.status(&link).await["state"], "refused");
    assert_eq!(world.ring(HARBOUR, again).await.link(), link);
    world.drain().await;
    assert_eq!(world.status(&link).await["state"], "ready");
    assert_eq!(world.sites(HARBOUR), [SITE], "no second web");
    assert_all_ready(&world, &[again]);
}

/// Architecture, rule 2: no press is lost when the engine is down; also not one that a service made without a status.
#[tokio::test]
async fn a_press_whose_doorbell_never_rang_is_found_by_the_timer() {
    let world = World::start().await;
    let request = world.request(HARBOUR, ANNA, account());
    let unstated = world.request(HARBOUR, ANNA, seed::account(5));
    world.edit(HARBOUR, "tl_siterequest", unstated, |record| record.remove("tl_status"));
    world.pass(4).await;
    assert!(world.sites(HARBOUR).is_empty(), "the timer's time has not come");
    world.pass(1).await;
    assert_all_ready(&world, &[request]);
    assert_eq!(world.answered(HARBOUR, unstated).status, 3);
    // Answered ones are not taken up again.
    let before = world.everything();
    world.pass(10).await;
    assert_eq!(world.everything(), before);
}

/// Architecture, rule 2: one tenant's trouble does not keep the timer from the others.
#[tokio::test(start_paused = true)]
async fn the_timer_reaches_every_tenant_whatever_becomes_of_one() {
    let world = World::start().await;
    world.instance.host.memory().put_secret(&World::tenant(HARBOUR), "crm", &"not a connection".into());
    let request = world.request(NORTHWIND, ADAM, account());
    world.pass(5).await;
    assert_eq!(world.answered(NORTHWIND, request).status, 3);
}

/// P1: a crash between claim and queue. The row itself is due.
#[tokio::test]
async fn a_claimed_site_whose_message_is_lost_is_woken() {
    let world = World::start().await;
    let request = world.request(HARBOUR, ANNA, account());
    let heard = world.ring(HARBOUR, request).await;
    let memory = world.instance.host.memory();
    for message in memory.receive("build-site", 10) {
        memory.delete_message("build-site", &message.receipt);
    }
    world.drain().await;
    assert_eq!(world.status(&heard.link()).await["state"], "claimed");
    world.pass(3).await;
    assert_eq!(world.status(&heard.link()).await["state"], "ready");
    assert_all_ready(&world, &[request]);
}

/// ST-39: the same record id in two tenants is two records.
#[tokio::test]
async fn the_same_record_id_in_two_tenants_makes_two_sites() {
    let world = World::start().await;
    let (ours, theirs) = (world.press(HARBOUR, ANNA, account()).await, world.press(NORTHWIND, ADAM, account()).await);
    assert_ne!(ours.link(), theirs.link());
    world.drain().await;
    assert_eq!(world.sites(HARBOUR), [SITE]);
    assert_eq!(world.sites(NORTHWIND), ["/sites/northwind/alpine-ski-house"]);
    let (ours, theirs) = (world.status(&ours.link()).await, world.status(&theirs.link()).await);
    assert_eq!((&ours["title"], &theirs["title"]), (&"Harbour & Sons Shipping".into(), &"Alpine Ski House".into()));
}

/// P3: a message that comes again after its work was done.
#[tokio::test(start_paused = true)]
async fn a_message_that_comes_again_changes_nothing() {
    let world = World::start().await;
    let request = world.request(HARBOUR, ANNA, account());
    world.ring(HARBOUR, request).await;
    let memory = world.instance.host.memory();
    let body = memory.messages("build-site")[0].body.clone();
    world.drain().await;
    let before = (world.everything(), world.call_count(Service::SharePoint), world.call_count(Service::Crm));
    for _ in 0..3 {
        memory.send_text("build-site", &body, None).expect("a queue");
        world.drain().await;
    }
    let after = (world.everything(), world.call_count(Service::SharePoint), world.call_count(Service::Crm));
    assert_eq!(after, before, "nobody was asked again");
    assert_all_ready(&world, &[request]);
}

/// ST-01, ST-09: a doorbell that dies anywhere is rung again with the same request: one site, and the request is answered.
#[tokio::test(start_paused = true)]
async fn a_doorbell_that_dies_anywhere_can_be_rung_again() {
    let mut polls = 0;
    loop {
        let world = World::start().await;
        let request = world.request(HARBOUR, ANNA, account());
        println!("dies after {polls} polls");
        let whole = cut(world.ring(HARBOUR, request), polls).await.is_some();
        assert_eq!(world.ring(HARBOUR, request).await.status, StatusCode::ACCEPTED);
        world.pass(10).await;
        assert_eq!(world.sites(HARBOUR), [SITE]);
        assert_all_ready(&world, &[request]);
        if whole {
            break;
        }
        polls += 1;
    }
    assert!(polls > 15, "a press has more points than {polls}");
}
