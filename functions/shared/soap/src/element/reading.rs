//! What an element says, and errors that name the way to it.

use std::{num::NonZeroU32, str::FromStr};

use super::{Element, Name, Node, Pattern};
use crate::{Error, Problem};

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
}

fn type_name<T>() -> &'static str {
    let full = std::any::type_name::<T>();
    full.rsplit("::").next().unwrap_or(full)
}
