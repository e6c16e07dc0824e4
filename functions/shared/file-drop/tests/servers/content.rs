//! Contents that break, and servers that break under them.

use std::{
    io,
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
    task::{Context, Poll},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use file_drop::{DropError, File, FileDrop, Landed, Source};
use tokio::io::{AsyncRead, ReadBuf};

use crate::server::Server;

/// How large the blocks are that a content is given in.
const BLOCK: usize = 256 << 10;

/// A few blocks and a bit, no two of them alike.
pub(crate) fn content() -> Bytes {
    (0..5 * BLOCK + 77).map(|at| u8::try_from((at * 31 + at / 4_099) % 251).unwrap()).collect::<Vec<_>>().into()
}

/// A content during which something happens: at the first reading of its `at`th block.
pub(crate) struct Breaking<F> {
    pub(crate) content: Bytes,
    pub(crate) at: usize,
    pub(crate) happens: F,
    pub(crate) opened: AtomicU64,
}

#[async_trait]
impl<F: Fn() -> io::Result<()> + Clone + Send + Sync + Unpin + 'static> Source for Breaking<F> {
    async fn open(&self, from: u64) -> io::Result<Box<dyn AsyncRead + Send + Unpin>> {
        self.opened.store(from, Ordering::SeqCst);
        let position = usize::try_from(from).unwrap();
        let (content, breaks) = (self.content.clone(), self.at * BLOCK);
        Ok(Box::new(Reader { content, position, breaks, happens: self.happens.clone(), is_done: false }))
    }
}

struct Reader<F> {
    content: Bytes,
    position: usize,
    breaks: usize,
    happens: F,
    is_done: bool,
}

impl<F: Fn() -> io::Result<()> + Unpin> AsyncRead for Reader<F> {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.position >= this.breaks && !this.is_done {
            this.is_done = true;
            (this.happens)()?;
        }
        let end = (this.position + BLOCK.min(into.remaining())).min(this.content.len());
        into.put_slice(&this.content[this.position..end]);
        this.position = end;
        Poll::Ready(Ok(()))
    }
}

/// A server that crashes at a block, and one whose content breaks there: no file is there by its name, the next try finishes
/// it with what is missing, and the one after it finds it.
pub(crate) async fn cut_at_every_block(server: &Server, drop: &dyn FileDrop) {
    let content = content();
    let kill = std::sync::Arc::new(server.killer());
    for at in 0..6 {
        for crashes in [true, false] {
            let name = format!("cut {at} {crashes}.csv");
            let file = File::of(&name, &content).unwrap();
            let kill = std::sync::Arc::clone(&kill);
            let happens = move || {
                if crashes {
                    kill();
                    Ok(())
                } else {
                    Err(io::Error::from(io::ErrorKind::UnexpectedEof))
                }
            };
            let broken = Breaking { content: content.clone(), at, happens, opened: AtomicU64::new(0) };
            let error = drop.put(&file, &broken).await.unwrap_err();
            assert!(error.is_transient(), "{at}: {error:?}");
            assert!(!server.names().contains(&name), "{at}: half a file has its name");
            // A server notices a broken connection, and writes what it got of it, in its own time.
            for _ in 0..150 {
                if crashes || at == 0 || server.has_part() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let Landed::Now { from } = drop.put(&file, &content).await.unwrap() else { panic!("it was not there") };
            if !crashes && at > 0 {
                assert!(from > 0, "{at}: what was there was written again");
            }
            assert_eq!(std::fs::read(server.import().join(&name)).unwrap(), content, "{at}");
            assert_eq!(drop.put(&file, &content).await.unwrap(), Landed::AlreadyThere);
        }
    }
    assert_eq!(server.names().len(), 12, "no part is left: {:?}", server.names());
}

/// Another file of the same name stays as it is.
pub(crate) async fn nothing_is_overwritten(server: &Server, drop: &dyn FileDrop) {
    let (one, two) = (Bytes::from_static(b"one"), Bytes::from_static(b"another"));
    drop.put(&File::of("same.csv", &one).unwrap(), &one).await.unwrap();
    let error = drop.put(&File::of("same.csv", &two).unwrap(), &two).await.unwrap_err();
    assert!(matches!(error, DropError::Exists) && !error.is_transient(), "{error:?}");
    assert_eq!(std::fs::read(server.import().join("same.csv")).unwrap(), one);
    let nothing = Bytes::new();
    assert_eq!(drop.put(&File::of("empty", &nothing).unwrap(), &nothing).await.unwrap(), Landed::Now { from: 0 });
    assert_eq!(server.names(), ["empty", "same.csv"]);
}
