//! Replies of the e-mail platform, through the real client: the whole document is the input.
#![no_main]

use std::{
    pin::pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use domain::VirtualClock;
use exacttarget::{
    ApiUser, Connection, ExactTarget, SignIn,
    objects::Object,
    operations::{Create, Describe, LogUnsubEvent, Retrieve, Start},
};
use fuzz::canary;
use http::{Response, header};
use libfuzzer_sys::fuzz_target;
use soap::{Envelope, Limits};
use transport::{BackError, Client, Guard, InProcess};

fuzz_target!(|document: &[u8]| {
    let platform = answering(document);
    // What the tree of the same bytes says.
    let body = Envelope::parse(document, Limits::default()).ok().and_then(|envelope| envelope.into_body().ok());
    let overall = body.as_ref().map(|body| body.child_text("OverallStatus").trim().to_owned()).unwrap_or_default();
    let count = body.as_ref().map(|body| body.all("Results").count());

    // Events: a page that is read to its end is whole, and its rows are the tree's.
    let mut pages = platform.pages(Retrieve::of("ClickEvent", ["SendID", "SubscriberKey", "EventDate", "EventType"]));
    if let Ok(Some(page)) = now(pages.next())
        && let Ok(mut events) = page.events()
    {
        let mut read = 0;
        let whole = loop {
            match events.next_event() {
                Ok(Some(event)) => {
                    // Anything but what the seeds say: numbers are what the fuzzer changes first.
                    canary!(event.send != 7 || event.subscriber != Some("k"));
                    read += 1;
                }
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        if let Some(count) = count.filter(|_| whole) {
            assert!(read <= count, "more events than results");
        }
    }
    // A status that begins with *Error* is no success.
    let failed = overall.starts_with("Error");
    let retrieved = now(platform.send(&Retrieve::of("Send", ["ID"])));
    assert!(!(failed && retrieved.is_ok()), "an error passed for a page");
    if let (Ok(retrieved), Some(count)) = (&retrieved, count) {
        assert_eq!(retrieved.results.len(), count);
    }
    let started = now(platform.send(&Start(Object::by_key("ImportDefinition", "x"))));
    assert!(!(failed && started.is_ok()), "an error passed for a start");
    let created = now(platform.send(&Create { objects: vec![Object::by_key("List", "x")], upsert: false }));
    if let Ok(created) = created {
        assert!(!failed || !created.0.is_empty(), "a call that failed passed for one without outcomes");
    }
    let _ = now(platform.send(&Describe("Send".to_owned())));
    let _ = now(platform.send(&LogUnsubEvent::default()));
});

/// A client of a platform that answers everything with this.
fn answering(document: &[u8]) -> ExactTarget {
    static CLOCK: OnceLock<VirtualClock> = OnceLock::new();
    let clock = CLOCK.get_or_init(|| VirtualClock::at("2026-01-15T18:00:00Z".parse().expect("an instant"))).clone();
    let answer = Bytes::copy_from_slice(document);
    let back = InProcess::new(move |_| {
        let reply = Response::builder().header(header::CONTENT_TYPE, "text/xml; charset=utf-8");
        Ok::<_, BackError>(reply.body(answer.clone()).expect("a reply"))
    });
    let client = Client::new("exacttarget", Arc::new(back), Guard::loopback(), Arc::new(clock));
    let user = ApiUser { name: "u".to_owned(), password: "p".into() };
    let endpoint = Some("http://localhost:1/Service.asmx".parse().expect("an address"));
    ExactTarget::new(Connection { endpoint, sign_in: SignIn::User(user) }, client)
}

/// Nothing here waits: what would is given up.
fn now<T>(doing: impl Future<Output = T>) -> T {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().expect("a runtime")
    });
    let mut doing = pin!(doing);
    match doing.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => runtime.block_on(doing),
    }
}
