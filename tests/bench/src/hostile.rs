//! How long a reader takes over a document that is built to hurt (A6: at most 50 ms).

use std::{
    io::Write,
    time::{Duration, Instant},
};

use hostile::{Document, Reader, html_pages, xml_documents};

use crate::cold::spread;

/// Each document is read this often, and the least time counts: what else ran on the machine is not the reader's.
const ROUNDS: usize = 3;

pub(crate) fn measure(out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(out, "{:<12}{:>10}{:>10}{:>10}{:>10}  slowest", "reader, ms", "documents", "min", "median", "max")?;
    let xml = xml_documents();
    for reader in Reader::OF_XML {
        line(out, reader, &xml)?;
    }
    line(out, Reader::Page, &html_pages())
}

fn line(out: &mut impl Write, reader: Reader, documents: &[Document]) -> anyhow::Result<()> {
    let mut times: Vec<(Duration, &Document)> = documents.iter().map(|one| (fastest(reader, one), one)).collect();
    times.sort_unstable_by_key(|(time, _)| *time);
    let [min, median, max] = spread(&mut times.iter().map(|(time, _)| *time).collect::<Vec<_>>())?;
    let slowest = times.iter().rev().take(3).map(|(time, document)| format!("{document:?} {}", time.as_millis()));
    let (reader, slowest) = (format!("{reader:?}"), slowest.collect::<Vec<_>>().join(", "));
    writeln!(out, "{reader:<12}{:>10}{min:>10.2}{median:>10.2}{max:>10.1}  {slowest}", documents.len())?;
    Ok(())
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
