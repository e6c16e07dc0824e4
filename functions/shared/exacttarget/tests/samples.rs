//! The contract's samples: every reply that others recorded or printed is read; every request we would send too is what
//! we send.
//!
//! What each file is (recorded, documented, reconstructed) its folder says; they stay outside of the project.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "the functions that tests share are tests too")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use exacttarget::{EventPage, Filter, Overall, objects::*, operations::*};
use soap::{Element, Envelope, FromXml, Limits, ToXml, parse};

/// The folder of the samples, beside the checkout; `None` where a checkout stands alone.
fn samples() -> Option<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().find(|folder| folder.join("Cargo.lock").exists()).unwrap();
    let folder = root.join("../shared/contracts/exacttarget/samples");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "the contracts are not there");
    println!("skipped: the contracts are not there");
    None
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|end| end == "xml"));
    found.sort();
    found
}

/// The message of a file: the body of its envelope, or of what of one was printed.
fn message(bytes: &[u8]) -> Element {
    fn below(element: &Element) -> &Element {
        let wraps = ["Envelope", "Body", "fragment"].iter().any(|name| element.is(*name));
        let inside = element.children().find(|child| !child.is("Header"));
        if wraps { inside.map_or(element, below) } else { element }
    }
    below(&parse(bytes, Limits::default()).unwrap()).clone()
}

/// What was read, in a word; nothing if it is no reply to what we send.
fn read(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let body = message(bytes);
    let kind = match body.local() {
        "RetrieveResponseMsg" => {
            let overall: Overall = body.child_text("OverallStatus").parse().unwrap();
            if !matches!(overall, Overall::Ok | Overall::MoreDataAvailable) {
                return Some("a retrieve that is refused");
            }
            let page = Retrieved::from_xml(&body).unwrap_or_else(|error| panic!("{name}: {error}"));
            let is_event = |result: &Element| {
                let kind = result.required_kind().unwrap_or_default();
                kind.ends_with("Event") && kind != "SubscriberStatusEvent" && kind != "TriggeredSendEvent"
            };
            if !page.results.is_empty() && page.results.iter().all(is_event) {
                let mut events = EventPage::over(bytes).unwrap();
                // Its request did not ask for the job; we always do.
                if page.results.iter().any(|event| event.child("SendID").is_none()) {
                    let refused = events.next_event().unwrap_err().to_string();
                    assert!(refused.ends_with("Results[0]/SendID: missing"), "{name}: {refused}");
                    return Some("events without a job");
                }
                while events.next_event().unwrap_or_else(|error| panic!("{name}: {error}")).is_some() {}
                assert_eq!(events.count(), page.results.len(), "{name}");
                "a page of events"
            } else {
                "a retrieve"
            }
        }
        "CreateResponse" | "UpdateResponse" | "DeleteResponse" => {
            let results = Results::from_xml(&body).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!results.0.is_empty(), "{name}");
            "results"
        }
        "PerformResponseMsg" => {
            Performed::from_xml(&body).unwrap_or_else(|error| panic!("{name}: {error}"));
            "a start"
        }
        "ExecuteResponseMsg" => {
            Logged::from_xml(&body).unwrap_or_else(|error| panic!("{name}: {error}"));
            "an opt-out"
        }
        "DefinitionResponseMsg" => {
            let described = Described::from_xml(&body).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(described.properties.iter().any(|property| property.is_retrievable), "{name}");
            "a description"
        }
        "SystemStatusResponseMsg" => {
            SystemStatus::from_xml(&body).unwrap_or_else(|error| panic!("{name}: {error}"));
            "a status"
        }
        "Fault" => "a fault",
        _ => return None,
    };
    Some(kind)
}

/// Contract §1: "parse by local name, tolerate unknown and missing elements".
#[test]
fn every_reply_of_the_contract_is_read() {
    let Some(samples) = samples() else { return };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for folder in ["docs", "reconstructed", "recorded-fuelsdk-node", "recorded-sfmc-devtools", "recorded-sfmc-sdk"] {
        for path in files(&samples.join(folder)) {
            let name = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
            match read(&name, &fs::read(&path).unwrap()) {
                Some(kind) => *counts.entry(kind).or_default() += 1,
                // Requests, pieces of objects, and replies to what we do not send.
                None if folder.starts_with("recorded") => println!("not ours: {name}"),
                None => {}
            }
        }
    }
    println!("{counts:?}");
    let expected = ["a page of events", "a retrieve", "a retrieve that is refused", "results", "a start", "a fault"];
    for kind in expected.into_iter().chain(["an opt-out", "a description", "a status"]) {
        assert!(counts.contains_key(kind), "{kind}: {counts:?}");
    }
}

/// The requests that the contract reconstructed, to the letter; their values are its own.
#[test]
fn what_we_send_is_what_the_contract_shows() {
    let Some(samples) = samples() else { return };
    let at = |text: &str| text.parse().unwrap();
    let window = |from: &str, until: &str| Filter::between("EventDate", at(from), at(until));
    let bounces = Retrieve::of(
        "BounceEvent",
        [
            "SendID",
            "SubscriberKey",
            "EventDate",
            "EventType",
            "BatchID",
            "TriggeredSendDefinitionObjectID",
            "SMTPCode",
            "BounceCategory",
            "SMTPReason",
            "BounceType",
        ],
    )
    .only(Filter::any_of("SendID", [77_001, 77_002]).and(window("2026-01-15T16:00:00Z", "2026-01-15T17:00:00Z")));
    let mut continued = Retrieve::of("SentEvent", ["SendID"]).only(Filter::equals("SendID", 77_001));
    continued.continues = Some("0f7d3d3e-7f7b-4a3a-9a55-0f9f3f5d2b10".to_owned());
    let opt_out = LogUnsubEvent {
        subscriber: "c-0001".to_owned(),
        job: Some(77_001),
        list: Some(1_234),
        batch: Some(0),
        reason: "Opt-out recorded in CRM".to_owned(),
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let row = DataExtensionRow {
        table: "CRM_SEND_77001".to_owned(),
        keys: vec![pair("SubscriberKey", "c-0001")],
        values: vec![pair("EmailAddress", "ada@example.com"), pair("FirstName", "Ada")],
    };
    for (name, ours) in [
        ("req.retrieve.BounceEvent.window-and-sendid.usernametoken", bounces.to_xml()),
        ("req.retrieve.continue.fueloauth", continued.to_xml()),
        ("req.describe.BounceEvent", Describe("BounceEvent".to_owned()).to_xml()),
        ("req.execute.LogUnsubEvent", opt_out.to_xml()),
        (
            "req.perform.start.EmailSendDefinition",
            Start(Object::by_key("EmailSendDefinition", "CRM_ESD_77001")).to_xml(),
        ),
        ("req.getsystemstatus", GetSystemStatus.to_xml()),
        ("req.update.DataExtensionObject.upsert", Update { objects: vec![Object::from(&row)], upsert: true }.to_xml()),
    ] {
        let bytes = fs::read(samples.join(format!("reconstructed/{name}.xml"))).unwrap();
        assert_eq!(ours, Envelope::parse(&bytes, Limits::default()).unwrap().body, "{name}");
    }
}
