//! The emulator of AWS: started for the first test that wants it, stopped after the last one.

use std::{
    env,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// An emulator that runs at least as long as this does.
pub(crate) struct Emulator {
    pub(crate) endpoint: String,
    process: Option<Child>,
}

static SHARED: Mutex<Weak<Emulator>> = Mutex::new(Weak::new());

impl Emulator {
    /// The one at `TIELINE_EMULATOR`, or the one installed in `.tools/emulator`. None, after a visible line: there is
    /// none; under `CI=true` that is a failure.
    pub(crate) fn get() -> Option<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return Some(running);
        }
        let emulator = Arc::new(Self::find()?);
        *shared = Arc::downgrade(&emulator);
        Some(emulator)
    }

    // Outside a test function, but for its output.
    #[allow(clippy::print_stdout)]
    fn find() -> Option<Self> {
        if let Ok(endpoint) = env::var("TIELINE_EMULATOR") {
            return Some(Self { endpoint, process: None });
        }
        let python = root().join(".tools/emulator/bin/python");
        if python.exists() {
            return Some(Self::start(&python));
        }
        assert!(env::var("CI").as_deref() != Ok("true"), "needed here: the emulator of AWS in .tools/emulator");
        println!("skipped: the emulator of AWS is not installed (scripts/test does it)");
        None
    }

    fn start(python: &Path) -> Self {
        let mut process = Command::new(python)
            .arg(root().join("tests/emulator/start.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the emulator's Python runs");
        let mut endpoint = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut endpoint).expect("the emulator says where it is");
        assert!(!endpoint.is_empty(), "the emulator did not start");
        Self { endpoint: endpoint.trim().to_owned(), process: Some(process) }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // The end of its stdin is what it waits for.
            drop(process.stdin.take());
            let _ = process.wait();
        }
    }
}

pub(crate) fn root() -> PathBuf {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find(|folder| folder.join("template.yaml").exists());
    found.expect("the template is at the workspace's root").to_owned()
}
