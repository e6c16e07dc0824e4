//! How a function starts: from the start of its process to its first poll of the Runtime API, and its memory then.

use std::{fs, io::Write, path::Path, time::Duration};

use anyhow::{Context, ensure};
use localhost::{Binary, Cloud, Runtime, Wiring};

/// What each function is started with: as on Lambda, with all clients of the SDK made and the connections to the
/// public internet. Nothing is called before the first event.
const VARIABLES: [(&str, &str); 6] = [
    ("AWS_REGION", "eu-central-1"),
    ("AWS_ACCESS_KEY_ID", "none"),
    ("AWS_SECRET_ACCESS_KEY", "none"),
    ("TIELINE_BACK", "aws"),
    ("TIELINE_LEDGER", "ledger"),
    ("TIELINE_STAGING", "staging"),
];

/// Ways of starting that tell where the time goes, and what each changes.
const WAYS: [(&str, &[(&str, &str)]); 4] = [
    ("as deployed", &[]),
    // Both TLS stacks read one file of certificates and not also a folder with each certificate in a file.
    ("one certificate file", &[("SSL_CERT_FILE", BUNDLE)]),
    // No list of authorities for connections to tenants' systems.
    ("no outside TLS", &[("TIELINE_REACH", "loopback")]),
    // No SDK at all.
    ("no SDK, no outside TLS", &[("TIELINE_BACK", "memory"), ("TIELINE_REACH", "loopback")]),
];

const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

pub(crate) async fn measure(out: &mut impl Write, root: &Path, rounds: usize) -> anyhow::Result<()> {
    if let Some(missing) = Cloud::missing_functions(root) {
        anyhow::bail!(missing);
    }
    writeln!(
        out,
        "{:<16}{:<26}{:>9}{:>9}{:>9}{:>10}",
        "function", "first poll, ms", "min", "median", "max", "peak MB"
    )?;
    for (function, _) in Wiring::of(root)?.functions {
        let binary = Binary::of(root, &function);
        for (way, variables) in WAYS {
            let (mut times, mut memory) = (Vec::new(), Vec::new());
            for _ in 0..rounds.max(1) {
                let all = VARIABLES.iter().chain(variables).map(|(name, value)| ((*name).into(), (*value).into()));
                let runtime = Runtime::start(&binary.path, &function, all).await?;
                times.push(runtime.first_poll);
                memory.push(runtime.peak_memory()?);
            }
            memory.sort_unstable();
            let megabytes =
                format!("{}.{}", memory[memory.len() / 2] / 1024, memory[memory.len() / 2] % 1024 * 10 / 1024);
            let [min, median, max] = spread(&mut times)?;
            writeln!(out, "{function:<16}{way:<26}{min:>9.1}{median:>9.1}{max:>9.1}{megabytes:>10}")?;
        }
        let archive = fs::metadata(&binary.archive).with_context(|| binary.archive.display().to_string())?.len();
        writeln!(out, "{function:<16}{:<26}{archive:>9}", "zip, bytes")?;
    }
    Ok(())
}

/// Least, median and most, in milliseconds.
pub(crate) fn spread(times: &mut [Duration]) -> anyhow::Result<[f64; 3]> {
    ensure!(!times.is_empty(), "nothing was measured");
    times.sort_unstable();
    Ok([times[0], times[times.len() / 2], times[times.len() - 1]].map(|time| time.as_secs_f64() * 1000.0))
}
