//! From a tree to bytes. Every value is escaped for the place where it lands.

use std::fmt::Write as _;

use crate::{Element, Error, Name, Node, Problem, names, ns, tokens::is_char};

/// The declaration in front of a document.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";

impl Element {
    /// The element as XML text, without a declaration. Refuses names and characters that XML cannot carry.
    pub fn to_xml(&self) -> Result<String, Error> {
        let mut out = String::new();
        write_element(&mut out, self, &Scope::default())?;
        Ok(out)
    }

    /// The element as a whole document in UTF-8.
    pub fn to_document(&self) -> Result<Vec<u8>, Error> {
        let mut out = DECLARATION.to_owned();
        write_element(&mut out, self, &Scope::default())?;
        Ok(out.into_bytes())
    }
}

/// The declarations in force. Prefixes are `p1`, `p2` … except the ones people know.
#[derive(Clone, Default)]
struct Scope {
    default: String,
    prefixes: Vec<(String, String)>,
}

/// Elements of an envelope carry a prefix, so that `soap:Server` in a fault code means something.
fn is_soap(uri: &str) -> bool {
    matches!(uri, ns::SOAP11 | ns::SOAP12)
}

impl Scope {
    fn prefix(&mut self, uri: &str, declared: &mut String) -> Result<String, Error> {
        if uri == ns::XML {
            return Ok("xml".to_owned());
        }
        if let Some((prefix, _)) = self.prefixes.iter().find(|(_, bound)| bound == uri) {
            return Ok(prefix.clone());
        }
        let known = match uri {
            ns::XSI => Some("xsi"),
            ns::XSD => Some("xsd"),
            _ => is_soap(uri).then_some("soap"),
        };
        // There are two SOAPs, and one message can speak of both.
        let free = known.filter(|known| self.prefixes.iter().all(|(taken, _)| taken != known));
        let prefix = free.map_or_else(|| format!("p{}", self.prefixes.len() + 1), ToOwned::to_owned);
        push_attribute(declared, &format!("xmlns:{prefix}"), uri)?;
        self.prefixes.push((prefix.clone(), uri.to_owned()));
        Ok(prefix)
    }

    /// Makes a namespace the one of names without a prefix.
    fn set_default(&mut self, uri: &str, declared: &mut String) -> Result<(), Error> {
        if *uri != *self.default {
            uri.clone_into(&mut self.default);
            push_attribute(declared, "xmlns", uri)?;
        }
        Ok(())
    }

    /// A name as it is written where an absent prefix means no namespace (attributes).
    fn attribute(&mut self, name: &Name, declared: &mut String) -> Result<String, Error> {
        let prefix = if name.ns.is_empty() { String::new() } else { self.prefix(&name.ns, declared)? + ":" };
        Ok(prefix + legal_name(&name.local)?)
    }
}

fn write_element(out: &mut String, element: &Element, outer: &Scope) -> Result<(), Error> {
    write_tag(out, element, outer).map_err(|error| error.under(element.local()))
}

fn write_tag(out: &mut String, element: &Element, outer: &Scope) -> Result<(), Error> {
    let mut scope = outer.clone();
    let mut written = String::new();
    // The name of a type in no namespace has to be without a prefix, where no namespace is the default one.
    let bare_kind = element.kind.as_ref().is_some_and(|kind| kind.ns.is_empty()) && !element.name.ns.is_empty();
    let prefixed = bare_kind || is_soap(&element.name.ns) || *element.name.ns == *ns::XML;
    let tag = if prefixed {
        let tag = scope.attribute(&element.name, &mut written)?;
        if element.is("Envelope") {
            // Declared once at the top: the body of a message uses it on nearly every element.
            scope.prefix(ns::XSI, &mut written)?;
        }
        tag
    } else {
        scope.set_default(&element.name.ns, &mut written)?;
        legal_name(&element.name.local)?.to_owned()
    };
    if let Some(kind) = &element.kind {
        let mut declared = String::new();
        let xsi = scope.prefix(ns::XSI, &mut declared)?;
        // An unprefixed type name takes the default namespace, which is this element's.
        let value = if kind.ns == element.name.ns && !prefixed {
            legal_name(&kind.local)?.to_owned()
        } else if kind.ns.is_empty() {
            scope.set_default("", &mut declared)?;
            legal_name(&kind.local)?.to_owned()
        } else {
            scope.attribute(kind, &mut declared)?
        };
        written.push_str(&declared);
        push_attribute(&mut written, &format!("{xsi}:type"), &value)?;
    }
    if element.nil {
        let xsi = scope.prefix(ns::XSI, &mut written)?;
        push_attribute(&mut written, &format!("{xsi}:nil"), "true")?;
    }
    for (name, value) in &element.attributes {
        let mut declared = String::new();
        let name = scope.attribute(name, &mut declared)?;
        written.push_str(&declared);
        push_attribute(&mut written, &name, value).map_err(|error| error.under(format_args!("@{name}")))?;
    }
    out.push('<');
    out.push_str(&tag);
    out.push_str(&written);
    if element.nodes.is_empty() {
        out.push_str("/>");
        return Ok(());
    }
    out.push('>');
    for node in &element.nodes {
        match node {
            Node::Element(child) => write_element(out, child, &scope)?,
            Node::Text(text) => push_escaped(out, text, false)?,
        }
    }
    let _ = write!(out, "</{tag}>");
    Ok(())
}

fn push_attribute(out: &mut String, name: &str, value: &str) -> Result<(), Error> {
    let _ = write!(out, " {name}=\"");
    push_escaped(out, value, true)?;
    out.push('"');
    Ok(())
}

/// Line ends and tabs in attributes would be read back as spaces, and `\r` in text as `\n`: they go as references.
fn push_escaped(out: &mut String, text: &str, attribute: bool) -> Result<(), Error> {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            '"' if attribute => out.push_str("&quot;"),
            '\t' if attribute => out.push_str("&#9;"),
            '\n' if attribute => out.push_str("&#10;"),
            other if is_char(other) => out.push(other),
            _ => return Err(Problem::IllegalCharacter.into()),
        }
    }
    Ok(())
}

/// Names come from code and schemas; this catches data that strayed into one.
fn legal_name(local: &str) -> Result<&str, Error> {
    if names::is_local(local) { Ok(local) } else { Err(Problem::IllegalName.into()) }
}
