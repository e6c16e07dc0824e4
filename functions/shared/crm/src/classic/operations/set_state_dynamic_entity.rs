//! Sets state and status of a record.
//!
//! CrmService.wsdl, `Execute` with `SetStateDynamicEntityRequest`. States go by name, statuses by number (contract §5).

use domain::CrmId;
use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{
    EXECUTE_ACTION, Message,
    execute::{execute, response},
};
use crate::classic::ns::{CORE, SERVICES};

/// Sets the state of one record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetStateDynamicEntity {
    /// Its entity.
    pub entity: String,
    /// Its id.
    pub id: CrmId,
    /// The state's name: `Inactive`.
    pub state: String,
    /// The status, or -1 for the state's own default.
    pub status: i32,
}

/// It is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StateSet;

impl Operation for SetStateDynamicEntity {
    type Reply = StateSet;
    const NAME: &'static str = "SetStateDynamicEntity";
    const ACTION: &'static str = EXECUTE_ACTION;
}

impl Message for SetStateDynamicEntity {
    const REPEATABLE: bool = false;
}

impl ToXml for SetStateDynamicEntity {
    fn to_xml(&self) -> Element {
        let part = |local, text: &str| Element::new(CORE, local).with_text(text);
        execute("SetStateDynamicEntityRequest", |request| {
            let entity = Element::new(SERVICES, "Entity")
                .with(part("Id", &self.id.to_string()))
                .with(part("Name", &self.entity));
            request.with(entity).with_value("State", &self.state).with_value("Status", self.status)
        })
    }
}

impl FromXml for StateSet {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        response(body, "SetStateDynamicEntityResponse", |_| Ok(Self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classic::operations::parsed;

    /// Invented, in the shape of the WSDL.
    #[test]
    fn a_state_is_set_by_name_and_a_status_by_number() {
        let request = SetStateDynamicEntity {
            entity: "account".to_owned(),
            id: "6b29fc40-ca47-1067-b31d-00dd010662da".parse().unwrap(),
            state: "Inactive".to_owned(),
            status: 2,
        };
        let expected = parsed(
            r#"<Execute xmlns="http://schemas.microsoft.com/crm/2007/WebServices" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
                 <Request i:type="SetStateDynamicEntityRequest">
                   <OptionalParameters/>
                   <Entity><c:Id xmlns:c="http://schemas.microsoft.com/crm/2006/CoreTypes">6b29fc40-ca47-1067-b31d-00dd010662da</c:Id><c:Name xmlns:c="http://schemas.microsoft.com/crm/2006/CoreTypes">account</c:Name></Entity>
                   <State>Inactive</State>
                   <Status>2</Status>
                 </Request>
               </Execute>"#,
        );
        assert_eq!(request.to_xml(), expected);
    }
}
