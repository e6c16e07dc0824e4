//! What can be wrong with a document, and where.

use std::fmt;

/// Why a document was refused, with the path of the element it happened in.
///
/// Prints as `RetrieveResponseMsg/Results[3]/BatchID: expected u64, found "seven"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    path: String,
    problem: Problem,
}

/// The kinds of refusal. None of them is worth a retry of the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Not well formed.
    #[error("not well-formed XML: {0}")]
    Malformed(String),
    /// The document ends before its root element does. A cut reply must never look like a short page.
    #[error("the document is cut: it ends {open} elements deep")]
    Cut {
        /// How many elements were still open; 0 when there was no root at all.
        open: usize,
    },
    /// A `DOCTYPE`: no message needs one, and every entity attack does.
    #[error("a DOCTYPE is not accepted")]
    Doctype,
    /// A second root element, or text outside of the root.
    #[error("content outside of the one root element")]
    SecondRoot,
    /// Nested deeper than the limit.
    #[error("nested more than {0} deep")]
    TooDeep(usize),
    /// Larger than the limit, in bytes.
    #[error("larger than {0} bytes")]
    TooLarge(usize),
    /// More attributes on one element than the limit.
    #[error("more than {0} attributes on one element")]
    TooManyAttributes(usize),
    /// More elements and attributes than the limit.
    #[error("more than {0} elements and attributes")]
    TooManyParts(usize),
    /// Bytes that are not UTF-8, or a declaration of another encoding.
    #[error("not UTF-8")]
    Encoding,
    /// A character that XML 1.0 cannot carry, raw or as a reference.
    #[error("a control character or other character that XML cannot carry")]
    IllegalCharacter,
    /// The same attribute twice on one element.
    #[error("the same attribute twice on one element")]
    DuplicateAttribute,
    /// An entity other than the five of XML itself.
    #[error("an unknown entity")]
    UnknownEntity,
    /// A prefix that no namespace declaration binds.
    #[error("a prefix without a namespace declaration")]
    UnboundPrefix,
    /// A name of an element, attribute or type that XML does not allow, or longer than any in use.
    #[error("a name that XML cannot carry")]
    IllegalName,
    /// A namespace declaration that XML does not allow: of a reserved prefix or name, or of a prefix for no namespace;
    /// or one that is longer than any in use.
    #[error("a namespace declaration that XML does not allow")]
    IllegalBinding,
    /// A required element or attribute is absent.
    #[error("missing")]
    Missing,
    /// There is something else than expected.
    #[error("expected {expected}, found {found:?}")]
    Unexpected {
        /// The type or name that was expected.
        expected: String,
        /// The beginning of what was there.
        found: String,
    },
}

/// How much of a found value an error repeats.
const FOUND_CHARACTERS: usize = 40;

impl Error {
    /// An error at the place itself; callers add the way there with [`Error::under`].
    pub fn new(problem: Problem) -> Self {
        Self { path: String::new(), problem }
    }

    /// "Expected this, found that"; only the beginning of a long value is kept.
    pub fn unexpected(expected: impl Into<String>, found: &str) -> Self {
        let found = found.chars().take(FOUND_CHARACTERS).collect();
        Self::new(Problem::Unexpected { expected: expected.into(), found })
    }

    /// The same error, seen from one level further out.
    #[must_use]
    pub fn under(mut self, segment: impl fmt::Display) -> Self {
        self.path = if self.path.is_empty() { segment.to_string() } else { format!("{segment}/{}", self.path) };
        self
    }

    /// The way to the element, root first; empty when the document as a whole is refused.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong there.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::new(problem)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { write!(f, "{}", self.problem) } else { write!(f, "{}: {}", self.path, self.problem) }
    }
}

impl std::error::Error for Error {}
