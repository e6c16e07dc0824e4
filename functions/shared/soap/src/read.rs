//! From bytes to a tree.

use std::{collections::HashMap, num::NonZeroU32};

use crate::{
    Element, Error, Limits, Name, Node, Problem, names,
    namespaces::Namespaces,
    ns,
    tokens::{Attribute, Tag, Token, Tokens, is_space},
};

/// Reads one whole document.
///
/// Refuses everything that [`Problem`] names: what comes back is complete and has exactly one root.
/// White space between child elements is dropped; text beside no child element is kept to the letter.
pub fn parse(bytes: &[u8], limits: Limits) -> Result<Element, Error> {
    let mut tree = Tree { names: HashMap::new(), namespaces: Namespaces::default(), line: NonZeroU32::MIN, counted: 0 };
    let mut tokens = Tokens::over(bytes, limits)?;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let step = tokens.next();
        match step.map_err(|error| located(error, &open))? {
            Token::Start(tag) => {
                let element = tree.element(&tokens, &tag).map_err(|error| located(error.under(tag.name), &open))?;
                open.push(element);
            }
            // An empty CDATA section is no text.
            Token::Text(text) if text.is_empty() => {}
            Token::Text(text) => {
                if let Some(parent) = open.last_mut() {
                    match parent.nodes.last_mut() {
                        Some(Node::Text(before)) => before.push_str(&text),
                        _ => parent.nodes.push(Node::Text(text.into_owned())),
                    }
                }
            }
            Token::End => {
                if let Some(mut element) = open.pop() {
                    tree.namespaces.leave(open.len() + 1);
                    drop_indentation(&mut element);
                    match open.last_mut() {
                        Some(parent) => parent.nodes.push(Node::Element(element)),
                        None => root = Some(element),
                    }
                }
            }
            Token::Eof => return root.ok_or_else(|| Problem::Cut { open: 0 }.into()),
        }
    }
}

/// A new name takes the time of about so many elements: two allocations and a place among all others.
const PARTS_OF_A_NAME: usize = 16;

struct Tree<'a> {
    /// Messages repeat few names; sharing them makes a tree of rows affordable. By local part.
    names: HashMap<&'a str, Vec<Name>>,
    namespaces: Namespaces<'a>,
    /// The line at byte `counted` of the document; line ends are counted from tag to tag, each byte once.
    line: NonZeroU32,
    counted: usize,
}

impl<'a> Tree<'a> {
    fn element(&mut self, tokens: &Tokens<'a>, tag: &Tag<'a>) -> Result<Element, Error> {
        let depth = tokens.depth();
        let mut plain: Vec<Attribute<'a>> = Vec::new();
        tokens.attributes(tag, |attribute| {
            match attribute.name.strip_prefix("xmlns") {
                Some("") => self.namespaces.declare(depth, "", &attribute.value)?,
                Some(rest) if rest.starts_with(':') => self.namespaces.declare(depth, &rest[1..], &attribute.value)?,
                _ => plain.push(attribute),
            }
            Ok(())
        })?;
        let name = self.name(tokens, tag.name)?;
        let mut element = Element::named(name);
        element.line = Some(self.line_of(tokens.document(), tag.offset()));
        for Attribute { name, value } in plain {
            let (uri, local) = self.namespaces.resolve_attribute(name)?;
            if &**uri != ns::XSI {
                let name = Name { ns: uri.clone(), local: local.into() };
                if element.attributes.iter().any(|(other, _)| *other == name) {
                    return Err(Problem::DuplicateAttribute.into());
                }
                element.attributes.push((name, value.into_owned()));
            } else if local == "type" {
                let kind = value.trim_matches(is_space);
                if names::local_part(kind).is_none() {
                    return Err(Error::new(Problem::IllegalName).under("@xsi:type"));
                }
                let (uri, local) = self.namespaces.resolve(kind)?;
                element.kind = Some(Name { ns: uri.clone(), local: local.into() });
            } else if local == "nil" {
                element.nil = boolean(&value).map_err(|error| error.under("@xsi:nil"))?;
            }
        }
        Ok(element)
    }

    fn line_of(&mut self, document: &str, offset: usize) -> NonZeroU32 {
        let since = document.as_bytes().get(self.counted..offset).unwrap_or_default();
        let passed = since.iter().map(|byte| u32::from(*byte == b'\n')).sum();
        self.line = self.line.saturating_add(passed);
        self.counted = offset;
        self.line
    }

    fn name(&mut self, tokens: &Tokens<'a>, written: &'a str) -> Result<Name, Problem> {
        let (uri, local) = self.namespaces.resolve(written)?;
        let known = self.names.entry(local).or_default();
        if let Some(name) = known.iter().find(|name| name.ns == *uri) {
            return Ok(name.clone());
        }
        tokens.count_more(PARTS_OF_A_NAME)?;
        let name = Name { ns: uri.clone(), local: local.into() };
        known.push(name.clone());
        Ok(name)
    }
}

/// XML Schema, part 2, section 3.2.2.
fn boolean(value: &str) -> Result<bool, Error> {
    match value.trim_matches(is_space) {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        other => Err(Error::unexpected("true, false, 1 or 0", other)),
    }
}

/// Text beside child elements that is only white space is layout.
fn drop_indentation(element: &mut Element) {
    if element.children().next().is_some() {
        element.nodes.retain(|node| !matches!(node, Node::Text(text) if text.chars().all(is_space)));
    }
}

/// The error with the way to the innermost open element in front.
fn located(error: Error, open: &[Element]) -> Error {
    open.iter().rev().fold(error, |error, element| error.under(element.local()))
}
