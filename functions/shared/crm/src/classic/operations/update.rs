//! Sets attributes of a record.
//!
//! CrmService.wsdl, `Update`. The key is among the values; attributes that are not named stay as they are.

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::Message;
use crate::classic::{
    DynamicEntity,
    ns::{ENTITIES, SERVICES},
};

/// Sets these values on the record whose key is among them.
#[derive(Clone, PartialEq, Debug)]
pub struct Update(pub DynamicEntity);

/// It is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Updated;

impl Operation for Update {
    type Reply = Updated;
    const NAME: &'static str = "Update";
    const ACTION: &'static str = "http://schemas.microsoft.com/crm/2007/WebServices/Update";
}

impl Message for Update {
    const REPEATABLE: bool = false;
}

impl ToXml for Update {
    fn to_xml(&self) -> Element {
        let entity = Element::new(SERVICES, "entity").with_kind(ENTITIES, "DynamicEntity");
        Element::new(SERVICES, "Update").with(self.0.written_into(entity))
    }
}

impl FromXml for Updated {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        if body.is("UpdateResponse") { Ok(Self) } else { Err(Error::unexpected("UpdateResponse", body.local())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classic::{Kind, Value, operations::parsed};

    /// Invented, in the shape of the WSDL. `IsNull` stands beside a body that strict schemas accept (contract §5).
    #[test]
    fn an_update_can_take_a_value_away() {
        let account = DynamicEntity::new("account").with("primarycontactid", Value::Null(Kind::Lookup));
        let expected = parsed(
            r#"<Update xmlns="http://schemas.microsoft.com/crm/2007/WebServices">
                 <entity xmlns:q="http://schemas.microsoft.com/crm/2006/WebServices" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="q:DynamicEntity" Name="account">
                   <q:Properties><q:Property i:type="q:LookupProperty" Name="primarycontactid"><q:Value IsNull="true">00000000-0000-0000-0000-000000000000</q:Value></q:Property></q:Properties>
                 </entity>
               </Update>"#,
        );
        assert_eq!(Update(account).to_xml(), expected);
        assert_eq!(Updated::from_xml(&parsed("<UpdateResponse/>")), Ok(Updated));
        assert!(Updated::from_xml(&parsed("<CreateResponse/>")).is_err());
    }
}
