//! The functions as `scripts/build` made them.

use std::{
    collections::BTreeSet,
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// One built function.
#[derive(Clone, Debug)]
pub struct Binary {
    /// Its `bootstrap`.
    pub path: PathBuf,
    /// The archive that holds the `bootstrap` and nothing else.
    pub archive: PathBuf,
}

/// What a binary runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// Lambda's `x86_64`.
    X86,
    /// Lambda's `arm64`.
    Arm,
}

impl Machine {
    /// This machine, if functions can be built for it.
    pub fn here() -> Option<Self> {
        match std::env::consts::ARCH {
            "x86_64" => Some(Self::X86),
            "aarch64" => Some(Self::Arm),
            _ => None,
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X86 => "x86_64",
            Self::Arm => "arm64",
        })
    }
}

impl Binary {
    /// Where the function's binary is, below the checkout's root.
    pub fn of(root: &Path, function: &str) -> Self {
        let folder = root.join("target/lambda");
        Self { path: folder.join(function).join("bootstrap"), archive: folder.join(format!("{function}.zip")) }
    }

    /// What it was built for.
    pub fn machine(&self) -> io::Result<Machine> {
        let start = fs::read(&self.path)?;
        // ELF, 64 bits, little end first; e_machine is at 18.
        match (start.get(..6), start.get(18..20)) {
            (Some(b"\x7fELF\x02\x01"), Some([62, 0])) => Ok(Machine::X86),
            (Some(b"\x7fELF\x02\x01"), Some([183, 0])) => Ok(Machine::Arm),
            _ => Err(io::Error::other("not a program for x86_64 or arm64")),
        }
    }

    /// The versions of glibc that it names, as numbers.
    ///
    /// Read from the whole file and not only from its table of needed versions: it may name too many, never too few.
    pub fn glibc(&self) -> io::Result<BTreeSet<Vec<u32>>> {
        const PREFIX: &[u8] = b"GLIBC_";
        let program = fs::read(&self.path)?;
        let mut versions = BTreeSet::new();
        for at in (0..program.len()).filter(|at| program[*at..].starts_with(PREFIX)) {
            let text = program[at + PREFIX.len()..].split(|byte| !matches!(byte, b'0'..=b'9' | b'.')).next();
            let text = std::str::from_utf8(text.unwrap_or_default()).unwrap_or_default();
            let version: Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
            versions.extend(version);
        }
        Ok(versions)
    }
}
