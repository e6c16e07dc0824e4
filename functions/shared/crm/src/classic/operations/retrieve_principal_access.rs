//! Asks what a user or a team may do with a record: roles, ownership and shares together.
//!
//! CrmService.wsdl, `Execute` with `RetrievePrincipalAccessRequest` (contract §6).

use domain::RecordRef;
use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{
    EXECUTE_ACTION, Message, Principal, Rights,
    execute::{execute, response},
    rights::owned_target,
};

/// What may this principal do with this record?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetrievePrincipalAccess {
    /// The record.
    pub target: RecordRef,
    /// Who.
    pub principal: Principal,
}

/// All of its rights.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PrincipalRights(pub Rights);

impl Operation for RetrievePrincipalAccess {
    type Reply = PrincipalRights;
    const NAME: &'static str = "RetrievePrincipalAccess";
    const ACTION: &'static str = EXECUTE_ACTION;
}

impl Message for RetrievePrincipalAccess {}

impl ToXml for RetrievePrincipalAccess {
    fn to_xml(&self) -> Element {
        execute("RetrievePrincipalAccessRequest", |request| {
            request.with(owned_target(self.target)).with(self.principal.to_xml())
        })
    }
}

impl FromXml for PrincipalRights {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        response(body, "RetrievePrincipalAccessResponse", |response| {
            response.within("AccessRights", Rights::from_xml).map(Self)
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::RecordKind;

    use super::*;
    use crate::classic::operations::{Right, parsed};

    /// Invented, in the shape of the WSDL.
    #[test]
    fn a_question_names_record_and_principal() {
        let id = "6b29fc40-ca47-1067-b31d-00dd010662da".parse().unwrap();
        let target = RecordRef { kind: RecordKind::Account, id };
        let expected = parsed(
            r#"<Execute xmlns="http://schemas.microsoft.com/crm/2007/WebServices" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
                 <Request i:type="RetrievePrincipalAccessRequest">
                   <OptionalParameters/>
                   <Target i:type="TargetOwnedDynamic"><EntityName>account</EntityName><EntityId>6b29fc40-ca47-1067-b31d-00dd010662da</EntityId></Target>
                   <Principal xmlns:c="http://schemas.microsoft.com/crm/2006/CoreTypes"><c:PrincipalId>6b29fc40-ca47-1067-b31d-00dd010662da</c:PrincipalId><c:Type>Team</c:Type></Principal>
                 </Request>
               </Execute>"#,
        );
        assert_eq!(RetrievePrincipalAccess { target, principal: Principal::Team(id) }.to_xml(), expected);
        let reply = parsed(
            r#"<ExecuteResponse xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Response i:type="RetrievePrincipalAccessResponse"><AccessRights>ReadAccess ShareAccess</AccessRights></Response></ExecuteResponse>"#,
        );
        let rights = PrincipalRights::from_xml(&reply).unwrap().0;
        assert!(rights.has(Right::Share) && !rights.has(Right::Write));
    }
}
