//! A record of any entity, as a list of named values.

use domain::{CrmId, Timestamp};
use soap::{Element, Error, Problem};

use super::{Reference, Value, ns::ENTITIES};

/// A record whose entity is named at run time: the form in which all of ours travel.
#[derive(Clone, PartialEq, Debug)]
pub struct DynamicEntity {
    /// The entity's logical name.
    pub name: String,
    /// Attribute and value, in the order in which they are or were written.
    pub properties: Vec<(String, Value)>,
}

impl DynamicEntity {
    /// A record without values.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), properties: Vec::new() }
    }

    /// With one more value.
    #[must_use]
    pub fn with(mut self, attribute: &str, value: Value) -> Self {
        self.properties.push((attribute.to_owned(), value));
        self
    }

    /// The value of an attribute; `None` if it is absent or null.
    pub fn get(&self, attribute: &str) -> Option<&Value> {
        let found = self.properties.iter().find(|(name, _)| name == attribute).map(|(_, value)| value);
        found.filter(|value| !matches!(value, Value::Null(_)))
    }

    /// A text attribute; empty if it is absent.
    pub fn text(&self, attribute: &str) -> Result<&str, Error> {
        self.read(attribute, "StringProperty", |value| match value {
            Value::String(text) => Some(text.as_str()),
            _ => None,
        })
        .map(Option::unwrap_or_default)
    }

    /// The record's id, which must be there.
    pub fn key(&self, attribute: &str) -> Result<CrmId, Error> {
        self.must(attribute, "KeyProperty", |value| match value {
            Value::Key(id) => Some(*id),
            _ => None,
        })
    }

    /// A lookup, owner or customer.
    pub fn reference(&self, attribute: &str) -> Result<Option<&Reference>, Error> {
        self.read(attribute, "LookupProperty", |value| match value {
            Value::Lookup(to) | Value::Owner(to) | Value::Customer(to) => Some(to),
            _ => None,
        })
    }

    /// A lookup, owner or customer that must be there.
    pub fn required_reference(&self, attribute: &str) -> Result<&Reference, Error> {
        self.reference(attribute)?.ok_or_else(|| Error::new(Problem::Missing).under(attribute))
    }

    /// An instant that must be there.
    pub fn instant(&self, attribute: &str) -> Result<Timestamp, Error> {
        self.must(attribute, "CrmDateTimeProperty", |value| match value {
            Value::DateTime(instant) => Some(*instant),
            _ => None,
        })
    }

    /// A choice.
    pub fn picklist(&self, attribute: &str) -> Result<Option<i32>, Error> {
        self.read(attribute, "PicklistProperty", |value| match value {
            Value::Picklist(number) => Some(*number),
            _ => None,
        })
    }

    /// A whole number; `None` if it is absent.
    pub fn number(&self, attribute: &str) -> Result<Option<i32>, Error> {
        self.read(attribute, "CrmNumberProperty", |value| match value {
            Value::Number(number) => Some(*number),
            _ => None,
        })
    }

    /// Yes or no; `None` if it is absent.
    pub fn boolean(&self, attribute: &str) -> Result<Option<bool>, Error> {
        self.read(attribute, "CrmBooleanProperty", |value| match value {
            Value::Boolean(yes) => Some(*yes),
            _ => None,
        })
    }

    /// The name of a state, which must be there.
    pub fn state(&self, attribute: &str) -> Result<&str, Error> {
        self.must(attribute, "StateProperty", |value| match value {
            Value::State(name) => Some(name.as_str()),
            _ => None,
        })
    }

    fn must<'e, T>(
        &'e self,
        attribute: &str,
        expected: &str,
        take: impl FnOnce(&'e Value) -> Option<T>,
    ) -> Result<T, Error> {
        self.read(attribute, expected, take)?.ok_or_else(|| Error::new(Problem::Missing).under(attribute))
    }

    fn read<'e, T>(
        &'e self,
        attribute: &str,
        expected: &str,
        take: impl FnOnce(&'e Value) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.get(attribute) else { return Ok(None) };
        take(value).map(Some).ok_or_else(|| Error::unexpected(expected, value.property()).under(attribute))
    }

    /// The record inside of an element that says where it stands: `entity`, `DynamicEntity`.
    pub(super) fn written_into(&self, element: Element) -> Element {
        let properties = self.properties.iter().map(|(attribute, value)| {
            Element::new(ENTITIES, "Property")
                .with_kind(ENTITIES, value.property())
                .with_attribute("Name", attribute)
                .with(value.to_xml())
        });
        element.with_attribute("Name", &self.name).with(Element::new(ENTITIES, "Properties").with_all(properties))
    }

    /// The record that an element holds.
    pub(super) fn read_from(element: &Element) -> Result<Self, Error> {
        let mut entity = Self::new(element.required_attribute("Name")?);
        let properties = element.child("Properties").into_iter().flat_map(|properties| properties.all("Property"));
        // The schema lets a property be nil: it says nothing.
        for property in properties.filter(|property| !property.is_nil()) {
            let attribute = property.required_attribute("Name").map_err(|error| error.under("Property"))?;
            let value = Value::from_property(property).map_err(|error| error.under(attribute))?;
            entity.properties.push((attribute.to_owned(), value));
        }
        Ok(entity)
    }

    /// The record that a `BusinessEntity` element holds; other kinds than a dynamic entity are refused.
    pub(super) fn read_dynamic(element: &Element) -> Result<Self, Error> {
        match element.required_kind()? {
            "DynamicEntity" => Self::read_from(element),
            other => Err(Error::unexpected("DynamicEntity", other)),
        }
    }
}

#[cfg(test)]
mod tests;
