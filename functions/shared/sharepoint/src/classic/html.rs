//! The only door to `html5gum`: a page as a flat row of tags and text.
//!
//! No tree is made. By the code of html5ever, which reads one, a tree costs the square of what a page has open and of the
//! attributes of one tag, so that a small page can hold a reader for long. Time and memory here grow with the page alone.

use std::{collections::BTreeMap, iter::from_fn, mem::take};

use html5gum::{
    Span, State, Tokenizer,
    emitters::callback::{CallbackEmitter, CallbackEvent},
};

/// The largest page that is read, in bytes. Those that we ask for are far smaller, view state included (estimated).
pub(super) const MOST_BYTES: usize = 256 << 10;

/// Further attributes of a tag are as if they were not there.
const MOST_ATTRIBUTES: usize = 256;

/// Elements that hold text that nobody sees.
const HIDDEN: [&str; 5] = ["iframe", "noembed", "noframes", "script", "style"];

/// A part of a page.
pub(super) enum Piece {
    Start(Tag),
    /// The name of the element that ends, in lower case.
    End(String),
    /// Text that a person sees, or the inside of a `textarea`; never a script or what stands in for a frame.
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
    /// The value of an attribute, whose name is given in lower case. Of two of one name the first counts, and none
    /// behind [`MOST_ATTRIBUTES`] others.
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
    let mut tokenizer = Tokenizer::new_with_emitter(page, emitter);
    let mut templates = 0_usize;
    from_fn(move || {
        loop {
            let piece = tokenizer.next()?.unwrap_or_else(|never| match never {});
            match &piece {
                // html5gum 0.9 has the name as `noframe`. A tag is handed out before what is behind it is read.
                Piece::Start(tag) if tag.name == "noframes" => tokenizer.set_state(State::RawText),
                Piece::Start(tag) if tag.name == "template" => templates += 1,
                Piece::End(name) if name == "template" && templates > 0 => {
                    templates -= 1;
                    continue;
                }
                _ => {}
            }
            if templates == 0 {
                return Some(piece);
            }
        }
    })
}

/// Where in a page the reader is.
#[derive(Default)]
struct Reading {
    tag: Tag,
    /// The attribute that is open; `None` for the second of one name, and for one too many.
    attribute: Option<String>,
    /// Inside of what nobody sees as text.
    is_hidden: bool,
}

impl Reading {
    fn take(&mut self, event: &CallbackEvent<'_>) -> Option<Piece> {
        Some(match *event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = Tag { name: text(name), attributes: BTreeMap::new() };
                return None;
            }
            CallbackEvent::AttributeName { name } => {
                let name = text(name);
                let is_kept = self.tag.attributes.len() < MOST_ATTRIBUTES && !self.tag.has(&name);
                self.attribute = is_kept.then(|| name.clone());
                if is_kept {
                    self.tag.attributes.insert(name, String::new());
                }
                return None;
            }
            CallbackEvent::AttributeValue { value } => {
                let open = self.attribute.as_ref().and_then(|name| self.tag.attributes.get_mut(name));
                open?.push_str(&text(value));
                return None;
            }
            CallbackEvent::CloseStartTag { .. } => {
                self.is_hidden = HIDDEN.contains(&self.tag.name.as_str());
                Piece::Start(take(&mut self.tag))
            }
            CallbackEvent::EndTag { name } => {
                self.is_hidden = false;
                Piece::End(text(name))
            }
            CallbackEvent::String { value } if !self.is_hidden => Piece::Text(text(value)),
            _ => return None,
        })
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
