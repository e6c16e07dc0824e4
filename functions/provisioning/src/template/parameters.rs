//! What a template asks for and what it is given.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use sharepoint::WebName;
use soap::Element;

use super::{
    MAX_PARAMETERS,
    error::{Reason, TemplateError, line_of},
    shape::flag,
    tokens::{self, Piece, Token, pieces},
};

/// The values for one site. Values that a template does not ask for are no error.
#[derive(Clone)]
pub struct Parameters {
    pub(super) site_title: String,
    pub(super) tag: WebName,
    pub(super) values: BTreeMap<String, String>,
}

impl Parameters {
    /// `site_title` fills `{sitename}`. `tag` tells the groups of this site from those of others: group names are
    /// collection-wide in SharePoint 2007, and two accounts may have the same name (ST-04: nobody else gets in).
    pub fn new(site_title: impl Into<String>, tag: WebName) -> Self {
        Self { site_title: site_title.into(), tag, values: BTreeMap::new() }
    }

    /// With the value for `{parameter:name}`.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.values.insert(name.into(), value.into());
        self
    }
}

impl fmt::Debug for Parameters {
    /// Names only: values come from records.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parameters").field("names", &self.values.keys()).finish_non_exhaustive()
    }
}

/// The parameters that a template declares.
#[derive(Clone, Debug, Default)]
pub(super) struct Declarations(BTreeMap<String, Declaration>);

#[derive(Clone, Debug)]
pub(super) struct Declaration {
    /// The `Parameter` element, for its line.
    pub(super) element: Element,
    pub(super) required: bool,
    /// The default, with its tokens; empty if there is none.
    pub(super) default: String,
}

impl Declarations {
    /// Reads `Preferences/Parameters`; `root` is the whole document, its shape checked.
    pub(super) fn read(root: &Element) -> Result<Self, TemplateError> {
        let mut declared = Self::default();
        let parameters = root.child("Preferences").and_then(|preferences| preferences.child("Parameters"));
        for element in parameters.into_iter().flat_map(Element::children) {
            let name = element.attribute("Key").unwrap_or_default();
            if name.is_empty() || name.contains(['{', '}']) {
                return Err(TemplateError::invalid(element, "Key", "a name without braces"));
            }
            if let Some(first) = declared.0.get(name) {
                let first = line_of(&first.element);
                return Err(TemplateError::at(element, Reason::Duplicate { what: "the Key", first }));
            }
            if declared.0.len() == MAX_PARAMETERS {
                let reason = Reason::TooMany { what: "parameters", limit: MAX_PARAMETERS };
                return Err(TemplateError::at(element, reason));
            }
            let required = element.attribute("Required").and_then(flag).unwrap_or_default();
            let declaration = Declaration { element: element.clone(), required, default: element.text() };
            declared.0.insert(name.to_owned(), declaration);
        }
        declared.check_defaults()?;
        Ok(declared)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Declaration> {
        self.0.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    fn check_defaults(&self) -> Result<(), TemplateError> {
        for declaration in self.0.values() {
            tokens::check_text(&declaration.element, &declaration.default, self)?;
        }
        let mut done = BTreeSet::new();
        for name in self.0.keys() {
            self.follow(name, &mut Vec::new(), &mut done)?;
        }
        Ok(())
    }

    /// Follows defaults to their ends. Not deeper than there are parameters, so the stack is enough.
    fn follow<'a>(
        &'a self,
        name: &'a str,
        path: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Result<(), TemplateError> {
        let Some(declaration) = self.0.get(name) else { return Ok(()) };
        if path.contains(&name) {
            return Err(TemplateError::at(&declaration.element, Reason::Cycle { name: name.to_owned() }));
        }
        if done.contains(name) {
            return Ok(());
        }
        path.push(name);
        for piece in pieces(&declaration.default) {
            if let Ok(Piece::Token(Token::Parameter(next))) = piece {
                self.follow(next, path, done)?;
            }
        }
        path.pop();
        done.insert(name);
        Ok(())
    }
}
