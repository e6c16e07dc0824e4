//! How long a reader takes over a document that is built to hurt (A6: at most 50 ms, or this fails).
//!
//! `scripts/bench hostile` builds it with the profile of the tests, where the readers and what they read with are optimised:
//! all that provisioning needs is there already, and a reader without its debug assertions is only faster.

use std::{io::Write, time::Duration};

use hostile::{Document, Reader, html_pages, xml_documents};
use rustix::time::{ClockId, clock_gettime};

/// Each document is read this often, and the least time counts: what else ran on the machine is not the reader's.
const ROUNDS: usize = 3;

/// For a refusal, for each megabyte or part of one: a document that is larger is read as far as the mistake in it, in a time
/// that grows with it and no faster. `transport` takes 64 MiB, and a page 256 KiB, so there is an end to it.
const LONGEST: Duration = Duration::from_millis(50);

fn main() -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{:<12}{:>10}{:>10}{:>10}{:>10}  slowest", "reader, ms", "documents", "min", "median", "max")?;
    let xml = xml_documents();
    let html = html_pages();
    let mut slow = Vec::new();
    for reader in Reader::OF_XML {
        slow.extend(line(&mut out, reader, &xml)?);
    }
    for reader in Reader::OF_HTML {
        slow.extend(line(&mut out, reader, &html)?);
    }
    anyhow::ensure!(slow.is_empty(), "longer than {} ms a megabyte:\n{}", LONGEST.as_millis(), slow.join("\n"));
    Ok(())
}

/// Prints a reader's line: what it took too long for.
fn line(out: &mut impl Write, reader: Reader, documents: &[Document]) -> anyhow::Result<Vec<String>> {
    let refused = documents.iter().filter(|one| !one.harmless_to.contains(&reader));
    let mut times: Vec<(Duration, &Document)> = refused.map(|one| (fastest(reader, one), one)).collect();
    times.sort_unstable_by_key(|(time, _)| *time);
    let [min, median, max] = [0, times.len() / 2, times.len() - 1].map(|at| times[at].0.as_secs_f64() * 1_000.0);
    let slowest = times.iter().rev().take(3).map(|(time, document)| format!("{document:?} {}", time.as_millis()));
    let slow = times.iter().filter(|(time, document)| *time > LONGEST * megabytes(document));
    let said = |(time, document): &(Duration, &Document)| {
        format!("{document:?} ({} bytes) to {reader:?}: {} ms", document.bytes().len(), time.as_millis())
    };
    let slow = slow.map(said).collect();
    let (reader, slowest) = (format!("{reader:?}"), slowest.collect::<Vec<_>>().join(", "));
    writeln!(out, "{reader:<12}{:>10}{min:>10.2}{median:>10.2}{max:>10.1}  {slowest}", times.len())?;
    Ok(slow)
}

fn megabytes(document: &Document) -> u32 {
    u32::try_from(document.bytes().len().div_ceil(1_000_000)).unwrap_or(u32::MAX).max(1)
}

fn fastest(reader: Reader, document: &Document) -> Duration {
    let bytes = document.bytes();
    let times = (0..ROUNDS).map(|_| {
        let started = now();
        std::hint::black_box(reader.read(&bytes));
        now().saturating_sub(started)
    });
    times.min().unwrap_or_default()
}

/// Time that this thread has had a processor: what else runs on the machine is not the reader's.
fn now() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}
