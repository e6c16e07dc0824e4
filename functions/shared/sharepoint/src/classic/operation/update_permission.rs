//! `Permissions.asmx` UpdatePermission (MS-PERMS).

use soap::{Element, Operation, ToXml};

use super::{Done, directory::permission};
use crate::classic::service::Ask;

/// Sets what a group that has permissions on a list may do there. The list leaves the web's permissions.
pub(in crate::classic) struct UpdatePermission {
    /// The list's title.
    pub(in crate::classic) list: String,
    pub(in crate::classic) group: String,
    /// The low 32 bits of the permissions.
    pub(in crate::classic) mask: i32,
}

impl ToXml for UpdatePermission {
    fn to_xml(&self) -> Element {
        permission(Self::NAME, &self.list, &self.group, self.mask)
    }
}

impl Operation for UpdatePermission {
    type Reply = Done;
    const NAME: &'static str = "UpdatePermission";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/directory/UpdatePermission";
}

impl Ask for UpdatePermission {
    const SERVICE: &'static str = "Permissions.asmx";
    const READS: bool = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_is_for_a_group_on_a_list() {
        let request = UpdatePermission { list: "Contracts".to_owned(), group: "Members".to_owned(), mask: -1 }.to_xml();
        assert_eq!(request.child_text("objectType"), "list");
        assert_eq!(request.child_text("permissionType"), "group");
        assert_eq!(request.child_text("permissionMask"), "-1");
    }
}
