//! Budgets and breakers that all functions share: nobody calls too early, too often, or a service that is down
//! (P6, P7, P12; EX-34).

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use domain::SignedDuration;
use e2e::{HARBOUR, NORTHWIND, World};
use http::{HeaderName, HeaderValue, StatusCode};
use localhost::Host;
use sandbox::{Fault, Service, crm::seed};
use tenants::{ConnectionError, Connections, Reach, Settings};
use transport::{Answer, Back, BackError, Call};

use crate::{ANNA, polled::step};

const ADAM: &str = r"NORTHWIND\adam.able";

fn another_process(world: &World) -> Host {
    world.instance.another_process().expect("the template is the same")
}

async fn settings(world: &World) -> Settings {
    let ledger = &world.instance.deps.platform.ledger;
    Settings::read(ledger, &World::tenant(HARBOUR)).await.expect("the ledger answers").expect("a seeded tenant")
}

/// P6: what one call was told holds for every function, every record and every process, until that time; and not for
/// another tenant.
#[tokio::test(start_paused = true)]
async fn nobody_calls_before_the_time_that_the_service_named() {
    for fault in [429, 503].map(|status| Fault::Throttle { status, retry_after: Some(600) }) {
        let world = World::start().await;
        // The sweep calls the others too.
        world.set(NORTHWIND, |settings| settings.active = false).await;
        let other = another_process(&world);
        // Both processes have called a moment ago.
        world.press(HARBOUR, ANNA, seed::account(16)).await;
        let requests = [1, 5, 7].map(|number| world.request(HARBOUR, ANNA, seed::account(number)));
        assert_eq!(world.ring_at(&other, HARBOUR, requests[0]).await.status, StatusCode::ACCEPTED);
        world.next_calls(Service::Crm, None, fault, 1);
        let heard = world.ring(HARBOUR, requests[1]).await;
        assert_eq!((heard.status, heard.code()), (StatusCode::SERVICE_UNAVAILABLE, "later"));
        assert_eq!(heard.headers["retry-after"], "600");
        world.instance.sandbox.world().forget_calls();
        for minute in 0..10 {
            let heard = world.ring_at(&other, HARBOUR, requests[2]).await;
            let left = (600 - 60 * minute).max(30).to_string();
            assert_eq!(heard.status, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(heard.headers["retry-after"], left);
            for process in [&other, &world.instance.host, &another_process(&world)] {
                process.fire("request-sweep").await;
                process.fire("wake").await;
                process.drain().await;
            }
            assert_eq!(world.call_count(Service::Crm), 0, "called after {minute} minutes");
            world.wait(SignedDuration::from_mins(1) - SignedDuration::from_millis(i64::from(minute == 9)));
        }
        world.ring(HARBOUR, requests[2]).await;
        assert_eq!(world.call_count(Service::Crm), 0, "called a millisecond too early");
        world.set(NORTHWIND, |settings| settings.active = true).await;
        let theirs = world.press(NORTHWIND, ADAM, seed::account(1)).await;
        assert_eq!(theirs.status, StatusCode::ACCEPTED, "another tenant's CRM is another");
        world.pass(10).await;
        for request in requests {
            assert_eq!(world.answered(HARBOUR, request).status, 3);
        }
    }
}

/// P7: after five failures nobody calls for half a minute; then one does, whoever it is; and when the service is back,
/// so is everybody, within a minute. The other tenant notices nothing.
#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_is_asked_by_one_caller_now_and_then() {
    for fault in [Fault::Refuse, Fault::Stall, Fault::Throttle { status: 503, retry_after: None }] {
        let world = World::start().await;
        let processes: Vec<Host> = (0..3).map(|_| another_process(&world)).collect();
        let requests = [1, 5, 7].map(|number| world.request(HARBOUR, ANNA, seed::account(number)));
        world.break_down(Service::Crm, fault.clone());
        let ring_all = async || {
            for process in &processes {
                for request in requests {
                    let heard = world.ring_at(process, HARBOUR, request).await;
                    assert_eq!((heard.status, heard.code()), (StatusCode::SERVICE_UNAVAILABLE, "later"));
                }
            }
        };
        ring_all().await;
        assert_eq!(world.call_count(Service::Crm), 5, "{fault:?}");
        for halves in 1..=20 {
            world.wait(SignedDuration::from_secs(30));
            ring_all().await;
            assert_eq!(world.call_count(Service::Crm), 5 + halves, "one probe each time: {fault:?}");
        }
        world.heal();
        assert_eq!(world.press(NORTHWIND, ADAM, seed::account(1)).await.status, StatusCode::ACCEPTED);
        world.wait(SignedDuration::from_mins(1));
        for (process, request) in processes.iter().zip(requests) {
            assert_eq!(world.ring_at(process, HARBOUR, request).await.status, StatusCode::ACCEPTED, "{fault:?}");
        }
    }
}

/// Three accounts pressed, and SharePoint down for so many minutes: their links.
async fn waiting_for_sharepoint(world: &World, fault: Fault, minutes: u32) -> Vec<String> {
    world.break_down(Service::SharePoint, fault.clone());
    let mut links = Vec::new();
    for number in [1, 5, 7] {
        links.push(world.press(HARBOUR, ANNA, seed::account(number)).await.link());
    }
    world.pass(minutes).await;
    let calls = world.call_count(Service::SharePoint);
    assert!(calls <= 5 + 60, "{calls} calls to a SharePoint that is down: {fault:?}");
    links
}

async fn ready(world: &World, links: &[String]) -> usize {
    let mut ready = 0;
    for link in links {
        ready += usize::from(world.status(link).await["state"] == "ready");
    }
    ready
}

/// P7: sites in the making go on when SharePoint is back, however long it was away and whenever it comes back: after two
/// minutes at most, of waiting and of waking, or after three where a call was lost that might still have landed.
#[tokio::test(start_paused = true)]
async fn sites_go_on_three_minutes_after_the_service_is_back() {
    let faults = [
        (Fault::Refuse, 2),
        (Fault::Throttle { status: 503, retry_after: None }, 2),
        (Fault::Stall, 3),
        (Fault::LoseAnswer, 3),
    ];
    for (fault, within) in faults {
        for minutes in (1..=4).chain(27..=30) {
            let world = World::start().await;
            let links = waiting_for_sharepoint(&world, fault.clone(), minutes).await;
            world.heal();
            world.pass(within).await;
            assert_eq!(ready(&world, &links).await, 3, "away for {minutes} minutes: {fault:?}");
        }
    }
}

/// P7: a call that was lost may still land, so the next try waits two minutes for it, and for `wake`; no more.
#[tokio::test(start_paused = true)]
async fn a_site_whose_call_was_lost_goes_on_within_three_minutes() {
    for fault in [Fault::Stall, Fault::LoseAnswer] {
        let world = World::start().await;
        world.next_calls(Service::SharePoint, Some("WebPartPages.AddWebPartToZone"), fault.clone(), 1);
        let links = [world.press(HARBOUR, ANNA, seed::account(1)).await.link()];
        world.drain().await;
        world.pass(1).await;
        assert_eq!(ready(&world, &links).await, 0, "it may still land: {fault:?}");
        world.pass(2).await;
        assert_eq!(ready(&world, &links).await, 1, "{fault:?}");
    }
}

/// P7: the call that was to find out whether SharePoint is back dies with its process. The others go on as ever; the site
/// whose delivery died goes on when its lease is over (7 minutes) and it is woken.
#[tokio::test(start_paused = true)]
async fn a_probe_that_dies_holds_up_its_own_site_alone_and_for_eight_minutes() {
    for fault in [Fault::Refuse, Fault::Stall] {
        let world = World::start().await;
        let links = waiting_for_sharepoint(&world, fault.clone(), 30).await;
        let mut minutes = 0;
        let before = world.call_count(Service::SharePoint);
        while world.call_count(Service::SharePoint) == before {
            minutes += 1;
            assert!(minutes <= 5, "nobody asks whether it is back");
            world.wait(SignedDuration::from_mins(1));
            world.instance.host.fire("wake").await;
            let mut delivery = Box::pin(world.instance.host.deliver());
            while world.call_count(Service::SharePoint) == before && step(delivery.as_mut()).await.is_pending() {}
        }
        world.heal();
        world.pass(3).await;
        assert_eq!(ready(&world, &links).await, 2, "{fault:?}");
        world.pass(5).await;
        assert_eq!(ready(&world, &links).await, 3, "{fault:?}");
    }
}

/// EX-34: within no minute more calls than the budget, and everything is done in the end.
#[tokio::test(start_paused = true)]
async fn a_budget_of_thirty_calls_a_minute_holds() {
    let world = World::start().await;
    let thirty = NonZeroU32::new(30);
    // The sweep calls the others too.
    world.set(NORTHWIND, |settings| settings.active = false).await;
    world.set(HARBOUR, |settings| (settings.budgets.crm, settings.budgets.sharepoint) = (thirty, thirty)).await;
    let other = another_process(&world);
    let requests = [1, 5, 7, 16].map(|number| world.request(HARBOUR, ANNA, seed::account(number)));
    for request in requests {
        world.ring_at(&other, HARBOUR, request).await;
    }
    let mut counts = Vec::new();
    for minute in 0..40 {
        // Ten times a minute, by turns; a minute is any ten of them.
        for tenth in 0..10 {
            let before = [Service::Crm, Service::SharePoint].map(|service| world.call_count(service));
            let process = if tenth % 2 == 0 { &other } else { &world.instance.host };
            process.fire("wake").await;
            if minute % 5 == 0 && tenth == 0 {
                process.fire("request-sweep").await;
            }
            process.drain().await;
            let after = [Service::Crm, Service::SharePoint].map(|service| world.call_count(service));
            counts.push([after[0] - before[0], after[1] - before[1]]);
            world.wait(SignedDuration::from_secs(6));
        }
    }
    for minute in counts.windows(10) {
        for service in 0..2 {
            let calls: u64 = minute.iter().map(|count| count[service]).sum();
            assert!(calls <= 30, "{calls} calls within a minute");
        }
    }
    for request in requests {
        assert_eq!(world.answered(HARBOUR, request).status, 3);
    }
}

/// P12: no connection at all for a tenant that is switched off, whoever asks; one that was made before is no way round.
#[tokio::test]
async fn a_tenant_that_is_switched_off_has_no_connection() {
    let world = World::start().await;
    world.press(HARBOUR, ANNA, seed::account(1)).await;
    let (connections, tenant) = (&world.instance.deps.connections, World::tenant(HARBOUR));
    let settings = Settings { active: false, ..settings(&world).await };
    let (crm, sites) = (connections.crm(&tenant, &settings).await, connections.sites(&tenant, &settings).await);
    assert!(matches!(crm.err(), Some(ConnectionError::SwitchedOff(_))));
    assert!(matches!(sites.err(), Some(ConnectionError::SwitchedOff(_))));
}

/// P12: a delivery that is under way makes no call more, two seconds after its tenant was switched off; and six minutes
/// after it is switched on again, what waited goes on.
#[tokio::test(start_paused = true)]
async fn a_delivery_under_way_stops_when_its_tenant_is_switched_off() {
    for calls in [1, 5, 20, 33] {
        let world = World::start().await;
        // The sweep calls the others too.
        world.set(NORTHWIND, |settings| settings.active = false).await;
        let link = world.press(HARBOUR, ANNA, seed::account(1)).await.link();
        let host = world.instance.host.clone();
        let mut delivery = Box::pin(host.deliver());
        while world.call_count(Service::SharePoint) < calls && step(delivery.as_mut()).await.is_pending() {}
        world.set(HARBOUR, |settings| settings.active = false).await;
        world.wait(SignedDuration::from_secs(2));
        let all_calls = || world.call_count(Service::Crm) + world.call_count(Service::SharePoint);
        let before = all_calls();
        delivery.await;
        world.pass(70).await;
        assert_eq!(world.status(&link).await["state"], "waiting");
        assert_eq!(all_calls(), before, "after {calls} calls");
        world.set(HARBOUR, |settings| settings.active = true).await;
        world.pass(6).await;
        assert_eq!(world.status(&link).await["state"], "ready");
    }
}

/// A service that answers nothing of use, says that this was the last call for a while, and counts.
struct UsedUp(AtomicU32);

#[async_trait]
impl Back for UsedUp {
    async fn send(&self, _: &Call) -> Result<Answer, BackError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let headers = [("ratelimit-remaining", "0"), ("ratelimit-reset", "42")];
        let headers = headers.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        Ok(Answer { status: StatusCode::NOT_FOUND, headers: headers.into_iter().collect(), body: Bytes::new() })
    }
}

/// P6: a service that says that nothing is left of its allowance is left alone, before it refuses anybody.
#[tokio::test(start_paused = true)]
async fn an_allowance_that_is_used_up_is_heeded_before_it_is_overdrawn() {
    let world = World::start().await;
    let (platform, back) = (&world.instance.deps.platform, Arc::new(UsedUp(AtomicU32::new(0))));
    let (tenant, settings) = (World::tenant(HARBOUR), settings(&world).await);
    for calls in [1, 2] {
        for _ in 0..3 {
            // Another process each time.
            let connections = Connections::new(platform, back.clone(), Reach::Loopback);
            let crm = connections.crm(&tenant, &settings).await.expect("a connection");
            crm.account(seed::account(1)).await.expect_err("nothing of use");
            assert_eq!(back.0.load(Ordering::SeqCst), calls);
        }
        world.wait(SignedDuration::from_secs(42));
    }
}

/// A service that never answers.
struct Silent;

#[async_trait]
impl Back for Silent {
    async fn send(&self, _: &Call) -> Result<Answer, BackError> {
        std::future::pending().await
    }
}

/// EX-34: how long a call may take is the tenant's decision, for each service.
#[tokio::test(start_paused = true)]
async fn a_call_takes_no_longer_than_the_tenant_lets_it() {
    for seconds in [7_u32, 3] {
        let world = World::start().await;
        let connections = Connections::new(&world.instance.deps.platform, Arc::new(Silent), Reach::Loopback);
        let (tenant, mut settings) = (World::tenant(HARBOUR), settings(&world).await);
        settings.timeouts.crm = NonZeroU32::new(seconds);
        let crm = connections.crm(&tenant, &settings).await.expect("a connection");
        let began = tokio::time::Instant::now();
        let error = crm.account(seed::account(1)).await.expect_err("nobody answers");
        assert!(error.is_transient(), "{error}");
        // Three tries of the sign-in, and less than a second between them.
        assert_eq!(began.elapsed().as_secs(), u64::from(3 * seconds), "{error}");
    }
}
