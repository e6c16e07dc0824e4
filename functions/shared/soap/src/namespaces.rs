//! Which namespace a prefix means, at the place where the reader is.

use std::borrow::Cow;

use crate::{Problem, ns};

/// The bindings in force, innermost last.
#[derive(Default)]
pub(crate) struct Namespaces<'a> {
    bindings: Vec<Binding<'a>>,
}

struct Binding<'a> {
    depth: usize,
    prefix: &'a str,
    uri: Cow<'a, str>,
}

/// The name that the prefix `xmlns` itself stands for; nothing else may.
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// More bindings than any real message has; a document with more is built to hurt.
const MOST_BINDINGS: usize = 256;

impl<'a> Namespaces<'a> {
    /// Notes `xmlns:prefix="uri"` (`prefix` empty for the default) on the element at `depth`. Only the default may be
    /// bound to nothing, and `xml` to nothing but its own name (Namespaces in XML 1.0, section 3).
    pub(crate) fn declare(&mut self, depth: usize, prefix: &'a str, uri: Cow<'a, str>) -> Result<(), Problem> {
        if self.bindings.len() >= MOST_BINDINGS {
            return Err(Problem::TooManyAttributes(MOST_BINDINGS));
        }
        let legal = match prefix {
            "xmlns" => false,
            "xml" => uri == ns::XML,
            _ => uri != ns::XML && uri != XMLNS && (prefix.is_empty() || !uri.is_empty()),
        };
        if !legal {
            return Err(Problem::IllegalBinding);
        }
        self.bindings.push(Binding { depth, prefix, uri });
        Ok(())
    }

    /// Forgets what the element at `depth` declared.
    pub(crate) fn leave(&mut self, depth: usize) {
        while self.bindings.last().is_some_and(|binding| binding.depth >= depth) {
            self.bindings.pop();
        }
    }

    /// The namespace of an element name or of a type name: an absent prefix means the default one.
    pub(crate) fn resolve<'n>(&self, name: &'n str) -> Result<(&str, &'n str), Problem> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        if let Some(binding) = self.bindings.iter().rev().find(|binding| binding.prefix == prefix) {
            return Ok((&binding.uri, local));
        }
        match prefix {
            "" => Ok(("", local)),
            "xml" => Ok((ns::XML, local)),
            _ => Err(Problem::UnboundPrefix),
        }
    }

    /// The namespace of an attribute name: an absent prefix means none.
    pub(crate) fn resolve_attribute<'n>(&self, name: &'n str) -> Result<(&str, &'n str), Problem> {
        if name.contains(':') { self.resolve(name) } else { Ok(("", name)) }
    }
}
