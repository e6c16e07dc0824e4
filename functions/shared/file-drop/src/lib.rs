//! Where the e-mail platform picks up files for its imports (EX-07; contract `exacttarget/README.md` §6, File import).
//!
//! One port, [`FileDrop`], and three ways: FTP with explicit TLS, which the product's brief describes, SFTP, which the
//! platform has today, and a bucket. A file is there whole or not at all: it is written under another name, its size is
//! compared, and then it gets its own. What was written of it before a connection broke is not written again. Nothing that
//! is there is overwritten, as on the platform's own servers.

mod bucket;
mod connection;
mod error;
mod file;
mod ftp;
mod reach;
mod sftp;
mod upload;

use async_trait::async_trait;

pub use bucket::BucketDrop;
pub use connection::{Ftp, Location, Login, Sftp};
pub use error::DropError;
pub use file::{File, Source};
pub use ftp::FtpDrop;
pub use reach::Reach;
pub use sftp::SftpDrop;

/// Takes files.
#[async_trait]
pub trait FileDrop: Send + Sync {
    /// Puts a file where imports find it. Done again it finds what it did: the same file is [`Landed::AlreadyThere`].
    async fn put(&self, file: &File, source: &dyn Source) -> Result<Landed, DropError>;
}

/// How a file got there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landed {
    /// It was written now, from this byte on: 0 unless the part before was there from an earlier try.
    Now {
        /// Bytes that were there already.
        from: u64,
    },
    /// One of that name and size was there: an earlier try whose answer was lost.
    AlreadyThere,
}
