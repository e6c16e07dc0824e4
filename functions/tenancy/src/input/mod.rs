//! Reading an order: every mistake is found at once, named by its field, and no value is ever quoted.
//!
//! serde's own errors stop at the first mistake and quote what they found, which may be a password.

mod connection;
mod exacttarget;
mod live_id;
mod mailing;
mod settings;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    fmt::Display,
    num::NonZeroU32,
    ops::RangeInclusive,
    str::FromStr,
};

use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

pub(crate) use self::{
    connection::{Connection, with_password},
    settings::read as settings,
};
use crate::{Mistake, Refusal};

/// The longest text that is taken: longer than any address or name has to be.
const LONGEST: usize = 2_000;

/// What is wrong so far.
#[derive(Default)]
pub(crate) struct Inbox {
    mistakes: RefCell<Vec<Mistake>>,
}

impl Inbox {
    pub(crate) fn wrong(&self, field: impl Into<String>, rule: impl Display) {
        self.mistakes.borrow_mut().push(Mistake { field: field.into(), rule: rule.to_string() });
    }

    /// An object at a place in the order; the order itself is at no place.
    pub(crate) fn form_at<'v>(&'v self, path: &str, value: &'v Value) -> Option<Form<'v>> {
        Form::of(self, path.to_owned(), value)
    }

    /// What was read, if there was nothing wrong with it.
    pub(crate) fn empty<T>(self, read: T) -> Result<T, Refusal> {
        let mistakes = self.mistakes.into_inner();
        if mistakes.is_empty() { Ok(read) } else { Err(Refusal::invalid(mistakes)) }
    }
}

/// An object whose fields are taken one by one; what nobody took is a mistake (mass assignment, A3).
pub(crate) struct Form<'v> {
    inbox: &'v Inbox,
    path: String,
    object: &'v Map<String, Value>,
    taken: RefCell<BTreeSet<&'static str>>,
    /// Where the fields are not known beforehand.
    any: Cell<bool>,
}

impl<'v> Form<'v> {
    fn of(inbox: &'v Inbox, path: String, value: &'v Value) -> Option<Self> {
        let Some(object) = value.as_object() else {
            inbox.wrong(path, "is not an object");
            return None;
        };
        Some(Self { inbox, path, object, taken: RefCell::default(), any: Cell::new(false) })
    }

    /// The full name of a field.
    pub(crate) fn field(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    pub(crate) fn wrong(&self, name: &str, rule: impl Display) {
        self.inbox.wrong(self.field(name), rule);
    }

    /// A field that may be absent; null is absent.
    pub(crate) fn optional(&self, name: &'static str) -> Option<&'v Value> {
        self.taken.borrow_mut().insert(name);
        self.object.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn required(&self, name: &'static str) -> Option<&'v Value> {
        let found = self.optional(name);
        if found.is_none() {
            self.wrong(name, "is missing");
        }
        found
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    /// The only field of the object, whatever its name.
    pub(crate) fn only(&self) -> Option<(&'v str, &'v Value)> {
        self.any.set(true);
        let mut fields = self.object.iter().filter(|(_, value)| !value.is_null());
        let first = fields.next().map(|(name, value)| (name.as_str(), value));
        first.filter(|_| fields.next().is_none())
    }

    /// Says nothing of fields that nobody takes.
    pub(crate) fn accept_any(&self) {
        self.any.set(true);
    }

    /// All fields, whatever their names.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'v str, &'v Value)> {
        self.any.set(true);
        self.object.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(crate) fn form(&self, name: &'static str) -> Option<Form<'v>> {
        Form::of(self.inbox, self.field(name), self.required(name)?)
    }

    pub(crate) fn optional_form(&self, name: &'static str) -> Option<Form<'v>> {
        Form::of(self.inbox, self.field(name), self.optional(name)?)
    }

    /// A text of one line.
    pub(crate) fn text(&self, name: &'static str) -> Option<&'v str> {
        let value = self.required(name)?;
        check_text(value).map_err(|rule| self.wrong(name, rule)).ok()
    }

    pub(crate) fn texts(&self, name: &'static str, most: usize) -> Vec<(String, &'v str)> {
        let Some(value) = self.required(name) else { return Vec::new() };
        let Some(entries) = value.as_array().filter(|entries| (1..=most).contains(&entries.len())) else {
            self.wrong(name, format!("is not a list of 1 to {most} texts"));
            return Vec::new();
        };
        let read = |(at, entry): (usize, &'v Value)| {
            let field = format!("{}[{at}]", self.field(name));
            match check_text(entry) {
                Ok(text) => Some((field, text)),
                Err(rule) => {
                    self.inbox.wrong(field, rule);
                    None
                }
            }
        };
        entries.iter().enumerate().filter_map(read).collect()
    }

    pub(crate) fn secret(&self, name: &'static str) -> Option<SecretString> {
        let value = self.required(name)?;
        match value.as_str() {
            Some(text) if (1..=LONGEST).contains(&text.chars().count()) => Some(text.to_owned().into()),
            // Above all: the request of `scripts/tenant` to be filled in, sent by something else.
            _ => {
                self.wrong(name, format!("is not a text of 1 to {LONGEST} characters"));
                None
            }
        }
    }

    pub(crate) fn flag(&self, name: &'static str) -> bool {
        let Some(value) = self.optional(name) else { return false };
        value.as_bool().unwrap_or_else(|| {
            self.wrong(name, "is neither true nor false");
            false
        })
    }

    pub(crate) fn number(&self, name: &'static str, range: RangeInclusive<u32>) -> Option<NonZeroU32> {
        let value = self.optional(name)?;
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        let found = number.filter(|number| range.contains(number)).and_then(NonZeroU32::new);
        if found.is_none() {
            self.wrong(name, format!("is not a whole number from {} to {}", range.start(), range.end()));
        }
        found
    }

    /// A text that some type reads by itself; its error says the rule.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(&self, name: &'static str) -> Option<T> {
        let text = self.text(name)?;
        text.parse().map_err(|rule| self.wrong(name, rule)).ok()
    }

    /// An address.
    pub(crate) fn url(&self, name: &'static str) -> Option<Url> {
        let text = self.text(name)?;
        Url::parse(text).map_err(|rule| self.wrong(name, format!("is not an address: {rule}"))).ok()
    }
}

impl Drop for Form<'_> {
    fn drop(&mut self) {
        if self.any.get() {
            return;
        }
        let taken = self.taken.borrow();
        for name in self.object.keys().filter(|name| !taken.contains(name.as_str())) {
            // A name that is none may be a password in the wrong place.
            let is_name = name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let field = if is_name { self.field(name) } else { self.path.clone() };
            self.inbox.wrong(field, if is_name { "is not known" } else { "has a field that is not known" });
        }
    }
}

/// A text of one line, neither empty nor endless, without space at its ends.
pub(crate) fn check_text(value: &Value) -> Result<&str, String> {
    let text = value.as_str().ok_or_else(|| "is not a text".to_owned())?;
    if !(1..=LONGEST).contains(&text.chars().count()) {
        return Err(format!("is not a text of 1 to {LONGEST} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err("has a control character".to_owned());
    }
    if text.trim() == text { Ok(text) } else { Err("begins or ends with a space".to_owned()) }
}
