//! Putting values into a template. A value is never read for tokens again, and it is escaped where it lands.

use std::{borrow::Cow, cell::Cell, collections::BTreeMap};

use soap::{Element, Node};

use super::{
    MAX_FILLED_BYTES,
    error::{Reason, TemplateError},
    parameters::{Declarations, Parameters},
    parts,
    shape::PNP,
    tokens::{Piece, Token, pieces},
};

/// Names that the site's own groups get, and the way to fill in everything.
pub(super) struct Filling<'a> {
    declared: &'a Declarations,
    given: &'a Parameters,
    /// Parameters whose values are known, those from defaults included.
    values: BTreeMap<&'a str, Cow<'a, str>>,
    pub(super) groups: GroupNames,
    /// Bytes that may still be written: defaults that repeat each other must not grow without end.
    left: Cell<usize>,
}

/// The names of the groups that every site has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GroupNames {
    pub(super) stem: String,
    pub(super) owners: String,
    pub(super) members: String,
    pub(super) visitors: String,
}

/// What a value has to be made safe for, beside XML itself, which the writer sees to.
#[derive(Clone, Copy)]
enum Place {
    Xml,
    /// HTML that is written as text, as in a content editor web part.
    Html,
}

impl<'a> Filling<'a> {
    pub(super) fn new(declared: &'a Declarations, given: &'a Parameters) -> Result<Self, TemplateError> {
        let titled = std::iter::once(("site title", given.site_title.as_str()));
        let values = declared.names().filter_map(|name| Some((name, given.values.get(name)?.as_str())));
        for (name, value) in titled.chain(values) {
            if !value.chars().all(soap::is_char) {
                return Err(TemplateError::IllegalValue { name: name.to_owned() });
            }
        }
        let groups = GroupNames::new(&given.site_title, given.tag.as_str());
        let left = Cell::new(MAX_FILLED_BYTES);
        let mut filling = Self { declared, given, values: BTreeMap::new(), groups, left };
        for name in declared.names() {
            filling.settle(name)?;
        }
        Ok(filling)
    }

    /// Finds the value of a parameter: the one given, or its default. Defaults have no cycles (checked when read).
    fn settle(&mut self, name: &'a str) -> Result<(), TemplateError> {
        let Some(declaration) = self.declared.get(name) else { return Ok(()) };
        if self.values.contains_key(name) {
            return Ok(());
        }
        let given = self.given.values.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let value = match given {
            Some(value) => Cow::Borrowed(value),
            None if declaration.required => {
                let reason = Reason::MissingParameter { name: name.to_owned() };
                return Err(TemplateError::at(&declaration.element, reason));
            }
            None => {
                for piece in pieces(&declaration.default) {
                    if let Ok(Piece::Token(Token::Parameter(next))) = piece {
                        self.settle(next)?;
                    }
                }
                Cow::Owned(self.text(&declaration.element, &declaration.default, Place::Xml)?)
            }
        };
        self.values.insert(name, value);
        Ok(())
    }

    /// The same element with values for tokens, lines kept, and CAML out of the schema's namespace.
    pub(super) fn element(&self, source: &Element) -> Result<Element, TemplateError> {
        let place = if source.is(parts::CONTENT) { Place::Html } else { Place::Xml };
        let name = source.name();
        let mut filled = Element::new(&name.ns, &name.local).with_line_of(source);
        if let Some(kind) = source.kind() {
            filled = filled.with_kind(&kind.ns, &kind.local);
        }
        if source.is_nil() {
            filled = filled.with_nil();
        }
        for (name, value) in source.attributes() {
            filled = filled.with_attribute_in(&name.ns, &name.local, self.text(source, value, Place::Xml)?);
        }
        for node in source.nodes() {
            filled = match node {
                Node::Element(child) => filled.with(self.element(child)?),
                Node::Text(text) => filled.with_text(self.text(source, text, place)?),
            };
        }
        Ok(filled)
    }

    fn text(&self, element: &Element, text: &str, place: Place) -> Result<String, TemplateError> {
        let mut filled = String::with_capacity(text.len());
        for piece in pieces(text) {
            let value = match piece.map_err(|reason| TemplateError::at(element, reason))? {
                Piece::Literal(literal) => Cow::Borrowed(literal),
                Piece::Token(token) => place.escape(self.value(element, token)?),
            };
            let left = self.left.get().checked_sub(value.len());
            let too_large = || TemplateError::at(element, Reason::TooLarge { limit: MAX_FILLED_BYTES });
            self.left.set(left.ok_or_else(too_large)?);
            filled.push_str(&value);
        }
        Ok(filled)
    }

    fn value(&self, element: &Element, token: Token<'_>) -> Result<&str, TemplateError> {
        Ok(match token {
            Token::SiteTitle => &self.given.site_title,
            Token::GroupStem => &self.groups.stem,
            Token::Owners => &self.groups.owners,
            Token::Members => &self.groups.members,
            Token::Visitors => &self.groups.visitors,
            Token::Role(name) => name,
            Token::Parameter(name) => self.values.get(name).ok_or_else(|| {
                TemplateError::at(element, Reason::UnknownParameter { name: name.chars().take(40).collect() })
            })?,
        })
    }
}

impl Place {
    fn escape(self, value: &str) -> Cow<'_, str> {
        if matches!(self, Self::Xml) || !value.contains(['&', '<', '>', '"', '\'']) {
            return Cow::Borrowed(value);
        }
        let mut escaped = String::with_capacity(value.len() + 16);
        for character in value.chars() {
            match character {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                '\'' => escaped.push_str("&#39;"),
                other => escaped.push(other),
            }
        }
        Cow::Owned(escaped)
    }
}

/// Not in group names of 2007 (MS-UGS, AddGroup, code 0x8102004f).
const NOT_IN_GROUP_NAMES: &[char] =
    &['"', '/', '\\', '[', ']', ':', '|', '<', '>', '+', '=', ';', ',', '?', '*', '\'', '@'];

/// How much of a title goes into a group name; with the tag and the last word it stays below SharePoint's 255.
const STEM_TITLE_CHARACTERS: usize = 120;

impl GroupNames {
    fn new(site_title: &str, tag: &str) -> Self {
        let legal: String = site_title.chars().map(|c| if is_in_group_names(c) { c } else { ' ' }).collect();
        let words = legal.split_whitespace().collect::<Vec<_>>().join(" ");
        let title: String = words.chars().take(STEM_TITLE_CHARACTERS).collect();
        let stem = format!("{} {tag}", title.trim_end()).trim_start().to_owned();
        let named = |last: &str| format!("{stem} {last}");
        Self { owners: named("Owners"), members: named("Members"), visitors: named("Visitors"), stem }
    }
}

/// Whether a group name may hold it.
pub(super) fn is_in_group_names(c: char) -> bool {
    !c.is_control() && !NOT_IN_GROUP_NAMES.contains(&c)
}

/// CAML without a namespace, as the ports want it.
pub(super) fn bare(source: &Element) -> Element {
    let ns = if &*source.name().ns == PNP { "" } else { &source.name().ns };
    let mut copy = Element::new(ns, source.local());
    for (name, value) in source.attributes() {
        copy = copy.with_attribute_in(&name.ns, &name.local, value);
    }
    for node in source.nodes() {
        copy = match node {
            Node::Element(child) => copy.with(bare(child)),
            Node::Text(text) => copy.with_text(text.clone()),
        };
    }
    copy
}
