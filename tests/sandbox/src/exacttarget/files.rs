//! The folder where files are dropped for imports (contract §6, File import).

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};

/// Its files, by name.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    files: BTreeMap<String, BytesMut>,
    /// How many bytes all files may have, where there is a limit.
    pub room: Option<usize>,
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileRefused {
    /// A file that is there cannot be overwritten (contract §6).
    #[error("a file of that name is there already")]
    Exists,
    /// One of `\ / : * < > | ? "`, or nothing (contract §6).
    #[error("the name has a character that files may not have")]
    Name,
    /// There is no file of that name.
    #[error("there is no such file")]
    Missing,
    /// There is no room.
    #[error("the folder is full")]
    Full,
}

impl Folder {
    /// Whether a name may be a file's.
    pub fn is_name(name: &str) -> bool {
        !name.is_empty()
            && name != "."
            && name != ".."
            && !name.contains(['\\', '/', ':', '*', '<', '>', '|', '?', '"'])
    }

    /// Takes a whole file.
    pub fn put(&mut self, name: &str, content: impl Into<Bytes>) -> Result<(), FileRefused> {
        self.write(name, false, &content.into())
    }

    /// Whether a file of this name may be begun, or gone on with.
    pub(crate) fn may_be_put(&self, name: &str, appends: bool) -> Result<(), FileRefused> {
        if !Self::is_name(name) {
            return Err(FileRefused::Name);
        }
        if !appends && self.files.contains_key(name) {
            return Err(FileRefused::Exists);
        }
        if self.room.is_some_and(|room| self.size() >= room) { Err(FileRefused::Full) } else { Ok(()) }
    }

    /// Takes a file, or what comes behind what is there of it.
    pub(crate) fn write(&mut self, name: &str, appends: bool, content: &[u8]) -> Result<(), FileRefused> {
        self.may_be_put(name, appends)?;
        let from = self.files.get(name).map_or(0, BytesMut::len);
        self.write_at(name, from, content)
    }

    /// Takes a part of a file. As much as there is room for is taken, as on a disk.
    pub(crate) fn write_at(&mut self, name: &str, offset: usize, content: &[u8]) -> Result<(), FileRefused> {
        let others = self.size() - self.files.get(name).map_or(0, BytesMut::len);
        let room = self.room.map_or(usize::MAX, |room| room.saturating_sub(others));
        let file = self.files.entry(name.to_owned()).or_default();
        let end = offset.saturating_add(content.len());
        let kept = end.min(room.max(offset.min(file.len())));
        if file.len() < kept {
            file.resize(kept, 0);
        }
        let written = kept.saturating_sub(offset);
        file[offset.min(kept)..kept].copy_from_slice(&content[..written]);
        if kept < end { Err(FileRefused::Full) } else { Ok(()) }
    }

    /// Gives a file another name.
    pub(crate) fn rename(&mut self, from: &str, to: &str) -> Result<(), FileRefused> {
        if !Self::is_name(to) {
            return Err(FileRefused::Name);
        }
        if self.files.contains_key(to) {
            return Err(FileRefused::Exists);
        }
        let content = self.files.remove(from).ok_or(FileRefused::Missing)?;
        self.files.insert(to.to_owned(), content);
        Ok(())
    }

    fn size(&self) -> usize {
        self.files.values().map(BytesMut::len).sum()
    }

    /// A file's content.
    pub fn get(&self, name: &str) -> Option<Bytes> {
        self.files.get(name).map(|content| content.clone().freeze())
    }

    /// How long a file is.
    pub fn size_of(&self, name: &str) -> Option<usize> {
        self.files.get(name).map(BytesMut::len)
    }

    /// Removes a file; whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        self.files.remove(name).is_some()
    }

    /// The names of all files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}
