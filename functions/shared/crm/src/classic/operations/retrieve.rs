//! Reads one record.
//!
//! CrmService.wsdl, `Execute` with `RetrieveRequest`: the operation `Retrieve` itself answers typed records only
//! (contract §6). A record that does not exist is a fault with code 80040217.

use domain::CrmId;
use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{
    EXECUTE_ACTION, Message,
    execute::{execute, response},
};
use crate::classic::{Columns, DynamicEntity, ns::SERVICES};

/// Reads these columns of one record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Retrieve {
    /// Its entity.
    pub entity: String,
    /// Its id.
    pub id: CrmId,
    /// What to answer of it.
    pub columns: Columns,
}

/// The record; attributes without a value are absent.
#[derive(Clone, PartialEq, Debug)]
pub struct Retrieved(pub DynamicEntity);

impl Operation for Retrieve {
    type Reply = Retrieved;
    const NAME: &'static str = "Retrieve";
    const ACTION: &'static str = EXECUTE_ACTION;
}

impl Message for Retrieve {}

impl ToXml for Retrieve {
    fn to_xml(&self) -> Element {
        execute("RetrieveRequest", |request| {
            let target = Element::new(SERVICES, "Target")
                .with_kind(SERVICES, "TargetRetrieveDynamic")
                .with_value("EntityName", &self.entity)
                .with_value("EntityId", self.id);
            request.with_attribute("ReturnDynamicEntities", "true").with(target).with(self.columns.to_xml(SERVICES))
        })
    }
}

impl FromXml for Retrieved {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        response(body, "RetrieveResponse", |response| {
            response.within("BusinessEntity", DynamicEntity::read_dynamic).map(Self)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classic::operations::parsed;

    /// Invented, in the shape of the WSDL.
    #[test]
    fn a_retrieve_names_record_and_columns() {
        let id = "6b29fc40-ca47-1067-b31d-00dd010662da".parse().unwrap();
        let request = Retrieve { entity: "account".to_owned(), id, columns: Columns::named(["name", "ownerid"]) };
        let expected = parsed(
            r#"<Execute xmlns="http://schemas.microsoft.com/crm/2007/WebServices" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
                 <Request i:type="RetrieveRequest" ReturnDynamicEntities="true">
                   <OptionalParameters/>
                   <Target i:type="TargetRetrieveDynamic"><EntityName>account</EntityName><EntityId>6b29fc40-ca47-1067-b31d-00dd010662da</EntityId></Target>
                   <ColumnSet xmlns:q="http://schemas.microsoft.com/crm/2006/Query" i:type="q:ColumnSet">
                     <q:Attributes><q:Attribute>name</q:Attribute><q:Attribute>ownerid</q:Attribute></q:Attributes>
                   </ColumnSet>
                 </Request>
               </Execute>"#,
        );
        assert_eq!(request.to_xml(), expected);
    }

    /// Invented: a typed record where a dynamic one was asked for.
    #[test]
    fn a_typed_record_is_refused_by_name() {
        let reply = parsed(
            r#"<ExecuteResponse xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Response i:type="RetrieveResponse"><BusinessEntity i:type="account"/></Response></ExecuteResponse>"#,
        );
        let error = Retrieved::from_xml(&reply).unwrap_err();
        assert_eq!(error.to_string(), "Response/BusinessEntity: expected DynamicEntity, found \"account\"");
    }
}
