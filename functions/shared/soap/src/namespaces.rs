//! Which namespace a prefix means, at the place where the reader is.

use std::sync::Arc;

use crate::{Problem, ns};

/// The bindings in force, innermost last. Whatever is in a namespace shares the text of its name: a copy for each
/// attribute would make a document a hundred times as large.
pub(crate) struct Namespaces<'a> {
    bindings: Vec<Binding<'a>>,
    none: Arc<str>,
    xml: Arc<str>,
}

struct Binding<'a> {
    depth: usize,
    prefix: &'a str,
    uri: Arc<str>,
}

/// The name that the prefix `xmlns` itself stands for; nothing else may.
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// More bindings than any real message has; a document with more is built to hurt.
const MOST_BINDINGS: usize = 256;

/// Longer than the name of any namespace in use, in bytes. Names are compared for every element.
const MOST_BYTES: usize = 1_024;

impl Default for Namespaces<'_> {
    fn default() -> Self {
        Self { bindings: Vec::new(), none: "".into(), xml: ns::XML.into() }
    }
}

impl<'a> Namespaces<'a> {
    /// Notes `xmlns:prefix="uri"` (`prefix` empty for the default) on the element at `depth`. Only the default may be
    /// bound to nothing, and `xml` to nothing but its own name (Namespaces in XML 1.0, section 3).
    pub(crate) fn declare(&mut self, depth: usize, prefix: &'a str, uri: &str) -> Result<(), Problem> {
        if self.bindings.len() >= MOST_BINDINGS {
            return Err(Problem::TooManyAttributes(MOST_BINDINGS));
        }
        let legal = match prefix {
            "xmlns" => false,
            "xml" => uri == ns::XML,
            _ => uri != ns::XML && uri != XMLNS && (prefix.is_empty() || !uri.is_empty()),
        };
        if !legal || uri.len() > MOST_BYTES {
            return Err(Problem::IllegalBinding);
        }
        self.bindings.push(Binding { depth, prefix, uri: uri.into() });
        Ok(())
    }

    /// Forgets what the element at `depth` declared.
    pub(crate) fn leave(&mut self, depth: usize) {
        while self.bindings.last().is_some_and(|binding| binding.depth >= depth) {
            self.bindings.pop();
        }
    }

    /// The namespace of an element name or of a type name: an absent prefix means the default one.
    pub(crate) fn resolve<'n>(&self, name: &'n str) -> Result<(&Arc<str>, &'n str), Problem> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        if let Some(binding) = self.bindings.iter().rev().find(|binding| binding.prefix == prefix) {
            return Ok((&binding.uri, local));
        }
        match prefix {
            "" => Ok((&self.none, local)),
            "xml" => Ok((&self.xml, local)),
            _ => Err(Problem::UnboundPrefix),
        }
    }

    /// The namespace of an attribute name: an absent prefix means none.
    pub(crate) fn resolve_attribute<'n>(&self, name: &'n str) -> Result<(&Arc<str>, &'n str), Problem> {
        if name.contains(':') { self.resolve(name) } else { Ok((&self.none, name)) }
    }
}
