//! One tree for messages: clients, simulators and tests all use it.

mod reading;

use std::{fmt, num::NonZeroU32, sync::Arc};

use crate::tokens::is_space;

/// An expanded name: the prefix is gone, the namespace is spelled out.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    /// The namespace name; empty for none.
    pub ns: Arc<str>,
    /// The local part.
    pub local: Arc<str>,
}

impl Name {
    /// A name in a namespace; an empty namespace means none.
    pub fn new(ns: &str, local: &str) -> Self {
        Self { ns: ns.into(), local: local.into() }
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}{}", self.ns, self.local)
    }
}

/// What an element holds, in order.
#[derive(Clone, PartialEq, Eq)]
pub enum Node {
    /// A child element.
    Element(Element),
    /// Text, whole: never split at entities.
    Text(String),
}

/// An XML element with expanded names.
///
/// `xsi:type` and `xsi:nil` are lifted out of the attributes into [`Element::kind`] and [`Element::is_nil`].
/// `==` ignores prefixes, attribute order, the white space between child elements, and the line.
#[derive(Clone)]
pub struct Element {
    pub(crate) name: Name,
    pub(crate) kind: Option<Name>,
    pub(crate) nil: bool,
    pub(crate) attributes: Vec<(Name, String)>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) line: Option<NonZeroU32>,
}

/// What to look for: a local name in any namespace (`"Body"`), or an expanded name (`(ns::SOAP11, "Body")`).
pub trait Pattern: Copy {
    /// Whether the name is meant.
    fn matches(self, name: &Name) -> bool;
    /// The local part, for error paths.
    fn local(self) -> impl fmt::Display;
}

impl Pattern for &str {
    fn matches(self, name: &Name) -> bool {
        &*name.local == self
    }
    fn local(self) -> impl fmt::Display {
        self
    }
}

impl Pattern for (&str, &str) {
    fn matches(self, name: &Name) -> bool {
        &*name.local == self.1 && &*name.ns == self.0
    }
    fn local(self) -> impl fmt::Display {
        self.1
    }
}

/// Building.
impl Element {
    /// An empty element.
    pub fn new(ns: &str, local: &str) -> Self {
        Self::named(Name::new(ns, local))
    }

    pub(crate) fn named(name: Name) -> Self {
        Self { name, kind: None, nil: false, attributes: Vec::new(), nodes: Vec::new(), line: None }
    }

    /// With a child element at the end.
    #[must_use]
    pub fn with(mut self, child: Element) -> Self {
        self.nodes.push(Node::Element(child));
        self
    }

    /// With several child elements at the end.
    #[must_use]
    pub fn with_all(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.nodes.extend(children.into_iter().map(Node::Element));
        self
    }

    /// With text at the end. Empty text adds nothing.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.nodes.push(Node::Text(text));
        }
        self
    }

    /// With a child in this element's own namespace that holds only text: the commonest shape of a message.
    #[must_use]
    pub fn with_value(self, local: &str, value: impl fmt::Display) -> Self {
        let child = Element::named(Name { ns: self.name.ns.clone(), local: local.into() });
        self.with(child.with_text(value.to_string()))
    }

    /// With an attribute in no namespace. A later value of the same name replaces the earlier one.
    #[must_use]
    pub fn with_attribute(self, local: &str, value: impl Into<String>) -> Self {
        self.with_attribute_in("", local, value)
    }

    /// With an attribute in a namespace. A later value of the same name replaces the earlier one.
    #[must_use]
    pub fn with_attribute_in(mut self, ns: &str, local: &str, value: impl Into<String>) -> Self {
        let name = Name::new(ns, local);
        self.attributes.retain(|(other, _)| *other != name);
        self.attributes.push((name, value.into()));
        self
    }

    /// With `xsi:type`.
    #[must_use]
    pub fn with_kind(mut self, ns: &str, local: &str) -> Self {
        self.kind = Some(Name::new(ns, local));
        self
    }

    /// With `xsi:nil="true"`.
    #[must_use]
    pub fn with_nil(mut self) -> Self {
        self.nil = true;
        self
    }

    /// With the line of another element: for a tree that is made from one that was read.
    #[must_use]
    pub fn with_line_of(mut self, source: &Element) -> Self {
        self.line = source.line;
        self
    }
}

/// Comparing.
impl Element {
    /// The nodes that count in a comparison: indentation between child elements does not.
    fn significant(&self) -> impl Iterator<Item = &Node> {
        let mixed = self.children().next().is_some();
        self.nodes.iter().filter(move |node| match node {
            Node::Text(text) => !(mixed && text.chars().all(is_space)),
            Node::Element(_) => true,
        })
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |element: &Self| {
            let mut attributes = element.attributes.clone();
            attributes.sort();
            attributes
        };
        self.name == other.name
            && self.kind == other.kind
            && self.nil == other.nil
            && sorted(self) == sorted(other)
            && self.significant().eq(other.significant())
    }
}

impl Eq for Element {}

impl fmt::Debug for Element {
    /// As XML, so that a failed comparison can be read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_xml() {
            Ok(xml) => f.write_str(&xml),
            Err(error) => write!(f, "<{}> that cannot be written: {error}", self.local()),
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Element(element) => element.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}
