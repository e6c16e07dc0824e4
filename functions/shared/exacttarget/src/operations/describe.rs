//! What properties an object has in this account (contract §5: not every documented one can be retrieved).

use std::collections::BTreeSet;

use soap::{Element, Error, FromXml, ToXml};

use super::Message;
use crate::NS;

/// Asks what an object has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Describe(pub String);

/// What it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Its properties; none where the platform does not know the object.
    pub properties: Vec<PropertyOf>,
}

/// One property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyOf {
    /// Its name, such as `SendID` or `Client.ID`.
    pub name: String,
    /// Such as `Int32`, `String`.
    pub data_type: String,
    /// Whether a retrieve may ask for it.
    pub is_retrievable: bool,
}

impl Described {
    /// Of the properties that are wanted, those that can be asked for.
    pub fn retrievable(&self, wanted: &[&str]) -> Vec<String> {
        let has: BTreeSet<&str> =
            self.properties.iter().filter(|one| one.is_retrievable).map(|one| one.name.as_str()).collect();
        wanted.iter().filter(|name| has.contains(**name)).map(|name| (*name).to_owned()).collect()
    }
}

impl ToXml for Describe {
    fn to_xml(&self) -> Element {
        let request = Element::new(NS, "ObjectDefinitionRequest").with_value("ObjectType", &self.0);
        Element::new(NS, "DefinitionRequestMsg").with(Element::new(NS, "DescribeRequests").with(request))
    }
}

impl Message for Describe {
    type Reply = Described;
    const NAME: &'static str = "Describe";

    fn is_repeatable(&self) -> bool {
        true
    }
}

impl FromXml for Described {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        let definition = body.required("ObjectDefinition")?;
        let read = |property: &Element| {
            Ok(PropertyOf {
                name: property.required("Name")?.text().trim().to_owned(),
                data_type: property.child_text("DataType").trim().to_owned(),
                is_retrievable: property.optional_value("IsRetrievable")?.unwrap_or(false),
            })
        };
        let properties = definition.each("Properties", read).map_err(|error| error.under("ObjectDefinition"))?;
        Ok(Self { properties })
    }
}
