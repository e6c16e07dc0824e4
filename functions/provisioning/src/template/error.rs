//! Why a site template is refused, and where.

use soap::Element;

/// A template, or the values for it, that no site can be made from.
///
/// Prints as `site template, line 12: PropertyBagEntry: not supported; …`. Repeats words of the template (names of
/// elements, attributes, tokens and parameters), never a value that came from a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// Not XML that we read: cut, too large, with a `DOCTYPE`, …
    #[error("reading the site template: {0}")]
    Unreadable(#[from] soap::Error),
    /// An element of the template, or what it says.
    #[error("site template, line {line}: {element}: {reason}")]
    Refused {
        /// The local name of the element.
        element: String,
        /// The line on which the element begins, from 1.
        line: u32,
        /// What is wrong with it.
        reason: Reason,
    },
    /// A value holds characters that no document can carry.
    #[error("filling the site template: the value of {name} holds characters that XML cannot carry")]
    IllegalValue {
        /// The parameter, or `site title`.
        name: String,
    },
}

/// What is wrong with an element.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The element itself.
    #[error("not supported{}", advice(*.instead))]
    UnsupportedElement {
        /// What to write instead, where there is something.
        instead: Option<&'static str>,
    },
    /// One of its attributes.
    #[error("attribute {name} is not supported{}", advice(*.instead))]
    UnsupportedAttribute {
        /// The attribute.
        name: String,
        /// What to write instead, where there is something.
        instead: Option<&'static str>,
    },
    /// The value of an attribute, or of the text (`text`).
    #[error("this value of {name} is not supported; {instead}")]
    UnsupportedValue {
        /// The attribute.
        name: String,
        /// What is supported.
        instead: &'static str,
    },
    /// Text where the schema has none.
    #[error("text does not belong here")]
    UnexpectedText,
    /// A required attribute or element is absent or empty.
    #[error("{what} is missing")]
    Missing {
        /// What is missing.
        what: String,
    },
    /// An attribute or text that is not what it has to be.
    #[error("{what} must be {expected}")]
    Invalid {
        /// The attribute, or `text`.
        what: String,
        /// What it has to be.
        expected: &'static str,
    },
    /// The second of two things that have to differ.
    #[error("{what} is there already, in line {first}")]
    Duplicate {
        /// What they share.
        what: &'static str,
        /// The line of the first.
        first: u32,
    },
    /// Something in braces that looks like a token and is none of ours.
    #[error("{token} is not a token that is known here; known are {}", super::tokens::KNOWN)]
    UnknownToken {
        /// The token; the beginning of a long one.
        token: String,
    },
    /// `{parameter:` without its brace.
    #[error("a token is not closed")]
    OpenToken,
    /// A token asks for a parameter that `Preferences` does not declare.
    #[error("parameter {name} is not declared in Preferences/Parameters")]
    UnknownParameter {
        /// The parameter.
        name: String,
    },
    /// A required parameter got no value.
    #[error("parameter {name} is required and has no value")]
    MissingParameter {
        /// The parameter.
        name: String,
    },
    /// The default of a parameter leads back to itself.
    #[error("the default of parameter {name} refers back to itself")]
    Cycle {
        /// The parameter.
        name: String,
    },
    /// More of something than a site can have.
    #[error("more than {limit} {what}")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// The filled template is larger than the limit, in bytes.
    #[error("with all values filled in, the template is larger than {limit} bytes")]
    TooLarge {
        /// Bytes.
        limit: usize,
    },
}

impl TemplateError {
    pub(super) fn at(element: &Element, reason: Reason) -> Self {
        Self::Refused { element: element.local().to_owned(), line: line_of(element), reason }
    }

    pub(super) fn missing(element: &Element, what: impl Into<String>) -> Self {
        Self::at(element, Reason::Missing { what: what.into() })
    }

    pub(super) fn invalid(element: &Element, what: &str, expected: &'static str) -> Self {
        Self::at(element, Reason::Invalid { what: what.to_owned(), expected })
    }

    pub(super) fn unsupported(element: &Element, instead: Option<&'static str>) -> Self {
        Self::at(element, Reason::UnsupportedElement { instead })
    }
}

/// The line of an element of the template; all of them were read, so all have one.
pub(super) fn line_of(element: &Element) -> u32 {
    element.line().unwrap_or_default()
}

fn advice(instead: Option<&'static str>) -> String {
    instead.map(|instead| format!("; {instead}")).unwrap_or_default()
}
