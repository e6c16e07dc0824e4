//! Asks what a user's roles let them do.
//!
//! CrmService.wsdl, `Execute` with `RetrieveUserPrivilegesRequest`.

use domain::CrmId;
use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{
    EXECUTE_ACTION, Message,
    execute::{execute, response},
};
use crate::classic::ns::SERVICES;

/// What may this user do?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetrieveUserPrivileges {
    /// The user.
    pub user: CrmId,
}

/// What the user's roles give, all roles together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Privileges(pub Vec<Privilege>);

/// One privilege of a user.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Privilege {
    /// The privilege: a record of the entity `privilege`, which has its name.
    pub id: CrmId,
    /// For which records.
    pub depth: Depth,
}

/// For which records a privilege counts (CoreTypes.xsd, `PrivilegeDepth`), from the fewest on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Depth {
    /// The user's own.
    Basic,
    /// Those of the business unit.
    Local,
    /// Those of the business unit and all below it.
    Deep,
    /// All of the organization.
    Global,
}

impl Operation for RetrieveUserPrivileges {
    type Reply = Privileges;
    const NAME: &'static str = "RetrieveUserPrivileges";
    const ACTION: &'static str = EXECUTE_ACTION;
}

impl Message for RetrieveUserPrivileges {}

impl ToXml for RetrieveUserPrivileges {
    fn to_xml(&self) -> Element {
        let user = Element::new(SERVICES, "UserId").with_text(self.user.to_string());
        execute("RetrieveUserPrivilegesRequest", |request| request.with(user))
    }
}

impl FromXml for Privileges {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        let all = response(body, "RetrieveUserPrivilegesResponse", |response| {
            response.within("RolePrivileges", |all| all.each("RolePrivilege", read))
        })?;
        Ok(Self(all))
    }
}

fn read(privilege: &Element) -> Result<Privilege, Error> {
    let depth = privilege.required("Depth")?.text();
    let depth = match depth.trim() {
        "Basic" => Depth::Basic,
        "Local" => Depth::Local,
        "Deep" => Depth::Deep,
        "Global" => Depth::Global,
        other => return Err(Error::unexpected("Basic, Local, Deep or Global", other).under("Depth")),
    };
    Ok(Privilege { id: privilege.value("PrivilegeId")?, depth })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classic::operations::parsed;

    /// Invented, in the shape of the WSDL.
    #[test]
    fn the_request_names_the_user_and_the_reply_is_a_list_of_privileges_with_their_depths() {
        let user: CrmId = "6b29fc40-ca47-1067-b31d-00dd010662da".parse().unwrap();
        let expected = parsed(
            r#"<Execute xmlns="http://schemas.microsoft.com/crm/2007/WebServices" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Request i:type="RetrieveUserPrivilegesRequest"><OptionalParameters/><UserId>6b29fc40-ca47-1067-b31d-00dd010662da</UserId></Request></Execute>"#,
        );
        assert_eq!(RetrieveUserPrivileges { user }.to_xml(), expected);
        let reply = |depth: &str| {
            parsed(&format!(
                r#"<ExecuteResponse xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Response i:type="RetrieveUserPrivilegesResponse"><RolePrivileges><RolePrivilege><Depth>{depth}</Depth><PrivilegeId>6b29fc40-ca47-1067-b31d-00dd010662da</PrivilegeId></RolePrivilege></RolePrivileges></Response></ExecuteResponse>"#,
            ))
        };
        let found = Privileges::from_xml(&reply("Deep")).unwrap();
        assert_eq!(found, Privileges(vec![Privilege { id: user, depth: Depth::Deep }]));
        let error = Privileges::from_xml(&reply("All")).unwrap_err().to_string();
        assert!(error.ends_with("Depth: expected Basic, Local, Deep or Global, found \"All\""), "{error}");
    }
}
