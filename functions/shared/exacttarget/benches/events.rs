//! How fast a page of 2,500 events becomes typed events, beside a bare loop over the same bytes, and what it holds; then the
//! same end to end: asked for over a socket by the real client, page after page.
//!
//! `scripts/bench events` builds it with the profile of the tests, in which what is measured is optimised, on both sides
//! alike. The time is the thread's own: what else runs on the machine is not counted. The peer that the figure is held
//! against, a public extractor of 2025, does 3,760 events a second.

use std::{
    hint::black_box,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread,
    time::Duration,
};

use domain::SystemClock;
use exacttarget::{ApiUser, Connection, EventPage, ExactTarget, MOST_ROWS, SignIn, operations::Retrieve};
use peak_alloc::PeakAlloc;
use quick_xml::{Reader, events::Event};
use rustix::time::{ClockId, clock_gettime};
use transport::{AddressRule, Client, Guard, Limits, Sockets, Trust};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const ROUNDS: usize = 200;

/// In the shape of the contract's reconstructions, with the header of a recorded reply; the values are invented.
fn page(kind: &str, own: &str) -> Vec<u8> {
    let row = |n: u32| {
        format!(
            r#"<Results xsi:type="{kind}"><Client><ID>1111111</ID></Client><PartnerKey xsi:nil="true"/><ObjectID xsi:nil="true"/><SendID>77001</SendID><SubscriberKey>8d0f1b6e-6a3a-df11-9a6d-{n:012x}</SubscriberKey><EventDate>2026-01-15T11:{:02}:{:02}.{:03}</EventDate><TriggeredSendDefinitionObjectID/><BatchID>0</BatchID>{own}</Results>"#,
            n / 60 % 60,
            n % 60,
            n % 1_000
        )
    };
    let rows = (0..MOST_ROWS).map(row).collect::<Vec<_>>().concat();
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Header/><soap:Body><RetrieveResponseMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"><OverallStatus>MoreDataAvailable</OverallStatus><RequestID>0f7d3d3e-7f7b-4a3a-9a55-0f9f3f5d2b10</RequestID>{rows}</RetrieveResponseMsg></soap:Body></soap:Envelope>"#
    )
    .into_bytes()
}

/// What quick-xml does at least: every event once, nothing kept.
fn bare(page: &[u8]) -> usize {
    let mut reader = Reader::from_reader(page);
    let mut events = 0;
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return events,
            Ok(event) => {
                black_box(&event);
                events += 1;
            }
            Err(error) => panic!("the page is XML: {error}"),
        }
    }
}

fn typed(page: &[u8]) -> usize {
    let mut events = EventPage::over(page).expect("a page");
    while let Some(event) = events.next_event().expect("an event") {
        black_box(&event);
    }
    events.count()
}

fn median(run: impl Fn() -> usize) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = now();
            black_box(run());
            now().saturating_sub(started)
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

/// How many pages come over a socket.
const PAGES: usize = 40;

/// Answers every request with the page, and the last one of [`PAGES`] as the last. In a thread of its own, whose time does
/// not count.
fn serve(page: &[u8]) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    let more = page.to_vec();
    let last = String::from_utf8_lossy(page).replace("MoreDataAvailable", "OK").into_bytes();
    thread::spawn(move || {
        let (stream, _) = listener.accept()?;
        let mut stream = BufReader::new(stream);
        for number in 1..=PAGES {
            let mut length = 0;
            loop {
                let mut line = String::new();
                stream.read_line(&mut line)?;
                let lower = line.to_ascii_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap_or_default();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            stream.read_exact(&mut vec![0; length])?;
            let body = if number == PAGES { &last } else { &more };
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.get_mut().write_all(head.as_bytes())?;
            stream.get_mut().write_all(body)?;
        }
        Ok::<_, std::io::Error>(())
    });
    Ok(address)
}

/// Events that were read over a socket, and the time of this thread for it: of all that the client does.
async fn end_to_end(page: &[u8]) -> (usize, Duration) {
    let address = serve(page).expect("a socket");
    let sockets = Sockets::new(Limits::default(), Trust::Only(Vec::new()), AddressRule::LoopbackToo).expect("sockets");
    let client = Client::new("exacttarget", Arc::new(sockets), Guard::loopback(), Arc::new(SystemClock));
    let user = ApiUser { name: "u".to_owned(), password: "p".into() };
    let endpoint = Some(format!("http://{address}/Service.asmx").parse().expect("an address"));
    let platform = ExactTarget::new(Connection { endpoint, sign_in: SignIn::User(user) }, client);
    let started = now();
    let mut pages = platform.pages(Retrieve::of("SentEvent", ["SendID", "SubscriberKey", "EventDate", "EventType"]));
    let mut count = 0;
    while let Some(page) = pages.next().await.expect("a page") {
        let mut events = page.events().expect("events");
        while let Some(event) = events.next_event().expect("an event") {
            black_box(&event);
            count += 1;
        }
    }
    (count, now().saturating_sub(started))
}

/// Time that this thread has had a processor.
fn now() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let bounce = "<EventType>SoftBounce</EventType><SMTPCode>452</SMTPCode><BounceCategory>Soft bounce</BounceCategory>\
                  <SMTPReason>4.2.2 (mailbox full)</SMTPReason><BounceType>delayed</BounceType>";
    let click = "<EventType>Click</EventType><URLID>9001</URLID><URL>https://www.example.com/offer?a=1&amp;b=2</URL>";
    writeln!(
        out,
        "{:<13}{:>9}{:>10}{:>10}{:>7}{:>13}{:>12}",
        "a page of", "KB", "bare, ms", "typed, ms", "ratio", "events/CPU-s", "beyond, KB"
    )?;
    for (kind, own) in [("SentEvent", "<EventType>Sent</EventType>"), ("ClickEvent", click), ("BounceEvent", bounce)] {
        let page = page(kind, own);
        assert_eq!(typed(&page), 2_500);
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        typed(&page);
        let beyond = MEMORY.peak_usage().saturating_sub(before);
        let (bare, typed) = (median(|| bare(&page)), median(|| typed(&page)));
        let (bare, typed) = (bare.as_secs_f64(), typed.as_secs_f64());
        writeln!(
            out,
            "{kind:<13}{:>9}{:>10.2}{:>10.2}{:>7.2}{:>13.0}{:>12}",
            page.len() / 1_000,
            bare * 1e3,
            typed * 1e3,
            typed / bare,
            f64::from(MOST_ROWS) / typed,
            beyond / 1_000
        )?;
    }
    let page = page("SentEvent", "<EventType>Sent</EventType>");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut rates: Vec<f64> = (0..7)
        .map(|_| {
            let (count, time) = runtime.block_on(end_to_end(&page));
            assert_eq!(count, PAGES * 2_500);
            f64::from(u32::try_from(count).unwrap_or_default()) / time.as_secs_f64()
        })
        .collect();
    rates.sort_unstable_by(f64::total_cmp);
    writeln!(
        out,
        "end to end, {PAGES} pages over a socket: {:.0} events/CPU-s, median of {}",
        rates[rates.len() / 2],
        rates.len()
    )
}
