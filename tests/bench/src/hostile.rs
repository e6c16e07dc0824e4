//! How long a reader takes over a document that is built to hurt (A6: at most 50 ms, or this fails).

use std::{
    io::Write,
    time::{Duration, Instant},
};

use hostile::{Document, Reader, html_pages, xml_documents};

use crate::cold::spread;

/// Each document is read this often, and the least time counts: what else ran on the machine is not the reader's.
const ROUNDS: usize = 3;

/// What only its size makes slow: tens of megabytes that are read to their end in a time that grows with them.
const LARGE: &[&str] = &[
    "size/attribute of 50 MB",
    "size/text of 60 MB",
    "size/text of 70 MB",
    "size/50 MB of less-thans",
    "size/50 MB of ampersands",
    "size/50 MB of quotes",
    "size/50 MB of NUL",
];

const LONGEST: Duration = Duration::from_millis(50);

pub(crate) fn measure(out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(out, "{:<12}{:>10}{:>10}{:>10}{:>10}  slowest", "reader, ms", "documents", "min", "median", "max")?;
    let xml = xml_documents();
    let html = html_pages();
    let mut slow = Vec::new();
    for reader in Reader::OF_XML {
        slow.extend(line(out, reader, &xml)?);
    }
    for reader in Reader::OF_HTML {
        slow.extend(line(out, reader, &html)?);
    }
    anyhow::ensure!(slow.is_empty(), "longer than {} ms:\n{}", LONGEST.as_millis(), slow.join("\n"));
    Ok(())
}

/// Prints a reader's line: what it took too long for.
fn line(out: &mut impl Write, reader: Reader, documents: &[Document]) -> anyhow::Result<Vec<String>> {
    let mut times: Vec<(Duration, &Document)> = documents.iter().map(|one| (fastest(reader, one), one)).collect();
    times.sort_unstable_by_key(|(time, _)| *time);
    let [min, median, max] = spread(&mut times.iter().map(|(time, _)| *time).collect::<Vec<_>>())?;
    let slowest = times.iter().rev().take(3).map(|(time, document)| format!("{document:?} {}", time.as_millis()));
    let slow = times.iter().filter(|(time, document)| *time > LONGEST && !LARGE.contains(&document.name.as_str()));
    let said = |(time, document): &(Duration, &Document)| {
        format!("{document:?} ({} bytes) to {reader:?}: {} ms", document.bytes().len(), time.as_millis())
    };
    let slow = slow.map(said).collect();
    let (reader, slowest) = (format!("{reader:?}"), slowest.collect::<Vec<_>>().join(", "));
    writeln!(out, "{reader:<12}{:>10}{min:>10.2}{median:>10.2}{max:>10.1}  {slowest}", documents.len())?;
    Ok(slow)
}

fn fastest(reader: Reader, document: &Document) -> Duration {
    let bytes = document.bytes();
    let times = (0..ROUNDS).map(|_| {
        let started = Instant::now();
        std::hint::black_box(reader.read(&bytes));
        started.elapsed()
    });
    times.min().unwrap_or_default()
}
