//! The emulator of AWS: a process that ends with this one.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, ensure};

/// An emulator that runs until this is dropped, or the process ends.
pub(super) struct Emulator {
    pub(super) endpoint: String,
    process: Child,
}

pub(super) fn python(root: &Path) -> PathBuf {
    root.join(".tools/emulator/bin/python")
}

impl Emulator {
    /// Starts one whose functions have `variables` in their environment.
    pub(super) fn start(root: &Path, variables: &[(&str, String)]) -> anyhow::Result<Self> {
        let mut process = Command::new(python(root))
            .arg(root.join("tests/emulator/start.py"))
            .args(variables.iter().map(|(name, value)| format!("{name}={value}")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the emulator's Python")?;
        let mut endpoint = String::new();
        let stdout = process.stdout.take().context("the emulator has no output")?;
        BufReader::new(stdout).read_line(&mut endpoint).context("the emulator says nothing")?;
        ensure!(!endpoint.is_empty(), "the emulator did not start");
        Ok(Self { endpoint: endpoint.trim().to_owned(), process })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // The end of its stdin is what it waits for.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
