//! Asks with whom a record is shared. The owner is not among them.
//!
//! CrmService.wsdl, `Execute` with `RetrieveSharedPrincipalsAndAccessRequest` (contract §6).

use domain::RecordRef;
use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{
    EXECUTE_ACTION, Message, Principal, Rights,
    execute::{execute, response},
    rights::owned_target,
};

/// With whom is this record shared?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetrieveSharedPrincipalsAndAccess {
    /// The record.
    pub target: RecordRef,
}

/// One share.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Share {
    /// With whom.
    pub principal: Principal,
    /// What the share gives.
    pub rights: Rights,
}

/// All shares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shares(pub Vec<Share>);

impl Operation for RetrieveSharedPrincipalsAndAccess {
    type Reply = Shares;
    const NAME: &'static str = "RetrieveSharedPrincipalsAndAccess";
    const ACTION: &'static str = EXECUTE_ACTION;
}

impl Message for RetrieveSharedPrincipalsAndAccess {}

impl ToXml for RetrieveSharedPrincipalsAndAccess {
    fn to_xml(&self) -> Element {
        execute("RetrieveSharedPrincipalsAndAccessRequest", |request| request.with(owned_target(self.target)))
    }
}

impl FromXml for Shares {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        response(body, "RetrieveSharedPrincipalsAndAccessResponse", |response| {
            response.within("PrincipalAccesses", |accesses| {
                let share = |access: &Element| {
                    let principal = access.within("Principal", Principal::from_xml)?;
                    Ok(Share { principal, rights: access.within("AccessMask", Rights::from_xml)? })
                };
                accesses.each("PrincipalAccess", share).map(Self)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classic::operations::parsed;

    fn answered(principal: &str) -> Result<Shares, Error> {
        let share = r"<PrincipalAccess><Principal><PrincipalId>6b29fc40-ca47-1067-b31d-00dd010662da</PrincipalId><Type>User</Type></Principal><AccessMask>ReadAccess</AccessMask></PrincipalAccess>";
        Shares::from_xml(&parsed(&format!(
            r#"<ExecuteResponse xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Response i:type="RetrieveSharedPrincipalsAndAccessResponse"><PrincipalAccesses>{share}{principal}</PrincipalAccesses></Response></ExecuteResponse>"#
        )))
    }

    /// Invented, in the shape of the WSDL. A principal of an unknown kind must not be dropped in silence.
    #[test]
    fn shares_are_read_and_an_unknown_kind_of_principal_is_an_error() {
        let user = "6b29fc40-ca47-1067-b31d-00dd010662da".parse().unwrap();
        assert_eq!(answered("").unwrap().0[0].principal, Principal::User(user));
        let error = answered(r"<PrincipalAccess><Principal><PrincipalId>6b29fc40-ca47-1067-b31d-00dd010662da</PrincipalId><Type>Role</Type></Principal><AccessMask/></PrincipalAccess>").unwrap_err();
        assert_eq!(
            error.to_string(),
            "Response/PrincipalAccesses/PrincipalAccess[1]/Principal/Type: expected User or Team, found \"Role\""
        );
    }
}
