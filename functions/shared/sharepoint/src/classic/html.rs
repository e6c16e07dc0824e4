//! The only door to `html5gum`: a page as a flat row of tags and text.
//!
//! No tree is made. By the code of html5ever, which reads one, a tree costs the square of what a page has open and of the
//! attributes of one tag, so that a small page can hold a reader for long. Time and memory here grow with the page alone.

use std::{collections::BTreeMap, mem::take};

use html5gum::{
    Span, Tokenizer,
    emitters::callback::{CallbackEmitter, CallbackEvent},
};

/// The largest page that is read, in bytes. Those that we ask for are far smaller, view state included (estimated).
pub(super) const MOST_BYTES: usize = 1 << 20;

/// A part of a page.
pub(super) enum Piece {
    Start(Tag),
    /// The name of the element that ends, in lower case.
    End(String),
    /// Text that a person sees, or the inside of a `textarea`; never a script or a style.
    Text(String),
}

/// A start tag.
#[derive(Default)]
pub(super) struct Tag {
    /// In lower case.
    pub(super) name: String,
    attributes: BTreeMap<String, String>,
}

impl Tag {
    /// The value of an attribute, whose name is given in lower case. Of two of one name the first counts.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        self.attributes.get(name).cloned()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }

    /// `type`, in lower case.
    pub(super) fn kind(&self) -> String {
        self.attribute("type").unwrap_or_default().to_ascii_lowercase()
    }
}

/// Takes a page apart. What is inside of a `template` is not part of the page.
pub(super) fn pieces(page: &str) -> impl Iterator<Item = Piece> {
    let mut reading = Reading::default();
    // html5gum keeps the mistakes that it reports until the next text: a page of NUL would be 120 times as large.
    let mut emitter = CallbackEmitter::new(move |event: CallbackEvent<'_>, _: Span<()>| reading.take(&event));
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(page, emitter).map(|piece| piece.unwrap_or_else(|never| match never {}))
}

/// Where in a page the reader is.
#[derive(Default)]
struct Reading {
    tag: Tag,
    /// The attribute that is open; `None` for the second of one name.
    attribute: Option<String>,
    is_code: bool,
    templates: usize,
}

impl Reading {
    fn take(&mut self, event: &CallbackEvent<'_>) -> Option<Piece> {
        let piece = match *event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = Tag { name: text(name), attributes: BTreeMap::new() };
                return None;
            }
            CallbackEvent::AttributeName { name } => {
                let name = text(name);
                self.attribute = (!self.tag.has(&name)).then(|| name.clone());
                self.tag.attributes.entry(name).or_default();
                return None;
            }
            CallbackEvent::AttributeValue { value } => {
                let open = self.attribute.as_ref().and_then(|name| self.tag.attributes.get_mut(name));
                open?.push_str(&text(value));
                return None;
            }
            CallbackEvent::CloseStartTag { .. } => {
                self.is_code = matches!(self.tag.name.as_str(), "script" | "style");
                self.templates += usize::from(self.tag.name == "template");
                Piece::Start(take(&mut self.tag))
            }
            CallbackEvent::EndTag { name } => {
                self.is_code = false;
                if name == b"template" && self.templates > 0 {
                    self.templates -= 1;
                    return None;
                }
                Piece::End(text(name))
            }
            CallbackEvent::String { value } if !self.is_code => Piece::Text(text(value)),
            _ => return None,
        };
        (self.templates == 0).then_some(piece)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
