//! What messages are about: one object, one file. Elements are in the order of the 2020 schema.

mod data_extension;
mod email_send_definition;
mod import_definition;
mod subscriber;

pub use data_extension::{Column, ColumnKind, DataExtension, DataExtensionRow};
pub use email_send_definition::{EmailSendDefinition, SendSource};
pub use import_definition::{Destination, FileKind, ImportDefinition, UpdateKind};
pub use subscriber::{Subscriber, SubscriberStatus, SubscriptionAction};

use soap::Element;

use crate::NS;

/// An object as it is written: its type and its properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    kind: &'static str,
    properties: Vec<Element>,
}

impl Object {
    /// One that is named by its key alone: what a start or a delete needs.
    pub fn by_key(kind: &'static str, key: &str) -> Self {
        Self { kind, properties: vec![Element::new(NS, "CustomerKey").with_text(key)] }
    }

    pub(crate) const fn kind(&self) -> &'static str {
        self.kind
    }

    fn new(kind: &'static str, written: &Element) -> Self {
        Self { kind, properties: written.children().cloned().collect() }
    }

    pub(crate) fn written_as(&self, name: &str) -> Element {
        Element::new(NS, name).with_kind(NS, self.kind).with_all(self.properties.iter().cloned())
    }
}

/// What the properties of an object are collected in.
fn properties() -> Element {
    Element::new(NS, "Object")
}

/// `Name` and `Value`, in an element of this name.
fn pair(element: &str, name: &str, value: &str) -> Element {
    Element::new(NS, element).with_value("Name", name).with_value("Value", value)
}
