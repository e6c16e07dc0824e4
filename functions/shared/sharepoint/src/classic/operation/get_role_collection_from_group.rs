//! `UserGroup.asmx` GetRoleCollectionFromGroup (MS-UGS).

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::directory::{about_group, listed};
use crate::classic::service::Ask;

/// Asks for the roles that a group has on the web.
pub(in crate::classic) struct GetRoleCollectionFromGroup {
    pub(in crate::classic) group: String,
}

impl ToXml for GetRoleCollectionFromGroup {
    fn to_xml(&self) -> Element {
        about_group(Self::NAME, &self.group)
    }
}

impl Operation for GetRoleCollectionFromGroup {
    type Reply = RoleNames;
    const NAME: &'static str = "GetRoleCollectionFromGroup";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/directory/GetRoleCollectionFromGroup";
}

impl Ask for GetRoleCollectionFromGroup {
    const SERVICE: &'static str = "UserGroup.asmx";
    const READS: bool = true;
}

/// The roles' names.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct RoleNames(pub(in crate::classic) Vec<String>);

impl FromXml for RoleNames {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        let name = |role: &Element| role.required_attribute("Name").map(ToOwned::to_owned);
        listed(body, GetRoleCollectionFromGroup::NAME, ("Roles", "Role"), name).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{DIRECTORY, read},
        *,
    };

    /// Documented.
    #[test]
    fn roles_have_names() {
        let roles: RoleNames = read(&format!(
            "<GetRoleCollectionFromGroupResponse xmlns='{DIRECTORY}'><GetRoleCollectionFromGroupResult>\
             <GetRoleCollectionFromGroup><Roles><Role ID='1073741827' Name='Contribute' Description='' Order='64' \
             Hidden='False' Type='Contributor' BasePermissions='Open'/></Roles></GetRoleCollectionFromGroup>\
             </GetRoleCollectionFromGroupResult></GetRoleCollectionFromGroupResponse>"
        ));
        assert_eq!(roles, RoleNames(vec!["Contribute".to_owned()]));
    }
}
