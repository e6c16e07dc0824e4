//! Promises about what is built to hurt: it is refused or does no harm, costs little, and makes nobody call anybody.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use hostile::{Document, Reader, html_pages, xml_documents};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// A reader holds at most this many times the document, and so much more. What is read by a client is held as it came,
/// as it is taken apart, and as it is kept.
const MOST_TIMES: usize = 8;
/// What `Fetch` reads is first written into an answer, where `<` is four bytes.
const MOST_TIMES_IN_AN_ANSWER: usize = 16;
const MOST_MORE: usize = 64 << 20;

/// What a host says goes to a journal and to people, in characters.
const MOST_MESSAGE: usize = 4_000;

/// Far above what any document takes (see `scripts/bench hostile`): a document that is read in the square of its size
/// takes minutes.
const LONGEST: Duration = Duration::from_secs(20);

/// A4, A6, A18. One test, because the memory that is counted is the process's.
#[test]
fn what_is_built_to_hurt_is_refused_or_does_no_harm() {
    let (xml, html) = (xml_documents(), html_pages());
    assert!(xml.len() >= 300, "{} XML documents", xml.len());
    assert!(html.len() >= 200, "{} pages", html.len());
    let mut names = BTreeSet::new();
    for document in xml.iter().chain(&html) {
        assert!(names.insert(&document.name), "a second document {document:?}");
    }
    let mut wrong = Vec::new();
    for document in &xml {
        wrong.extend(Reader::OF_XML.iter().filter_map(|reader| judge(document, *reader).err()));
    }
    for page in &html {
        wrong.extend(Reader::OF_HTML.iter().filter_map(|reader| judge(page, *reader).err()));
    }
    assert!(wrong.is_empty(), "{} of {} documents:\n{}", wrong.len(), names.len(), wrong.join("\n"));
}

/// What a reader makes of the documents without tricks, so that "refused" is not all that it can say.
#[test]
fn every_reader_reads_a_document_without_tricks() {
    let documents: Vec<Document> = xml_documents().into_iter().chain(html_pages()).collect();
    for reader in Reader::OF_XML.into_iter().chain(Reader::OF_HTML) {
        let plain = documents.iter().filter_map(|document| document.plain.as_ref());
        let plain: BTreeSet<&String> = plain.filter(|(_, of)| of.contains(&reader)).map(|(plain, _)| plain).collect();
        assert!(!plain.is_empty(), "nothing is plain to {reader:?}");
        for document in plain {
            let reading = reader.read(document.as_bytes());
            assert!(reading.outcome.is_ok(), "{reader:?}: {reading:?} of {document}");
        }
    }
}

fn judge(document: &Document, reader: Reader) -> Result<(), String> {
    let bytes = document.bytes();
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let started = Instant::now();
    let reading = reader.read(&bytes);
    let (took, peak) = (started.elapsed(), MEMORY.peak_usage().saturating_sub(before));
    let fail = |what: String| Err(format!("{} to {reader:?}: {what}", document.name));
    match (&reading.outcome, document.harmless_to.contains(&reader)) {
        (Ok(read), false) => return fail(format!("was read: {read:.200}")),
        (Err(refusal), true) => return fail(format!("was refused: {refusal:.200}")),
        _ => {}
    }
    if let Some((plain, readers)) = &document.plain
        && readers.contains(&reader)
        && reading.outcome != reader.read(plain.as_bytes()).outcome
    {
        return fail(format!("says something else: {:.400}", reading.outcome.unwrap_or_default()));
    }
    if reader == Reader::ErrorPage
        && let Ok(message) = &reading.outcome
        && message.chars().count() > MOST_MESSAGE
    {
        return fail(format!("a message of {} characters", message.chars().count()));
    }
    if reading.further_calls > 0 {
        return fail(format!("{} calls more", reading.further_calls));
    }
    let times = if reader == Reader::Fetch { MOST_TIMES_IN_AN_ANSWER } else { MOST_TIMES };
    if peak > bytes.len() * times + MOST_MORE {
        return fail(format!("{peak} bytes of memory for {}", bytes.len()));
    }
    if took > LONGEST {
        return fail(format!("{took:?}"));
    }
    Ok(())
}
