//! Records, as CRM 4.0 writes them. Invented, after the contract.

use domain::{CrmId, RecordKind, RecordRef};
use soap::Element;

use crate::server::{Asked, Said};

const ENTITIES: &str = "http://schemas.microsoft.com/crm/2006/WebServices";

pub(crate) fn id(n: u32) -> CrmId {
    format!("00000000-0000-0000-0000-{n:012}").parse().unwrap()
}

pub(crate) fn account() -> RecordRef {
    RecordRef { kind: RecordKind::Account, id: id(1) }
}

/// An element of a record, as CRM writes it: type, attribute, the attributes of its value, its text.
pub(crate) fn property(kind: &str, attribute: &str, of_value: &[(&str, &str)], text: &str) -> Element {
    let value = Element::new(ENTITIES, "Value").with_text(text);
    let value = of_value.iter().fold(value, |value, (name, text)| value.with_attribute(name, *text));
    Element::new(ENTITIES, "Property").with_kind(ENTITIES, kind).with_attribute("Name", attribute).with(value)
}

pub(crate) fn record(entity: &str, properties: Vec<Element>) -> Element {
    Element::new(ENTITIES, "BusinessEntity")
        .with_kind(ENTITIES, "DynamicEntity")
        .with_attribute("Name", entity)
        .with(Element::new(ENTITIES, "Properties").with_all(properties))
}

pub(crate) fn one(record: Element) -> Said {
    Said::Reply(Element::new("", "x").with(record))
}

pub(crate) fn many(records: impl IntoIterator<Item = Element>) -> Said {
    let records = Element::new(ENTITIES, "BusinessEntities").with_all(records);
    let collection = Element::new(ENTITIES, "BusinessEntityCollection").with_attribute("MoreRecords", "false");
    Said::Reply(Element::new("", "x").with(collection.with(records)))
}

pub(crate) fn user(n: u32, name: &str, disabled: &str) -> Element {
    record(
        "systemuser",
        vec![
            property("KeyProperty", "systemuserid", &[], &id(n).braced()),
            property("StringProperty", "fullname", &[], name),
            property("StringProperty", "domainname", &[], &format!("HARBOUR\\u{n}")),
            property("CrmBooleanProperty", "isdisabled", &[("name", "?")], disabled),
        ],
    )
}

pub(crate) fn share(kind: &str, n: u32, rights: &str) -> Element {
    let principal = Element::new("", "Principal").with_value("PrincipalId", id(n)).with_value("Type", kind);
    Element::new("", "PrincipalAccess").with(principal).with_value("AccessMask", rights)
}

pub(crate) fn values(asked: &Asked) -> Vec<String> {
    fn below(element: &Element, found: &mut Vec<String>) {
        for child in element.children() {
            if child.is("Value") {
                found.push(child.text());
            }
            below(child, found);
        }
    }
    let mut found = Vec::new();
    below(&asked.message, &mut found);
    found
}
