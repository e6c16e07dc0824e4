//! The way of a file onto a server that has folders: under another name until it is whole.

use std::{io, time::Duration};

use async_trait::async_trait;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use crate::{DropError, File, Landed, Source, file::BLOCK};

/// How long one step, or one block, may take.
pub(crate) const STEP: Duration = Duration::from_mins(1);

/// What is needed of a server.
#[async_trait]
pub(crate) trait Remote: Send {
    /// How long a file is; `None` where there is none.
    async fn size(&mut self, name: &str) -> Result<Option<u64>, DropError>;

    /// Writes behind the first `from` bytes of a file, which is made if it is not there.
    async fn append(
        &mut self,
        name: &str,
        from: u64,
        content: &mut (dyn AsyncRead + Send + Unpin),
    ) -> Result<(), DropError>;

    /// Gives a file another name.
    async fn rename(&mut self, from: &str, to: &str) -> Result<(), DropError>;

    /// Removes a file.
    async fn remove(&mut self, name: &str) -> Result<(), DropError>;
}

/// Puts a file.
pub(crate) async fn put(remote: &mut dyn Remote, file: &File, source: &dyn Source) -> Result<Landed, DropError> {
    match remote.size(file.name()).await? {
        Some(size) if size == file.size() => return Ok(Landed::AlreadyThere),
        Some(_) => return Err(DropError::Exists),
        None => {}
    }
    let part = file.part();
    let from = match remote.size(&part).await? {
        Some(before) if (1..=file.size()).contains(&before) => before,
        // What is there cannot be overwritten, not even nothing.
        Some(_) => {
            remote.remove(&part).await?;
            0
        }
        None => 0,
    };
    // A file of nothing has to be made too.
    if from < file.size() || from == 0 {
        let mut content = source.open(from).await.map_err(DropError::Source)?;
        remote.append(&part, from, &mut *content).await?;
    }
    let landed = remote.size(&part).await?.unwrap_or_default();
    if landed != file.size() {
        remote.remove(&part).await?;
        return Err(DropError::Size { size: file.size(), landed });
    }
    remote.rename(&part, file.name()).await?;
    tracing::debug!(size = file.size(), from, "a file was dropped");
    Ok(Landed::Now { from })
}

/// What a protocol's error means.
pub(crate) trait Judged {
    /// `step`: what was being done.
    fn judge(self, step: &'static str) -> DropError;
}

/// Does one thing with a server, within the time that it may take.
pub(crate) async fn step<T, E: Judged>(
    name: &'static str,
    doing: impl Future<Output = Result<T, E>>,
) -> Result<T, DropError> {
    match timeout(STEP, doing).await {
        Ok(done) => done.map_err(|error| error.judge(name)),
        Err(_) => Err(DropError::Unreachable { step: name }),
    }
}

/// Why a content was not written to its end.
pub(crate) enum Broken {
    /// It cannot be read.
    Content(io::Error),
    /// It cannot be written; without an error, because that took too long.
    Writing(Option<io::Error>),
}

/// Writes a content block by block.
pub(crate) async fn copy(
    content: &mut (dyn AsyncRead + Send + Unpin),
    into: &mut (impl AsyncWrite + Unpin),
) -> Result<(), Broken> {
    let mut block = vec![0; BLOCK];
    loop {
        let read = content.read(&mut block).await.map_err(Broken::Content)?;
        if read == 0 {
            return Ok(());
        }
        let written = timeout(STEP, into.write_all(&block[..read])).await.map_err(|_| Broken::Writing(None))?;
        written.map_err(|error| Broken::Writing(Some(error)))?;
    }
}
