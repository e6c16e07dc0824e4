//! A file on its way: its name, what it holds, and where that comes from.

use std::{io, path::PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeekExt};

use crate::DropError;

/// A file's name, size and hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    name: String,
    size: u64,
    sha256: [u8; 32],
}

impl File {
    /// A file of this name. The platform's servers take no `\ / : * < > | ? "` (contract §6), and what begins with a dot
    /// or holds a control character is not shown or ends a command.
    pub fn new(name: &str, size: u64, sha256: [u8; 32]) -> Result<Self, DropError> {
        let is_odd = |c: char| c.is_control() || r#"\/:*<>|?""#.contains(c);
        if name.is_empty() || name.len() > 200 || name.starts_with('.') || name.contains(is_odd) {
            return Err(DropError::Name);
        }
        Ok(Self { name: name.to_owned(), size, sha256 })
    }

    /// A file of what is in memory.
    pub fn of(name: &str, content: &Bytes) -> Result<Self, DropError> {
        Self::new(name, u64::try_from(content.len()).unwrap_or(u64::MAX), Sha256::digest(content).into())
    }

    /// A file of what a source gives, which is read once for it.
    pub async fn reading(name: &str, source: &dyn Source) -> Result<Self, DropError> {
        let mut reader = source.open(0).await.map_err(DropError::Source)?;
        let (mut hash, mut size, mut block) = (Sha256::new(), 0_u64, vec![0; BLOCK]);
        loop {
            let read = reader.read(&mut block).await.map_err(DropError::Source)?;
            if read == 0 {
                return Self::new(name, size, hash.finalize().into());
            }
            hash.update(&block[..read]);
            size += u64::try_from(read).unwrap_or_default();
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// In bytes.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The hash of its content, in hexadecimal digits.
    pub fn sha256(&self) -> String {
        self.sha256.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    /// What it is called until it is whole: one of another content has another name, so that only its own part is gone on
    /// with.
    pub(crate) fn part(&self) -> String {
        format!("{}.{}.part", self.name, &self.sha256()[..16])
    }
}

/// How much is read and written at a time, in bytes.
pub(crate) const BLOCK: usize = 256 << 10;

/// Where a file's content comes from. It may be asked for more than once.
#[async_trait]
pub trait Source: Send + Sync {
    /// The content from this byte on.
    async fn open(&self, from: u64) -> io::Result<Box<dyn AsyncRead + Send + Unpin>>;
}

#[async_trait]
impl Source for Bytes {
    async fn open(&self, from: u64) -> io::Result<Box<dyn AsyncRead + Send + Unpin>> {
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(self.len());
        Ok(Box::new(io::Cursor::new(self.slice(from..))))
    }
}

#[async_trait]
impl Source for PathBuf {
    async fn open(&self, from: u64) -> io::Result<Box<dyn AsyncRead + Send + Unpin>> {
        let mut file = tokio::fs::File::open(self).await?;
        file.seek(io::SeekFrom::Start(from)).await?;
        Ok(Box::new(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contract §6: what a name may not have.
    #[test]
    fn a_name_that_the_servers_do_not_take_is_refused() {
        for bad in ["", ".", "..", "a/b", "a\\b", "a:b", "a*", "<a", "a>", "a|b", "a?", "\"a\"", "a\r\nDELE b", ".a"] {
            assert!(matches!(File::of(bad, &Bytes::new()), Err(DropError::Name)), "{bad:?}");
        }
        for good in ["contacts.csv", "send 1 (2).csv", "Søk é.csv", "a.b.c"] {
            assert!(File::of(good, &Bytes::new()).is_ok(), "{good:?}");
        }
    }

    /// FIPS 180-2, example B.1.
    #[test]
    fn a_hash_is_told_in_digits() {
        let hash = File::of("a.csv", &Bytes::from_static(b"abc")).unwrap().sha256();
        assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    /// Two contents never share what is left of one of them.
    #[tokio::test]
    async fn a_part_belongs_to_its_content() {
        let (one, two) = (Bytes::from_static(b"one"), Bytes::from_static(b"two"));
        let of = |content: &Bytes| File::of("a.csv", content).unwrap();
        assert_ne!(of(&one).part(), of(&two).part());
        assert_eq!(File::reading("a.csv", &one).await.unwrap(), of(&one));
    }
}
