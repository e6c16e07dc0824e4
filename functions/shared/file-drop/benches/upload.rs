//! How fast a gigabyte goes, and how much memory that takes (the connector's limit was 2 GB of memory for a job; ours for a
//! file is 32 MB).
//!
//! `scripts/bench upload`. The servers are vsftpd and OpenSSH, of the tests.

#[path = "../tests/servers/server.rs"]
#[allow(clippy::unwrap_used, dead_code, reason = "of the tests, which use more of it")]
mod server;

use std::{
    io::{self, Write},
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use async_trait::async_trait;
use file_drop::{File, FileDrop, FtpDrop, Landed, SftpDrop, Source};
use peak_alloc::PeakAlloc;
use tokio::io::{AsyncRead, ReadBuf};

use server::{Server, reach};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const GIGABYTE: u64 = 1_000_000_000;

/// A gigabyte that is nowhere.
struct Made;

struct Reader(u64);

#[async_trait]
impl Source for Made {
    async fn open(&self, from: u64) -> io::Result<Box<dyn AsyncRead + Send + Unpin>> {
        Ok(Box::new(Reader(GIGABYTE - from)))
    }
}

impl AsyncRead for Reader {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let size = usize::try_from(self.0).unwrap_or(usize::MAX).min(into.remaining());
        into.initialize_unfilled_to(size).fill(b'x');
        into.advance(size);
        self.0 -= u64::try_from(size).unwrap_or_default();
        Poll::Ready(Ok(()))
    }
}

#[tokio::main]
async fn main() {
    let file = File::reading("gigabyte.csv", &Made).await.expect("a name");
    let mut out = io::stdout();
    let _ = writeln!(out, "{:<8}{:>10}{:>10}{:>12}", "way", "MB", "seconds", "peak, MB");
    let (ftp, sftp) = (Server::vsftpd(""), Server::openssh());
    let drops: [(&str, Option<Box<dyn FileDrop>>); 2] = [
        ("ftps", ftp.as_ref().map(|it| Box::new(FtpDrop::new(it.ftp(), reach()).expect("settings")) as _)),
        ("sftp", sftp.as_ref().map(|it| Box::new(SftpDrop::new(it.sftp(), reach()).expect("settings")) as _)),
    ];
    for (way, drop) in drops {
        let Some(drop) = drop else { continue };
        MEMORY.reset_peak_usage();
        let started = Instant::now();
        let landed = drop.put(&file, &Made).await;
        assert!(matches!(landed, Ok(Landed::Now { from: 0 })), "{way}: {landed:?}");
        let (seconds, peak) = (started.elapsed().as_secs_f64(), MEMORY.peak_usage_as_mb());
        let _ = writeln!(out, "{way:<8}{:>10}{seconds:>10.1}{peak:>12.1}", GIGABYTE / 1_000_000);
    }
}
