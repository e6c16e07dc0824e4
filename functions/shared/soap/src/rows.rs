//! Rows of a large reply, one at a time, over borrowed bytes.
//!
//! A page of 5,000 contacts is read without building a tree: a row's fields point into the page, and the
//! only allocation is for a value that an entity or a comment splits (it is joined here, once and for all).

use std::{borrow::Cow, ops::Range};

use crate::{
    Error, Limits,
    tokens::{Attribute, Tag, Token, Tokens},
};

/// A reader of the elements of one local name, wherever they are below the root.
///
/// Names are compared by their local part: Fetch results have no namespace, `z:row` always has the same.
pub struct Rows<'a> {
    tokens: Tokens<'a>,
    row_name: &'a str,
    root: Vec<Attribute<'a>>,
    row: Row<'a>,
    /// Elements outside of rows: paging facts and status. At most [`MOST_OUTSIDE`].
    outside: Vec<Outside<'a>>,
    count: usize,
    finished: bool,
}

/// Far above what a reply has beside its rows; it keeps the memory flat when a row's name is not met at all.
const MOST_OUTSIDE: usize = 256;

struct Outside<'a> {
    name: &'a str,
    text: Cow<'a, str>,
    attributes: Vec<Attribute<'a>>,
}

/// One row: its own attributes and the elements inside of it.
#[derive(Default)]
pub struct Row<'a> {
    /// The row's own attributes first, then those of its fields: one buffer for all rows.
    attributes: Vec<Attribute<'a>>,
    own: usize,
    slots: Vec<Slot<'a>>,
}

struct Slot<'a> {
    name: &'a str,
    parent: Option<usize>,
    text: Cow<'a, str>,
    attributes: Range<usize>,
}

/// An element inside of a row.
#[derive(Clone, Copy)]
pub struct Field<'r, 'a> {
    row: &'r Row<'a>,
    slot: &'r Slot<'a>,
}

impl<'a> Rows<'a> {
    /// Starts reading; `row_name` is the local name of a row (`result`, `row`, `Results`).
    pub fn over(bytes: &'a [u8], row_name: &'a str, limits: Limits) -> Result<Self, Error> {
        let mut tokens = Tokens::over(bytes, limits)?;
        let mut root = Vec::new();
        if let Token::Start(tag) = tokens.next()? {
            collect(&tokens, &tag, &mut root)?;
        }
        let row = Row::default();
        Ok(Self { tokens, row_name, root, row, outside: Vec::new(), count: 0, finished: false })
    }

    /// An attribute of the root element, such as `morerecords`.
    pub fn root_attribute(&self, local: &str) -> Option<&str> {
        value_of(&self.root, local)
    }

    /// The text of an element outside of all rows, such as `OverallStatus`; complete after the last row.
    pub fn outside(&self, local: &str) -> Option<&str> {
        self.outside.iter().rev().find(|element| element.name == local).map(|element| &*element.text)
    }

    /// An attribute of an element outside of all rows, such as `data` and `ListItemCollectionPositionNext`; known from
    /// the first row on if the rows are inside of it.
    pub fn outside_attribute(&self, element: &str, attribute: &str) -> Option<&str> {
        let found = self.outside.iter().rev().find(|outside| outside.name == element)?;
        value_of(&found.attributes, attribute)
    }

    /// How many rows were read so far.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The next row; `None` only when the document was whole and well closed.
    pub fn next_row(&mut self) -> Result<Option<&Row<'a>>, Error> {
        if self.finished {
            return Ok(None);
        }
        let index = self.count;
        let found = self.advance().map_err(|error| error.under(format_args!("{}[{index}]", self.row_name)))?;
        self.finished = !found;
        Ok(found.then_some(&self.row))
    }

    fn advance(&mut self) -> Result<bool, Error> {
        let mut leaf: Option<usize> = None;
        loop {
            match self.tokens.next() {
                Err(error) => return Err(error),
                Ok(Token::Start(tag)) if tag.local == self.row_name => {
                    self.tokens.count_anew();
                    self.row.read(&mut self.tokens, &tag)?;
                    self.count += 1;
                    return Ok(true);
                }
                Ok(Token::Start(tag)) => {
                    let mut attributes = Vec::new();
                    collect(&self.tokens, &tag, &mut attributes)?;
                    leaf = None;
                    if self.outside.len() < MOST_OUTSIDE {
                        leaf = Some(self.outside.len());
                        self.outside.push(Outside { name: tag.local, text: Cow::Borrowed(""), attributes });
                    }
                }
                Ok(Token::Text(text)) => {
                    if let Some(leaf) = leaf {
                        join(&mut self.outside[leaf].text, text);
                    }
                }
                Ok(Token::End) => leaf = None,
                Ok(Token::Eof) => return Ok(false),
            }
        }
    }
}

impl<'a> Row<'a> {
    /// An attribute of the row itself, such as `ows_ID`.
    pub fn attribute(&self, local: &str) -> Option<&str> {
        value_of(&self.attributes[..self.own], local)
    }

    /// An element by its path below the row: `contactid`, `Owner/ID`.
    pub fn field(&self, path: &str) -> Option<Field<'_, 'a>> {
        self.fields().find(|field| field.is_at(path))
    }

    /// The text of an element by its path below the row. Absent and empty are different.
    pub fn get(&self, path: &str) -> Option<&str> {
        let slot = self.slots.iter().find(|slot| Field { row: self, slot }.is_at(path))?;
        Some(&slot.text)
    }

    /// All elements of the row, in document order.
    pub fn fields(&self) -> impl Iterator<Item = Field<'_, 'a>> {
        self.slots.iter().map(|slot| Field { row: self, slot })
    }

    /// Reads the inside of a row, up to its end.
    fn read(&mut self, tokens: &mut Tokens<'a>, tag: &Tag<'a>) -> Result<(), Error> {
        self.attributes.clear();
        self.slots.clear();
        collect(tokens, tag, &mut self.attributes)?;
        self.own = self.attributes.len();
        let mut open: Option<usize> = None;
        loop {
            match tokens.next() {
                Err(error) => return Err(error),
                Ok(Token::Start(ref tag)) => {
                    let from = self.attributes.len();
                    collect(tokens, tag, &mut self.attributes).map_err(|error| error.under(tag.local))?;
                    let attributes = from..self.attributes.len();
                    let slot = Slot { name: tag.local, parent: open, text: Cow::Borrowed(""), attributes };
                    open = Some(self.slots.len());
                    self.slots.push(slot);
                }
                Ok(Token::Text(text)) => {
                    if let Some(open) = open {
                        join(&mut self.slots[open].text, text);
                    }
                }
                Ok(Token::End) => match open {
                    Some(field) => open = self.slots[field].parent,
                    None => return Ok(()),
                },
                // `Tokens` refuses an end inside of an element, so this is never met.
                Ok(Token::Eof) => return Ok(()),
            }
        }
    }
}

impl<'r, 'a> Field<'r, 'a> {
    /// The local part of the element's name.
    pub fn name(&self) -> &'a str {
        self.slot.name
    }

    /// The element's text.
    pub fn text(&self) -> &'r str {
        &self.slot.text
    }

    /// An attribute of the element, such as `name` or `dsc` of a lookup.
    pub fn attribute(&self, local: &str) -> Option<&'r str> {
        value_of(&self.row.attributes[self.slot.attributes.clone()], local)
    }

    fn is_at(&self, path: &str) -> bool {
        let mut slot = Some(self.slot);
        for segment in path.rsplit('/') {
            match slot {
                Some(here) if here.name == segment => slot = here.parent.map(|parent| &self.row.slots[parent]),
                _ => return false,
            }
        }
        slot.is_none()
    }
}

fn collect<'a>(tokens: &Tokens<'a>, tag: &Tag<'a>, into: &mut Vec<Attribute<'a>>) -> Result<(), Error> {
    tokens.attributes(tag, |attribute| {
        into.push(attribute);
        Ok(())
    })
}

fn join<'a>(text: &mut Cow<'a, str>, more: Cow<'a, str>) {
    if text.is_empty() { *text = more } else { text.to_mut().push_str(&more) }
}

/// The attribute without a prefix; else the first with one, unless it declares a namespace: `xmlns:type` is no `type`,
/// and `xsi:type` is not the one that a lookup has.
fn value_of<'r>(attributes: &'r [Attribute<'_>], wanted: &str) -> Option<&'r str> {
    let prefixed = |attribute: &&Attribute<'_>| {
        attribute.name.split_once(':').is_some_and(|(prefix, local)| local == wanted && prefix != "xmlns")
    };
    let plain = attributes.iter().find(|attribute| attribute.name == wanted);
    plain.or_else(|| attributes.iter().find(prefixed)).map(|attribute| &*attribute.value)
}
