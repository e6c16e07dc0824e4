//! What staging a send costs: memory, and the time from the bytes of CRM's pages to the bytes of the parts.
//!
//! `scripts/bench send`. The people are made as CRM's pages while they are asked for, and the bucket is a folder, so that
//! what is measured is the function's: its memory above what the process held before, and the thread's own time without
//! that of making pages and writing files. What the connector of the brief needed: 2 GB for 250,000 people.
//!
//! And what staging costs at AWS's public prices, from what is counted here: the function's own time at its memory, and the
//! bucket's requests. Time in which it waits for CRM is not in it: that is CRM's, and paid for as the function's own.

#![allow(clippy::unwrap_used, reason = "a bench")]

use std::{
    fmt::Write as _,
    io::Write as _,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use domain::{CrmId, SignedDuration};
use e2e::{HARBOUR, World};
use futures_util::TryStreamExt as _;
use peak_alloc::PeakAlloc;
use platform::{
    Bucket, BucketError, Delivery, Page, Platform,
    bucket::{Object, Parts, RawBucket},
};
use rustix::time::{ClockId, clock_gettime};
use sandbox::{crm::NewSend, exacttarget::seed};
use sending::{
    Deps, Patience, poll,
    send::{Send, SendState, Work},
    stage,
};
use tenants::{Connections, Reach};
use transport::{Answer, Back, BackError, Call, InProcess};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// As CRM gives at most.
const PER_PAGE: u64 = 5_000;

/// Public prices in dollars, us-east-1, as AWS listed them in 2025: a GB-second of Lambda on arm64, a thousand PUTs and a
/// thousand GETs of S3.
const GB_SECOND: f64 = 0.000_013_333_4;
const PUTS: f64 = 0.005;
const GETS: f64 = 0.000_4;
/// Of so much memory a function has one whole processor (AWS's words), and of less its share: a second of a processor costs the
/// same however much memory a function has.
const GB_OF_A_PROCESSOR: f64 = 1_769.0 / 1_024.0;

/// The thread's own time.
fn cpu() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(now.tv_sec).unwrap(), u32::try_from(now.tv_nsec).unwrap())
}

/// Time that is not the function's.
#[derive(Default)]
struct Aside(AtomicU64);

impl Aside {
    fn of<T>(&self, work: impl FnOnce() -> T) -> T {
        let started = cpu();
        let done = work();
        self.0.fetch_add(u64::try_from(cpu().saturating_sub(started).as_nanos()).unwrap(), Ordering::Relaxed);
        done
    }
}

/// CRM with so many people on any list.
struct Crowd {
    back: InProcess,
    people: u64,
    aside: Arc<Aside>,
    calls: AtomicU64,
}

#[async_trait]
impl Back for Crowd {
    async fn send(&self, call: &Call) -> Result<Answer, BackError> {
        let text = std::str::from_utf8(&call.body).unwrap_or_default();
        self.calls.fetch_add(1, Ordering::Relaxed);
        if !text.contains("listmember") {
            return self.back.send(call).await;
        }
        let number = text.split_once(" page=\"").or_else(|| text.split_once("page=&quot;")).unwrap().1;
        let number: u64 = number.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap();
        let body = self.aside.of(|| page(number, self.people));
        Ok(Answer { status: http::StatusCode::OK, headers: http::HeaderMap::new(), body })
    }
}

/// A page of contacts, one of a hundred without an address, in the form of the contract's samples; the values are invented.
fn page(number: u64, people: u64) -> Bytes {
    let from = (number - 1) * PER_PAGE;
    let to = people.min(from + PER_PAGE);
    let mut rows = String::with_capacity(3 << 20);
    let field = |rows: &mut String, name: &str, attributes: &str, value: &str| {
        let _ = write!(rows, "&lt;{name}{attributes}&gt;{value}&lt;/{name}&gt;");
    };
    for person in from..to {
        rows.push_str("&lt;result&gt;");
        field(&mut rows, "contactid", "", &format!("{{8D0F1B6E-6A3A-4F11-9A6D-{person:012X}}}"));
        field(&mut rows, "donotbulkemail", " name=\"Allow\"", "0");
        if person % 100 != 99 {
            field(&mut rows, "emailaddress1", "", &format!("person{person}@crowd.example"));
        }
        field(&mut rows, "firstname", "", "Robin");
        field(&mut rows, "lastname", "", &format!("Quay &amp;amp; Sons {person}"));
        field(&mut rows, "ownerid", " name=\"Anna Berg\" type=\"8\"", "{05E45A4D-B0C5-4000-8000-000000000002}");
        field(&mut rows, "statecode", " name=\"Active\"", "0");
        rows.push_str("&lt;/result&gt;");
    }
    let more = u8::from(to < people);
    let result = format!("&lt;resultset morerecords=\"{more}\" paging-cookie=\"{number}\"&gt;{rows}&lt;/resultset&gt;");
    drop(rows);
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">\
         <soap:Body><FetchResponse xmlns=\"http://schemas.microsoft.com/crm/2007/WebServices\"><FetchResult>{result}\
         </FetchResult></FetchResponse></soap:Body></soap:Envelope>"
    )
    .into()
}

/// A bucket that is a folder.
struct Folder {
    root: PathBuf,
    aside: Arc<Aside>,
    asked: Arc<Asked>,
}

/// How often a bucket was asked.
#[derive(Default)]
struct Asked {
    puts: AtomicU64,
    gets: AtomicU64,
}

impl Folder {
    fn file(&self, name: &str) -> PathBuf {
        self.root.join(name.replace('/', "_"))
    }
}

#[async_trait]
impl RawBucket for Folder {
    async fn put(&self, name: &str, body: Bytes, _: bool) -> Result<bool, BucketError> {
        self.asked.puts.fetch_add(1, Ordering::Relaxed);
        self.aside.of(|| std::fs::write(self.file(name), &body).unwrap());
        Ok(true)
    }

    async fn upload(&self, name: &str, parts: Parts<'_>) -> Result<bool, BucketError> {
        let parts: Vec<Bytes> = parts.try_collect().await.map_err(BucketError::Content)?;
        self.put(name, parts.concat().into(), true).await
    }

    async fn get(&self, name: &str) -> Result<Option<Bytes>, BucketError> {
        self.asked.gets.fetch_add(1, Ordering::Relaxed);
        Ok(self.aside.of(|| std::fs::read(self.file(name)).ok().map(Bytes::from)))
    }

    async fn delete(&self, _: &str) -> Result<(), BucketError> {
        Ok(())
    }

    async fn list(&self, _: &str, _: Option<&str>) -> Result<Page<Object>, BucketError> {
        Ok(Page { items: Vec::new(), next: None })
    }
}

/// What a run came to.
struct Figures {
    send: Send,
    peak_mb: f32,
    took: Duration,
    calls: u64,
    puts: u64,
    gets: u64,
}

/// Stages a send to so many people.
async fn staged(people: u64, root: &Path) -> Figures {
    let world = World::start().await;
    let tenant = World::tenant(HARBOUR);
    let order = world.instance.order_with_mails(&tenant, "Harbour & Sons");
    assert_eq!(world.manage(order).await["replaced"], HARBOUR);
    let send = press(&world);
    std::fs::create_dir_all(root).unwrap();
    let aside = Arc::new(Aside::default());
    let asked = Arc::new(Asked::default());
    let folder = Folder { root: root.to_owned(), aside: Arc::clone(&aside), asked: Arc::clone(&asked) };
    let platform = Platform { staging: Bucket::new(Arc::new(folder)), ..world.instance.deps.platform.clone() };
    let back = world.instance.back();
    let crowd = Arc::new(Crowd { back, people, aside: Arc::clone(&aside), calls: AtomicU64::new(0) });
    let connections = Connections::new(&platform, crowd.clone(), Reach::Loopback).sealing_with(NonZeroU32::MIN);
    let deps = Deps { platform, connections: Arc::new(connections), patience: Patience::None };
    world.instance.sandbox.advance(SignedDuration::from_mins(2));
    let deadline = world.instance.sandbox.now() + SignedDuration::from_hours(1);
    assert_eq!(poll::run(&deps, deadline).await.unwrap(), 1);
    aside.0.store(0, Ordering::Relaxed);
    crowd.calls.store(0, Ordering::Relaxed);
    MEMORY.reset_peak_usage();
    let (before, started) = (MEMORY.current_usage_as_mb(), cpu());
    let delivery = Delivery { message_id: "bench".to_owned(), receive_count: 1, deadline };
    stage::deliver(&deps, tenant, Work { send }, delivery).await.unwrap();
    let others = Duration::from_nanos(aside.0.load(Ordering::Relaxed));
    let took = cpu().saturating_sub(started).saturating_sub(others);
    let peak_mb = MEMORY.peak_usage_as_mb() - before;
    std::fs::remove_dir_all(root).unwrap();
    let [calls, puts, gets] = [&crowd.calls, &asked.puts, &asked.gets].map(|count| count.load(Ordering::Relaxed));
    Figures { send: row(&world, send), peak_mb, took, calls, puts, gets }
}

fn press(world: &World) -> CrmId {
    let now = world.instance.sandbox.now();
    let mut all = world.instance.sandbox.world();
    let list = all.crm.organisation_mut(HARBOUR).unwrap().add_list("Everybody", "contact", &[], now);
    let targets = vec![("tl_listid", list)];
    let new = NewSend { name: "All".to_owned(), targets, email: seed::NEWS.into(), ..NewSend::default() };
    all.crm.press_send(HARBOUR, r"HARBOUR\anna.berg", &new, now).unwrap()
}

fn row(world: &World, send: CrmId) -> Send {
    let rows = world.instance.host.memory().rows(&World::tenant(HARBOUR), &format!("SEND#{send}"));
    serde_json::from_value(rows.into_iter().next().unwrap().value).unwrap()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let root = std::env::temp_dir().join(format!("tieline-bench-{}", std::process::id()));
    let mut out = std::io::stdout();
    let _ = writeln!(
        out,
        "{:>10} {:>10} {:>6} {:>9} {:>9} {:>13} {:>6} {:>6} {:>6} {:>9}",
        "people", "in parts", "parts", "peak, MB", "seconds", "/ CPU-second", "calls", "puts", "gets", "dollars"
    );
    for people in [10_000, 100_000, 1_000_000] {
        let Figures { send, peak_mb, took, calls, puts, gets } = staged(people, &root).await;
        assert_eq!(send.state, SendState::Importing, "{:?}", send.waits_for);
        let (rows, parts, seconds) =
            (send.staging.rows(), send.staging.parts.unwrap_or_default().len(), took.as_secs_f64());
        #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
        let (speed, thousands) = (people as f64 / seconds, [puts, gets].map(|count| count as f64 / 1_000.0));
        let dollars = seconds * GB_OF_A_PROCESSOR * GB_SECOND + thousands[0] * PUTS + thousands[1] * GETS;
        let _ = writeln!(
            out,
            "{people:>10} {rows:>10} {parts:>6} {peak_mb:>9.1} {seconds:>9.2} {speed:>13.0} {calls:>6} {puts:>6} {gets:>6} {dollars:>9.5}"
        );
    }
}
