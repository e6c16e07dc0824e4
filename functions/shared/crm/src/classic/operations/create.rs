//! Makes a record.
//!
//! CrmService.wsdl, `Create`. Not repeatable: a second one with the same id is refused as a duplicate key, one without
//! an id makes a second record (contract §8).

use domain::CrmId;
use soap::{Element, Error, FromXml, Operation, ToXml};

use super::Message;
use crate::classic::{
    DynamicEntity,
    ns::{ENTITIES, SERVICES},
};

/// Makes this record; its key may be among the values.
#[derive(Clone, PartialEq, Debug)]
pub struct Create(pub DynamicEntity);

/// The id of the record made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Created(pub CrmId);

impl Operation for Create {
    type Reply = Created;
    const NAME: &'static str = "Create";
    const ACTION: &'static str = "http://schemas.microsoft.com/crm/2007/WebServices/Create";
}

impl Message for Create {
    const REPEATABLE: bool = false;
}

impl ToXml for Create {
    fn to_xml(&self) -> Element {
        let entity = Element::new(SERVICES, "entity").with_kind(ENTITIES, "DynamicEntity");
        Element::new(SERVICES, "Create").with(self.0.written_into(entity))
    }
}

impl FromXml for Created {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.value("CreateResult").map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classic::{Value, operations::parsed};

    /// Invented, in the shape of the WSDL.
    #[test]
    fn a_create_says_entity_and_values_and_its_reply_the_id() {
        let note = DynamicEntity::new("annotation").with("subject", Value::String("<Ready>".to_owned()));
        let expected = parsed(
            r#"<Create xmlns="http://schemas.microsoft.com/crm/2007/WebServices">
                 <entity xmlns:q="http://schemas.microsoft.com/crm/2006/WebServices" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="q:DynamicEntity" Name="annotation">
                   <q:Properties><q:Property i:type="q:StringProperty" Name="subject"><q:Value>&lt;Ready&gt;</q:Value></q:Property></q:Properties>
                 </entity>
               </Create>"#,
        );
        assert_eq!(Create(note).to_xml(), expected);
        let reply = parsed(
            "<CreateResponse><CreateResult>6B29FC40-CA47-1067-B31D-00DD010662DA</CreateResult></CreateResponse>",
        );
        assert_eq!(Created::from_xml(&reply).unwrap().0.to_string(), "6b29fc40-ca47-1067-b31d-00dd010662da");
    }
}
