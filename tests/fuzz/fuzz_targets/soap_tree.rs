//! `soap::parse`: what is read can be written, and is the same when it is read again.
#![no_main]

use fuzz::{all, canary, texts};
use libfuzzer_sys::fuzz_target;
use soap::{Limits, parse};

fuzz_target!(|document: &[u8]| {
    let Ok(read) = parse(document, Limits::default()) else { return };
    let written = read.to_document().expect("what was read can be written");
    let again = parse(&written, Limits::default()).expect("what was written can be read");
    assert_eq!(again, read);
    assert_eq!(texts(&again), texts(&read));
    assert_eq!(again.to_document().as_ref(), Ok(&written), "writing is the same every time");
    let limits = Limits::default();
    assert!(all(&read).iter().all(|element| element.attributes().count() <= limits.attributes));
    canary!(texts(&read).iter().any(|text| text.contains('<') && text.contains('"') && text.contains('\t')));
});
