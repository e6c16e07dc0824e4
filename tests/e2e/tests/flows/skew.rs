//! Clocks that are ten minutes apart: longer than any lease.

use std::pin::pin;

use domain::SignedDuration;
use e2e::{HARBOUR, World};
use http::StatusCode;
use localhost::Host;
use sandbox::{Fault, Service, crm::seed};

use crate::{ANNA, polled::run_for};

const APART: SignedDuration = SignedDuration::from_mins(10);

fn process(world: &World, ahead: SignedDuration) -> Host {
    world.instance.another_process_ahead(ahead).expect("the template is the same")
}

/// What the account's site looks like when every clock is right.
async fn golden() -> (Vec<String>, String) {
    let world = World::start().await;
    world.press(HARBOUR, ANNA, seed::account(1)).await;
    world.drain().await;
    let sites = world.sites(HARBOUR);
    let table = world.web(&sites[0]);
    (sites, table)
}

/// Bad input: clock skew. CRM's clock is ten minutes from ours, before or after; its request records are taken, and the
/// site is the one that right clocks make, however often SharePoint says *later*.
#[tokio::test(start_paused = true)]
async fn machines_ten_minutes_apart_from_crm_make_the_same_site() {
    let golden = golden().await;
    for ahead in [APART, -APART] {
        let world = World::start().await;
        let host = process(&world, ahead);
        let request = world.request(HARBOUR, ANNA, seed::account(1));
        assert_eq!(world.ring_at(&host, HARBOUR, request).await.status, StatusCode::ACCEPTED, "{ahead:?}");
        world.next_calls(Service::SharePoint, None, Fault::Throttle { status: 503, retry_after: Some(60) }, 2);
        for _ in 0..20 {
            host.drain().await;
            world.instance.sandbox.advance(SignedDuration::from_mins(1));
            host.fire_timers().await;
        }
        host.drain().await;
        let sites = world.sites(HARBOUR);
        assert_eq!((sites.clone(), world.web(&sites[0])), golden, "{ahead:?}");
        assert_eq!(world.answered(HARBOUR, request).status, 3, "{ahead:?}: the press is answered");
    }
}

/// T4: two machines twenty minutes apart both believe that the lease is theirs. What they write of the site is kept
/// apart by the fence: it is one site, and the press is answered.
#[tokio::test(start_paused = true)]
async fn machines_that_both_hold_the_lease_make_one_site() {
    for polls in (1..400).step_by(23) {
        let world = World::start().await;
        let (behind, ahead) = (process(&world, -APART), process(&world, APART));
        let request = world.request(HARBOUR, ANNA, seed::account(1));
        world.ring_at(&behind, HARBOUR, request).await;
        let mut first = pin!(behind.deliver());
        let is_done = run_for(first.as_mut(), polls).await.is_some();
        let memory = world.instance.host.memory();
        for message in memory.messages("build-site") {
            memory.release("build-site", &message.receipt);
        }
        ahead.deliver().await;
        if !is_done {
            first.await;
        }
        for _ in 0..40 {
            world.pass(1).await;
        }
        assert_eq!(world.sites(HARBOUR).len(), 1, "after {polls} polls");
        let answered = world.answered(HARBOUR, request);
        assert_eq!((answered.status, answered.reason.as_str()), (3, ""), "after {polls} polls");
    }
}
