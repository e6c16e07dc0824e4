//! `UserGroup.asmx` AddGroupToRole (MS-UGS).

use soap::{Element, Operation, ToXml};

use super::{DIRECTORY, Done};
use crate::classic::service::Ask;

/// Gives a group a role on the web.
pub(in crate::classic) struct AddGroupToRole {
    pub(in crate::classic) group: String,
    pub(in crate::classic) role: &'static str,
}

impl ToXml for AddGroupToRole {
    fn to_xml(&self) -> Element {
        Element::new(DIRECTORY, Self::NAME).with_value("roleName", self.role).with_value("groupName", &self.group)
    }
}

impl Operation for AddGroupToRole {
    type Reply = Done;
    const NAME: &'static str = "AddGroupToRole";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/directory/AddGroupToRole";
}

impl Ask for AddGroupToRole {
    const SERVICE: &'static str = "UserGroup.asmx";
    const READS: bool = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_comes_before_the_group() {
        let request = AddGroupToRole { group: "Harbour Members".to_owned(), role: "Contribute" }.to_xml();
        let parts: Vec<_> = request.children().map(|part| (part.local().to_owned(), part.text())).collect();
        let expected = [("roleName", "Contribute"), ("groupName", "Harbour Members")];
        assert_eq!(parts, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
