//! The folder where files are dropped for imports (contract §6, File import).

use std::collections::BTreeMap;

use bytes::Bytes;

/// Its files, by name.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    files: BTreeMap<String, Bytes>,
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
}

impl Folder {
    /// Whether a name may be a file's.
    pub fn is_name(name: &str) -> bool {
        !name.is_empty()
            && name != "."
            && name != ".."
            && !name.contains(['\\', '/', ':', '*', '<', '>', '|', '?', '"'])
    }

    /// Takes a file.
    pub fn put(&mut self, name: &str, content: impl Into<Bytes>) -> Result<(), FileRefused> {
        if !Self::is_name(name) {
            return Err(FileRefused::Name);
        }
        if self.files.contains_key(name) {
            return Err(FileRefused::Exists);
        }
        self.files.insert(name.to_owned(), content.into());
        Ok(())
    }

    /// A file's content.
    pub fn get(&self, name: &str) -> Option<&Bytes> {
        self.files.get(name)
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
