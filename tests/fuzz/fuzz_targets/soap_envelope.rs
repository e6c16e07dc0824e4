//! Envelopes, faults and addressing headers: what is read is written as the same message.
#![no_main]

use fuzz::canary;
use libfuzzer_sys::fuzz_target;
use soap::{Envelope, Fault, Limits, SoapVersion, server};

fuzz_target!(|document: &[u8]| {
    let Ok(read) = Envelope::parse(document, Limits::default()) else { return };
    let written = read.to_bytes().expect("what was read can be written");
    assert_eq!(Envelope::parse(&written, Limits::default()).as_ref(), Ok(&read));

    let addressing = read.addressing();
    let mut other = Envelope::new(read.version, read.body.clone());
    other.headers = addressing.to_headers();
    assert_eq!(other.addressing(), addressing);

    let request = server::Request::read("text/xml", None, document, Limits::default()).expect("a service reads it too");
    assert_eq!(request.action, addressing.action.trim_matches('"'));

    let version = read.version;
    if let Err(fault) = read.into_body() {
        canary!(version == SoapVersion::V12 && fault.code != "Sender");
        // What a fault cannot keep (attributes of its detail, text beside elements) is gone after the first writing.
        let once = through(version, &fault);
        assert_eq!((&once.reason, through(version, &once)), (&fault.reason, once.clone()));
    }
});

/// The fault, written as a reply and read as an answer.
fn through(version: SoapVersion, fault: &Fault) -> Fault {
    let reply = server::Reply::fault(version, fault).expect("a fault can be written");
    let answer = Envelope::parse(&reply.body, Limits::default()).expect("a reply can be read");
    answer.into_body().expect_err("a fault stays one")
}
