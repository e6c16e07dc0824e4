//! One tree for messages: clients, simulators and tests all use it.

use std::{fmt, num::NonZeroU32, str::FromStr, sync::Arc};

use crate::{Error, Problem};

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

/// Reading.
impl Element {
    /// The expanded name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The local part of the name.
    pub fn local(&self) -> &str {
        &self.name.local
    }

    /// The line of the document on which the start tag begins, from 1; `None` if the element was not read.
    pub fn line(&self) -> Option<u32> {
        self.line.map(NonZeroU32::get)
    }

    /// Whether the element's name is this one.
    pub fn is(&self, pattern: impl Pattern) -> bool {
        pattern.matches(&self.name)
    }

    /// `xsi:type`, if it has one.
    pub fn kind(&self) -> Option<&Name> {
        self.kind.as_ref()
    }

    /// The local part of `xsi:type`, which must be there.
    pub fn required_kind(&self) -> Result<&str, Error> {
        self.kind.as_ref().map(|kind| &*kind.local).ok_or_else(|| Error::new(Problem::Missing).under("@xsi:type"))
    }

    /// Whether it says `xsi:nil="true"`.
    pub fn is_nil(&self) -> bool {
        self.nil
    }

    /// An attribute's value.
    pub fn attribute(&self, pattern: impl Pattern) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| pattern.matches(name)).map(|(_, value)| value.as_str())
    }

    /// An attribute that must be there.
    pub fn required_attribute(&self, pattern: impl Pattern) -> Result<&str, Error> {
        self.attribute(pattern).ok_or_else(|| Error::new(Problem::Missing).under(format_args!("@{}", pattern.local())))
    }

    /// All attributes in document order, without namespace declarations, `xsi:type` and `xsi:nil`.
    pub fn attributes(&self) -> impl Iterator<Item = (&Name, &str)> {
        self.attributes.iter().map(|(name, value)| (name, value.as_str()))
    }

    /// Children and text in document order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// All child elements.
    pub fn children(&self) -> impl Iterator<Item = &Element> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(child) => Some(child),
            Node::Text(_) => None,
        })
    }

    /// The child elements, without their parent.
    pub fn into_children(self) -> impl Iterator<Item = Element> {
        self.nodes.into_iter().filter_map(|node| match node {
            Node::Element(child) => Some(child),
            Node::Text(_) => None,
        })
    }

    /// The child elements of one name.
    pub fn all<P: Pattern>(&self, pattern: P) -> impl Iterator<Item = &Element> + use<'_, P> {
        self.children().filter(move |child| child.is(pattern))
    }

    /// The first child element of that name.
    pub fn child<P: Pattern>(&self, pattern: P) -> Option<&Element> {
        self.all(pattern).next()
    }

    /// A child element that must be there.
    pub fn required<P: Pattern>(&self, pattern: P) -> Result<&Element, Error> {
        self.child(pattern).ok_or_else(|| Error::new(Problem::Missing).under(pattern.local()))
    }

    /// The element's own text, joined; the text of children is not included.
    pub fn text(&self) -> String {
        self.nodes
            .iter()
            .filter_map(|node| match node {
                Node::Text(text) => Some(text.as_str()),
                Node::Element(_) => None,
            })
            .collect()
    }

    /// The element's own text as a value. Surrounding white space does not count.
    pub fn parse<T: FromStr>(&self) -> Result<T, Error> {
        let text = self.text();
        text.trim().parse().map_err(|_| Error::unexpected(type_name::<T>(), text.trim()))
    }

    /// The value of a child that must be there.
    pub fn value<T: FromStr>(&self, pattern: impl Pattern) -> Result<T, Error> {
        self.required(pattern)?.parse().map_err(|error| error.under(pattern.local()))
    }

    /// The value of a child that may be absent, nil or empty.
    pub fn optional_value<T: FromStr>(&self, pattern: impl Pattern) -> Result<Option<T>, Error> {
        match self.child(pattern) {
            Some(child) if !child.nil && !child.text().trim().is_empty() => {
                child.parse().map(Some).map_err(|error| error.under(pattern.local()))
            }
            _ => Ok(None),
        }
    }

    /// The text of a child; empty when it is absent.
    pub fn child_text(&self, pattern: impl Pattern) -> String {
        self.child(pattern).map(Element::text).unwrap_or_default()
    }

    /// Reads every child of one name; an error says which one it was: `Results[3]/…`.
    pub fn each<T>(
        &self,
        pattern: impl Pattern,
        mut read: impl FnMut(&Element) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.all(pattern)
            .enumerate()
            .map(|(index, child)| {
                read(child).map_err(|error| error.under(format_args!("{}[{index}]", pattern.local())))
            })
            .collect()
    }

    /// Reads inside of a child that must be there; an error carries its name.
    pub fn within<T>(
        &self,
        pattern: impl Pattern,
        read: impl FnOnce(&Element) -> Result<T, Error>,
    ) -> Result<T, Error> {
        read(self.required(pattern)?).map_err(|error| error.under(pattern.local()))
    }

    /// The nodes that count in a comparison: indentation between child elements does not.
    fn significant(&self) -> impl Iterator<Item = &Node> {
        let mixed = self.children().next().is_some();
        self.nodes.iter().filter(move |node| match node {
            Node::Text(text) => !(mixed && text.chars().all(char::is_whitespace)),
            Node::Element(_) => true,
        })
    }
}

fn type_name<T>() -> &'static str {
    let full = std::any::type_name::<T>();
    full.rsplit("::").next().unwrap_or(full)
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
