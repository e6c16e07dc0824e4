//! A strict stream of tokens over borrowed bytes: everything that a message may not be is refused here.

use std::borrow::Cow;

use crate::{
    Error, Problem,
    xml::{AttrError, BytesRef, BytesStart, Event, Reader, XmlVersion},
};

/// How large a document may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes in all.
    pub bytes: usize,
    /// Elements inside of each other.
    pub depth: usize,
    /// Attributes on one element, namespace declarations included.
    pub attributes: usize,
}

impl Default for Limits {
    /// 64 MiB, 64 deep, 512 attributes: above anything the contracts show, a `z:row` of every column included.
    fn default() -> Self {
        Self { bytes: 64 << 20, depth: 64, attributes: 512 }
    }
}

/// One token. Text comes in pieces, split where the document has entities or comments.
pub(crate) enum Token<'a> {
    Start(Tag<'a>),
    Text(Cow<'a, str>),
    End,
    Eof,
}

/// A start tag: its name as written, and its attributes still unread.
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a str,
    start: BytesStart<'a>,
    document: &'a str,
}

impl Tag<'_> {
    /// Where the name stands in the document, in bytes.
    pub(crate) fn offset(&self) -> usize {
        self.name.as_ptr() as usize - self.document.as_ptr() as usize
    }
}

/// One attribute: its name as written, its value with references resolved.
pub(crate) struct Attribute<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: Cow<'a, str>,
}

/// The stream. Depth, roots, limits and characters are checked as it goes.
pub(crate) struct Tokens<'a> {
    document: &'a str,
    reader: Reader<&'a [u8]>,
    limits: Limits,
    open: usize,
    root_seen: bool,
    pending_end: bool,
}

impl<'a> Tokens<'a> {
    pub(crate) fn over(bytes: &'a [u8], limits: Limits) -> Result<Self, Error> {
        if bytes.len() > limits.bytes {
            return Err(Problem::TooLarge(limits.bytes).into());
        }
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let document = std::str::from_utf8(bytes).map_err(|_| Problem::Encoding)?;
        if !is_carried(document) {
            return Err(Problem::IllegalCharacter.into());
        }
        let mut reader = Reader::from_str(document);
        reader.config_mut().check_end_names = true;
        Ok(Self { document, reader, limits, open: 0, root_seen: false, pending_end: false })
    }

    /// How many elements are open now, the one just started included.
    pub(crate) fn depth(&self) -> usize {
        self.open
    }

    /// The whole text that is read.
    pub(crate) fn document(&self) -> &'a str {
        self.document
    }

    pub(crate) fn next(&mut self) -> Result<Token<'a>, Error> {
        if std::mem::take(&mut self.pending_end) {
            self.open -= 1;
            return Ok(Token::End);
        }
        loop {
            match self.reader.read_event().map_err(|error| Problem::Malformed(shorten(&error.to_string())))? {
                Event::Start(start) => return self.start(start, false),
                Event::Empty(start) => return self.start(start, true),
                Event::End(_) => {
                    self.open -= 1;
                    return Ok(Token::End);
                }
                Event::Text(text) => {
                    let text = text.into_inner();
                    if self.open > 0 {
                        return Ok(Token::Text(line_ends(text)));
                    }
                    if !text.bytes().all(|byte| byte.is_ascii_whitespace()) {
                        return Err(Problem::SecondRoot.into());
                    }
                }
                Event::CData(_) | Event::GeneralRef(_) if self.open == 0 => return Err(Problem::SecondRoot.into()),
                Event::CData(text) => return Ok(Token::Text(line_ends(text.into_inner()))),
                Event::GeneralRef(reference) => return Ok(Token::Text(resolve(&reference)?)),
                Event::Decl(declaration) => {
                    if let Some(encoding) = declaration.encoding() {
                        let encoding = encoding.map_err(|_| Problem::Encoding)?;
                        if !["utf-8", "us-ascii"].contains(&encoding.to_ascii_lowercase().as_str()) {
                            return Err(Problem::Encoding.into());
                        }
                    }
                }
                Event::Comment(_) | Event::PI(_) => {}
                Event::DocType(_) => return Err(Problem::Doctype.into()),
                Event::Eof if self.open > 0 || !self.root_seen => return Err(Problem::Cut { open: self.open }.into()),
                Event::Eof => return Ok(Token::Eof),
            }
        }
    }

    fn start(&mut self, start: BytesStart<'a>, empty: bool) -> Result<Token<'a>, Error> {
        if self.open == 0 && std::mem::replace(&mut self.root_seen, true) {
            return Err(Problem::SecondRoot.into());
        }
        if self.open >= self.limits.depth {
            return Err(Problem::TooDeep(self.limits.depth).into());
        }
        self.open += 1;
        self.pending_end = empty;
        let name = part_of(self.document, start.name().0);
        Ok(Token::Start(Tag { name, start, document: self.document }))
    }

    /// Reads a tag's attributes, refusing duplicates, too many, and malformed ones.
    pub(crate) fn attributes(
        &self,
        tag: &Tag<'a>,
        mut each: impl FnMut(Attribute<'a>) -> Result<(), Problem>,
    ) -> Result<(), Error> {
        // quick-xml's own check for duplicates allocates. The few attributes of a usual element are compared here;
        // an element with more of them is checked once by quick-xml, whose effort does not grow with the square.
        let mut seen = [""; FEW_ATTRIBUTES];
        let mut attributes = tag.start.attributes();
        for (index, attribute) in attributes.with_checks(false).enumerate() {
            if index >= self.limits.attributes {
                return Err(Problem::TooManyAttributes(self.limits.attributes).into());
            }
            let attribute = attribute.map_err(refused)?;
            if let Some(free) = seen.get_mut(index) {
                *free = part_of(tag.document, attribute.key.0);
                if seen[..index].contains(&attribute.key.0) {
                    return Err(Problem::DuplicateAttribute.into());
                }
            } else if index == FEW_ATTRIBUTES {
                for checked in tag.start.attributes().take(self.limits.attributes) {
                    checked.map_err(refused)?;
                }
            }
            if attribute.value.contains('<') {
                return Err(Problem::Malformed("a < inside an attribute".to_owned()).into());
            }
            let value = match &attribute.value {
                // The common case: nothing to resolve and nothing to normalise.
                Cow::Borrowed(raw) if !raw.bytes().any(|b| matches!(b, b'&' | b'\t' | b'\n' | b'\r')) => {
                    Cow::Borrowed(part_of(tag.document, raw))
                }
                _ => {
                    let value = attribute
                        .normalized_value_with(XmlVersion::Implicit1_0, 1, predefined)
                        .map_err(|_| Problem::UnknownEntity)?;
                    if !is_carried(&value) {
                        return Err(Problem::IllegalCharacter.into());
                    }
                    Cow::Owned(value.into_owned())
                }
            };
            each(Attribute { name: part_of(tag.document, attribute.key.0), value })?;
        }
        Ok(())
    }
}

/// How many attributes of an element are compared with each other one by one.
const FEW_ATTRIBUTES: usize = 16;

fn refused(error: AttrError) -> Problem {
    match error {
        AttrError::Duplicated(..) => Problem::DuplicateAttribute,
        other => Problem::Malformed(shorten(&other.to_string())),
    }
}

fn predefined(entity: &str) -> Option<&'static str> {
    Some(match entity {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "apos" => "'",
        "quot" => "\"",
        _ => return None,
    })
}

fn resolve(reference: &BytesRef<'_>) -> Result<Cow<'static, str>, Problem> {
    if reference.is_char_ref() {
        let character = reference.resolve_char_ref().ok().flatten().ok_or(Problem::IllegalCharacter)?;
        return if is_char(character) { Ok(character.to_string().into()) } else { Err(Problem::IllegalCharacter) };
    }
    predefined(reference).map(Cow::Borrowed).ok_or(Problem::UnknownEntity)
}

/// XML 1.0, 2.11: a line end in a document is `\n`, however it was written.
fn line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text }
}

/// The characters of XML 1.0 (production 2).
pub(crate) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Whether XML can carry all of this text. It runs over every document, so bytes are looked at in blocks without a
/// branch per byte; only text with a byte that may begin U+FFFE or U+FFFF is looked at by character.
#[allow(clippy::needless_bitwise_bool)] // Lazy operators are branches: a third slower over a whole reply.
pub(crate) fn is_carried(text: &str) -> bool {
    let suspicious = |byte: u8| (byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r') | (byte == 0xEF);
    let clean = |block: &[u8]| !block.iter().fold(false, |found, byte| found | suspicious(*byte));
    text.as_bytes().chunks(256).all(clean) || text.chars().all(is_char)
}

/// The same text as a part of the document it was read from, which outlives the event.
fn part_of<'a>(document: &'a str, part: &str) -> &'a str {
    let start = part.as_ptr() as usize - document.as_ptr() as usize;
    &document[start..start + part.len()]
}

/// What a parser says can quote the document at length.
fn shorten(message: &str) -> String {
    message.chars().take(80).collect()
}
