//! Tokens: what stands in braces in a template and is replaced by a value.

use soap::{Element, Node};

use super::{
    error::{Reason, TemplateError},
    parameters::Declarations,
};

/// The tokens that are known, for people.
pub(super) const KNOWN: &str = "{parameter:Name}, {sitename}, {sitetitle}, {groupsitename}, {groupsitetitle}, \
     {associatedownergroup}, {associatedmembergroup}, {associatedvisitorgroup}, {roledefinition:Administrator}, \
     {roledefinition:Contributor} and {roledefinition:Reader}";

/// A token, written as the PnP engine writes it; case counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `{parameter:Name}`.
    Parameter(&'a str),
    /// `{sitename}` or `{sitetitle}`: the title of the site.
    SiteTitle,
    /// `{groupsitename}` or `{groupsitetitle}`: what the names of the site's groups begin with.
    GroupStem,
    /// `{associatedownergroup}`.
    Owners,
    /// `{associatedmembergroup}`.
    Members,
    /// `{associatedvisitorgroup}`.
    Visitors,
    /// `{roledefinition:…}`, as the name of the role.
    Role(&'static str),
}

/// Text between tokens, or a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text that stays as it is.
    Literal(&'a str),
    /// A token.
    Token(Token<'a>),
}

/// Takes text apart. A token is a word in braces, with or without a colon and more behind it; other braces, such as
/// those around a GUID, are text.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Result<Piece<'_>, Reason>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        match first_token(rest) {
            Ok(Some((0, length, token))) => {
                rest = &rest[length..];
                Some(Ok(Piece::Token(token)))
            }
            Ok(found) => {
                let (literal, after) = rest.split_at(found.map_or(rest.len(), |(start, ..)| start));
                rest = after;
                Some(Ok(Piece::Literal(literal)))
            }
            Err(reason) => {
                rest = "";
                Some(Err(reason))
            }
        }
    })
}

/// The first token: where it begins, how long it is, and what it means.
fn first_token(text: &str) -> Result<Option<(usize, usize, Token<'_>)>, Reason> {
    for (start, _) in text.match_indices('{') {
        let after = &text[start + 1..];
        match after.find(['{', '}']) {
            Some(end) if after[end..].starts_with('}') => {
                if let Some(token) = token(&after[..end])? {
                    return Ok(Some((start, end + 2, token)));
                }
            }
            _ if after.starts_with("parameter:") => return Err(Reason::OpenToken),
            _ => {}
        }
    }
    Ok(None)
}

/// What the text between braces means; `None` if it is not a token.
fn token(inner: &str) -> Result<Option<Token<'_>>, Reason> {
    let word = inner.split_once(':').map_or(inner, |(word, _)| word);
    let begins = word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$');
    if !begins || !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')) {
        return Ok(None);
    }
    Ok(Some(match inner {
        "sitename" | "sitetitle" => Token::SiteTitle,
        "groupsitename" | "groupsitetitle" => Token::GroupStem,
        "associatedownergroup" => Token::Owners,
        "associatedmembergroup" => Token::Members,
        "associatedvisitorgroup" => Token::Visitors,
        "roledefinition:Administrator" => Token::Role("Full Control"),
        "roledefinition:Contributor" => Token::Role("Contribute"),
        "roledefinition:Reader" => Token::Role("Read"),
        _ => match inner.strip_prefix("parameter:") {
            Some(name) => Token::Parameter(name),
            None => return Err(Reason::UnknownToken { token: shortened(inner) }),
        },
    }))
}

/// A template can put anything into braces; an error repeats only its beginning.
fn shortened(inner: &str) -> String {
    let mut token: String = inner.chars().take(40).collect();
    if token.len() < inner.len() {
        token.push('…');
    }
    format!("{{{token}}}")
}

/// Refuses unknown tokens and undeclared parameters anywhere in an element.
pub(super) fn check(element: &Element, declared: &Declarations) -> Result<(), TemplateError> {
    for (_, value) in element.attributes() {
        check_text(element, value, declared)?;
    }
    for node in element.nodes() {
        match node {
            Node::Text(text) => check_text(element, text, declared)?,
            Node::Element(child) => check(child, declared)?,
        }
    }
    Ok(())
}

/// Refuses unknown tokens and undeclared parameters in a text of the element.
pub(super) fn check_text(element: &Element, text: &str, declared: &Declarations) -> Result<(), TemplateError> {
    for piece in pieces(text) {
        match piece.map_err(|reason| TemplateError::at(element, reason))? {
            Piece::Token(Token::Parameter(name)) if !declared.has(name) => {
                let name = name.chars().take(40).collect();
                return Err(TemplateError::at(element, Reason::UnknownParameter { name }));
            }
            _ => {}
        }
    }
    Ok(())
}
