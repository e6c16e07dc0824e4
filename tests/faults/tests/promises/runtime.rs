//! What a runtime does to a function: a panic, a time limit, a death in the middle of a batch. A freeze past the lease is
//! in `deliveries.rs`.

use std::{
    collections::BTreeMap,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    task::Poll,
};

use domain::{Clock, CrmId, SignedDuration, TenantId};
use http::{Method, Request, StatusCode};
use localhost::{Host, Instance, Source, Wiring};
use platform::{Failure, Function, Key, NewRow, Platform, memory::QueueSettings};
use provisioning::site::{BuildSite, Site};
use sandbox::people;
use serde_json::json;

use crate::on_a_paused_clock;

const TENANT: &str = "harbour";
/// As `template.yaml` has it of `build-site`.
const LIMIT: SignedDuration = SignedDuration::from_secs(300);
const HIDDEN: SignedDuration = SignedDuration::from_mins(30);

fn tenant() -> TenantId {
    TENANT.parse().expect("a tenant's name")
}

/// One queue that feeds one function, ten messages at a time.
fn wiring(name: &str) -> Wiring {
    let dead_letter = Some(format!("{name}-dead-letters"));
    let settings = QueueSettings { visibility: HIDDEN, max_receive: 5, dead_letter, ..QueueSettings::default() };
    Wiring {
        functions: vec![(name.to_owned(), LIMIT)],
        routes: Vec::new(),
        queues: vec![(name.to_owned(), settings)],
        sources: vec![Source { queue: name.to_owned(), function: name.to_owned(), batch: 10, partial: true }],
        schedules: Vec::new(),
    }
}

/// A function of such a queue on an instance's stores.
fn host(instance: &Instance, name: &'static str, function: impl Function + 'static) -> Host {
    let functions: BTreeMap<_, Arc<dyn Function>> = BTreeMap::from([(name, Arc::new(function) as Arc<dyn Function>)]);
    let clock: Arc<dyn Clock> = Arc::new(instance.clock.clone());
    Host::new(wiring(name), functions, instance.host.memory().clone(), clock).expect("one function, and it is here")
}

/// Presses on ten accounts: their ids, in order.
async fn ten_presses(instance: &Instance) -> Vec<CrmId> {
    let accounts: Vec<CrmId> = {
        let world = instance.sandbox.world();
        let organisation = world.crm.organisation(TENANT).expect("a seeded organization");
        organisation.records("account").map(|(id, _)| id).collect()
    };
    let mut pressed = Vec::new();
    for account in accounts {
        for person in people::of(TENANT) {
            let made = instance.sandbox.world().crm.press(TENANT, person.login, account, instance.clock.now());
            let Ok(request) = made else { continue };
            let body = json!({ "tenant": TENANT, "request": request }).to_string();
            let ring = Request::builder().method(Method::POST).uri("/v1/presses").body(body.into());
            if instance.host.http(ring.expect("a request")).await.status() == StatusCode::ACCEPTED {
                pressed.push(account);
                break;
            }
        }
        if pressed.len() == 10 {
            break;
        }
    }
    assert_eq!(pressed.len(), 10, "ten accounts that somebody may press");
    pressed
}

/// The states of the sites, in the order of their accounts.
fn states(instance: &Instance, accounts: &[CrmId]) -> Vec<&'static str> {
    let of = |account: &CrmId| {
        let rows = instance.host.memory().rows(&tenant(), &format!("SITE#account#{account}"));
        let site: Option<Site> = rows.into_iter().next().map(|row| serde_json::from_value(row.value).expect("a site"));
        site.map_or("none", |site| site.state.name())
    };
    accounts.iter().map(of).collect()
}

/// The deliveries of the batch, one web each at most.
fn webs(instance: &Instance) -> usize {
    let world = instance.sandbox.world();
    world.sharepoint.webs().filter(|web| web.path.starts_with("/sites/harbour/")).count()
}

/// The tables of the tenant's webs.
fn tables(instance: &Instance) -> Vec<String> {
    let world = instance.sandbox.world();
    let below = world.sharepoint.webs().filter(|web| web.path.starts_with("/sites/harbour/"));
    below.map(|web| world.sharepoint.table_of(&web.path)).collect()
}

/// The building of sites, ten messages at a time; the `dies_at`-th of them never comes to an end, and says so.
fn building(instance: &Instance, dies_at: u32, is_dead: &Arc<AtomicBool>) -> Host {
    let (deps, platform) = (Arc::new(instance.deps.clone()), instance.deps.platform.clone());
    let (taken, is_dead) = (Arc::new(AtomicU32::new(0)), Arc::clone(is_dead));
    let function = platform::queue_function("build-site", &platform, move |tenant, message: BuildSite, delivery| {
        let (deps, is_dead) = (Arc::clone(&deps), Arc::clone(&is_dead));
        let number = taken.fetch_add(1, Ordering::Relaxed) + 1;
        async move {
            let mut work = pin!(provisioning::build::deliver(&deps, tenant, message, delivery));
            if number == dies_at {
                // Not before it has begun: the lease is taken, and the web may be there.
                for _ in 0..60 {
                    assert!(poll_once(work.as_mut()).await.is_pending(), "sixty polls do not build a site");
                }
                is_dead.store(true, Ordering::Relaxed);
                std::future::pending::<()>().await;
            }
            work.await
        }
    });
    host(instance, "build-site", function)
}

/// One poll; the runtime wakes what waits.
async fn poll_once<F: Future>(mut work: Pin<&mut F>) -> Poll<F::Output> {
    let polled = std::future::poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
    tokio::task::yield_now().await;
    polled
}

/// P5: the third record of a batch of ten kills the process. What the first two did stays done, all ten come again, and
/// nothing is there twice.
#[test]
fn a_batch_whose_third_record_kills_the_process_ends_as_if_it_had_not() {
    on_a_paused_clock(async {
        let undisturbed = Instance::to_be_forked(0).await.expect("the world is complete");
        let accounts = ten_presses(&undisturbed).await;
        let instance = undisturbed.fork().expect("a copy");
        building(&undisturbed, u32::MAX, &Arc::default()).drain().await;
        assert_eq!(states(&undisturbed, &accounts), ["ready"; 10]);

        let is_dead = Arc::new(AtomicBool::new(false));
        let mortal = building(&instance, 3, &is_dead);
        {
            let mut delivery = pin!(mortal.deliver());
            while !is_dead.load(Ordering::Relaxed) {
                assert!(poll_once(delivery.as_mut()).await.is_pending(), "it dies before its end");
            }
        }
        let after = states(&instance, &accounts);
        assert_eq!(after.iter().filter(|state| **state == "ready").count(), 2, "{after:?}");
        assert_eq!(after.iter().filter(|state| **state == "building").count(), 1, "{after:?}");
        let memory = instance.host.memory();
        assert_eq!(memory.messages("build-site").len(), 10, "none of them is acknowledged");

        instance.sandbox.advance(HIDDEN + SignedDuration::from_mins(1));
        let process = building(&instance, u32::MAX, &is_dead);
        process.drain().await;
        assert_eq!(states(&instance, &accounts), ["ready"; 10]);
        assert_eq!(webs(&instance), 10, "one web for one record");
        assert_eq!(tables(&instance), tables(&undisturbed));
        assert_eq!(memory.messages("build-site").len(), 0);
    });
}

/// P5: a handler that panics. Its record comes back and is done then; the others of its batch are done before, once.
#[test]
fn a_record_whose_handler_panics_comes_back_and_the_others_go_on() {
    on_a_paused_clock(async {
        let instance = Instance::to_be_forked(0).await.expect("the world is complete");
        let platform = instance.deps.platform.clone();
        for number in 0..10 {
            let body = json!({ "tenant": TENANT, "message": number }).to_string();
            instance.host.memory().declare_queue("jobs", QueueSettings::default());
            instance.host.memory().send_text("jobs", &body, None).expect("a queue");
        }
        let has_panicked = Arc::new(AtomicBool::new(false));
        let function = platform::queue_function("jobs", &platform, {
            let platform = platform.clone();
            move |tenant, number: u32, _| {
                let (platform, has_panicked) = (platform.clone(), Arc::clone(&has_panicked));
                async move {
                    assert!(number != 3 || has_panicked.swap(true, Ordering::Relaxed), "a bug in the third");
                    do_once(&platform, &tenant, number).await
                }
            }
        });
        let host = host(&instance, "jobs", function);
        let done = || -> Vec<u64> {
            let rows = instance.host.memory().rows(&tenant(), "DONE#");
            rows.iter().map(|row| row.value.as_u64().expect("a number")).collect()
        };
        host.drain().await;
        assert_eq!(done(), [0, 1, 2, 4, 5, 6, 7, 8, 9]);
        assert_eq!(instance.host.memory().messages("jobs").len(), 1, "the third is still in the queue");
        instance.sandbox.advance(HIDDEN + SignedDuration::from_mins(1));
        host.drain().await;
        assert_eq!(done(), (0..10).collect::<Vec<_>>());
        assert_eq!(instance.host.memory().messages("jobs").len(), 0);
    });
}

/// Inserted, not counted: a second time is an error.
async fn do_once(platform: &Platform, tenant: &TenantId, number: u32) -> Result<(), Failure> {
    let key = Key::new(tenant, format!("DONE#{number}"));
    platform.ledger.insert(NewRow::new(key, &number)).await.map_err(|error| Failure::park(error.to_string()))?;
    Ok(())
}

/// How ten sites come about if every poll of a delivery takes so long: turns that ended, and turns that the runtime cut
/// off at the function's limit.
async fn slowly(pace: SignedDuration) -> (usize, usize) {
    let instance = Instance::to_be_forked(0).await.expect("the world is complete");
    let accounts = ten_presses(&instance).await;
    let (mut ended, mut cut_off) = (0, 0);
    while states(&instance, &accounts) != ["ready"; 10] {
        let began = instance.clock.now();
        let mut delivery = pin!(instance.host.deliver());
        loop {
            match poll_once(delivery.as_mut()).await {
                Poll::Ready(messages) => {
                    ended += messages;
                    break;
                }
                Poll::Pending => drop(instance.sandbox.advance(pace)),
            }
            if instance.clock.now().duration_since(began) >= LIMIT {
                cut_off += 1;
                break;
            }
        }
        instance.sandbox.advance(SignedDuration::from_mins(1));
        instance.host.fire_timers().await;
        assert!(ended + cut_off < 300, "no end: {:?}", states(&instance, &accounts));
    }
    assert_eq!(webs(&instance), 10, "one web for one record");
    (ended, cut_off)
}

/// P1, P5: calls take so long that a site is not built within the function's limit. Turns stop themselves before it,
/// unless one step outlasts the half minute that is kept back, and the next one goes on where it stopped.
#[test]
fn a_building_that_is_longer_than_its_limit_stops_itself_and_goes_on() {
    let (ended, cut_off) = on_a_paused_clock(slowly(SignedDuration::from_secs(1)));
    assert!(cut_off * 10 < ended, "{cut_off} turns were cut off, {ended} ended");
    assert!(ended > 15, "ten sites took {ended} turns: more than one for each");
}

/// P1: one step alone is longer than the limit, so that turns are cut off in the middle of it. What was made is found by
/// the next one.
#[test]
fn a_building_that_is_cut_off_at_its_limit_goes_on_inside_of_the_step() {
    let (_, cut_off) = on_a_paused_clock(slowly(SignedDuration::from_secs(4)));
    assert!(cut_off >= 10, "{cut_off} turns were cut off");
}
