//! The objects: what a retrieve finds of each, and how each is made, changed, removed and started. One kind, one file.

mod email;
mod found;
mod import_definition;
mod item;
mod list;
mod row;
mod send;
mod send_definition;
mod subscriber;
mod table;

use std::cmp::Ordering;

use domain::Timestamp;
use jiff::{civil::DateTime, tz::Offset};
use soap::Element;

use super::{
    account::Account,
    answer::{Outcome, Refused},
    filter,
};

pub(super) use found::found;
pub(super) use item::{Item, of_row};

/// The server's clocks are six hours behind UTC all year (contract §4, Dates).
const BEHIND: Offset = Offset::constant(-6);

/// A time as the server's clocks show it.
pub(super) fn server_time(at: Timestamp) -> DateTime {
    BEHIND.to_datetime(at)
}

/// A time without an offset, as the server's clocks mean it.
pub(super) fn from_server(text: &str) -> Option<Timestamp> {
    text.trim().parse::<DateTime>().ok().and_then(|civil| BEHIND.to_timestamp(civil).ok())
}

/// What a property has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// `xsi:nil`.
    Nothing,
    /// An element without text.
    Empty,
    Int(i64),
    Bool(bool),
    Text(String),
    Time(Timestamp),
}

impl Value {
    pub(super) fn int(number: impl TryInto<i64>) -> Self {
        number.try_into().map_or(Self::Nothing, Self::Int)
    }

    pub(super) fn of(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing | Self::Empty)
    }

    /// As the platform writes it: a time without offset, zeros at the end of a fraction dropped.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Nothing | Self::Empty => String::new(),
            Self::Int(number) => number.to_string(),
            Self::Bool(is) => is.to_string(),
            Self::Text(text) => text.clone(),
            Self::Time(at) => server_time(*at).to_string(),
        }
    }

    /// How it compares to a value of a filter; `None` where they are of different kinds. Texts compare without case.
    pub(super) fn compare(&self, wanted: &str) -> Option<Ordering> {
        match self {
            Self::Nothing | Self::Empty => wanted.is_empty().then_some(Ordering::Equal),
            Self::Int(number) => Some(number.cmp(&wanted.trim().parse().ok()?)),
            Self::Bool(is) => Some(is.cmp(&matches!(wanted.trim(), "true" | "True" | "1"))),
            Self::Text(text) => Some(text.to_lowercase().cmp(&wanted.to_lowercase())),
            Self::Time(at) => Some(at.cmp(&filter::instant(wanted)?)),
        }
    }
}

/// How an object is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Save {
    Create,
    Update,
    /// Either, as `SaveOptions` say.
    Upsert,
    Delete,
}

/// Saves one object of a `Create`, an `Update` or a `Delete`.
pub(super) fn save(account: &mut Account, how: Save, asked: &Element, now: Timestamp) -> Outcome {
    let kind = asked.kind().map(|kind| &*kind.local).unwrap_or_default();
    let done = match (kind, how) {
        ("Subscriber", Save::Delete) => subscriber::delete(account, asked),
        ("Subscriber", _) => subscriber::save(account, how, asked, now),
        ("List", Save::Create) => list::create(account, asked, now),
        ("List", Save::Delete) => list::delete(account, asked),
        ("DataExtension", Save::Create) => table::create(account, asked, now),
        ("DataExtension", Save::Delete) => table::delete(account, asked),
        ("DataExtensionObject", Save::Delete) => row::delete(account, asked),
        ("DataExtensionObject", _) => row::save(account, how, asked),
        ("ImportDefinition", Save::Create | Save::Update) => import_definition::save(account, how, asked, now),
        ("ImportDefinition", Save::Delete) => import_definition::delete(account, asked),
        ("EmailSendDefinition", Save::Create | Save::Update) => send_definition::save(account, how, asked, now),
        ("EmailSendDefinition", Save::Delete) => send_definition::delete(account, asked),
        ("Email", Save::Create) => email::create(account, asked, now),
        ("Send", Save::Create) => send::create(account, asked, now),
        _ => Err(Refused::new(5, format!("Cannot perform {how:?} on objects of type {kind}"))),
    };
    Outcome::of(done, asked)
}

/// Performs an action on one definition.
pub(super) fn perform(account: &mut Account, action: &str, asked: &Element, now: Timestamp) -> Outcome {
    let kind = asked.kind().map(|kind| &*kind.local).unwrap_or_default();
    let done = match (kind, &*action.to_lowercase()) {
        ("ImportDefinition", "start") => import_definition::start(account, asked, now),
        ("EmailSendDefinition", "start") => send_definition::start(account, asked, now),
        ("Send", action @ ("pause" | "resume" | "cancel")) => send::steer(account, action, asked, now),
        _ => Err(Refused::new(100, format!("The Perform method is not supported for the {kind} object"))),
    };
    Outcome::of(done, asked)
}

/// The text of a child; `None` where it is missing, nil or empty.
fn text(asked: &Element, local: &str) -> Option<String> {
    let child = asked.child(local).filter(|child| !child.is_nil())?;
    Some(child.text().trim().to_owned()).filter(|text| !text.is_empty())
}

fn number(asked: &Element, local: &str) -> Option<u32> {
    text(asked, local)?.parse().ok()
}

fn is_true(asked: &Element, local: &str) -> bool {
    text(asked, local).is_some_and(|text| matches!(&*text, "true" | "1"))
}

/// `Name` and `Value` of each pair below an element.
fn pairs(asked: &Element, outer: Option<&str>, inner: &str) -> Vec<(String, String)> {
    let parent = match outer {
        Some(outer) => asked.child(outer),
        None => Some(asked),
    };
    let pair = |pair: &Element| (pair.child_text("Name").trim().to_owned(), pair.child_text("Value"));
    parent.into_iter().flat_map(|parent| parent.all(inner)).map(pair).collect()
}
