//! A strict stream of tokens over borrowed bytes: everything that a message may not be is refused here.

use std::{borrow::Cow, cell::Cell};

use crate::{
    Error, Problem, names,
    xml::{AttrError, BytesDecl, BytesRef, BytesStart, Event, Reader, XmlVersion},
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
    /// Elements and attributes in all; for [`Rows`](crate::Rows), in a row and before it. In memory each is many times
    /// as large as in the document. A tree also holds each name once, which counts as 16 parts.
    pub parts: usize,
}

impl Default for Limits {
    /// 64 MiB, 64 deep, 512 attributes, 250,000 parts: above anything the contracts show, a `z:row` of every column and
    /// a page of 1,000 rows included.
    fn default() -> Self {
        Self { bytes: 64 << 20, depth: 64, attributes: 512, parts: 250_000 }
    }
}

/// One token. Text comes in pieces, split where the document has entities or comments.
pub(crate) enum Token<'a> {
    Start(Tag<'a>),
    Text(Cow<'a, str>),
    End,
    Eof,
}

/// A start tag: its name as written and without its prefix, and its attributes still unread.
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a str,
    pub(crate) local: &'a str,
    start: BytesStart<'a>,
    document: &'a str,
}

impl Tag<'_> {
    /// Where the name stands in the document, in bytes.
    pub(crate) fn offset(&self) -> usize {
        offset_in(self.document, self.name)
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
    /// Whether there is any `\r` or `]]>` in the document, so that not every text has to be searched for one.
    is_odd: bool,
    open: usize,
    /// Elements and attributes since the last [`Tokens::count_anew`].
    parts: Cell<usize>,
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
        // quick-xml would skip it.
        if document.starts_with('\u{FEFF}') {
            return Err(Problem::SecondRoot.into());
        }
        let is_odd = any_byte(document, |byte| byte == b'\r') || document.contains("]]>");
        let mut reader = Reader::from_str(document);
        reader.config_mut().check_end_names = true;
        reader.config_mut().check_comments = true;
        Ok(Self {
            document,
            reader,
            limits,
            is_odd,

            open: 0,
            parts: Cell::new(0),
            root_seen: false,
            pending_end: false,
        })
    }

    /// How many elements are open now, the one just started included.
    pub(crate) fn depth(&self) -> usize {
        self.open
    }

    /// What was read so far is not held any more.
    pub(crate) fn count_anew(&self) {
        self.parts.set(0);
    }

    fn count(&self) -> Result<(), Problem> {
        self.count_more(1)
    }

    /// For what is held beside the elements and attributes themselves.
    pub(crate) fn count_more(&self, parts: usize) -> Result<(), Problem> {
        let parts = self.parts.get().saturating_add(parts);
        self.parts.set(parts);
        if parts > self.limits.parts { Err(Problem::TooManyParts(self.limits.parts)) } else { Ok(()) }
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
            // Taken apart where it is: it is large, and a copy of each event would be a tenth of the time.
            match self.reader.read_event() {
                Err(error) => return Err(Problem::Malformed(shorten(&error.to_string())).into()),
                Ok(Event::Start(start)) => return self.start(start, false),
                Ok(Event::Empty(start)) => return self.start(start, true),
                Ok(Event::End(_)) => {
                    self.open -= 1;
                    return Ok(Token::End);
                }
                Ok(Event::Text(text)) => {
                    let text = text.into_inner();
                    if self.is_odd && text.contains("]]>") {
                        return Err(Problem::Malformed("a ]]> in text".to_owned()).into());
                    }
                    if self.open > 0 {
                        return Ok(Token::Text(self.line_ends(text)));
                    }
                    if !text.bytes().all(|byte| byte.is_ascii_whitespace()) {
                        return Err(Problem::SecondRoot.into());
                    }
                }
                Ok(Event::CData(_) | Event::GeneralRef(_)) if self.open == 0 => return Err(Problem::SecondRoot.into()),
                Ok(Event::CData(text)) => return Ok(Token::Text(self.line_ends(text.into_inner()))),
                Ok(Event::GeneralRef(reference)) => return Ok(Token::Text(resolve(&reference)?)),
                Ok(Event::Decl(declaration)) => self.declared(&declaration)?,
                Ok(Event::Comment(_)) => {}
                Ok(Event::PI(instruction)) => {
                    // Productions 16 and 17: it has a name, and `xml` is not for others.
                    let target = instruction.target();
                    if names::local_part(target).is_none() || target.eq_ignore_ascii_case("xml") {
                        return Err(Problem::IllegalName.into());
                    }
                }
                Ok(Event::DocType(_)) => return Err(Problem::Doctype.into()),
                Ok(Event::Eof) if self.open > 0 || !self.root_seen => {
                    return Err(Problem::Cut { open: self.open }.into());
                }
                Ok(Event::Eof) => return Ok(Token::Eof),
            }
        }
    }

    /// XML 1.0, 2.11: a line end in a document is `\n`, however it was written.
    fn line_ends(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        if self.is_odd && text.contains('\r') {
            Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
        } else {
            text
        }
    }

    /// The XML declaration: the very first thing of a document, so there is one at most.
    fn declared(&self, declaration: &BytesDecl<'_>) -> Result<(), Problem> {
        if offset_in(self.document, declaration) != "<?".len() {
            return Err(Problem::Malformed("an XML declaration that is not at the start".to_owned()));
        }
        let version = declaration.version().map_err(|error| Problem::Malformed(shorten(&error.to_string())))?;
        if !["1.0", "1.1"].contains(&&*version) {
            return Err(Problem::Malformed("a version of XML that there is not".to_owned()));
        }
        match declaration.encoding() {
            Some(Ok(encoding)) if ["utf-8", "us-ascii"].contains(&&*encoding.to_ascii_lowercase()) => Ok(()),
            Some(_) => Err(Problem::Encoding),
            None => Ok(()),
        }
    }

    fn start(&mut self, start: BytesStart<'a>, empty: bool) -> Result<Token<'a>, Error> {
        if self.open == 0 && std::mem::replace(&mut self.root_seen, true) {
            return Err(Problem::SecondRoot.into());
        }
        if self.open >= self.limits.depth {
            return Err(Problem::TooDeep(self.limits.depth).into());
        }
        self.count()?;
        self.open += 1;
        self.pending_end = empty;
        let name = part_of(self.document, start.name().0);
        let local = names::local_part(name).ok_or(Problem::IllegalName)?;
        Ok(Token::Start(Tag { name, local, start, document: self.document }))
    }

    /// Reads a tag's attributes, refusing duplicates, too many, and malformed ones.
    pub(crate) fn attributes(
        &self,
        tag: &Tag<'a>,
        mut each: impl FnMut(Attribute<'a>) -> Result<(), Problem>,
    ) -> Result<(), Error> {
        if tag.start.len() == tag.name.len() {
            return Ok(());
        }
        // quick-xml's own check for duplicates allocates. The few attributes of a usual element are compared here;
        // an element with more of them is checked once by quick-xml, whose effort does not grow with the square.
        let mut seen = [""; FEW_ATTRIBUTES];
        let mut attributes = tag.start.attributes();
        for (index, attribute) in attributes.with_checks(false).enumerate() {
            if index >= self.limits.attributes {
                return Err(Problem::TooManyAttributes(self.limits.attributes).into());
            }
            self.count()?;
            let attribute = attribute.map_err(refused)?;
            let name = part_of(tag.document, attribute.key.0);
            names::local_part(name).ok_or(Problem::IllegalName)?;
            let before = self.document.as_bytes().get(offset_in(self.document, name).wrapping_sub(1));
            if !before.is_some_and(u8::is_ascii_whitespace) {
                return Err(Problem::Malformed("no space between two attributes".to_owned()).into());
            }
            if let Some(free) = seen.get_mut(index) {
                *free = name;
                if seen[..index].contains(&name) {
                    return Err(Problem::DuplicateAttribute.into());
                }
            } else if index == FEW_ATTRIBUTES {
                for checked in tag.start.attributes().take(self.limits.attributes) {
                    checked.map_err(refused)?;
                }
            }
            let value = match &attribute.value {
                // The common case: nothing to resolve and nothing to normalise.
                Cow::Borrowed(raw) if !raw.bytes().any(|b| matches!(b, b'&' | b'\t' | b'\n' | b'\r' | b'<')) => {
                    Cow::Borrowed(part_of(tag.document, raw))
                }
                raw if raw.contains('<') => {
                    return Err(Problem::Malformed("a < inside an attribute".to_owned()).into());
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
            each(Attribute { name, value })?;
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

/// Whether XML 1.0 can carry a character (production 2).
pub fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Whether XML can carry all of this text. Only text with a byte that may begin U+FFFE or U+FFFF is looked at by
/// character.
#[allow(clippy::needless_bitwise_bool)] // Lazy operators are branches: a third slower over a whole reply.
pub(crate) fn is_carried(text: &str) -> bool {
    let suspicious = |byte: u8| (byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r') | (byte == 0xEF);
    !any_byte(text, suspicious) || text.chars().all(is_char)
}

/// Whether the text has such a byte. It runs over every document, so bytes are looked at in blocks without a branch per
/// byte.
fn any_byte(text: &str, wanted: impl Fn(u8) -> bool) -> bool {
    text.as_bytes().chunks(256).any(|block| block.iter().fold(false, |found, byte| found | wanted(*byte)))
}

/// The same text as a part of the document it was read from, which outlives the event.
fn part_of<'a>(document: &'a str, part: &str) -> &'a str {
    let start = offset_in(document, part);
    &document[start..start + part.len()]
}

/// Where a part of a document stands in it, in bytes.
fn offset_in(document: &str, part: &str) -> usize {
    part.as_ptr() as usize - document.as_ptr() as usize
}

/// XML 1.0, production 3: the only white space that XML knows.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// What a parser says can quote the document at length.
fn shorten(message: &str) -> String {
    message.chars().take(80).collect()
}
