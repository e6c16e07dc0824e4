//! A document and what each reader must make of it.

use std::fmt;

use crate::Reader;

/// A document that is built to hurt.
pub struct Document {
    /// What is hostile in it, as a path of words: `crm/leaf/overlong NUL`.
    pub name: String,
    content: Content,
    /// The readers that it does not harm; all others of its kind must refuse it.
    pub harmless_to: Vec<Reader>,
    /// A document without tricks, and the readers that make of both the same.
    pub plain: Option<(String, Vec<Reader>)>,
}

type Content = Box<dyn Fn() -> Vec<u8> + Send + Sync>;

impl Document {
    /// A document that every reader refuses.
    pub(crate) fn refused(name: impl Into<String>, content: impl Fn() -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self { name: name.into(), content: Box::new(content), harmless_to: Vec::new(), plain: None }
    }

    /// That is harmless to these readers.
    pub(crate) fn but_harmless_to(mut self, readers: &[Reader]) -> Self {
        self.harmless_to = readers.to_vec();
        self
    }

    /// Among others of its kind.
    pub(crate) fn of_group(mut self, group: &str) -> Self {
        self.name = format!("{group}/{}", self.name);
        self
    }

    /// And says no more than this to these of them.
    pub(crate) fn saying(mut self, plain: impl Into<String>, readers: &[Reader]) -> Self {
        self.plain = Some((plain.into(), readers.to_vec()));
        self
    }

    /// Its bytes. Large ones are made anew each time.
    pub fn bytes(&self) -> Vec<u8> {
        (self.content)()
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// So many parts, one behind the other.
pub(crate) fn joined(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}
