//! How fast a page of 2,500 events becomes typed events, beside a bare loop over the same bytes, and what it holds.
//!
//! `scripts/bench events` builds it with the profile of the tests, in which what is measured is optimised, on both sides
//! alike. The time is the thread's own: what else runs on the machine is not counted. The peer that the figure is held
//! against, a public extractor of 2025, does 3,760 events a second.

use std::{hint::black_box, io::Write, time::Duration};

use exacttarget::{EventPage, MOST_ROWS};
use peak_alloc::PeakAlloc;
use quick_xml::{Reader, events::Event};
use rustix::time::{ClockId, clock_gettime};

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
    Ok(())
}
