//! One thing that a retrieve found: what it has, and how a row of a reply is made of it.

use std::collections::BTreeMap;

use soap::Element;

use super::Value;
use crate::exacttarget::{
    NS,
    account::{Column, Row, Table},
    catalogue::{self, Property},
    events::{Event, What},
};

/// One object that was found.
#[derive(Clone, Debug)]
pub(in crate::exacttarget) enum Item {
    /// An event, and the account's number.
    Event(Event, u32),
    /// The properties that have a value.
    Object(BTreeMap<&'static str, Value>),
    /// A row of a table.
    Row(BTreeMap<String, Value>),
}

impl Item {
    pub(in crate::exacttarget) fn value(&self, property: &str) -> Value {
        match self {
            Self::Event(event, member) => of_event(event, *member, property),
            Self::Object(values) => values.get(property).cloned().unwrap_or(Value::Nothing),
            Self::Row(values) => {
                let found = values.iter().find(|(name, _)| name.eq_ignore_ascii_case(property));
                found.map_or(Value::Nothing, |(_, value)| value.clone())
            }
        }
    }

    /// The row of a reply. `PartnerKey` and `ObjectID` are there whether asked for or not (recorded).
    pub(in crate::exacttarget) fn written(&self, kind: &str, properties: &[String]) -> Element {
        let row = Element::new(NS, "Results");
        let Some(known) = catalogue::properties(kind) else { return self.written_as_row(row, properties) };
        let mut row = row.with_kind(NS, kind);
        let mut nested: Option<(&str, Vec<Element>)> = None;
        for Property { name, .. } in known {
            let is_wanted = properties.iter().any(|wanted| wanted == name);
            if !is_wanted && !matches!(*name, "PartnerKey" | "ObjectID") {
                continue;
            }
            let (head, own) = name.split_once('.').unwrap_or((name, ""));
            if let Some((open, children)) = nested.take_if(|(open, _)| *open != head || own.is_empty()) {
                row = row.with(inner(open, children));
            }
            match own {
                "" if kind == "SentEvent" && matches!(head, "SubscriberID" | "ListID") => {
                    let pair = Element::new(NS, "PartnerProperties").with_value("Name", head);
                    row = row.with(pair.with_value("Value", self.value(name).text()));
                }
                "" => row = row.with(element(head, &self.value(name))),
                own => nested.get_or_insert((head, Vec::new())).1.push(element(own, &self.value(name))),
            }
        }
        match nested {
            Some((open, children)) => row.with(inner(open, children)),
            None => row,
        }
    }

    fn written_as_row(&self, row: Element, properties: &[String]) -> Element {
        let nil = |local| Element::new(NS, local).with_nil();
        let property = |name: &String| {
            Element::new(NS, "Property").with_value("Name", name).with_value("Value", self.value(name).text())
        };
        row.with_kind(NS, "DataExtensionObject")
            .with(nil("PartnerKey"))
            .with(nil("ObjectID"))
            .with_value("Type", "DataExtensionObject")
            .with(Element::new(NS, "Properties").with_all(properties.iter().map(property)))
    }
}

fn element(local: &str, value: &Value) -> Element {
    let element = Element::new(NS, local);
    match value {
        Value::Nothing => element.with_nil(),
        value => element.with_text(value.text()),
    }
}

/// An object inside of another one: but for the account itself, it has ids of its own.
fn inner(local: &str, children: Vec<Element>) -> Element {
    let element = Element::new(NS, local);
    if matches!(local, "Client" | "SendableSubscriberField") {
        return element.with_all(children);
    }
    let nil = |local| Element::new(NS, local).with_nil();
    let (ids, others): (Vec<_>, Vec<_>) = children.into_iter().partition(|child| child.is("ID"));
    let own = others.iter().any(|child| child.is("ObjectID"));
    let object_id = (!own).then(|| nil("ObjectID"));
    element.with(nil("PartnerKey")).with_all(ids).with_all(object_id).with_all(others)
}

fn of_event(event: &Event, member: u32, property: &str) -> Value {
    let text = |text: &str| Value::of(text);
    match (property, &event.what) {
        ("Client.ID", _) => Value::int(member),
        ("SendID", _) => Value::int(event.job),
        ("SubscriberKey", _) => text(&event.key),
        ("EventDate", _) | ("CreatedDate" | "ModifiedDate", What::Forwarded) => Value::Time(event.at),
        ("BatchID", _) => Value::Int(0),
        ("TriggeredSendDefinitionObjectID", _) => Value::Empty,
        ("ListID", _) => event.list.map_or(Value::Nothing, Value::int),
        ("EventType", What::Sent) => text("Sent"),
        ("EventType", What::NotSent) => text("NotSent"),
        ("EventType", What::Open) => text("Open"),
        ("EventType", What::Click(..)) => text("Click"),
        ("EventType", What::Bounce(cause, _)) => text(cause.event),
        ("EventType", What::Unsubscribe(_)) => text("Unsubscribe"),
        ("EventType", What::Forwarded) => text("ForwardedEmail"),
        ("URLID" | "URLIDLong", What::Click(id, _)) => Value::int(*id),
        ("URL", What::Click(_, url)) => text(url),
        ("BounceCategory", What::Bounce(cause, _)) => text(cause.category),
        ("SMTPCode", What::Bounce(cause, _)) => text(cause.smtp.0),
        ("SMTPReason", What::Bounce(cause, _)) => text(cause.smtp.1),
        ("BounceType", What::Bounce(_, is_delayed)) => text(if *is_delayed { "delayed" } else { "immediate" }),
        ("IsMasterUnsubscribed", What::Unsubscribe(is_master)) => Value::Bool(*is_master),
        _ => Value::Nothing,
    }
}

/// A row of a table with the types of its columns.
pub(in crate::exacttarget) fn of_row(table: &Table, row: &Row) -> Item {
    let typed = |column: &Column| {
        let text = row.get(&column.name).cloned().unwrap_or_default();
        let value = match &*column.kind {
            "Number" => text.trim().parse().map_or(Value::of(text), Value::Int),
            _ => Value::of(text),
        };
        (column.name.clone(), value)
    };
    Item::Row(table.columns.iter().map(typed).collect())
}
